"""Evol-Instruct: a teacher rewrites an instruction to be harder or rarer, round by round, and what does not gain by it is left out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import msgspec
import seodang

from seodang_evolve.wording import OPERATIONS, Operation, Way, Wording

_EXCERPT = 200
_TOKENS = 60
"""The length of a new instruction, as a guess before anything is bought."""


class Evolve(seodang.Lesson):
    """Evolves each question of one turn so many times: in each round by one operation, drawn at random.

    Every new instruction that passes becomes a row, and the next round starts from it; where one is eliminated, the next round tries
    again with the instruction before it. Dialogues are not evolved.
    """

    name = "evolve"
    revision = 1
    deterministic = False

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        rounds: Annotated[int, msgspec.Meta(ge=1, le=20, description="How often each instruction is evolved.")] = 4
        operations: Annotated[
            tuple[Operation, ...],
            msgspec.Meta(
                min_length=1,
                description="What may be done in a round, drawn with equal chances; one named twice is drawn twice as often.",
            ),
        ] = OPERATIONS
        answers: Annotated[
            bool,
            msgspec.Meta(
                description="Have each new instruction answered, and leave out those whose answer declines or says nothing."
            ),
        ] = True
        ask_gain: Annotated[
            bool, msgspec.Meta(description="Ask the teacher whether a new instruction asks for more than the one before it.")
        ] = True
        keep_originals: Annotated[bool, msgspec.Meta(description="Let the records go on beside what was made of them.")] = True

    def estimate(self, rows: int, context: seodang.Context) -> seodang.Outlook:
        """By a task of the language, whose length is usual; as if nothing were eliminated, so it is the most."""
        wording, options = Wording(self, context), self.options
        usual = sorted((task.instruction for task in context.locale.seeds), key=len) or ["_" * 80]
        instruction = usual[len(usual) // 2]
        times = rows * options.rounds
        share = -(-times // len(options.operations))
        texts = [(wording.way(name).fill(instruction), share) for name in options.operations]
        if options.ask_gain and wording.same:
            texts.append((wording.same.fill(first=instruction, second=instruction), times))
        questions = [seodang.Expected(request=self.ask_for(text), times=number, output_tokens=_TOKENS) for text, number in texts]
        if options.answers:
            child = seodang.single_turn(instruction)
            questions.append(seodang.Expected(request=self.request(child), times=times))
        return seodang.Outlook(questions=tuple(questions), rows=times + rows * options.keep_originals)

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        evolving = _Evolving(self, context)
        async for record, results in context.ask.each(records, evolving.evolve):
            for result in results or ():
                yield result
            if self.options.keep_originals:
                yield record  # behind its children, which take their terms from it
            elif results is None:
                yield seodang.Drop("not-single-turn", id=record.id)


class _Evolving:
    def __init__(self, lesson: Evolve, context: seodang.Context) -> None:
        self._lesson = lesson
        self._options = lesson.options
        self._context = context
        self._wording = Wording(lesson, context)
        self._ways: Mapping[str, Way] = {name: self._wording.way(name) for name in dict.fromkeys(self._options.operations)}
        # Each record draws for itself: one more record in the flow changes, and buys, nothing of the others.
        self._seed = context.random.getrandbits(64)
        if self._options.ask_gain and self._wording.same is None:
            context.warn("seodang_evolve:gain-by-words", step=context.step, language=context.language)

    async def evolve(self, record: seodang.Record) -> list[seodang.Record | seodang.Drop] | None:
        """All that became of one record; None for a dialogue."""
        if [message.role for message in record.messages if message.role != "system"] not in (["user"], ["user", "assistant"]):
            return None
        lineage = _Lineage(record)
        plan = random.Random(f"{self._seed}:{record.id}").choices(self._options.operations, k=self._options.rounds)
        results: list[seodang.Record | seodang.Drop] = []
        for number, operation in enumerate(plan, 1):
            results.append(await self._one_round(lineage, number, self._ways[operation]))
        return results

    async def _one_round(self, lineage: _Lineage, number: int, way: Way) -> seodang.Record | seodang.Drop:
        request = lineage.again(self._lesson.ask_for(way.fill(lineage.instruction)))
        said = await self._ask(request, lineage.id)
        tags = {"round": number, "depth": lineage.depth + 1, "operation": way.name, "lineage": [*lineage.operations, way.name]}
        if isinstance(said, _Fault):
            return said.drop(seodang.Record(messages=request.messages, parents=(lineage.id,), tags=tags))
        instruction = self._wording.instruction_in(said.message.text)
        child = seodang.single_turn(instruction, parents=(lineage.id,), tags=tags)
        if fault := self._fault_in(instruction, lineage.instruction, way) or await self._no_gain(instruction, lineage):
            return fault.drop(child)
        if self._options.answers:
            answer = await self._ask(lineage.again(self._lesson.request(child)), lineage.id)
            if isinstance(answer, _Fault):
                return answer.drop(child)
            child = msgspec.structs.replace(child, messages=(*child.messages, answer.message))
            if fault := self._fault_in_answer(answer.message.text):
                return fault.drop(child)
        lineage.goes_on(instruction, way)
        return child

    async def _ask(self, request: seodang.Request, record: str) -> seodang.Answer | _Fault:
        try:
            answer = await self._context.ask(request, record=record)
        except seodang.Refused as refused:
            return _Fault(refused.reason, refused.detail)
        if answer.finish != "stop":
            return _Fault(answer.finish.replace("_", "-"), answer.message.text.strip()[:_EXCERPT])
        return answer if answer.message.text.strip() else _Fault("empty")

    def _fault_in(self, instruction: str, before: str, way: Way) -> _Fault | None:
        """What can be seen of a new instruction without asking anybody."""
        wording, limits = self._wording, self._wording.locale.limits
        length = wording.locale.length(instruction)
        if length < (least := limits.get("instruction-least", 1)):
            return _Fault("too-short", f"{length} < {least}")
        most = limits.get("instruction-most", 0) + (limits.get("input-most", 0) if way.name in ("complicate", "deeper") else 0)
        if most and length > max(most, 2 * wording.locale.length(before)):
            return _Fault("too-long", f"{length} > {most}")
        if words := wording.copied(instruction, before, way):
            return _Fault("copied-prompt", words)
        if phrase := wording.declines(instruction):
            return _Fault("declined", phrase)
        return _Fault("no-gain") if wording.is_same(before, instruction) else None

    async def _no_gain(self, instruction: str, lineage: _Lineage) -> _Fault | None:
        if not self._options.ask_gain or self._wording.same is None:
            return None
        question = self._wording.same.fill(first=lineage.instruction, second=instruction)
        said = await self._ask(lineage.again(self._lesson.ask_for(question)), lineage.id)
        if isinstance(said, _Fault):
            return said
        return _Fault("no-gain", said.message.text[:_EXCERPT]) if self._wording.says_yes(said.message.text) else None

    def _fault_in_answer(self, answer: str) -> _Fault | None:
        if phrase := self._wording.declines(answer):
            return _Fault("answer-declines", phrase)
        return _Fault("answer-says-nothing", answer[:_EXCERPT]) if self._wording.says_nothing(answer) else None


class _Fault(msgspec.Struct, frozen=True):
    """Why a new instruction is eliminated."""

    code: str
    detail: str = ""

    def drop(self, record: seodang.Record) -> seodang.Drop:
        return seodang.Drop(self.code, self.detail, record=record)


class _Lineage:
    """One record on its way through the rounds: the instruction that it stands at, and what has led there."""

    def __init__(self, record: seodang.Record) -> None:
        self.id = record.id
        self.instruction = f"{record.question}\n\n{record.input}" if record.input else record.question
        self.operations: list[str] = []
        self._asked: Counter[tuple[Any, ...]] = Counter()

    @property
    def depth(self) -> int:
        return len(self.operations)

    def goes_on(self, instruction: str, way: Way) -> None:
        self.instruction = instruction
        self.operations.append(way.name)

    def again(self, request: seodang.Request) -> seodang.Request:
        """A question that was asked before is asked for another sample: its first answer has failed already."""
        self._asked[request.messages] += 1
        return msgspec.structs.replace(request, sample=self._asked[request.messages] - 1)


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(Evolve)
