"""Which rows of a source are set aside (`hold_out`), and which are too near to them to stay.

The choice depends on content and the run's seed alone. Rows of one url, one dialogue or one question are a group; each group draws
a number from the seed and what makes it a group, and the lowest numbers are held out. So a row that is inserted changes the place
of no other, and at most takes the place of the last one chosen.

Then every other row is compared with those that are held out. Two questions are too near when

    2 · shared tokens ≥ the locale's similarity-percent · (tokens of one + tokens of the other)

with tokens counted as often as they occur. That is Self-Instruct's ROUGE-L without the order of the words, so it finds every pair
that ROUGE-L finds at that limit; it is exact, and an index of rare tokens makes it cheap. Memory holds what is set aside and as
many spare groups, never the source.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import repeat

import msgspec

from seodang.errors import DataError
from seodang.locales import Locale
from seodang.records import Record
from seodang.verdicts import Drop

HELD_OUT = "held-out"
NEAR_HELD_OUT = "near-held-out"
HOLDING_RULE = 1
"""Raised when other rows would be chosen or left out; part of the fingerprint."""
SPARE = 4
"""So many times the groups that are needed are looked at where others may stand in the flow already."""
DEFAULT_PERCENT = 70


class _Group(msgspec.Struct):
    """Rows that are held out together, or not at all."""

    rows: int = 0
    links: set[str] = msgspec.field(default_factory=set)


def links_of(record: Record) -> list[str]:
    """What ties a row to others: its url and its dialogue, where it has such."""
    url = record.tags.get("url") or record.columns.get("url")
    dialogue = record.tags.get("dialogue")
    return [f"{name} {value}" for name, value in (("url", url), ("dialogue", dialogue)) if value]


def _question(record: Record) -> str:
    """What is compared: two tasks with one instruction and different inputs are two questions."""
    return f"{record.question}\n{record.input}" if record.input else record.question


class HoldingOut:
    """Is offered every row, decides, and then judges every row once more."""

    def __init__(self, wanted: int, seed: int, locale: Locale, earlier: Iterable[Record] = ()) -> None:
        """`earlier` are the rows that other sources of the recipe hold out: what is near to them stays out as well."""
        self._wanted = wanted
        self._key = seed.to_bytes(8, "big")
        self._locale = locale
        self._percent = locale.limits.get("similarity-percent", DEFAULT_PERCENT)
        self._groups: dict[int, _Group] = {}
        self._highest: list[int] = []
        self._earlier = earlier
        self._chosen: set[int] = set()
        self._apart: set[int] = set()
        self._links: set[str] = set()
        self._near: Near = Near((), self._percent)

    def offer(self, records: Sequence[Record]) -> None:
        """Counts the groups of these rows, as far as they may be chosen."""
        if not self._wanted:
            return
        most = SPARE * self._wanted
        for record in records:
            number = self._number(record)
            group = self._groups.get(number)
            if group is None:
                if len(self._groups) < most:
                    heapq.heappush(self._highest, -number)
                elif number < -self._highest[0]:
                    # What was counted of the one that leaves is not needed: no row of it can come back in.
                    del self._groups[-heapq.heapreplace(self._highest, -number)]
                else:
                    continue
                group = self._groups[number] = _Group()
            group.rows += 1
            group.links.update(links_of(record))

    def decide(
        self, rows: Callable[[], Iterable[Record]], beside: Iterable[Record] | None = None, most: int | None = None
    ) -> None:
        """`rows` are those that were offered, `beside` those that flow already, `most` as many as a rehearsal may take.

        A group of which something flows already would be taught: the next one takes its place.
        """
        wanted = self._wanted if most is None else min(self._wanted, most)
        standing: set[int] = set()
        while True:
            self._chosen = self._first(wanted, standing, rehearsal=most is not None)
            near = self._texts(rows()) if self._chosen else []
            found = self._found_in(beside, near) if beside is not None and self._chosen else set()
            if not found:
                break
            standing |= found
        self._links = {link for number in self._chosen for link in self._groups[number].links}
        for record in self._earlier:
            self._apart.add(self._number(record))
            self._links.update(links_of(record))
            near.append(Text(record.id, 0, self._tokens(record)))
        self._near = Near(near, self._percent)

    def verdict(self, record: Record) -> Drop | None:
        """Held out, too near to what is, or none."""
        number = self._number(record)
        links = links_of(record)
        if number in self._chosen:
            return Drop(HELD_OUT, ", ".join(links))
        if number in self._apart:
            return Drop(NEAR_HELD_OUT, "100 %")
        if shared := [link for link in links if link in self._links]:
            return Drop(NEAR_HELD_OUT, ", ".join(shared))
        if found := self._near.nearest(self._tokens(record)):
            return Drop(NEAR_HELD_OUT, f"{found[0]} % {found[1]}")
        return None

    def order(self, record: Record) -> tuple[int, str]:
        """The place of a row among those held out, by content alone."""
        return self._number(record), record.id

    def _number(self, record: Record) -> int:
        group = next(iter(links_of(record)), None) or "question " + _question(record)
        return int.from_bytes(blake2b(group.encode(), digest_size=8, key=self._key).digest(), "big")

    def _tokens(self, record: Record) -> list[str]:
        return list(self._locale.similarity_tokens(_question(record)))

    def _first(self, wanted: int, standing: set[int], *, rehearsal: bool) -> set[int]:
        """Groups in the order of their numbers until there are enough rows. One that alone has more than are wanted is no sample."""
        chosen: set[int] = set()
        rows = 0
        passed_over = bool(standing)
        for number in sorted(self._groups):
            if rows >= wanted:
                return chosen
            if number in standing:
                continue
            if self._groups[number].rows > wanted:
                passed_over = True
                continue
            chosen.add(number)
            rows += self._groups[number].rows
        if rows < wanted and passed_over and not rehearsal:
            raise DataError("runs.hold-out-finds-too-few", wanted=wanted, found=rows)
        return chosen

    def _texts(self, rows: Iterable[Record]) -> list[Text]:
        numbers = ((record, self._number(record)) for record in rows)
        return [Text(record.id, number, self._tokens(record)) for record, number in numbers if number in self._chosen]

    def _found_in(self, beside: Iterable[Record], texts: Sequence[Text]) -> set[int]:
        """The chosen groups of which a row, or one that is near to it, stands in the flow."""
        near = Near(texts, self._percent)
        links = {link: number for number in self._chosen for link in self._groups[number].links}
        found: set[int] = set()
        for record in beside:
            found.update({self._number(record)} & self._chosen)
            found.update(links[link] for link in links_of(record) if link in links)
            found.update(text.group for text, _ in near.all(self._tokens(record)))
        return found


class Text(msgspec.Struct, frozen=True):
    """A question that others are compared with: whose it is, its group, its tokens."""

    name: str
    group: int
    tokens: list[str]


class Near:
    """Texts that others are compared with, looked up by their rarer tokens.

    What two near texts share, `_least` of the tokens of each at the least, has one rarest token: it is among so many of the rarest of
    both that only `_least` - 1 are left out. So a text is compared only where its rarest tokens meet the rarest of another.
    """

    def __init__(self, texts: Sequence[Text], percent: int) -> None:
        self._percent = percent
        self._texts = [(text, elements(text.tokens)) for text in texts]
        frequency = Counter(token for text in texts for token in set(text.tokens))
        self._ranks = {token: rank for rank, token in enumerate(sorted(frequency, key=lambda token: (frequency[token], token)))}
        self._places: dict[int, list[int]] = {}
        for place, text in enumerate(texts):
            for rank in self._rarest(text.tokens):
                self._places.setdefault(rank, []).append(place)

    def _least(self, size: int) -> int:
        return -(-self._percent * size // (200 - self._percent))

    def _rarest(self, tokens: Sequence[str]) -> set[int]:
        """The ranks of the rarest tokens; those that no text has come before all others."""
        ranks = sorted(map(self._ranks.get, tokens, repeat(-1)))
        return set(ranks[: len(ranks) - self._least(len(ranks)) + 1])

    def all(self, tokens: Sequence[str]) -> Iterator[tuple[Text, int]]:
        """Each text that is near, and how near in per cent."""
        places = {place for rank in self._rarest(tokens) for place in self._places.get(rank, ())}
        if not places:
            return
        own, size = elements(tokens), len(tokens)
        for place in places:
            text, others = self._texts[place]
            both = size + len(others)
            if 200 * min(size, len(others)) >= self._percent * both:
                shared = len(own & others)
                if 200 * shared >= self._percent * both:
                    yield text, 200 * shared // both

    def nearest(self, tokens: Sequence[str]) -> tuple[int, str] | None:
        """How near the nearest text is, and its name; of equally near ones the first by name."""
        best = min(((-share, text.name) for text, share in self.all(tokens)), default=None)
        return (-best[0], best[1]) if best else None


def elements(tokens: Sequence[str]) -> set[str | tuple[str, int]]:
    """A token that occurs again is another element: what two such sets share is what the texts share, counted as often as it occurs."""
    found: set[str | tuple[str, int]] = set(tokens)
    if len(found) < len(tokens):
        again: Counter[str] = Counter()
        for token in tokens:
            if again[token]:
                found.add((token, again[token]))
            again[token] += 1
    return found
