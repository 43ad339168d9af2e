"""A budget is a hard cap on what may have been spent, over every invocation of a run and whatever happens to it."""

import time

import pytest
from seodang_bench.trials import Trial, billed_micro
from seodang_bench.vendors import vendor

pytestmark = pytest.mark.faults

CAP_MICRO = 1_000_000
CAP = "1USD"


def test_the_cap_is_not_passed_by_one_call_with_256_in_flight(tmp_path):
    with vendor("50ms", arguments=("--characters", "1000")) as server:
        trial = Trial(tmp_path, server, rows=1_000, in_flight=256)
        said = trial.run("--max-cost", CAP, expected=7)
        assert "USD" in said
        server.rest()
        assert CAP_MICRO * 0.8 < billed_micro(server) <= trial.counted_micro() <= CAP_MICRO
        paid = server.counts().payments

        trial.run("--max-cost", CAP, expected=7)
        assert server.rest().payments - paid <= 1, "the cap holds over all invocations of the run"
        assert billed_micro(server) <= CAP_MICRO

        trial.run("--max-cost", "100USD")
        counts = server.counts()
        assert (counts.payments, len(trial.folders()) > 0) == (1_000, True)


def test_a_kill_does_not_make_room_under_the_cap(tmp_path):
    with vendor("200ms", arguments=("--characters", "1000")) as server:
        trial = Trial(tmp_path, server, rows=1_000, in_flight=256)
        for _ in range(3):
            before = server.brief().requests
            with trial.start("--max-cost", CAP) as process:
                while process.poll() is None and server.brief().requests < before + 100:
                    time.sleep(0.005)
                process.kill()
                process.communicate()
            server.rest()
            assert billed_micro(server) <= trial.counted_micro() <= CAP_MICRO
        trial.run("--max-cost", CAP, expected=7)
        server.rest()
        assert billed_micro(server) <= trial.counted_micro() <= CAP_MICRO
