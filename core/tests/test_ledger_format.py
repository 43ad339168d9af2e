"""What is opened, what is refused, and how."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.ledger import schema
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger
from seodang.ledger.places import ledger_of

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy


def refusal(path: Path) -> tuple[str, str]:
    """What a writer and a reader are told; both are refused before anything is touched."""
    before = path.read_bytes()
    codes = []
    for opening in (lambda: Ledger.open(path, run=RUN), lambda: Book.open(path)):
        with pytest.raises(DataError) as refused:
            opening()
        codes.append(refused.value.code)
    assert path.read_bytes() == before
    return codes[0], codes[1]


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_newer_book_is_refused(tmp_path):
    path = tmp_path / "ledger.sqlite"
    Ledger.open(path, run=RUN).close()
    change(path, "PRAGMA user_version = 2")
    assert refusal(path) == ("ledger.newer", "ledger.newer")


def test_somebody_elses_database_is_refused(tmp_path):
    path = tmp_path / "browser.sqlite"
    change(path, "CREATE TABLE cookies (name TEXT)")
    assert refusal(path) == ("ledger.not-a-ledger", "ledger.not-a-ledger")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text("[recipe]\n" * 200)
    assert refusal(path) == ("ledger.not-a-ledger", "ledger.not-a-ledger")


def test_a_book_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(DataError) as refused:
        Book.open(tmp_path / "ledger.sqlite")
    assert refused.value.code == "ledger.missing"
    assert list(tmp_path.iterdir()) == []


def test_an_old_sqlite_is_refused_with_its_version(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(DataError) as refused:
        Ledger.open(tmp_path / "ledger.sqlite", run=RUN)
    assert refused.value.code == "ledger.old-sqlite" and refused.value.facts["oldest"] == "3.37.0"


def test_the_pragmas_are_those_that_survive_a_power_loss(tmp_path):
    connection = schema.open_for_writing(tmp_path / "ledger.sqlite")
    pragma = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    connection.close()
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reader_can_write_nothing(tmp_path):
    path = tmp_path / "ledger.sqlite"
    Ledger.open(path, run=RUN).close()
    connection = schema.open_for_reading(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM attempts")
    connection.close()


@pytest.mark.parametrize("name", ["a b", "원장", "what?", "100%", "a#b", "x" * 200])
def test_a_book_lies_wherever_its_owner_wants(tmp_path, name):
    path = tmp_path / name / "ledger.sqlite"
    with Ledger.open(path, run=RUN) as ledger:
        asyncio.run(buy(ledger, "q"))
        with Book.open(path) as book:
            assert book.totals().answers == 1


def test_where_the_book_of_a_run_lies(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(DataError) as refused:
        ledger_of(run)
    assert refused.value.code == "ledger.no-run"
    (run / "lock.toml").write_text('id = "abc"\n')
    assert ledger_of(run) == run / "ledger.sqlite"
    (run / "lock.toml").write_text(f'id = "abc"\nledger = "{tmp_path / "shared.sqlite"}"\n')
    assert ledger_of(run) == tmp_path / "shared.sqlite"
    (run / "lock.toml").write_text("id = ")
    with pytest.raises(DataError):
        ledger_of(run)
