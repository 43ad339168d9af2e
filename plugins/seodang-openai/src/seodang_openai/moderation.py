"""Moderation: a judge behind the vendor's moderation endpoint, which is free but keyed, and the filter that asks it.

    [[step]]
    filter = "moderation"
    judge = "openai-moderation"
    thresholds = { sexual = 0.2 }

The judge is a teacher like any other, so its answers lie in the ledger: a row is asked about once, whatever is changed around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
import seodang

from seodang_openai.endpoint import VENDOR_URL, Conduct, Endpoint, described

GROUP = 32
"""Texts in one request: the endpoint takes many, and judges each for itself."""


class _Result(msgspec.Struct):
    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]


class _Results(msgspec.Struct):
    results: list[msgspec.Raw]


_encode = msgspec.json.Encoder().encode
_decode_results = msgspec.json.Decoder(_Results).decode
_decode_result = msgspec.json.Decoder(_Result).decode


class OpenAIModeration(Endpoint):
    """Judges texts by the categories of OpenAI's moderation. Costs nothing. For the filter `moderation`: as a teacher it answers JSON."""

    name = "openai-moderation"
    revision = 1
    group = GROUP
    path = "/moderations"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, described("The model of the moderation.", min_length=1)] = "omni-moderation-latest"
        endpoint: Annotated[
            str, described("Your name for a server that is not the vendor's. Answers of another one are asked for anew.")
        ] = ""
        terms: Annotated[tuple[str, ...], described("Terms that a server that is not the vendor's puts on its answers.")] = ()
        base_url: Annotated[str, described("Where the server is, up to and with /v1."), Conduct] = VENDOR_URL
        api_key: Annotated[
            str,
            described("Where the key is, as in 'env:MY_KEY'. OPENAI_API_KEY goes to the vendor only. Loopback needs none."),
            Conduct,
        ] = ""
        in_flight: Annotated[
            int, described(f"Texts under way at once; {GROUP} of them are one request.", ge=1, le=1024), Conduct
        ] = 4 * GROUP
        timeout_seconds: Annotated[float, described("How long one request may take.", gt=0), Conduct] = 60.0

    async def answer_many(self, requests: Sequence[seodang.Request], context: Any) -> list[seodang.Reply]:
        texts = ["\n\n".join(message.text for message in request.messages) for request in requests]
        content, _ = await self.connection.ask(_encode({"model": self.options.model, "input": texts}), context)
        try:
            results = _decode_results(content).results
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise seodang.Transient(f"no answer of a moderation: {error}") from error
        if len(results) != len(requests):
            raise seodang.Transient(f"{len(results)} results for {len(requests)} texts")
        return [seodang.Reply(bytes(result)) for result in results]

    def read(self, reply: seodang.Reply) -> seodang.Answer:
        """The result as it came, once it is seen to be one."""
        _decode_result(reply.body)
        return seodang.Answer(message=seodang.Message("assistant", reply.body.decode()), usage=seodang.Usage(0, 0))


class Moderation(seodang.Filter):
    """Asks the step's judge (`openai-moderation`) about every record and drops what it flags, or only notes it.

    A model's opinion: it is known to be milder and less sure in Korean than in English, so look at what it drops (`seodang show RUN
    moderation --dropped`) before you trust a threshold. Texts that the judge will not look at are quarantined.
    """

    name = "moderation"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        categories: Annotated[
            tuple[str, ...], described("Only these count, as in ['sexual', 'violence/graphic']. Empty: all of them.")
        ] = ()
        threshold: Annotated[float, described("Found from this score on. Unset: where the judge says so.", ge=0, le=1)] | None = (
            None
        )
        thresholds: Annotated[
            dict[str, Annotated[float, msgspec.Meta(ge=0, le=1)]],
            described("The same for single categories, as in { sexual = 0.2 }, before `threshold`."),
        ] = {}
        parts: Annotated[
            Literal["all", "question", "answer"], described("What is judged: all turns, the last question or the answer.")
        ] = "all"
        found: Annotated[Literal["drop", "tag"], described("What becomes of a record in which something is found.")] = "drop"
        tag: Annotated[str, described("The tag that takes the categories found and their scores.", min_length=1)] = "moderation"

    async def sift(self, records: Sequence[seodang.Record], context: Any) -> list[seodang.Keep | seodang.Drop]:
        counts = Counter(context.figures.get("moderation", {}))
        verdicts: dict[str, seodang.Keep | seodang.Drop] = {}
        async for record, answer in context.ask.each(_stream(records), self._question):
            if answer is None:
                counts["without-text"] += 1
                continue
            found = self._found(_decode_result(answer.message.text))
            counts.update(found.keys())
            if found:
                verdicts[record.id] = self._verdict(found)
        context.tell(moderation=dict(sorted(counts.items())))
        return [verdicts.get(record.id, seodang.Keep()) for record in records]

    def _question(self, record: seodang.Record) -> seodang.Request | None:
        turns = {
            "all": [message.text for message in record.messages] + [record.input],
            "question": [*[message.text for message in record.messages if message.role == "user"][-1:], record.input],
            "answer": [record.answer],
        }[self.options.parts]
        text = "\n\n".join(turn for turn in turns if turn.strip())
        return seodang.Request(messages=(seodang.Message("user", text),)) if text else None

    def _found(self, result: _Result) -> dict[str, float]:
        """What counts of it, the gravest first."""
        options = self.options
        named = {*options.categories, *options.thresholds}
        if unknown := sorted(named - result.category_scores.keys()):
            raise seodang.SeodangError(
                "seodang_openai:no-such-category", category=unknown[0], known=sorted(result.category_scores)
            )
        found = {name: score for name, score in result.category_scores.items() if self._counts(name, score, result.categories)}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def _counts(self, category: str, score: float, flags: Mapping[str, bool]) -> bool:
        options = self.options
        if options.categories and category not in options.categories:
            return False
        threshold = options.thresholds.get(category, options.threshold)
        return flags.get(category, False) if threshold is None else score >= threshold

    def _verdict(self, found: Mapping[str, float]) -> seodang.Keep | seodang.Drop:
        if self.options.found == "tag":
            return seodang.Keep(tags={self.options.tag: dict(found)})
        return seodang.Drop("moderation", ", ".join(f"{category} {score:.2f}" for category, score in found.items()))


async def _stream(records: Sequence[seodang.Record]) -> AsyncIterator[seodang.Record]:
    for record in records:
        yield record
