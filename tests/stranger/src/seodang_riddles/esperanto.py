"""Esperanto."""

import re

import seodang


class Esperanto(seodang.Locale):
    """As much Esperanto as riddles need. The language has one register and no particles that follow a sound."""

    name = "eo"
    language = "eo"
    revision = 1

    prompts = {
        "answer-system": "Vi estas helpanto, kiu respondas ĝuste kaj afable en Esperanto.",
        "new-instruction": "Jen ekzemploj de taskoj.\n\n{examples}\n\nFaru unu novan taskon.\n\nTasko:\nEnigo:\nEligo:",
        "grade": "Taksu la respondon de 1 ĝis 10. Skribu nur 'Noto: N'.\n\nDemando: {question}\nRespondo: {answer}",
    }
    markers = {
        "instruction": ("Tasko",),
        "input": ("Enigo",),
        "output": ("Eligo", "Respondo"),
        "no-input": ("nenio",),
        "grade": ("Noto",),
    }
    refusals = ("Mi ne povas helpi pri tio.", "Mi bedaŭras")
    limits = {"longest-answer": 2_000}
    patterns = {"correlative": r"\b(ki|ti|i|ĉi|neni)(o|u|a|e|al|am|el|es|om)\b"}

    def sentences(self, text):
        return [part for part in re.split(r"(?<=[.!?…])(?=\s)|(?<=\n)(?=\S)", text) if part]

    def similarity_tokens(self, text):
        return re.findall(r"\w+", text.casefold())
