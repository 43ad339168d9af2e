"""Drop answers that belong to another question: what a teacher mixes up that answers many questions at once."""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
import seodang

from seodang_filters.fitting import Misfit, Rows, Sides, Weights, seed_counts, sides_of
from seodang_filters.forms import Forms

BLOCK = 5000
"""So many rows are held at once; which words are rare is told by them and by the block before."""

Verdict = seodang.Keep | seodang.Drop


class AnswerFit(seodang.Filter):
    """Drops an answer that has nothing in common with its question where that is no accident: the neighbours' answers hang together
    and have nothing in common with their questions either (`batch-bleed`), it fits the question of a neighbour better than that
    one's own answer does (`answers-another`), or a batch gives it to several questions (`repeated-answer`). Drops it, too, where it has
    not the form that its question names (`not-as-asked`): no code where a function is asked for, no question where questions are.

    Neighbours are the rows with the same batch in `tags`, else the rows that stand near. So it belongs before whatever shuffles.
    By words: an answer that was swapped for one that stands far away, or shares its words by chance, is not found. With `judge` the
    judge decides, about every answer that has nothing in common with its question. Dialogues and answers in code are let through.
    """

    name = "answer-fit"
    revision = 2
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        neighbours: Annotated[
            int, msgspec.Meta(ge=1, le=99, description="So many rows before and behind may come from one request.")
        ] = 9
        batch: Annotated[
            str, msgspec.Meta(description="The tag that tells which rows come from one request, where there is one.")
        ] = "batch"
        forms: Annotated[
            bool,
            msgspec.Meta(description="Drop an answer without the form that its question names: code, questions, a table, JSON."),
        ] = True
        repeats: Annotated[int, msgspec.Meta(ge=2, description="So many neighbours with one answer are too many.")] = 3

    async def sift(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[Verdict]:
        try:
            # Not `context.ask`: a lesson that lets this filter look at its answers has a teacher, who is no judge of them.
            ask = context.judge
        except seodang.SeodangError:
            # No judge is named. The verdicts are worked out while they are taken, in the thread that takes them.
            return self._by_words(records, context)
        suspects = await asyncio.to_thread(lambda: self._suspects(records, context))
        asking = _Asking(context.locale)
        answers: dict[int, str] = {}
        places: dict[str, list[int]] = {}

        async def suspected() -> AsyncIterator[seodang.Record]:
            for place, record in enumerate(records):
                if place in suspects:
                    places.setdefault(record.id, []).append(place)
                    yield record

        async for record, answer in ask.each(suspected(), asking.request):
            answers[places[record.id].pop(0)] = answer.message.text
        return (
            asking.verdict(answers.get(place), suspects[place]) if place in suspects else seodang.Keep()
            for place in range(len(records))
        )

    def _by_words(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[Verdict]:
        for _, misfit in self._judged(records, context):
            yield seodang.Keep() if misfit is None else seodang.Drop(misfit.code, misfit.detail, other=misfit.other)

    def _suspects(self, records: Collection[seodang.Record], context: seodang.Context) -> dict[int, Misfit | None]:
        """Every row whose answer has nothing in common with its question, by its place."""
        judged = enumerate(self._judged(records, context))
        return {place: misfit for place, (unfit, misfit) in judged if unfit or misfit is not None}

    def _judged(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[tuple[bool, Misfit | None]]:
        """For each row, whether its answer has nothing in common with its question, and what is wrong with it."""
        locale = context.locale
        seeds, seed_texts = seed_counts(locale)
        forms = Forms(locale) if self.options.forms else None
        margin = 3 * (self.options.neighbours + 1)
        held: list[Sides] = []
        begin = 0  # what is held before this place has had its verdict
        before: Counter[str] = Counter()
        before_texts = 0
        stream = iter(records)
        ended = False
        while not ended:
            counts: Counter[str] = Counter()
            texts = 0
            while len(held) < begin + BLOCK + margin:
                record = next(stream, None)
                if record is None:
                    ended = True
                    break
                held.append(sides_of(record, locale, forms, self.options.batch, counts))
                texts += 1
            rows = Rows(
                held,
                locale.similarity_tokens,
                forms,
                Weights((seeds, before, counts), seed_texts + before_texts + texts),
                self.options.neighbours,
                self.options.repeats,
            )
            misfits = rows.misfits()
            end = len(held) if ended else begin + BLOCK
            yield from ((rows.unfit[place], misfits.get(place)) for place in range(begin, end))
            held = held[max(0, end - margin) :]
            begin = min(end, margin)
            before, before_texts = counts, texts


class _Asking:
    """The question to the judge, and what is made of its answer."""

    def __init__(self, locale: seodang.Locale) -> None:
        prompts = _prompts()["answer-fit"]
        if locale.language not in prompts or not {"yes", "no"} <= locale.markers.keys():
            raise seodang.SeodangError(
                "seodang_filters:locale-lacks", filter=AnswerFit.name, language=locale.language, what="prompts.toml [answer-fit]"
            )
        self._prompt = prompts[locale.language].strip()
        self._yes, self._no = locale.markers["yes"], locale.markers["no"]

    def request(self, record: seodang.Record) -> seodang.Request:
        asked = [message.text for message in record.messages if message.role == "user"][-1:]
        question = "\n\n".join((*asked, record.input)) if record.input else "".join(asked)
        # A row cannot know its own mark, so it cannot end what is quoted; and the request is the same whenever it is asked.
        mark = hashlib.sha256(f"{question}\0{record.answer}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
        text = self._prompt.format(
            yes=self._yes[0],
            no=self._no[0],
            mark=mark,
            question=question.replace(mark, ""),
            answer=record.answer.replace(mark, ""),
        )
        return seodang.Request(messages=(seodang.Message("user", text),))

    def verdict(self, answer: str | None, misfit: Misfit | None) -> Verdict:
        """What cannot be read decides nothing: the row is kept, and marked."""
        lines = (answer or "").strip().splitlines()
        last = lines[-1].strip(" \t'\"‘’“”「」*.。!") if lines else ""
        says_no, says_yes = _begins(last, self._no), _begins(last, self._yes)
        if says_no and not says_yes:
            return seodang.Drop("answers-another", " ".join(lines)[:200], other=misfit.other if misfit else "")
        if says_yes and not says_no:
            return seodang.Keep(tags={AnswerFit.name: "judged"})
        return seodang.Keep(tags={AnswerFit.name: "not-judged"})


def _begins(line: str, words: Collection[str]) -> bool:
    return line.casefold() in {word.casefold() for word in words}


@cache
def _prompts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("prompts.toml").read_text(encoding="utf-8"))
