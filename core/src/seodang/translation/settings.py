"""What a recipe says of a translate step beside the translator's own options: the keys that core reads, for every translator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

RULES = 3
"""Raised whenever what is sent, protected, checked or put back changes; part of the fingerprint of every translate step."""

_COLUMN = r"^columns\.\S.*$"


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to each field. `assistant` is also what `candidates` are, unless they are named."""

    system: Literal["translate", "leave", "drop"] = "translate"
    user: Literal["translate", "leave"] = "translate"
    assistant: Literal["translate", "leave", "regenerate"] = "translate"
    tool: Literal["translate", "leave"] = "leave"
    input: Literal["translate", "leave"] = "translate"
    thinking: Literal["translate", "leave", "drop"] = "leave"
    candidates: Literal["translate", "leave", "drop", ""] = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The reserved keys of a translate step, checked."""

    fields: Fields = Fields()
    columns: tuple[str, ...] = ()
    """The columns that are translated, too."""
    language_tasks: Literal["skip", "regenerate", "translate"] = "skip"
    register: str = ""
    glossary: Mapping[str, str] = {}
    without_checks: tuple[str, ...] = ()
    splitter: str = ""
    on_failed_check: Literal["quarantine", "leave"] = "quarantine"
    context_characters: int = 500
    languages: tuple[str, ...] = ()
    keep_answer_as: str = ""

    @property
    def candidates(self) -> str:
        """What happens to ranked answers: as to the answers, and where those are written anew nothing is left to rank."""
        return self.fields.candidates or {"regenerate": "drop"}.get(self.fields.assistant, self.fields.assistant)


def _key(annotation: Any, description: str, **limits: Any) -> Any:
    return Annotated[annotation, msgspec.Meta(description=description, **limits)]


KEYS: dict[str, Any] = {
    "fields": _key(
        dict[str, str | dict[str, str]],
        "What happens to each field (system, user, assistant, tool, input, thinking, candidates, columns.NAME): translate, leave, drop or regenerate.",
    ),
    "language_tasks": _key(
        Literal["skip", "regenerate", "translate"],
        "Tasks whose point is the language itself, such as spelling or rhyme: left out, kept unanswered in their language, or translated all the same.",
    ),
    "register": _key(str, "The speech level of the translation, in the words of the target's locale."),
    "glossary": _key(
        str, "A CSV or TSV file of terms: source, target and a note. A term that is its own target is a name and stays."
    ),
    "without_checks": _key(list[str], "The checks that are switched off, by name.", min_length=1),
    "splitter": _key(str, "The splitter of sentences for texts that are cut smaller; the locale's own rule without one."),
    "on_failed_check": _key(
        Literal["quarantine", "leave"],
        "What happens when a check fails twice: the record is set aside, or the text stays as it was and the record gets a tag.",
    ),
    "context_characters": _key(
        int, "So much of the earlier turns of a dialogue goes with every turn as context; 0 for none.", ge=0, le=10_000
    ),
    "languages": _key(
        list[str],
        "The languages that the records may be in, where their source does not say it rightly. Each needs its locale.",
        min_length=1,
    ),
    "keep_answer_as": _key(str, "The column in which an answer that will be written anew keeps its old text.", min_length=1),
}
"""The keys as a recipe may write them, for checking, for editors and for documents."""


def ingredients(settings: Settings) -> dict[str, Any]:
    """What of them the result depends on. The splitter is named with its revision by whoever finds it."""
    return {"rules": RULES, **msgspec.to_builtins(settings)}
