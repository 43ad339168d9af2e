"""What the other run is made with: questions from a file, a filter, a lesson that makes two rows of each."""

from typing import Annotated

import msgspec
import seodang


class Questions(seodang.Seeds):
    """A question a line."""

    name = "questions"
    terms = ("CC-BY-4.0",)

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="The file.", extra=seodang.FILES)] = "questions.txt"

    def read(self, context):
        for path in context.files("path"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
                yield seodang.single_turn(line, "답", tags={"line": number})


class Short(seodang.Filter):
    """Drops what ends in one of these letters."""

    name = "short"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        letters: Annotated[str, msgspec.Meta(description="The endings.")] = "."

    def sift(self, records, context):
        return [seodang.Drop("ends") if record.question[-1] in self.options.letters else seodang.Keep() for record in records]


class Broken(seodang.Filter):
    """Never finishes."""

    name = "broken"
    whole = True

    def sift(self, records, context):
        raise seodang.DataError("small_school:broken")


class Twins(seodang.Lesson):
    """Makes two of each."""

    name = "twins"

    async def teach(self, records, context):
        async for record in records:
            for name in ("하나", "둘"):
                yield seodang.single_turn(f"{record.question} {name}", "답", parents=(record.id,))


class Nobody(seodang.Teacher):
    name = "nobody"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", "답"))


class Paper(seodang.Trainer):
    name = "paper"

    def train(self, dataset, base, output, context):
        return seodang.Trained(student="none", options={})


class Words(seodang.Locale):
    name = "ko"
    language = "ko"

    def sentences(self, text):
        return [text]

    def similarity_tokens(self, text):
        return text.split()


@seodang.hookimpl
def register_seeds(register):
    register(Questions)


@seodang.hookimpl
def register_filters(register):
    register(Short)
    register(Broken)


@seodang.hookimpl
def register_lessons(register):
    register(Twins)


@seodang.hookimpl
def register_teachers(register):
    register(Nobody)


@seodang.hookimpl
def register_trainers(register):
    register(Paper)


@seodang.hookimpl
def register_locales(register):
    register(Words)
