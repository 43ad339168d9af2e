"""Mask, drop or mark rows with personal data, by the patterns of their languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
import seodang

MASKED, PERSONAL = "masked", "personal"
"""The tags that say how much of which kind was masked, or stands in the row. What it was is written nowhere."""

Locales = Sequence[seodang.Locale]
KEPT = seodang.Keep()


class Pii(seodang.Filter):
    """Finds telephone numbers, resident numbers, cards, accounts, addresses, e-mail and whatever else the locale has patterns for,
    however they are spaced, hyphened or full-width; in every turn, the input, ranked answers, tool calls and foreign columns.

    `action = "mask"` puts placeholders that stay the same within a dialogue; `"drop"` leaves the row out, and what is written of it
    is masked; `"tag"` only counts. A mask or a drop of all kinds lets rows of a `personal = true` source reach a step that asks
    somebody else's computer. Patterns know no names of people, and nothing that is told in words: 〈공일공 일이삼사〉.
    """

    name = "pii"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        action: Annotated[
            Literal["mask", "drop", "tag"], msgspec.Meta(description="What becomes of a row with personal data.")
        ] = "mask"
        kinds: Annotated[
            tuple[str, ...], msgspec.Meta(description="Only these kinds, as the locale names them; all where none are named.")
        ] = ()
        without: Annotated[tuple[str, ...], msgspec.Meta(description="All kinds but these.")] = ()
        tokens: Annotated[
            bool,
            msgspec.Meta(description="Mask with the tokens that the base model was trained on, for the kinds that have one."),
        ] = False
        languages: Annotated[
            tuple[str, ...],
            msgspec.Meta(description="Patterns of these languages too, beside the recipe's own.", extra=seodang.names("locale")),
        ] = ()

        def __post_init__(self) -> None:
            if self.kinds and self.without:
                raise ValueError("kinds and without exclude each other")
            if self.tokens and self.action == "tag":
                raise ValueError("tokens are for a mask, and action = 'tag' masks nothing")

    @property
    def clears(self) -> Sequence[str]:  # type: ignore[override]
        """Nothing while some kinds are left as they are."""
        some = self.options.action == "tag" or self.options.kinds or self.options.without
        return () if some else (seodang.PERSONAL_DATA,)

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        locales = self._locales(context)
        kinds = self._kinds(locales)
        return [self._verdict(record, locales, kinds) for record in records]

    def _verdict(self, record: seodang.Record, locales: Locales, kinds: Collection[str]) -> seodang.Keep | seodang.Drop:
        if not any(locale.personal_data(text) for text in texts_of(record) for locale in locales):
            return KEPT  # nine rows in ten: nothing of any kind
        mask = Mask(locales, kinds, tokens=self.options.tokens)
        masked = mask.record(record)
        if not mask.found:
            return seodang.Keep()
        if self.options.action == "tag":
            return seodang.Keep(tags={PERSONAL: dict(sorted(mask.counts.items()))})
        if self.options.action == "drop":
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(mask.counts.items()))
            # Also of the kinds that are no reason to drop it: nobody looks for them in what was left out.
            return seodang.Drop("personal-data", told, record=Mask(locales, all_kinds(locales)).record(record))
        before = record.tags.get(MASKED)
        counts = mask.counts + Counter(before if isinstance(before, dict) else {})
        return seodang.Keep(masked, tags={MASKED: dict(sorted(counts.items()))})

    def _locales(self, context: seodang.Context) -> Locales:
        others = [language for language in dict.fromkeys(self.options.languages) if language != context.language]
        found = [context.locale, *(context.get("locale", language) for language in others)]
        for locale in found:
            if not locale.personal:
                raise seodang.SeodangError(
                    "seodang_filters:locale-lacks", filter=self.name, language=locale.language, what="texts.toml [[personal]]"
                )
        return found

    def _kinds(self, locales: Locales) -> Collection[str]:
        known = all_kinds(locales)
        if unknown := [kind for kind in (*self.options.kinds, *self.options.without) if kind not in known]:
            raise seodang.SeodangError("seodang_filters:unknown-kinds", kinds=unknown, known=sorted(known))
        return set(self.options.kinds) or known - set(self.options.without)


def all_kinds(locales: Locales) -> set[str]:
    return {pattern.kind for locale in locales for pattern in locale.personal}


def texts_of(record: seodang.Record) -> Iterator[str]:
    """Everything that `Mask` looks at."""
    for message in (*record.messages, *(candidate.message for candidate in record.candidates)):
        yield message.text
        if message.thinking:
            yield message.thinking
        for call in message.calls:
            yield call.arguments
    if record.input:
        yield record.input
    for name, value in record.columns.items():
        yield from _cells(name, value)


def _cells(name: str, value: Any) -> Iterator[str]:
    """Values under the names of their columns, which tell what a bare number is: `계좌 = "110-234-567890"`."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _cells(str(key), each)
    elif isinstance(value, list):
        for each in value:
            yield from _cells(name, each)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield f"{name}: {value}"


class Mask:
    """Masks one record: what asker and answerer both write has one name. `counts` says how much was found of each kind."""

    def __init__(self, locales: Locales, kinds: Collection[str], *, tokens: bool = False) -> None:
        self._pseudonyms = [seodang.Pseudonyms(locale, tokens=tokens, kinds=kinds) for locale in locales]

    @property
    def counts(self) -> Counter[str]:
        return sum((each.counts for each in self._pseudonyms), Counter())

    @property
    def found(self) -> bool:
        return any(each.counts for each in self._pseudonyms)

    def record(self, record: seodang.Record) -> seodang.Record:
        return msgspec.structs.replace(
            record,
            messages=tuple(map(self._message, record.messages)),
            input=self._text(record.input),
            candidates=tuple(
                msgspec.structs.replace(candidate, message=self._message(candidate.message)) for candidate in record.candidates
            ),
            columns={name: self._cell(name, value) for name, value in record.columns.items()},
        )

    def _message(self, message: seodang.Message) -> seodang.Message:
        text, thinking = self._text(message.text), self._text(message.thinking)
        if text == message.text and thinking == message.thinking and not message.calls:
            return message
        calls = tuple(msgspec.structs.replace(call, arguments=self._text(call.arguments)) for call in message.calls)
        return msgspec.structs.replace(message, text=text, thinking=thinking, calls=calls)

    def _text(self, text: str) -> str:
        for pseudonyms in self._pseudonyms if text else ():
            text = pseudonyms.mask(text)
        return text

    def _cell(self, name: str, value: Any) -> Any:
        """A value under the name of its column, which tells what a bare number is: `계좌 = "110-234-567890"`."""
        if isinstance(value, dict):
            return {key: self._cell(str(key), each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._cell(name, each) for each in value]
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return value
        before = f"{name}: "
        masked = self._text(before + str(value))
        return value if masked == f"{before}{value}" else masked.removeprefix(before)
