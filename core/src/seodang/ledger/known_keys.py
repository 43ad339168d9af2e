"""Which questions the book has ever met: answers "never" without looking into the file, as most new questions need."""

from __future__ import annotations

import sqlite3
import sys
from array import array
from bisect import bisect_left

_PREFIXES = "SELECT substr(key, 1, 8) FROM attempts INDEXED BY attempts_by_key WHERE key > x'' ORDER BY key"
_FAILED = "SELECT substr(key, 1, 8) FROM failures"


class KnownKeys:
    """Eight bytes of each key: a sorted array for those found at the opening, a set for later ones.

    A million keys take 8 MB and half a second. Two keys may share eight bytes; so "perhaps" is an answer, and the file decides.
    """

    def __init__(self, prefixes: array[int]) -> None:
        self._old = prefixes
        self._new: set[int] = set()

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> KnownKeys:
        prefixes = array("Q")
        rows = connection.execute(_PREFIXES)
        while part := rows.fetchmany(50_000):
            prefixes.frombytes(b"".join([row[0] for row in part]))
        if sys.byteorder == "little":
            prefixes.byteswap()
        known = cls(prefixes)
        for row in connection.execute(_FAILED).fetchall():
            known.add(row[0])
        return known

    def add(self, key: bytes) -> None:
        self._new.add(int.from_bytes(key[:8], "big"))

    def may_hold(self, key: bytes) -> bool:
        prefix = int.from_bytes(key[:8], "big")
        if prefix in self._new:
            return True
        place = bisect_left(self._old, prefix)
        return place < len(self._old) and self._old[place] == prefix
