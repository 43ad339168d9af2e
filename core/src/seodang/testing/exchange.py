"""The contracts of what brings records from other tools and takes them there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from seodang.capabilities import Format, Layout, Table
from seodang.exchange import Dataset, LeftOut, StudentFiles
from seodang.files.lines import BadLine, Row
from seodang.records import Message, Record, single_turn
from seodang.testing.contexts import LooseContext
from seodang.testing.contract import CapabilityContract
from seodang.testing.flow import gathered
from seodang.testing.samples import ANSWERED, QUESTIONS

_encode = msgspec.json.Encoder(order="deterministic").encode

ROWS: tuple[dict[str, Any], ...] = (
    {"instruction": "서당이 무엇입니까?", "output": "마을의 학교입니다.", "year": 1900},
    {"instruction": 'Two lines\nand a "quotation", with commas', "output": "=SUM(A1)", "year": -7},
    {"instruction": "😀 emoji, \ttab", "output": "", "year": 0},
)


class FormatContract(CapabilityContract):
    """A format reads what it writes and writes what it reads; what it cannot carry it names."""

    __test__ = False
    kind = "format"
    format: ClassVar[type[Format]]
    rows: ClassVar[Sequence[Mapping[str, Any]]] = ()
    """Rows that are read beside the class's `example`."""

    @pytest.fixture
    def read(
        self, make: Callable[[], Format], new_context: Callable[..., LooseContext]
    ) -> Callable[[Sequence[Mapping[str, Any]]], list[Record]]:
        def read_rows(rows: Sequence[Mapping[str, Any]]) -> list[Record]:
            context = new_context()
            given = (Row(dict(row), f"rows.jsonl:{number}") for number, row in enumerate(rows, 1))
            records = asyncio.run(gathered(make().read, given, context))
            assert not context.quarantined, f"a row of the format was set aside: {context.quarantined[0]}"
            return records

        return read_rows

    @property
    def samples(self) -> list[Mapping[str, Any]]:
        assert self.format.example, "`example` is one row of the format"
        return [self.format.example, *self.rows]

    def test_it_recognises_its_own_rows(self, make: Callable[[], Format]) -> None:
        for row in self.samples:
            assert make().recognises(row), f"it does not recognise {row!r}"
        assert not make().recognises({}), "it recognises a row without columns"

    def test_it_reads_records(self, read: Callable[..., list[Record]]) -> None:
        records = read(self.samples)
        assert records and all(isinstance(record, Record) and record.messages for record in records)

    def test_what_it_reads_it_writes_and_reads_again(self, make: Callable[[], Format], read: Callable[..., list[Record]]) -> None:
        """Import, export, import: nothing is lost on the way."""
        first = read(self.samples)
        rows = written(make(), first)
        assert not [row for row in rows if isinstance(row, LeftOut)], f"what it read it leaves out: {rows!r}"
        assert _encode(read([row for row in rows if not isinstance(row, LeftOut)])) == _encode(first)

    def test_a_column_that_it_does_not_know_comes_back(
        self, make: Callable[[], Format], read: Callable[..., list[Record]]
    ) -> None:
        row = {**self.format.example, "somebody_elses": {"kept": ["so", 1, None]}}
        assert any(record.columns.get("somebody_elses") == {"kept": ["so", 1, None]} for record in read([row]))

    def test_a_row_that_it_cannot_use_is_set_aside_with_its_place(
        self, make: Callable[[], Format], new_context: Callable[..., LooseContext]
    ) -> None:
        """Types drift in other people's files: a text becomes a list, a number, nothing. None of that may crash or be guessed."""
        for wrong in (None, 7, [], ["a"], {"a": 1}):
            broken = dict.fromkeys(self.format.example, wrong)
            context = new_context()
            records = asyncio.run(gathered(make().read, iter([Row(broken, "rows.jsonl:3")]), context))
            assert records or context.quarantined, f"a row of {wrong!r} is lost in silence"
            assert all(aside.where.startswith("rows.jsonl:3") and aside.code for aside in context.quarantined)

    def test_any_record_is_written_or_left_out_with_a_reason(self, make: Callable[[], Format]) -> None:
        several = Record(
            messages=(Message("user", "a"), Message("assistant", "b"), Message("user", "c"), Message("assistant", "d"))
        )
        records = [*ANSWERED, *QUESTIONS, several, single_turn("question", "answer", input="given")]
        for record in records:
            rows = written(make(), [record])
            assert rows, f"this record is lost in silence: {record!r}"
            for row in rows:
                assert row.reason if isinstance(row, LeftOut) else _encode(row)

    def test_every_row_has_the_same_columns(self, make: Callable[[], Format]) -> None:
        """Readers take the columns of the first rows for those of all. What comes from `Record.columns` is the export's to even out."""
        own = {*self.format.columns}
        assert own, "`columns` names every column that is the format's own"
        rows = [row for row in written(make(), list(ANSWERED)) if not isinstance(row, LeftOut)]
        assert len({tuple(name for name in row if name in own) for row in rows}) <= 1


def written(format: Format, records: Sequence[Record]) -> list[Mapping[str, Any] | LeftOut]:
    """The rows, written with all the extra columns that the records need, as an export does."""
    needed = frozenset().union(*(format.extras_of(record) for record in records))
    return list(format.write(iter(records), needed))


