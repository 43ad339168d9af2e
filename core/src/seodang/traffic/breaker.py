"""Stops sending to a service that is down, and finds out when it is back."""

from __future__ import annotations

import math
from collections import deque

from seodang.traffic.clock import Clock

IN_A_ROW = 20
LAST = 50
REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 600.0


class Breaker:
    """Closed while things go well; open after 20 failures in a row, or when more than half of the last 50 failed.

    Once open it rests for 30 s, then lets one request through, the probe. If that fails it rests twice as long, up to ten
    minutes.
    A 429 is no failure: it is the answer of a service that is well and asks for patience. A few per cent of 500s open nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[bool] = deque(maxlen=LAST)
        self._failures = 0
        """Among the recent ones."""
        self._in_a_row = 0
        self._open_until: float | None = None
        self._probing = False
        self.failed_probes = 0
        """In a row."""

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    def wait(self) -> float:
        """Seconds until a request may be sent: 0 for now, infinite while a probe is under way."""
        if self._open_until is None:
            return 0.0
        if self._probing:
            return math.inf
        return max(0.0, self._open_until - self._clock.monotonic())

    def begin(self) -> bool:
        """A request is sent. True when it is the probe, whose outcome decides."""
        if self._open_until is None:
            return False
        self._probing = True
        return True

    def succeeded(self, probe: bool) -> None:
        """The service answered, whatever it answered."""
        if probe:
            self._close()
        elif self._open_until is None:
            self._in_a_row = 0
            self._remember(False)

    def failed(self, probe: bool) -> None:
        if probe:
            self._probing = False
            self.failed_probes += 1
            self._open()
        elif self._open_until is None:
            self._in_a_row += 1
            self._remember(True)
            if self._in_a_row >= IN_A_ROW or (len(self._recent) == LAST and self._failures * 2 > LAST):
                self._open()

    def abandoned(self, probe: bool) -> None:
        """The request was given up before there was an outcome: the next one is the probe."""
        if probe:
            self._probing = False

    def _remember(self, failure: bool) -> None:
        if len(self._recent) == LAST:
            self._failures -= self._recent[0]
        self._recent.append(failure)
        self._failures += failure

    def _open(self) -> None:
        rest = min(LONGEST_REST_SECONDS, REST_SECONDS * 2**self.failed_probes)
        self._open_until = self._clock.monotonic() + rest

    def _close(self) -> None:
        self._open_until = None
        self._probing = False
        self.failed_probes = self._in_a_row = self._failures = 0
        self._recent.clear()
