"""English for seodang: texts, sentences, words to compare."""

import re

import seodang

from seodang_locale_en import sentences

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class English(seodang.Locale):
    """Texts and rules of English."""

    name = "en"
    language = "en"
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
        return _WORD.findall(seodang.nfc(text).casefold())


@seodang.hookimpl
def register_locales(register):
    register(English)
