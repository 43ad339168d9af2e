"""The plugin's own prompts, for what the locales have none for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import seodang

STYLE = "style"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((resources.files(__package__) / "texts.toml").read_text(encoding="utf-8"))


def own_prompt(name: str, context: seodang.Context) -> str:
    """The prompt in the recipe's language; `ko-KR` speaks `ko`."""
    texts = _texts()
    found = texts.get(context.language) or texts.get(context.language.partition("-")[0]) or {}
    if name not in found:
        raise seodang.StepError("seodang_rewrite:no-prompt", step=context.step, prompt=name, language=context.language)
    return found[name].strip()
