"""Which rows a step is made of, and how they are fed. The order is a pure function of the seed: nothing of it has to be remembered."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

MEGA_BATCH = 64
"""So many steps' worth of rows are sorted by length together: little padding, and the order stays mixed."""


class Step(NamedTuple):
    """`parts` are fed one after the other, and their gradients added. `total` tokens carry loss in all of them, on all devices."""

    number: int
    parts: list[list[int]]
    total: int


class Plan:
    """All steps of a training: which rows each has, in parts that fit into memory and that go round among `devices`."""

    def __init__(self, options: Any, lengths: Sequence[int], trained: Sequence[int], seed: int, devices: int = 1) -> None:
        self._options = options
        self._lengths = lengths
        self._trained = trained
        self._seed = seed
        self._devices = devices
        self.at_once = options.micro_tokens or (
            max(max(lengths), 8192) if options.batch_rows else -(-options.batch_tokens // devices)
        )
        self.per_epoch = len(self._epoch(0))
        self.total = options.max_steps or self.per_epoch * options.epochs

    def steps(self, done: int) -> Iterator[Step]:
        """The steps that are left, epoch after epoch."""
        number = epoch = 0
        while number < self.total:
            if number + self.per_epoch <= done:
                # Every epoch has as many steps where they are counted in rows; else it has to be made to be counted.
                steps = range(self.per_epoch) if self._options.batch_rows else self._epoch(epoch)
                if number + len(steps) <= done:
                    number += len(steps)
                    epoch += 1
                    continue
            for rows in self._epoch(epoch):
                if number >= self.total:
                    return
                if number >= done:
                    yield Step(number, self._parts(rows), sum(self._trained[row] for row in rows))
                number += 1
            epoch += 1

    def _epoch(self, epoch: int) -> list[list[int]]:
        options = self._options
        if options.batch_rows:
            return epoch_by_rows(len(self._lengths), options.batch_rows, self._seed, epoch)
        if options.packing:
            return epoch_by_tokens(self._lengths, options.batch_tokens, self._seed, epoch)
        return epoch_batches(self._lengths, options.batch_tokens, self._seed, epoch)

    def _parts(self, rows: list[int]) -> list[list[int]]:
        return dealt(in_parts(self._options, self._lengths, rows, self.at_once), self._devices)

    def real_share(self) -> float:
        """How many of the fed tokens of the first epoch are real ones, and not padding."""
        real = fed = 0
        for rows in self._epoch(0):
            for part in self._parts(rows):
                lengths = [self._lengths[row] for row in part]
                real += sum(lengths)
                fed += sum(lengths) if self._options.packing else len(part) * max(lengths)
        return real / fed


def in_parts(options: Any, lengths: Sequence[int], rows: Sequence[int], at_once: int) -> list[list[int]]:
    """The rows in parts of at most `at_once` tokens, padding included; a row that is longer is a part of its own."""
    if options.packing:
        return list(_filled(lengths, rows, at_once))
    return list(_padded(lengths, sorted(rows, key=lambda row: (lengths[row], row)), at_once))


def dealt(parts: list[list[int]], devices: int) -> list[list[int]]:
    """As many parts for every device, where there are rows enough: the one with most rows is halved until it is so."""
    while len(parts) % devices:
        most = max(range(len(parts)), key=lambda place: len(parts[place]))
        half = len(parts[most]) // 2
        if not half:
            break
        parts = [*parts[:most], parts[most][:half], parts[most][half:], *parts[most + 1 :]]
    return parts


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
        batches += _padded(lengths, some, budget)
    chance.shuffle(batches)
    return batches


def epoch_by_rows(rows: int, count: int, seed: int, epoch: int) -> list[list[int]]:
    """So many rows a step, as published recipes count them; the last step of a pass has what is left."""
    order = list(range(rows))
    random.Random(f"{seed}-{epoch}").shuffle(order)
    return [order[start : start + count] for start in range(0, rows, count)]


def epoch_by_tokens(lengths: Sequence[int], budget: int, seed: int, epoch: int) -> list[list[int]]:
    """Rows as they come until the budget is full: where nothing is padded, nothing has to be sorted."""
    order = list(range(len(lengths)))
    random.Random(f"{seed}-{epoch}").shuffle(order)
    return list(_filled(lengths, order, budget))


def _padded(lengths: Sequence[int], order: Sequence[int], budget: int) -> Iterator[list[int]]:
    """`order` is sorted by length, so the row that comes is the longest so far: it sets the padding of all."""
    batch: list[int] = []
    for place in order:
        if batch and lengths[place] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _filled(lengths: Sequence[int], order: Sequence[int], budget: int) -> Iterator[list[int]]:
    batch: list[int] = []
    full = 0
    for place in order:
        if batch and full + lengths[place] > budget:
            yield batch
            batch, full = [], 0
        batch.append(place)
        full += lengths[place]
    if batch:
        yield batch
