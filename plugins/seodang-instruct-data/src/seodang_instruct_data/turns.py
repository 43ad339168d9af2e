"""Turns of `role` and `content`, as chat templates and most trainers take them, and the messages of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from seodang import Call, Message

PARTS_OF_TURN = ("thinking", "weight", "tool_calls", "tool_call_id")
"""The keys that turns have only where some record needs them."""

_KEYS = frozenset({"role", "content", *PARTS_OF_TURN})


def messages_of(turns: Any) -> tuple[Message, ...] | str:
    """The messages of a list of turns, or what is wrong with it."""
    if not isinstance(turns, list) or not turns:
        return "there is no list of turns"
    messages = []
    for place, turn in enumerate(turns, 1):
        message = _message(turn) if isinstance(turn, dict) else "it is no object"
        if isinstance(message, str):
            return f"turn {place}: {message}"
        messages.append(message)
    return tuple(messages)


def other_keys(turns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the turns have beside the known keys, a dictionary a turn; nothing where no turn has more."""
    if all(_KEYS.issuperset(turn) for turn in turns):
        return []
    found = [{name: value for name, value in turn.items() if name not in _KEYS and value is not None} for turn in turns]
    return found if any(found) else []


def turns_of(
    messages: Sequence[Message], extras: frozenset[str], others: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The turns with the keys that `extras` names. `others` are keys that came with as many turns, and go with them again."""
    turns = [_turn(message, extras) for message in messages]
    if len(others) == len(turns):
        for turn, other in zip(turns, others, strict=True):
            turn.update(other)
    return turns


def _turn(message: Message, extras: frozenset[str]) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.text}
    if "thinking" in extras:
        turn["thinking"] = message.thinking
    if "weight" in extras:
        turn["weight"] = message.weight
    if "tool_calls" in extras:
        turn["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    if "tool_call_id" in extras:
        turn["tool_call_id"] = message.call_id
    return turn


def _message(turn: Mapping[str, Any]) -> Message | str:
    role, text = turn.get("role"), _text(turn.get("content"))
    if not isinstance(role, str) or not role:
        return "it has no role"
    if text is None:
        return "its content is no text"
    if len(turn) == 2:
        return Message(role, text)
    thinking, weight, call_id = turn.get("thinking") or "", turn.get("weight"), turn.get("tool_call_id") or ""
    if not isinstance(thinking, str) or not isinstance(call_id, str):
        return "its thinking or tool_call_id is no text"
    if weight is None:
        weight = 1.0
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        return "its weight is no number"
    calls = _calls(turn.get("tool_calls"))
    if isinstance(calls, str):
        return calls
    if not calls and "content" not in turn:
        return "it has no content"
    return Message(role, text, thinking=thinking, weight=float(weight), calls=calls, call_id=call_id)


def _text(content: Any) -> str | None:
    """The text of a content, which may be a list of text parts; None where a part is something else."""
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if not isinstance(content, list):
        return None
    parts = [part.get("text") if isinstance(part, dict) and part.get("type", "text") == "text" else None for part in content]
    return "".join(part for part in parts if isinstance(part, str)) if all(isinstance(part, str) for part in parts) else None


def _calls(calls: Any) -> tuple[Call, ...] | str:
    """Tool calls as OpenAI writes them. Arguments may be JSON text or, in many data sets, the object itself."""
    if not calls:
        return ()
    if not isinstance(calls, list):
        return "its tool_calls are no list"
    found = []
    for call in calls:
        function = call.get("function", call) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return "a tool call has no name"
        arguments = function.get("arguments", "")
        if not isinstance(arguments, str):
            arguments = msgspec.json.encode(arguments).decode()
        identity = call.get("id")
        found.append(Call(identity if isinstance(identity, str) else "", function["name"], arguments))
    return tuple(found)
