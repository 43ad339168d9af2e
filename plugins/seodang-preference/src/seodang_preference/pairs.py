"""Records to pairs of token ids. Needs no TRL: the template writes the conversations, segment by segment, as for any training."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
import seodang


class Pair(NamedTuple):
    """A question, and the two answers with what ends them."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


class Pairs(NamedTuple):
    """What is trained on, and how many records or pairs were left out, and why."""

    pairs: list[Pair]
    counts: dict[str, int]

    def columns(self) -> dict[str, list[list[int]]]:
        """As TRL's DPO takes them."""
        return {f"{name}_ids": [getattr(pair, name) for pair in self.pairs] for name in Pair._fields}

    def conversations(self) -> dict[str, list[list[int]]]:
        """As TRL's reward training takes them: each answer behind its question."""
        return {
            "chosen_ids": [pair.prompt + pair.chosen for pair in self.pairs],
            "rejected_ids": [pair.prompt + pair.rejected for pair in self.pairs],
        }

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for pair in self.pairs:
            for part in pair:
                digest.update(len(part).to_bytes(4) + array("i", part).tobytes())
        return digest.hexdigest()


def ranked_pairs(record: seodang.Record) -> Iterator[tuple[seodang.Record, seodang.Message, seodang.Message]]:
    """The record without its last answer, and its best candidate against each worse one. Candidates without a rank, and those
    that are as good as the best, say nothing about which is better."""
    question = msgspec.structs.replace(record, messages=record.messages[:-1]) if record.answered else record
    ranked = sorted((candidate for candidate in record.candidates if candidate.rank > 0), key=lambda each: each.rank)
    for other in ranked[1:]:
        if question.messages and other.rank > ranked[0].rank:
            yield question, ranked[0].message, other.message


def pairs_of(dataset: Iterable[seodang.Record], template: seodang.Template, tokenizer: Any, max_length: int) -> Pairs:
    found: list[Pair] = []
    counts = {"no_pair": 0, "too_long": 0, "equal": 0}
    for record in dataset:
        some = list(ranked_pairs(record))
        counts["no_pair"] += not some
        for question, chosen, rejected in some:
            pair = _pair(question, chosen, rejected, template, tokenizer)
            if len(pair.prompt) + max(len(pair.chosen), len(pair.rejected)) > max_length:
                counts["too_long"] += 1
            elif pair.chosen == pair.rejected:
                counts["equal"] += 1
            else:
                found.append(pair)
    return Pairs(found, counts)


def _pair(
    question: seodang.Record, chosen: seodang.Message, rejected: seodang.Message, template: seodang.Template, tokenizer: Any
) -> Pair:
    prompt = seodang.encode(template.segments(question), tokenizer).ids
    answers = []
    for message in (chosen, rejected):
        answered = msgspec.structs.replace(question, messages=(*question.messages, message))
        whole = seodang.encode(template.segments(answered), tokenizer).ids
        if whole[: len(prompt)] != prompt:
            raise seodang.DataError("seodang_preference:asks-otherwise", template=template.name, record=question.id or "–")
        answers.append(whole[len(prompt) :])
    return Pair(prompt, *answers)
