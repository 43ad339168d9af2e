"""What the evaluations by a judge have in common: their options, the questions they mean, and the rule on languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_alpaca_eval.questions import Question, of_records, read_questions


class JudgeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    questions: Annotated[
        str,
        msgspec.Meta(
            description="The questions: a file of AlpacaEval, Self-Instruct, Vicuna, MT-bench, LogicKor or your own; the held-out rows without one.",
            extra=seodang.FILES,
        ),
    ] = ""
    references: Annotated[
        str, msgspec.Meta(description="FastChat's file of reference answers to these questions.", extra=seodang.FILES)
    ] = ""
    limit: Annotated[int, msgspec.Meta(ge=0, description="Only the first so many questions; 0 for all.")] = 0
    max_tokens: Annotated[int, msgspec.Meta(ge=1, description="The longest answer of a student, in tokens.")] = 1024
    prompts: Annotated[
        str, msgspec.Meta(description="A file of judge prompts in FastChat's form, used word for word.", extra=seodang.FILES)
    ] = ""
    judge_language: Annotated[
        str, msgspec.Meta(description="The language in which the judge is asked, en or ko; the recipe's where it is one of them.")
    ] = ""
    schema: Annotated[
        bool, msgspec.Meta(description="Ask the judge for JSON of a schema; false for judges that keep to none.")
    ] = True
    samples: Annotated[int, msgspec.Meta(ge=1, le=32, description="How often the judge is asked about the same.")] = 1
    controls: Annotated[
        int, msgspec.Meta(ge=0, description="On so many questions the judge is tried with answers that answer nothing.")
    ] = 20


def asked_by(options: JudgeOptions, context: seodang.Context) -> list[Question]:
    if options.questions:
        references = context.files("references") if options.references else ()
        found = read_questions(context.files("questions"), context, references)
    else:
        found = of_records(context.held_out)
        if not found:
            raise seodang.StepError("seodang_alpaca_eval:nothing-asked", step=context.step)
    return found[: options.limit] if options.limit else found


def is_in_language(answers: Sequence[str], context: seodang.Context) -> bool:
    """Whether the last answer is in the recipe's language. One without a letter, such as a number, is in any."""
    return not any(map(str.isalpha, answers[-1])) or context.locale.is_written_in(answers[-1])
