"""What went wrong at the other side, in the words that the core understands."""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import aiohttp
import httpx2
import msgspec
import seodang

from seodang_openai.limits import limits_of
from seodang_openai.sdk import openai

QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credits_exhausted"})
RETRYABLE = frozenset({408, 409, 425, 429})
GATEWAY_TIMEOUTS = frozenset({504, 524})
"""A gateway has given up waiting; what stands behind it may have gone on, and been paid."""
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
"""The failures that are met before the first byte of a question leaves. httpx2's own names are of no use here: the SDK's
aiohttp transport calls a connection that was lost in mid-answer `ConnectTimeout` too."""

UNDERSTOOD_AND_REFUSED = frozenset({400, 404, 422, 501})
_ABOUT_SHAPES = re.compile(r"response_format|json_schema|json schema|schema|structured output|grammar|guided", re.IGNORECASE)
_KEY_SHAPE = re.compile(r"sk-[A-Za-z0-9_*.-]{4,}")
_LONGEST_DETAIL = 300


class Unusable(seodang.Exhausted):
    """No question at all can be answered as things are set: the run stops at the first, and nothing is held against that one."""

    exit_code = 3

    def __init__(self, code: str, *, status: int = 0, detail: str = "", **facts: Any) -> None:
        super().__init__(detail, status=status)
        self.code = code
        self.facts = {"detail": detail, "status": status, **facts}


class Asked(NamedTuple):
    """What was asked of whom, as far as a failure can be about it."""

    model: str
    host: str
    key: str
    shaped: bool
    """Whether the answer was to follow a JSON Schema."""


def translated(error: Exception, asked: Asked, clock: Any) -> seodang.RemoteError:
    """The SDK's exception as the core's; or aiohttp's, where the SDK lets one through (an answer that is no HTTP)."""
    key = asked.key
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, asked, clock)
    if isinstance(error, openai.APIConnectionError):
        causes = list(_causes(error))
        detail = _shown(f"{type(causes[-1]).__name__}: {causes[-1]}", key)
        return seodang.Transient(detail, in_doubt=not any(isinstance(cause, NEVER_SENT) for cause in causes))
    return seodang.Transient(_shown(f"{type(error).__name__}: {error}", key), in_doubt=not isinstance(error, NEVER_SENT))


def _of_status(error: openai.APIStatusError, asked: Asked, clock: Any) -> seodang.RemoteError:
    headers = error.response.headers
    verdict = _verdict(error.status_code, error.message, error.body, asked)
    if isinstance(verdict, seodang.Transient):
        verdict.retry_after, verdict.limits = retry_after(headers, clock), limits_of(headers)
    return verdict


def in_a_batch(status: int, body: bytes, asked: Asked) -> seodang.RemoteError | None:
    """What is wrong with a line of a batch, if anything is: a single question would have failed with it."""
    if status == 200:
        return in_a_success(body, asked.key) if b'"error"' in body and b'"choices"' not in body else None
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = None
    error = said.get("error", said) if isinstance(said, Mapping) else said
    message = error.get("message", "") if isinstance(error, Mapping) else ""
    return _verdict(status, str(message) or f"status {status}", error, asked)


def _verdict(status: int, message: str, body: object, asked: Asked) -> seodang.RemoteError:
    host = asked.host
    detail = _shown(message, asked.key)
    if status in (401, 403):
        return seodang.Unauthorized(detail, status=status)
    if status == 402 or _says(body, QUOTA_CODES):
        return seodang.Exhausted(detail, status=status)
    if status == 404 and (_says(body, {"model_not_found"}) or asked.model in detail):
        return Unusable("seodang_openai:no-such-model", status=status, detail=detail, model=asked.model, host=host)
    if asked.shaped and status in UNDERSTOOD_AND_REFUSED and _ABOUT_SHAPES.search(detail):
        # All questions of a step want the same shape: the first shows it, and none was paid for.
        return Unusable("seodang_openai:no-schema", status=status, detail=detail, model=asked.model, host=host)
    if 300 <= status < 400:
        return Unusable("seodang_openai:redirected", status=status, host=host)
    if status in RETRYABLE or status >= 500:
        return seodang.Transient(detail, status=status, throttled=status == 429, in_doubt=status in GATEWAY_TIMEOUTS)
    reason = "content-filter" if _says(body, {"content_filter", "content_policy_violation"}) else f"http-{status}"
    return seodang.Refused(detail, reason=reason, status=status)


def in_a_success(body: bytes, key: str) -> seodang.RemoteError | None:
    """Gateways wrap errors into a 200. A rate limit and a used-up quota are dealt with here; the rest is kept as a bad answer."""
    try:
        error = msgspec.json.decode(body)["error"]
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError, KeyError):
        return None
    detail = _shown(str(error.get("message", "")) if isinstance(error, Mapping) else str(error), key)
    if _says(error, QUOTA_CODES):
        return seodang.Exhausted(detail, status=200)
    if _says(error, {"rate_limit_exceeded", "rate_limit_error", "too_many_requests", "429"}):
        return seodang.Transient(detail, status=429, throttled=True)
    return None


def retry_after(headers: Mapping[str, str], clock: Any) -> float:
    """Seconds to wait, from `retry-after-ms`, or from `Retry-After` as seconds or as a date. Nonsense is 0."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    given = _number(text)
    if given is not None or not text:
        return given or 0.0
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if date.tzinfo is None:  # "-0000": a time of unknown place, which the standard reads as UTC
        date = date.replace(tzinfo=clock.now().tzinfo)
    return max(0.0, (date - clock.now()).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else 0.0


def _says(error: object, codes: frozenset[str] | set[str]) -> bool:
    if not isinstance(error, Mapping):
        return False
    return any(str(error.get(name, "")) in codes for name in ("code", "type"))


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _shown(text: str, key: str) -> str:
    """What the other side said, short, and without a key that it repeats: some echo it in a 401."""
    if key:
        text = text.replace(key, "sk-***")
    return _KEY_SHAPE.sub("sk-***", text)[:_LONGEST_DETAIL]
