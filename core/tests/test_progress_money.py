"""What the line says of money while a step goes on: what is spent, and what it will be."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from seodang.ledger.ledger import Ledger
from seodang.runs.progress import Progress
from seodang.runs.purse import Purse
from seodang.traffic.clock import SystemClock

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Buys, and gives the line after so many rows of so many."""
    path = tmp_path / "ledger.sqlite"

    def tell(purse_of, done, total, *, language="en"):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        progress = Progress(SystemClock(), quiet=True)
        progress.money_from(purse_of.line)
        progress.begin("teach answer", 2, 2)
        progress.tell(done, total, {})
        return progress.line()

    def session(ledger):
        return SimpleNamespace(opened_ledger=ledger, run=SimpleNamespace(ledger=path, id=RUN))

    return path, session, tell


def bought(ledger, count, *, first=0, step="answer", cost=250_000):
    async def buy_all():
        for number in range(first, first + count):
            await buy(ledger, f"{step} {number}", cost=cost, step=step)
        # The writer works in order: when this is on disk, all costs are.
        await ledger.fail(await ledger.intend(intent("nothing", worst=0)), outcome="unpaid", detail="")

    asyncio.run(buy_all())


def test_the_line_projects_what_the_step_has_cost_a_row(told):
    path, session, tell = told
    with Ledger.open(path, run=RUN) as ledger:
        bought(ledger, 2, step="before", cost=1_000_000)
        purse = Purse(session(ledger))
        purse.begin("answer")
        assert "2 USD spent" in tell(purse, 0, 40) and "in the end" not in tell(purse, 0, 40)
        bought(ledger, 10)
        assert "4.5 USD spent, about 12 USD in the end" in tell(purse, 10, 40)
        assert "지출 4.5 USD, 끝나면 약 12 USD" in tell(purse, 10, 40, language="ko")
        assert tell(purse, 40, 40).endswith("4.5 USD spent")


def test_rows_that_were_paid_for_before_an_interruption_count_with_their_money(told):
    path, session, tell = told
    with Ledger.open(path, run=RUN) as ledger:
        bought(ledger, 20)
    with Ledger.open(path, run=RUN) as ledger:
        purse = Purse(session(ledger))
        purse.begin("answer")
        assert "5 USD spent, about 10 USD in the end" in tell(purse, 20, 40)


def test_what_is_free_or_not_begun_says_nothing_and_what_is_never_settled_its_worst_case(told):
    path, session, tell = told
    purse = Purse(session(None))
    purse.begin("answer")
    assert "USD" not in tell(purse, 1, 2)
    with Ledger.open(path, run=RUN) as ledger:
        purse = Purse(session(ledger))
        purse.begin("answer")
        bought(ledger, 1, cost=0)
        assert "USD" not in tell(purse, 1, 2)
        asyncio.run(ledger.intend(intent("under way", worst=70_000)))
        assert "at most 0.07 USD spent" in tell(purse, 1, 2)
        assert "지출 많아야 0.07 USD" in tell(purse, 1, 2, language="ko")
