"""What `seodang retry --set` changes in a question that is asked again: it is sent so, and answered under its old key."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from seodang.errors import DataError
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.settings import setting_value
from seodang.requests import Request

TABLE = "CREATE TABLE IF NOT EXISTS changes (key BLOB PRIMARY KEY, settings BLOB NOT NULL) STRICT;"
"""Beside the tables of the first format, which older books have: one that lacks it gets it when it is next written in."""


class Changes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The parts of a request that change how it is answered and not what is asked."""

    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0)] | None = None
    stop: tuple[str, ...] | None = None
    extra: dict[str, Any] = {}

    def applied(self, request: Request) -> Request:
        """The request as it is sent."""
        changed = {name: value for name in ("max_tokens", "temperature", "stop") if (value := getattr(self, name)) is not None}
        return msgspec.structs.replace(request, **changed, extra={**request.extra, **self.extra})


def parse_changes(settings: Sequence[str]) -> Changes | None:
    """`max_tokens=2048`, `temperature=0.3`, `extra.top_p=0.9`: as they are typed, or None where there are none."""
    if not settings:
        return None
    given: dict[str, Any] = {}
    known = [field for field in Changes.__struct_fields__ if field != "extra"]
    for setting in settings:
        name, equals, text = (part.strip() for part in setting.partition("="))
        table, _, rest = name.partition(".")
        if not equals or not (name in known or (table == "extra" and rest)):
            hint = did_you_mean(name, known)
            raise DataError("ledger.bad-change", setting=setting, known=[*known, "extra.NAME"], hint=hint)
        if rest:
            given.setdefault("extra", {})[rest] = setting_value(text)
        else:
            given[name] = setting_value(text)
    try:
        return msgspec.convert(given, Changes)
    except msgspec.ValidationError as error:
        raise DataError("ledger.bad-change-value", settings=list(settings), problem=str(error)) from None


def read_changes(connection: sqlite3.Connection) -> Mapping[bytes, Changes]:
    """By key. Few questions are ever asked again, and most of those with the same settings."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'changes'").fetchall():
        return {}
    read: dict[bytes, Changes] = {}
    found: dict[bytes, Changes] = {}
    for key, settings in connection.execute("SELECT key, settings FROM changes").fetchall():
        if settings not in read:
            read[settings] = msgspec.json.decode(settings, type=Changes)
        found[key] = read[settings]
    return found
