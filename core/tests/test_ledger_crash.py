"""kill -9 in the middle of everything: what was acknowledged is there, and the book is never below the bill."""

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, key_of

# It "pays" for each call by a line on its standard output before the answer is there, as a vendor's bill would, and
# acknowledges it by another one after. A pipe keeps what a killed process wrote into it.
VICTIM = """
import asyncio, itertools, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from paid_calls import RUN, intent, key_of
from seodang.ledger.ledger import Ledger

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

async def worker(ledger, numbers, name):
    for number in numbers:
        question = f"{name}-{number}"
        if ledger.find(key_of(question)) is not None:
            continue
        attempt = await ledger.intend(intent(question, worst=1000))
        say("paid", question, 700)
        await asyncio.sleep(float(sys.argv[4]))
        await ledger.store(attempt, question.encode() * 50)
        say("stored", question)
        ledger.settle(attempt, cost_micro=700, finish="stop", input_tokens=1, output_tokens=1)

async def main(ledger):
    numbers = itertools.count()
    await asyncio.gather(*(worker(ledger, numbers, sys.argv[3]) for _ in range(64)))

ledger = Ledger.open(Path(sys.argv[1]), run=RUN)
say("ready")
asyncio.run(main(ledger))
"""


def kill_while_buying(path: Path, name: str, seconds: float, *, answer_after: float = 0.001) -> list[list[str]]:
    command = [sys.executable, "-c", VICTIM, str(path), str(Path(__file__).parent), name, str(answer_after)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as victim:
        assert victim.stdout.readline() == b"ready\n"
        # A slow machine must not be killed before it has bought anything: the clock starts when each of its workers has.
        begun = [victim.stdout.readline() for _ in range(64)]
        time.sleep(seconds)
        victim.send_signal(signal.SIGKILL)
        # Not communicate(), which reads past what readline() has in its buffer: lines would be lost, and one torn in the middle.
        said = victim.stdout.read()
    # The last line may be cut off in the middle.
    return [line.split() for line in (b"".join(begun) + said).decode().split("\n")[:-1]]


@pytest.mark.faults
@pytest.mark.parametrize("kills", [pytest.param(20, id="20"), pytest.param(1000, id="1000", marks=pytest.mark.nightly)])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path, kills):
    path = tmp_path / "ledger.sqlite"
    chance = random.Random(20230405)
    stored: list[str] = []
    bill = 0
    for number in range(kills):
        for word, question, *cost in kill_while_buying(path, f"kill{number}", chance.uniform(0, 0.2)):
            if word == "paid":
                bill += int(cost[0])
            else:
                stored.append(question)
    assert len(stored) > kills * 20, "the victim must have lived long enough to be worth killing"

    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    with Ledger.open(path, run=RUN) as ledger:
        lost = [question for question in stored if (entry := ledger.find(key_of(question))) is None or entry.body is None]
        assert lost == []
        assert ledger.totals().total_micro("USD") >= bill
        assert 0 < ledger.totals().in_doubt <= 64 * kills
    with Book.open(path) as book:
        assert len(list(book.doubtful())) == book.totals().in_doubt, "each is listed"


def test_what_was_open_at_a_crash_is_in_doubt_and_counted(tmp_path):
    path = tmp_path / "ledger.sqlite"
    paid = kill_while_buying(path, "crash", 0, answer_after=3600)
    with Ledger.open(path, run=RUN) as ledger, Book.open(path) as book:
        doubtful = list(book.doubtful(RUN))
        assert len(doubtful) == len(paid) == 64
        assert all(ledger.in_doubt(sent.key) == 1 and ledger.find(sent.key) is None for sent in doubtful)
        assert ledger.in_doubt(key_of("never asked")) == 0
        assert ledger.totals().in_doubt_micro == {"USD": 1000 * len(doubtful)}

        # Asked again and answered: the doubt about the first attempt stays, with its money.
        question = json.loads(doubtful[0].request)["request"]["messages"][0]["text"]
        asyncio.run(buy(ledger, question, cost=700))
        assert ledger.find(doubtful[0].key).attempts == 2
        assert ledger.in_doubt(doubtful[0].key) == 1
        assert ledger.totals().in_doubt_micro == {"USD": 1000 * len(doubtful)}


