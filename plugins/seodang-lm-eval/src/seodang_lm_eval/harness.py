"""The harness's side: a model of its kind that passes every question on to a student."""

from __future__ import annotations

import asyncio
import inspect
import os
from pathlib import Path
from typing import Any

import seodang
from lm_eval import simple_evaluate
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager

MADE_OF = ("loglikelihood", "multiple_choice", "generate_until")


class Bridge(LM):
    """A student as one of the harness's models."""

    def __init__(self, student: seodang.Student, max_tokens: int, context: seodang.Context) -> None:
        super().__init__()
        self._student, self._max_tokens, self._context = student, max_tokens, context
        self._done = 0

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """The second of each pair, whether the model would have written just this, is known of no student: it is False, and tasks that
        ask for it were refused before."""
        pairs = [(str(request.args[0]), str(request.args[1])) for request in requests]
        found = _waited(self._student.loglikelihoods(pairs))
        self._tell(len(pairs))
        return [(float(value), False) for value in found]

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        raise seodang.StepError("seodang_lm_eval:rolling", step=self._context.step)

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """Greedy answers, cut at the first of the task's stops. The student puts its own template around the question."""
        answers: list[str] = []
        lengths = [int(request.args[1].get("max_gen_toks") or self._max_tokens) for request in requests]
        for length in dict.fromkeys(lengths):
            asked = [n for n, each in enumerate(lengths) if each == length]
            records = [seodang.single_turn(str(requests[n].args[0]), id=str(n)) for n in asked]
            answers += zip(asked, _waited(self._student.generate(records, length)), strict=True)
        self._tell(len(requests))
        return [_cut(text, requests[n].args[1].get("until") or ()) for n, text in sorted(answers)]

    def _tell(self, count: int) -> None:
        self._done += count
        self._context.progress(self._done)


def run(student: seodang.Student, options: Any, include: Path | None, context: seodang.Context) -> dict[str, Any]:
    """What `simple_evaluate` returns. A task that is not there, or that no student can be asked, is told by its name."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    manager = TaskManager(include_path=str(include) if include else None)
    if unknown := [name for name in options.tasks if not manager.match_tasks([name])]:
        raise seodang.StepError("seodang_lm_eval:unknown-task", step=context.step, tasks=unknown)
    found = simple_evaluate(
        model=Bridge(student, options.max_tokens, context),
        tasks=list(options.tasks),
        num_fewshot=options.shots,
        limit=options.limit or None,
        task_manager=manager,
        bootstrap_iters=1000,
        log_samples=True,
    )
    assert found is not None, "one process: the harness gives its results to rank 0, which this is"
    greedy = [name for name, config in found["configs"].items() if config.get("output_type") == "loglikelihood"]
    if greedy:
        raise seodang.StepError("seodang_lm_eval:greedy-task", step=context.step, tasks=greedy)
    from importlib.metadata import version

    return {**found, "lm_eval_version": version("lm_eval")}


def _waited(given: Any) -> Any:
    return asyncio.run(_awaited(given)) if inspect.isawaitable(given) else given


async def _awaited(given: Any) -> Any:
    return await given


def _cut(text: str, stops: Any) -> str:
    for stop in [stops] if isinstance(stops, str) else stops:
        text = text.split(stop, 1)[0] if stop else text
    return text
