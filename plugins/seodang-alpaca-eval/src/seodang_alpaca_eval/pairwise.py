"""Two answers to each question, judged in both orders: a win only where both agree, else a tie."""

from __future__ import annotations

import inspect
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import seodang

from seodang_alpaca_eval.answering import answers_of
from seodang_alpaca_eval.answers import Answers
from seodang_alpaca_eval.asked import JudgeOptions, asked_by, is_in_language
from seodang_alpaca_eval.judging import Control, Heard, believed, judge
from seodang_alpaca_eval.people import labels_of
from seodang_alpaca_eval.prompts import Prompts, Shown, controls, prompts_of, texts_of
from seodang_alpaca_eval.questions import Question
from seodang_alpaca_eval.verdicts import TIE, agreed, side


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
    by_rule: bool = False
    """Whether nobody was asked: the answers are the same, or a rule on languages decides."""

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
        """What as many askings another time might have given: each order drawn from all that the judge said of this pair."""
        first, second = ([value for value in order if value is not None] for order in (self.first, self.second))
        said = first + second
        if min(said) == max(said):
            return self.value
        return agreed(*(_mean_of(chance.choices(said, k=len(order))) for order in (first, second)))


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
        ruled = [_ruled(met, context) if self.options.language_penalty else _same(met) for met in meetings]
        judged, heard = await self._judge(meetings, ruled, prompts, context)
        for one in heard:
            one.or_stop(context)
        taken_in = await self._controls(judged, prompts, context)
        protocol = f"both orders, disagreement = tie; judge {context.ask.model or context.ask.teacher_id}; {prompts.name}"
        if self.options.language_penalty:
            protocol += f"; an answer not in {context.language} loses"
        protocol = believed(protocol, taken_in, context)
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

    async def _judge(
        self, meetings: Sequence[Met], ruled: Sequence[float | None], prompts: Prompts, context: seodang.Context
    ) -> tuple[list[Judged], list[Heard]]:
        """Both orders of every pair that no rule decides, as often as `samples` says; and what was heard each time."""
        open_ = [number for number, value in enumerate(ruled) if value is None]
        firsts: dict[int, list[float | None]] = defaultdict(list)
        seconds: dict[int, list[float | None]] = defaultdict(list)
        heard: list[Heard] = []
        for sample in range(self.options.samples):
            shown = [Shown(meetings[n].question, (meetings[n].student, meetings[n].baseline)) for n in open_]
            shown += [Shown(meetings[n].question, (meetings[n].baseline, meetings[n].student)) for n in open_]
            heard.append(await judge(shown, prompts, context, sample=sample))
            verdicts = heard[-1].verdicts
            for place, number in enumerate(open_):
                firsts[number].append(verdicts[place])
                turned = verdicts[len(open_) + place]
                seconds[number].append(None if turned is None else 1 - turned)
        judged = [
            Judged(met, tuple(firsts[number]), tuple(seconds[number]))
            if ruled[number] is None
            else Judged(met, (ruled[number],), (ruled[number],), by_rule=True)
            for number, met in enumerate(meetings)
        ]
        return judged, heard

    async def _controls(self, judged: Sequence[Judged], prompts: Prompts, context: seodang.Context) -> list[Control]:
        """The share of wins of each answer that answers nothing, and whether it stays below the student's on the same questions: those
        on which the judge itself was asked about the student."""
        asked = [one for one in judged if one.known and not one.by_rule and len(one.met.student) == 1][: self.options.controls]
        if not asked:
            return []
        own = _mean_of([one.value for one in asked])
        found = []
        # In the language of the answers and past the rule on languages: it is the judge that is tried.
        for name, text in controls(context.language).items():
            meetings = [one.met._replace(student=(text,)) for one in asked]
            tried, _ = await self._judge(meetings, [_same(met) for met in meetings], prompts, context)
            values = [one.value for one in tried if one.known]
            share = _mean_of(values) if values else 0.0
            found.append(Control(name, share, len(values), share < own or share == own == 0))
        return found

    def _scores(self, judged: Sequence[Judged], taken_in: Sequence[Control], context: seodang.Context) -> Iterator[seodang.Score]:
        known = [one for one in judged if one.known]
        yield seodang.Score(name="no-verdict", value=float(len(judged) - len(known)), count=len(judged), facts={"unit": "items"})
        if not known:
            return
        value, bounds = _mean_of([one.value for one in known]), seodang.resampled(known, Judged.again)
        low, high = min(value, bounds.low), max(value, bounds.high)
        yield seodang.Score(name="win-rate", value=value, count=len(known), low=low, high=high)
        from seodang_alpaca_eval.length_control import Compared, controlled  # numpy takes longer to import than all else here

        items = [Compared(one.value, len(one.met.baseline[-1]), len(one.met.student[-1])) for one in known]
        if lc := controlled(items, again=lambda chance: [one.again(chance) for one in known]):
            yield seodang.Score(name="win-rate at equal lengths", value=lc.value, count=len(known), low=lc.low, high=lc.high)
        if heard := [one for one in known if not one.by_rule]:
            yield _share("both orders agree", sum(one.is_steady for one in heard), len(heard))
        yield _share(f"answers in {context.language}", sum(is_in_language(one.met.student, context) for one in known), len(known))
        for name, texts in (
            ("characters", [one.met.student for one in known]),
            ("characters of the baseline", [one.met.baseline for one in known]),
        ):
            length = _mean_of([float(len(text[-1])) for text in texts])
            yield seodang.Score(name=name, value=length, count=len(known), facts={"unit": "characters"})
        counts = Counter(one.met.question.category for one in known)
        if len(counts) > 1:
            for category in counts:
                values = [one.value for one in known if one.met.question.category == category]
                yield _share(f"win-rate {category or '-'}", sum(values), len(values))
        for control in taken_in:
            yield _share(f"control {control.name}", control.value * control.count, max(1, control.count))
        if self.options.people:
            yield from labels_of(context.files("people"), context).agreement(known)


def _share(name: str, hits: float, count: int) -> seodang.Score:
    bounds = seodang.wilson(hits, count)
    return seodang.Score(name=name, value=hits / count, count=count, low=bounds.low, high=bounds.high)


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
