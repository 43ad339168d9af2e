"""Preference pairs: a prompt, the answer that was chosen and the one that was rejected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
import seodang
from seodang import Candidate, LeftOut, Message, Record, Row

from seodang_instruct_data.asking import with_input
from seodang_instruct_data.columns import beside, carried, other_columns, tags_of
from seodang_instruct_data.messages import CONVERSATION_EXTRAS, spoken, tools_of
from seodang_instruct_data.turns import turns_of

_CHOSEN, _REJECTED = 1, 2
_SCORES = ("score_chosen", "score_rejected")


class Preference(seodang.Format):
    """The prompt is the conversation, the two answers are its candidates of rank 1 and 2.

    A record stays unanswered unless `answer = "chosen"` makes the chosen answer its last turn, for supervised training.
    """

    name = "preference"
    revision = 1
    needs = ("chosen", "rejected")
    columns = ("prompt", "chosen", "rejected", "tools", *_SCORES, "id", "id2")
    extras = (*CONVERSATION_EXTRAS, *_SCORES, "id", "id2")
    cannot_carry = ()
    example = {"prompt": "서당이 무엇인가요?", "chosen": "마을 아이들이 글을 배우던 곳입니다.", "rejected": "모릅니다."}

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        answer: Annotated[
            Literal["none", "chosen"], msgspec.Meta(description="Whether the chosen answer becomes the record's answer too.")
        ] = "none"
        written_as: Annotated[
            Literal["texts", "turns"], msgspec.Meta(description="Write plain texts (one question), or turns of role and content.")
        ] = "texts"

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            pair = _pair(values)
            tools = tools_of(values)
            scores = [_score(values.get(name)) for name in _SCORES]
            wrong = next((part for part in (pair, tools, *scores) if isinstance(part, str)), "")
            if wrong:
                context.quarantine(row.where, "bad-pair", wrong)
                continue
            prompt, chosen, rejected = pair  # type: ignore[misc]
            candidates = tuple(
                Candidate(message, rank=rank, score=score)  # type: ignore[arg-type]
                for message, rank, score in zip((chosen, rejected), (_CHOSEN, _REJECTED), scores, strict=True)
            )
            yield Record(
                messages=(*prompt, chosen) if self.options.answer == "chosen" else prompt,
                candidates=candidates,
                tools=tools,
                tags=tags_of(values, ("id", "id2")),
                columns=other_columns(values, self.columns),
            )

    def extras_of(self, record: Record) -> frozenset[str]:
        found = set(super().extras_of(record))
        if any(candidate.score is not None for candidate in record.candidates):
            found.update(_SCORES)
        for message in (candidate.message for candidate in record.candidates):
            if message.thinking:
                found.add("thinking")
            if message.calls:
                found.add("tool_calls")
        return frozenset(found)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in records:
            ranked = sorted((candidate for candidate in record.candidates if candidate.rank > 0), key=lambda each: each.rank)
            prompt = with_input(record)
            if prompt and prompt[-1].role == "assistant":
                prompt = prompt[:-1]
            if reason := self._why_not(prompt, ranked):
                yield LeftOut(reason)
                continue
            chosen = ranked[0]
            for rejected in ranked[1:]:
                if rejected.rank > chosen.rank:
                    yield self._row(record, prompt, chosen, rejected, extras) | beside(record, self.columns)

    def _why_not(self, prompt: tuple[Message, ...], ranked: list[Candidate]) -> str:
        if not prompt:
            return "unasked"
        if len(ranked) < 2:
            return "one-answer" if ranked else "unranked"
        if ranked[0].rank == ranked[-1].rank:
            return "equal-rank"
        plain = len(prompt) == 1 and prompt[0].role == "user" and not any(each.message.calls for each in ranked)
        return "" if plain or self.options.written_as == "turns" else "several-turns"

    def _row(
        self, record: Record, prompt: tuple[Message, ...], chosen: Candidate, rejected: Candidate, extras: frozenset[str]
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"prompt": prompt[0].text, "chosen": chosen.message.text, "rejected": rejected.message.text}
        if self.options.written_as == "turns":
            row = {
                "prompt": turns_of(prompt, extras),
                "chosen": turns_of([chosen.message], extras),
                "rejected": turns_of([rejected.message], extras),
            }
            if "tools" in extras:
                row["tools"] = list(record.tools)
        if _SCORES[0] in extras:
            row.update(zip(_SCORES, (chosen.score, rejected.score), strict=True))
        row.update((name, carried(record, name)) for name in ("id", "id2") if name in extras)
        return row


def _score(value: Any) -> float | str | None:
    """The score; nothing where there is none, and what is wrong where it is no number. A table's cells are numbers as texts."""
    if value is None or value == "":
        return None
    try:
        score = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        score = math.nan
    return score if math.isfinite(score) else "a score is no number"


def _pair(values: Mapping[str, Any]) -> tuple[tuple[Message, ...], Message, Message] | str:
    """The prompt and the two answers, or what is wrong. Answers may be whole conversations that begin with the prompt."""
    prompt = spoken(values.get("prompt"), "user")
    chosen, rejected = spoken(values.get("chosen"), "assistant"), spoken(values.get("rejected"), "assistant")
    for part in (prompt, chosen, rejected):
        if isinstance(part, str):
            return part
    if not prompt:
        shared = 0
        while shared < min(len(chosen), len(rejected)) and chosen[shared] == rejected[shared]:
            shared += 1
        prompt = chosen[:shared]  # type: ignore[assignment]
    if not prompt:
        return "there is no prompt"
    answers = [answer[len(prompt) :] if answer[: len(prompt)] == prompt else answer for answer in (chosen, rejected)]
    if any(len(answer) != 1 for answer in answers):
        return "chosen and rejected have to be one answer each"
    return prompt, answers[0][0], answers[1][0]  # type: ignore[return-value]
