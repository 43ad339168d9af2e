"""The formats that records are written to, as one table. Each turns a record into a row, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from seodang.records import Message, Record

Extras = frozenset[str]
"""The optional keys that some record needs: every row then has them, because readers such as `datasets` take the columns of
the first rows for those of all."""


class LeftOut(msgspec.Struct, frozen=True):
    """The target cannot carry this record without changing what it says."""

    reason: str


class Format(msgspec.Struct, frozen=True):
    """`extras` are the optional keys it has; `cannot_carry` what it loses of a record that it does carry."""

    name: str
    row: Callable[[Record, Extras], dict[str, Any] | LeftOut]
    keys: tuple[str, ...]
    extras: tuple[str, ...] = ()
    cannot_carry: tuple[str, ...] = ()


def has(record: Record) -> Extras:
    """What a record holds beside roles and texts."""
    found = set()
    for message in record.messages:
        if message.thinking:
            found.add("thinking")
        if message.weight != 1.0:
            found.add("weight")
        if message.calls:
            found.add("tool_calls")
        if message.call_id:
            found.add("tool_call_id")
    if record.tools:
        found.add("tools")
    if record.candidates:
        found.add("candidates")
    return frozenset(found)


def messages_row(record: Record, extras: Extras) -> dict[str, Any] | LeftOut:
    """Everything but ranked candidates; the only format that carries a record without an answer."""
    if not record.messages:
        return LeftOut("empty")
    row: dict[str, Any] = {"messages": _spoken(record, extras)}
    if "tools" in extras:
        row["tools"] = list(record.tools)
    return row


def prompt_completion_row(record: Record, extras: Extras) -> dict[str, Any] | LeftOut:
    """Both as messages, so that the trainer's template is applied and turns before the last one are kept."""
    if not record.answered:
        return LeftOut("unanswered")
    spoken = _spoken(record, extras)
    if len(spoken) < 2:
        return LeftOut("unasked")
    row: dict[str, Any] = {"prompt": spoken[:-1], "completion": spoken[-1:]}
    if "tools" in extras:
        row["tools"] = list(record.tools)
    return row


def sharegpt_row(record: Record, extras: Extras) -> dict[str, Any] | LeftOut:
    """`human` and `gpt`; tools as LLaMA-Factory reads them (`function_call`, `observation`, `tools` as JSON text)."""
    if not record.answered:
        return LeftOut("unanswered")
    turns = []
    for message in _with_input(record):
        if message.role not in _SHAREGPT_ROLES:
            return LeftOut("role")
        if message.calls and message.text:
            return LeftOut("text-with-call")
        if message.calls:
            turns.append({"from": "function_call", "value": _calls_as_text(message)})
        else:
            turns.append({"from": _SHAREGPT_ROLES[message.role], "value": message.text})
    row: dict[str, Any] = {"id": record.id, "conversations": turns}
    if "tools" in extras:
        row["tools"] = msgspec.json.encode(record.tools).decode() if record.tools else ""
    return row


def alpaca_row(record: Record, extras: Extras) -> dict[str, Any] | LeftOut:
    """One question, its input, one answer."""
    if reason := _why_not_single(record):
        return LeftOut(reason)
    return {"instruction": record.question, "input": record.input, "output": record.answer}


def koalpaca_row(record: Record, extras: Extras) -> dict[str, Any] | LeftOut:
    """KoAlpaca v1.1: no input, which is therefore put under the instruction, as the teacher was asked."""
    if reason := _why_not_single(record):
        return LeftOut(reason)
    return {"instruction": _with_input(record)[0].text, "output": record.answer}


_SHAREGPT_ROLES = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}
_PART_OF_TURN = ("thinking", "weight", "tool_calls", "tool_call_id")

FORMATS = {
    known.name: known
    for known in (
        Format("messages", messages_row, ("messages",), (*_PART_OF_TURN, "tools"), ("candidates",)),
        Format("alpaca", alpaca_row, ("instruction", "input", "output"), (), ("thinking", "weight", "tools", "candidates")),
        Format("koalpaca", koalpaca_row, ("instruction", "output"), (), ("thinking", "weight", "tools", "candidates")),
        Format("sharegpt", sharegpt_row, ("id", "conversations"), ("tools",), ("thinking", "weight", "candidates")),
        Format("prompt-completion", prompt_completion_row, ("prompt", "completion"), (*_PART_OF_TURN, "tools"), ("candidates",)),
    )
}


def _why_not_single(record: Record) -> str:
    if not record.answered:
        return "unanswered"
    if any(message.calls or message.role == "tool" for message in record.messages):
        return "tools"
    roles = [message.role for message in record.messages]
    if roles == ["user", "assistant"]:
        return ""
    return "system" if roles == ["system", "user", "assistant"] else "several-turns" if len(roles) > 2 else "unasked"


def _with_input(record: Record) -> tuple[Message, ...]:
    """The messages with Alpaca's separate input under the first question, as the teacher was asked it."""
    if not record.input:
        return record.messages
    asked = next((place for place, message in enumerate(record.messages) if message.role == "user"), None)
    if asked is None:
        return record.messages
    first = msgspec.structs.replace(record.messages[asked], text=f"{record.messages[asked].text}\n\n{record.input}")
    return (*record.messages[:asked], first, *record.messages[asked + 1 :])


def _spoken(record: Record, extras: Extras) -> list[dict[str, Any]]:
    return [_turn(message, extras) for message in _with_input(record)]


def _turn(message: Message, extras: Extras) -> dict[str, Any]:
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


def _calls_as_text(message: Message) -> str:
    calls = [{"name": call.name, "arguments": _as_json(call.arguments)} for call in message.calls]
    return msgspec.json.encode(calls[0] if len(calls) == 1 else calls).decode()


def _as_json(arguments: str) -> Any:
    """The arguments as the object they are meant to be; as the text they are where the model wrote no JSON."""
    try:
        return msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
