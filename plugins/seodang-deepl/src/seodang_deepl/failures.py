"""What went wrong at the other side, in the words that the core understands."""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import deepl
import requests
import seodang
import urllib3

from seodang_deepl.unusable import Unusable

GATEWAY_TIMEOUTS = frozenset({504, 524})
"""A gateway has given up waiting; what stands behind it may have gone on, and been billed."""
NEVER_SENT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
    urllib3.exceptions.NewConnectionError,
)
"""The failures that are met before the first byte of a text leaves."""
_ABOUT_SETTINGS = re.compile(
    r"target_lang|source_lang|formality|glossary|style|translation_memory|model_type|custom_instructions|tag_handling",
    re.IGNORECASE,
)
_LONGEST_DETAIL = 300


def translated(error: Exception, key: str, host: str, headers: Mapping[str, str], clock: Any) -> seodang.RemoteError:
    """The SDK's exception as the core's. `headers` came with the answer, of which the SDK keeps none."""
    causes = list(_causes(error))
    own = next((cause for cause in causes if isinstance(cause, seodang.RemoteError)), None)
    if own is not None:
        return own
    detail = _shown(str(error), key)
    if isinstance(error, deepl.DeepLException) and error.http_status_code:
        return _of_status(error.http_status_code, error, detail, host, headers, clock)
    if isinstance(error, deepl.DeepLException):
        return seodang.Transient(detail, in_doubt=not any(isinstance(cause, NEVER_SENT) for cause in _all(causes)))
    # What it said was no translation (cut JSON, a page of HTML, no billed characters): the work may have been done.
    return seodang.Transient(f"unreadable answer: {type(error).__name__}: {detail}", in_doubt=True)


def _of_status(
    status: int, error: deepl.DeepLException, detail: str, host: str, headers: Mapping[str, str], clock: Any
) -> seodang.RemoteError:
    if isinstance(error, deepl.AuthorizationException) or status == 401:
        return seodang.Unauthorized(detail, status=status)
    if isinstance(error, deepl.QuotaExceededException):
        return seodang.Exhausted(detail, status=status)
    if status in (429, 529):
        return seodang.Transient(detail, status=status, throttled=True, retry_after=retry_after(headers, clock))
    if status == 413:
        return seodang.Refused(detail, reason="too-long", status=status)
    if status >= 500 or status == 408:
        doubt = status in GATEWAY_TIMEOUTS
        return seodang.Transient(detail, status=status, in_doubt=doubt, retry_after=retry_after(headers, clock))
    if status in (400, 404, 422) and (_ABOUT_SETTINGS.search(detail) or isinstance(error, deepl.GlossaryNotFoundException)):
        # All texts of a step are sent with the same settings: the first shows it, and none was billed.
        return Unusable("seodang_deepl:setting-refused", status=status, detail=detail, host=host)
    return seodang.Refused(detail, reason=f"http-{status}", status=status)


def retry_after(headers: Mapping[str, str], clock: Any) -> float:
    """Seconds to wait, from `Retry-After` as seconds or as a date. Nonsense is 0."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
        return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if date.tzinfo is None:  # "-0000": a time of unknown place, which the standard reads as UTC
        date = date.replace(tzinfo=clock.now().tzinfo)
    return max(0.0, (date - clock.now()).total_seconds())


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _all(causes: list[BaseException]) -> Iterator[object]:
    """requests puts the failure of the pool into its own as an argument, and that one its reason."""
    for cause in causes:
        yield cause
        for argument in cause.args:
            yield argument
            yield getattr(argument, "reason", None)


def _shown(text: str, key: str) -> str:
    """What the other side said, short, and without a key that it repeats."""
    return (text.replace(key, "***") if key else text)[:_LONGEST_DETAIL]
