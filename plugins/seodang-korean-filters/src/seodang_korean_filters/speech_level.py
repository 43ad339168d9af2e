"""One speech level in an answer, and a polite one: no 반말 to the person who asked, no 〈…한다〉 among 〈…합니다〉."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_korean_filters import asked_for
from seodang_korean_filters.fields import FaultOptions, Part, parts, with_texts, without_code, without_lists, without_quotations

MIXED, WRONG, BANMAL = "mixed-register", "wrong-register", "banmal-to-user"
TAG = "speech-level"

_INTIMATE = "해"
# 〈…하세요〉 goes with every polite level: beside 〈…합니다〉 nobody writes 〈…하십시오〉 throughout. 〈네〉 and 〈아니요〉 have no level.
_GOES_WITH_ALL = re.compile(r"(세요|셔요|^\W*(네|예|아니요|아니오|안녕))[^가-힣]*$")
_DICTIONARY_FORMS = re.compile(
    r"(^|[:：,\n])\s*[가-힣 ]{2,10}다\s*[,/]\s*[가-힣 ]{2,10}다\W*$"
)  # 시리다, 춥다, 서늘하다: a list of words
# 목적을 정하라, 위치를 이용하라, …: a list of commands within a sentence. 〈… => …〉 shows how one writes what.
_LISTED = re.compile(r"(라\s*,.*){2}|=>|→")
_TO_SOMEBODY = re.compile(r"(라|자|니|냐)[^가-힣]*$")
_MANY_LINES, _VERSE = 3, 0.7
_SHOWN, _WIDTH = 3, 60


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one text: the code, the sentences that show it, and the level in which it should be."""

    code: str
    detail: str
    target: str
    merely: bool = False
    """Two polite levels side by side: many people write so."""


