"""The cap: hard, over all invocations of a run, with worst cases counted."""

import asyncio
import sys
from pathlib import Path

import pytest
from seodang.errors import OutOfBudget
from seodang.ledger.ledger import Ledger
from seodang.ledger.money import Cap

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent

DOLLAR = 1_000_000


def test_a_wave_of_calls_never_passes_the_cap(tmp_path):
    """All 256 ask at once, each could cost a cent, and there is room for a hundred."""
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", DOLLAR)]) as ledger:

        async def ask():
            calls = (ledger.intend(intent(f"q{number}", worst=10_000)) for number in range(256))
            return await asyncio.gather(*calls, return_exceptions=True)

        results = asyncio.run(ask())
        assert sum(isinstance(result, int) for result in results) == 100
        assert ledger.totals().total_micro("USD") == DOLLAR
        refused = next(result for result in results if isinstance(result, OutOfBudget))
        assert refused.code == "ledger.out-of-budget"
        assert refused.facts["spent"] == "1 USD" and refused.facts["worst"] == "0.01 USD"
        assert refused.facts["in_flight_micro"] == DOLLAR, "all of it may still come free"


def test_room_comes_free_when_a_call_turns_out_cheaper_or_unpaid(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 1000)]) as ledger:

        async def ask():
            await buy(ledger, "cheap", worst=1000, cost=100)
            turned_away = await ledger.intend(intent("turned away", worst=900))
            with pytest.raises(OutOfBudget):
                await ledger.intend(intent("too much", worst=1))
            await ledger.fail(turned_away, outcome="unpaid", detail="429")
            await ledger.intend(intent("fits", worst=900))
            with pytest.raises(OutOfBudget):
                await ledger.intend(intent("too much", worst=1))

        asyncio.run(ask())


def test_the_cap_holds_over_invocations_and_counts_what_a_crash_left(tmp_path):
    ledger = Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 1000)])
    asyncio.run(ledger.intend(intent("left open", worst=600)))
    ledger.close()
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 1000)]) as again:
        assert again.totals().in_doubt_micro == {"USD": 600}
        with pytest.raises(OutOfBudget):
            asyncio.run(again.intend(intent("next", worst=401)))
        asyncio.run(again.intend(intent("next", worst=400)))


def test_another_run_in_the_same_book_has_its_own_cap(tmp_path):
    with Ledger.open(tmp_path / "book", run="first") as ledger:
        asyncio.run(buy(ledger, "a", cost=999))
    with Ledger.open(tmp_path / "book", run="second", caps=[Cap("USD", 1000)]) as ledger:
        asyncio.run(ledger.intend(intent("b", worst=1000)))


def test_a_currency_without_a_cap_is_refused_beside_one_that_has_one(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 1000)]) as ledger:
        with pytest.raises(OutOfBudget) as refused:
            asyncio.run(ledger.intend(intent("q", worst=1, currency="KRW")))
        assert refused.value.code == "ledger.currency-without-cap"
        assert refused.value.exit_code == 7
        asyncio.run(ledger.intend(intent("free", worst=0, currency="KRW")))


def test_without_a_cap_everything_may_be_sent_and_a_cap_of_nothing_allows_what_is_free(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN) as ledger:
        asyncio.run(ledger.intend(intent("q", worst=2**52)))
    with Ledger.open(tmp_path / "other", run=RUN, caps=[Cap("USD", 0)]) as ledger:
        asyncio.run(ledger.intend(intent("free", worst=0)))
        with pytest.raises(OutOfBudget):
            asyncio.run(ledger.intend(intent("paid", worst=1)))


def test_the_lower_of_two_caps_holds(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 500), Cap("USD", 5000)]) as ledger, pytest.raises(OutOfBudget):
        asyncio.run(ledger.intend(intent("q", worst=501)))


def test_a_call_that_cost_more_than_its_worst_case_is_counted_as_it_was(tmp_path):
    with Ledger.open(tmp_path / "book", run=RUN, caps=[Cap("USD", 1000)]) as ledger:
        asyncio.run(buy(ledger, "q", worst=100, cost=990))
        with pytest.raises(OutOfBudget):
            asyncio.run(ledger.intend(intent("next", worst=11)))
