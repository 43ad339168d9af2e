"""Dialogues as ShareGPT files hold them: turns of `from` and `value` under many names, and what they become in a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import seodang

from seodang_sharegpt.calls import calls_in

TURNS = ("conversations", "items")
"""The columns under which turns stand; `items` is what the browser extension wrote first."""

CALL = "call"
"""The role of a turn in which the assistant calls a tool."""

ROLES = {
    **dict.fromkeys(("human", "user", "prompter"), "user"),
    **dict.fromkeys(
        ("gpt", "assistant", "chatgpt", "gpt-3.5", "gpt-4", "gpt4", "bing", "bard", "claude", "bot", "chatbot", "model", "ai"),
        "assistant",
    ),
    "system": "system",
    **dict.fromkeys(("observation", "tool", "function", "function_response", "tool_response", "tool_result"), "tool"),
    **dict.fromkeys(("function_call", "function-call", "tool_call", "tool_calls"), CALL),
}
"""Who speaks, under all the names that are met, in small letters."""

SPOKEN = ("value", "content", "text", "markdown")
"""The columns in which a turn's words are looked for; some dumps leave all but one of them empty."""

_OF_A_TURN = frozenset(("from", "role", "weight", *SPOKEN))


class Turn(msgspec.Struct, frozen=True):
    """One turn. `text` is None where the file has none; `extra` is what the turn has beside."""

    role: str
    text: str | None
    weight: float = 1.0
    speaker: str = ""
    extra: Mapping[str, Any] = {}


class Dialogue(msgspec.Struct, frozen=True):
    """The turns of a row, its id as written, its tools, and every other column."""

    id: Any
    turns: tuple[Turn, ...]
    tools: tuple[dict[str, Any], ...] = ()
    columns: Mapping[str, Any] = {}


LEFT_OUT = frozenset(
    {
        *(
            "blocked-answer",
            "blocked-word",
            "language",
            "last-round-lost",
            "plugins",
            "repeated",
            "repeated-digits",
            "repeated-id",
        ),
        *("restarting-list", "too-long", "too-short"),
    }
)
"""Codes of what could be read and is not wanted, by an option or by FastChat's rules: these rows are dropped. All others are broken,
and quarantined."""


def set_aside(context: seodang.Context, where: str, code: str, detail: str, text: str) -> None:
    """Says why a row, or a part of it, goes no further."""
    (context.drop if code in LEFT_OUT else context.quarantine)(where, code, detail, text)


class Unusable(Exception):
    """Why a row is no dialogue. `code` is counted, `detail` is shown."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def dialogue_of(values: Mapping[str, Any]) -> Dialogue:
    """The dialogue in a row. Raises Unusable where a turn cannot be understood: a guess would put words into a mouth."""
    name = next((name for name in TURNS if name in values), None)
    if name is None:
        raise Unusable("no-dialogue", f"the row has neither {' nor '.join(TURNS)}")
    written = values[name]
    if not isinstance(written, list):
        raise Unusable("no-dialogue", f"{name} is not a list of turns")
    turns = [turn_of(turn, place) for place, turn in enumerate(written, 1)]
    system = values.get("system")
    columns = {key: value for key, value in values.items() if key not in (name, "id", "tools", "system")}
    if isinstance(system, str) and system and (not turns or turns[0].role != "system"):
        turns.insert(0, Turn("system", system))
    elif system:
        columns["system"] = system
    return Dialogue(values.get("id"), tuple(turns), _tools(values.get("tools")), columns)


def turn_of(turn: Any, place: int) -> Turn:
    if not isinstance(turn, dict):
        raise Unusable("bad-turn", f"turn {place} is not an object of from and value")
    speaker = turn.get("from", turn.get("role"))
    if not isinstance(speaker, str) or not speaker:
        raise Unusable("bad-turn", f"turn {place} does not say who speaks")
    role = ROLES.get(speaker.strip().casefold())
    if role is None:
        raise Unusable("unknown-role", f"turn {place} is spoken by '{speaker}'")
    column = next((name for name in SPOKEN if turn.get(name) is not None), None)
    text = None if column is None else turn[column]
    if text is not None and not isinstance(text, str):
        raise Unusable("bad-turn", f"what is said in turn {place} is not a text")
    extra = {key: value for key, value in turn.items() if key not in _OF_A_TURN}
    # What else a turn says (`text` beside `value`) is kept; an empty one says nothing.
    extra |= {key: turn[key] for key in SPOKEN if key != column and turn.get(key) not in (None, "")}
    weight = turn.get("weight")
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, int | float)):
        raise Unusable("bad-turn", f"the weight of turn {place} is not a number")
    return Turn(role, text, 1.0 if weight is None else float(weight), speaker, extra)


def _tools(written: Any) -> tuple[dict[str, Any], ...]:
    """LLaMA-Factory writes the tools as JSON text, others as the list itself."""
    if isinstance(written, str) and written.strip():
        try:
            written = msgspec.json.decode(written)
        except msgspec.DecodeError as error:
            raise Unusable("bad-tools", f"tools is not JSON: {error}") from None
    if not written:
        return ()
    tools = written if isinstance(written, list) else [written]
    if not all(isinstance(tool, dict) for tool in tools):
        raise Unusable("bad-tools", "tools is not a list of objects")
    return tuple(tools)


def messages_of(turns: Sequence[Turn]) -> tuple[seodang.Message, ...]:
    """The turns as messages. Raises Unusable for a turn without words, and for a call that is none."""
    return tuple(_message(turn, place) for place, turn in enumerate(turns, 1))


def _message(turn: Turn, place: int) -> seodang.Message:
    if turn.text is None:
        raise Unusable("bad-turn", f"nothing is said in turn {place}")
    if turn.role != CALL:
        return seodang.Message(turn.role, turn.text, weight=turn.weight)
    calls = calls_in(turn.text)
    if calls is None:
        raise Unusable("bad-call", f"turn {place} is not a call of name and arguments in JSON")
    return seodang.Message("assistant", "", weight=turn.weight, calls=calls)


def columns_of(dialogue: Dialogue, turns: Sequence[Turn]) -> dict[str, Any]:
    """What comes along with a record: the row's other columns, its id, and what its turns have beside their words."""
    columns = dict(dialogue.columns)
    if dialogue.id is not None:
        columns["id"] = dialogue.id
    if any(turn.extra for turn in turns):
        columns["turns"] = [dict(turn.extra) for turn in turns]
    return columns
