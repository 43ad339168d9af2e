"""The way of a record through a translate step: what of it is sent, and what is made of what comes back."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from seodang.capabilities import Translator
from seodang.errors import Refused
from seodang.locales import Locale
from seodang.records import Record
from seodang.requests import Text, Translation
from seodang.translation import checks
from seodang.translation.checks import Finding, Pair
from seodang.translation.documents import Document, Segment, document_of
from seodang.translation.fields import Field, fields_of, put_back, without_what_goes
from seodang.translation.glossary import terms_in
from seodang.translation.marking import Reading, marked, read
from seodang.translation.narrowing import Pieces, Split, around_parts, fitting, sentences_by_rule, sentences_of
from seodang.translation.parts import Part, Prose, parts_in
from seodang.translation.protection import Protection, names_in
from seodang.translation.routing import is_already, is_same_language, language_of, language_task
from seodang.translation.settings import Settings

Ask = Callable[[Text, str, Record], "asyncio.Future[Translation | Refused]"]
LEAST_TURNS = 2
"""A dialogue has two turns of the user. What has one goes without context: fifty such texts share a request."""
DETAIL = 120
_BLANK = re.compile(r"\s+")


class Passed(msgspec.Struct, frozen=True):
    """The record goes on without anything being sent."""

    record: Record
    changed: bool = False


class Left(msgspec.Struct, frozen=True):
    """The record goes no further, and why. One that is `dropped` was not wanted; any other is set aside."""

    record: Record
    code: str
    detail: str
    dropped: bool = False


class Done(msgspec.Struct, frozen=True):
    """A record in the target language."""

    record: Record


class _Sent:
    """A segment, the pieces in which it is under way, and what came back."""

    __slots__ = ("apart", "asked", "field", "findings", "reading", "segment", "text")

    def __init__(self, field: Field, segment: Segment, pieces: Pieces, text: str) -> None:
        self.field = field
        self.segment = segment
        self.text = text
        """The segment as a whole with its marks."""
        self.asked: list[tuple[Prose | str, Any]] = [(piece, None) for piece in pieces]
        self.reading = Reading("")
        self.findings: list[Finding] = []
        self.apart = False
        """Whether its sentences are under way one by one."""

    @property
    def failure(self) -> Finding | None:
        return next((finding for finding in self.findings if finding.severity == "fail"), None)


class Work:
    """A record of which something is sent. `texts` are those of the first form, in their order."""

    def __init__(self, record: Record, original: Record, language: str) -> None:
        self.record = record
        self.original = original
        self.language = language
        self.documents: list[tuple[Field, Document, list[_Sent]]] = []
        self.before: dict[int, str] = {}

    @property
    def sent(self) -> list[_Sent]:
        return [sent for _, _, segments in self.documents for sent in segments]


class Course:
    """One translate step's way with records. It asks nobody: whoever uses it hands in a function that does."""

    def __init__(
        self,
        settings: Settings,
        translator: Translator,
        target: str,
        locale_of: Callable[[str], Locale | None],
        splitter: Split | None,
    ) -> None:
        self.figures: dict[str, Any] = {"passed": 0, "translated": 0, "already": 0, "texts": 0, "narrower": 0, "left": 0}
        self.protected: dict[str, int] = {}
        self.warnings: Counter[str] = Counter()
        self.tasks: Counter[str] = Counter()
        self._settings = settings
        self._translator = translator
        self._target = target
        self._locale_of = locale_of
        self._splitter = splitter
        self._protection = Protection(names_in(settings.glossary))
        self._checks = not translator.stands_in
        self._without = frozenset(settings.without_checks)
        self._without_asked = self._without | checks.SEGMENT_CHECKS.keys()
        self._sees_before = "before" in translator.heeds
        self._offered: dict[str, bool] = {}

    def look(self, record: Record) -> Work | Passed | Left:
        """What happens to a record before anything is sent."""
        settings = self._settings
        if not settings.languages and record.language == self._target:
            return self._passed(record)
        counts: dict[str, int] = {}
        kept = without_what_goes(record, settings)
        fields = fields_of(kept, settings)
        documents = {field.place: document_of(field.text, self._protection, counts) for field in fields}
        prose = {place: document.prose() for place, document in documents.items()}
        language = language_of("\n".join(prose.values()), record.language, self._target, settings.languages, self._locale_of)
        if language == self._target:
            return self._passed(record)
        source, target = self._locale_of(language), self._locale_of(self._target)
        task = language_task(record, source) if settings.language_tasks != "translate" else ""
        if task:
            self.tasks[task] += 1
            return self._routed(record, language, task)
        if not self._offers(language):
            return Left(record, "pair-not-offered", f"{language} → {self._target}")
        work = Work(kept, record, language)
        if self._sees_before and settings.context_characters:
            work.before = _contexts(fields, documents, kept, settings.context_characters)
        split = self._split_of(source)
        for field in fields:
            document = documents[field.place]
            if prose[field.place] and is_already(prose[field.place], source, target):
                self.figures["already"] += 1
                continue
            sent = [self._begun(field, segment, split) for segment in document.segments]
            if sent:
                work.documents.append((field, document, sent))
        for kind, number in counts.items():
            self.protected[kind] = self.protected.get(kind, 0) + number
        if not work.documents:
            return Passed(msgspec.structs.replace(kept, language=self._target), changed=True)
        return work

    def texts(self, work: Work) -> list[Text]:
        """What of it is sent at first."""
        return [self._text(piece, work, sent) for sent in work.sent for piece, _ in sent.asked if not isinstance(piece, str)]

    def begin(self, work: Work, ask: Ask) -> None:
        """Hands in what is sent at first, in its order."""
        for sent in work.sent:
            self._ask(sent, work, ask)

    async def finish(self, work: Work, ask: Ask) -> Done | Left:
        """The record in the target language, or why not. What fails is asked for once more, in a narrower form."""
        for sent in work.sent:
            if (refused := await self._collect(sent, work)) is not None:
                return _refused(work.original, refused)
        failed = [sent for sent in work.sent if sent.failure is not None]
        # Where one failure sets the whole record aside, the next is asked again only behind it: it may never be of use.
        alone = self._settings.on_failed_check == "quarantine"
        for sent in failed if alone else [each for each in failed if self._narrow(each, work, ask)]:
            if alone and not self._narrow(sent, work, ask):
                break
            if (refused := await self._collect(sent, work)) is not None:
                return _refused(work.original, refused)
            if alone and sent.failure is not None:
                break
        return self._together(work)

    def _passed(self, record: Record) -> Passed:
        self.figures["passed"] += 1
        return Passed(record)

    def _routed(self, record: Record, language: str, task: str) -> Passed | Left:
        """A task about the source language: left out, or without its answer, for a lesson."""
        if self._settings.language_tasks == "skip":
            return Left(record, "language-task", task, dropped=True)
        fields = msgspec.structs.replace(self._settings.fields, assistant="regenerate", system="leave", thinking="leave")
        unanswered = without_what_goes(record, msgspec.structs.replace(self._settings, fields=fields))
        tags = {**record.tags, "language_task": task}
        return Passed(msgspec.structs.replace(unanswered, language=language, tags=tags), changed=True)

    def _offers(self, language: str) -> bool:
        if language not in self._offered:
            pairs = self._translator.pairs
            self._offered[language] = not pairs or any(
                is_same_language(source, language) and is_same_language(target, self._target) for source, target in pairs
            )
        return self._offered[language]

    def _split_of(self, locale: Locale | None) -> Split:
        if self._splitter is not None:
            return self._splitter
        return locale.sentences if locale is not None else sentences_by_rule

    def _begun(self, field: Field, segment: Segment, split: Split) -> _Sent:
        """The segment as it is sent at first: whole, where a request holds it and the translator can be shown where the parts are."""
        prose = segment.prose
        text = marked(prose, self._translator.marks)
        if self._translator.marks == "none" and parts_in(prose):
            pieces: Pieces = [
                each for piece in around_parts(prose) for each in ([piece] if isinstance(piece, str) else self._fit(piece, split))
            ]
        else:
            pieces = [prose] if self._size(text) <= self._translator.max_bytes else self._fit(prose, split)
        return _Sent(field, segment, pieces, text)

    def _fit(self, prose: Prose, split: Split) -> Pieces:
        most = self._translator.max_bytes
        return fitting(prose, lambda piece: self._size(marked(piece, self._translator.marks)) <= most, split)

    def _size(self, text: str) -> int:
        try:
            return self._translator.size(text)
        except UnicodeEncodeError:  # a lone surrogate: it is left when its key is made, whatever its size
            return 0

    def _text(self, piece: Prose, work: Work, sent: _Sent) -> Text:
        text = sent.text if piece is sent.segment.prose else marked(piece, self._translator.marks)
        return Text(text, work.before.get(sent.field.turn, ""))

    def _ask(self, sent: _Sent, work: Work, ask: Ask) -> None:
        sent.asked = [
            (piece, None if isinstance(piece, str) else ask(self._text(piece, work, sent), work.language, work.original))
            for piece, _ in sent.asked
        ]
        self.figures["texts"] += sum(1 for _, future in sent.asked if future is not None)

    async def _collect(self, sent: _Sent, work: Work) -> Refused | None:
        """Reads what came back for a segment and looks whether it will do."""
        texts: list[str] = []
        found: list[Finding] = []
        for piece, future in sent.asked:
            if isinstance(piece, str):
                texts.append(piece)
                continue
            outcome = await future
            if isinstance(outcome, Refused):
                return outcome
            reading = read(outcome.text, piece, self._translator.marks)
            texts.append(reading.text)
            found += reading.findings
        sent.reading = Reading("".join(texts), tuple(found))
        sent.findings = found if sent.reading.failed else [*found, *self._findings(sent, work)]
        return None

    def _findings(self, sent: _Sent, work: Work) -> list[Finding]:
        source, target = sent.segment.source, sent.reading.text
        if source.count("\n") != target.count("\n"):
            return [Finding("lines", f"{source.count(chr(10)) + 1} → {target.count(chr(10)) + 1}")]
        if not self._checks:
            return []
        pair = self._pair(work, sent.field, source, target, sent.segment.prose, apart=sent.apart)
        return checks.findings(pair, whole=False, without=self._without)

    def _pair(
        self,
        work: Work,
        field: Field,
        source: str,
        target: str,
        prose: Prose,
        *,
        apart: bool = False,
        code: tuple[str, ...] | None = None,
    ) -> Pair:
        return Pair(
            source=source,
            target=target,
            source_language=work.language,
            target_language=self._target,
            source_locale=self._locale_of(work.language),
            target_locale=self._locale_of(self._target),
            role=field.role,
            register=self._settings.register,
            kept=tuple(part.text for part in parts_in(prose)) if len(prose) > 1 or isinstance(prose[0], Part) else (),
            apart=apart,
            code=code,
            glossary=terms_in(dict(self._settings.glossary), source) if self._settings.glossary else {},
        )

    def _narrow(self, sent: _Sent, work: Work, ask: Ask) -> bool:
        """Asks for the segment again, in smaller pieces. False where there are none smaller."""
        split = self._split_of(self._locale_of(work.language))
        failure = sent.failure
        assert failure is not None
        sentences = sentences_of(sent.segment.prose, split)
        apart = failure.code in ("marks", "mark-order") or sum(not isinstance(piece, str) for piece in sentences) < 2
        if apart:
            sentences = [each for piece in sentences for each in ([piece] if isinstance(piece, str) else around_parts(piece))]
        pieces = [each for piece in sentences for each in ([piece] if isinstance(piece, str) else self._fit(piece, split))]
        if [piece for piece in pieces if not isinstance(piece, str)] == [
            piece for piece, _ in sent.asked if not isinstance(piece, str)
        ]:
            return False
        self.figures["narrower"] += 1
        sent.asked = [(piece, None) for piece in pieces]
        sent.apart = True
        self._ask(sent, work, ask)
        return True

    def _together(self, work: Work) -> Done | Left:
        texts: dict[tuple[str, int], str] = {}
        left: list[str] = []
        warned: list[str] = []
        for field, document, segments in work.documents:
            failed = [(sent, sent.failure) for sent in segments if sent.failure is not None]
            for sent, failure in failed:
                if self._settings.on_failed_check == "quarantine":
                    return _failed(work.original, field, failure)
                sent.reading = Reading(sent.segment.source)
                left.append(_told(field, failure))
            text = document.joined([sent.reading.text for sent in segments])
            found = [finding for sent in segments for finding in sent.findings if finding.severity == "warn"]
            if self._checks and not failed:
                prose = tuple(atom for sent in segments for atom in sent.segment.prose)
                # What was asked about the only segment of a text need not be asked about the text.
                without = self._without_asked if len(document.pieces) == 1 else self._without
                pair = self._pair(work, field, field.text, text, prose, code=document.code)
                found += checks.findings(pair, whole=True, without=without)
            broken = next((finding for finding in found if finding.severity == "fail"), None)
            if broken is not None:
                if self._settings.on_failed_check == "quarantine":
                    return _failed(work.original, field, broken)
                text = field.text
                left.append(_told(field, broken))
            texts[field.place] = text
            for finding in found:
                if finding.severity == "warn":
                    self.warnings[finding.code] += 1
                    warned.append(_told(field, finding))
        tags = dict(work.record.tags)
        if left:
            self.figures["left"] += len(left)
            tags["translation_left"] = left
        if warned:
            tags["translation_warnings"] = list(dict.fromkeys(warned))
        self.figures["translated"] += 1
        record = put_back(work.record, texts, self._settings)
        return Done(msgspec.structs.replace(record, language=self._target, tags=tags))


