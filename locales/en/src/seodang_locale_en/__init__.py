"""English for seodang: texts, sentences, words to compare, seed tasks."""

import re

import seodang

from seodang_locale_en import figures, private, sentences, writing

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class English(seodang.Locale):
    """Texts and rules of English."""

    name = "en"
    language = "en"
    package = __name__
    revision = 4

    def sentences(self, text):
        return sentences.split(text)

    def similarity_tokens(self, text):
        return _WORD.findall(seodang.nfc(text).casefold().replace("’", "'"))

    def is_written_in(self, text):
        return writing.is_english(text)

    def money(self, amount, currency):
        return figures.money(amount, currency)

    def date(self, day):
        return figures.date(day)

    def agrees(self, check, value):
        return private.CHECKS[check](value) if check in private.CHECKS else super().agrees(check, value)


@seodang.hookimpl
def register_locales(register):
    register(English)
