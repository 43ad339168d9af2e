import asyncio
import random
import sys
from collections import deque
from pathlib import Path

import pytest
from seodang import Refused, Transient, Unauthorized
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.breaker import Breaker
from seodang.traffic.lane import Lane
from seodang.traffic.outage import Outage
from seodang.traffic.retry import RetryPolicy

sys.path.insert(0, str(Path(__file__).parent))
from virtual_time import VirtualClock, run_virtually

THROTTLED = Transient("slow down", throttled=True, retry_after=1.0, status=429)
BROKEN = Transient("oops", status=500)
GONE = Transient("connection refused")


def make_lane(most=64, seed=0):
    clock = VirtualClock()
    return Lane(clock, AdaptiveLimit(most), Breaker(clock), RetryPolicy(random.Random(seed)), name="api.example.com")


class Crowd:
    """Sends `requests` requests down a lane to a server that is a function of the number of requests under way there."""

    def __init__(self, lane, serve):
        self.lane = lane
        self.serve = serve
        self.sent = self.rejected = self.under_way = self.most_under_way = 0
        self.limits = []
        self.done_at = []

    async def one(self):
        tries = self.lane.retry.tries()
        while True:
            async with self.lane.slot(again=tries.failures + tries.throttles > 0) as slot:
                self.sent += 1
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                error, seconds = self.serve(self)
                await self.lane.clock.sleep(seconds)
                self.under_way -= 1
                slot.failed(error) if error else slot.succeeded()
            self.limits.append(self.lane.limit.now)
            if error is None:
                self.done_at.append(self.lane.clock.monotonic())
                return
            self.rejected += 1
            await self.lane.rest(tries.rest_after(error))

    async def all(self, requests):
        began = self.lane.clock.monotonic()
        await asyncio.gather(*(self.one() for _ in range(requests)))
        return self.lane.clock.monotonic() - began


def test_all_slots_are_used_from_the_first_moment_and_never_more():
    async def story():
        crowd = Crowd(make_lane(64), lambda crowd: (None, 0.2))
        assert await crowd.all(2_000) == pytest.approx(2_000 / 64 * 0.2, rel=0.03)
        assert crowd.most_under_way == 64

    run_virtually(story())


@pytest.mark.parametrize("seed", range(10))
def test_ten_per_cent_of_429s_and_two_of_500s_cost_little_time_and_few_requests(seed):
    async def story():
        chance = random.Random(seed)

        def serve(crowd):
            drawn = chance.random()
            if drawn < 0.10:
                return THROTTLED, 0.005
            return (BROKEN, 0.2) if drawn < 0.12 else (None, 0.2)

        crowd = Crowd(make_lane(64, seed), serve)
        seconds = await crowd.all(2_000)
        assert len(crowd.done_at) == 2_000
        assert seconds <= 2 * 2_000 / 64 * 0.2
        assert crowd.sent == pytest.approx(2_000 / 0.88, rel=0.015)
        assert min(crowd.limits) >= 32, "the limit collapsed under honest 429s"
        assert not crowd.lane.breaker.is_open

    run_virtually(story())


def test_steady_429s_do_not_wear_the_limit_down_in_a_long_run():
    async def story():
        chance = random.Random(7)
        crowd = Crowd(make_lane(64), lambda crowd: (THROTTLED, 0.005) if chance.random() < 0.1 else (None, 0.2))
        await crowd.all(20_000)
        assert min(crowd.limits) >= 32
        assert sum(crowd.limits) / len(crowd.limits) > 56

    run_virtually(story())


def test_a_server_that_halves_what_it_allows_is_followed_within_thirty_seconds_and_back():
    async def story():
        allowed = 64

        def serve(crowd):
            return (THROTTLED, 0.005) if crowd.under_way > allowed else (None, 0.2)

        lane = make_lane(64)
        crowd = Crowd(lane, serve)
        await crowd.all(2_000)
        allowed = 32
        rejected = crowd.rejected
        began = lane.clock.monotonic()
        await crowd.all(12_000)
        seconds = lane.clock.monotonic() - began
        settled = [number for number in crowd.done_at if began + 30 <= number <= began + 60]
        assert len(settled) / 30 >= 0.9 * allowed / 0.2, "less than 90 % of what is allowed"
        assert (crowd.rejected - rejected) / 12_000 < 0.25
        assert 24 <= lane.limit.now <= 44
        assert seconds < 1.15 * 12_000 / 32 * 0.2
        allowed = 64
        await crowd.all(12_000)
        assert lane.limit.now == 64

    run_virtually(story())


