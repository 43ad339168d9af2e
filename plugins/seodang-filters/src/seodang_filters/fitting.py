"""Whether answers belong to their questions: by the words they share, compared with the questions and answers around them.

An answer that has nothing rare in common with its question proves little: a list of five vegetables has not either. It is evidence
when it shares such words with another question near by, more than that question's own answer does (`answers-another`), or when
most answers of a batch are like that and hang together instead (`batch-bleed`): then a model that was given ten tasks has answered
one of them ten times.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

import msgspec
import seodang

from seodang_filters.forms import Forms
from seodang_filters.parts import excerpt
from seodang_filters.wanted import compiled

LOOKED_AT = 1000
"""So many signs of a text: what a question is about, and an answer, is said at its beginning."""
BEGINNING = 200
"""So many signs of a question are remembered for people."""
COMMON = 0.02
"""A token of more than this share of the texts tells nothing about a topic."""

# Weights are in rare tokens: 1 is a token that stands in one text only.
OWN_MOST = 0.8
OWN_SHARE_MOST = 0.15
ANSWER_LEAST = 1.2
FOREIGN_LEAST = 1.7
MISSED_LEAST = 1.2
"""Where the other question's own answer has nothing in common with it."""
EXCHANGED_LEAST = 0.45
"""Where that answer belongs elsewhere, as well."""
FOREIGN_SHARE_LEAST = 0.05
PLAIN_SHARE = 0.1
OWN_LOOSELY_MOST = 0.5
HOST_LEAST = 2.0

BLED_LEAST = 6
"""So many rows of a window have to be without anything in common with their questions. Of ten rows two are, usually."""
STRENGTH_LEAST = 1.2
"""The sum of the shares of their answers that other answers of the window have, too. Of random rows it is below a half."""


class Sides(msgspec.Struct, frozen=True):
    """What is remembered of a row. Texts are cut, tokens are sets, so that a million rows can pass.

    Of an answer only what it `shares` with its question is kept: few answers are looked at again, and all their tokens fill the memory.
    """

    id: str
    question: str
    answer: str
    batch: str
    asked: frozenset[str]
    shares: frozenset[str]
    lacks: str
    """The form that its question asks for by name, and it has not got."""
    judged: bool
    """False for rows without an answer in the language: code, numbers, other scripts share no words with any question."""

    @property
    def told(self) -> str:
        """The question as people are shown it."""
        return excerpt(self.question, 0, 80)


class Misfit(msgspec.Struct, frozen=True):
    """Why an answer does not seem to be its question's."""

    code: str
    detail: str
    other: str
    """The id of the row that it is mistaken for, or mixed up with."""


def sides_of(record: seodang.Record, locale: seodang.Locale, forms: Forms | None, batch: str, counts: Counter[str]) -> Sides:
    """The last question, with the record's input, and its answer. Counts the tokens of both, each once."""
    turns = [message.text for message in record.messages if message.role == "user"]
    asked = turns[-1] if turns else ""
    question = "\n".join((*turns[-1:], record.input)) if record.input else asked
    answer = record.answer
    head = answer[:LOOKED_AT]
    # A follow-up question leans on what was said before: only single questions are judged.
    single = len(turns) == 1
    judged = single and bool(head.strip()) and bool(compiled(locale.patterns.get("script", r"\w")).search(head))
    asks = frozenset(locale.similarity_tokens(question[: 2 * LOOKED_AT])) if single else frozenset[str]()
    says = set(locale.similarity_tokens(head)) if judged else set[str]()
    shares = asks & says
    counts.update(chain(says, asks - shares))
    group = str(record.tags[batch]) if batch in record.tags else ""
    lacks = forms.lacking(asked[:LOOKED_AT], answer) if forms is not None and judged else ""
    return Sides(record.id, question[:BEGINNING], head, group, asks, shares, lacks, judged)


class _Known(dict[str, float]):
    """Weights that were asked for: most tokens are asked for in many rows."""

    def __init__(self, weigh: Callable[[str], float]) -> None:
        super().__init__()
        self._weigh = weigh

    def __missing__(self, token: str) -> float:
        weight = self[token] = self._weigh(token)
        return weight


