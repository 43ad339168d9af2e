"""The shapes of a team's own rows, and the records in them.

A row is `instruction[, input, output]`, or `messages`, or a seed task: an instruction with `instances`, or with
`is_classification` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import seodang
from seodang.wording import render

OURS = frozenset({"instruction", "input", "output", "messages", "language"})
OF_TASKS = frozenset({"id", "name", "instances", "is_classification", "culture", "register"})
"""The columns of seed tasks. They become tags; in any other row they are columns like all that is not ours."""


class Wrong(msgspec.Struct, frozen=True):
    """Why a row cannot be used: a code of the catalogue, and what fills its message."""

    code: str
    facts: Mapping[str, Any] = {}

    @property
    def detail(self) -> str:
        """The message in English: what a run writes is the same whoever started it."""
        return render(f"seodang_handcrafted:{self.code}", self.facts, "en")


def records_of(values: Mapping[str, Any]) -> Sequence[seodang.Record] | Wrong:
    """The records of a row: one, or one for each instance of a seed task."""
    language = values.get("language") or ""
    if not isinstance(language, str):
        return Wrong("not-text", {"columns": ["language"]})
    if "messages" in values:
        messages = messages_of(values["messages"])
        if isinstance(messages, Wrong):
            return messages
        return [seodang.Record(messages=messages, language=language, columns=_others(values, OURS))]
    task = "instances" in values or "is_classification" in values
    tags = task_tags(values) if task else {}
    if isinstance(tags, Wrong):
        return tags
    columns = _others(values, OURS | OF_TASKS if task else OURS)
    found = []
    for instance in instances_of(values):
        texts = [values.get("instruction") or "", instance.get("input") or "", instance.get("output") or ""]
        wrong = [name for name, text in zip(("instruction", "input", "output"), texts, strict=True) if not isinstance(text, str)]
        if wrong:
            return Wrong("not-text", {"columns": wrong})
        instruction, given, output = texts
        if not instruction.strip():
            return Wrong("no-question", {"columns": sorted(map(str, values))})
        found.append(seodang.single_turn(instruction, output, input=given, language=language, tags=tags, columns=columns))
    return found or Wrong("no-instances")


def instances_of(values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The pairs of input and output: those of the list, or the one in the row itself."""
    if "instances" not in values:
        return [values]
    instances = values["instances"]
    usable = isinstance(instances, list) and all(isinstance(instance, dict) for instance in instances)
    return instances if usable else []


def task_tags(values: Mapping[str, Any]) -> dict[str, Any] | Wrong:
    """What is known of a task, under the names that the shipped tasks have too."""
    label = values.get("is_classification", False)
    if isinstance(label, str):  # a cell of a table
        label = {"true": True, "1": True, "false": False, "0": False, "": False}.get(label.strip().lower(), label)
    if not isinstance(label, bool):
        return Wrong("not-yes-or-no")
    given = {"seed": "id", "task": "name", "culture": "culture", "register": "register"}
    texts = {tag: values[name] for tag, name in given.items() if isinstance(values.get(name), str) and values[name]}
    return {"classification": label, **texts}


def messages_of(turns: Any) -> tuple[seodang.Message, ...] | Wrong:
    """Turns of `role` and `content`, as most tools write them; `thinking` comes along."""
    if not isinstance(turns, list) or not turns:
        return Wrong("no-turns")
    messages = []
    for place, turn in enumerate(turns, 1):
        content = turn.get("content", turn.get("text")) if isinstance(turn, dict) else None
        if not isinstance(content, str) or not isinstance(turn.get("role"), str) or not turn["role"]:
            return Wrong("bad-turn", {"place": place})
        thinking = turn.get("thinking") or ""
        messages.append(seodang.Message(turn["role"], content, thinking=thinking if isinstance(thinking, str) else ""))
    return tuple(messages)


def _others(values: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in known}
