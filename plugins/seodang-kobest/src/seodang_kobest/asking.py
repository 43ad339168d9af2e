"""The protocols: which items, in which order, after which examples."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from seodang_kobest.tasks import Document, Protocol, Task

SHOTS_SEED = 1234
"""The harness draws all examples of a task from one stream that begins here."""
POLYGLOT_SEED = 42
"""The branch of 2023 shuffled the items with it and drew the examples from what was left of the stream."""


class Asked(msgspec.Struct, frozen=True):
    """An item as it is put to a model: everything before the choice, and the choices with the blank before them."""

    document: Document
    context: str
    choices: tuple[str, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(self.context, f" {choice}") for choice in self.choices]


def asked(
    task: Task, protocol: Protocol, items: Sequence[Document], examples: Sequence[Document], shots: int, limit: int | None
) -> list[Asked]:
    """`limit` takes the first items in the protocol's order; the examples of those are the same with and without it."""
    chance = random.Random(SHOTS_SEED if protocol == "lmeval-1.0" else POLYGLOT_SEED)
    ordered = list(items)
    if protocol == "polyglot-2023":
        chance.shuffle(ordered)
    found = []
    for document in ordered[:limit]:
        drawn = chance.sample(examples, shots) if shots else []
        before = "".join(f"{task.example(one, protocol)}\n\n" for one in drawn)
        found.append(Asked(document, before + task.question(document.values, protocol), task.choices(document)))
    return found