class TableContract(CapabilityContract):
    """A table gives back the rows it was given, and says of a broken file what is wrong with it."""

    __test__ = False
    kind = "table"
    table: ClassVar[type[Table]]

    def test_it_gives_back_what_it_was_given(self, make: Callable[[], Table], tmp_path: Path) -> None:
        path = tmp_path / f"rows.{self.table.name}"
        make().write(iter(ROWS), path)
        assert [row.values for row in rows_of(make(), path)] == list(ROWS)

    def test_every_row_has_its_own_place(self, make: Callable[[], Table], tmp_path: Path) -> None:
        path = tmp_path / f"rows.{self.table.name}"
        make().write(iter(ROWS), path)
        places = [row.where for row in rows_of(make(), path)]
        assert len({*places}) == len(ROWS) and all(place.startswith(path.name) for place in places)

    def test_no_rows_are_a_file_without_rows(self, make: Callable[[], Table], tmp_path: Path) -> None:
        path = tmp_path / f"rows.{self.table.name}"
        make().write(iter(()), path)
        assert path.is_file() and rows_of(make(), path) == []

    def test_a_file_of_another_type_is_an_error_that_names_it(self, make: Callable[[], Table], tmp_path: Path) -> None:
        from seodang.errors import SeodangError

        path = tmp_path / f"rows.{self.table.name}"
        path.write_bytes(b"this is \xff no such file")
        try:
            found = list(make().read(path, None))
        except SeodangError as error:
            assert path.name in str(error)
        else:
            assert any(isinstance(one, BadLine) for one in found), "it reads rows from a file that has none"


def rows_of(table: Table, path: Path) -> list[Row]:
    """The rows of a file in which everything is a row."""
    rows = []
    for found in table.read(path, None):
        assert isinstance(found, Row), found
        rows.append(found)
    return rows


class LayoutContract(CapabilityContract):
    """A layout fills a directory with the rows it is handed and the settings that name them."""

    __test__ = False
    kind = "layout"
    layout: ClassVar[type[Layout]]
    format: ClassVar[type[Format]]
    """A format that the tool reads."""

    @pytest.fixture
    def new_dataset(self) -> Iterator[Callable[[], Dataset]]:
        """Each is handed out once: its rows are gone when they are written, as in an export."""
        written_to: list[Path] = []

        def new() -> Dataset:
            rows = [1]

            def write_rows(path: Path, most: int | None = None) -> int:
                if not rows:
                    return 0
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_encode(dict(self.format.example)) + b"\n")
                written_to.append(path)
                return rows.pop()

            columns = tuple(self.format.example)
            return Dataset(
                name="lessons", format=self.format(), columns=columns, language="ko", terms=("CC-BY-4.0",), card="# Lessons\n",
                write_rows=write_rows,
            )  # fmt: skip

        yield new
        assert written_to, "it did not ask for the rows"

    def test_it_writes_the_rows_and_what_names_them(
        self, make: Callable[[], Layout], new_dataset: Callable[[], Dataset], tmp_path: Path
    ) -> None:
        make().write(new_dataset(), tmp_path)
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) >= 2, "only the rows, and nothing that names them"

    def test_it_writes_nowhere_else(self, make: Callable[[], Layout], new_dataset: Callable[[], Dataset], tmp_path: Path) -> None:
        (tmp_path / "place").mkdir()
        make().write(new_dataset(), tmp_path / "place")
        assert [path.name for path in tmp_path.iterdir()] == ["place"]

    def test_it_writes_the_same_again(
        self, make: Callable[[], Layout], new_dataset: Callable[[], Dataset], tmp_path: Path
    ) -> None:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            make().write(new_dataset(), tmp_path / name)
        first, second = (
            {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
            for name in ("first", "second")
        )
        assert first == second


class StudentLayoutContract(CapabilityContract):
    """A layout fills a directory with what a tool needs to run a student. Give the fixture `student`."""

    __test__ = False
    kind = "layout"
    layout: ClassVar[type[Layout]]

    @pytest.fixture
    def student(self) -> StudentFiles:
        pytest.fail(f"{type(self).__name__} does not say which student is laid out: add a fixture `student`")

    def test_it_writes_the_student_and_its_card(self, make: Callable[[], Layout], student: StudentFiles, tmp_path: Path) -> None:
        assert self.layout.takes_students, "`takes_students = True` tells the export what to hand over"
        make().write_student(student, tmp_path)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) >= 2, "only the weights, and nothing that says what they are"
        assert any(path.read_bytes() == student.card.encode() for path in files), "the student's card did not come along"

    def test_it_writes_nowhere_else(self, make: Callable[[], Layout], student: StudentFiles, tmp_path: Path) -> None:
        before = {path: path.read_bytes() for path in student.path.rglob("*") if path.is_file()}
        (tmp_path / "place").mkdir()
        make().write_student(student, tmp_path / "place")
        assert [path.name for path in tmp_path.iterdir()] == ["place"]
        assert before == {path: path.read_bytes() for path in student.path.rglob("*") if path.is_file()}

    def test_it_writes_the_same_again(self, make: Callable[[], Layout], student: StudentFiles, tmp_path: Path) -> None:
        found = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            make().write_student(student, tmp_path / name)
            files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
            found.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
        assert found[0] == found[1]
