"""The contracts of students and of those who measure them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from seodang.capabilities import Evaluation, Student, Teacher
from seodang.records import Record
from seodang.runs.verbs import perform
from seodang.testing.contexts import LooseContext, asking
from seodang.testing.contract import CapabilityContract
from seodang.testing.flow import gathered
from seodang.testing.samples import ANSWERED, QUESTIONS, copies
from seodang.verdicts import Item, Score

_encode = msgspec.json.Encoder(order="deterministic").encode

PAIRS = tuple((record.question, record.answer[:200]) for record in ANSWERED)
"""Short, because a text that is scored has to fit whole into what the model reads: only what stands before it may be cut."""


class Parrot(Student):
    """A student for tests of evaluations: says the question again, and finds short texts likely."""

    name = "parrot"

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [-1.0 * len(second) for _, second in pairs]

    def generate(self, conversations: Sequence[Record], max_tokens: int) -> list[str]:
        return [conversation.question[:max_tokens] for conversation in conversations]


class EvaluationContract(CapabilityContract):
    """An evaluation gives scores that can be compared, and the same ones for the same student."""

    __test__ = False
    kind = "evaluation"
    evaluation: ClassVar[type[Evaluation]]
    student: ClassVar[type[Student]] = Parrot
    teacher: ClassVar[type[Teacher] | None] = None
    """Who answers, for an evaluation that asks its `judge`."""

    @pytest.fixture
    def evaluate(
        self, make: Callable[[], Evaluation], new_context: Callable[..., LooseContext], place: Any
    ) -> Callable[[], list[Any]]:
        def evaluate_once() -> list[Any]:
            evaluation, student = make(), self.student()
            context = new_context(options=evaluation.options)
            context.students = {"newest": student}
            asyncio.run(perform(student.open, context))
            if self.teacher is None:
                return asyncio.run(gathered(evaluation.evaluate, student, context))
            with asking(context, self.teacher(), place):
                return asyncio.run(gathered(evaluation.evaluate, student, context))

        return evaluate_once

    def test_it_gives_scores(self, evaluate: Callable[[], list[Any]]) -> None:
        results = evaluate()
        assert all(isinstance(result, (Score, Item)) for result in results)
        scores = [result for result in results if isinstance(result, Score)]
        assert scores, "an evaluation without a score"
        for score in scores:
            assert math.isfinite(score.value), f"{score.name} is {score.value}"
            assert score.count > 0, f"{score.name} does not say over how many items"
            assert score.low is None or score.low <= score.value
            assert score.high is None or score.value <= score.high
        names = [(score.name, score.protocol, score.student) for score in scores]
        assert len(set(names)) == len(names), "two scores have one name and protocol"

    def test_its_items_can_be_written(self, evaluate: Callable[[], list[Any]]) -> None:
        """`items.jsonl` is what a person looks at when a score is odd."""
        items = [result for result in evaluate() if isinstance(result, Item)]
        assert msgspec.json.decode(_encode(items)) is not None
        places = [(item.task, item.index) for item in items]
        assert len(set(places)) == len(places), "two items have one task and index"

    def test_it_measures_the_same_again(self, evaluate: Callable[[], list[Any]]) -> None:
        assert _encode(evaluate()) == _encode(evaluate())

    def test_it_says_what_must_not_be_trained_on(
        self, make: Callable[[], Evaluation], new_context: Callable[..., LooseContext]
    ) -> None:
        def told() -> list[str]:
            evaluation = make()
            return list(evaluation.texts(new_context(options=evaluation.options)))

        texts = told()
        assert all(isinstance(text, str) and text.strip() for text in texts)
        assert texts == told()


class StudentContract(CapabilityContract):
    """A student scores and answers, each text for itself, however they are batched."""

    __test__ = False
    kind = "student"
    student: ClassVar[type[Student]]
    pairs: ClassVar[Sequence[tuple[str, str]]] = PAIRS
    conversations: ClassVar[Sequence[Record]] = QUESTIONS
    tolerance: ClassVar[float] = 1e-3
    """How far a log-likelihood may move when it is computed beside others: padding is not quite neutral in floats."""

    @pytest.fixture
    def opened(self, make: Callable[[], Student], new_context: Callable[..., LooseContext], place: Any) -> Student:
        """The student, opened. Its `path` leads into the contract's files, as a run makes it lead into a step's folder."""
        student = make()
        options: Any = student.options
        if getattr(options, "path", ""):
            student = self.student(msgspec.structs.replace(options, path=str(place / options.path)))
        asyncio.run(perform(student.open, new_context(options=student.options)))
        return student

    def _scores(self) -> bool:
        return self.student.loglikelihoods is not Student.loglikelihoods

    def test_likelihoods_are_likelihoods(self, opened: Student) -> None:
        """Finite, and never above nought: the logarithm of a probability."""
        if not self._scores():
            return
        found = asyncio.run(perform(opened.loglikelihoods, list(self.pairs)))
        assert len(found) == len(self.pairs)
        assert all(math.isfinite(value) and value <= 0 for value in found), f"not a log-likelihood: {list(found)}"
        assert list(asyncio.run(perform(opened.loglikelihoods, []))) == []

    def test_neighbours_do_not_change_likelihoods(self, opened: Student) -> None:
        if not self._scores():
            return
        together = asyncio.run(perform(opened.loglikelihoods, list(self.pairs)))
        alone = [asyncio.run(perform(opened.loglikelihoods, [pair]))[0] for pair in self.pairs]
        assert alone == pytest.approx(list(together), abs=self.tolerance, rel=self.tolerance)

    def test_there_is_one_answer_per_conversation(self, opened: Student) -> None:
        answers = asyncio.run(perform(opened.generate, copies(self.conversations), 8))
        assert len(answers) == len(self.conversations)
        assert all(isinstance(answer, str) for answer in answers)
        assert list(asyncio.run(perform(opened.generate, [], 8))) == []

    def test_it_answers_the_same_again(self, opened: Student) -> None:
        """Generation is greedy, so that a score can be measured twice."""
        first = asyncio.run(perform(opened.generate, copies(self.conversations), 8))
        assert list(asyncio.run(perform(opened.generate, copies(self.conversations), 8))) == list(first)
