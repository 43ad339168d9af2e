"""The repaired way: what a page or a dump broke is mended, what cannot be mended ends the dialogue there, and both are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from seodang_sharegpt.dialogues import CALL, Dialogue, Turn, Unusable
from seodang_sharegpt.pages import TooDeep, is_page, markdown_of, words_of
from seodang_sharegpt.remnants import is_page_error, is_silent, without_remnants

_FOLLOWS = {
    "user": ("assistant", CALL),
    "assistant": ("user", CALL),
    CALL: ("tool",),
    "tool": ("assistant", CALL, "tool"),
}
"""Who may speak after whom, beside the same speaker going on."""


class Mended(msgspec.Struct, frozen=True):
    """The system's turns, the answered rounds, and what was done to the dialogue."""

    system: tuple[Turn, ...]
    rounds: tuple[tuple[Turn, ...], ...]
    tags: dict[str, Any]

    @property
    def turns(self) -> tuple[Turn, ...]:
        return (*self.system, *(turn for one in self.rounds for turn in one))


def mended(dialogue: Dialogue, *, html: bool = True) -> Mended:
    """The dialogue in order and in Markdown. Raises Unusable where not even its first round can be used."""
    repairs: Counter[str] = Counter()
    turns = [_mended_turn(turn, place, repairs, html) for place, turn in enumerate(dialogue.turns, 1)]
    first = next((place for place, turn in enumerate(turns) if turn.role != "system"), len(turns))
    asked = next((place for place, turn in enumerate(turns) if turn.role == "user"), None)
    if asked is None:
        raise Unusable("no-question", "nobody asks anything")
    if any(turn.role == "system" for turn in turns[first:]):
        raise Unusable("wrong-order", "a system turn stands in the middle of the dialogue")
    rounds, used = _rounds(turns, asked, repairs)
    tags: dict[str, Any] = {}
    if cut := len(turns) - first - used:
        tags["cut_turns"] = cut
    if repairs:
        tags["repairs"] = dict(sorted(repairs.items()))
    return Mended(tuple(turns[:first]), rounds, tags)


def _mended_turn(turn: Turn, place: int, repairs: Counter[str], html: bool) -> Turn:
    if not turn.text or turn.role in (CALL, "tool", "system"):
        return turn
    text = turn.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        repairs["line-ends"] += 1
    if html and is_page(text):
        # A question is only ever copied with a wrapper around it; what begins with <p> is somebody's own source.
        if turn.role == "assistant":
            try:
                text = markdown_of(text)
            except TooDeep:
                raise Unusable("bad-html", f"the elements of turn {place} stand in each other too deeply") from None
            repairs["html"] += 1
        elif "whitespace-pre-wrap" in text[:200]:
            text = words_of(text)
            repairs["html"] += 1
    if turn.role == "assistant" and (shorter := without_remnants(text)) != text:
        text = shorter
        repairs["remnants"] += 1
    return turn if text is turn.text else msgspec.structs.replace(turn, text=text)


def _rounds(turns: Sequence[Turn], start: int, repairs: Counter[str]) -> tuple[tuple[tuple[Turn, ...], ...], int]:
    """The rounds, each from a question to its last answer, and how many turns went into them."""
    rounds: list[tuple[Turn, ...]] = []
    current: list[Turn] = []
    used, taken = 0, 0
    for place, turn in enumerate(turns[start:], start + 1):
        if current and current[-1].role != "user" and turn.role == "user":
            if current[-1].role != "assistant":
                break
            rounds.append(tuple(current))
            used, taken, current = used + taken, 0, []
        problem = _problem(turn, current[-1].role if current else "", place)
        if problem is not None:
            # What comes behind a gap answers to something that nobody can read any more.
            if not rounds:
                raise problem
            current = []
            break
        taken += 1
        if current and current[-1].role == turn.role and turn.role in ("user", "assistant"):
            current[-1] = _joined(current[-1], turn)
            repairs["joined"] += 1
        else:
            current.append(turn)
    if current and current[-1].role == "assistant":
        rounds.append(tuple(current))
        used += taken
    if not rounds:
        raise Unusable("unanswered", "no question is answered")
    return tuple(rounds), used


def _problem(turn: Turn, before: str, place: int) -> Unusable | None:
    if turn.text is None or (turn.role != "tool" and is_silent(turn.text)):
        return Unusable("missing-turn", f"nothing is said in turn {place}")
    if turn.role == "assistant" and is_page_error(turn.text):
        return Unusable("page-error", f"turn {place} is an error message of the page")
    if before and turn.role != before and turn.role not in _FOLLOWS[before]:
        return Unusable("wrong-order", f"turn {place} ({turn.role}) cannot follow one of {before}")
    if before == turn.role == CALL:
        return Unusable("wrong-order", f"the call in turn {place} follows a call without a result")
    return None


def _joined(first: Turn, second: Turn) -> Turn:
    """Two turns of one speaker in a row. A turn that was written twice is one."""
    if first.text == second.text:
        return first
    return msgspec.structs.replace(
        first,
        text=f"{first.text}\n\n{second.text}",
        weight=min(first.weight, second.weight),
        extra={**first.extra, **second.extra},
    )
