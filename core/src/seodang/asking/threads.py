"""Calls a plugin's verb: awaits it when it is asynchronous, else runs it in a thread."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any


class Threads:
    """Threads of its own, as many as may be under way at once: `asyncio.to_thread` has six on a machine with two cores."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pool: ThreadPoolExecutor | None = None

    async def perform(self, verb: Callable[..., Any], *arguments: Any) -> Any:
        if inspect.iscoroutinefunction(verb):
            return await verb(*arguments)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="seodang-verb")
        call = partial(contextvars.copy_context().run, verb, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Does not wait: a thread cannot be stopped, and what it brings nobody needs any more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
