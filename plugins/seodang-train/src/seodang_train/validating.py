"""The share of the data that is not trained on and only shows how the loss goes on texts that the student has not seen."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

import seodang


class Parts(NamedTuple):
    train: Iterable[seodang.Record]
    validation: Iterable[seodang.Record]


class _Part:
    """The records of one side, read from the dataset whenever they are asked for."""

    def __init__(self, dataset: Iterable[seodang.Record], apart: bytes, side: int) -> None:
        self._dataset, self._apart, self._side = dataset, apart, side

    def __iter__(self) -> Iterator[seodang.Record]:
        return (record for record, side in zip(self._dataset, self._apart, strict=True) if side == self._side)


def parted(dataset: Iterable[seodang.Record], share: float, seed: int) -> Parts:
    """What is of one url, one dialogue, one question or one parent stays together, as with `hold_out`.

    Each group draws a number from the seed and from what it is, and the lowest are set apart until they have the share. So a row
    that is inserted moves no other. At least one group is set apart and one is trained on.
    """
    if not share:
        return Parts(dataset, ())
    first: dict[bytes, int] = {}
    above: list[int] = []
    names: list[bytes] = []
    for place, record in enumerate(dataset):
        above.append(place)
        keys = [blake2b(link.encode(), digest_size=16).digest() for link in _links(record)]
        names.append(min(keys))
        for key in keys:
            _join(above, first.setdefault(key, place), place)
    groups: dict[int, list[int]] = {}
    for place in range(len(above)):
        groups.setdefault(_root(above, place), []).append(place)
    if len(groups) < 2:
        raise seodang.DataError("seodang_train:nothing-to-validate-on", rows=len(above))
    drawn = sorted(groups.values(), key=lambda places: _number(min(names[place] for place in places), seed))
    wanted = share * len(above)
    apart = bytearray(len(above))
    # A group that alone has more than is wanted is no sample; the smallest is taken where all are like that.
    for places in [places for places in drawn if len(places) <= wanted] or [min(drawn, key=len)]:
        if sum(apart) >= wanted:
            break
        for place in places:
            apart[place] = 1
    fixed = bytes(apart)
    return Parts(_Part(dataset, fixed, 0), _Part(dataset, fixed, 1))


def _links(record: seodang.Record) -> list[str]:
    url = record.tags.get("url") or record.columns.get("url")
    dialogue = record.tags.get("dialogue")
    found = [f"{name} {value}" for name, value in (("url", url), ("dialogue", dialogue)) if value]
    return [*found, *(f"parent {parent}" for parent in record.parents), f"question {record.question}\n{record.input}"]


def _number(name: bytes, seed: int) -> float:
    return random.Random(f"{seed}-{name.hex()}").random()


def _root(above: list[int], place: int) -> int:
    while above[place] != place:
        above[place] = above[above[place]]
        place = above[place]
    return place


def _join(above: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(above, one), _root(above, other)))
    above[second] = first
