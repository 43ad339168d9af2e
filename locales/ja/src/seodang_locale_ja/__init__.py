"""Japanese for seodang: texts, sentences, speech levels."""

import re

import seodang

from seodang_locale_ja import figures, private, sentences, speech, writing

_WORD = re.compile(r"[ぁ-ゖァ-ヺー々〆一-鿿㐀-䶿]+|[^\W_ぁ-ゖァ-ヺー々〆一-鿿㐀-䶿]+")


class Japanese(seodang.Locale):
    """Texts and rules of Japanese."""

    name = "ja"
    language = "ja"
    package = __name__
    mixed = "混在"
    revision = 3

    def normal(self, text):
        return writing.normal(text)

    def sentences(self, text):
        return sentences.split(text)

    def similarity_tokens(self, text):
        """Bigrams of kana and kanji, because no blank parts words; whole words of other scripts."""
        tokens = []
        for word in _WORD.findall(writing.normal(text).casefold()):
            unspaced = writing.is_kana_or_kanji(word[0]) and len(word) > 1
            tokens += [word[place : place + 2] for place in range(len(word) - 1)] if unspaced else [word]
        return tokens

    def is_written_in(self, text):
        return writing.is_japanese(text)

    def mentions(self, text, words):
        return writing.mentioned(text, words)

    def speech_counts(self, text):
        return speech.levels(text)

    def money(self, amount, currency):
        return figures.money(amount, currency)

    def date(self, day):
        return figures.date(day)

    def agrees(self, check, value):
        return private.CHECKS[check](value) if check in private.CHECKS else super().agrees(check, value)


@seodang.hookimpl
def register_locales(register):
    register(Japanese)
