"""Formats, tables, layouts and carriers, each of which breaks a promise, and the tests of the contract that notice it."""

import itertools
import json

import pytest
import seodang
from seodang.testing import CarrierContract, FormatContract, LayoutContract, StudentLayoutContract, TableContract

COUNT = itertools.count()


class Losing(seodang.Format):
    """Loses columns and answers, crashes over drifting types, and passes over what it cannot write."""

    name = "losing"
    needs = columns = ("asked", "said")
    example = {"asked": "What?", "said": "That."}

    def read(self, rows, context):
        for row in rows:
            yield seodang.single_turn(row.values["asked"].strip(), row.values["said"])

    def write(self, records, extras):
        for record in records:
            if len(record.messages) == 2 and not record.input:
                yield {"asked": record.question, "said": ""}


class TestLosing(FormatContract):
    format = Losing
    breaks = {
        "test_what_it_reads_it_writes_and_reads_again",
        "test_a_column_that_it_does_not_know_comes_back",
        "test_a_row_that_it_cannot_use_is_set_aside_with_its_place",
        "test_any_record_is_written_or_left_out_with_a_reason",
    }


class Vague(seodang.Format):
    """Recognises everything, reads nothing and writes other columns each time."""

    name = "vague"

    def recognises(self, values):
        return True

    def read(self, rows, context):
        while next(rows, None) is not None:
            context.quarantine("somewhere", "vague", "")
        return iter(())

    def write(self, records, extras):
        for record in records:
            yield {f"column-{next(COUNT)}": record.question}


class TestVague(FormatContract):
    format = Vague
    breaks = {
        "test_it_recognises_its_own_rows",
        "test_it_reads_records",
        "test_what_it_reads_it_writes_and_reads_again",
        "test_a_column_that_it_does_not_know_comes_back",
        "test_a_row_that_it_cannot_use_is_set_aside_with_its_place",
        "test_every_row_has_the_same_columns",
    }


class Careless(seodang.Table):
    """Writes everything as text, gives every row one place, and takes any file for its own."""

    name = "careless"

    def read(self, path, encoding):
        for line in path.read_bytes().decode("utf-8", "replace").splitlines():
            try:
                yield seodang.Row(json.loads(line), "somewhere")
            except ValueError:
                yield seodang.Row({"line": line}, "somewhere")

    def write(self, rows, path):
        path.write_text("".join(json.dumps({name: str(value) for name, value in row.items()}) + "\n" for row in rows))


class TestCareless(TableContract):
    table = Careless
    breaks = {
        "test_it_gives_back_what_it_was_given",
        "test_every_row_has_its_own_place",
        "test_a_file_of_another_type_is_an_error_that_names_it",
    }


class Absent(seodang.Table):
    """Writes no file where there are no rows, and cannot read what it did not write."""

    name = "absent"

    def read(self, path, encoding):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield seodang.Row(json.loads(line), f"{path.name}:{number}")

    def write(self, rows, path):
        lines = [json.dumps(row) + "\n" for row in rows]
        if lines:
            path.write_text("".join(lines), encoding="utf-8")


class TestAbsent(TableContract):
    table = Absent
    breaks = {"test_no_rows_are_a_file_without_rows", "test_a_file_of_another_type_is_an_error_that_names_it"}


class Astray(seodang.Layout):
    """Writes beside its place, another text each time, and never asks for the rows."""

    name = "astray"

    def write(self, dataset, place):
        (place.parent / f"beside-{next(COUNT)}.txt").write_text("here")
        (place / "number.txt").write_text(str(next(COUNT)))


class TestAstray(LayoutContract):
    layout = Astray
    format = Losing
    breaks = {
        "test_it_writes_the_rows_and_what_names_them",
        "test_it_writes_nowhere_else",
        "test_it_writes_the_same_again",
    }


class Bare(Astray):
    """Leaves the card out, writes beside its place, and never the same."""

    name = "bare"

    def write_student(self, student, place):
        (place.parent / f"beside-{next(COUNT)}").write_text("")
        (place / "weights").write_text(str(next(COUNT)))


class TestBare(StudentLayoutContract):
    layout = Bare
    breaks = {
        "test_it_writes_the_student_and_its_card",
        "test_it_writes_nowhere_else",
        "test_it_writes_the_same_again",
    }

    @pytest.fixture
    def student(self, tmp_path_factory):
        place = tmp_path_factory.mktemp("student")
        return seodang.StudentFiles(name="s", path=place, template=None, language="ko", terms=(), card="card")


class Lost(seodang.Carrier):
    """Lists another size each time, brings something else, beside its place, and has whatever it is asked for."""

    name = "lost"

    def listing(self, piece):
        return seodang.Listing(revision="", files={"a": next(COUNT)})

    def bring(self, piece, listing, place):
        (place.parent / f"beside-{next(COUNT)}").write_text("")
        (place / f"b{next(COUNT)}").write_text("b")
        (place / "a").write_text(str(next(COUNT)))


class TestLost(CarrierContract):
    carrier = Lost
    piece = seodang.Piece(option="model", name="anything", carrier="lost")
    breaks = {
        "test_it_lists_the_same_again",
        "test_it_brings_what_it_listed",
        "test_what_is_there_is_not_brought_again",
        "test_what_is_missing_is_brought",
        "test_it_writes_nowhere_else",
        "test_what_is_not_to_be_had_is_told",
    }


class Silent(seodang.Carrier):
    """Lists nothing and brings nothing."""

    name = "silent"

    def listing(self, piece):
        return seodang.Listing(revision="", files={})

    def bring(self, piece, listing, place):
        pass


class TestSilent(CarrierContract):
    carrier = Silent
    piece = seodang.Piece(option="model", name="anything", carrier="silent")
    breaks = {"test_it_lists_the_same_again", "test_what_is_missing_is_brought", "test_what_is_not_to_be_had_is_told"}


@seodang.hookimpl
def register_formats(register):
    for format in (Losing, Vague):
        register(format)


@seodang.hookimpl
def register_tables(register):
    for table in (Careless, Absent):
        register(table)


@seodang.hookimpl
def register_layouts(register):
    for layout in (Astray, Bare):
        register(layout)


@seodang.hookimpl
def register_carriers(register):
    for carrier in (Lost, Silent):
        register(carrier)
