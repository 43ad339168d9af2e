"""The teacher that lies on this machine: opened without its gradient, and only where it counts in the student's tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import seodang
import torch

from seodang_train import bases
from seodang_train.divergence import kept
from seodang_train.feeding import padded
from seodang_train.logit_store import Kept
from seodang_train.losing import CHUNK_ELEMENTS, trained_states
from seodang_train.rows import Row
from seodang_train.saving import read_model
from seodang_train.selftest import check_head

SHOWN = 3
FED_AT_ONCE = 8192


def tokenizer_of(place: Path) -> Any:
    return bases.load_tokenizer(bases.checked(place, ""))


def shared_vocabulary(place: Path, student: Any) -> int:
    """How many token numbers both know, which have to be the same tokens: else the teacher would speak of others than the student.

    The outputs of either model may be more: heads are often rounded up to a multiple.
    """
    theirs, ours = tokenizer_of(place).get_vocab(), student.get_vocab()
    if theirs != ours:
        differing = [
            _shown(token, theirs.get(token), ours.get(token))
            for token in sorted(theirs.keys() | ours.keys())
            if theirs.get(token) != ours.get(token)
        ]
        raise seodang.DataError(
            "seodang_train:other-vocabulary",
            path=str(place),
            teacher=len(theirs),
            student=len(ours),
            differing=len(differing),
            examples=differing[:SHOWN],
        )
    return max(ours.values()) + 1


def _shown(token: str, teacher: int | None, student: int | None) -> str:
    return f"{token!r}: {'–' if teacher is None else teacher} ≠ {'–' if student is None else student}"


def teacher_at(place: Path, device: Any, rows: Sequence[Row], pad: int) -> Any:
    """On a GPU in the numbers in which it was saved: nothing is added to its weights."""
    dtype = "auto" if torch.device(device).type == "cuda" else torch.float32
    model = read_model(place, dtype=dtype).to(device).eval().requires_grad_(False)
    check_head(model, rows, pad)
    return model


class Asked:
    """Asks the teacher what it thinks of the trained tokens of rows."""

    def __init__(self, teacher: Any, pad: int, *, top_k: int, vocabulary: int, temperature: float, at_once: int) -> None:
        self._teacher, self._pad, self._top_k = teacher, pad, top_k
        self._vocabulary, self._temperature = vocabulary, temperature
        self._at_once = at_once or FED_AT_ONCE

    @torch.no_grad()
    def __call__(self, rows: Sequence[Row]) -> list[Kept]:
        """For each row in its order; fed by length, so that little is padded."""
        found: dict[int, Kept] = {}
        for batch in self._batches(rows):
            feed = padded([rows[place] for place in batch], self._pad, self._teacher.device)
            states = trained_states(self._teacher, feed)
            parts = [self._kept(some) for some in states.split(max(1, CHUNK_ELEMENTS // self._vocabulary))]
            tensors = [torch.cat(each) for each in zip(*parts, strict=True)]
            counts = [sum(rows[place].trained) for place in batch]
            for place, *kept_of in zip(batch, *(tensor.split(counts) for tensor in tensors), strict=True):
                found[place] = (kept_of[0], kept_of[1], kept_of[2])
        return [found[place] for place in range(len(rows))]

    def _kept(self, states: torch.Tensor) -> Kept:
        logits = self._teacher.get_output_embeddings()(states)[:, : self._vocabulary]
        ids, likeliest, tail = (tensor.cpu() for tensor in kept(logits, self._top_k, self._temperature))
        return ids, likeliest, tail

    def _batches(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        batch: list[int] = []
        for place in sorted(range(len(rows)), key=lambda each: (len(rows[each].ids), each)):
            if batch and len(rows[place].ids) * (len(batch) + 1) > self._at_once:
                yield batch
                batch = []
            batch.append(place)
        if batch:
            yield batch
