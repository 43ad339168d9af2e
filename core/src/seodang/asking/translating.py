"""Translating: texts packed into requests by what a translator declares, each text with a key and a price of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seodang.asking.bodies import Unreadable, body_of_translation, read_translation
from seodang.asking.buying import Buyer
from seodang.asking.calls import Call
from seodang.asking.keys import Keys
from seodang.asking.stop import Stop
from seodang.asking.threads import Threads
from seodang.capabilities import Translator
from seodang.errors import PluginError, Refused, StepError
from seodang.ledger.entries import Entry, Intent
from seodang.requests import FREE, Text, Translation
from seodang.traffic.lane import Lane
from seodang.translation.glossary import terms_in

if TYPE_CHECKING:
    from seodang.context import Context
    from seodang.ledger.ledger import Ledger

TEXTS_A_TURN = 4
"""So many texts are handed out before the loop turns: the checks of a whole pack would keep the next one waiting."""

Outcome = Translation | Refused
"""A text that is left for good is a `Refused` in the place of its translation: its record is for the caller to set aside."""


class TextKeys:
    """Makes the keys of texts: of everything that may change a translation, and of nothing that the translator does not look at."""

    def __init__(self, translator: Translator, translator_id: str, register: str, glossary: Mapping[str, str]) -> None:
        self._keys = Keys(translator_id, translator, translator.identity)
        self._sees_before = "before" in translator.heeds
        self._register = register if "register" in translator.heeds else ""
        self._glossary = dict(glossary) if "glossary" in translator.heeds else {}

    def of(self, text: Text, source: str, target: str) -> tuple[bytes, bytes]:
        """The key and the canonical request. Of a glossary only the terms that the text has: a new one makes no other text another."""
        request: dict[str, Any] = {
            "before": text.before if self._sees_before else "",
            "pair": [source, target],
            "text": text.text,
        }
        if self._register:
            request["register"] = self._register
        if self._glossary and (terms := terms_in(self._glossary, text.text)):
            request["glossary"] = terms
        return self._keys.of(request)


class _Pack(Call):
    """Texts that are sent together."""

    __slots__ = ("_desk", "_intents", "futures", "language", "size_sent", "texts")

    def __init__(self, desk: Desk, language: str, doubts: int) -> None:
        self._intents: list[Intent] = []
        super().__init__(self._intents, doubts)
        self._desk = desk
        self.language = language
        self.texts: list[Text] = []
        self.futures: list[asyncio.Future[Outcome]] = []
        self.size_sent = 0

    def add(self, text: Text, intent: Intent, size: int, future: asyncio.Future[Outcome]) -> None:
        self._intents.append(intent)
        self.texts.append(text)
        self.futures.append(future)
        self.size_sent += size

    async def send(self, which: Sequence[int]) -> Sequence[bytes | Refused]:
        return await self._desk.send([self.texts[index] for index in which], self.language)

    def receive(self, index: int, attempt: int, body: bytes) -> Outcome:
        return self._desk.read(self.texts[index], body, attempt)


class Desk:
    """Takes texts one by one, and sends them in packs that are as full as the translator allows.

    A pack goes when it is full. One that is not waits for more texts until somebody calls `flush`, because no more will come or
    because everybody waits. So the requests are nearly as few as they can be, however many records the texts are from.
    """

    def __init__(
        self,
        translator: Translator,
        translator_id: str,
        *,
        ledger: Ledger,
        lane: Lane,
        context_of: Callable[[str], Context],
        stop: Stop,
        step: str,
        allow_unknown_price: bool = False,
    ) -> None:
        price = translator.price()
        if price is None and not allow_unknown_price:
            raise StepError("asking.unknown-price", step=step, teacher=translator_id)
        self.under_way = 0
        """Packs that are on their way or wait for a slot."""
        self.waiting = 0
        """Texts without an outcome."""
        self._translator = translator
        self._translator_id = translator_id
        self._ledger = ledger
        self._context_of = context_of
        self._contexts: dict[str, Context] = {}
        self._step = step
        self._price = price or FREE
        self._price_told = str(self._price)
        self._keys: TextKeys | None = None
        self._model = str(getattr(translator.options, "model", ""))
        self._host = ",".join(translator.network)
        lane.name = lane.name or self._host or translator_id
        self._threads = Threads(lane.limit.most)
        self._buyer = Buyer(ledger=ledger, lane=lane, stop=stop, step=step)
        self._buyer.watch(self._fail_if_halted)
        self._open: dict[tuple[str, str, int], _Pack] = {}
        self._asked: dict[bytes, asyncio.Future[Outcome]] = {}
        self._news: asyncio.Future[None] | None = None

    @property
    def halted(self) -> Exception | None:
        """Why nothing more is sent."""
        return self._buyer.halted

    def ask(self, text: Text, language: str, record: str = "") -> asyncio.Future[Outcome]:
        """The outcome to come. Whoever waits for it without end has to see that somebody flushes."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if not text.text.strip():
            future.set_result(Translation(text.text))
            return future
        try:
            key, canonical = self._keys_of(language).of(text, language, self._context(language).language)
        except UnicodeEncodeError as error:
            future.set_result(Refused(str(error), reason="encoding"))
            return future
        if key in self._asked:
            return self._asked[key]
        entry = self._ledger.find(key)
        if entry is not None:
            future.set_result(self._replay(text, entry))
            return future
        size = self._translator.size(text.text)
        if size > self._translator.max_bytes:
            future.set_result(Refused(f"{size} > {self._translator.max_bytes} bytes", reason="too-long"))
            return future
        if self._buyer.halted is not None:
            _raise_later(future, self._buyer.halted)
            return future
        self._asked[key] = future
        self.waiting += 1
        future.add_done_callback(lambda _: self._answered(key))
        self._pack(text, language, self._intent(key, canonical, text, record), size, future)
        return future

    def _pack(self, text: Text, language: str, intent: Intent, size: int, future: asyncio.Future[Outcome]) -> None:
        doubts = self._ledger.in_doubt(intent.key)
        if doubts > 1:
            # A text that was left in doubt twice goes alone: what may be wrong with it is not the others' business.
            alone = _Pack(self, language, doubts)
            alone.add(text, intent, size, future)
            self._send(alone)
            return
        # Those that one crash left in doubt share requests with each other, or every crash would cost as many as it hit texts.
        place = (language, text.before if self._translator.one_before else "", doubts)
        pack = self._open.get(place)
        if pack is not None and pack.size_sent + size > self._translator.max_bytes:
            self._send(self._open.pop(place))
            pack = None
        if pack is None:
            pack = self._open[place] = _Pack(self, language, doubts)
        pack.add(text, intent, size, future)
        if len(pack.texts) >= self._translator.max_texts:
            self._send(self._open.pop(place))

    def flush(self, *, only_with_before: bool = False) -> None:
        """Sends what waits for more texts. `only_with_before`: where a request has one context and no other record will share it."""
        for place in [place for place in self._open if place[1] or not only_with_before]:
            self._send(self._open.pop(place))

    def _send(self, pack: _Pack) -> None:
        self.under_way += 1
        pack.task = asyncio.get_running_loop().create_task(self._buyer.buy(pack))
        # A callback, because a task that is cancelled before it began runs no line of its own.
        pack.task.add_done_callback(lambda task: self._came_back(pack, task))
        self._buyer.begin(pack)

    def _came_back(self, pack: _Pack, task: asyncio.Future[Any]) -> None:
        # An exception of a cancelled task cannot be asked for.
        error = (self._buyer.halted or asyncio.CancelledError()) if task.cancelled() else task.exception()
        bought: Any = None if error is not None else task.result()
        if isinstance(bought, Exception):
            error = bought
        if error is None:
            self._hand_out(pack, bought, 0)
            return
        for future in pack.futures:
            _raise_later(future, error)
        self._is_back()

    def _hand_out(self, pack: _Pack, outcomes: Sequence[Outcome], begin: int) -> None:
        """Some at a time: who waits for a text has work to do with it, and meanwhile the next pack has to be sent."""
        end = begin + TEXTS_A_TURN
        for future, outcome in zip(pack.futures[begin:end], outcomes[begin:end], strict=True):
            if not future.done():
                future.set_result(outcome)
        if end < len(pack.futures):
            asyncio.get_running_loop().call_soon(self._hand_out, pack, outcomes, end)
        else:
            self._is_back()

    def _is_back(self) -> None:
        self.under_way -= 1
        self._stir()

    def _answered(self, key: bytes) -> None:
        self._asked.pop(key, None)
        self.waiting -= 1

    def _fail_if_halted(self) -> None:
        """Packs that are still open are told, too; those under way hear of it from the buyer."""
        if self._buyer.halted is not None:
            for pack in self._open.values():
                for future in pack.futures:
                    _raise_later(future, self._buyer.halted)
            self._open.clear()
            self._stir()

    def news(self) -> asyncio.Future[None]:
        """Done when the next pack is back or everything halts."""
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        return self._news

    def _stir(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def close(self) -> None:
        """What was sent is stored before anybody learns that something went wrong."""
        await self._buyer.close()
        for pack in self._open.values():
            for future in pack.futures:
                future.cancel()
        self._open.clear()
        self._threads.close()

    def _context(self, language: str) -> Context:
        if language not in self._contexts:
            self._contexts[language] = self._context_of(language)
        return self._contexts[language]

    def _keys_of(self, language: str) -> TextKeys:
        if self._keys is None:
            context = self._context(language)
            self._keys = TextKeys(self._translator, self._translator_id, context.register, context.glossary)
        return self._keys

    def _intent(self, key: bytes, canonical: bytes, text: Text, record: str) -> Intent:
        return Intent(
            key=key,
            teacher=self._translator_id,
            identity=self._translator.identity,
            model=self._model,
            host=self._host,
            step=self._step,
            record=record,
            worst_micro=self._price.cost(len(text.text), 0),
            currency=self._price.currency,
            request=canonical,
            price=self._price_told,
        )

    async def send(self, texts: Sequence[Text], language: str) -> list[bytes | Refused]:
        """The translator's own words for these texts, as they are to be stored."""
        said = await self._threads.perform(self._translator.translate, texts, self._context(language))
        if len(said) != len(texts):
            facts = {"plugin": self._translator_id, "verb": "translate", "given": len(texts), "returned": len(said)}
            raise PluginError("asking.wrong-count", **facts)
        return [_body_of(one) for one in said]

    def read(self, text: Text, body: bytes, attempt: int) -> Outcome:
        """The translation in a stored body, and what it cost. `attempt` is 0 for one whose cost is known."""
        try:
            translation = read_translation(body)
        except Unreadable as error:
            return Refused(str(error), reason="bad-answer")
        if attempt:
            # A paid text that was billed with nothing was not counted: it keeps its worst case, which is its length.
            cost = self._price.cost(translation.billed, 0) if translation.billed > 0 else None
            if self._price == FREE:
                cost = 0
            finish = "stop" if translation.text.strip() else "empty"
            self._ledger.settle(attempt, cost_micro=cost, finish=finish, input_tokens=max(0, translation.billed), output_tokens=0)
        return translation

    def _replay(self, text: Text, entry: Entry) -> Outcome:
        if entry.body is None:
            return Refused(entry.detail, reason=entry.reason)
        return self.read(text, entry.body, 0 if entry.settled else entry.attempt)


def _body_of(said: Translation | Refused) -> bytes | Refused:
    if isinstance(said, Refused):
        return said
    try:
        return body_of_translation(said)
    except UnicodeEncodeError as error:
        return Refused(str(error), reason="encoding")


def _raise_later(future: asyncio.Future[Outcome], error: BaseException) -> None:
    """Lets whoever waits hear of it. Where nobody does, it is told elsewhere and needs no warning of a future that nobody read."""
    if not future.done():
        future.set_exception(error)
        future.exception()
