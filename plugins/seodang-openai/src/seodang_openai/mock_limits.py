"""Rate limits of the mock: enforced as the vendor does, and told in its headers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from seodang.testing.wire_server import Reaction

from seodang_openai.mock_wire import error

Headers = tuple[tuple[str, str], ...]


class MockLimits:
    """So many requests and tokens in `seconds`; 0 is no limit. Both fill up all the time, like the vendor's. Of an answer the
    longest that was asked for counts."""

    def __init__(
        self, *, requests: int = 0, tokens: int = 0, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._most = {"requests": requests, "tokens": tokens}
        self._level = {name: float(most) for name, most in self._most.items()}
        self._seconds = seconds
        self._at = clock()

    def refusal(self, tokens: int) -> Reaction | None:
        """A 429, or nothing: then it is counted as let in."""
        self._refill()
        sizes = {"requests": 1, "tokens": tokens}
        short = [name for name, most in self._most.items() if most and self._level[name] < min(sizes[name], most)]
        if not short:
            for name, size in sizes.items():
                self._level[name] -= size
            return None
        waits = ((min(sizes[name], self._most[name]) - self._level[name]) / self._rate(name) for name in short)
        message = f"Rate limit reached for {' and '.join(short)}."
        headers = (("retry-after-ms", f"{1000 * max(waits):.0f}"), *self.headers())
        return error(429, message, code="rate_limit_exceeded", kind=short[0], headers=headers)

    def headers(self) -> Headers:
        """What is left now."""
        self._refill()
        return tuple(pair for name, most in self._most.items() if most for pair in self._told(name, most))

    def _told(self, name: str, most: int) -> Sequence[tuple[str, str]]:
        level = max(0.0, self._level[name])
        return (
            (f"x-ratelimit-limit-{name}", str(most)),
            (f"x-ratelimit-remaining-{name}", str(int(level))),
            (f"x-ratelimit-reset-{name}", _written((most - level) / self._rate(name))),
        )

    def _rate(self, name: str) -> float:
        return self._most[name] / self._seconds

    def _refill(self) -> None:
        now = self._clock()
        for name, most in self._most.items():
            self._level[name] = min(float(most), self._level[name] + (now - self._at) * self._rate(name))
        self._at = now


def _written(seconds: float) -> str:
    """As the vendor writes it: `120ms`, `1.5s`, `6m0s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:.3f}s"
