"""A call: what goes to the other side together and is paid for together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seodang.errors import Refused
    from seodang.ledger.entries import Intent
    from seodang.requests import Limits


class Call:
    """One question, a group of questions, or a pack of texts."""

    __slots__ = ("doubts", "intents", "limits", "sending", "task")

    def __init__(self, intents: Sequence[Intent], doubts: int = 0) -> None:
        self.intents = intents
        self.doubts = doubts
        """Attempts of earlier processes of which nobody knows whether they were paid for."""
        self.sending = False
        """From its intent until its answer is durable: whoever cancelled it then would throw money away."""
        self.task: asyncio.Future[Any] | None = None
        self.limits: Limits | None = None
        """What the other side said of its limits with the last answer."""

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a part of it besides whoever asks this."""
        return False

    def size(self) -> int:
        """Its tokens, at the most."""
        return 0

    async def send(self, which: Sequence[int]) -> Sequence[bytes | Refused]:
        """The bodies to store for these of the intents, as they came, or why one of several has none. `which` has all, or one."""
        raise NotImplementedError

    def receive(self, index: int, attempt: int, body: bytes) -> Any:
        """What a stored body means to whoever asked; settles its cost."""
        raise NotImplementedError

    def dropped(self) -> None:
        """It was cancelled before anything was sent."""
