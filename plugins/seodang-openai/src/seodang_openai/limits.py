"""What a server says in its headers about its rate limits: `x-ratelimit-limit-requests`, `-remaining-`, `-reset-`, and for tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping

import seodang

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = 32


def limits_of(headers: Mapping[str, str]) -> seodang.Limits | None:
    """None where the server says nothing of them, as most of one's own do not."""
    requests, tokens = _allowance(headers, "requests"), _allowance(headers, "tokens")
    return seodang.Limits(requests=requests, tokens=tokens) if requests or tokens else None


def _allowance(headers: Mapping[str, str], what: str) -> seodang.Allowance | None:
    most = headers.get(f"x-ratelimit-limit-{what}")
    if most is None:
        return None
    left, reset = headers.get(f"x-ratelimit-remaining-{what}", ""), headers.get(f"x-ratelimit-reset-{what}", "")
    seconds = duration(reset)
    if not (_is_count(most) and _is_count(left)) or seconds is None:
        return None
    return seodang.Allowance(most=int(most), left=int(left), reset_seconds=seconds)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < _LONGEST


def duration(text: str) -> float | None:
    """`6m0s`, `120ms`, `1.5s`, or a number of seconds; None for anything else."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
