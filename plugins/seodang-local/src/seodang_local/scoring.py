"""Exact log-likelihoods of many pairs: what they share is computed once, and the vocabulary is looked at only where a token is scored."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from seodang_local.borders import Bordered, Borders
from seodang_local.branches import Row, rows_of
from seodang_local.loading import Loaded

MOST_SCORES = {"cpu": 2**26, "cuda": 2**29}
"""Scores of the vocabulary held at once, by device: a quarter of a gigabyte in float32, and two."""
CHUNK = 256
"""So many places are summed at once: a sum over the vocabulary needs its room once more."""
NEAR = {torch.float32: 1e-3}
COARSE = 0.1
"""How far a branch may be from the same tokens alone, before branches are given up for a model; by its numbers."""
BRANCHED = {"sdpa", "eager"}
KNOWN_LAYERS = {"full_attention", "sliding_attention"}


class Scorer:
    """One or more copies of a model that score pairs of texts. What was found out meanwhile is counted in `cut` and `merged`."""

    def __init__(self, copies: Sequence[Loaded], batch_tokens: int) -> None:
        first = copies[0]
        self._borders = Borders(first.tokenizer, first.limit)
        self._sides = [_Side(loaded) for loaded in copies]
        self._batch_tokens = batch_tokens
        self._vocabulary = int(first.model.config.get_text_config().vocab_size)
        self._most = MOST_SCORES.get(first.model.device.type, MOST_SCORES["cpu"])
        self._together: bool | None = None
        self.cut = self.merged = 0

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The sum over the second text's tokens, in the order of the pairs."""
        encoded = self._borders.encode(pairs)
        self.cut += sum(1 for pair in encoded if pair.cut)
        self.merged += sum(1 for pair in encoded if pair.merged)
        return self.scores(encoded)

    def scores(self, encoded: Sequence[Bordered]) -> list[float]:
        if self._together is None:
            self._together = self._sides[0].branches_are_exact()
        # The longest first: what does not fit into memory shows at once, and neighbours are of one length.
        rows = sorted(rows_of(encoded, together=self._together), key=lambda row: (row.is_straight, -len(row)))
        batches = list(self._batches(rows))
        found = [0.0] * len(encoded)
        if len(self._sides) == 1:
            for batch in batches:
                self._sides[0].score(batch, found)
            return found
        # A pair is in one row and a row in one batch: nobody writes where another does.
        waiting, taking = iter(batches), threading.Lock()

        def work(side: _Side) -> None:
            while True:
                with taking:
                    batch = next(waiting, None)
                if batch is None:
                    return
                side.score(batch, found)

        with ThreadPoolExecutor(len(self._sides), thread_name_prefix="seodang-score") as pool:
            list(pool.map(work, self._sides))
        return found

    def _batches(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """Of as many tokens, padding counted, and as many scored places as there is room for. One row has room always."""
        batch: list[Row] = []
        places = 0
        for row in rows:
            width = max(len(batch[0]), len(row)) if batch else 0
            full = (len(batch) + 1) * width > self._batch_tokens or (places + len(row.wanted)) * self._vocabulary > self._most
            if batch and (full or batch[0].is_straight is not row.is_straight):
                yield batch
                batch, places = [], 0
            batch.append(row)
            places += len(row.wanted)
        if batch:
            yield batch


class _Side:
    """One copy of the model, on its device."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._config = loaded.model.config.get_text_config()
        self._device = loaded.model.device

    @torch.inference_mode()
    def score(self, rows: Sequence[Row], found: list[float]) -> None:
        """Adds the logarithm of each wanted token's chance to its pair's."""
        width = max(map(len, rows))
        # At the right, where no token of a row looks.
        ids = self._tensor([row.ids + [self._loaded.pad] * (width - len(row)) for row in rows])
        places = {
            place: number
            for number, place in enumerate(sorted({(at, one[0]) for at, row in enumerate(rows) for one in row.wanted}))
        }
        wanted = [(places[at, place], token, pair) for at, row in enumerate(rows) for place, token, pair in row.wanted]
        logits = self._logits(ids, self._sight(rows, width), list(places))
        chances = self._chances(logits, [place for place, _, _ in wanted], [token for _, token, _ in wanted])
        for (_, _, pair), chance in zip(wanted, chances, strict=True):
            found[pair] += chance

    def _chances(self, logits: torch.Tensor, places: list[int], tokens: list[int]) -> list[float]:
        sums = torch.cat([some.float().logsumexp(dim=-1) for some in logits.split(CHUNK)])
        at = self._tensor(places)
        chances: list[float] = (logits[at, self._tensor(tokens)].float() - sums[at]).tolist()
        return chances

    def _logits(self, ids: torch.Tensor, sight: dict[str, Any], places: Sequence[tuple[int, int]]) -> torch.Tensor:
        """The scores of the whole vocabulary at these places (row, column) and nowhere else.

        The output layer is given only what it has to look at; whatever a model does with its scores afterwards is done to those.
        """
        rows, columns = self._tensor([row for row, _ in places]), self._tensor([column for _, column in places])
        head = self._loaded.model.get_output_embeddings()
        if head is None:
            return self._loaded.model(input_ids=ids, use_cache=False, **sight).logits[rows, columns]

        def only_there(_: Any, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
            return (given[0][rows, columns][None], *given[1:])

        hook = head.register_forward_pre_hook(only_there)
        try:
            logits: torch.Tensor = self._loaded.model(input_ids=ids, use_cache=False, **sight).logits[0]
        finally:
            hook.remove()
        return logits

    def _sight(self, rows: Sequence[Row], width: int) -> dict[str, Any]:
        """Who sees whom, and where each stands. Straight rows are what every model takes by itself."""
        if rows[0].is_straight:
            return {}
        branches = self._tensor([row.branches + [0] * (width - len(row)) for row in rows])
        positions = self._tensor([row.positions + [0] * (width - len(row)) for row in rows])
        before = torch.ones((width, width), dtype=torch.bool, device=self._device).tril()
        seen = before & ((branches[:, None, :] == 0) | (branches[:, None, :] == branches[:, :, None]))
        window = getattr(self._config, "sliding_window", None)
        layers = {*(getattr(self._config, "layer_types", None) or ())}
        near = seen if not window else seen & (positions[:, :, None] - positions[:, None, :] < window)
        mask: Any = self._mask(near if window and not layers else seen)
        if "sliding_attention" in layers:
            mask = {"full_attention": mask, "sliding_attention": self._mask(near)}
        return {"attention_mask": mask, "position_ids": positions}

    def _mask(self, seen: torch.Tensor) -> torch.Tensor:
        """As numbers that are added to the scores: a mask of yes and no would be turned into these anew in every layer."""
        dtype = self._loaded.model.dtype
        return torch.zeros(seen.shape, dtype=dtype, device=self._device).masked_fill(~seen, torch.finfo(dtype).min)[:, None]

    def branches_are_exact(self) -> bool:
        """Whether this model can be told who sees whom: tried once, with two pairs that begin alike, against each of them alone."""
        layers = {*(getattr(self._config, "layer_types", None) or ())}
        known = layers <= KNOWN_LAYERS and self._loaded.model.config._attn_implementation in BRANCHED
        if not known or not self._loaded.takes_positions:
            return False
        some = [place % self._config.vocab_size for place in range(7, 7 + 5 * 13, 5)]
        pairs = [Bordered(some[:9], 5), Bordered(some[:5] + some[9:], 5)]
        try:
            together = self._tried(rows_of(pairs, together=True), len(pairs))
        except (TypeError, ValueError, RuntimeError, AttributeError, IndexError):  # whatever a model says that takes no such mask
            return False
        apart = self._tried(rows_of(pairs, together=False), len(pairs))
        near = NEAR.get(self._loaded.model.dtype, COARSE)
        return all(abs(one - two) <= near * max(1.0, abs(two)) for one, two in zip(together, apart, strict=True))

    def _tried(self, rows: Iterator[Row], count: int) -> list[float]:
        found = [0.0] * count
        for row in rows:
            self.score([row], found)
        return found

    def _tensor(self, values: Sequence[Any]) -> torch.Tensor:
        return torch.tensor(values, device=self._device)
