"""What goes wrong at a fake vendor, and when: a function of seed, prompt and attempt, so that every client meets the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec


def draw(seed: int, key: str, attempt: int, what: str = "") -> float:
    """A number in [0, 1) that depends on its arguments and on nothing else: no state, no order of arrival."""
    digest = hashlib.blake2b(f"{seed}\0{key}\0{attempt}\0{what}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Which fault a request meets.

    `rates` gives each kind of fault its share of all attempts. `scripts` goes before: a prompt that contains the text meets
    the listed faults, one an attempt, and none after the list is used up; a list that ends in `…` repeats its last fault.
    """

    seed: int = 0
    rates: Mapping[str, float] = {}
    scripts: Mapping[str, Sequence[str]] = {}

    def __post_init__(self) -> None:
        total = sum(self.rates.values())
        if total > 1 or min(self.rates.values(), default=0) < 0:
            raise ValueError(f"the shares of the faults must be at least 0 and together at most 1, not {dict(self.rates)}")

    @property
    def kinds(self) -> set[str]:
        """Every fault that can occur."""
        scripted = {kind for script in self.scripts.values() for kind in script} - {"…", "ok"}
        return {kind for kind, rate in self.rates.items() if rate} | scripted

    def choose(self, key: str, attempt: int, prompt: str = "") -> str:
        """The fault of this attempt (the first is 1), or nothing."""
        for text, script in self.scripts.items():
            if text in prompt:
                return _scripted(script, attempt)
        if not self.rates:
            return ""
        left = draw(self.seed, key, attempt)
        for kind, rate in self.rates.items():
            left -= rate
            if left < 0:
                return kind
        return ""


def _scripted(script: Sequence[str], attempt: int) -> str:
    if script and script[-1] == "…":
        attempt = min(attempt, len(script) - 1)
    kind = script[attempt - 1] if attempt <= len(script) else ""
    return "" if kind == "ok" else kind


def seconds(text: str) -> float:
    """A duration as it is written on a command line: `200ms`, `1.5s`, `0`."""
    text = text.strip()
    scale = 1.0
    for unit, factor in (("ms", 0.001), ("s", 1.0)):
        if text.endswith(unit):
            text, scale = text.removesuffix(unit), factor
            break
    value = float(text) * scale
    if not 0 <= value < 86_400:
        raise ValueError(f"{text!r} is not a duration")
    return value


class Latency(msgspec.Struct, frozen=True):
    """How long a vendor thinks, between two bounds; where between is a function of seed, prompt and attempt too."""

    least: float = 0.0
    most: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Latency:
        """`200ms`, or `100ms-300ms`."""
        least, dash, most = text.partition("-")
        lower = seconds(least)
        upper = seconds(most) if dash else lower
        if upper < lower:
            raise ValueError(f"{text!r}: the second bound is below the first")
        return cls(lower, upper)

    def of(self, seed: int, key: str, attempt: int) -> float:
        if self.most == self.least:
            return self.least
        return self.least + (self.most - self.least) * draw(seed, key, attempt, "latency")
