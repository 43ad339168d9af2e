"""Two answers to each question, judged in both orders: a win only where both agree, else a tie."""

from __future__ import annotations

import inspect
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import seodang

from seodang_alpaca_eval.answering import answers_of
from seodang_alpaca_eval.answers import Answers
from seodang_alpaca_eval.asked import JudgeOptions, asked_by, is_in_language
from seodang_alpaca_eval.intervals import resampled, wilson
from seodang_alpaca_eval.judging import judge
from seodang_alpaca_eval.people import labels_of
from seodang_alpaca_eval.prompts import Prompts, Shown, controls, prompts_of, texts_of
from seodang_alpaca_eval.questions import Question
from seodang_alpaca_eval.verdicts import TIE, agreed, side

INVALID = "INVALID JUDGE"


class Met(NamedTuple):
    """A question, up to a turn, with the answers of both."""

    question: Question
    student: tuple[str, ...]
    baseline: tuple[str, ...]


class Judged(NamedTuple):
    """What the judge said of one pair: for each sample how far the student won when it stood first, and when it stood second."""

    met: Met
    first: tuple[float | None, ...]
    second: tuple[float | None, ...]

    @property
    def known(self) -> bool:
        return any(value is not None for value in self.first) and any(value is not None for value in self.second)

    @property
    def value(self) -> float:
        return agreed(_mean(self.first), _mean(self.second))

    @property
    def is_steady(self) -> bool:
        """Whether both orders say the same."""
        return side(_mean(self.first)) == side(_mean(self.second))

    def again(self, chance: random.Random) -> float:
        """What another asking might have given: each order drawn from all that the judge said of this pair."""
        said = [value for value in (*self.first, *self.second) if value is not None]
        return agreed(chance.choice(said), chance.choice(said)) if not self.is_steady or len(said) > 2 else self.value


