"""From a message's code and its facts to the sentence that a person reads."""

from __future__ import annotations

import importlib.util
import string
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from seodang.wording.catalogues import message_text
from seodang.wording.languages import FALLBACK, locale_directory
from seodang.wording.languages import language as language_of_the_environment
from seodang.wording.printable import one_line

Agreement = Callable[[Any, str], str]


class Phrase(msgspec.Struct, frozen=True):
    """A part of a message that is a text of the catalogue itself: it is rendered in the language of the whole."""

    code: str
    facts: Mapping[str, Any] = {}

    def __str__(self) -> str:
        return render(self.code, self.facts)


def render(code: str, facts: Mapping[str, Any], language: str | None = None) -> str:
    """The message in the reader's language, else in English.

    Never raises: a message that is unknown or lacks a fact is shown as its code and what is known, because the problem that it
    tells of must not be hidden by a second one.
    """
    for spoken in dict.fromkeys((language or language_of_the_environment(), FALLBACK)):
        text = message_text(code, spoken)
        if text is None:
            continue
        try:
            return _Sentence(spoken).vformat(text, (), {name: _said(value, spoken) for name, value in facts.items()})
        except (LookupError, ValueError, TypeError, AttributeError):
            break
    return _bare(code, facts)


def _said(value: Any, language: str) -> Any:
    """A fact whose phrases have been put into words."""
    if isinstance(value, Phrase):
        return _Said(render(value.code, value.facts, language))
    return [_said(member, language) for member in value] if isinstance(value, (list, tuple)) else value


class _Said(str):
    """What the catalogue said: its line breaks are meant."""


def _bare(code: str, facts: Mapping[str, Any]) -> str:
    known = ", ".join(f"{name}={shown(value)}" for name, value in facts.items())
    return f"{one_line(code)} ({known})" if known else one_line(code)


def shown(value: Any) -> str:
    """A fact as text: one line, harmless for a terminal, the members of a list side by side."""
    if isinstance(value, (_Said, Phrase)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        members = [shown(member) for member in value]
        return ", ".join(members if isinstance(value, (list, tuple)) else sorted(members))
    return one_line(str(value))


class _Sentence(string.Formatter):
    """Fills a text with facts; the module's `__init__` lists what may stand after a colon."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, form: str) -> str:
        if form.startswith("|"):
            # What the other side said often ends in a full stop of its own, and the sentence has one.
            return shown(value).rstrip(". ") or form[1:]
        if form.startswith("'"):
            value, form = f"'{shown(value)}'", form[1:]
        if "/" in form:
            return _agreement(self._language)(value, form)
        return format(value, form) if form and isinstance(value, (int, float)) else shown(value)


@cache
def _agreement(language: str) -> Agreement:
    """How a language makes a word and its neighbour agree: `attach` in the `particles.py` of its package, if it has one."""
    if language == FALLBACK:
        return _one_or_many
    directory = locale_directory(language)
    path = directory / "particles.py" if directory else None
    if path is None or not path.is_file():
        return _unattached
    # Loaded by its path, because importing the package would import seodang and whatever else it needs.
    spec = importlib.util.spec_from_file_location(f"_particles_of_{language}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        attach: Callable[[str, str], str] = module.attach
    except Exception:  # a stranger's file: whatever is wrong in it, the message itself is still readable without particles
        return _unattached
    return lambda value, choice: attach(shown(value), choice)


def _one_or_many(value: Any, choice: str) -> str:
    one, many = choice.split("/", 1)
    number = f"{value:,}" if isinstance(value, int) else shown(value)
    return f"{number} {one if value == 1 else many}"


def _unattached(value: Any, choice: str) -> str:
    return f"{shown(value)}({choice})"
