"""Which instances of a task are kept: the rules that Self-Instruct published, each with a reason."""

from __future__ import annotations

import random
from collections.abc import Sequence

from seodang_self_instruct.found import Instance, Left, Task


def cleaned(
    task: Task,
    found: Sequence[Instance],
    chance: random.Random,
    *,
    most: int,
    colons: tuple[str, ...] = (":",),
    without_input_too: bool = False,
    in_order: bool = False,
) -> tuple[list[Instance], list[Left]]:
    """At most `most` instances, drawn, and what is not kept.

    An input with two outputs speaks against all instances of its task; `without_input_too` counts no input as one that several may
    have. As published the draw shuffles them; `in_order` keeps the order in which they were written.
    """
    left: list[Left] = []

    def leave(instance: Instance, code: str, detail: str = "") -> None:
        left.append(Left(code, detail, task.instruction, instance.input, instance.output))

    valid = []
    for instance in found:
        if fault := fault_of(instance, colons):
            leave(instance, fault)
        else:
            valid.append(instance)
    if contradictory(valid, without_input_too=without_input_too):
        for instance in valid:
            leave(instance, "contradictory")
        return [], left
    # A set of them, as published, has another order in every process: here they stay in theirs.
    different = list(dict.fromkeys((instance.input, instance.output) for instance in valid))
    for _ in range(len(valid) - len(different)):
        left.append(Left("repeated-instance", text=task.instruction))
    drawn = chance.sample(range(len(different)), min(len(different), most))
    for place in sorted({*range(len(different))} - {*drawn}):
        leave(Instance(*different[place]), "over-instances", str(most))
    return [Instance(*different[place]) for place in (sorted(drawn) if in_order else drawn)], left


def fault_of(instance: Instance, colons: tuple[str, ...]) -> str:
    """What is wrong with an instance by itself, in the published order; nothing where it is sound."""
    if instance.input == instance.output:
        return "input-is-output" if instance.output else "empty-output"
    if not instance.output:
        return "empty-output"
    return "ends-with-colon" if instance.input.endswith(colons) or instance.output.endswith(colons) else ""


def contradictory(instances: Sequence[Instance], *, without_input_too: bool) -> bool:
    outputs: dict[str, str] = {}
    return any(
        outputs.setdefault(instance.input, instance.output) != instance.output
        for instance in instances
        if instance.input or without_input_too
    )
