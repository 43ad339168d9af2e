"""When to ask again, how long to rest before, and when to leave it."""

from __future__ import annotations

import random

from seodang.errors import Transient

FAILURES = 8
"""A request that failed so often is left, while others were answered."""
THROTTLES = 60
"""So many 429s for one request are half an hour of patience; they do not count as failures."""
RESENDS_IN_DOUBT = 1
"""A request that failed and may have been paid for is sent again once at most."""
RESENDS_AFTER_CRASHES = 8
"""A crash says little about the questions that were under way; one that nine crashes have met may be their cause."""
LONG_RETRY_AFTER_SECONDS = 120.0
"""Who is asked to wait longer than this lets everybody wait: the quota is the account's, not the request's."""
LONGEST_JITTER_SECONDS = 60.0
FIRST_JITTER_SECONDS = 0.5

_OF_THE_SERVICE = frozenset({0, 408, 429, 502, 503, 529})
"""These speak of a service that cannot be reached or is overloaded. Others, like 500, may be about this one request."""


class RetryPolicy:
    """Full jitter: a rest is drawn from 0 … min(60 s, 0.5 s · 2^k). `Retry-After` is a floor, and the jitter comes on top of it,
    or all who were turned away together would come back together. It then at most doubles the rest: who says when to come
    back has said how patient one has to be.
    """

    def __init__(self, random: random.Random) -> None:
        self._random = random

    def rest(self, failures: int, retry_after: float) -> float:
        """Seconds to rest after the `failures`-th failure in a row."""
        # 2.0**1000 would overflow before `min` sees it. "not >" because a broken header may have been read as nan.
        jitter = min(LONGEST_JITTER_SECONDS, FIRST_JITTER_SECONDS * 2.0 ** min(failures - 1, 20))
        if not retry_after > 0:
            return self._random.uniform(0, jitter)
        return retry_after + self._random.uniform(0, min(jitter, max(FIRST_JITTER_SECONDS, retry_after)))

    def tries(self, doubts: int = 0) -> Tries:
        """What one request goes through; `doubts` attempts were under way when earlier processes ended."""
        return Tries(self, doubts)


class Tries:
    """The failures of one request so far."""

    __slots__ = ("_crashes", "_policy", "doubts", "failures", "throttles")

    def __init__(self, policy: RetryPolicy, doubts: int) -> None:
        self._policy = policy
        self.failures = 0
        self.throttles = 0
        self.doubts = 0
        self._crashes = doubts

    @property
    def worn_out(self) -> bool:
        """Whether it may have been paid for so often that it is not sent again."""
        return self.doubts > RESENDS_IN_DOUBT or self._crashes > RESENDS_AFTER_CRASHES

    def rest_after(self, error: Transient) -> float | None:
        """Seconds to rest before the next try, or None when there should be none."""
        if error.throttled:
            self.throttles += 1
        else:
            self.failures += 1
        self.doubts += error.in_doubt
        if self.worn_out or self.failures >= FAILURES or self.throttles >= THROTTLES:
            return None
        return self._policy.rest(self.failures + self.throttles, error.retry_after)


def is_about_the_service(error: Transient) -> bool:
    """Whether the failure tells nothing against the request: it is never set aside for it alone."""
    return error.throttled or error.in_doubt or error.status in _OF_THE_SERVICE


def reason_of(error: Transient) -> str:
    """The code under which a request is set aside when this was its last failure."""
    if error.in_doubt:
        return "in-doubt"
    return f"http-{error.status}" if error.status else "unreachable"
