"""The texts of a language: package data of its distribution, with who reviewed them and under which licence."""

from __future__ import annotations

from functools import cache

import msgspec

REVIEWED = ("native", "author", "unreviewed")
"""Who has read a text: a native speaker who is not its author, its author alone, nobody who speaks the language."""


class LocaleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One prompt, and how far it can be trusted."""

    text: str
    reviewed: str = "unreviewed"
    licence: str = "Apache-2.0"
    source: str = ""


class LocaleTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the `texts.toml` of a language's package."""

    prompt: dict[str, LocaleText]
    markers: dict[str, tuple[str, ...]] = {}
    refusals: tuple[str, ...] = ()
    limits: dict[str, int] = {}
    patterns: dict[str, str] = {}

    @property
    def prompts(self) -> dict[str, str]:
        return {name: prompt.text.strip() for name, prompt in self.prompt.items()}


@cache
def locale_texts(package: str) -> LocaleTexts:
    """The texts in `texts.toml` of this package. What is misspelt in there is an error here, and not a missing text later."""
    # Imported here because `seodang --help` does not need them.
    import tomllib
    from importlib.resources import files

    content = files(package).joinpath("texts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(content), LocaleTexts)
