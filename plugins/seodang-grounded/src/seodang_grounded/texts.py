"""The lesson's own texts for a language: what stands behind the prompt when several are asked for, and what posts leave behind."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class OwnTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    several: str = ""
    leftovers: dict[str, str] = {}


def own_texts(language: str) -> OwnTexts:
    """Those of the language; English ones for a language that has none, so that its own prompt can be used."""
    texts = _texts()
    return texts.get(language, texts["en"])


@cache
def _texts() -> dict[str, OwnTexts]:
    content = files(__package__).joinpath("texts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(content), dict[str, OwnTexts])
