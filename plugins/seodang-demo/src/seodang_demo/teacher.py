"""The program teacher: 프로그램 교사, LLM 아님. It knows six narrow subjects by computation, and can be told to err."""

from __future__ import annotations

from typing import Annotated

import msgspec
import seodang

from seodang_demo.tasks import TASKS, share


class Program(seodang.Teacher):
    """Answers by computing (프로그램 교사, LLM 아님). With `wrong`, that share of the answers is made wrong, always the same ones."""

    name = "program"
    revision = 1
    terms = ("Apache-2.0",)

    class Options(seodang.Teacher.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        wrong: Annotated[float, msgspec.Meta(ge=0, le=1, description="The share of the answers that is made wrong.")] = 0.0

    @property
    def identity(self) -> str:
        return "프로그램 교사 (LLM 아님)"

    async def answer(self, request: seodang.Request, context: seodang.Context) -> seodang.Answer:
        question, particle = request.messages[-1].text, context.locale.particle
        for task in TASKS:
            fact = task.read(question)
            if fact is None:
                continue
            chance = share("wrong", str(request.sample), question)
            value = task.mistake(fact, particle, chance) if chance.random() < self.options.wrong else task.truth(fact, particle)
            return seodang.Answer(message=seodang.Message("assistant", task.sentence(value, fact, particle)))
        raise seodang.Refused("the program teacher does not know this kind of question", reason="unknown-question")
