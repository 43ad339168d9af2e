"""The glossary of a translate step: a file of terms, as people keep them in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from seodang.errors import SeodangError

_SOURCE, _TARGET = ("source", "source_term", "term"), ("target", "target_term", "translation")


def read_glossary(path: Path, target_language: str) -> dict[str, str]:
    """The terms and their translations, in the order of the file.

    The first line names the columns: `source,target,note`, or the languages, as in `en,ko`; then the second has to be the
    target's. What is wrong is said with its line.
    """
    text = path.read_text(encoding="utf-8-sig")
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.partition("\n")[0] else ","))
    except csv.Error as error:
        raise _wrong(path, 1, "translation.glossary-unreadable", detail=str(error)) from error
    if not rows or len(rows[0]) < 2:
        raise _wrong(path, 1, "translation.glossary-head")
    head = [name.strip().lower() for name in rows[0]]
    source, target = _column(head, _SOURCE), _column(head, _TARGET)
    if source is None or target is None:
        source, target = 0, 1
        if head[1].partition("-")[0] != target_language.partition("-")[0].lower() or not 2 <= len(head[0].partition("-")[0]) <= 3:
            raise _wrong(path, 1, "translation.glossary-pair", found=f"{rows[0][0]}, {rows[0][1]}", language=target_language)
    found: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        term, meant = (row[place].strip() if place < len(row) else "" for place in (source, target))
        if not term or not meant:
            raise _wrong(path, number, "translation.glossary-empty")
        if found.get(term, meant) != meant:
            raise _wrong(path, number, "translation.glossary-twice", term=term)
        found[term] = meant
    return found


def terms_in(glossary: dict[str, str], text: str) -> dict[str, str]:
    """The terms that occur in a text: what of a glossary its translation depends on."""
    folded = text.casefold()
    return {term: meant for term, meant in glossary.items() if term != meant and term.casefold() in folded}


def _column(head: list[str], names: tuple[str, ...]) -> int | None:
    return next((place for place, name in enumerate(head) if name in names), None)


def _wrong(path: Path, line: int, code: str, **facts: object) -> SeodangError:
    return SeodangError(code, file=path.name, line=line, **facts)
