"""What the lesson will ask in all, guessed before anything is bought: how much of what a teacher brings will be new, nobody knows."""

from __future__ import annotations

from math import ceil

import seodang

from seodang_self_instruct.found import Task
from seodang_self_instruct.ways import Way

KEPT = 0.75
"""So much of what is asked for is new and fit for use. It falls as the pool grows, and with it rises what is asked."""
CLASSIFICATIONS = 0.25
"""So many tasks are classifications: of the published 52,445 it was a fifth."""
TOKENS_A_TASK = 40
TOKENS_A_LABEL = 4


def outlook(way: Way, context: seodang.Context) -> seodang.Outlook:
    """By the language's seed tasks, whose length is usual."""
    options = way.options
    known = [seed.instruction for seed in context.locale.seeds] or ["_" * 2 * TOKENS_A_TASK]
    known = sorted(known, key=len)[len(known) // 4 :]  # around the middle one
    shown = [known[place % len(known)] for place in range(options.human + options.machine)]
    asked = ceil(options.count / (KEPT * way.new))
    units = ceil(options.count / way.unit)
    tasks = [Task(place + 1, known[place % len(known)], (), {}) for place in range(way.unit)]
    kinds, inputs, labels = way.questions_about(tasks)
    classifications = ceil(CLASSIFICATIONS * units)
    return seodang.Outlook(
        questions=(
            seodang.Expected(
                request=way.question(shown),
                times=way.per_round * ceil(asked / way.per_round),
                output_tokens=TOKENS_A_TASK * way.new,
            ),
            *(
                seodang.Expected(request=request, times=units, output_tokens=TOKENS_A_LABEL * len(tasks) // len(kinds))
                for request in kinds
            ),
            *(seodang.Expected(request=request, times=units - classifications) for request in inputs),
            *(seodang.Expected(request=request, times=classifications) for request in labels),
        ),
        rows=options.count * options.max_instances,
    )
