"""Seed tasks of Self-Instruct: an instruction with any number of instances, each an input and an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import seodang
from seodang import LeftOut, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, why_not_single
from seodang_instruct_data.columns import beside, other_columns, tags_of, yes_or_no

_HEAD = ("id", "name", "is_classification")


class SeedTasks(seodang.Format):
    """A record per instance. The task's id, name and kind are tags; `instance` counts, so that instances come together again."""

    name = "seed-tasks"
    revision = 1
    needs = ("instruction", "instances")
    columns = ("id", "name", "instruction", "instances", "is_classification")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {
        "id": "seed_task_0",
        "name": "opposite",
        "instruction": "낱말의 반대말을 쓰세요.",
        "instances": [{"input": "크다", "output": "작다"}, {"input": "길다", "output": "짧다"}],
        "is_classification": False,
    }

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return super().recognises(values) and isinstance(values["instances"], list)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            instruction, instances = values.get("instruction"), _instances(values.get("instances"))
            if not isinstance(instruction, str) or not instruction.strip():
                context.quarantine(row.where, "no-question", "the instruction is empty, missing or no text")
                continue
            if isinstance(instances, str):
                context.quarantine(row.where, "bad-instances", instances)
                continue
            task = {**values, "is_classification": yes_or_no(values.get("is_classification"))}
            tags, columns = tags_of(task, _HEAD), other_columns(values, self.columns)
            for number, (given, output) in enumerate(instances):
                yield seodang.single_turn(instruction, output, input=given, tags={**tags, "instance": number}, columns=columns)
            if not instances:
                yield seodang.single_turn(instruction, tags=tags, columns=columns)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        """A row per task: instances that follow each other come together. A record from elsewhere is a task of its own."""
        row: dict[str, Any] = {}
        after = -1
        for record in records:
            number = record.tags.get("instance")
            reason = "" if [message.role for message in record.messages] == ["user"] else why_not_single(record)
            if reason:
                yield LeftOut(reason)
                continue
            head = {name: record.tags.get(name, record.id if name == "id" else None) for name in _HEAD}
            rest = {**head, "instruction": record.question} | beside(record, self.columns)
            instances = [] if number is None and not record.answered else [{"input": record.input, "output": record.answer}]
            if row and isinstance(number, int) and number == after + 1 and rest.items() <= row.items():
                row["instances"] += instances
            else:
                if row:
                    yield row
                row = {name: rest.get(name) for name in self.columns} | rest | {"instances": instances}
            after = number if isinstance(number, int) else -1
        if row:
            yield row


def _instances(instances: Any) -> list[tuple[str, str]] | str:
    """Input and output of each instance, or what is wrong with them."""
    if not isinstance(instances, list):
        return "instances is no list"
    found = []
    for number, instance in enumerate(instances):
        texts = [instance.get(name) or "" for name in ("input", "output")] if isinstance(instance, dict) else [None]
        if not all(isinstance(text, str) for text in texts):
            return f"instance {number} has no texts as input and output"
        found.append((texts[0], texts[1]))
    return found
