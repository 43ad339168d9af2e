"""Rows to batches: encoded, measured, grouped by a token budget. The order is a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import seodang
import torch
from seodang_local.rendering import Encoded, encode

MEGA_BATCH = 64
"""So many batches' worth of rows are sorted by length together: little padding, and the order stays mixed."""

IGNORED = -100


class Rows(NamedTuple):
    """What can be trained on, and how many rows were left out and why."""

    encoded: list[Encoded]
    too_long: int
    nothing_trained: int


def encode_rows(dataset: Iterable[seodang.Record], template: seodang.Template, tokenizer: Any, max_length: int) -> Rows:
    rows: list[Encoded] = []
    too_long = nothing = 0
    for record in dataset:
        row = encode(template.segments(record), tokenizer)
        if len(row.ids) > max_length:
            too_long += 1
        elif not any(row.trained[1:]):
            nothing += 1
        else:
            rows.append(row)
    return Rows(rows, too_long, nothing)


def epoch_batches(lengths: Sequence[int], budget: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one pass as places in the data: at most `budget` tokens each with their padding, at least one row."""
    chance = random.Random(f"{seed}-{epoch}")
    order = list(range(len(lengths)))
    chance.shuffle(order)
    average = max(1, sum(lengths) // max(1, len(lengths)))
    reach = max(1, budget // average) * MEGA_BATCH
    batches: list[list[int]] = []
    for start in range(0, len(order), reach):
        some = sorted(order[start : start + reach], key=lambda place: (lengths[place], place))
        batch: list[int] = []
        for place in some:
            # Sorted, so the row that comes is the longest so far: it sets the padding of all.
            if batch and lengths[place] * (len(batch) + 1) > budget:
                batches.append(batch)
                batch = []
            batch.append(place)
        batches.append(batch)
    chance.shuffle(batches)
    return batches


def tensors(rows: Sequence[Encoded], pad: int, device: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids padded on the right, their mask, and the labels: an untrained or padded place is ignored."""
    width = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORED, dtype=torch.long)
    for place, row in enumerate(rows):
        length = len(row.ids)
        ids[place, :length] = torch.tensor(row.ids)
        mask[place, :length] = 1
        labels[place, :length] = torch.where(torch.tensor(row.trained), ids[place, :length], IGNORED)
    return ids.to(device), mask.to(device), labels.to(device)
