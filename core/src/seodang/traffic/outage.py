"""The other side is not there: what stops a run, and sets no row aside."""

from __future__ import annotations

from typing import Any

from seodang.errors import RemoteError


class Outage(RemoteError):
    """Raised to everybody who asks in a lane. What was received is stored; the same command goes on from there."""

    def __init__(self, code: str, *, name: str, detail: str = "", status: int = 0, **facts: Any) -> None:
        super().__init__(detail, status=status)
        self.code = code
        self.facts = {"name": name, "detail": detail, "status": status, **facts}


def unreachable(name: str, failures: int, detail: str) -> Outage:
    """Nothing was ever answered."""
    return Outage("traffic.unreachable", name=name, failures=failures, detail=detail)


def down(name: str, probes: int, detail: str, status: int) -> Outage:
    """It answered before, and three attempts to find it again failed."""
    return Outage("traffic.down", name=name, probes=probes, detail=detail, status=status)


def unanswered(name: str, failures: int, detail: str, status: int) -> Outage:
    """One request failed again and again, and no other was answered meanwhile."""
    return Outage("traffic.unanswered", name=name, failures=failures, detail=detail, status=status)


def throttled(name: str, seconds: float, detail: str) -> Outage:
    """It asks for more patience than a process should have."""
    return Outage("traffic.throttled", name=name, hours=round(seconds / 3600), detail=detail, status=429)
