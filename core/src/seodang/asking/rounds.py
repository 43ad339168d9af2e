"""`context.ask.rounds`: questions that depend on the answers to earlier ones; and several questions at once."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

import msgspec

from seodang.errors import Refused
from seodang.requests import Answer, Request

Instead = Callable[[Request, Refused], Request | None]


class Draw(msgspec.Struct, frozen=True):
    """One question of a round. `records` are the ids of those that it shows, so that it is forgotten with any of them; `shown` is
    whatever the lesson wants to have beside the answer."""

    request: Request
    records: tuple[str, ...] = ()
    shown: Any = None


class InRounds(ABC):
    """What can be done with several questions, for whoever asks and for whoever only counts what will be asked."""

    @abstractmethod
    async def __call__(self, request: Request, *, record: str | Sequence[str] = "") -> Answer: ...

    async def together(
        self, requests: Iterable[Request], *, records: Iterable[str | Sequence[str]] | None = None
    ) -> list[Answer | Refused]:
        """Asks all at once, and gives the answers in the order of the questions, however they ended. A question that will never be
        answered has its refusal in its place; what stops the run is raised. `records` are the ids that each question is about."""
        import asyncio  # not above, because every plugin imports this module and few ask

        asked = list(requests)
        about = [""] * len(asked) if records is None else list(records)
        calls = [self(request, record=record) for request, record in zip(asked, about, strict=True)]
        answers: list[Answer | Refused] = []
        for answer in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Refused):
                raise answer
            answers.append(answer)
        return answers

    def rounds(
        self,
        draw: Callable[[], Draw],
        *,
        wanted: int,
        per_round: int,
        patience: int = 3,
        brings: int = 0,
        instead: Instead | None = None,
    ) -> Rounds:
        """Asks what `draw` draws, round after round, until `wanted` new things are made.

        Iterate over it with `async for draw, answer in rounds`, and raise `rounds.made` by what each answer brought. A round is drawn
        as a whole before any of it is asked, and its answers come in the order of the questions: so a repeated, a resumed and an
        uninterrupted run draw and ask the same. `patience` rounds in a row that bring nothing are the end (`rounds.ran_dry`). Where
        each question `brings` so many, no round asks for more than are missing. `instead` tells what to ask in place of a question
        that was refused, or None.
        """
        return Rounds(self, draw, wanted=wanted, per_round=per_round, patience=patience, brings=brings, instead=instead)


class Rounds:
    """The rounds of one step. `number` is that of the round, from 1, and `questions` how many were answered or refused so far."""

    def __init__(
        self,
        ask: InRounds,
        draw: Callable[[], Draw],
        *,
        wanted: int,
        per_round: int,
        patience: int,
        brings: int,
        instead: Instead | None,
    ) -> None:
        self.made = 0
        self.number = 0
        self.questions = 0
        self.ran_dry = False
        self._ask = ask
        self._draw = draw
        self._wanted = wanted
        self._per_round = per_round
        self._patience = patience
        self._brings = brings
        self._instead = instead
        self._drawn: Counter[bytes] = Counter()

    async def __aiter__(self) -> AsyncIterator[tuple[Draw, Answer | Refused]]:
        barren = 0
        while self.made < self._wanted:
            if barren == self._patience:
                self.ran_dry = True
                return
            self.number += 1
            before = self.made
            draws = [self._another(self._draw()) for _ in range(self._size())]
            for draw, answer in zip(draws, await self._answers(draws), strict=True):
                self.questions += 1
                yield draw, answer
            barren = 0 if self.made > before else barren + 1

    def _size(self) -> int:
        if not self._brings:
            return self._per_round
        return min(self._per_round, -(-(self._wanted - self.made) // self._brings))

    def _another(self, draw: Draw) -> Draw:
        """A question that was drawn before is asked for another sample: the same answer twice would bring nothing."""
        told = hashlib.sha256()
        for message in draw.request.messages:
            told.update(hashlib.sha256(message.text.encode("utf-8", "surrogatepass")).digest())
        drawn = told.digest()[:12]
        self._drawn[drawn] += 1
        return msgspec.structs.replace(draw, request=msgspec.structs.replace(draw.request, sample=self._drawn[drawn] - 1))

    async def _answers(self, draws: Sequence[Draw]) -> list[Answer | Refused]:
        """A question that has something to be asked in its place is dealt with as a whole beside the others."""
        if self._instead is None:
            return await self._ask.together([draw.request for draw in draws], records=[draw.records for draw in draws])
        answers: list[Answer | Refused] = [Refused("")] * len(draws)
        left = dict(enumerate(draw.request for draw in draws))
        while left:
            said = await self._ask.together(left.values(), records=[draws[place].records for place in left])
            asked, left = left, {}
            for (place, request), answer in zip(asked.items(), said, strict=True):
                answers[place] = answer
                other = self._instead(request, answer) if isinstance(answer, Refused) else None
                if other is not None:
                    left[place] = other
        return answers
