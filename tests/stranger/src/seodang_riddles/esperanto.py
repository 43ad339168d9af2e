"""Esperanto."""

import re

import seodang

MONTHS = [
    "januaro",
    "februaro",
    "marto",
    "aprilo",
    "majo",
    "junio",
    "julio",
    "aŭgusto",
    "septembro",
    "oktobro",
    "novembro",
    "decembro",
]


class Esperanto(seodang.Locale):
    """As much Esperanto as riddles need. The language has one register and no particles that follow a sound."""

    name = "eo"
    language = "eo"
    package = "seodang_riddles"
    revision = 2

    def sentences(self, text):
        return [part for part in re.split(r"(?<=[.!?…])(?=\s)|(?<=\n)(?=\S)", text) if part]

    def similarity_tokens(self, text):
        return re.findall(r"\w+", text.casefold())

    def is_written_in(self, text):
        """Other languages have its letters, but not so many of its words."""
        words = re.findall(r"[^\W\d_]+", re.sub(r"```.*?```|`[^`]*`|https?://\S+", " ", text, flags=re.DOTALL).casefold())
        known = [word for word in words if re.fullmatch(self.patterns["word"], word)]
        return 2 * len(known) > len(words)

    def mentions(self, text, words):
        """A noun has endings: mapo, mapoj, mapon, mapojn."""
        return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}j?n?(?!\w)", text, re.IGNORECASE)]

    def date(self, day):
        return f"{day.day}-a de {MONTHS[day.month - 1]} {day.year}"
