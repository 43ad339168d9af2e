"""The tokenizer as llama.cpp knows it: byte-level BPE by its merges, or pieces with spare bytes (SentencePiece's) by scores."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import seodang

NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""llama.cpp's kinds of tokens."""
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
BLANK = "▁"
NEVER_MERGED = -1e9

_SPLITS = {
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+": "llama-bpe",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+": "qwen2",
}
"""The expressions by which published tokenizers cut a text before they merge, and llama.cpp's names for them."""


class Vocabulary(NamedTuple):
    """`model` and `split` are llama.cpp's names. `scores` or `merges` are empty where the kind has none."""

    model: str
    split: str
    tokens: list[str]
    types: list[int]
    scores: list[float]
    merges: list[str]
    begins_with_blank: bool


def vocabulary_of(tokenizer: Any, size: int) -> Vocabulary:
    """`size` is the number of embeddings, which may be larger than that of tokens."""
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    model = written["model"]
    if model.get("type", "BPE") != "BPE":
        raise seodang.DataError("seodang_gguf:tokenizer", kind=model["type"])
    in_pieces = bool(model.get("byte_fallback"))
    split = "default" if in_pieces else _split(written)
    tokens, types = _tokens(written, tokenizer, size, in_pieces)
    merges = [tuple(merge.split(" ", 1)) if isinstance(merge, str) else tuple(merge) for merge in model.get("merges", ())]
    if not in_pieces:
        return Vocabulary("gpt2", split, tokens, types, [], [" ".join(merge) for merge in merges], False)
    blanks, begins = _blanks(written)
    scores = _scores(tokens, types, merges)
    if not blanks:
        # Blanks are tokens of their own there; llama.cpp writes ▁ for them before it looks anything up.
        if BLANK in tokens:
            raise seodang.DataError("seodang_gguf:blanks")
        tokens = [token.replace(" ", BLANK) if kind == NORMAL else token for token, kind in zip(tokens, types, strict=True)]
    return Vocabulary("llama", split, tokens, types, scores, [], begins)


def _tokens(written: Mapping[str, Any], tokenizer: Any, size: int, in_pieces: bool) -> tuple[list[str], list[int]]:
    by_id = {place: token for token, place in written["model"]["vocab"].items()}
    added = {entry["id"]: entry for entry in written.get("added_tokens", ())}
    special = {*tokenizer.all_special_ids}
    unknown = written["model"].get("unk_token")
    tokens, types = [], []
    for place in range(max(size, len(tokenizer))):
        if place in added:
            tokens.append(added[place]["content"])
            is_control = added[place]["special"] or place in special
            types.append(UNKNOWN if in_pieces and tokens[-1] == unknown else CONTROL if is_control else USER)
        elif place in by_id:
            tokens.append(by_id[place])
            types.append(UNKNOWN if tokens[-1] == unknown else BYTE if in_pieces and _BYTE.fullmatch(tokens[-1]) else NORMAL)
        else:
            tokens.append(f"[PAD{place}]")  # an embedding that no token uses
            types.append(UNUSED)
    return tokens, types


def _scores(tokens: list[str], types: list[int], merges: list[tuple[str, ...]]) -> list[float]:
    """SentencePiece merges the piece with the highest score first; which was first here, the order of the merges says."""
    rank: dict[str, int] = {}
    for place, merge in enumerate(merges):
        rank.setdefault("".join(merge), place)
    without = [
        token for token, kind in zip(tokens, types, strict=True) if kind == NORMAL and len(token) > 1 and token not in rank
    ]
    if without:
        raise seodang.DataError("seodang_gguf:pieces", tokens=without[:5], count=len(without))
    return [
        -float(rank[token]) if kind == NORMAL and token in rank else NEVER_MERGED
        for token, kind in zip(tokens, types, strict=True)
    ]


def _steps(part: Any) -> Iterator[Mapping[str, Any]]:
    """The steps of a part of tokenizer.json, one or a sequence."""
    if part:
        inner = part.get("normalizers") or part.get("pretokenizers")
        yield from (step for one in inner for step in _steps(one)) if inner else (part,)


def _split(written: Mapping[str, Any]) -> str:
    """What a text is cut into before bytes are merged. Texts are NFC already, so that a step that makes them so changes nothing."""
    before = [step["type"] for step in _steps(written.get("normalizer"))]
    steps = list(_steps(written.get("pre_tokenizer")))
    last = steps[-1] if steps else {}
    if set(before) <= {"NFC"} and last.get("type") == "ByteLevel" and not last.get("add_prefix_space"):
        if len(steps) == 1 and last.get("use_regex", True):
            return "gpt-2"
        if len(steps) == 2 and steps[0]["type"] == "Digits" and steps[0].get("individual_digits") and last.get("use_regex", True):
            return "smollm"
        pattern = (steps[0].get("pattern") or {}).get("Regex", "") if len(steps) == 2 and steps[0]["type"] == "Split" else ""
        if pattern in _SPLITS and not last.get("use_regex", True):
            return _SPLITS[pattern]
    raise seodang.DataError("seodang_gguf:split", steps=[*before, *(step["type"] for step in steps)] or ["–"])


def _blanks(written: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether blanks are written ▁, and whether one is put before a text."""
    before, after = list(_steps(written.get("normalizer"))), list(_steps(written.get("pre_tokenizer")))
    kinds = [step["type"] for step in (*before, *after)]
    if not kinds:
        return False, False
    if kinds == ["Metaspace"] and not after[0].get("split", True):
        return True, after[0].get("prepend_scheme", "always") != "never"
    replaces = [step for step in before if step["type"] == "Replace"]
    if not after and len(replaces) == 1 and replaces[0]["pattern"] == {"String": " "} and replaces[0]["content"] == BLANK:
        if kinds == ["Replace"]:
            return True, False
        if kinds == ["Prepend", "Replace"] and before[0]["prepend"] == BLANK:
            return True, True
    raise seodang.DataError("seodang_gguf:split", steps=kinds)