class Weights:
    """What a shared token is worth. The locale's seed tasks stand in where the rows are few."""

    def __init__(self, counts: Sequence[Counter[str]], texts: int) -> None:
        """`counts` are of different texts. They are added up for the tokens that are asked for: these are few."""
        self._known = _Known(self._weigh)
        self._counts = counts
        self._texts = max(2, texts)
        self._unit = math.log(self._texts)
        self._most = max(12.0, COMMON * self._texts)

    def of(self, token: str) -> float:
        return self._known[token]

    def _weigh(self, token: str) -> float:
        count = self._count(token)
        return math.log(self._texts / count) / self._unit if count <= self._most else 0.0

    def _count(self, token: str) -> int:
        return sum(counts.get(token, 0) for counts in self._counts) or 1

    def sum(self, tokens: frozenset[str]) -> float:
        # Exact: a set has its members in another order in each process.
        return math.fsum(map(self._known.__getitem__, tokens))

    def loosely(self, tokens: frozenset[str]) -> float:
        """With tokens that are five times as common."""
        return math.fsum(
            math.log(self._texts / count) / self._unit for count in map(self._count, tokens) if count <= 5 * self._most
        )


@lru_cache(maxsize=4)
def seed_counts(locale: seodang.Locale) -> tuple[Counter[str], int]:
    """How many of the locale's seed tasks have each token. Counted once: a lesson has every batch looked at by itself."""
    counts: Counter[str] = Counter()
    for task in locale.seeds:
        counts.update({*locale.similarity_tokens(f"{task.instruction}\n{task.input}\n{task.output}")})
    return counts, len(locale.seeds)


