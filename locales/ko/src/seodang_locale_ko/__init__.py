"""Korean for seodang: texts, sentences, speech levels, particles; the messages of seodang lie beside it."""

import re

import seodang

from seodang_locale_ko import particles, sentences, speech

_WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+")


class Korean(seodang.Locale):
    """Texts and rules of Korean."""

    name = "ko"
    language = "ko"
    revision = 1

    def __init__(self, options=None):
        super().__init__(options)
        texts = seodang.locale_texts(__name__)
        self.prompts = texts.prompts
        self.markers = texts.markers
        self.refusals = texts.refusals
        self.limits = texts.limits
        self.patterns = texts.patterns

    def sentences(self, text):
        return sentences.split(text)

    def similarity_tokens(self, text):
        """Bigrams of syllables, whole words of other scripts: particles attach to Korean words, so words under-match."""
        tokens = []
        for word in _WORD.findall(seodang.nfc(text).casefold()):
            hangul = "가" <= word[0] <= "힣" and len(word) > 1
            tokens += [word[place : place + 2] for place in range(len(word) - 1)] if hangul else [word]
        return tokens

    def speech_level(self, text):
        return speech.level(text)

    def particle(self, word, choice):
        return particles.attach(word, choice)


@seodang.hookimpl
def register_locales(register):
    register(Korean)
