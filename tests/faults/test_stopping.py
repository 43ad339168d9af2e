"""SIGTERM, Ctrl-C, and a second process: what is paid is kept, and the same command goes on."""

import signal
import time

import pytest
from seodang_bench.trials import Trial, billed_micro
from seodang_bench.vendors import vendor

pytestmark = pytest.mark.faults


def until(process, condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "the run ended too early"
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_at_64_in_flight_loses_nothing_and_the_same_command_finishes(tmp_path, number):
    with vendor("300ms") as server:
        trial = Trial(tmp_path, server, rows=600)
        with trial.start() as process:
            until(process, lambda: (counts := server.brief()).in_flight == 64 and counts.payments >= 64)
            sent = server.brief().requests
            process.send_signal(number)
            said, _ = process.communicate(timeout=30)
        counts = server.rest()
        assert process.returncode == 75, said
        assert counts.requests - sent <= 64, "nothing new is sent after the stop but what was on its way"
        assert trial.totals().answers == counts.payments < 600, "every answer that was paid is in the book"
        assert (trial.totals().in_doubt, billed_micro(server)) == (0, trial.counted_micro())

        trial.run()
        assert (server.counts().payments, len(trial.checked_answers())) == (600, 600)


def test_a_second_signal_stops_at_once(tmp_path):
    with vendor("20s") as server:
        trial = Trial(tmp_path, server, rows=100)
        with trial.start() as process:
            until(process, lambda: server.brief().in_flight == 64)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None, "the first signal drains"
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=15)
        assert (process.returncode, time.monotonic() - began < 5) == (75, True)
        assert trial.totals().answers == 0


def test_a_second_process_is_told_who_holds_the_run(tmp_path):
    with vendor("300ms") as server:
        trial = Trial(tmp_path, server, rows=300)
        with trial.start() as process:
            until(process, lambda: server.brief().in_flight == 64)
            said = trial.run(expected=4)
            assert str(process.pid) in said
            assert process.wait(timeout=60) == 0
            process.communicate()
        assert (server.counts().payments, len(trial.checked_answers())) == (300, 300)
