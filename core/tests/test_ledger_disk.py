"""The disk fills up, fails or is read-only in the middle: everybody who waits hears why, and nothing acknowledged is lost."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger
from seodang.ledger.trouble import trouble

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent, key_of

FULL_DISK = """
import asyncio, json, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from paid_calls import RUN, buy, intent
from seodang.errors import SeodangError
from seodang.ledger.ledger import Ledger

async def main(ledger):
    said = {"stored": [], "refused": []}
    async def one(number):
        try:
            await buy(ledger, f"q{number}", "x" * 3000)
            said["stored"].append(f"q{number}")
        except SeodangError as error:
            said["refused"].append(error.code)
    for start in range(0, 400, 20):
        await asyncio.gather(*map(one, range(start, start + 20)))
    try:
        await ledger.intend(intent("later"))
    except SeodangError as error:
        said["later"] = error.code
    try:
        ledger.settle(1, cost_micro=1, finish="stop", input_tokens=1, output_tokens=1)
    except SeodangError as error:
        said["settle"] = error.code
    return said

ledger = Ledger.open(Path(sys.argv[1]), run=RUN)
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
said = asyncio.run(main(ledger))
try:
    ledger.close()
except SeodangError as error:
    said["close"] = error.code
    said["cause"] = repr(error.__cause__)
print(json.dumps(said))
"""


def test_a_full_disk_stops_everybody_with_the_cause_and_keeps_what_was_acknowledged(tmp_path):
    path = tmp_path / "ledger.sqlite"
    command = [sys.executable, "-W", "error", "-c", FULL_DISK, str(path), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=60, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    said = json.loads(done.stdout)
    assert len(said["stored"]) >= 40
    assert len(said["stored"]) + len(said["refused"]) == 400, "nobody waits for ever"
    assert set(said["refused"]) == {"files.no-space"}
    assert said["later"] == said["settle"] == said["close"] == "files.no-space"
    assert "rollback" not in said["cause"]
    assert not list(tmp_path.glob(".*")), "the scratch file is gone"

    with Ledger.open(path, run=RUN) as ledger:
        assert all(ledger.find(key_of(question)) for question in said["stored"])
        asyncio.run(buy(ledger, "after making room"))
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


class FailingConnection(sqlite3.Connection):
    """Fails at the nth statement, as a disk does, and counts what is tried after that."""

    fails_at = 10**9
    statements = 0
    name = "SQLITE_IOERR_FSYNC"

    def execute(self, statement, *values):
        self._count(statement)
        return super().execute(statement, *values)

    def executemany(self, statement, *values):
        self._count(statement)
        return super().executemany(statement, *values)

    def _count(self, statement):
        self.statements += 1
        if self.statements == self.fails_at:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = self.name
            raise error
        assert self.statements < self.fails_at or statement == "ROLLBACK", f"tried after the failure: {statement}"


@pytest.mark.parametrize("nth", range(1, 13))
def test_a_failure_at_the_nth_statement_is_never_tried_again(tmp_path, nth):
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(path, run=RUN)
    asyncio.run(buy(ledger, "before"))
    ledger.close()

    ledger = Ledger.open(path, run=RUN)
    ledger._connection.close()
    failing = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FailingConnection)
    failing.execute("PRAGMA synchronous=FULL")
    ledger._connection = ledger._posting._connection = failing
    failing.fails_at = failing.statements + nth

    async def ask():
        return await asyncio.gather(*(buy(ledger, f"q{number}") for number in range(3)), return_exceptions=True)

    results = asyncio.run(ask())
    acknowledged = [f"q{number}" for number, result in enumerate(results) if isinstance(result, int)]
    codes = {error.code for error in results if isinstance(error, DataError)}
    assert len(acknowledged) + sum(isinstance(result, DataError) for result in results) == 3
    assert codes <= {"files.io"}
    try:
        ledger.close()
    except DataError as error:
        assert error.code == "files.io"
        assert error.__cause__ is not None
    else:
        pytest.fail("close() must tell what the writer met")

    with Ledger.open(path, run=RUN) as again, Book.open(path) as book:
        assert all(again.find(key_of(question)) for question in ["before", *acknowledged])
        assert again.totals() == book.totals(RUN)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SQLITE_FULL", "files.no-space"),
        ("SQLITE_IOERR_FSYNC", "files.io"),
        ("SQLITE_IOERR_WRITE", "files.io"),
        ("SQLITE_READONLY_DBMOVED", "files.read-only"),
        ("SQLITE_NOTADB", "ledger.not-a-ledger"),
        ("SQLITE_CORRUPT", "ledger.damaged"),
        ("SQLITE_BUSY", "ledger.busy"),
        ("SQLITE_MISUSE", "ledger.broken"),
    ],
)
def test_every_trouble_has_its_message(tmp_path, name, code):
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorname = name
    (tmp_path / "ledger.sqlite").touch()
    told = trouble(error, tmp_path / "ledger.sqlite")
    assert told.code == code
    assert str(tmp_path) in str(told)


def test_an_error_nobody_foresaw_reaches_whoever_waits(tmp_path):
    ledger = Ledger.open(tmp_path / "book", run=RUN)

    def broken(operations):
        raise ZeroDivisionError("nobody foresaw this")

    ledger._posting.post = broken
    with pytest.raises(DataError) as told:
        asyncio.run(ledger.intend(intent("q")))
    assert told.value.code == "ledger.broken" and "ZeroDivisionError" in str(told.value)
    with pytest.raises(DataError), ledger:
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_may_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DataError) as refused:
        Ledger.open(tmp_path / "ledger.sqlite", run=RUN)
    assert refused.value.code == "files.read-only"
