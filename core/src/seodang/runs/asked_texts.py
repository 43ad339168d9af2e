"""Translating by asking: each text goes to a translator that asks the teacher of its step.

Such a translator has nothing of its own to pay or to store. What it asks is a question like any other, with the key, the price and
the ledger entry of one: whose model, prompt or options change is asked anew, and what was answered is never asked twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seodang.asking.each import MEANT
from seodang.capabilities import Translator
from seodang.errors import PluginError, Refused
from seodang.requests import Text, Translation
from seodang.runs.verbs import perform

if TYPE_CHECKING:
    from seodang.context import Context

Outcome = Translation | Refused


class AskedTexts:
    """Stands where a desk stands. Each text goes alone, as soon as it is handed in; how many are under way is the teacher's business."""

    def __init__(self, translator: Translator, translator_id: str, context_of: Callable[[str], Context]) -> None:
        self.under_way = 0
        self._translator = translator
        self._translator_id = translator_id
        self._context_of = context_of
        self._contexts: dict[str, Context] = {}
        self._asked: dict[tuple[Text, str], asyncio.Future[Outcome]] = {}
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._news: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """Texts without an outcome."""
        return len(self._asked)

    def ask(self, text: Text, language: str, record: str = "") -> asyncio.Future[Outcome]:
        """The outcome to come. Equal texts under way are one."""
        loop = asyncio.get_running_loop()
        same = (text, language)
        if same in self._asked:
            return self._asked[same]
        future: asyncio.Future[Outcome] = loop.create_future()
        if not text.text.strip():
            future.set_result(Translation(text.text))
            return future
        self._asked[same] = future
        self.under_way += 1
        meant = MEANT.set(record)
        task = loop.create_task(self._translated(text, language))  # keeps what is set now
        MEANT.reset(meant)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._came_back(done, same))
        return future

    async def _translated(self, text: Text, language: str) -> Outcome:
        if language not in self._contexts:
            self._contexts[language] = self._context_of(language)
        try:
            said = await perform(self._translator.translate, [text], self._contexts[language])
        except Refused as refused:
            return refused
        if len(said) != 1:
            facts = {"plugin": self._translator_id, "verb": "translate", "given": 1, "returned": len(said)}
            raise PluginError("asking.wrong-count", **facts)
        outcome: Outcome = said[0]
        return outcome

    def _came_back(self, task: asyncio.Task[Any], same: tuple[Text, str]) -> None:
        self.under_way -= 1
        self._tasks.discard(task)
        future = self._asked.pop(same)
        error = None if task.cancelled() else task.exception()
        if future.done():
            pass
        elif task.cancelled():
            future.cancel()
        elif error is not None:
            future.set_exception(error)
            future.exception()  # whoever waits hears of it; where nobody does, it needs no warning
        else:
            future.set_result(task.result())
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def flush(self, *, only_with_before: bool = False) -> None:
        """Nothing waits to be packed."""

    def news(self) -> asyncio.Future[None]:
        """Done when the next text is back."""
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        return self._news

    async def close(self) -> None:
        """Nothing is left running. What was sent is stored by whoever asks."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