def test_a_rate_limit_far_below_the_concurrency_is_found():
    async def story():
        lane = make_lane(64)
        sent = deque()

        def serve(crowd):
            now = lane.clock.monotonic()
            while sent and sent[0] <= now - 1:
                sent.popleft()
            if len(sent) >= 50:
                return THROTTLED, 0.005
            sent.append(now)
            return None, 0.2

        crowd = Crowd(lane, serve)
        seconds = await crowd.all(6_000)
        assert 6_000 / seconds >= 0.9 * 50
        assert lane.limit.now < 32

    run_virtually(story())


def test_a_long_retry_after_makes_everybody_wait_and_says_so(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    async def story():
        lane = make_lane(4)
        patience = [Transient("come back", throttled=True, retry_after=300.0, status=429)]
        crowd = Crowd(lane, lambda crowd: (patience.pop(), 0.1) if patience else (None, 0.1))
        together = asyncio.gather(crowd.all(100))
        await asyncio.sleep(10)
        assert crowd.sent == 4 and crowd.under_way == 0, "nothing may be sent while the lane pauses"
        assert lane.status() == "waiting 291 s: api.example.com asked for it"
        monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
        assert lane.status() == "291초 대기: api.example.com의 요청"
        await together
        assert len(crowd.done_at) == 100
        assert 300 <= sorted(crowd.done_at)[3] < 301

    run_virtually(story())


def test_who_asks_for_days_of_patience_stops_the_run():
    async def story():
        lane = make_lane(4)
        async with lane.slot() as slot:
            slot.failed(Transient("see you", throttled=True, retry_after=7 * 86_400.0, status=429))
        with pytest.raises(Outage) as stopped:
            async with lane.slot():
                raise AssertionError("nothing may be sent any more")
        assert stopped.value.code == "traffic.throttled" and stopped.value.exit_code == 6

    run_virtually(story())


def test_a_service_that_was_never_there_stops_everything_at_once():
    async def story():
        lane = make_lane(64)
        crowd = Crowd(lane, lambda crowd: (GONE, 0.001))
        results = await asyncio.gather(*(crowd.one() for _ in range(500)), return_exceptions=True)
        assert {type(result) for result in results} == {Outage}
        assert {result.code for result in results} == {"traffic.unreachable"}
        assert crowd.sent <= 64 + 20 and lane.clock.monotonic() < 120
        assert sum(1 for result in results if result.facts["failures"] == 20) == 500

    run_virtually(story())


def test_a_service_that_goes_away_later_is_looked_for_three_times():
    async def story():
        lane = make_lane(64)
        crowd = Crowd(lane, lambda crowd: (None, 0.2) if crowd.sent <= 200 else (GONE, 0.001))
        results = await asyncio.gather(*(crowd.one() for _ in range(500)), return_exceptions=True)
        stopped = [result for result in results if isinstance(result, Outage)]
        assert {result.code for result in stopped} == {"traffic.down"}
        assert len(stopped) == 300 and len(crowd.done_at) == 200
        assert crowd.sent <= 200 + 64 + 20 + 3, "only the probes may be sent while the breaker is open"
        assert lane.clock.monotonic() == pytest.approx(30 + 60 + 120, abs=6)

    run_virtually(story())


def test_a_service_that_comes_back_is_found_by_the_probe(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    async def story():
        lane = make_lane(8)
        crowd = Crowd(lane, lambda crowd: (GONE, 0.001) if 1 < lane.clock.monotonic() < 70 else (None, 0.1))
        together = asyncio.gather(crowd.all(300))
        await asyncio.sleep(35)
        assert lane.status().startswith("api.example.com does not answer; next attempt in ")
        monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
        assert lane.status().startswith("api.example.com 응답 없음, ")
        await together
        assert len(crowd.done_at) == 300
        assert lane.status() == ""

    run_virtually(story())


def test_one_429_of_a_probe_shows_that_the_service_is_back():
    async def story():
        lane = make_lane(4)
        async with lane.slot() as slot:
            slot.succeeded()
        for _ in range(20):
            async with lane.slot() as slot:
                slot.failed(GONE)
        async with lane.slot() as slot:
            assert lane.clock.monotonic() == 30
            slot.failed(THROTTLED)
        assert not lane.breaker.is_open

    run_virtually(story())


def test_a_wrong_key_stops_at_the_first_answer_or_at_the_fifth_in_a_row():
    async def story():
        wrong = Unauthorized("bad key", status=401)
        fresh = make_lane()
        async with fresh.slot() as slot:
            slot.failed(wrong)
        assert fresh.outage is wrong

        later = make_lane()
        async with later.slot() as slot:
            slot.succeeded()
        for _ in range(4):
            async with later.slot() as slot:
                slot.failed(wrong)
        assert later.outage is None
        async with later.slot() as slot:
            slot.succeeded()
        for _ in range(5):
            assert later.outage is None
            async with later.slot() as slot:
                slot.failed(wrong)
        assert later.outage is wrong and wrong.exit_code == 5

    run_virtually(story())


def test_first_come_first_served():
    async def story():
        lane = make_lane(2)
        order = []

        async def one(number):
            async with lane.slot() as slot:
                order.append(number)
                await lane.clock.sleep(0.1)
                slot.succeeded()

        await asyncio.gather(*(one(number) for number in range(50)))
        assert order == list(range(50))

    run_virtually(story())


def test_who_comes_again_after_a_rest_goes_first():
    async def story():
        lane = make_lane(1)
        order = []

        async def one(name, again):
            async with lane.slot(again=again) as slot:
                order.append(name)
                await lane.clock.sleep(0.1)
                slot.succeeded()

        await asyncio.gather(one("a", False), one("b", False), one("c", False), one("again", True))
        assert order == ["a", "again", "b", "c"]

    run_virtually(story())


def test_who_is_cancelled_while_waiting_takes_no_slot_along():
    async def story():
        lane = make_lane(2)

        async def one():
            async with lane.slot() as slot:
                await lane.clock.sleep(1)
                slot.succeeded()

        tasks = [asyncio.create_task(one()) for _ in range(6)]
        await asyncio.sleep(0.5)
        tasks[2].cancel()
        tasks[0].cancel()
        await asyncio.sleep(0)
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results].count(asyncio.CancelledError) == 3
        assert lane.in_flight == 0
        async with lane.slot() as first, lane.slot() as second:
            first.succeeded()
            second.succeeded()

    run_virtually(story())


def test_nobody_is_left_behind_when_all_who_wait_for_the_breaker_are_cancelled():
    async def story():
        lane = make_lane(2)
        async with lane.slot() as slot:
            slot.succeeded()
        for _ in range(20):
            async with lane.slot() as slot:
                slot.failed(BROKEN)
        waiting = [asyncio.create_task(lane.slot().__aenter__()) for _ in range(3)]
        await asyncio.sleep(1)
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run_virtually(story())  # which asserts that no task is left


def test_a_slot_without_an_outcome_tells_nothing():
    async def story():
        lane = make_lane(2)
        async with lane.slot():
            pass
        async with lane.slot() as slot:
            slot.failed(Refused("not this one"))
        assert lane.successes == 0 and lane.outage is None and lane.in_flight == 0

    run_virtually(story())


def test_the_status_tells_of_a_lowered_limit_and_of_resting_requests(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    async def story():
        lane = make_lane(64)
        resting = [asyncio.create_task(lane.rest(5)) for _ in range(3)]
        await asyncio.sleep(0)
        assert lane.status() == "3 requests rest before another try at api.example.com"
        monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
        assert lane.status() == "api.example.com에 다시 보내기 전 대기 중: 3건"
        await asyncio.gather(*resting)
        lane.limit.now = 48
        assert lane.status() == "api.example.com: 64개 중 48개씩 동시 요청"
        monkeypatch.setenv("SEODANG_LANGUAGE", "en")
        assert lane.status() == "api.example.com: 48 of 64 at once"

    run_virtually(story())
