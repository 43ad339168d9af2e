"""Tool calls as LLaMA-Factory writes them: a turn `function_call` whose value is JSON of `name` and `arguments`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import seodang


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    arguments: msgspec.Raw = msgspec.Raw(b"{}")
    id: str = ""


_ONE = msgspec.json.Decoder(_Written)
_MANY = msgspec.json.Decoder(tuple[_Written, ...])


def calls_in(text: str) -> tuple[seodang.Call, ...] | None:
    """The calls in a turn, one or a list; None where it is no such JSON. The arguments stay as they were written."""
    try:
        written = _MANY.decode(text) if text.lstrip().startswith("[") else (_ONE.decode(text),)
    except msgspec.DecodeError:
        return None
    return tuple(seodang.Call(call.id, call.name, _arguments(bytes(call.arguments).decode())) for call in written) or None


def calls_as_text(calls: Sequence[seodang.Call]) -> str:
    """What `calls_in` reads as these calls again."""
    written = [_as_text(call) for call in calls]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def _arguments(written: str) -> str:
    """Some write the arguments as a text with JSON in it; the model's own text is what is inside."""
    value = msgspec.json.decode(written)
    return value if isinstance(value, str) else written


def _as_text(call: seodang.Call) -> str:
    # Put together by hand so that the arguments keep their spaces: they are what the model wrote.
    arguments = call.arguments if _is_json(call.arguments) else _quoted(call.arguments)
    known = f', "id": {_quoted(call.id)}' if call.id else ""
    return f'{{"name": {_quoted(call.name)}, "arguments": {arguments}{known}}}'


def _is_json(arguments: str) -> bool:
    try:
        value: Any = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return False
    return not isinstance(value, str)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
