"""The verb `translate`: brings records into the recipe's language, text by text, through the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from seodang.asking.translating import translate_texts
from seodang.capabilities import Translator
from seodang.errors import Refused
from seodang.files.shards import RecordStream
from seodang.recipes.resolving import Step
from seodang.records import Record
from seodang.requests import Text, Translation
from seodang.runs.made import Made, made_of
from seodang.runs.output import Output, joined_terms
from seodang.runs.session import Session
from seodang.runs.verbs import blamed

ROWS_AT_ONCE = 512
"""So many records are looked at together: enough to fill requests, few enough to hold in memory."""


async def run_translate(session: Session, step: Step, directory: Path) -> Made:
    output = Output(directory, session.redact)
    stream = RecordStream(session.flow)
    session.progress.begin_rows(len(stream), output)
    for records in _several(stream, ROWS_AT_ONCE):
        output.rows["in"] += len(records)
        done: dict[str, Record | Refused] = {record.id: record for record in records if _passes(record, step, session)}
        waiting = [record for record in records if record.id not in done]
        for language in sorted({record.language for record in waiting}):
            same = [record for record in waiting if record.language == language]
            done |= dict(await _translate(session, step, same, language))
        for record in records:
            result = done[record.id]
            if isinstance(result, Refused):
                output.quarantine(result.reason, result.detail, record=record)
            else:
                output.keep(result, changed=result is not record)
        session.progress.tell(output.rows["in"], len(stream), {})
    return made_of(output)


def _passes(record: Record, step: Step, session: Session) -> bool:
    return record.language == session.recipe.language or bool(step.entry.only and record.source not in step.entry.only)


async def _translate(session: Session, step: Step, records: list[Record], language: str) -> list[tuple[str, Record | Refused]]:
    """For each record its id, and the record in the recipe's language or why one of its texts could not be had."""
    context = session.context(step, on_quarantine=lambda *_: None, source_language=language)
    texts = [text for record in records for text in _texts(record)]
    lane = session.lane(step.offer.id, step.capability)
    try:
        translations = await translate_texts(
            step.capability, step.offer.id, texts,
            ledger=session.ledger, lane=lane, context=context, stop=session.stop, step=step.entry.name,
            allow_unknown_price=session.wishes.allow_unknown_price,
        )  # fmt: skip
    except Exception as error:
        raise blamed(error, step, "translate()") from error
    remaining = iter(translations)
    language = session.recipe.language
    return [(record.id, _translated(record, remaining, language, step.capability)) for record in records]


def _texts(record: Record) -> Iterator[Text]:
    """Every turn, each after the one before it, and Alpaca's separate input."""
    before = ""
    for message in record.messages:
        yield Text(message.text, before)
        before = message.text
    if record.input:
        yield Text(record.input, before)


def _translated(
    record: Record, translations: Iterator[Translation | Refused], language: str, translator: Translator
) -> Record | Refused:
    found = [next(translations) for _ in _texts(record)]
    refused = next((each for each in found if isinstance(each, Refused)), None)
    if refused is not None:
        return refused
    texts = [each.text for each in found if isinstance(each, Translation)]
    messages = tuple(msgspec.structs.replace(message, text=text) for message, text in zip(record.messages, texts, strict=False))
    terms = joined_terms(record.terms, translator.terms, translator.clears)
    changes = {"messages": messages, "language": language, "terms": terms}
    return msgspec.structs.replace(record, **changes, input=texts[-1] if record.input else "")


def _several(stream: Iterable[Record], size: int) -> Iterator[list[Record]]:
    iterator = iter(stream)
    while records := list(islice(iterator, size)):
        yield records
