"""Rows in files that all processes of a training read: they are encoded once, and no process holds them all."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np

from seodang_train.rows import Row


class StoredRows(Sequence[Row]):
    """What `store` wrote. A row is read when it is fed."""

    def __init__(self, place: Path) -> None:
        self._ids = np.load(place / "ids.npy", mmap_mode="r", allow_pickle=False)
        self._trained = np.load(place / "trained.npy", mmap_mode="r", allow_pickle=False)
        self._ends = np.load(place / "ends.npy", allow_pickle=False)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        start, end = self._ends[place % len(self)], self._ends[place % len(self) + 1]
        return Row(array("i", self._ids[start:end].tobytes()), self._trained[start:end].tobytes())


def store(rows: Sequence[Row], place: Path) -> None:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    ends = np.cumsum([0, *(len(row.ids) for row in rows)], dtype=np.int64)
    for name, kind in (("ids", np.dtype(np.intc)), ("trained", np.dtype(np.uint8))):
        # Row by row into the file, because a list of all of them would be a second copy.
        flat = np.lib.format.open_memmap(place / f"{name}.npy", mode="w+", dtype=kind, shape=(max(1, int(ends[-1])),))
        for number, row in enumerate(rows):
            flat[ends[number] : ends[number + 1]] = np.frombuffer(row.ids if name == "ids" else row.trained, dtype=kind)
        flat.flush()
    np.save(place / "ends.npy", ends, allow_pickle=False)