class SpeechLevel(seodang.Filter):
    """Leaves out answers that change their speech level, have another than the wanted one, or speak 반말 to who asks.

    By the endings of sentences, as the locale reads them. Code, quotations, lists, tables, verse and what a question asks to be written
    (a story, a letter, a translation, a role) do not count. Fragments have no level: an answer of one noun always passes.
    With `fix` a lesson has the judge rewrite what would be left out; a rewritten text is kept only if nothing is wrong with it then.
    """

    name = "speech-level"
    revision = 2

    class Options(FaultOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        level: Annotated[
            str,
            msgspec.Meta(description="The wanted level, as in '합쇼' or '해요'; empty for any one polite level of the language."),
        ] = ""
        min_share: Annotated[
            float, msgspec.Meta(gt=0.5, le=1, description="So much of the sentences has to be in one level.")
        ] = 0.9
        polite_mix: Annotated[
            Literal["drop", "tag"],
            msgspec.Meta(description="What becomes of two polite levels in one text where none is wanted by name."),
        ] = "tag"
        fix: Annotated[
            str,
            msgspec.Meta(
                description='The lesson with which the step\'s judge rewrites what is wrong, as in "rewrite".',
                extra=seodang.names("lesson"),
            ),
        ] = ""

    async def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        self._check(context)
        if not self.options.fix:
            return [self._verdict(self._faults(record, context.locale)) for record in records]
        faults = [self._faults(record, context.locale) for record in records]
        rewritten = await self._rewritten(records, faults, context)
        return [self._mended(*each, context) for each in zip(records, faults, rewritten, strict=True)]

    def _check(self, context: seodang.Context) -> None:
        locale = context.locale
        if not self.options.fix and _names_a_judge(context):
            raise seodang.SeodangError("seodang_korean_filters:judge-without-fix", filter=self.name)
        if not locale.polite_levels:
            raise seodang.SeodangError("seodang_korean_filters:no-levels", filter=self.name, language=locale.language)
        if self.options.level and self.options.level not in locale.speech_levels:
            known = ", ".join(locale.speech_levels)
            raise seodang.SeodangError("seodang_korean_filters:unknown-level", level=self.options.level, known=known)

    def _faults(self, record: seodang.Record, locale: seodang.Locale) -> list[tuple[Part, Fault]]:
        found = []
        for part in parts(record, self.options.fields):
            if fault := self._fault(part.text, _asked_before(record, part), locale):
                found.append((part, fault))
        return found

    def _fault(self, text: str, asked: Sequence[str], locale: seodang.Locale) -> Fault | None:
        own = without_lists(without_quotations(without_code(text)))
        if asked and asked[-1] and asked[-1] in own:
            own = own.replace(asked[-1], "")  # careless teachers begin with the question, in its register
        counts = locale.speech_counts(own)
        wanted = self.options.level
        if not counts or (len(counts) == 1 and (wanted or locale.polite_levels[0]) in counts):
            return None
        if any(map(asked_for.a_text, asked)) or _is_verse(own):
            return None
        by_level: dict[str, list[str]] = {}
        for sentence in locale.sentences(own):
            if not (_GOES_WITH_ALL.search(sentence) or _DICTIONARY_FORMS.search(sentence) or _LISTED.search(sentence)):
                for level in locale.speech_counts(sentence):
                    by_level.setdefault(level, []).append(sentence.strip())
        return self._judged(by_level, locale)

    def _judged(self, by_level: dict[str, list[str]], locale: seodang.Locale) -> Fault | None:
        counts = Counter({level: len(sentences) for level, sentences in by_level.items()})
        if not counts:
            return None
        wanted, polite = self.options.level, set(locale.polite_levels)
        first = max(counts, key=lambda level: (counts[level], -locale.speech_levels.index(level)))
        target = wanted or (first if first in polite else locale.polite_levels[0])
        if counts[first] >= self.options.min_share * counts.total():
            if first == target:
                return None
            spoken = first not in polite and target in polite and _is_spoken(first, by_level[first])
            return Fault(BANMAL if spoken else WRONG, _told(counts, by_level[first]), target)
        others = [level for level in counts if level != target]
        shown = [sentence for level in others for sentence in by_level[level]]
        rude = target in polite and any(level not in polite and _is_spoken(level, by_level[level]) for level in others)
        merely = not wanted and polite.issuperset(counts)
        return Fault(BANMAL if rude else MIXED, _told(counts, shown), target, merely)

    def _verdict(self, faults: Sequence[tuple[Part, Fault]]) -> seodang.Keep | seodang.Drop:
        if not faults:
            return seodang.Keep()
        fault = next((fault for _, fault in faults if not fault.merely), faults[0][1])
        if self.options.action == "tag" or (fault.merely and self.options.polite_mix == "tag"):
            return seodang.Keep(tags={TAG: fault.code})
        return seodang.Drop(fault.code, fault.detail)

    async def _rewritten(
        self, records: Sequence[seodang.Record], faults: Sequence[Sequence[tuple[Part, Fault]]], context: seodang.Context
    ) -> list[dict[int, str]]:
        """For each record the new texts by their place. The lesson checks what a rewriting must not change; the level is checked here."""
        texts: list[dict[int, str]] = [{} for _ in records]
        pieces = [
            (number, part, fault)
            for number, found in enumerate(faults)
            if isinstance(self._verdict(found), seodang.Drop) or self.options.action == "tag"
            for part, fault in found
        ]
        for target in sorted({fault.target for _, _, fault in pieces}):
            meant = [(number, part) for number, part, fault in pieces if fault.target == target]
            lesson = context.get("lesson", self.options.fix, level=target, turns="all", min_share=0.0, on_failure="keep")
            said = [
                seodang.Record(id=records[number].id, messages=(seodang.Message("assistant", part.text),))
                for number, part in meant
            ]
            results = [result async for result in lesson.teach(_in_turn(said), context)]
            for (number, part), result in zip(meant, results, strict=True):
                if result.answer != part.text:
                    texts[number][part.place] = result.answer
        return texts

    def _mended(
        self, record: seodang.Record, faults: Sequence[tuple[Part, Fault]], texts: dict[int, str], context: seodang.Context
    ) -> seodang.Keep | seodang.Drop:
        mended = len(texts) == len(faults) and not any(
            self._fault(texts[part.place], _asked_before(record, part), context.locale) for part, _ in faults
        )
        return seodang.Keep(with_texts(record, texts), tags={TAG: "rewritten"}) if faults and mended else self._verdict(faults)


def _asked_before(record: seodang.Record, part: Part) -> tuple[str, ...]:
    """What was asked before an answer, the last question last: a role that is given in the first turn is played in all of them."""
    if part.field != "answer":
        return ()
    return tuple(message.text for message in record.messages[: part.place] if message.role == "user")


def _is_verse(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    open_ended = sum(1 for line in lines if line.rstrip()[-1] not in ".!?:。")
    return len(lines) >= _MANY_LINES and open_ended >= _VERSE * len(lines)


def _is_spoken(level: str, sentences: Sequence[str]) -> bool:
    """Whether somebody is spoken to: 〈…해〉, 〈…해라〉, 〈…하니〉. 〈…한다〉 is how books are written."""
    return level == _INTIMATE or any(_TO_SOMEBODY.search(sentence) for sentence in sentences)


def _told(counts: Counter[str], sentences: Sequence[str]) -> str:
    sums = ", ".join(f"{level} {count}" for level, count in counts.most_common())
    shown = " / ".join(sentence if len(sentence) <= _WIDTH else "…" + sentence[-_WIDTH:] for sentence in sentences[:_SHOWN])
    return f"{sums}: {shown}"


def _names_a_judge(context: seodang.Context) -> bool:
    try:
        return context.ask is not None
    except seodang.SeodangError:  # what the context says where the step names nobody
        return False


async def _in_turn(records: Sequence[seodang.Record]) -> AsyncIterator[seodang.Record]:
    for record in records:
        yield record
