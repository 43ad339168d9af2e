"""The student's answers to all questions, turn by turn: to the second it has its own first answer before it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Sequence
from typing import Any

import seodang

from seodang_alpaca_eval.questions import Question, conversation


async def answers_of(student: seodang.Student, questions: Sequence[Question], max_tokens: int) -> dict[str, tuple[str, ...]]:
    """By the question's id. An empty answer stays one: it is judged, and loses."""
    said: dict[str, tuple[str, ...]] = {question.id: () for question in questions}
    for turn in range(max(len(question.turns) for question in questions)):
        asked = [question for question in questions if len(question.turns) > turn]
        conversations = [conversation(question, said[question.id]) for question in asked]
        # In a thread, so that the run can be stopped and tell how far it is; a student behind a server has a coroutine instead.
        given: Any = await asyncio.to_thread(student.generate, conversations, max_tokens)
        answers = await given if inspect.isawaitable(given) else given
        if len(answers) != len(asked):
            raise seodang.DataError("seodang_alpaca_eval:answers-missing", asked=len(asked), answered=len(answers))
        for question, answer in zip(asked, answers, strict=True):
            said[question.id] += (answer.strip(),)
    return said
