"""The contracts of those who answer, those who translate, and those who ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from seodang.capabilities import Lesson, Teacher, Translator
from seodang.errors import MissingSecret, Refused
from seodang.records import Message, Record
from seodang.requests import Answer, Outlook, Reply, Request, Text, Translation
from seodang.runs.verbs import each_of, perform
from seodang.testing.contexts import LooseContext, asking
from seodang.testing.contract import CapabilityContract
from seodang.testing.echo import Echo
from seodang.testing.samples import FENCE, PLACEHOLDERS, QUESTIONS, TEXTS, copies
from seodang.translation.documents import Document, Segment, document_of
from seodang.translation.marking import Marks, marked, read
from seodang.translation.narrowing import around_parts
from seodang.translation.parts import Prose
from seodang.translation.protection import Protection
from seodang.verdicts import Drop

_encode = msgspec.json.Encoder(order="deterministic").encode

FINISHES = ("stop", "length", "content_filter", "refusal", "tool_calls")


def needs_its_secret(make: Callable[[], Any], ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, no_network: Any) -> None:
    """Without its key a plugin says which one is missing, and does not try its luck with the other side."""
    capability = make()
    for secret in capability.secrets:
        monkeypatch.delenv(secret.removeprefix("env:"), raising=False)
    if capability.secrets:
        with pytest.raises(MissingSecret):
            ask()
        assert not no_network.attempts


class TranslatorContract(CapabilityContract):
    """A translator gives back one text for each, in their order, and leaves alone what is not language."""

    __test__ = False
    kind = "translator"
    translator: ClassVar[type[Translator]]
    texts: ClassVar[Sequence[str]] = tuple(text for text in TEXTS if text.strip())
    source_language: ClassVar[str] = "en"
    language: ClassVar[str] = "ko"
    teacher: ClassVar[type[Any]] = Echo
    """Whom a translator asks that `asks`."""

    @pytest.fixture
    def translate(
        self, make: Callable[[], Translator], new_context: Callable[..., LooseContext], place: Path
    ) -> Callable[..., list[Translation]]:
        def translate_once(texts: Iterable[str]) -> list[Translation]:
            translator = make()
            context = new_context(options=translator.options, source_language=self.source_language)
            translated = _Translated(list(texts), translator.marks)
            with asking(context, self.teacher(), place) if translator.asks else nullcontext():
                # One that asks is given one text at a time.
                given = [[text] for text in translated.sent] if translator.asks and translated.sent else [translated.sent]
                said = [one for each in given for one in asyncio.run(perform(translator.translate, each, context))]
            assert len(said) == len(translated.sent), "one translation for each text"
            return translated.read(said)

        return translate_once

    def test_there_is_one_translation_per_text(self, translate: Callable[..., list[Translation]]) -> None:
        translations = translate(self.texts)
        assert len(translations) == len(self.texts)
        assert all(translation.text.strip() for translation in translations), "a text was translated into nothing"
        assert all(isinstance(translation.billed, int) and translation.billed >= 0 for translation in translations)

    def test_nothing_is_asked_for_nothing(self, translate: Callable[..., list[Translation]]) -> None:
        assert translate(()) == []

    def test_they_stay_in_order(self, translate: Callable[..., list[Translation]]) -> None:
        """Each text has as many marks as its number, so that another's translation has too many or too few."""
        marks = [[f"{{mark_{number}_{which}}}" for which in range(number)] for number in range(1, 8)]
        translations = translate(f"This has {' and '.join(own)} in it." for own in marks)
        for own, translation in zip(marks, translations, strict=True):
            assert all(mark in translation.text for mark in own)

    def test_code_and_placeholders_survive(self, translate: Callable[..., list[Translation]]) -> None:
        """What a program reads afterwards is not language: fences to the letter, placeholders, addresses."""
        fenced, marked = translate([TEXTS[2], TEXTS[3]])
        assert FENCE in fenced.text
        for placeholder in PLACEHOLDERS:
            assert placeholder in fenced.text + marked.text, f"{placeholder} was lost"

    def test_it_says_how_much_it_takes_at_once(self, make: Callable[[], Translator]) -> None:
        """The core packs by these; a size below the truth would be a request that the other side refuses."""
        translator = make()
        assert translator.max_texts >= 1 and translator.max_bytes >= 1
        assert all(translator.size(text) >= len(text.encode()) for text in TEXTS)
        assert all(len(pair) == 2 and all(isinstance(code, str) and code for code in pair) for pair in translator.pairs)

    def test_it_needs_its_secret(
        self, make: Callable[[], Any], translate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, no_network: Any
    ) -> None:
        needs_its_secret(make, lambda: translate(["Hello."]), monkeypatch, no_network)


