"""Teachers that answer by rule, and questions, for the tests of this lesson."""

import re

import seodang

HEAD = re.compile(r"^명령어(\d+): (.*)$", re.MULTILINE)


class Rule(seodang.Teacher):
    """Answers as a function of the prompt says; remembers what it was asked."""

    name = "rule"

    def __init__(self, rule=lambda text, sample: text):
        super().__init__()
        self.rule = rule
        self.asked: list[seodang.Request] = []

    async def answer(self, request, context):
        self.asked.append(request)
        said = self.rule(request.messages[-1].text, request.sample)
        if isinstance(said, Exception):
            raise said
        text, finish = said if isinstance(said, tuple) else (said, "stop")
        return seodang.Answer(message=seodang.Message("assistant", text), finish=finish, model="rule-1")


def tasks_of(prompt: str) -> list[str]:
    """The questions of a batch, in their order; none for a question that stands alone."""
    return [question for _, question in HEAD.findall(prompt)]


def numbered(prompt: str, answer=lambda number, question: f"{question} 그렇게 하면 됩니다.") -> str:
    """The whole answer to a batch, in the form that is asked for."""
    return "".join(f"응답{number}: {answer(number, task)}\n###\n" for number, task in enumerate(tasks_of(prompt)))


def question(number: int, text: str, **fields) -> seodang.Record:
    return seodang.single_turn(text, id=f"{number:032x}", language="ko", source="rows", **fields)
