"""Korean for seodang: texts, sentences, speech levels, particles; the messages of seodang lie beside it."""

import re

import seodang

from seodang_locale_ko import figures, nouns, particles, private, sentences, speech, writing

# Goes on by one syllable at a time and looks at two: the last of a word begins no pair, unless it is the only one.
_TOKEN = re.compile(r"(?=([가-힣]{2}|(?<![가-힣])[가-힣]|[^\W_가-힣]+))(?:[가-힣]|[^\W_가-힣]+)")


class Korean(seodang.Locale):
    """Texts and rules of Korean."""

    name = "ko"
    language = "ko"
    package = __name__
    mixed = "섞임"
    revision = 5

    def normal(self, text):
        return writing.normal(text)

    def sentences(self, text):
        return sentences.split(text)

    def similarity_tokens(self, text):
        """Bigrams of syllables, whole words of other scripts: particles attach to Korean words, so words under-match."""
        return _TOKEN.findall(seodang.nfc(text).casefold())

    def is_written_in(self, text):
        return writing.is_korean(text)

    def mentions(self, text, words):
        return nouns.mentioned(text, words)

    def speech_counts(self, text):
        return speech.levels(text)

    def particle(self, word, choice):
        return particles.attach(word, choice)

    def money(self, amount, currency):
        return figures.money(amount, currency)

    def date(self, day):
        return figures.date(day)

    def time(self, moment):
        return figures.time(moment)

    def agrees(self, check, value):
        return private.CHECKS[check](value) if check in private.CHECKS else super().agrees(check, value)


@seodang.hookimpl
def register_locales(register):
    register(Korean)