class Pairwise(seodang.Evaluation):
    """Has the step's `judge` compare the student's answers with a baseline's, and gives the share of wins, ties counting half.

    The baseline is a file of answers (`baseline`) or another student of the step (`against`). Every pair is judged twice, once with each
    first. Answers that are the same are a tie and cost nothing. A pair without two verdicts is counted, and is in no score.

    With `controls`, answers that answer nothing are judged among the others; a judge that prefers one of them to the student is
    not believed, and every score of the step then says so.
    """

    name = "alpaca-eval"
    revision = 1

    class Options(JudgeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        baseline: Annotated[
            str,
            msgspec.Meta(
                description="A file with the answers to compare with, in any of the published forms.", extra=seodang.FILES
            ),
        ] = ""
        against: Annotated[str, msgspec.Meta(description="Another student of the step to compare with, instead of a file.")] = ""
        annotator: Annotated[
            str, msgspec.Meta(description="A configs.yaml of AlpacaEval's whose prompt and parser are used.", extra=seodang.FILES)
        ] = ""
        annotator_name: Annotated[str, msgspec.Meta(description="Which of several annotators in that file.")] = ""
        language_penalty: Annotated[
            bool,
            msgspec.Meta(
                description="An answer that is not in the recipe's language loses against one that is, without a judge."
            ),
        ] = False
        people: Annotated[
            str,
            msgspec.Meta(
                description="A file with people's verdicts on the same pairs, for their agreement.", extra=seodang.FILES
            ),
        ] = ""

        def __post_init__(self) -> None:
            if bool(self.baseline) == bool(self.against):
                raise ValueError("give either baseline or against")

    def texts(self, context: seodang.Context) -> Iterator[str]:
        # The held-out rows are none of a benchmark's: the core keeps them out of the training by itself.
        if self.options.questions:
            yield from texts_of(asked_by(self.options, context))

    async def evaluate(self, student: seodang.Student, context: seodang.Context) -> AsyncIterator[seodang.Score | seodang.Item]:
        other = self._other(context)
        questions = asked_by(self.options, context)
        if other is student:
            self._theirs = await answers_of(student, questions, self.options.max_tokens)
            return
        prompts = prompts_of(self.options, context)
        said = await answers_of(student, questions, self.options.max_tokens)
        against = self._theirs or await self._answers_against(other, questions, context)
        meetings = [
            Met(question, said[question.id][:turn], against[question.id][:turn])
            for question in questions
            for turn in range(1, len(question.turns) + 1)
        ]
        judged = await self._judge(meetings, prompts, context)
        taken_in = await self._controls(judged, prompts, context)
        protocol = f"both orders, disagreement = tie; judge {context.ask.model or context.ask.teacher_id}; {prompts.name}"
        if self.options.language_penalty:
            protocol += f"; an answer not in {context.language} loses"
        if worst := {name: value for name, (value, valid) in taken_in.items() if not valid}:
            context.warn(
                "seodang_alpaca_eval:invalid-judge", judge=context.ask.model or context.ask.teacher_id, controls=sorted(worst)
            )
            protocol = f"{INVALID}: taken in by {', '.join(sorted(worst))}; {protocol}"
        for number, one in enumerate(judged):
            yield seodang.Item(task=one.met.question.category or self.name, index=number, values=_values(one, self.name))
        for score in self._scores(judged, taken_in, context):
            yield msgspec.structs.replace(score, protocol=protocol)

    _theirs: dict[str, tuple[str, ...]] | None = None
    """What the other student said when its own turn came, if that was before."""

    async def _answers_against(
        self, other: seodang.Student, questions: Sequence[Question], context: seodang.Context
    ) -> dict[str, tuple[str, ...]]:
        """A student is open while it is measured and at no other time: one that comes later is opened for its answers."""
        if self.options.against:
            opened: Any = other.open(context)
            if inspect.isawaitable(opened):
                await opened
        try:
            return await answers_of(other, questions, self.options.max_tokens)
        finally:
            if self.options.against:
                await other.close()

    def _other(self, context: seodang.Context) -> seodang.Student:
        if self.options.baseline:
            answers = Answers(Answers.Options(path=self.options.baseline))
            answers.open(context)
            return answers
        try:
            return context.students[self.options.against]
        except KeyError:
            raise seodang.StepError(
                "seodang_alpaca_eval:no-such-student",
                step=context.step,
                against=self.options.against,
                students=sorted(context.students),
            ) from None

    async def _judge(self, meetings: Sequence[Met], prompts: Prompts, context: seodang.Context) -> list[Judged]:
        """Both orders of every pair whose answers differ, as often as `samples` says."""
        penalty = self.options.language_penalty
        ruled = [_ruled(met, context) if penalty else _same(met) for met in meetings]
        open_ = [number for number, value in enumerate(ruled) if value is None]
        firsts: dict[int, list[float | None]] = defaultdict(list)
        seconds: dict[int, list[float | None]] = defaultdict(list)
        for sample in range(self.options.samples):
            shown = [Shown(meetings[n].question, (meetings[n].student, meetings[n].baseline)) for n in open_]
            shown += [Shown(meetings[n].question, (meetings[n].baseline, meetings[n].student)) for n in open_]
            verdicts = await judge(shown, prompts, context, sample=sample)
            for place, number in enumerate(open_):
                firsts[number].append(verdicts[place])
                turned = verdicts[len(open_) + place]
                seconds[number].append(None if turned is None else 1 - turned)
        return [
            Judged(met, tuple(firsts[number]), tuple(seconds[number]))
            if ruled[number] is None
            else Judged(met, *2 * ((ruled[number],),))
            for number, met in enumerate(meetings)
        ]

    async def _controls(
        self, judged: Sequence[Judged], prompts: Prompts, context: seodang.Context
    ) -> Mapping[str, tuple[float, bool]]:
        """The share of wins of each answer that answers nothing, and whether it stays below the student's on the same questions."""
        asked = [one for one in judged if one.known and len(one.met.student) == 1][: self.options.controls]
        if not asked:
            return {}
        own = _mean_of([one.value for one in asked])
        found: dict[str, tuple[float, bool]] = {}
        for name, text in controls(self.options.judge_language or context.language).items():
            meetings = [one.met._replace(student=(text,)) for one in asked]
            values = [one.value for one in await self._judge(meetings, prompts, context) if one.known]
            share = _mean_of(values) if values else 0.0
            found[name] = share, share < own or share == own == 0
        return found

    def _scores(
        self, judged: Sequence[Judged], taken_in: Mapping[str, tuple[float, bool]], context: seodang.Context
    ) -> Iterator[seodang.Score]:
        known = [one for one in judged if one.known]
        yield seodang.Score(name="no-verdict", value=float(len(judged) - len(known)), count=len(judged))
        if not known:
            return
        low, high = resampled(known, Judged.again)
        yield seodang.Score(name="win-rate", value=_mean_of([one.value for one in known]), count=len(known), low=low, high=high)
        from seodang_alpaca_eval.length_control import Compared, controlled  # numpy takes longer to import than all else here

        items = [Compared(one.value, len(one.met.baseline[-1]), len(one.met.student[-1])) for one in known]
        if lc := controlled(items):
            yield seodang.Score(name="win-rate at equal lengths", value=lc.value, count=len(known), low=lc.low, high=lc.high)
        steady = sum(one.is_steady for one in known)
        yield _share("both orders agree", steady, len(known))
        yield _share(f"answers in {context.language}", sum(is_in_language(one.met.student, context) for one in known), len(known))
        for name, texts in (
            ("characters", [one.met.student for one in known]),
            ("characters of the baseline", [one.met.baseline for one in known]),
        ):
            yield seodang.Score(name=name, value=_mean_of([float(len(text[-1])) for text in texts]), count=len(known))
        counts = Counter(one.met.question.category for one in known)
        if len(counts) > 1:
            for category in counts:
                values = [one.value for one in known if one.met.question.category == category]
                yield _share(f"win-rate {category or '-'}", sum(values), len(values))
        for name, (value, _) in taken_in.items():
            yield seodang.Score(name=f"control {name}", value=value, count=min(self.options.controls, len(known)))
        if self.options.people:
            yield from labels_of(context.files("people"), context).agreement(known)


def _share(name: str, hits: float, count: int) -> seodang.Score:
    low, high = wilson(hits, count)
    return seodang.Score(name=name, value=hits / count, count=count, low=low, high=high)


def _same(met: Met) -> float | None:
    return TIE if met.student == met.baseline else None


def _ruled(met: Met, context: seodang.Context) -> float | None:
    """What the rule on languages decides without a judge: who answers in another language loses."""
    own, other = is_in_language(met.student, context), is_in_language(met.baseline, context)
    return _same(met) if own and other else (TIE + (own - other) / 2)


def _values(one: Judged, evaluation: str) -> dict[str, Any]:
    """As AlpacaEval names them, so that the items are read where its annotations are; `preference` runs from 1 to 2 there."""
    question = one.met.question
    return {
        "id": question.id,
        "turn": len(one.met.student),
        "instruction": "\n\n".join(question.turns[: len(one.met.student)]),
        "output_1": one.met.baseline[-1],
        "output_2": one.met.student[-1],
        "dataset": question.category,
        "annotator": evaluation,
        "preference": 1 + one.value if one.known else None,
        "student_first": list(one.first),
        "student_second": list(one.second),
    }


def _mean(values: Sequence[float | None]) -> float:
    return _mean_of([value for value in values if value is not None])


def _mean_of(values: Sequence[float]) -> float:
    return sum(values) / len(values)
