"""A student that is loaded: texts scored and conversations answered, greedily, however they are batched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import seodang

from seodang_local.asked import seed_of, unknown_wishes
from seodang_local.drawing import Chooser, Manner
from seodang_local.endings import Stops
from seodang_local.flow import Flow, Row
from seodang_local.loading import Loaded
from seodang_local.scoring import Scorer
from seodang_local.talking import HeardRow
from seodang_local.watermark import Watermark, marker

MOST_TOKENS = 2**16


class Model:
    """`copies` are of one model, on several devices: the first answers, and all of them score."""

    def __init__(
        self,
        copies: Sequence[Loaded],
        template: seodang.Template,
        *,
        batch_size: int,
        batch_tokens: int,
        watermark: tuple[Watermark, int] | None = None,
    ) -> None:
        self._loaded = copies[0]
        self._mark = marker(*watermark, self._loaded.model.config.get_text_config().vocab_size) if watermark else None
        self._given = template
        self._scorer = Scorer(copies, batch_tokens)
        self._flow = Flow(self._loaded, batch_tokens=MOST_TOKENS, most_rows=batch_size)

    @property
    def figures(self) -> dict[str, Any]:
        """What the likelihoods were computed with, and how many pairs did not go in as they were given."""
        loaded, scorer = self._loaded, self._scorer
        return {
            "dtype": str(loaded.model.dtype).removeprefix("torch."),
            "device": loaded.model.device.type,
            "reads": loaded.limit,
            "cut": scorer.cut,
            "merged": scorer.merged,
        }

    @cached_property
    def _template(self) -> seodang.Template:
        """Not before something is to be answered: who is only scored needs none, and a base model has none of its own."""
        return self._given.of(self._loaded.tokenizer)

    @cached_property
    def _ends(self) -> frozenset[int]:
        return self._loaded.ends_of(self._template)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        rows = [self._row(self._ids(record), max_tokens) for record in conversations]
        self._flow.run(rows)
        return [row.text for row in rows]

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return self._scorer.loglikelihoods(pairs)

    def _ids(self, record: seodang.Record) -> list[int]:
        return seodang.encode(self._template.segments(record), self._loaded.tokenizer).ids

    def _row(self, ids: list[int], max_tokens: int) -> Row:
        """Greedy, and without any rule of its own: an evaluation measures the model. A question that fills it has no answer."""
        most = min(max_tokens, self._loaded.limit - len(ids))
        return Row(ids, most, Chooser(Manner(), 0, ids, self._mark), self._ends, Stops(self._loaded, ()))

    def talk(self, request: seodang.Request, hear: Callable[[str], bool]) -> seodang.Answer:
        """As a teacher's answer is put together, for one who reads along. Several at once share the batch."""
        unknown_wishes(request)
        loaded = self._loaded
        with loaded.reading:
            ids = self._ids(seodang.Record(messages=request.messages))
        if len(ids) >= loaded.limit:
            raise seodang.Refused(f"{len(ids)} tokens, and the model reads {loaded.limit}", reason="too-long")
        manner = Manner(
            temperature=request.temperature or 0.0,
            top_p=request.extra.get("top_p", 1.0),
            top_k=request.extra.get("top_k", 0),
            penalty=loaded.penalty,
        )
        most = min(request.max_tokens or MOST_TOKENS, loaded.limit - len(ids))
        chooser = Chooser(manner, seed_of(request), ids, self._mark)
        row = HeardRow(ids, most, chooser, self._ends, Stops(loaded, request.stop), hear)
        self._flow.run([row])
        return seodang.Answer(
            message=seodang.Message("assistant", row.whole),
            finish=row.finish,
            usage=seodang.Usage(input_tokens=len(ids), output_tokens=len(row.said)),
            model=loaded.name,
        )
