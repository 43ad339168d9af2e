"""The ledger notes at which prices answers were counted, and from which attempt on."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import msgspec
import pytest
from seodang import FREE, Price
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, intent

OLD = Price(input_micro_per_million=150_000, output_micro_per_million=600_000, source="table 2026-11-21")
NEW = Price(
    input_micro_per_million=100_000, output_micro_per_million=600_000, cached_micro_per_million=10_000, source="table 2027-01-02"
)


def buy(path: Path, price: Price, *questions: str) -> None:
    async def story():
        with Ledger.open(path, run=RUN) as ledger:
            for question in questions:
                attempt = await ledger.intend(msgspec.structs.replace(intent(question), price=str(price)))
                await ledger.store(attempt, b"{}")

    asyncio.run(story())


def test_a_price_is_noted_when_it_is_first_used_and_when_it_changes(tmp_path):
    path = tmp_path / "ledger.sqlite"
    buy(path, OLD, "하나", "둘")
    buy(path, OLD, "셋")
    buy(path, NEW, "넷", "다섯")
    with Book.open(path) as book:
        noted = book.prices(RUN)
        assert book.prices("another run") == ()
    assert [(counted.since, counted.price) for counted in noted] == [
        (1, "USD 0.15 in, 0.6 out (table 2026-11-21)"),
        (4, "USD 0.1 in, 0.6 out, 0.01 cached (table 2027-01-02)"),
    ]
    assert {(counted.step, counted.model) for counted in noted} == {("answer", "gpt-4o-mini")}


def test_what_is_free_has_no_price_and_an_older_book_gets_the_table_when_it_is_written_in(tmp_path):
    path = tmp_path / "ledger.sqlite"
    buy(path, FREE, "하나")
    with Book.open(path) as book:
        assert book.prices() == ()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE prices")
    with Book.open(path) as book:
        assert book.prices() == ()
    buy(path, OLD, "둘")
    with Book.open(path) as book:
        assert len(book.prices()) == 1


@pytest.mark.parametrize(
    ("inputs", "cached", "micro"),
    [(1_000_000, 0, 100_000), (1_000_000, 1_000_000, 10_000), (1_000_000, 2_000_000, 10_000), (7, 3, 1)],
)
def test_input_that_was_read_before_costs_less_and_is_rounded_up(inputs, cached, micro):
    assert NEW.cost(inputs, 0, cached) == micro
    assert OLD.cost(inputs, 0, cached) == OLD.cost(inputs, 0), "no price for it is known: the full one counts"
