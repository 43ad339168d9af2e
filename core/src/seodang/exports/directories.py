"""Lays rows out in a directory for another tool: the whole directory appears, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
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
from seodang.terms import UNSTATED


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a directory says of its data: name, language, terms, and the body of a page in Markdown."""

    name: str
    language: str
    terms: Sequence[str]
    card: str
    license: str = ""
    """What the run was reviewed for, where its rows are all that it leaves."""


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
    check_free(place)
    if layout.publishes and not allow_terms:
        refuse_terms(about.terms, layout)
    rows = Rows(stream, format, choice, layout)

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
        license=about.license,
        write_rows=write_rows,
        extras=rows.extras,
    )
    with whole_directory(place) as partial:
        layout.write(dataset, partial)
    return report_of(rows)


def check_free(place: Path) -> None:
    """A directory of somebody's is never replaced."""
    with explained(place):
        if place.exists() and not (place.is_dir() and not any(place.iterdir())):
            raise DataError("exports.place-taken", path=str(place))


@contextmanager
def whole_directory(place: Path) -> Iterator[Path]:
    """A directory to write into, which gets the name `place` when all is written, and vanishes where something failed."""
    check_free(place)
    partial = place.resolve().with_name(f".{place.resolve().name}.writing")
    shutil.rmtree(partial, ignore_errors=True)  # what a killed attempt left; nobody else has a directory of this name
    make_private_directory(partial)
    try:
        with explained(place):
            yield partial
        commit_directory(partial, place.resolve())
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_terms(terms: Sequence[str], layout: Layout) -> None:
    if PERSONAL_DATA in terms:
        raise TermsError("exports.personal-terms", layout=layout.name)
    unknown = [term for term in terms if term.lower() in UNSTATED]
    if unknown or not terms:
        raise TermsError("exports.unknown-terms", layout=layout.name, terms=unknown)
