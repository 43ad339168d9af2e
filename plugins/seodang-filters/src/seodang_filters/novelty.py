"""Drop instructions that are nearly the same as an earlier one: Self-Instruct's rule, by ROUGE-L, exactly and fast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import seodang

from seodang_filters.collisions import shortened
from seodang_filters.compared import question_of
from seodang_filters.rouge import Rule, Ties
from seodang_filters.tokens import Tokenizer, TokenKind, tokenizer_of
from seodang_filters.wanted import limit

if TYPE_CHECKING:
    from seodang_filters.likeness import Ahead, Likeness


ROWS_AT_ONCE = 256
"""So many are taken apart at once: Kiwi divides them among the cores."""


class Novelty(seodang.Filter):
    """Drops a row whose instruction has a ROUGE-L F1 above the threshold with that of any row kept before it: `too-similar`.

    Each row is compared with all that were kept, in order, as in Self-Instruct and Alpaca; a row at the threshold stays. The drop
    tells the score and the row that is most like it. Rows without a token (emoji, with `rouge` anything that is not Latin) are compared
    as texts: equal ones are alike. `tokens = "rouge"` drops none of them, for rouge_score finds such rows unlike themselves.
    Not caught: the same task in other words. Dropped although they are none: short tasks of one form that differ in a single word.
    Lessons that make instructions ask `pool`.
    """

    name = "novelty"
    revision = 1
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        threshold: (
            Annotated[float, msgspec.Meta(ge=0, le=1, description="Drop what is more similar; unset, the locale's limit.")] | None
        ) = None
        tokens: Annotated[
            TokenKind,
            msgspec.Meta(
                description="What is compared: rouge (Latin words, as published), words, bigrams of signs, morphemes (Korean, needs "
                "seodang-filters[morphemes]); unset, what the locale counts."
            ),
        ] = ""
        ties: Annotated[
            Ties,
            msgspec.Meta(description="At the threshold exactly: as rouge_score's rounding falls, or by integers (never above)."),
        ] = "rouge_score"
        with_input: Annotated[
            bool, msgspec.Meta(description="Compare the instruction together with its input, so that one may come with several.")
        ] = False
        against: Annotated[
            tuple[str, ...],
            msgspec.Meta(description="Files whose rows count as kept before the first, such as the seeds.", extra=seodang.FILES),
        ] = ()
        encoding: Annotated[str, msgspec.Meta(description="Their encoding where it is not UTF-8, such as cp949.")] = ""
        standing: Annotated[
            tuple[str, ...],
            msgspec.Meta(description="Names of seeds steps whose rows are kept uncompared, and count before all others."),
        ] = ()

    def pool(self, context: seodang.Context) -> Pool:
        """An empty pool with this filter's rule, for whoever adds instructions one by one. What `against` names is not in it."""
        options, locale = self.options, context.locale
        threshold = limit(locale, "similarity-percent", self.name) / 100 if options.threshold is None else options.threshold
        tokenizer = tokenizer_of(options.tokens, locale)
        return Pool(tokenizer, Rule(threshold, options.ties), None if options.tokens == "rouge" else locale.normal)

    def sift(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        options = self.options
        known = {stage.name for stage in context.steps if stage.verb == "seeds"}
        if known and (unknown := [name for name in options.standing if name not in known]):
            raise seodang.SeodangError("seodang_filters:no-such-seeds", step=context.step, names=unknown, known=sorted(known))
        pool = self.pool(context)
        context.tell(tokenizer=pool.tokenizer.about)
        self._add_earlier(pool, records, context)
        text_of = self._text_of()
        rows = without = 0
        waiting = iter(records)
        while some := list(islice(waiting, ROWS_AT_ONCE)):
            texts = [text_of(record) for record in some]
            taken_apart = list(map(Tokens, texts, pool.tokenizer.split_all(texts)))
            pool.look_ahead(taken_apart)
            for record, taken in zip(some, taken_apart, strict=True):
                if record.source in options.standing:
                    yield seodang.Keep()
                    continue
                rows += 1
                without += not taken.tokens
                if near := pool.nearest(taken):
                    yield seodang.Drop("too-similar", f"{near.score:.3f}", other=near.name)
                else:
                    pool.add(taken, record.id)
                    yield seodang.Keep()
        context.tell(compared_with=len(pool), without_tokens=without)
        if 2 * without > rows:
            facts = {"step": context.step, "rows": rows, "without": without, "language": context.language}
            context.warn(f"seodang_filters:no-tokens-{'rouge' if options.tokens == 'rouge' else 'other'}", **facts)

    def _add_earlier(self, pool: Pool, records: Iterable[seodang.Record], context: seodang.Context) -> None:
        if self.options.against:
            for path in context.files("against"):
                for row in context.rows(path, encoding=self.options.encoding or None):
                    text = self._text_of()(_record_of(row))
                    pool.add(text, f"{row.where}: {shortened(text)}")
        if self.options.standing:
            text_of = self._text_of()
            for record in records:
                if record.source in self.options.standing:
                    pool.add(text_of(record), record.id)

    def _text_of(self) -> Callable[[seodang.Record], str]:
        return question_of if self.options.with_input else lambda record: record.question


def _record_of(row: seodang.Row) -> seodang.Record:
    """A row of a file as a record: of this run's form, Alpaca's, a list of messages, or a question under its usual names."""
    values = row.values
    messages = values.get("messages")
    if isinstance(messages, list):
        for message in messages:
            if isinstance(message, dict) and message.get("role") in ("user", "human"):
                text = message.get("text", message.get("content"))
                if isinstance(text, str):
                    return seodang.single_turn(text, input=_text(values.get("input")))
    for name in ("instruction", "question", "prompt"):
        if isinstance(values.get(name), str):
            return seodang.single_turn(values[name], input=_text(values.get("input", values.get("context"))))
    raise seodang.DataError("seodang_filters:no-instruction", where=row.where, columns=sorted(values))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class Similar(msgspec.Struct, frozen=True):
    """A text of a pool by its name, and its F1 with the one that was asked about."""

    name: str
    score: float


class Similarity(msgspec.Struct, frozen=True):
    """How like a text is to all of a pool: `mean` and `nearest`, the most similar first. Self-Instruct keeps both beside each row."""

    mean: float
    nearest: tuple[Similar, ...]


class Tokens(msgspec.Struct, frozen=True):
    """A text that was taken apart already."""

    text: str
    tokens: Sequence[str]


class _Numbers(dict[str, int]):
    """Tokens in the order in which they were met."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


class Pool:
    """Instructions that were kept: asks and adds one by one, in microseconds, at any size."""

    def __init__(self, tokenizer: Tokenizer, rule: Rule, normal: Callable[[str], str] | None) -> None:
        """`normal` makes texts without tokens comparable; without it they are like no other."""
        from seodang_filters.likeness import Likeness

        self.tokenizer = tokenizer
        self._rule = rule
        self._normal = normal
        self._likeness: Likeness = Likeness(rule)
        self._numbers = _Numbers()
        self._names: list[str] = []
        self._bare: dict[str, int] = {}
        self._asked: tuple[object, list[int]] = (None, [])
        self._coming: dict[int, tuple[Tokens, list[int]]] = {}
        self._ahead: Ahead | None = None

    def __len__(self) -> int:
        return len(self._names)

    def add(self, text: str | Tokens, name: str = "") -> None:
        """Counts as kept from now on, under this name or, without one, as itself."""
        tokens = self._numbered(text)
        said = text.text if isinstance(text, Tokens) else text
        if not tokens and (bare := self._comparable(said)):
            self._bare.setdefault(bare, len(self._names))
        if self._ahead is not None:
            self._ahead.added(tokens, len(self._names))
        self._names.append(name or said)
        self._likeness.add(tokens)

    def look_ahead(self, texts: Sequence[Tokens]) -> None:
        """Says that these are asked about and added next. It changes no answer: what is done for all together takes less time."""
        numbered = [self._as_numbers(text.tokens) for text in texts]
        self._coming = {id(text): (text, numbers) for text, numbers in zip(texts, numbered, strict=True)}
        self._ahead = self._likeness.look_ahead(numbered)

    def nearest(self, text: str | Tokens) -> Similar | None:
        """The most similar text of those that are above the threshold, the earliest of several; None where the text is new."""
        tokens = self._numbered(text)
        if tokens:
            near = self._likeness.nearest(tokens, self._ahead)
            return None if near is None else Similar(self._names[near.number], near.score)
        bare = self._comparable(text.text if isinstance(text, Tokens) else text)
        if not bare or bare not in self._bare or not self._rule.too_similar(1, 1, 1):
            return None
        return Similar(self._names[self._bare[bare]], 1.0)

    def similarity(self, text: str | Tokens, most: int = 10) -> Similarity:
        """Measures every text of the pool, the unlike ones too: some hundred times the work of `nearest`."""
        scores = self._likeness.scores(self._numbered(text))
        order = scores.argsort()[::-1][:most].tolist()  # as the published code sorts, of equal scores too
        mean = float(scores.mean()) if len(scores) else 0.0
        return Similarity(mean, tuple(Similar(self._names[number], float(scores[number])) for number in order))

    def _numbered(self, text: str | Tokens) -> list[int]:
        """What was asked about is what is added next, as a rule: it is taken apart already."""
        if (coming := self._coming.get(id(text))) is not None:
            return coming[1]
        if self._asked[0] is not text:
            tokens = text.tokens if isinstance(text, Tokens) else self.tokenizer.split(text)
            self._asked = text, self._as_numbers(tokens)
        return self._asked[1]

    def _as_numbers(self, tokens: Sequence[str]) -> list[int]:
        return [*map(self._numbers.__getitem__, tokens)]

    def _comparable(self, text: str) -> str:
        return " ".join(self._normal(text).casefold().split()) if self._normal is not None else ""


__all__ = ["Novelty", "Pool", "Similar", "Similarity", "Tokens"]
