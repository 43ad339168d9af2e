"""A small school for the tests of runs: seeds, a teacher that counts, lessons and filters. Real classes, no mocks."""

from __future__ import annotations

import os
from typing import Annotated

import msgspec
import seodang


class Numbers(seodang.Seeds):
    name = "numbers"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        rows: Annotated[int, msgspec.Meta(description="So many rows.")] = 10
        fails_at: Annotated[int, msgspec.Meta(description="Raise at this row.", extra=seodang.CONDUCT)] = -1

    def read(self, context):
        for number in range(self.options.rows):
            if number == self.options.fails_at:
                raise ValueError("the source broke")
            yield seodang.single_turn(f"질문 {number}")


class Counted(seodang.Teacher):
    """Answers, and counts what it was asked in a file that outlives the process."""

    name = "counted"

    class Options(seodang.Teacher.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        book: Annotated[str, msgspec.Meta(description="Where questions are counted.", extra=seodang.CONDUCT)]
        fails_at: Annotated[str, msgspec.Meta(description="Refuse the question that ends so.", extra=seodang.CONDUCT)] = ""
        dies_at: Annotated[int, msgspec.Meta(description="Fail for good at so many questions.", extra=seodang.CONDUCT)] = 0
        price_micro: Annotated[
            int, msgspec.Meta(description="Millionths of a dollar per million output tokens.", extra=seodang.CONDUCT)
        ] = 0

    def price(self):
        return seodang.Price(output_micro_per_million=self.options.price_micro)

    def most_tokens(self, request):
        return 10, 100

    async def answer(self, request, context):
        text = request.messages[-1].text
        with open(self.options.book, "a", encoding="utf-8") as book:
            book.write(text + "\n")
        if self.options.dies_at and asked(self.options.book) > self.options.dies_at:
            raise seodang.Exhausted("the quota is used up")
        if self.options.fails_at and text.endswith(self.options.fails_at):
            raise seodang.Refused("not this one", reason="http-400")
        return seodang.Answer(message=seodang.Message("assistant", f"답: {text}"), usage=seodang.Usage(5, 50))


def asked(book: str | os.PathLike[str]) -> int:
    try:
        with open(book, encoding="utf-8") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


class Answering(seodang.Lesson):
    name = "answering"

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.request):
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message))


class Doubling(seodang.Lesson):
    """Makes two new records of each, drops the first, and forgets nobody."""

    name = "doubling"

    async def teach(self, records, context):
        first = True
        async for record, answer in context.ask.each(records, self.request):
            if first:
                first = False
                yield seodang.Drop("first", "only to see it", id=record.id)
                continue
            for turn in ("가", "나"):
                yield seodang.single_turn(record.question + turn, answer.message.text, parents=(record.id,))


class Choosing(seodang.Lesson):
    """Makes two new records of each, keeps one, and tells how far it is itself."""

    name = "choosing"

    async def teach(self, records, context):
        done = 0
        async for record, answer in context.ask.each(records, self.request):
            made = [seodang.single_turn(f"{turn} {done}", answer.message.text, parents=(record.id,)) for turn in ("가", "나")]
            yield made[0]
            yield seodang.Drop("second", "one is enough", record=made[1], other=record.id)
            done += 1
            context.progress(done, 12, second=done)
        context.tell(chosen=done)


class Ending(seodang.Filter):
    """Drops records whose question ends in one of these letters."""

    name = "ending"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        letters: Annotated[str, msgspec.Meta(description="The endings.")] = ""
        fails_at: Annotated[str, msgspec.Meta(description="Raise at the question that ends so.", extra=seodang.CONDUCT)] = ""

    def sift(self, records, context):
        verdicts = []
        for record in records:
            if self.options.fails_at and record.question.endswith(self.options.fails_at):
                raise RuntimeError("this row is too much for me")
            drop = self.options.letters and record.question[-1] in self.options.letters
            verdicts.append(seodang.Drop("ending", record.question[-1]) if drop else seodang.Keep())
        return verdicts


class Tagging(seodang.Filter):
    name = "tagging"

    def sift(self, records, context):
        return [seodang.Keep(tags={"seen": True}) for _ in records]


class Whole(seodang.Filter):
    """Drops every question that is the last of all; it has to see them all."""

    name = "whole"
    whole = True

    def sift(self, records, context):
        last = [record.id for record in records][-1]
        return (seodang.Drop("last") if record.id == last else seodang.Keep() for record in records)


class Sloppy(seodang.Filter):
    name = "sloppy"

    def sift(self, records, context):
        return [seodang.Keep() for _ in records][:-1]


@seodang.hookimpl
def register_seeds(register):
    register(Numbers)


@seodang.hookimpl
def register_teachers(register):
    register(Counted)


@seodang.hookimpl
def register_lessons(register):
    register(Answering)
    register(Doubling)
    register(Choosing)


@seodang.hookimpl
def register_filters(register):
    for each in (Ending, Tagging, Whole, Sloppy):
        register(each)
