"""The contract of a service that takes questions together."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from seodang.batches import Batch, BatchService
from seodang.capabilities import Teacher
from seodang.errors import Refused, RemoteError
from seodang.requests import Answer, Reply, Request
from seodang.runs.verbs import each_of, perform
from seodang.testing.contexts import LooseContext
from seodang.testing.contract import CapabilityContract
from seodang.testing.teaching import TeacherContract

LOOKS_EVERY_SECONDS = 0.1
LONGEST_SECONDS = 30.0

Story = Callable[["Desk"], Awaitable[Any]]


class Desk:
    """Where a test hands in: the service of a fresh teacher, and batches of the contract's questions."""

    def __init__(self, teacher: Teacher, context: LooseContext, place: Path, requests: Sequence[Request]) -> None:
        service = teacher.batches
        assert service is not None, f"{type(teacher).__name__}.batches is None with these options"
        self.teacher = teacher
        self.service: BatchService = service
        self.context = context
        self.keys = {hashlib.sha256(str(number).encode()).hexdigest(): each for number, each in enumerate(requests)}
        self._place = place

    def batch(self, name: str) -> Batch:
        path = self._place / f"{name}.jsonl"
        path.write_bytes(b"".join(self.service.line(key, request) + b"\n" for key, request in self.keys.items()))
        return Batch(name=name, path=path, requests=len(self.keys), planned=datetime.now(UTC))

    async def submit(self, batch: Batch) -> str:
        identifier: str = await perform(self.service.submit, batch, self.context)
        return identifier

    async def end_of(self, identifier: str) -> str:
        for _ in range(int(LONGEST_SECONDS / LOOKS_EVERY_SECONDS)):
            state = await perform(self.service.look, identifier, self.context)
            if state.state != "open":
                return str(state.state)
            await asyncio.sleep(LOOKS_EVERY_SECONDS)
        pytest.fail(f"the batch was still open after {LONGEST_SECONDS:g} seconds: let the fake be quicker")

    async def collect(self, identifier: str) -> list[tuple[str, Reply | RemoteError]]:
        return [line async for line in each_of(self.service.collect, identifier, self.context)]


class BatchServiceContract(CapabilityContract):
    """What is handed in is found again by its name, and every question comes back once, to be read as any other answer.

    `teacher` names the teacher whose `batches` this is about; let the test speak to a fake whose batches end within seconds.
    """

    __test__ = False
    kind = "teacher"
    teacher: ClassVar[type[Teacher]]
    requests: ClassVar[Sequence[Request]] = TeacherContract.requests

    @pytest.fixture
    def tell(self, make: Callable[[], Teacher], new_context: Callable[..., LooseContext], place: Path) -> Callable[[Story], Any]:
        def tell_story(story: Story) -> Any:
            teacher = make()
            desk = Desk(teacher, new_context(options=teacher.options), place, self.requests)

            async def whole() -> Any:
                try:
                    return await story(desk)
                finally:
                    await teacher.close()

            return asyncio.run(whole())

        return tell_story

    def test_it_says_what_a_batch_takes_and_costs(self, make: Callable[[], Teacher]) -> None:
        teacher = make()
        service = teacher.batches
        assert service is not None and service.most_requests >= 1 and service.most_bytes >= 1 and service.settle_seconds > 0
        alone, together = teacher.price(), service.price()
        assert (alone is None) == (together is None), "a price that is known of a question alone is known of one in a batch"
        if alone is not None and together is not None:
            assert alone.currency == together.currency

    def test_a_question_is_one_line_that_carries_its_key(self, tell: Callable[[Story], Any]) -> None:
        async def story(desk: Desk) -> None:
            for key, request in desk.keys.items():
                line = desk.service.line(key, request)
                assert b"\n" not in line and key.encode() in line
                assert line == desk.service.line(key, request), "the same question is the same line"

        tell(story)

    def test_a_batch_is_found_by_its_name_and_by_no_other(self, tell: Callable[[Story], Any]) -> None:
        """So is one that was handed in by a process that died before it knew the id."""

        async def story(desk: Desk) -> None:
            batch = desk.batch("a-name-like-no-other")
            assert await perform(desk.service.find, batch, desk.context) is None
            identifier = await desk.submit(batch)
            assert identifier and await perform(desk.service.find, batch, desk.context) == identifier
            assert await perform(desk.service.find, desk.batch("another-name"), desk.context) is None

        tell(story)

    def test_every_question_comes_back_once_also_when_it_is_collected_again(self, tell: Callable[[Story], Any]) -> None:
        async def story(desk: Desk) -> None:
            identifier = await desk.submit(desk.batch("whole"))
            assert await desk.end_of(identifier) == "completed"
            lines = await desk.collect(identifier)
            assert sorted(key for key, _ in lines) == sorted(desk.keys)
            for _, said in lines:
                assert isinstance(said, (Reply, RemoteError)), f"collect() gives Reply or RemoteError, not {type(said).__name__}"
                if isinstance(said, Reply):
                    assert isinstance(desk.teacher.read(said), Answer)
            assert any(isinstance(said, Reply) for _, said in lines)
            assert [key for key, _ in await desk.collect(identifier)] == [key for key, _ in lines]

        tell(story)

    def test_a_batch_that_is_not_there_is_refused(self, tell: Callable[[Story], Any]) -> None:
        """Anything else would be taken for a service that is away for a while."""

        async def story(desk: Desk) -> None:
            with pytest.raises(Refused):
                await perform(desk.service.look, "batch-that-never-was", desk.context)

        tell(story)
