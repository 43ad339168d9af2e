"""Let a judge grade the answers by a rubric; keep the grade, and drop what has too low a one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import seodang

from seodang_filters.values import value_of

_PLACE = re.compile(r"\{(\w+)\}")
_REASON_SHOWN = 200


class Score(seodang.Filter):
    """Asks the step's `judge` about every answer, with the locale's rubric or your own, and keeps the grade as a tag.

    Below `threshold` the row is dropped; without one all are kept. An answer of the judge in which no grade can be read is no grade:
    the row is quarantined (`no-verdict`), like those that the judge refuses. A row without an answer is passed over. What a judge
    says of its own answers, of long ones and of ones that flatter is not corrected here.
    """

    name = "score"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        threshold: Annotated[float | None, msgspec.Meta(description="Drop answers with a lower grade.")] = None
        prompt: Annotated[
            str,
            msgspec.Meta(
                description="A file with your own rubric; {question} and {answer} are filled in, {reference} where there is one.",
                extra=seodang.FILES,
            ),
        ] = ""
        reference: Annotated[
            str,
            msgspec.Meta(description="The tag or column with an answer that is known to be right; asked about where it stands."),
        ] = ""
        lowest: Annotated[int, msgspec.Meta(description="The lowest grade of the rubric.")] = 1
        highest: Annotated[int, msgspec.Meta(description="The highest grade of the rubric.")] = 10
        tag: Annotated[str, msgspec.Meta(min_length=1, description="The tag that takes the grade.")] = "score"

        def __post_init__(self) -> None:
            if self.lowest >= self.highest:
                raise ValueError("lowest has to be below highest")
            if self.threshold is not None and not self.lowest <= self.threshold <= self.highest:
                raise ValueError(f"threshold has to lie between {self.lowest} and {self.highest}")

    async def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        rubric = Rubric(context, self.options)
        verdicts: dict[str, seodang.Keep | seodang.Drop] = {}
        counts = Counter(context.figures.get("grades", {}))
        async for record, answer in context.ask.each(stream(records), rubric.request):
            if answer is None:
                counts["without-answer"] += 1
            elif (grade := rubric.grade(answer.message.text)) is None:
                counts["no-verdict"] += 1
                context.quarantine(record.id, "no-verdict", answer.message.text[-_REASON_SHOWN:])
            else:
                counts[f"{grade:g}"] += 1
                verdicts[record.id] = self._verdict(grade, answer.message.text)
        context.tell(grades=dict(sorted(counts.items())))
        return [verdicts.get(record.id, seodang.Keep()) for record in records]

    def _verdict(self, grade: float, said: str) -> seodang.Keep | seodang.Drop:
        threshold = self.options.threshold
        if threshold is not None and grade < threshold:
            return seodang.Drop("low-score", f"{grade:g} < {threshold:g}: {' '.join(said.split())[:_REASON_SHOWN]}")
        return seodang.Keep(tags={self.options.tag: int(grade) if grade.is_integer() else grade})


class Rubric:
    """The question to the judge, and the grade in its answer."""

    def __init__(self, context: seodang.Context, options: Any) -> None:
        self._options = options
        self._locale = context.locale
        own = self._own(context) if options.prompt else ""
        self._with_reference = own or (self._prompt("grade-with-reference") if options.reference else "")
        self._without = "" if own and "{reference}" in own else own or self._prompt("grade")
        words = "|".join(re.escape(word) for word in self._needed("markers", "grade"))
        # The last of its kind counts: rubrics let a judge think first. A range (1~10) or a negative number is no grade.
        self._grade = re.compile(
            rf"(?:{words})[^\d\n.~–−-]{{0,8}}(\d{{1,4}}(?:\.\d+)?)(?![\d.]*\d)(?!\s*[~–−-]\s*\d)", re.IGNORECASE
        )

    def request(self, record: seodang.Record) -> seodang.Request | None:
        if not record.answered or not record.answer.strip():
            return None
        reference = value_of(record, self._options.reference) if self._options.reference else None
        known = isinstance(reference, str) and bool(reference.strip())
        prompt = self._with_reference if known else self._without
        if not prompt:
            raise seodang.SeodangError("seodang_filters:no-reference", record=record.id, reference=self._options.reference)
        places = {"question": self._question(record), "answer": record.answer, "reference": str(reference)}
        text = _PLACE.sub(lambda found: places[found[1]], prompt)
        return seodang.Request(messages=(seodang.Message("user", text),))

    def grade(self, said: str) -> float | None:
        found = self._grade.findall(said)
        grade = float(found[-1]) if found else None
        return grade if grade is not None and self._options.lowest <= grade <= self._options.highest else None

    def _question(self, record: seodang.Record) -> str:
        """What was asked; of a dialogue all that was said before the last answer, each turn behind the locale's word for it."""
        before = [message for message in record.messages[:-1] if message.role in ("user", "assistant")]
        last = f"\n\n{record.input}" if record.input else ""
        if len(before) == 1:
            return before[0].text + last
        names = {"user": self._needed("markers", "instruction")[0], "assistant": self._needed("markers", "output")[0]}
        return "\n\n".join(f"{names[message.role]}: {message.text}" for message in before) + last

    def _own(self, context: seodang.Context) -> str:
        path = context.files("prompt")[0]
        try:
            text = path.read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError:
            raise seodang.SeodangError("seodang_filters:rubric-not-utf8", path=str(path)) from None
        places = set(_PLACE.findall(text))
        wanted = {"question", "answer"} | ({"reference"} if self._options.reference else set())
        if missing := sorted(wanted - places):
            raise seodang.SeodangError("seodang_filters:rubric-places", path=str(path), places=_braced(missing))
        if unknown := sorted(places - wanted):
            raise seodang.SeodangError("seodang_filters:rubric-unknown", path=str(path), places=_braced(unknown))
        return text

    def _prompt(self, name: str) -> str:
        return str(self._needed("prompts", name))

    def _needed(self, data: str, name: str) -> Any:
        found: Mapping[str, Any] = getattr(self._locale, data)
        if not found.get(name):
            raise seodang.SeodangError(
                "seodang_filters:locale-lacks", filter=Score.name, language=self._locale.language, what=f"{data} '{name}'"
            )
        return found[name]


def _braced(names: Sequence[str]) -> list[str]:
    return [f"{{{name}}}" for name in names]


async def stream(records: Sequence[seodang.Record]) -> AsyncIterator[seodang.Record]:
    for record in records:
        yield record
