"""A sent request as one line of JSON, in the form in which `seodang ledger import` takes answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from seodang.ledger.entries import Sent


def sent_as_json(attempt: Sent) -> str:
    """With the question itself, which for a second try of the same question stands at the first."""
    line: dict[str, Any] = {
        "sent": datetime.fromtimestamp(attempt.started / 1_000_000, UTC).isoformat(),
        "key": attempt.key.hex(),
        "run": attempt.run,
        "step": attempt.step,
        "record": attempt.record,
        "host": attempt.host,
        "state": attempt.state,
        "worst_micro": attempt.worst_micro,
        "cost_micro": attempt.cost_micro,
        "currency": attempt.currency,
        "detail": attempt.detail,
        "teacher": attempt.teacher,
        "model": attempt.model,
        **_question(attempt.request),
    }
    return msgspec.json.encode(line).decode()


def _question(canonical: bytes | None) -> dict[str, msgspec.Raw]:
    if not canonical:
        return {}
    try:
        parts = msgspec.json.decode(canonical, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:  # another book's, whose request was not kept as JSON
        return {}
    return {name: parts[name] for name in ("identity", "options", "request") if name in parts}