def test_a_second_process_is_refused_and_told_who_has_the_book(tmp_path):
    path = tmp_path / "ledger.sqlite"
    command = [sys.executable, "-c", VICTIM, str(path), str(Path(__file__).parent), "holder", "0.001"]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(DataError) as refused:
            Ledger.open(path, run=RUN)
        assert refused.value.code == "ledger.held"
        assert refused.value.facts["pid"] == holder.pid
        assert refused.value.facts["path"] == str(path)
        with Book.open(path) as book:
            assert book.totals().requests >= 0, "reading is allowed meanwhile"
    finally:
        holder.kill()
        holder.communicate()
    Ledger.open(path, run=RUN).close()


def test_one_process_cannot_open_it_twice_either(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN), pytest.raises(DataError) as refused:
        Ledger.open(tmp_path / "book", run=RUN)
    assert refused.value.code == "ledger.held"


def test_a_torn_tail_of_the_log_costs_only_what_was_not_acknowledged(tmp_path):
    """Power loss leaves part of the last writes: the book opens, with an exact beginning of what was written."""
    path = tmp_path / "ledger.sqlite"
    kill_while_buying(path, "power", 0.05)
    log = tmp_path / "ledger.sqlite-wal"
    whole = log.read_bytes()
    assert len(whole) > 20_000
    chance = random.Random(7)
    for _ in range(10):
        (tmp_path / "ledger.sqlite-shm").unlink(missing_ok=True)
        cut = chance.randrange(len(whole))
        log.write_bytes(whole[:cut] + chance.randbytes(50))
        copy = tmp_path / f"copy{cut}"
        copy.mkdir()
        for name in ("ledger.sqlite", "ledger.sqlite-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
        with Ledger.open(copy / "ledger.sqlite", run=RUN) as ledger, Book.open(copy / "ledger.sqlite") as book:
            attempts = [sent.attempt for sent in book.sent()]
            assert attempts == list(range(1, len(attempts) + 1))
            assert ledger.totals().requests == len(attempts)


def test_a_book_that_was_killed_while_it_was_made_is_made_again(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.touch(mode=0o600)
    with Ledger.open(path, run=RUN) as ledger:
        asyncio.run(buy(ledger, "q"))
        assert ledger.totals().answers == 1


@pytest.mark.skipif(not Path("/usr/bin/strace").exists(), reason="strace is not installed")
def test_every_acknowledgement_has_an_fsync_before_it(tmp_path):
    """What kill -9 cannot show: the system is asked to put it on the disk, for the intent and for the answer."""
    script = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from paid_calls import RUN, intent
from seodang.ledger.ledger import Ledger
async def main(ledger):
    for number in range(5):
        attempt = await ledger.intend(intent(str(number)))
        os.write(1, b"intended")
        await ledger.store(attempt, b"x")
        os.write(1, b"stored")
with Ledger.open(Path(sys.argv[1]), run=RUN) as ledger:
    os.write(1, b"ready")
    asyncio.run(main(ledger))
    os.write(1, b"done")
"""
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", str(trace), sys.executable, "-c", script]
    subprocess.run([*command, str(tmp_path / "book"), str(Path(__file__).parent)], check=True, stdout=subprocess.DEVNULL)
    synced = 0
    acknowledged = 0
    for line in trace.read_text().splitlines():
        if '"ready"' in line:
            synced = 0
        elif "sync(" in line:
            synced += 1
        elif '"intended"' in line or '"stored"' in line:
            assert synced >= 1
            synced = 0
            acknowledged += 1
    assert acknowledged == 10
