"""The same directory with other rows: what is new is bought, what is known is not, and no old row is handed back."""

import pytest
from seodang_bench.trials import Trial
from seodang_bench.vendors import vendor

pytestmark = pytest.mark.faults


def test_twenty_more_rows_buy_twenty_and_two_hundred_others_two_hundred(tmp_path):
    with vendor() as server:
        trial = Trial(tmp_path, server, rows=200)
        trial.run()
        first = trial.checked_answers()
        assert (len(first), server.counts().payments) == (200, 200)

        trial.run()
        assert server.counts().requests == 200, "an unchanged run asks nobody, not even for its health"

        trial.ask_about(220)
        trial.run()
        assert (trial.checked_answers()[:200], server.counts().payments) == (first, 220)
        assert len(trial.checked_answers()) == 220

        trial.ask_about(200, topic="한글의 창제")
        trial.run()
        others = trial.checked_answers()
        assert (len(others), server.counts().payments) == (200, 420)
        assert not set(others) & set(first)

        trial.ask_about(200)
        trial.run()
        assert (trial.checked_answers(), server.counts().payments) == (first, 420), "what was bought once stays bought"
