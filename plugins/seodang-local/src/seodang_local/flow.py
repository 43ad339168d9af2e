"""Generating many answers at once: whoever has finished leaves, and the next in line takes the room.

Each answer is the one that the model gives when it is asked alone: rows do not see each other, padding is masked, positions are
counted from a row's own first token, and what is drawn comes from the row's own numbers. What is left are the last bits of sums that a
matrix product adds in another order when it has other rows; in float32 they decide nothing but a dead heat, in bfloat16 they do now
and then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import seodang
import torch

from seodang_local import caches
from seodang_local.drawing import Chooser, drawn
from seodang_local.endings import Stops
from seodang_local.loading import Loaded

LEAVE_SHARE = 4
"""Room is made when a quarter of the rows have finished: moving the cache costs as much as a step."""


class Row:
    """A question, and what has been said so far. `said` holds its last token too when that was a stop token."""

    __slots__ = ("chooser", "ends", "error", "finish", "ids", "most", "said", "stops")

    def __init__(self, ids: Sequence[int], most: int, chooser: Chooser, ends: frozenset[int], stops: Stops) -> None:
        self.ids = list(ids)
        self.most = most
        self.chooser = chooser
        self.ends = ends
        self.stops = stops
        self.said: list[int] = []
        self.finish = "" if most > 0 else "length"
        self.error: Exception | None = None

    @property
    def room(self) -> int:
        """The tokens that it may come to."""
        return len(self.ids) + self.most

    def take(self, token: int) -> None:
        self.said.append(token)
        if token in self.ends or self.stops.reached(self.said):
            self.finish = "stop"
        elif len(self.said) >= self.most:
            self.finish = "length"

    @property
    def text(self) -> str:
        """What was said, without the token or the string that ended it."""
        said = self.said[:-1] if self.said and self.said[-1] in self.ends else self.said
        return self.stops.before(self.stops.loaded.text(said))


class Flow:
    """The rows under way in one model. Several threads may run their rows: one of them drives, for all."""

    def __init__(self, loaded: Loaded, *, batch_tokens: int, most_rows: int = 0) -> None:
        self._loaded = loaded
        self._batch_tokens = batch_tokens
        self._most_rows = most_rows or batch_tokens
        self._waiting: deque[Row] = deque()
        self._lining_up = threading.Lock()
        self._driving = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._rows: list[Row] = []
        self._cache: Any = None
        self._mask = torch.zeros((0, 0), dtype=torch.long, device=self._loaded.model.device)

    def run(self, rows: Sequence[Row], go_on: Callable[[], None] = lambda: None) -> None:
        """Fills in what the rows say. `go_on` is called before every token, and may raise to end it all."""
        # The longest first: what does not fit into memory shows at once, and neighbours are of one length.
        ordered = sorted((row for row in rows if not row.finish), key=lambda row: -row.room)
        with self._lining_up:
            self._waiting.extend(ordered)
        with self._driving:
            while not all(row.finish or row.error for row in ordered):
                try:
                    go_on()
                    self._step()
                except torch.OutOfMemoryError:
                    self._fail(seodang.DataError("seodang_local:out-of-memory", tokens=self._batch_tokens))
                except Exception as error:  # handed to everybody whose rows were under way
                    self._fail(error)
        for row in ordered:
            if row.error is not None:
                raise row.error

    def _fail(self, error: Exception) -> None:
        with self._lining_up:
            left = [*self._rows, *self._waiting]
            self._waiting.clear()
        for row in left:
            row.error = error
        self._clear()

    @torch.inference_mode()
    def _step(self) -> None:
        finished = sum(1 for row in self._rows if row.finish)
        if finished == len(self._rows):
            self._clear()
            self._admit()
        elif finished * LEAVE_SHARE >= len(self._rows) and caches.is_plain(self._cache):
            self._leave()
            self._admit()
        if any(not row.finish for row in self._rows):
            self._advance()

    def _leave(self) -> None:
        """Those that have finished make room."""
        staying = [place for place, row in enumerate(self._rows) if not row.finish]
        rows = torch.tensor(staying, device=self._mask.device)
        mask = self._mask[rows]
        first = int(mask.argmax(dim=1).min())
        caches.keep(self._cache, rows, first)
        self._mask = mask[:, first:]
        self._rows = [self._rows[place] for place in staying]

    def _admit(self) -> None:
        """As many of those who wait, in their order, as there is room for; one has room always."""
        new: list[Row] = []
        longest = max((row.room for row in self._rows), default=0)
        with self._lining_up:
            while self._waiting:
                count = len(self._rows) + len(new) + 1
                width = max(longest, self._waiting[0].room)
                if count > 1 and (count * width > self._batch_tokens or count > self._most_rows):
                    break
                longest = width
                new.append(self._waiting.popleft())
        if new:
            # Before they are read: if that fails, they are told.
            self._rows += new
            self._read(new)

    def _read(self, new: list[Row]) -> None:
        """Reads the questions of new rows and says their first tokens."""
        width = max(len(row.ids) for row in new)
        ids = self._tensor([[self._loaded.pad] * (width - len(row.ids)) + row.ids for row in new])
        mask = self._tensor([[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in new])
        scores, cache = self._forward(ids, mask, (mask.cumsum(1) - 1).clamp(min=0), None)
        if self._cache is None:
            self._cache, self._mask = cache, mask
        else:
            caches.join(self._cache, cache)
            self._mask = caches.join_masks(self._mask, mask)
        self._say(new, scores)

    def _advance(self) -> None:
        """One token more for every row; those that have finished and are still here say what nobody hears."""
        ids = self._tensor([[row.said[-1]] for row in self._rows])
        self._mask = torch.cat([self._mask, self._mask.new_ones((len(self._rows), 1))], dim=1)
        positions = self._tensor([[len(row.ids) + len(row.said) - 1] for row in self._rows])
        scores, self._cache = self._forward(ids, self._mask, positions, self._cache)
        self._say(self._rows, scores)

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor, cache: Any) -> tuple[torch.Tensor, Any]:
        wishes: dict[str, Any] = {"position_ids": positions} if self._loaded.takes_positions else {}
        if self._loaded.takes_keep:
            wishes["logits_to_keep"] = 1
        out = self._loaded.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **wishes)
        return out.logits[:, -1].float(), out.past_key_values

    def _say(self, rows: Sequence[Row], scores: torch.Tensor) -> None:
        for place, row in enumerate(rows):
            if row.chooser.manner.penalty != 1.0 and not row.finish:
                scores[place] = row.chooser.penalised(scores[place], row.said)
            if row.chooser.mark is not None and not row.finish:
                scores[place] = row.chooser.marked(scores[place], row.said)
        tokens: list[int] = scores.argmax(dim=-1).tolist()
        drawing = [place for place, row in enumerate(rows) if row.chooser.manner.temperature > 0 and not row.finish]
        if drawing:
            found = drawn(scores[drawing], [rows[place].chooser for place in drawing]).tolist()
            for place, token in zip(drawing, found, strict=True):
                tokens[place] = token
        for row, token in zip(rows, tokens, strict=True):
            if not row.finish:
                row.take(token)

    def _tensor(self, rows: list[list[int]]) -> torch.Tensor:
        return torch.tensor(rows, device=self._loaded.model.device)
