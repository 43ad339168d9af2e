"""kill -9 at random points of a run, which is then continued to its end. The vendor is the only judge of what was paid."""

import random
import time

import pytest
from seodang_bench.trials import Trial, billed_micro
from seodang_bench.vendors import vendor

pytestmark = pytest.mark.faults

IN_FLIGHT = 64
START_SECONDS = 1.5


def kill_somewhere(trial, server, chance: random.Random, stride: int) -> bool:
    """Kills a run that it starts: one time in five while that is starting, else some requests later. False if it ended before."""
    before = server.brief().requests
    with trial.start() as process:
        if chance.random() < 0.2:
            time.sleep(chance.uniform(0, START_SECONDS))
        else:
            wanted = before + chance.randrange(1, stride)
            while process.poll() is None and server.brief().requests < wanted:
                time.sleep(0.004)
            time.sleep(chance.uniform(0, 0.1))
        ended = process.poll() is not None
        process.kill()
        process.communicate()
    return not ended


def assert_kills_cost_nothing_but_what_was_in_flight(tmp_path, *, kills: int, rows: int) -> None:
    chance = random.Random(20261121)
    with vendor("100ms") as server:
        trial = Trial(tmp_path / "killed", server, rows=rows, in_flight=IN_FLIGHT)
        acknowledged: set[bytes] = set()
        landed = 0
        while landed < kills:
            if not kill_somewhere(trial, server, chance, stride=max(2, 4 * rows // kills)):
                rows += rows // 8  # it came to its end too early: the same run is given more to do
                trial.ask_about(rows)
                continue
            landed += 1
            server.rest()
            assert billed_micro(server) <= trial.counted_micro(), "the ledger is below the bill"
            answered = trial.answered()
            assert acknowledged <= answered, "an answer that was in the book is gone"
            acknowledged = answered
        trial.run()
        if trial.rows("answer")["quarantined"]:
            assert kills > 40, "nine kills can meet one question among a thousand, not among forty"
            trial.command("retry", "--reason", "in-doubt")
            trial.run()
        assert acknowledged <= trial.answered()
        assert server.counts().payments - rows <= kills * IN_FLIGHT, "more was bought again than was in flight at the kills"
        assert billed_micro(server) <= trial.counted_micro()
        assert len(trial.checked_answers()) == rows
    with vendor() as server:
        undisturbed = Trial(tmp_path / "undisturbed", server, rows=rows, in_flight=IN_FLIGHT)
        undisturbed.run()
    assert trial.folders() == undisturbed.folders(), "an interrupted run ends as an uninterrupted one"


def test_forty_kills_lose_nothing_that_was_paid(tmp_path):
    assert_kills_cost_nothing_but_what_was_in_flight(tmp_path, kills=40, rows=2_000)


@pytest.mark.nightly
def test_a_thousand_kills_lose_nothing_that_was_paid(tmp_path):
    assert_kills_cost_nothing_but_what_was_in_flight(tmp_path, kills=1_000, rows=40_000)
