"""Requests to rows and rows to answers: what a teacher is, once its model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import seodang

from seodang_local.asked import divided, seed_of, unknown_wishes, whole_characters
from seodang_local.drawing import Chooser, Manner
from seodang_local.endings import Stops
from seodang_local.flow import Flow, Row
from seodang_local.loading import Loaded


class Answers:
    """Answers requests with a model that is loaded."""

    def __init__(self, options: Any, loaded: Loaded, template: seodang.Template) -> None:
        self._options = options
        self.loaded = loaded
        self._template = template.of(loaded.tokenizer)
        self.ends = loaded.ends_of(self._template) | {loaded.token(text) for text in options.stop_tokens}
        self._flow = Flow(loaded, batch_tokens=options.batch_tokens)

    def answer(self, requests: Sequence[seodang.Request], go_on: Callable[[], None]) -> list[seodang.Answer | seodang.Refused]:
        rows = [self._row(request) for request in requests]
        self._flow.run([row for row in rows if isinstance(row, Row)], go_on)
        return [row if isinstance(row, seodang.Refused) else self._answer(row) for row in rows]

    def _row(self, request: seodang.Request) -> Row | seodang.Refused:
        unknown_wishes(request)
        try:
            with self.loaded.reading:
                ids = self._ids(request)
        except seodang.Refused as refused:
            return refused
        limit = self.loaded.limit
        if len(ids) >= limit:
            return seodang.Refused(f"{len(ids)} tokens, and the model reads {limit}", reason="too-long")
        most = min(request.max_tokens or self._options.max_tokens, limit - len(ids))
        strings = [*self._options.stop, *request.stop]
        # A stop string that is a special token is never in a text, so it is looked for as the token.
        vocabulary = self.loaded.tokenizer.get_added_vocab()
        ends = self.ends | {vocabulary[string] for string in strings if string in vocabulary}
        return Row(ids, most, Chooser(self._manner(request), seed_of(request), ids), ends, Stops(self.loaded, strings))

    def _ids(self, request: seodang.Request) -> list[int]:
        record = seodang.Record(messages=request.messages, tools=request.tools)
        segments = self._template.segments(record)
        if request.tools and segments == self._template.segments(msgspec.structs.replace(record, tools=())):
            raise seodang.DataError("seodang_local:no-tools", template=self._options.template)
        return seodang.encode(segments, self.loaded.tokenizer).ids

    def _manner(self, request: seodang.Request) -> Manner:
        options = self._options
        return Manner(
            temperature=options.temperature if request.temperature is None else request.temperature,
            top_p=request.extra.get("top_p", options.top_p),
            top_k=request.extra.get("top_k", options.top_k),
            penalty=options.repetition_penalty or self.loaded.penalty,
        )

    def _answer(self, row: Row) -> seodang.Answer:
        text = row.text if row.finish == "stop" else whole_characters(row.text)
        return seodang.Answer(
            message=divided(text, self._options.thinking_end),
            finish=row.finish,
            usage=seodang.Usage(input_tokens=len(row.ids), output_tokens=len(row.said)),
            model=self.loaded.name,
        )