class _Translated:
    """Texts as the core sends them: what is not language is taken out, or marked as the translator wants it."""

    def __init__(self, texts: Sequence[str], marks: Marks) -> None:
        self.sent: list[Text] = []
        self._marks = marks
        protection = Protection()
        self._documents = [(text, document_of(text, protection, {})) for text in texts]
        self._pieces = [self._of(segment) for _, document in self._documents for segment in document.segments]

    def _of(self, segment: Segment) -> Sequence[Prose | str]:
        pieces = around_parts(segment.prose) if self._marks == "none" else [segment.prose]
        self.sent += [Text(marked(piece, self._marks)) for piece in pieces if not isinstance(piece, str)]
        return pieces

    def read(self, said: Sequence[Translation]) -> list[Translation]:
        left, pieces = iter(said), iter(self._pieces)
        return [self._joined(text, document, pieces, left) for text, document in self._documents]

    def _joined(
        self, text: str, document: Document, pieces: Iterator[Sequence[Prose | str]], left: Iterator[Translation]
    ) -> Translation:
        billed, texts = 0, []
        for segment in document.segments:
            found = []
            for piece in next(pieces):
                if isinstance(piece, str):
                    found.append(piece)
                    continue
                translation = next(left)
                assert isinstance(translation, Translation)
                assert isinstance(translation.billed, int) and translation.billed >= 0
                reading = read(translation.text, piece, self._marks)
                assert not reading.failed, f"{translation.text!r} lost what was marked in {marked(piece, self._marks)!r}"
                billed += translation.billed
                found.append(reading.text)
            translated = "".join(found)
            assert translated.count("\n") == segment.source.count("\n"), f"other lines than in {segment.source!r}"
            texts.append(translated)
        return Translation(document.joined(texts) if texts else text, billed)


class TeacherContract(CapabilityContract):
    """A teacher answers each request, and what it was paid for can be read again for nothing."""

    __test__ = False
    kind = "teacher"
    teacher: ClassVar[type[Teacher]]
    requests: ClassVar[Sequence[Request]] = (
        Request(messages=(Message("user", "Name three colours."),), max_tokens=64),
        Request(messages=(Message("system", "Answer in one word."), Message("user", "서당이 무엇인가요?")), max_tokens=64),
        Request(messages=(Message("user", "Hi."), Message("assistant", "Hello."), Message("user", "Bye.")), max_tokens=64),
    )

    @pytest.fixture
    def answer(
        self, make: Callable[[], Teacher], new_context: Callable[..., LooseContext]
    ) -> Callable[..., list[Answer | Reply]]:
        def answer_all() -> list[Answer | Reply]:
            teacher = make()
            context = new_context(options=teacher.options)

            async def together() -> list[Answer | Reply]:
                try:
                    if teacher.group > 1:
                        return list(await perform(teacher.answer_many, list(self.requests), context))
                    return list(await asyncio.gather(*(perform(teacher.answer, request, context) for request in self.requests)))
                finally:
                    await teacher.close()

            return asyncio.run(together())

        return answer_all

    def test_every_request_has_an_answer(self, make: Callable[[], Teacher], answer: Callable[[], list[Answer | Reply]]) -> None:
        """Asked all at once, as a run asks."""
        answers = answer()
        assert len(answers) == len(self.requests)
        for given in answers:
            assert isinstance(given, (Answer, Reply)), f"answer() returns Answer or Reply, not {type(given).__name__}"
            read = make().read(given) if isinstance(given, Reply) else given
            assert isinstance(read, Answer), f"read() returns Answer, not {type(read).__name__}"
            assert read.message.role == "assistant"
            assert read.finish in FINISHES, f"finish is one of {', '.join(FINISHES)}, not {read.finish!r}"

    def test_a_reply_reads_the_same_again(self, make: Callable[[], Teacher], answer: Callable[[], list[Answer | Reply]]) -> None:
        """The ledger keeps the bytes, and every repeated run reads them once more, with another instance and no network."""
        for given in answer():
            if isinstance(given, Reply):
                assert isinstance(given.body, bytes)
                assert _encode(make().read(given)) == _encode(make().read(given))
            else:
                assert msgspec.json.decode(_encode(given), type=Answer) == given, "an Answer has to survive being stored"

    def test_its_worst_case_is_the_worst(self, make: Callable[[], Teacher], answer: Callable[[], list[Answer | Reply]]) -> None:
        """A budget reserves `most_tokens` before it sends; an answer that costs more would break the cap."""
        teacher = make()
        for request, given in zip(self.requests, answer(), strict=True):
            most_input, most_output = teacher.most_tokens(request)
            usage = (teacher.read(given) if isinstance(given, Reply) else given).usage
            if usage is not None:
                assert usage.input_tokens <= most_input and usage.output_tokens <= most_output

    def test_who_it_is_does_not_change(self, make: Callable[[], Teacher]) -> None:
        """The identity is part of every answer's key: it depends on the options and on nothing else, least of all on a key."""
        assert make().identity == make().identity

    def test_it_needs_its_secret(
        self, make: Callable[[], Any], answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, no_network: Any
    ) -> None:
        needs_its_secret(make, answer, monkeypatch, no_network)


