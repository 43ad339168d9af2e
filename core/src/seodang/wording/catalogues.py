"""The texts of the messages, as they stand in TOML files beside the code that speaks them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from seodang.wording.languages import FALLBACK, locale_directory, package_directory

_ENGLISH = Path(__file__).parent / "en"


def message_text(code: str, language: str) -> str | None:
    """The text of a message in one language, or None where it has none."""
    path, name = _place(code, language)
    text = read_catalogue(path).get(name) if path else None
    return text if isinstance(text, str) else None


def _place(code: str, language: str) -> tuple[Path | None, str]:
    module, colon, name = code.partition(":")
    if colon:
        directory = package_directory(module)
        return (directory / f"messages.{language}.toml" if directory else None), name
    room, _, name = code.partition(".")
    if not room.replace("-", "_").isidentifier():
        return None, name
    if language == FALLBACK:
        return _ENGLISH / f"{room}.toml", name
    directory = locale_directory(language)
    return (directory / "messages" / f"{room}.toml" if directory else None), name


@cache
def read_catalogue(path: Path) -> Mapping[str, str]:
    """A catalogue; empty where there is none, or where it cannot be read: a message must never fail.

    The repository's tests read every catalogue and compare the languages, so that a broken one is not shipped.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
