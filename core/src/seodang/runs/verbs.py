"""Calling a plugin's verb, whether it is asynchronous or not, and naming the plugin when it fails."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from seodang.errors import SeodangError, StepError
from seodang.recipes.resolving import Step

_END = object()


async def perform(verb: Callable[..., Any], *arguments: Any) -> Any:
    """Awaits an asynchronous verb, runs any other in a thread."""
    if inspect.iscoroutinefunction(verb):
        return await verb(*arguments)
    return await asyncio.to_thread(verb, *arguments)


async def each_of(verb: Callable[..., Any], *arguments: Any, batch: int = 256) -> AsyncIterator[Any]:
    """The results of a verb that yields, in the order in which they come. Plain generators run in a thread, `batch` at a time."""
    if inspect.isasyncgenfunction(verb):
        async for result in verb(*arguments):
            yield result
        return
    results = await perform(verb, *arguments)
    if hasattr(results, "__aiter__"):
        async for result in results:
            yield result
        return
    iterator: Iterator[Any] = iter(results)

    def some() -> list[Any]:
        found = []
        for _ in range(batch):
            result = next(iterator, _END)
            if result is _END:
                break
            found.append(result)
        return found

    while results := await asyncio.to_thread(some):
        for result in results:
            yield result


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