def _contexts(
    fields: Sequence[Field], documents: Mapping[tuple[str, int], Document], record: Record, most: int
) -> dict[int, str]:
    """For each turn of a dialogue the end of what was said before it, in the source language and without code."""
    if sum(message.role == "user" for message in record.messages) < LEAST_TURNS:
        return {}
    said = {
        field.turn: documents[field.place].said()
        for field in fields
        if field.place[0] == "message" and field.role in ("user", "assistant")
    }
    found: dict[int, str] = {}
    tail = ""
    for turn in range(len(record.messages) + 1):
        if tail:
            found[turn] = tail
        if said.get(turn):
            tail = _end(f"{tail}\n\n{said[turn]}" if tail else said[turn], most)
    return found


def _end(text: str, most: int) -> str:
    """The last letters of a text, from the beginning of a word."""
    if len(text) <= most:
        return text
    cut = text[-most:]
    # Where the cut is inside a word, the rest of it goes; a text without blanks is cut where it is cut.
    blank = _BLANK.search(cut) if not text[-most - 1].isspace() else None
    return cut[blank.end() :] if blank else cut.lstrip()


def _refused(record: Record, refused: Refused) -> Left:
    return Left(record, refused.reason, refused.detail)


def _failed(record: Record, field: Field, finding: Finding) -> Left:
    return Left(record, finding.code, f"{field.role}: {finding.detail[:DETAIL]}")


def _told(field: Field, finding: Finding) -> str:
    return f"{field.role}: {finding.code}: {finding.detail[:DETAIL]}".removesuffix(": ")
