"""What the other side says is left of its limits, kept up to date between its answers: so that one waits before one is refused.

Vendors keep limits in one of two ways, and their headers do not say which. A bucket fills up all the time: its reset tells when it will
be full, and grows as more is taken. A window is given back at once when it ends: its reset only gets nearer. That is seen from two
answers, in whichever order they come, and a bucket is assumed until then.

What an answer says was true when its request was let in, or when it was done; in between others were sent. Each is therefore
compared with what was left here when that request was sent, and the difference is how wrong the own account is, whoever else uses
the key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from seodang.requests import Allowance, Limits
from seodang.traffic.clock import Clock

SCOUTS = 4
"""So many go ahead where the other side tells its limits and none is known yet: it costs the time of one answer, once."""
WEIGHT = 1 / 16
"""Of the newest size in the usual size of a request."""
PRECISE = 50
"""Resets are rounded: the rate is taken from answers that speak of a fiftieth of the limit at least, once one has been heard."""
MARGIN = 3
"""So many times what one takes has to be left: what is told is rounded, and a while old. Once a limit is reached it costs nothing."""
SHORTEST_WAIT_SECONDS = 0.001
"""A clock that has not moved yet would be looked at again and again."""
LONGEST_RESET_SECONDS = 86_400.0 * 8
"""What is longer is a time of day or nonsense, not a duration."""


class Mark(NamedTuple):
    """What was taken from a tank when a request was sent: `spent` after it, in the `era` between two windows."""

    era: int
    spent: float


class Marks(NamedTuple):
    requests: Mark
    tokens: Mark


class Tank:
    """What is left of one limit, by the own account and corrected by what the other side says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._most = math.inf
        self._spent = 0.0
        """Taken so far and not given back yet, by the own account."""
        self._rate = 0.0
        self._at = clock.monotonic()
        self._ends = math.inf
        """When the window ends, where it is one."""
        self._era = 0
        self._correction = 0.0
        self._highest = 0.0
        """What was taken, by those answers for which nothing is noted here."""
        self._last: Allowance | None = None
        self._is_window = False

    def take(self, amount: float) -> Mark:
        """Takes it, even where it is not there."""
        self._refill()
        self._spent += amount
        return Mark(self._era, self._spent)

    def learn(self, mark: Mark | None, told: Allowance, out: float = 0.0) -> None:
        """`mark` is from when the request was sent that this answers; None where nothing was known then, and so much is `out` of which
        nothing is known either."""
        if told.most <= 0 or told.left > told.most or not 0 <= told.reset_seconds < LONGEST_RESET_SECONDS:
            return
        self._refill()
        self._recognise(told)
        self._most = told.most
        used = told.most - told.left
        if self._is_window:
            self._ends = min(self._ends, self._clock.monotonic() + told.reset_seconds)
        elif used > 0 and told.reset_seconds > 0 and (not self._rate or used * PRECISE > told.most):
            self._rate = used / told.reset_seconds
        if mark is not None and mark.era == self._era:
            self._correction = used - mark.spent
        else:
            # Those that are still out may have been let in after this one, or before: the worst counts, until they tell.
            self._highest = max(self._highest, used)
            self._correction = max(self._highest, used + out)
        self._last = told

    def wait(self, amount: float) -> float:
        """Seconds until so much is left, and a margin; of what is more than there can ever be, until all of it is."""
        if math.isinf(self._most):
            return 0.0
        self._refill()
        short = min(amount * MARGIN, self._most) - (self._most - self._spent - self._correction)
        if short <= 0:
            return 0.0
        if self._is_window:
            return 0.0 if math.isinf(self._ends) else max(SHORTEST_WAIT_SECONDS, self._ends - self._clock.monotonic())
        return max(SHORTEST_WAIT_SECONDS, short / self._rate) if self._rate > 0 else 0.0

    def _recognise(self, told: Allowance) -> None:
        """A bucket's reset grows with what is taken; a window's shrinks meanwhile."""
        last = self._last
        if last is None or last.most != told.most or last.left == told.left or last.reset_seconds == told.reset_seconds:
            return
        is_window = (told.left < last.left) == (told.reset_seconds < last.reset_seconds)
        if is_window != self._is_window:
            self._is_window = is_window
            self._rate, self._ends = 0.0, math.inf

    def _refill(self) -> None:
        now = self._clock.monotonic()
        if self._is_window:
            if now >= self._ends:
                self._spent, self._correction, self._highest, self._ends = 0.0, 0.0, 0.0, math.inf
                self._era += 1
                self._last = None
        elif self._rate:
            # Never below empty: what was not taken while the bucket was full is lost.
            self._spent = max(-self._correction, self._spent - (now - self._at) * self._rate)
        self._at = now


class Allowances:
    """The two limits of a lane, where the other side tells them. `scout` is for one that is known to: the first questions then wait
    until it has."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scouts = -1
        """How many may still go ahead; -1 where nobody is waited for."""
        self._out = 0
        """Requests under way of which nothing is noted, because nothing was known when they were sent."""
        self._requests: Tank | None = None
        self._tokens = Tank(clock)
        self._usual = 0.0
        self._supposed = False

    def scout(self) -> None:
        if self._requests is None and self._scouts < 0:
            self._scouts = SCOUTS

    def wait(self) -> float:
        """Seconds until one more may be sent; infinite until the scouts are back."""
        if self._requests is None:
            return math.inf if self._scouts == 0 else 0.0
        return max(self._requests.wait(1), self._tokens.wait(self._usual))

    def take(self) -> Marks | None:
        """One more goes out, of the usual size. Gives what `learn` wants with its answer."""
        if self._requests is not None:
            return Marks(self._requests.take(1), self._tokens.take(self._usual))
        self._out += 1
        if self._scouts > 0:
            self._scouts -= 1
        return None

    def weigh(self, marks: Marks | None, size: Callable[[], int]) -> Marks | None:
        """What is about to go out has this size, in tokens at the most. Only the first is looked at as long as no limit is told."""
        if marks is None:
            if not self._supposed:
                self._usual, self._supposed = size(), True
            return None
        tokens, usual = size(), self._usual
        self._usual += (tokens - usual) * WEIGHT
        self._tokens.take(tokens - usual)
        return Marks(marks.requests, Mark(marks.tokens.era, marks.tokens.spent + tokens - usual))

    def leave(self, marks: Marks | None) -> None:
        """One that was to go out did not."""
        self._out -= marks is None
        if self._scouts >= 0:
            self._scouts += 1

    def learn(self, marks: Marks | None, limits: Limits | None) -> None:
        """An answer or a refusal has come, with what it says of the limits."""
        self._scouts = -1
        self._out -= marks is None
        if limits is None or (limits.requests is None and limits.tokens is None):
            return
        if self._requests is None:
            self._requests = Tank(self._clock)
        if limits.requests is not None:
            self._requests.learn(marks and marks.requests, limits.requests, self._out)
        if limits.tokens is not None:
            self._tokens.learn(marks and marks.tokens, limits.tokens, self._out * self._usual)
