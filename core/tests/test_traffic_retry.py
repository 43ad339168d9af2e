import asyncio
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from seodang import Transient
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.breaker import Breaker
from seodang.traffic.clock import SystemClock
from seodang.traffic.retry import RetryPolicy, is_about_the_service, reason_of

sys.path.insert(0, str(Path(__file__).parent))
from virtual_time import VirtualClock, run_virtually


def policy(seed=0):
    return RetryPolicy(random.Random(seed))


def test_rests_are_full_jitter_that_doubles_up_to_a_minute():
    drawn = [[policy(seed).rest(failures, 0) for seed in range(300)] for failures in range(1, 12)]
    for failures, rests in enumerate(drawn, 1):
        most = min(60, 0.5 * 2 ** (failures - 1))
        assert 0 <= min(rests) < 0.05 * most
        assert 0.95 * most < max(rests) <= most


def test_retry_after_is_a_floor_with_jitter_on_top():
    rests = [policy(seed).rest(1, 7.0) for seed in range(300)]
    assert min(rests) >= 7.0 and max(rests) <= 7.5
    assert len(set(rests)) == 300, "all who were turned away together must not come back together"


@pytest.mark.parametrize("nonsense", [-5.0, 0.0, math.nan, -math.inf])
def test_a_senseless_retry_after_is_none_at_all(nonsense):
    assert 0 <= policy().rest(1, nonsense) <= 0.5


def test_a_request_is_left_at_its_eighth_failure():
    tries = policy().tries()
    rests = [tries.rest_after(Transient("no", status=500)) for _ in range(8)]
    assert None not in rests[:7] and rests[7] is None


def test_being_asked_for_patience_is_no_failure():
    tries = policy().tries()
    assert None not in [tries.rest_after(Transient("slow down", throttled=True, status=429)) for _ in range(59)]
    assert tries.failures == 0
    assert tries.rest_after(Transient("slow down", throttled=True, status=429)) is None


def test_what_may_have_been_paid_for_is_sent_once_more_at_most():
    tries = policy().tries()
    timeout = Transient("read timed out", in_doubt=True)
    assert tries.rest_after(timeout) is not None
    assert tries.rest_after(timeout) is None
    assert policy().tries(doubts=1).rest_after(timeout) is not None, "a crash says little about the questions it met"
    assert policy().tries(doubts=9).worn_out and not policy().tries(doubts=8).worn_out


def test_what_a_failure_speaks_of():
    assert reason_of(Transient("no", status=500)) == "http-500"
    assert reason_of(Transient("refused")) == "unreachable"
    assert reason_of(Transient("timed out", in_doubt=True)) == "in-doubt"
    assert all(is_about_the_service(Transient(status=status)) for status in (0, 408, 429, 502, 503, 529))
    assert not any(is_about_the_service(Transient(status=status)) for status in (409, 500, 504))


def test_the_breaker_opens_after_twenty_failures_in_a_row_and_rests_longer_after_each_failed_probe():
    async def story():
        breaker = Breaker(VirtualClock())
        for _ in range(19):
            breaker.failed(breaker.begin())
        breaker.succeeded(breaker.begin())
        for _ in range(20):
            assert breaker.wait() == 0
            breaker.failed(breaker.begin())
        for rest in (30, 60, 120, 240, 480, 600, 600):
            assert breaker.wait() == rest
            await asyncio.sleep(rest)
            assert breaker.wait() == 0
            probe = breaker.begin()
            assert probe and breaker.wait() == math.inf, "one probe at a time"
            breaker.failed(probe)
        assert breaker.failed_probes == 7
        await asyncio.sleep(600)
        breaker.succeeded(breaker.begin())
        assert breaker.wait() == 0 and not breaker.is_open and breaker.failed_probes == 0

    run_virtually(story())


def test_the_breaker_opens_when_more_than_half_of_the_last_fifty_failed():
    async def story():
        breaker = Breaker(VirtualClock())
        for number in range(200):
            outcome = breaker.failed if number % 2 else breaker.succeeded
            outcome(breaker.begin())
        assert not breaker.is_open, "exactly half is not more than half"
        breaker.failed(breaker.begin())
        breaker.failed(breaker.begin())
        assert breaker.is_open

    run_virtually(story())


def test_a_few_per_cent_of_500s_never_open_the_breaker():
    async def story():
        chance = random.Random(1)
        breaker = Breaker(VirtualClock())
        for _ in range(100_000):
            outcome = breaker.failed if chance.random() < 0.05 else breaker.succeeded
            outcome(breaker.begin())
            assert not breaker.is_open

    run_virtually(story())


def test_a_probe_that_is_given_up_lets_the_next_one_be_the_probe():
    async def story():
        breaker = Breaker(VirtualClock())
        for _ in range(20):
            breaker.failed(breaker.begin())
        await asyncio.sleep(30)
        breaker.abandoned(breaker.begin())
        assert breaker.wait() == 0
        assert breaker.begin()

    run_virtually(story())


def test_what_was_sent_before_the_breaker_opened_does_not_move_it():
    async def story():
        breaker = Breaker(VirtualClock())
        sent = [breaker.begin() for _ in range(40)]
        for probe in sent:
            breaker.failed(probe)
        assert breaker.wait() == 30 and breaker.failed_probes == 0
        breaker.succeeded(False)
        assert breaker.is_open

    run_virtually(story())


def answers(limit, throttled, others):
    for _ in range(throttled):
        limit.throttled(limit.epoch)
    for _ in range(others):
        limit.answered(limit.epoch)


def test_the_limit_begins_at_the_most_and_is_cut_once_for_a_window_with_over_20_per_cent():
    limit = AdaptiveLimit(64)
    assert limit.now == 64
    answers(limit, 25, 103)
    assert limit.now == 64, "25 of 128 are 19.5 %"
    answers(limit, 26, 102)
    assert limit.now == 48, "26 of 128 are 20.3 %"


def test_a_burst_that_was_under_way_is_punished_once():
    limit = AdaptiveLimit(64)
    sent_under = limit.epoch
    for _ in range(128 + 64):
        limit.throttled(sent_under)
    assert limit.now == 48


def test_the_limit_grows_back_to_where_it_was_cut_and_then_by_one_and_never_above_the_most():
    limit = AdaptiveLimit(64)
    answers(limit, 128, 0)
    answers(limit, 96, 0)
    assert limit.now == 36
    grown = []
    for _ in range(6):
        answers(limit, 0, 2 * limit.now)
        grown.append(limit.now)
    assert grown == [42, 45, 46, 47, 48, 49]
    answers(limit, 0, 10_000)
    assert limit.now == 64


def test_the_limit_never_falls_below_one_and_comes_back_from_there():
    limit = AdaptiveLimit(8)
    answers(limit, 1_000, 0)
    assert limit.now == 1
    answers(limit, 0, 20)
    assert limit.now == 2


def test_the_system_clock_is_the_time_of_day_in_utc_and_sleeps():
    async def story():
        clock = SystemClock()
        began = clock.monotonic()
        await clock.sleep(0.01)
        assert clock.monotonic() - began >= 0.009
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)

    asyncio.run(story())
