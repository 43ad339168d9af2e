"""A village for the tests of seeds: rows from a file, teachers near and far, masks, an exam on what was held out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import seodang


class Village(seodang.Locale):
    """A language in which words are compared."""

    name = "ko"
    language = "ko"

    def sentences(self, text):
        return [text]

    def similarity_tokens(self, text):
        return text.split()


class Rows(seodang.Seeds):
    """`rows.jsonl`: a question, and perhaps an input, a url, a dialogue, an answer."""

    name = "rows"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="The file.", extra=seodang.FILES)] = "rows.jsonl"

    def read(self, context):
        for path in context.files("path"):
            for row in context.rows(path):
                tags = {name: row.values[name] for name in ("url", "dialogue") if name in row.values}
                values = row.values
                yield seodang.single_turn(values["question"], values.get("answer", ""), input=values.get("input", ""), tags=tags)


class Confidential(Rows):
    """Declares itself that its rows hold personal data, unless it masks them."""

    name = "confidential"

    class Options(Rows.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        mask: Annotated[bool, msgspec.Meta(description="Mask them.")] = False

    @property
    def personal(self):
        return not self.options.mask


class Carrier(Rows):
    """Brings rows whose terms only the rows know."""

    name = "carrier"

    def read(self, context):
        for record in super().read(context):
            yield msgspec.structs.replace(record, terms=(seodang.PERSONAL_DATA,))


class Far(seodang.Teacher):
    """Would speak to somebody else's computer; counts in a file what it was asked."""

    name = "far"

    class Options(seodang.Teacher.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        base_url: Annotated[str, msgspec.Meta(description="The host.", extra=seodang.CONDUCT)] = "api.example.com"
        book: Annotated[str, msgspec.Meta(description="What was asked.", extra=seodang.CONDUCT)] = ""

    @property
    def network(self):
        return (self.options.base_url,)

    async def answer(self, request, context):
        with open(self.options.book, "a", encoding="utf-8") as book:
            book.write(request.messages[-1].text + "\n")
        return seodang.Answer(message=seodang.Message("assistant", "답"))


class Abroad(seodang.Translator):
    name = "abroad"
    network = ("translate.example.com",)

    def translate(self, texts, context):
        return [seodang.Translation(text.text) for text in texts]


class Answering(seodang.Lesson):
    name = "answering"

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.request):
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message))


class Mask(seodang.Filter):
    """Puts a placeholder where a telephone number stands."""

    name = "mask"
    clears = (seodang.PERSONAL_DATA,)

    def sift(self, records, context):
        masked = [tuple(seodang.Message(m.role, m.text.replace("010-1234-5678", "<phone>")) for m in r.messages) for r in records]
        return [seodang.Keep(msgspec.structs.replace(r, messages=m)) for r, m in zip(records, masked, strict=True)]


class WholeMask(Mask):
    name = "whole-mask"
    whole = True


class LaterMask(Mask):
    name = "later-mask"

    async def sift(self, records, context):
        return Mask.sift(self, records, context)


class MaskingLesson(seodang.Lesson):
    """Asks nobody: hands back what it was given, and one new row for the first."""

    name = "masking-lesson"
    clears = (seodang.PERSONAL_DATA,)

    async def teach(self, records, context):
        first = True
        async for record in records:
            yield record if not first else seodang.single_turn("새 행", "답", parents=(record.id,))
            first = False


class Paper(seodang.Trainer):
    """Writes down what it was taught, as a student of paper."""

    name = "paper"

    def train(self, dataset, base, output, context):
        student = output / "student"
        student.mkdir(exist_ok=True)
        (student / "taught.json").write_text(json.dumps([record.question for record in dataset]), encoding="utf-8")
        return seodang.Trained(student="paper-student", options={"path": "student"})


class PaperStudent(seodang.Student):
    name = "paper-student"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="Where it is.")]

    def loglikelihoods(self, pairs):
        return [0.0 for _ in pairs]

    def generate(self, conversations, max_tokens):
        return ["" for _ in conversations]

    def taught(self) -> list[str]:
        return json.loads((Path(self.options.path) / "taught.json").read_text(encoding="utf-8"))


class Exam(seodang.Evaluation):
    """Looks twice at what was held out, and counts what of it was taught."""

    name = "exam"

    def evaluate(self, student, context):
        first, second = list(context.held_out), list(context.held_out)
        assert first == second
        for index, record in enumerate(first):
            yield seodang.Item(task="held-out", index=index, values={"id": record.id, "question": record.question})
        taught = set(student.taught())
        yield seodang.Score(name="taught", value=sum(record.question in taught for record in first), count=len(context.held_out))


class FarExam(Exam):
    name = "far-exam"
    network = ("exam.example.com",)


class Peeping(seodang.Filter):
    """Looks where only evaluations may."""

    name = "peeping"

    def sift(self, records, context):
        return [seodang.Keep() for _ in context.held_out]


KINDS: Mapping[str, tuple[Any, ...]] = {
    "seeds": (Rows, Confidential, Carrier),
    "translators": (Abroad,),
    "teachers": (Far,),
    "lessons": (Answering, MaskingLesson),
    "filters": (Mask, WholeMask, LaterMask, Peeping),
    "trainers": (Paper,),
    "students": (PaperStudent,),
    "evaluations": (Exam, FarExam),
    "locales": (Village,),
}


@seodang.hookimpl
def register_seeds(register):
    list(map(register, KINDS["seeds"]))


@seodang.hookimpl
def register_translators(register):
    list(map(register, KINDS["translators"]))


@seodang.hookimpl
def register_teachers(register):
    list(map(register, KINDS["teachers"]))


@seodang.hookimpl
def register_lessons(register):
    list(map(register, KINDS["lessons"]))


@seodang.hookimpl
def register_filters(register):
    list(map(register, KINDS["filters"]))


@seodang.hookimpl
def register_trainers(register):
    list(map(register, KINDS["trainers"]))


@seodang.hookimpl
def register_students(register):
    list(map(register, KINDS["students"]))


@seodang.hookimpl
def register_evaluations(register):
    list(map(register, KINDS["evaluations"]))


@seodang.hookimpl
def register_locales(register):
    list(map(register, KINDS["locales"]))
