"""Any task of lm-evaluation-harness on any student: the harness asks, the student answers, the harness scores."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import seodang


class LmEval(seodang.Evaluation):
    """Runs the harness's tasks, by its own code and under its own names, so that a number is the number that others get.

    Students only need what KoBEST needs: the log-likelihood of one text after another; tasks that let a model write need its answers.
    Tasks that want the likelihood of a whole text, or whether a text is what the model would have written, are refused by name.
    """

    name = "lm-eval"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        tasks: Annotated[
            tuple[str, ...], msgspec.Meta(description="The names of tasks or groups, as lm_eval knows them.", min_length=1)
        ]
        include_path: Annotated[str, msgspec.Meta(description="A folder with your own tasks as YAML.")] = ""
        shots: Annotated[
            int | None, msgspec.Meta(description="Worked examples before each question; what the task says without.")
        ] = None
        limit: Annotated[int, msgspec.Meta(ge=0, description="Only the first so many questions of each task; 0 for all.")] = 0
        max_tokens: Annotated[int, msgspec.Meta(ge=1, description="The longest answer where a task does not say.")] = 256

        def __post_init__(self) -> None:
            if self.shots is not None and self.shots < 0:
                raise ValueError("shots has to be 0 or more")

    def evaluate(self, student: seodang.Student, context: seodang.Context) -> Iterator[seodang.Score | seodang.Item]:
        if importlib.util.find_spec("lm_eval") is None:
            raise seodang.StepError("seodang_lm_eval:no-harness", step=context.step)
        from seodang_lm_eval.harness import run

        place = context.place(self.options.include_path) if self.options.include_path else None
        found = run(student, self.options, place, context)
        yield from _scores(found, self.options)
        yield from _items(found)


def _scores(found: dict[str, Any], options: Any) -> Iterator[seodang.Score]:
    """Every metric with the filter it was taken through, as the harness names both: `acc,none`. Its standard error gives the interval."""
    for task, metrics in found["results"].items():
        shots = found.get("n-shot", {}).get(task)
        version = found.get("versions", {}).get(task)
        protocol = f"lm-eval {found['lm_eval_version']}; {task} {version}; {shots} shots"
        count = found.get("n-samples", {}).get(task, {}).get("effective", 0) or sum(
            found.get("n-samples", {}).get(sub, {}).get("effective", 0) for sub in found.get("group_subtasks", {}).get(task, ())
        )
        for name, value in metrics.items():
            metric, _, taken = name.partition(",")
            if not isinstance(value, int | float) or metric.endswith("_stderr") or isinstance(value, bool) or not taken:
                continue
            error = metrics.get(f"{metric}_stderr,{taken}")
            reach = 1.96 * error if isinstance(error, int | float) else None
            yield seodang.Score(
                name=f"{task} {metric}" if taken == "none" else f"{task} {metric} ({taken})",
                value=float(value),
                count=count or 1,
                protocol=protocol,
                low=None if reach is None else value - reach,
                high=None if reach is None else value + reach,
            )


def _items(found: dict[str, Any]) -> Iterator[seodang.Item]:
    for task, samples in found.get("samples", {}).items():
        for sample in samples:
            values = {"target": str(sample["target"]), "answers": [str(answer) for answer in sample["filtered_resps"]]}
            values |= {name: sample[name] for name in sample.get("metrics", ()) if isinstance(sample.get(name), int | float)}
            yield seodang.Item(task=task, index=int(sample["doc_id"]), values=values)


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(LmEval)