class Uneven(Teacher):
    """Another teacher's answers, counted, some late: what a lesson makes of them must not depend on who is first."""

    name = "uneven"

    def __init__(self, teacher: Teacher, *, late: bool) -> None:
        super().__init__()
        self.asked = 0
        self._teacher = teacher
        self._late = late

    @property
    def identity(self) -> str:
        return self._teacher.identity

    async def answer(self, request: Request, context: Any) -> Answer:
        self.asked += 1
        if self._late:
            await asyncio.sleep((self.asked * 7 % 5) / 1000)
        if self._teacher.group > 1:
            answers: Sequence[Answer | Refused] = await perform(self._teacher.answer_many, [request], context)
            if isinstance(answers[0], Refused):
                raise answers[0]
            return answers[0]
        given = await perform(self._teacher.answer, request, context)
        return self._teacher.read(given) if isinstance(given, Reply) else given


class LessonContract(CapabilityContract):
    """A lesson is replayed from the ledger: repeated, resumed or uninterrupted, it comes to the same records."""

    __test__ = False
    kind = "lesson"
    lesson: ClassVar[type[Lesson]]
    records: ClassVar[Sequence[Record]] = QUESTIONS
    teacher: ClassVar[type[Teacher] | None] = None
    """Who answers; by default one that repeats the question, which not every lesson can read."""
    judge: ClassVar[type[Teacher] | None] = None
    """Who judges, for a lesson that asks `context.judge`, too."""

    @pytest.fixture
    def teach(self, make: Callable[[], Lesson], new_context: Callable[..., LooseContext], place: Path) -> Callable[..., Any]:
        """Teaches with the ledger in the folder `book`: gives the results, the ids set aside, and how many questions it took."""

        def teach_once(
            book: str, *, late: bool = False, stop_after: int | None = None, records: Sequence[Record] | None = None
        ) -> tuple[list[Record | Drop], list[str], int]:
            lesson = make()
            context = new_context(options=lesson.options)
            teacher = Uneven((self.teacher or Echo().teacher)(), late=late)
            (place / book).mkdir(exist_ok=True)
            results: list[Record | Drop] = []

            async def take() -> None:
                given = each_of(lesson.teach, stream(copies(self.records) if records is None else records), context)
                async for result in given:
                    results.append(result)
                    if len(results) == stop_after:
                        break
                await given.aclose()  # type: ignore[attr-defined]

            judge = Uneven(self.judge(), late=late) if self.judge else None
            with asking(context, teacher, place / book, judge=judge) as set_aside:
                asyncio.run(asyncio.wait_for(take(), 60))
            asked = teacher.asked + (judge.asked if judge else 0)
            return results, [record.id for record, _, _ in set_aside], asked

        return teach_once

    def test_it_makes_records(self, teach: Callable[..., Any]) -> None:
        results, set_aside, _ = teach("book")
        assert any(isinstance(result, Record) for result in results), (
            f"no record came, {len(set_aside)} were set aside: give the contract a `teacher` whose answers the lesson can read"
        )
        assert all(isinstance(result, (Record, Drop)) for result in results)

    def test_every_result_leads_back_to_its_records(self, teach: Callable[..., Any]) -> None:
        """A record that goes on keeps its id; a new one has none yet and names its parents; a drop names the one it means."""
        known = {record.id for record in self.records}
        results, _, _ = teach("book")
        ids = [result.id for result in results if result.id]
        assert len(set(ids)) == len(ids), "one record came out twice"
        assert set(ids) <= known, "an id that no record came in with: leave the `id` of a new record empty"
        for result in results:
            if isinstance(result, Drop):
                assert result.code and (result.id or result.record is not None), "Drop('reason', detail, id=record.id)"
                assert result.record is None or set(result.record.parents) <= known
            else:
                assert set(result.parents) <= known

    def test_a_repeated_run_asks_nothing(self, teach: Callable[..., Any]) -> None:
        first, _, asked = teach("book")
        again, _, asked_again = teach("book")
        assert asked_again == 0, f"{asked_again} of {asked} questions were others the second time: draw only from context.random"
        assert _encode(again) == _encode(first)

    def test_late_answers_change_nothing(self, teach: Callable[..., Any]) -> None:
        assert _encode(teach("prompt")[0]) == _encode(teach("late", late=True)[0])

    def test_a_resumed_run_is_the_same_run(self, teach: Callable[..., Any]) -> None:
        whole, _, asked = teach("whole")
        _, _, before = teach("interrupted", stop_after=1)
        resumed, _, after = teach("interrupted")
        assert _encode(resumed) == _encode(whole)
        assert before + after <= asked, "answers that were there already were asked for again"

    def test_what_it_expects_to_ask_can_be_said_beforehand(
        self, make: Callable[[], Lesson], new_context: Callable[..., LooseContext]
    ) -> None:
        """`seodang plan` asks for it before anything is bought. A lesson that is given nothing may still make something."""
        lesson = make()
        for rows in (0, len(self.records)):
            outlook = lesson.estimate(rows, new_context(options=lesson.options))
            if outlook is not None:
                assert isinstance(outlook, Outlook) and outlook.questions and outlook.rows >= 0
                assert all(expected.times >= 0 and expected.request.messages for expected in outlook.questions)

    def test_no_records_are_no_trouble(self, teach: Callable[..., Any]) -> None:
        results, _, _ = teach("book", records=())
        assert all(isinstance(result, Record) for result in results)


async def stream(records: Iterable[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record
