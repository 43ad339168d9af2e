"""Lays rows out in a directory for another tool: the whole directory appears, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from seodang.errors import DataError, TermsError
from seodang.exchange import Dataset, Format, Layout
from seodang.exports.exporting import ExportReport, report_of
from seodang.exports.rows import EVERYTHING, Choice, Rows
from seodang.exports.tables import FindTable, target_of
from seodang.files.durable import commit_directory, explained, make_private_directory
from seodang.personal import PERSONAL_DATA
from seodang.records import Record

UNKNOWN_TERMS = frozenset({"unknown", "unstated", "licenseref-unknown", "licenseref-unstated", "noassertion", "none"})
"""Terms that say that nobody knows the terms."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a directory says of its data: name, language, terms, and the body of a page in Markdown."""

    name: str
    language: str
    terms: Sequence[str]
    card: str


def lay_out(
    stream: Iterable[Record],
    format: Format,
    layout: Layout,
    place: Path,
    *,
    about: About,
    find: FindTable,
    choice: Choice = EVERYTHING,
    allow_terms: bool = False,
) -> ExportReport:
    """Writes the directory `place`, which must not exist or be empty: a directory of somebody's is never replaced."""
    with explained(place):
        if place.exists() and not (place.is_dir() and not any(place.iterdir())):
            raise DataError("exports.place-taken", path=str(place))
    if layout.publishes and not allow_terms:
        _refuse_terms(about.terms, layout)
    rows = Rows(stream, format, choice, layout)
    partial = place.resolve().with_name(f".{place.resolve().name}.writing")
    shutil.rmtree(partial, ignore_errors=True)  # what a killed attempt left; nobody else has a directory of this name
    make_private_directory(partial)

    def write_rows(path: Path, most: int | None = None) -> int:
        if rows.ended and rows.written:
            return 0
        before = rows.written
        path.parent.mkdir(parents=True, exist_ok=True)
        target = target_of(path, find, for_people=choice.for_people)
        target.write(rows.take(target.refuses, most, flat=target.flat))
        return rows.written - before

    dataset = Dataset(
        name=about.name,
        format=format,
        columns=rows.columns,
        language=choice.language or about.language,
        terms=tuple(about.terms),
        card=about.card,
        write_rows=write_rows,
        extras=rows.extras,
    )
    try:
        with explained(place):
            layout.write(dataset, partial)
        commit_directory(partial, place.resolve())
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return report_of(rows)


def _refuse_terms(terms: Sequence[str], layout: Layout) -> None:
    if PERSONAL_DATA in terms:
        raise TermsError("exports.personal-terms", layout=layout.name)
    unknown = [term for term in terms if term.lower() in UNKNOWN_TERMS]
    if unknown or not terms:
        raise TermsError("exports.unknown-terms", layout=layout.name, terms=unknown)
