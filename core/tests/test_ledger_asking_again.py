"""`seodang retry` and `seodang forget`, on the book."""

import asyncio
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.ledger.asking_again import retry
from seodang.ledger.book import Book
from seodang.ledger.forgetting import forget
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent, key_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A book with one answer of each kind, a failure, and a question that is in doubt."""
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            await buy(ledger, "whole", finish="stop")
            await buy(ledger, "cut", "cut off in the mid", finish="length")
            await buy(ledger, "filtered", finish="content_filter", step="judge")
            await buy(ledger, "cut too", finish="length", step="judge")
            refused = intent("refused", record="r1")
            await ledger.fail(await ledger.intend(refused), outcome="unpaid", detail="400")
            await ledger.give_up(refused.key, intent=refused, reason="http-400", detail="too long")
            await ledger.fail(await ledger.intend(intent("doubtful")), outcome="in-doubt", detail="reset")

        asyncio.run(ask())
    with Ledger.open(path, run="another") as ledger:
        asyncio.run(buy(ledger, "not ours", finish="length"))
    return path


def found(path: Path, *questions: str) -> dict[str, bytes | str | None]:
    with Book.open(path) as book:
        entries = {question: book.find(key_of(question)) for question in questions}
    return {question: entry and (entry.body or entry.reason) for question, entry in entries.items()}


def test_the_next_run_asks_again_and_the_replacement_stands_under_the_same_key(path):
    assert retry(path, run=RUN, reasons=["length"], step="answer") == 1
    assert found(path, "cut", "cut too", "not ours") == {
        "cut": None,
        "cut too": b"answer to cut too",
        "not ours": b"answer to not ours",
    }
    with Ledger.open(path, run=RUN) as ledger:
        before = ledger.totals()
        asyncio.run(buy(ledger, "cut", "whole now", cost=250))
        entry = ledger.find(key_of("cut"))
        assert entry.body == b"whole now" and entry.attempts == 1, "attempts before the retry are not held against it"
    assert ledger.totals().settled_micro["USD"] == before.settled_micro["USD"] + 250, "the older one stays paid"
    with Book.open(path) as book:
        assert book.retried(RUN) == {"answer": 1} and book.retried("another") == {}
        history = book._connection.execute("SELECT body, reason FROM history").fetchall()
        assert history == [(b"cut off in the mid", "length")]


def test_several_reasons_however_they_are_spelt(path):
    assert retry(path, run=RUN, reasons=["content-filter", "http_400", "no-such"]) == 2
    assert found(path, "filtered", "refused", "whole") == {"filtered": None, "refused": None, "whole": b"answer to whole"}
    assert retry(path, run=RUN, reasons=["content-filter", "http_400"]) == 0, "once is enough"
    with Book.open(path) as book:
        assert book.reasons(RUN) == {"length": 2, "stop": 1}
        assert book.retried(RUN) == {"answer": 1, "judge": 1}


def test_what_is_in_doubt_may_be_sent_anew_and_its_money_stays(path):
    with Ledger.open(path, run=RUN) as ledger:
        assert ledger.in_doubt(key_of("doubtful")) == 1
    assert retry(path, run=RUN, reasons=["in-doubt"]) == 1
    with Ledger.open(path, run=RUN) as ledger:
        assert ledger.in_doubt(key_of("doubtful")) == 0
        assert ledger.totals().in_doubt_micro == {"USD": 1000}


def test_the_answers_of_every_run_in_the_book(path):
    assert retry(path, run=None, reasons=["length"]) == 3


def test_an_answer_that_was_not_good_enough_does_not_come_back_from_another_book(path, tmp_path):
    copy = tmp_path / "copy.sqlite"
    with Ledger.open(copy, run="copy", reuse=[path]) as ledger:
        assert ledger.find(key_of("cut")).body == b"cut off in the mid"
    assert retry(copy, run="copy", reasons=["length"]) == 1
    with Ledger.open(copy, run="copy", reuse=[path]) as ledger:
        assert ledger.find(key_of("cut")) is None
        assert ledger.find(key_of("whole")).body == b"answer to whole"


def test_nobody_retries_or_forgets_under_a_running_run(path):
    with Ledger.open(path, run=RUN):
        for meddle in (lambda: retry(path, run=RUN, reasons=["length"]), lambda: forget(path, [key_of("cut")])):
            with pytest.raises(DataError) as refused:
                meddle()
            assert refused.value.code == "ledger.held"


def test_what_is_forgotten_is_in_no_file_any_more_and_its_money_stays(tmp_path):
    path = tmp_path / "ledger.sqlite"
    secret = "Hong Gildong, 02-123-4567"
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            await buy(
                ledger, f"who is {secret}?", f"{secret} is my neighbour. " * 300, cost=77, finish="length", record="r-gildong"
            )
            for number in range(50):
                await buy(ledger, f"q{number}", "kept " * 300)
            await ledger.fail(await ledger.intend(intent(f"who is {secret}?")), outcome="in-doubt", detail=f"about {secret}")

        asyncio.run(ask())
    retry(path, run=RUN, reasons=["length"])
    with Ledger.open(path, run=RUN) as ledger:
        wanted = intent(f"who is {secret}?", record="r-gildong")
        asyncio.run(buy(ledger, f"who is {secret}?", f"{secret} again"))
        asyncio.run(ledger.give_up(wanted.key, intent=wanted, reason="refusal", detail=secret))
    with Book.open(path) as book:
        before = book.totals(RUN)
        keys = book.keys_of(["r-gildong", "unknown"])
    assert keys == [key_of(f"who is {secret}?")]
    assert traces(tmp_path, secret, keys[0]), "or the next lines prove nothing"

    assert forget(path, [*keys, key_of("never asked")]) == 1

    assert traces(tmp_path, secret, keys[0]) == []
    with Book.open(path) as book:
        assert book.find(keys[0]) is None
        after = book.totals(RUN)
        assert after.total_micro("USD") == before.total_micro("USD") > 0
        assert (after.requests, after.answers, after.failures) == (before.requests, before.answers, {})
        assert book.find(key_of("q7")).body == ("kept " * 300).encode()
    assert forget(path, keys) == 0
    with Ledger.open(path, run=RUN) as ledger:
        assert ledger.find(keys[0]) is None


def traces(directory: Path, secret: str, key: bytes) -> list[str]:
    needles = (secret.encode(), b"Gildong", b"gildong", key)
    return [file.name for file in sorted(directory.iterdir()) if any(needle in file.read_bytes() for needle in needles)]


def test_a_reader_in_the_way_of_forgetting_is_named(path):
    with Book.open(path) as reader:
        reading = reader.sent()
        next(reading)
        with pytest.raises(DataError) as told:
            forget(path, [key_of("cut")])
        assert told.value.code == "ledger.read-meanwhile"
        reading.close()
    assert forget(path, [key_of("cut")]) == 0, "it was erased; this call empties the log"
    assert b"cut off in the mid" not in path.read_bytes()
