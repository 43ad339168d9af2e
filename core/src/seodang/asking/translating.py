"""Translating: texts packed into requests by what a translator declares, each text with a key and a price of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from seodang.context import Context
    from seodang.ledger.ledger import Ledger

Outcome = Translation | Refused
"""A text that is left for good is a `Refused` in the place of its translation: its record is for the caller to set aside."""


async def translate_texts(
    translator: Translator,
    translator_id: str,
    texts: Sequence[Text],
    *,
    ledger: Ledger,
    lane: Lane,
    context: Context,
    stop: Stop,
    step: str,
    allow_unknown_price: bool = False,
) -> list[Outcome]:
    """The translations in the order of the texts. Equal texts are sent once, paid ones never again, blank ones not at all."""
    price = translator.price()
    if price is None and not allow_unknown_price:
        raise StepError("asking.unknown-price", step=step, teacher=translator_id)
    desk = _Desk(translator, translator_id, ledger, lane, context, step)
    buyer = Buyer(ledger=ledger, lane=lane, stop=stop, step=step)
    try:
        await desk.translate(texts, buyer)
        return [desk.outcomes[text] for text in texts]
    finally:
        await buyer.close()
        desk.threads.close()


class _Pack(Call):
    """Texts that are sent together."""

    __slots__ = ("_desk", "texts")

    def __init__(self, desk: _Desk, texts: Sequence[Text], intents: Sequence[Intent], doubts: int) -> None:
        super().__init__(intents, doubts)
        self._desk = desk
        self.texts = texts

    async def send(self, which: Sequence[int]) -> Sequence[bytes]:
        return await self._desk.send([self.texts[index] for index in which])

    def receive(self, index: int, attempt: int, body: bytes) -> Outcome:
        return self._desk.read(self.texts[index], body, attempt)


class _Desk:
    """One call of `translate_texts`."""

    def __init__(
        self, translator: Translator, translator_id: str, ledger: Ledger, lane: Lane, context: Context, step: str
    ) -> None:
        self.outcomes: dict[Text, Outcome] = {}
        self.threads = Threads(lane.limit.most)
        self._translator = translator
        self._translator_id = translator_id
        self._ledger = ledger
        self._lane = lane
        self._context = context
        self._step = step
        self._price = translator.price() or FREE
        self._keys = Keys(translator_id, translator, translator.identity)
        self._pair = [context.source_language, context.language]
        self._host = ",".join(translator.network)
        lane.name = lane.name or self._host or translator_id

    async def translate(self, texts: Sequence[Text], buyer: Buyer) -> None:
        """Fills `outcomes`."""
        tasks = []
        for pack in self._packs(self._to_send(texts)):
            pack.task = asyncio.get_running_loop().create_task(self._buy(pack, buyer))
            buyer.begin(pack)
            tasks.append(pack.task)
        try:
            if tasks:
                await asyncio.wait(tasks)
        finally:
            # What was sent is stored before anybody learns that something went wrong.
            await buyer.drain()
        if buyer.halted is not None:
            raise buyer.halted

    async def _buy(self, pack: _Pack, buyer: Buyer) -> None:
        bought = await buyer.buy(pack)
        if not isinstance(bought, Exception):
            self.outcomes.update(zip(pack.texts, bought, strict=True))

    def _to_send(self, texts: Sequence[Text]) -> Iterator[tuple[Text, Intent, int]]:
        """The texts that have to be sent, each once, in their order, with their size. The others get their outcome here."""
        seen: set[Text] = set()
        for text in texts:
            if text in seen:
                continue
            seen.add(text)
            if not text.text.strip():
                self.outcomes[text] = Translation(text.text)
                continue
            try:
                intent = self._intent(text)
            except UnicodeEncodeError as error:
                self.outcomes[text] = Refused(str(error), reason="encoding")
                continue
            entry = self._ledger.find(intent.key)
            if entry is not None:
                self.outcomes[text] = self._replay(text, entry)
                continue
            size = self._translator.size(text.text)
            if size > self._translator.max_bytes:
                self.outcomes[text] = Refused(f"{size} > {self._translator.max_bytes} bytes", reason="too-long")
                continue
            yield text, intent, size

    def _intent(self, text: Text) -> Intent:
        key, canonical = self._keys.of({"before": text.before, "pair": self._pair, "text": text.text})
        return Intent(
            key=key,
            teacher=self._translator_id,
            identity=self._translator.identity,
            model=str(getattr(self._translator.options, "model", "")),
            host=self._host,
            step=self._step,
            worst_micro=self._price.cost(len(text.text), 0),
            currency=self._price.currency,
            request=canonical,
        )

    def _packs(self, to_send: Iterator[tuple[Text, Intent, int]]) -> Iterator[_Pack]:
        """In order. A text that a crash left in doubt goes alone: what may be wrong with it is not the others' business."""
        texts: list[Text] = []
        intents: list[Intent] = []
        whole = 0
        for text, intent, size in to_send:
            doubts = self._ledger.in_doubt(intent.key)
            if doubts:
                yield _Pack(self, [text], [intent], doubts)
                continue
            if texts and (len(texts) == self._translator.max_texts or whole + size > self._translator.max_bytes):
                yield _Pack(self, texts, intents, 0)
                texts, intents, whole = [], [], 0
            texts.append(text)
            intents.append(intent)
            whole += size
        if texts:
            yield _Pack(self, texts, intents, 0)

    async def send(self, texts: Sequence[Text]) -> list[bytes]:
        """The translator's own words for these texts, as they are to be stored."""
        said = await self.threads.perform(self._translator.translate, texts, self._context)
        if len(said) != len(texts):
            facts = {"plugin": self._translator_id, "verb": "translate", "given": len(texts), "returned": len(said)}
            raise PluginError("asking.wrong-count", **facts)
        return [body_of_translation(one) for one in said]

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
