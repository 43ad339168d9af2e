"""A vendor that tells its limits is not asked for more than it takes: simulated against the two ways in which vendors count."""

import asyncio
import math
import random
import sys
from pathlib import Path

import pytest
from seodang import Allowance, Limits, Transient
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.allowances import SCOUTS, Allowances, Tank
from seodang.traffic.breaker import Breaker
from seodang.traffic.lane import Lane
from seodang.traffic.retry import RetryPolicy
from seodang.wording import render

sys.path.insert(0, str(Path(__file__).parent))
from virtual_time import VirtualClock, run_virtually

SIZE = 300


class Bucket:
    """Fills up all the time, as the vendor's own limits do: `most` in a minute."""

    def __init__(self, clock, most, minute=60.0):
        self.clock, self.most, self.rate = clock, most, most / minute
        self.level, self.at = float(most), clock.monotonic()

    def refill(self):
        now = self.clock.monotonic()
        self.level = min(self.most, self.level + (now - self.at) * self.rate)
        self.at = now

    def takes(self, amount):
        self.refill()
        if self.level < amount:
            return False
        self.level -= amount
        return True

    def told(self):
        self.refill()
        return Allowance(most=self.most, left=int(self.level), reset_seconds=round((self.most - self.level) / self.rate, 3))


class Window(Bucket):
    """Is given back at once at the end of every minute."""

    def refill(self):
        if self.clock.monotonic() - self.at >= 60:
            self.at += 60 * ((self.clock.monotonic() - self.at) // 60)
            self.level = float(self.most)

    def told(self):
        self.refill()
        return Allowance(most=self.most, left=int(self.level), reset_seconds=self.at + 60 - self.clock.monotonic())


class Vendor:
    """Answers after `seconds`, each request of `cost` tokens by its own count; tells its limits as they were when it let one in."""

    def __init__(self, requests, tokens, *, seconds=2.0, cost=SIZE, tells=True):
        self.limits, self.seconds, self.cost, self.tells = (requests, tokens), seconds, cost, tells
        self.answered = self.refused = 0
        self.chance = random.Random(7)

    async def ask(self, clock):
        requests, tokens = self.limits
        let_in = requests.takes(1) and tokens.takes(self.cost)
        told = Limits(requests=requests.told(), tokens=tokens.told()) if self.tells else None
        if not let_in:
            await clock.sleep(0.01)
            self.refused += 1
            raise Transient("slow down", throttled=True, retry_after=1.0, status=429, limits=told)
        await clock.sleep(self.seconds * self.chance.uniform(0.5, 1.5))
        self.answered += 1
        return told


def asked(kind, questions, *, most=120, tokens=10_000_000, scouting=True, size=SIZE, in_flight=64, **vendor):
    """Asks so many questions. Gives the vendor, and the minutes that it took."""

    async def story():
        clock = VirtualClock()
        lane = Lane(clock, AdaptiveLimit(in_flight), Breaker(clock), RetryPolicy(random.Random(1)), name="api.example.com")
        service = Vendor(kind(clock, most), kind(clock, tokens), **vendor)
        if scouting:
            lane.allowances.scout()

        async def one():
            tries = lane.retry.tries()
            while True:
                async with lane.slot(again=tries.throttles > 0, size=lambda: size) as slot:
                    try:
                        slot.succeeded(await service.ask(clock))
                        return
                    except Transient as error:
                        slot.failed(error)
                        rest = tries.rest_after(error)
                await lane.rest(rest)

        await asyncio.gather(*(one() for _ in range(questions)))
        return service, clock.monotonic() / 60

    return run_virtually(story())


@pytest.mark.parametrize("kind", [Bucket, Window])
def test_a_limit_on_requests_is_kept_and_used_to_the_full(kind):
    vendor, minutes = asked(kind, 1_200)
    assert vendor.answered == 1_200
    assert vendor.refused == 0, "without the headers there are hundreds"
    assert minutes <= (1_200 - 120) / 120 * 1.15 + 0.2


def test_without_what_the_vendor_tells_many_are_refused():
    vendor, _ = asked(Bucket, 1_200, tells=False, scouting=False)
    assert vendor.refused > 300


@pytest.mark.parametrize("kind", [Bucket, Window])
@pytest.mark.parametrize("size", [SIZE, 4 * SIZE])
def test_a_limit_on_tokens_is_kept_also_when_sizes_are_overrated(kind, size):
    """The vendor counts 300 a question; the own count is right, or four times too high."""
    vendor, minutes = asked(kind, 600, most=100_000, tokens=30_000, size=size)
    assert vendor.answered == 600
    assert vendor.refused == 0
    assert minutes <= (600 - 100) / 100 * 1.3 + 0.5


def test_sizes_that_are_underrated_are_put_right_by_what_the_vendor_tells():
    vendor, minutes = asked(Bucket, 600, most=100_000, tokens=30_000, size=SIZE * 4 // 5)
    assert vendor.answered == 600 and vendor.refused <= 30 and minutes <= 6.5


def test_without_scouts_the_first_burst_is_refused_and_nothing_after_it():
    vendor, _ = asked(Bucket, 400, most=20, scouting=False)
    assert 64 - 20 <= vendor.refused <= 2 * 64


def test_somebody_else_who_uses_the_same_key_is_noticed():
    async def story():
        clock = VirtualClock()
        lane = Lane(clock, AdaptiveLimit(16), Breaker(clock), RetryPolicy(random.Random(1)))
        service = Vendor(Bucket(clock, 120), Bucket(clock, 10_000_000))

        async def neighbour():
            while service.answered < 300:
                service.limits[0].takes(1)
                await clock.sleep(1.0)

        async def one():
            tries = lane.retry.tries()
            while True:
                async with lane.slot(again=tries.throttles > 0, size=lambda: SIZE) as slot:
                    try:
                        slot.succeeded(await service.ask(clock))
                        return
                    except Transient as error:
                        slot.failed(error)
                        rest = tries.rest_after(error)
                await lane.rest(rest)

        await asyncio.gather(neighbour(), *(one() for _ in range(300)))
        return service

    assert run_virtually(story()).refused <= 12


def test_a_bucket_and_a_window_are_told_apart_in_whichever_order_their_answers_come():
    async def story():
        bucket, window = Tank(VirtualClock()), Tank(VirtualClock())
        for left, bucket_reset, window_reset in ((50, 25.0, 30.0), (40, 30.0, 20.0), (45, 27.5, 25.0)):
            bucket.learn(None, Allowance(most=100, left=left, reset_seconds=bucket_reset))
            window.learn(None, Allowance(most=100, left=left, reset_seconds=window_reset))
        for tank in (bucket, window):
            tank.learn(None, Allowance(most=100, left=0, reset_seconds=50.0 if tank is bucket else 10.0))
        return bucket.wait(1), window.wait(1)

    bucket_waits, window_waits = run_virtually(story())
    assert bucket_waits == pytest.approx(1.5), "a margin of three has to come in, at two a second"
    assert window_waits == pytest.approx(10.0)


@pytest.mark.parametrize(
    "told",
    [
        Allowance(most=0, left=0, reset_seconds=1.0),
        Allowance(most=10, left=11, reset_seconds=1.0),
        Allowance(most=10, left=0, reset_seconds=-1.0),
        Allowance(most=10, left=0, reset_seconds=1.7e9),
        Allowance(most=10, left=0, reset_seconds=math.nan),
    ],
)
def test_nonsense_makes_nobody_wait(told):
    async def story():
        tank = Tank(VirtualClock())
        tank.learn(None, told)
        return tank.wait(1)

    assert run_virtually(story()) == 0


def test_what_is_larger_than_the_limit_is_sent_when_all_of_it_is_left():
    """The vendor refuses it, and says so; to wait for ever would say nothing."""

    async def story():
        tank = Tank(VirtualClock())
        tank.learn(None, Allowance(most=100, left=50, reset_seconds=30.0))
        return tank.wait(1_000)

    assert run_virtually(story()) == pytest.approx(30.0)


def test_scouts_that_never_set_out_do_not_block_the_others():
    async def story():
        allowances = Allowances(VirtualClock())
        allowances.scout()
        for _ in range(SCOUTS):
            assert allowances.wait() == 0
            assert allowances.take() is None
        blocked = allowances.wait()
        allowances.leave(None)
        freed = allowances.wait()
        allowances.learn(None, None)
        return blocked, freed, allowances.wait()

    assert run_virtually(story()) == (math.inf, 0, 0)


def test_a_lane_that_waits_for_its_limit_says_so():
    async def story():
        clock = VirtualClock()
        lane = Lane(clock, AdaptiveLimit(4), Breaker(clock), RetryPolicy(random.Random(1)), name="api.example.com")
        async with lane.slot() as slot:
            slot.succeeded(Limits(requests=Allowance(most=60, left=0, reset_seconds=60.0)))

        async def one():
            async with lane.slot() as slot:
                slot.succeeded()

        waiting = [asyncio.ensure_future(one()) for _ in range(8)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        said = lane.status()
        await asyncio.gather(*waiting)
        return said, clock.monotonic()

    said, seconds = run_virtually(story())
    assert said == render("traffic.limited", {"name": "api.example.com", "seconds": 3})
    assert 8 <= seconds <= 11, "one a second"


def test_the_message_in_both_languages():
    facts = {"name": "api.example.com", "seconds": 12}
    assert render("traffic.limited", facts, "en") == "waiting 12 s: api.example.com takes no more for now"
    pytest.importorskip("seodang_locale_ko", reason="the Korean messages are the locale's")
    assert render("traffic.limited", facts, "ko") == "12초 대기: api.example.com의 한도에 닿음"
