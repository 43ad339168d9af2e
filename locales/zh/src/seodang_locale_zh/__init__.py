"""Chinese for seodang: texts, sentences, words to compare, seed tasks, in simplified characters."""

import seodang

from seodang_locale_zh import figures, private, registers, sentences, words, writing


class Chinese(seodang.Locale):
    """Texts and rules of Chinese. The texts are written in simplified characters; the rules read traditional ones as well."""

    name = "zh"
    language = "zh"
    package = __name__
    mixed = "混用"
    revision = 3

    def normal(self, text):
        return writing.normal(text)

    def sentences(self, text):
        return sentences.split(text)

    def similarity_tokens(self, text):
        return words.tokens(text)

    def is_written_in(self, text):
        return writing.is_chinese(text)

    def mentions(self, text, words_to_find):
        return words.mentioned(text, words_to_find)

    def speech_counts(self, text):
        return registers.counts(text)

    def money(self, amount, currency):
        return figures.money(amount, currency)

    def date(self, day):
        return figures.date(day)

    def agrees(self, check, value):
        return private.CHECKS[check](value) if check in private.CHECKS else super().agrees(check, value)


@seodang.hookimpl
def register_locales(register):
    register(Chinese)
