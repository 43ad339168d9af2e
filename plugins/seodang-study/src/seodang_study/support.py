"""Which questions have a near neighbour in the training data: what was learned there may have been read there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import seodang


class Nearest(NamedTuple):
    """The record that holds most of a question, and how much of it."""

    share: float
    record: str


def nearest(texts: Sequence[str], records: Iterable[seodang.Record], gram: int) -> list[Nearest]:
    """Of each text the greatest share of its character n-grams that one record has, blanks aside. Reads the records once."""
    wanted: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, text in enumerate(texts):
        own = _grams(text, gram)
        sizes.append(len(own))
        for one in own:
            wanted[one].append(number)
    found = [Nearest(0.0, "")] * len(texts)
    for record in records:
        held: Counter[int] = Counter()
        for one in _grams(" ".join((*(message.text for message in record.messages), record.input)), gram):
            if one in wanted:
                held.update(wanted[one])
        for number, count in held.items():
            if (share := count / sizes[number]) > found[number].share:
                found[number] = Nearest(share, record.id)
    return found


def _grams(text: str, size: int) -> set[str]:
    """A text that is shorter than a gram is one."""
    joined = "".join(seodang.nfc(text).casefold().split())
    return {joined[start : start + size] for start in range(max(1, len(joined) - size + 1))} if joined else set()
