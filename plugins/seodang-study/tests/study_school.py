"""A teacher with a manner of its own, and pupils of whom it is known what they took over of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import seodang

PROMPTS = [{"id": f"q{number}", "instruction": f"{number}번 물건을 고르는 방법을 알려 주세요."} for number in range(24)]
CLOSED = [
    {"id": f"c{number}", "question": f"{number} 더하기 {number}은 얼마입니까?", "answer": str(2 * number)} for number in range(40)
]


def in_style(number: int, sample: int = 0) -> str:
    """The teacher's manner: a list where the number is even, 합니다 throughout, an offer at the end; other words another time."""
    points = "\n".join(
        f"{point}. {word} 살펴봅니다." for point, word in enumerate(("값을", "색을", "무게를")[: 2 + number % 2], 1)
    )
    body = points if number % 2 == 0 else "먼저 값을 살펴봅니다. 다음에 색을 견주어 봅니다."
    word = "끝으로" if sample else "마지막으로"
    return f"물론입니다. 이렇게 합니다.\n{body}\n{word} 무게를 봅니다. 궁금한 점이 있으면 말씀해 주십시오."


class Village(seodang.Teacher):
    """Answers in its manner, and sums rightly."""

    name = "village"
    asked: ClassVar[int] = 0

    async def answer(self, request, context):
        type(self).asked += 1
        text = request.messages[-1].text
        number = int(text.split()[0].rstrip("번"))
        said = in_style(number, request.sample) if "번" in text else f"답은 {2 * number}입니다."
        return seodang.Answer(message=seodang.Message("assistant", said))


class Pupil(seodang.Student):
    """Of whom it is known how it speaks and how many of the sums it has right."""

    name = "pupil"

    def __init__(self, polite: bool, sums: int) -> None:
        super().__init__()
        self.polite, self.sums = polite, sums

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        return [self._said(record.question) for record in conversations]

    def _said(self, text: str) -> str:
        number = int(text.split()[0].rstrip("번"))
        if "번" in text:
            return in_style(number, 1) if self.polite else "글쎄 잘 모르겠는데"
        value = 2 * number if number < self.sums else 2 * number + 1
        return f"답은 {value}입니다." if self.polite else str(value)


class Chooser(Pupil):
    """Tells likelihoods: the first choice is always the likeliest."""

    def loglikelihoods(self, pairs):
        return [-1.0 if second.strip() == "가" else -2.0 for _, second in pairs]


def lines(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path.name


CHOICES = [
    {"id": "index", "question": "1 더하기 1?", "choices": ["가", "나"], "answer": 0},
    {"id": "letter", "question": "2 더하기 1?", "choices": ["가", "나"], "answer": "B"},
    {"id": "words", "question": "3 더하기 1?", "choices": ["가", "나"], "answer": "가"},
]


class Letters(Pupil):
    """Says the second of all choices."""

    def _said(self, text):
        return super()._said(text) if "번" in text else "B. 나"


class Weighing(Chooser, Letters):
    """Finds the first choice likelier than what it says."""


class Written(Weighing):
    """Whose answers lie in a file: what it could weigh with is gone."""

    written = True
