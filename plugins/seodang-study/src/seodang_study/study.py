"""The evaluation `study`: how far a student came towards its teacher in style, how far in what it can do, and whether the two go apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
import seodang

from seodang_study.asking import choices_of, is_right, of_student, of_teacher, tells_likelihoods
from seodang_study.features import features_of
from seodang_study.items import Right, rights_of
from seodang_study.measures import each_measure
from seodang_study.panels import TEACHER, Told, capability_panel, index_of, style_panel, support_panel
from seodang_study.questions import Closed, Prompt, answers_in, closed_in, key_of, prompts_in, prompts_of, texts_in
from seodang_study.support import nearest
from seodang_study.tokens import TokenKind, tokenizer_of

SOME = 3


class Study(seodang.Evaluation):
    """Measures the base, the student and the teacher on the same prompts, after Gudibande et al., "The False Promise of Imitating Proprietary
    LLMs" (2023).

    Style is how like the teacher's the answers are, told by nobody's judgement. Capability is the share of right answers to closed questions.
    The closure of each is how much of the way from the base to the ceiling the student has come; the imitation index is by how much style
    closes more than capability does.
    """

    name = "study"
    revision = 2
    sees_run = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        questions: Annotated[
            str, msgspec.Meta(description="A file of prompts; the held-out rows without one.", extra=seodang.FILES)
        ] = ""
        answers: Annotated[
            str,
            msgspec.Meta(description="A file with the teacher's answers, where the step asks no teacher.", extra=seodang.FILES),
        ] = ""
        again: Annotated[
            str, msgspec.Meta(description="A file with the teacher's answers of another time: the ceiling.", extra=seodang.FILES)
        ] = ""
        closed: Annotated[
            str, msgspec.Meta(description="A file of questions with `answer`, and perhaps `choices`.", extra=seodang.FILES)
        ] = ""
        items: Annotated[
            tuple[str, ...], msgspec.Meta(description="Evaluate steps before this one whose items are closed questions, too.")
        ] = ()
        tokens: Annotated[
            TokenKind,
            msgspec.Meta(
                description="What `overlap` compares: morphemes (Korean, needs kiwipiepy); unset, what the locale counts."
            ),
        ] = ""
        base: Annotated[str, msgspec.Meta(description="The student of the step from which the others came.")] = "base"
        limit: Annotated[int, msgspec.Meta(ge=0, description="Only the first so many prompts; 0 for all.")] = 0
        answer_tokens: Annotated[int, msgspec.Meta(ge=1, description="The longest answer of a student, in tokens.")] = 512
        near: Annotated[
            float,
            msgspec.Meta(gt=0, le=1, description="A question lies near the training data when a row has this share of it."),
        ] = 0.5
        gram: Annotated[int, msgspec.Meta(ge=2, le=50, description="The share is counted in pieces of so many characters.")] = 8

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._said: dict[str, list[str]] = {}
        self._closed: dict[str, list[str]] = {}
        self._teacher: Teaching | None = None

    def texts(self, context: seodang.Context) -> Iterator[str]:
        # The held-out rows are kept out of the training by the core itself.
        prompts = prompts_in(context.files("questions"), context) if self.options.questions else []
        yield from texts_in(prompts, self._questions(context))

    async def evaluate(self, student: seodang.Student, context: seodang.Context) -> AsyncIterator[seodang.Score | seodang.Item]:
        role = next(name for name, one in context.students.items() if one is student)
        if self._teacher is None:
            if TEACHER in context.students:
                raise seodang.StepError("seodang_study:called-teacher", step=context.step, name=TEACHER)
            self._teacher = await self._taught(context)
        asked = self._teacher
        self._said[role] = await of_student(
            student, [(prompt.id, prompt.text) for prompt in asked.prompts], self.options.answer_tokens
        )
        self._closed[role] = await choices_of(
            student, asked.closed, self.options.answer_tokens, weighed=_all_tell(context.students.values())
        )
        if set(self._said) != set(context.students):
            return
        # All have been asked: what one is can only be said beside the others.
        for found in self._told(asked, context):
            yield found

    def _questions(self, context: seodang.Context) -> list[Closed]:
        return closed_in(context.files("closed"), context) if self.options.closed else []

    async def _taught(self, context: seodang.Context) -> Teaching:
        """The prompts that the teacher has answered, with both of its answers."""
        options = self.options
        prompts = prompts_in(context.files("questions"), context) if options.questions else prompts_of(context.held_out)
        prompts = prompts[: options.limit] if options.limit else prompts
        if not prompts:
            raise seodang.StepError("seodang_study:nothing-asked", step=context.step)
        closed, texts = self._questions(context), [prompt.text for prompt in prompts]
        asks = not options.answers and _names_teacher(context)
        first: Sequence[str | None]
        second: Sequence[str | None] | None = None
        if asks:
            first, second = await of_teacher(texts, context), await of_teacher(texts, context, sample=1)
        elif options.answers:
            first = _found(prompts, answers_in(context.files("answers"), context))
        else:
            first = [prompt.reference or None for prompt in prompts]
        if options.again:
            second = _found(prompts, answers_in(context.files("again"), context))
        known = [number for number, text in enumerate(first) if text and (second is None or second[number])]
        if not known:
            raise seodang.StepError("seodang_study:no-teacher", step=context.step, prompts=len(prompts))
        if len(known) < len(prompts):
            missing = [prompts[number].id for number in range(len(prompts)) if number not in set(known)]
            context.warn("seodang_study:not-taught", missing=len(missing), prompts=len(prompts), some=missing[:SOME])
        right = None
        if asks and closed:
            said = await of_teacher([one.asked for one in closed], context)
            right = [bool(text) and is_right(one, text or "", context.locale) for one, text in zip(closed, said, strict=True)]
        return Teaching(
            prompts=[prompts[number] for number in known],
            first=[first[number] or "" for number in known],
            second=[second[number] or "" for number in known] if second is not None else None,
            closed=closed,
            right=right,
            name=(context.ask.model or context.ask.teacher_id)
            if asks
            else "file"
            if options.answers
            else "the rows' own answers",
        )

    def _told(self, asked: Teaching, context: seodang.Context) -> Iterator[seodang.Score | seodang.Item]:
        options, locale = self.options, context.locale
        if options.base not in context.students:
            context.warn("seodang_study:no-base", step=context.step, base=options.base, students=sorted(context.students))
        tokenizer = tokenizer_of(options.tokens, locale)
        sides = {role: [features_of(text, locale, tokenizer.split) for text in said] for role, said in self._said.items()}
        teacher = [features_of(text, locale, tokenizer.split) for text in asked.first]
        again = [features_of(text, locale, tokenizer.split) for text in asked.second] if asked.second is not None else None
        top = "its own second answers" if again is not None else "1, for lack of second answers"
        protocol = f"study-1: likeness to {asked.name}; ceiling: {top}"
        if tokenizer.about:
            protocol += f"; overlap of morphemes, {tokenizer.about}"
        style = style_panel(sides, teacher, again, options.base, protocol)
        near = nearest([prompt.text for prompt in asked.prompts], context.trained_on, options.gram)
        likeness: dict[str, list[float]] = {}
        for role, side in sides.items():
            likeness[role] = []
            for number, (own, other) in enumerate(zip(side, teacher, strict=True)):
                measures = each_measure(own, other, has_levels=bool(locale.speech_levels))
                likeness[role].append(sum(measures.values()) / len(measures))
                prompt = asked.prompts[number]
                values = {
                    "id": prompt.id,
                    "question": prompt.text,
                    "answer": self._said[role][number],
                    "teacher": asked.first[number],
                }
                values |= {"likeness": measures, "near": near[number].share, "nearest": near[number].record}
                yield seodang.Item(task="style", index=number, student=role, values=values)
        for told in style.values():
            yield from told.scores
        yield from self._support([one.share for one in near], likeness, "style", context)
        rights = rights_of(self._own_rights(asked, context), options.items, context)
        capability: dict[str, Told] = {}
        if rights:
            kept_all = asked.right is not None and all(right.place is not None for right in rights)
            teacher_right = [bool(asked.right[right.place]) for right in rights] if kept_all and asked.right else None
            top = "the teacher" if teacher_right is not None else "all right"
            by_role = {role: [right.by_role[role] for right in rights] for role in context.students}
            groups = ", ".join(dict.fromkeys(right.group for right in rights))
            closed_protocol = f"study-1: right answers to {groups}; ceiling: {top}{_way(asked.closed, context)}"
            capability = capability_panel(
                by_role, teacher_right, [right.group for right in rights], options.base, closed_protocol
            )
            for told in capability.values():
                yield from told.scores
            yield from self._closed_items(rights, by_role, asked, context)
        yield from self._verdict(style, capability, len(teacher), context)

    def _own_rights(self, asked: Teaching, context: seodang.Context) -> list[Right]:
        return [
            Right(
                "closed", place, {role: is_right(one, said[place], context.locale) for role, said in self._closed.items()}, place
            )
            for place, one in enumerate(asked.closed)
        ]

    def _closed_items(
        self, rights: Sequence[Right], by_role: dict[str, list[bool]], asked: Teaching, context: seodang.Context
    ) -> Iterator[seodang.Score | seodang.Item]:
        """The items, and how what was gained lies to the training data. Items of other steps count where they say what was asked."""
        texts = [asked.closed[right.place].text if right.place is not None else right.text for right in rights]
        near = nearest(texts, context.trained_on, self.options.gram)
        for role, values in by_role.items():
            for number, right in enumerate(rights):
                told: dict[str, Any] = {"group": right.group, "question": texts[number], "right": values[number]}
                if right.place is not None:
                    told["answer"] = self._closed[role][right.place]
                told |= {"near": near[number].share, "nearest": near[number].record}
                yield seodang.Item(task="capability", index=number, student=role, values=told)
        worded = [number for number, text in enumerate(texts) if text]
        if worded:
            earned = {role: [float(values[number]) for number in worded] for role, values in by_role.items()}
            yield from self._support([near[number].share for number in worded], earned, "capability", context)

    def _support(
        self, shares: Sequence[float], earned: dict[str, list[float]], what: str, context: seodang.Context
    ) -> Iterator[seodang.Score]:
        if not len(context.trained_on):
            return
        floor = earned.get(self.options.base)
        gains = {
            role: [one - other for one, other in zip(values, floor, strict=True)]
            for role, values in earned.items()
            if floor is not None and role != self.options.base
        }
        protocol = f"study-1: near is {self.options.near:g} of the pieces of {self.options.gram} characters in one row"
        for role, score in support_panel([share >= self.options.near for share in shares], gains, what, protocol):
            yield msgspec.structs.replace(score, student=role or next(iter(context.students)))

    def _verdict(
        self, style: dict[str, Told], capability: dict[str, Told], count: int, context: seodang.Context
    ) -> Iterator[seodang.Score]:
        if self.options.base not in context.students:
            return
        if not capability:
            context.warn("seodang_study:no-closed", step=context.step)
            return
        for role in context.students:
            if role in (self.options.base, TEACHER):
                continue
            found = index_of(style[role], capability[role], count, role, "study-1: style closure less capability closure")
            if found is None:
                context.warn("seodang_study:no-room", student=role, step=context.step)
                continue
            index, only_style = found
            yield msgspec.structs.replace(index, facts={"only style moved": only_style})
            if only_style:
                context.warn(
                    "seodang_study:only-style",
                    student=role,
                    style=style[role].style.value if style[role].style else 0.0,
                    gain=capability[role].gain.value if capability[role].gain else 0.0,
                )


class Teaching(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and what the teacher said to it."""

    prompts: list[Prompt]
    first: list[str]
    second: list[str] | None
    closed: list[Closed]
    right: list[bool] | None
    name: str


def _all_tell(students: Iterable[seodang.Student]) -> bool:
    """One who is asked in words is not compared with one whose likelihoods are: all are asked in the same way."""
    return all(map(tells_likelihoods, students))


def _way(questions: Sequence[Closed], context: seodang.Context) -> str:
    """How choices were put, where there were any."""
    if not any(one.choices for one in questions):
        return ""
    return "; choices by likelihood" if _all_tell(context.students.values()) else "; choices in words"


def _names_teacher(context: seodang.Context) -> bool:
    try:
        return context.ask is not None
    except seodang.SeodangError as error:
        if error.code == "context.no-teacher":
            return False
        raise


def _found(prompts: Sequence[Prompt], answers: dict[str, str]) -> list[str | None]:
    return [answers.get(prompt.id) or answers.get(key_of(prompt.text)) for prompt in prompts]