class Rows:
    """Some rows in their order, judged together."""

    def __init__(
        self,
        rows: Sequence[Sides],
        tokens: Callable[[str], Sequence[str]],
        forms: Forms | None,
        weights: Weights,
        neighbours: int,
        repeats: int,
    ) -> None:
        self._rows = rows
        self._forms = forms
        self._tokens = tokens
        self._known_said: dict[int, frozenset[str]] = {}
        self._weights = weights
        self._neighbours = neighbours
        self._repeats = repeats
        self._own = [weights.sum(row.shares) for row in rows]
        # Only where little is shared does it matter how much there is in all.
        self._all = [
            weights.sum(self._said(place)) if row.judged and own < OWN_MOST else 0.0
            for place, (row, own) in enumerate(zip(rows, self._own, strict=True))
        ]
        self._groups: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            if row.batch:
                self._groups.setdefault(row.batch, []).append(place)
        self.unfit = [self._is_unfit(place) for place in range(len(rows))]

    def _said(self, place: int) -> frozenset[str]:
        """The tokens of an answer."""
        if (known := self._known_said.get(place)) is None:
            row = self._rows[place]
            known = self._known_said[place] = frozenset(self._tokens(row.answer)) if row.judged else frozenset()
        return known

    def _is_unfit(self, place: int) -> bool:
        own, whole = self._own[place], self._all[place]
        row = self._rows[place]
        if whole <= ANSWER_LEAST or own >= OWN_MOST or own >= OWN_SHARE_MOST * whole:
            return False
        return self._forms is None or not self._forms.shown(row.question, row.answer)

    def around(self, place: int) -> Sequence[int]:
        """The other rows of the batch; where no tag tells the batch, those that stand near."""
        if self._rows[place].batch:
            return [other for other in self._groups[self._rows[place].batch] if other != place]
        near = range(max(0, place - self._neighbours), min(len(self._rows), place + self._neighbours + 1))
        return [other for other in near if other != place and not self._rows[other].batch]

    def misfits(self) -> dict[int, Misfit]:
        """The rows whose answers seem to be somebody else's, by their places."""
        found: dict[int, Misfit] = {}
        for place in self._repeated():
            others = [self._rows[other] for other in self._same(place)]
            found[place] = Misfit("repeated-answer", " | ".join(other.told for other in others[:3]), others[0].id)
        for members in self._bled_windows():
            host = self._host(members)
            for place in members:
                if place != host and place not in found:
                    found[place] = self._bled(place, host, members)
        for place, other in self._exchanged():
            row = self._rows[other]
            found.setdefault(place, Misfit("answers-another", row.told, row.id))
        for place, row in enumerate(self._rows):
            if row.lacks:
                found.setdefault(place, Misfit("not-as-asked", row.lacks, ""))
        return found

    def _same(self, place: int) -> list[int]:
        answer = self._rows[place].answer.strip()
        return [other for other in self.around(place) if self._rows[other].answer.strip() == answer]

    def _repeated(self) -> Iterator[int]:
        """An answer that a batch gives to several questions, and that has words of none: 〈depends on the input〉.

        One word, as the label of a classification, may be right as often as it likes.
        """
        for place, row in enumerate(self._rows):
            told = row.judged and self._own[place] < OWN_MOST and len(self._said(place)) >= 3
            if told and len(self._same(place)) >= self._repeats - 1:
                yield place

    def _exchanged(self) -> Iterator[tuple[int, int]]:
        """The rows whose answers belong to another's question, with that other.

        Much in common with it is enough. Less is, where its own answer belongs elsewhere, too: what is misplaced has taken a place.
        """
        likely = {place: better for place in range(len(self._rows)) if self.unfit[place] and (better := self._better(place))}
        for place, (other, weight) in likely.items():
            plain = weight >= (MISSED_LEAST if self.unfit[other] else FOREIGN_LEAST) and weight >= PLAIN_SHARE * self._all[place]
            if plain or other in likely:
                yield place, other

    def _better(self, place: int) -> tuple[int, float] | None:
        """A row near by whose question the answer fits better than its own, and than that question's own answer does; how well."""
        row = self._rows[place]
        said = self._said(place)
        best, other_best = 0.0, -1
        for other in self.around(place):
            weight = self._weights.sum(said & self._rows[other].asked)
            if weight > best and weight > self._own[other]:
                best, other_best = weight, other
        if best < max(EXCHANGED_LEAST, FOREIGN_SHARE_LEAST * self._all[place]):
            return None
        return None if self._weights.loosely(row.shares) > min(OWN_LOOSELY_MOST, best / 2) else (other_best, best)

    def _bled_windows(self) -> Iterator[list[int]]:
        """The rows of each batch that hang together and have nothing in common with their questions, the plainest batch first."""
        found = []
        for window in self._windows():
            members = [place for place in window if self.unfit[place]]
            if len(members) >= BLED_LEAST:
                shares = self._shares(members)
                strength = sum(shares.values())
                if strength >= STRENGTH_LEAST:
                    found.append((-strength, members[0], [place for place in members if shares[place] > 0]))
        taken: set[int] = set()
        for _, _, members in sorted(found):
            if taken.isdisjoint(members):
                taken.update(members)
                yield members

    def _windows(self) -> Iterator[Sequence[int]]:
        yield from self._groups.values()
        width = self._neighbours + 1
        # Without a tag any row may be the first of its batch.
        running = sum(self.unfit[: width - 1])
        for start in range(max(0, len(self._rows) - width + 1)):
            running += self.unfit[start + width - 1]
            if running >= BLED_LEAST:
                yield [place for place in range(start, start + width) if not self._rows[place].batch]
            running -= self.unfit[start]

    def _shares(self, members: Sequence[int]) -> dict[int, float]:
        """Which share of each answer other answers of these rows have, too."""
        counts = Counter(token for place in members for token in self._said(place))
        shared = {token for token, count in counts.items() if count > 1}
        return {place: self._weights.sum(self._said(place) & shared) / self._all[place] for place in members}

    def _host(self, members: Sequence[int]) -> int | None:
        """The row whose question all of them answer: its own answer is right."""
        best, host = HOST_LEAST, None
        said = Counter(token for place in members for token in self._said(place))
        for place in sorted({*members, *(other for member in members for other in self.around(member))}):
            row = self._rows[place]
            own = self._said(place) if place in members else frozenset()
            weight = math.fsum(self._weights.of(token) * (said[token] - (token in own)) for token in row.asked if token in said)
            if weight > best:
                best, host = weight, place
        return host

    def _bled(self, place: int, host: int | None, members: Sequence[int]) -> Misfit:
        """Told by the question that was answered, where it is known, else by an answer of the same kind."""
        if host is not None:
            return Misfit("batch-bleed", self._rows[host].told, self._rows[host].id)
        other = self._rows[next(member for member in members if member != place)]
        return Misfit("batch-bleed", excerpt(other.answer, 0, 80), other.id)
