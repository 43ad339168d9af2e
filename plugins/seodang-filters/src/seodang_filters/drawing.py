"""Drawing rows by lot, so that the lot of a row never changes: it is a hash of the row's id and a number of the run.

Who is drawn are those with the lowest lots. So another row among the others takes the place of one at most, and reshuffles nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from random import Random
from typing import Any

import msgspec
import seodang

from seodang_filters.values import nothing_under, value_of

NO_VALUE = ""
"""The group of the rows that say nothing under the name by which rows are grouped."""
LOTS = 1 << 64


class Lots:
    """The lot of each record, and its group. Some twenty bytes a record are kept."""

    def __init__(self, records: Iterable[seodang.Record], by: str, random: Random) -> None:
        key = random.getrandbits(128).to_bytes(16, "little")
        numbers: dict[str, int] = {}
        self.lots = array("Q")
        self._groups = array("L")
        for record in records:
            self.lots.append(int.from_bytes(blake2b(record.id.encode(), digest_size=8, key=key).digest(), "little"))
            self._groups.append(numbers.setdefault(_group(record, by) if by else NO_VALUE, len(numbers)))
        self._names = list(numbers)

    def __len__(self) -> int:
        return len(self.lots)

    @property
    def sizes(self) -> dict[str, int]:
        """How many rows each group has, in the order of their names."""
        import numpy

        counts = numpy.bincount(numpy.asarray(self._groups, dtype=numpy.int64), minlength=len(self._names)).tolist()
        return dict(sorted(zip(self._names, counts, strict=True)))

    def name_of(self, number: int) -> str:
        return self._names[self._groups[number]]

    def drawn(self, quotas: Mapping[str, int]) -> Sequence[bool]:
        """For each record whether it is among so many of its group. A group without a quota is drawn whole."""
        import numpy

        groups = numpy.asarray(self._groups, dtype=numpy.int64)
        order = numpy.lexsort((numpy.arange(len(groups)), numpy.asarray(self.lots, dtype=numpy.uint64), groups))
        sizes = numpy.bincount(groups, minlength=len(self._names))
        place = numpy.arange(len(groups)) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)
        limits = numpy.array([quotas.get(name, len(groups)) for name in self._names], dtype=numpy.int64)
        drawn = numpy.zeros(len(groups), dtype=bool)
        drawn[order] = place < limits[groups[order]]
        return drawn.tolist()


def _group(record: seodang.Record, by: str) -> str:
    value: Any = value_of(record, by)
    if value is None:
        return NO_VALUE
    return value if isinstance(value, str) else msgspec.json.encode(value, order="deterministic").decode()


def check_name(lots: Lots, by: str, records: Iterable[seodang.Record]) -> None:
    """Raises DataError where no row says anything under the name: it is misspelt."""
    if len(lots) and set(lots.sizes) == {NO_VALUE}:
        raise nothing_under(by, records)


def equal_quotas(sizes: Mapping[str, int], rows: int) -> dict[str, int]:
    """So many rows, as equally from all groups as there are rows: what a small one lacks the others give."""
    quotas = {}
    left = min(rows, sum(sizes.values()))
    by_size = sorted(sizes, key=lambda name: (sizes[name], name))
    for place, name in enumerate(by_size):
        quotas[name] = min(sizes[name], left // (len(by_size) - place))
        left -= quotas[name]
    return quotas


def share_quotas(sizes: Mapping[str, int], shares: Mapping[str, float], rows: int) -> dict[str, int]:
    """So many rows in these shares, whole rows by the largest remainder; no group gets more than a row over its share."""
    total = sum(shares.values())
    exact = {name: rows * share / total for name, share in shares.items()}
    quotas = {name: int(part + 1e-9) for name, part in exact.items()}
    for name in sorted(exact, key=lambda name: (quotas[name] - exact[name], name))[: rows - sum(quotas.values())]:
        quotas[name] += 1
    return {name: min(quota, sizes.get(name, 0)) for name, quota in quotas.items()}
