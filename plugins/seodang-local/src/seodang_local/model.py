"""A student that is loaded: texts scored and conversations answered, greedily, however they are batched."""

from __future__ import annotations

from collections.abc import Sequence

import seodang
import torch

from seodang_local.drawing import Chooser, Manner
from seodang_local.endings import Stops
from seodang_local.flow import Flow, Row
from seodang_local.loading import Loaded

MOST_SCORES = 2**27
"""Scores held at once: half a gigabyte of them."""
MOST_TOKENS = 2**16


class Model:
    def __init__(self, loaded: Loaded, template: seodang.Template, batch_size: int) -> None:
        self._loaded = loaded
        self._template = template.of(loaded.tokenizer)
        self._ends = loaded.ends_of(self._template)
        self._batch_size = batch_size
        self._flow = Flow(loaded, batch_tokens=MOST_TOKENS, most_rows=batch_size)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        rows = [self._row(self._ids(record), max_tokens) for record in conversations]
        self._flow.run(rows)
        return [row.text for row in rows]

    def _ids(self, record: seodang.Record) -> list[int]:
        return seodang.encode(self._template.segments(record), self._loaded.tokenizer).ids

    def _row(self, ids: list[int], max_tokens: int) -> Row:
        """Greedy, and without any rule of its own: an evaluation measures the model. A question that fills it has no answer."""
        most = min(max_tokens, self._loaded.limit - len(ids))
        return Row(ids, most, Chooser(Manner(), 0, ids), self._ends, Stops(self._loaded, ()))

    @torch.inference_mode()
    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The sum over the second text's tokens; both texts are tokenised apart, as the template's segments are."""
        scores = [0.0] * len(pairs)
        encoded = [(self._text_ids(before) or [self._loaded.end], self._text_ids(after)) for before, after in pairs]
        order = sorted(range(len(pairs)), key=lambda place: (-sum(map(len, encoded[place])), place))
        while order:
            width = sum(map(len, encoded[order[0]]))
            size = max(1, min(self._batch_size, MOST_SCORES // (width * self._loaded.model.config.get_text_config().vocab_size)))
            places, order = order[:size], order[size:]
            found = self._together([[*encoded[place][0], *encoded[place][1]] for place in places])
            for place, row in zip(places, found, strict=True):
                after = len(encoded[place][1])
                scores[place] = float(row[len(row) - after :].sum()) if after else 0.0
        return scores

    def _together(self, rows: list[list[int]]) -> torch.Tensor:
        """The logarithm of each token's chance after those before it."""
        loaded = self._loaded
        width = max(map(len, rows))
        device = loaded.model.device
        ids = torch.tensor([[loaded.pad] * (width - len(row)) + row for row in rows], device=device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device)
        positions = {"position_ids": (mask.cumsum(1) - 1).clamp(min=0)} if loaded.takes_positions else {}
        logits = loaded.model(input_ids=ids, attention_mask=mask, use_cache=False, **positions).logits[:, :-1].float()
        return logits.gather(2, ids[:, 1:, None]).squeeze(2) - logits.logsumexp(dim=-1)

    def _text_ids(self, text: str) -> list[int]:
        found: list[int] = self._loaded.tokenizer.encode(text, add_special_tokens=False)
        return found
