"""Calling a plugin's verb, whether it is asynchronous or not, and naming the plugin when it fails."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Any

from seodang.errors import SeodangError, StepError
from seodang.recipes.resolving import Step

THREAD_SECONDS = 0.1
"""So long a source works in its thread before the run looks at everything else."""


async def perform(verb: Callable[..., Any], *arguments: Any) -> Any:
    """Awaits an asynchronous verb, runs any other in a thread."""
    if inspect.iscoroutinefunction(verb):
        return await verb(*arguments)
    return await asyncio.to_thread(verb, *arguments)


async def each_of(verb: Callable[..., Any], *arguments: Any, batch: int = 256) -> AsyncIterator[Any]:
    """The results of a verb that yields, in the order in which they come. Plain generators run in a thread, `batch` at a time."""
    results = await _results(verb, *arguments)
    if hasattr(results, "__aiter__"):
        async for result in results:
            yield result
        return
    iterator: Iterator[Any] = iter(results)
    while found := await asyncio.to_thread(lambda: list(islice(iterator, batch))):
        for result in found:
            yield result


async def hand_over(verb: Callable[..., Any], *arguments: Any, to: Callable[[list[Any]], None], size: Callable[[], int]) -> None:
    """Gives the results of a verb that yields to a function, so many at a time as `size` says, until it says 0.

    What a plain generator gives is handed over in the thread in which it runs, without a change of threads for each list.
    """
    results = await _results(verb, *arguments)
    if hasattr(results, "__aiter__"):
        async for result in results:
            to([result])
            if not size():
                return
        return
    iterator: Iterator[Any] = iter(results)

    def for_a_while() -> bool:
        end = time.monotonic() + THREAD_SECONDS
        while found := list(islice(iterator, size())):
            to(found)
            if time.monotonic() > end:
                return True
        return False

    while await asyncio.to_thread(for_a_while):
        pass


async def _results(verb: Callable[..., Any], *arguments: Any) -> Any:
    return verb(*arguments) if inspect.isasyncgenfunction(verb) else await perform(verb, *arguments)


def blamed(error: Exception, step: Step, doing: str) -> Exception:
    """An error that nobody foresaw, as one that names the plugin; the original stays its cause."""
    if isinstance(error, SeodangError):
        return error
    offer = step.offer
    wrapped = StepError(
        "runs.plugin-failed",
        number=step.entry.number,
        step=step.entry.name,
        plugin=offer.id,
        version=offer.version,
        doing=doing,
        error=type(error).__name__,
        detail=str(error),
    )
    wrapped.__cause__ = error
    return wrapped
