"""What a student's folder says of itself: where its answers end, how it is asked, what it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seodang

from seodang_train.profiles import chosen

QUESTION, ANSWER = "1 + 1 = ?", "2"
"""The example on the card: nobody's row, and the same in every language."""
_REPOSITORY = re.compile(r"(?:^|/)models--([\w.-]+?)--([\w.-]+?)(?:/|$)")
_SAID = re.compile(r"^(license|license_name|base_model): *['\"]?([^'\"\n]+)['\"]?$", re.MULTILINE)


def settle(model: Any, tokenizer: Any, template: seodang.Template, stops: Sequence[int]) -> None:
    """Generation settings and chat template, as the student was trained. A base's own end of a turn goes on to end one."""
    known = model.generation_config.eos_token_id
    every = dict.fromkeys((*stops, *(known if isinstance(known, list) else [known])))
    ends = [one for one in every if one is not None and one < len(tokenizer)]
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    model.generation_config.eos_token_id = ends[0] if len(ends) == 1 else ends
    model.generation_config.pad_token_id = pad
    if template.name != "chat":
        frame = _frame(template, tokenizer)
        # The base's own would ask the student otherwise than it was trained; where ours cannot be written there is none.
        tokenizer.chat_template = frame.jinja() if frame else None


def about(
    options: Any, directory: Path | None, model: Any, tokenizer: Any, template: seodang.Template, place: Path
) -> dict[str, str]:
    """What the card says besides what the run knows. `place` is the recipe's directory."""
    found = {"architecture": _architecture(model)}
    frame = _frame(template, tokenizer)
    if frame:
        begin = (tokenizer.bos_token or "") if frame.begins else ""
        found["example"] = f"{begin}{frame.bare}{QUESTION}{frame.asked}{ANSWER}{frame.ended}"
    if directory is None:
        return found
    said = _said(directory)
    profile = chosen(options, place, directory)
    found["base_model"] = base_name(str(getattr(options, "model", "")), directory, said)
    licence = (profile.licence if profile else "") or said.get("license_name") or said.get("license", "")
    if licence:
        found["base_licence"] = licence
    if profile and profile.name_begins:
        found["name_begins"] = profile.name_begins
    return found


def base_name(model: str, directory: Path, said: dict[str, str]) -> str:
    """As the hub calls it where that is known; else the folder's own name, and never where it lies on somebody's disk."""
    if cached := _REPOSITORY.search(str(directory)):
        return "/".join(cached.groups())
    repository = model.partition("@")[0]
    if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", repository) and not directory.exists():
        return repository
    return said.get("base_model") or directory.resolve().name


def _said(directory: Path) -> dict[str, str]:
    """The front matter of the base's own card, as far as it stands in lines of its own."""
    card = directory / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    return dict(_SAID.findall(text.split("---", 2)[1])) if text.startswith("---") else {}


def _architecture(model: Any) -> str:
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"{type(model).__name__}, {count:,} parameters"


def _frame(template: seodang.Template, tokenizer: Any) -> seodang.Frame | None:
    try:
        return seodang.frame_of(template, eos=tokenizer.eos_token)
    except seodang.DataError:  # a template that writes a second turn otherwise: no other tool can be told how
        return None
