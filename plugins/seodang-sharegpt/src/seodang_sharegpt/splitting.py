"""Splitting long dialogues between rounds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import seodang

from seodang_sharegpt.dialogues import Turn

AROUND_A_TURN = 6
"""What a template puts around a turn, in tokens. FastChat's number."""

Count = Callable[[str], int]


class Piece(msgspec.Struct, frozen=True):
    """Turns from `start` to before `end`, counted without the system's. `too_long`: one round alone has more than allowed."""

    start: int
    end: int
    too_long: bool = False


def counter(tokenizer: str, files: Sequence[Path], *, special: bool) -> Count:
    """What counts a text: characters, or the tokens of a tokenizer on the hub or in a directory of this machine.

    `special` counts the signs that a tokenizer puts around every text, as FastChat does.
    """
    if tokenizer == "characters" and not files:
        return len
    place = str(files[0]) if files else tokenizer
    try:
        if files and files[0].name == "tokenizer.json":
            return _of_a_file(files[0], special)
        return _of_a_model(str(files[0].parent) if files else tokenizer, special)
    except ImportError as error:
        raise seodang.DataError("seodang_sharegpt:needs-transformers", tokenizer=place) from error
    except Exception as error:
        # What a broken or missing tokenizer raises is the libraries' affair, from OSError to KeyError; the person is told it.
        detail = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise seodang.DataError("seodang_sharegpt:no-tokenizer", tokenizer=place, detail=detail) from error


def _of_a_file(path: Path, special: bool) -> Count:
    """Without transformers, which takes seconds to import."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(path))
    loaded.no_truncation()
    return lambda text: len(loaded.encode(text, add_special_tokens=special).ids)


def _of_a_model(place: str, special: bool) -> Count:
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(place, local_files_only=os.environ.get("SEODANG_OFFLINE") == "1")
    return lambda text: len(loaded(text, add_special_tokens=special, verbose=False).input_ids)


def lengths(turns: Sequence[Turn], count: Count) -> list[int]:
    return [count(turn.text or "") + AROUND_A_TURN for turn in turns]


def fastchat_pieces(sizes: Sequence[int], most: int) -> list[Piece]:
    """FastChat's rule, with its edges: a last round that does not fit is in no piece, a first one that is too long leaves an
    empty piece before it, and one in the middle that is too long is a piece all the same."""
    pieces: list[Piece] = []
    start = taken = 0
    for place in range(0, len(sizes), 2):
        size = sizes[place] + sizes[place + 1]
        if taken + size > most:
            pieces.append(Piece(start, place))
            start, taken = place, 0
        elif place == len(sizes) - 2:
            pieces.append(Piece(start, place + 2))
        taken += size
    return pieces


def pieces_of(rounds: Sequence[Sequence[Turn]], most: int, count: Count, system: Sequence[Turn] = ()) -> list[Piece]:
    """Every round in exactly one piece, as many to a piece as fit beside the system's turns. One too long stands alone."""
    room = most - sum(lengths(system, count))
    pieces: list[Piece] = []
    start = end = taken = 0
    for one in rounds:
        size = sum(lengths(one, count))
        if end > start and taken + size > room:
            pieces.append(Piece(start, end))
            start, taken = end, 0
        end += len(one)
        taken += size
        if size > room:
            pieces.append(Piece(start, end, too_long=True))
            start, taken = end, 0
    if end > start:
        pieces.append(Piece(start, end))
    return pieces
