"""What went wrong at Naver's side, in words that the core and a person understand."""

from __future__ import annotations

import base64
import email.utils
import math
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import quote

import msgspec
import seodang

QUOTA = frozenset({"010", "400"})
"""The day's calls are used up, at the developers' centre and at API HUB (the latter from its gateway's documentation)."""
PACE = frozenset({"012", "410", "420"})
"""Too many calls a second: a matter of patience."""
OF_THE_QUERY = frozenset({"SE01", "SE06"})
"""The query itself is at fault: empty, or not readable. The others are about how it is asked."""
LONGEST_PATIENCE_SECONDS = 120.0
"""Who is asked to wait longer than this stops and says so."""
_LONGEST_DETAIL = 300


class Said(msgspec.Struct, frozen=True):
    """The code and the sentence of an error's body."""

    code: str
    detail: str


class Unusable(seodang.RemoteError):
    """As things are set, no question can be answered at all."""

    exit_code = 3


class BadQuery(seodang.RemoteError):
    """This one query is refused, whoever asks. It is quarantined, and the search goes on."""

    def __init__(self, said: Said, *, status: int) -> None:
        super().__init__(f"{said.code}: {said.detail}", status=status)


def named(kind: type[seodang.RemoteError], code: str, said: Said, status: int = 0, **facts: Any) -> seodang.RemoteError:
    """An error of this kind with a message of this plugin."""
    error = kind(said.detail, status=status)
    error.code = f"seodang_naver_kin:{code}"
    error.facts = {"detail": said.detail, "status": status, "error": said.code, **facts}
    return error


def of_status(
    status: int, body: bytes, headers: Mapping[str, str], *, keys: tuple[str, ...], server: Any, clock: Any
) -> seodang.RemoteError:
    """The error that an answer with this status is."""
    said = said_in(body, keys)
    names = ", ".join(reference.removeprefix("env:") for reference in server.secrets)
    facts = {"host": server.host, "mode": server.mode, "variables": names}
    if 300 <= status < 400:
        return named(Unusable, "redirected", said, status, **facts)
    wait = retry_after(headers, clock)
    if status == 429 or said.code in ("010", "012"):
        if said.code in QUOTA or wait > LONGEST_PATIENCE_SECONDS:
            return named(seodang.Exhausted, "exhausted", said, status, **facts)
        return seodang.Transient(said.detail or f"HTTP {status}", retry_after=wait, throttled=True, status=status)
    if status in (401, 403):
        return named(seodang.Unauthorized, "unauthorized", said, status, **facts)
    if status == 404 or said.code == "SE05":
        return named(Unusable, "no-such-api", said, status, **facts)
    if status in (408, 425) or status >= 500:
        return seodang.Transient(said.detail or f"HTTP {status}", retry_after=wait, status=status)
    if said.code in OF_THE_QUERY:
        return BadQuery(said, status=status)
    return named(Unusable, "refused", said, status, **facts)


def said_in(body: bytes, keys: tuple[str, ...]) -> Said:
    """What the body says, in the developers' centre's form or in the gateway's, and without a key that it repeats."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Said("", "")
    inner = found.get("error", found) if isinstance(found, Mapping) else {}
    if not isinstance(inner, Mapping):
        return Said("", shown(str(inner), keys))
    code = str(inner.get("errorCode", ""))[:20]
    detail = inner.get("errorMessage", inner.get("message", ""))
    return Said(shown(code, keys), shown(str(detail), keys))


def shown(text: str, keys: tuple[str, ...]) -> str:
    """What the other side said, short, and without the keys, however it has written them."""
    for key in keys:
        for form in (key, quote(key, safe=""), base64.b64encode(key.encode()).decode()):
            text = text.replace(form, "***")
    return text[:_LONGEST_DETAIL]


def retry_after(headers: Mapping[str, str], clock: Any) -> float:
    """Seconds to wait, from `Retry-After` as seconds or as a date. Nonsense is 0."""
    text = (headers.get("Retry-After") or "").strip()
    if not text:
        return 0.0
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, float((date - clock.now()).total_seconds()))
