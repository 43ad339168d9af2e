"""Conversations as turns of `role` and `content`: the column `messages`, and a prompt with its completion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import NO_ANSWER, why_not_single, with_empty_answer, with_input
from seodang_instruct_data.columns import beside, other_columns
from seodang_instruct_data.turns import PARTS_OF_TURN, messages_of, other_keys, turns_of

CONVERSATION_EXTRAS = (*PARTS_OF_TURN, "tools")


class Messages(seodang.Format):
    """A list of turns with everything that a turn can have: thinking, tool calls, a share in the loss; unanswered ones too.

    Keys of a turn that are not known (`name`, say) are kept in the column `messages` of the record, and written again.
    """

    name = "messages"
    revision = 1
    needs = ("messages",)
    columns = ("messages", "tools")
    extras = CONVERSATION_EXTRAS
    cannot_carry = ("candidates",)
    example = {"messages": [{"role": "user", "content": "1 더하기 1은?"}, {"role": "assistant", "content": "2입니다."}]}

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return isinstance(values.get("messages"), list)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            messages, tools = messages_of(values.get("messages")), tools_of(values)
            if isinstance(messages, str) or isinstance(tools, str):
                context.quarantine(row.where, "bad-turns", messages if isinstance(messages, str) else str(tools))
                continue
            columns = other_columns(values, self.columns)
            if others := other_keys(values["messages"]):
                columns["messages"] = others
            yield Record(messages=messages, tools=tools, columns=columns)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in records:
            if not record.messages:
                yield LeftOut("empty")
                continue
            others = record.columns.get("messages", ())
            row: dict[str, Any] = {"messages": turns_of(with_input(record), extras, others if isinstance(others, list) else ())}
            if "tools" in extras:
                row["tools"] = list(record.tools)
            yield row | beside(record, self.columns)


class PromptCompletion(seodang.Format):
    """A prompt and its completion, both texts or both turns. Written as turns, so that a trainer's chat template is applied."""

    name = "prompt-completion"
    revision = 1
    needs = ("prompt", "completion")
    columns = ("prompt", "completion", "tools")
    extras = CONVERSATION_EXTRAS
    cannot_carry = ("candidates",)
    example = {
        "prompt": [{"role": "user", "content": "하늘은 무슨 색인가요?"}],
        "completion": [{"role": "assistant", "content": "파란색입니다."}],
    }

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        written_as: Annotated[
            Literal["turns", "texts"], msgspec.Meta(description="Write turns of role and content, or plain texts (one question).")
        ] = "turns"

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            prompt, completion = spoken(values.get("prompt"), "user"), spoken(values.get("completion"), "assistant")
            tools = tools_of(values)
            wrong = next((part for part in (prompt, completion, tools) if isinstance(part, str)), "")
            if wrong or not prompt:
                context.quarantine(
                    row.where, *(("bad-turns", wrong) if wrong else ("no-question", "the prompt is empty or missing"))
                )
                continue
            columns = other_columns(values, self.columns)
            tags = {} if completion else {NO_ANSWER: True}
            yield Record(messages=(*prompt, *completion), tools=tools, tags=tags, columns=columns)  # type: ignore[misc, arg-type]

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in map(with_empty_answer, records):
            if reason := self._why_not(record):
                yield LeftOut(reason)
                continue
            messages = with_input(record)
            row: dict[str, Any] = {"prompt": messages[0].text, "completion": messages[-1].text}
            if self.options.written_as == "turns":
                row = {"prompt": turns_of(messages[:-1], extras), "completion": turns_of(messages[-1:], extras)}
                if record.tags.get(NO_ANSWER) and not messages[-1].text:
                    row["completion"] = []
                if "tools" in extras:
                    row["tools"] = list(record.tools)
            yield row | beside(record, self.columns)

    def _why_not(self, record: Record) -> str:
        if not record.answered:
            return "unanswered"
        if self.options.written_as == "texts":
            return why_not_single(record)
        return "unasked" if len(record.messages) < 2 else ""


def spoken(value: Any, role: str) -> tuple[Message, ...] | str:
    """A text of this role, or turns; nothing where there is nothing, and what is wrong where it is neither."""
    if value is None or value == "" or value == []:
        return ()
    return (Message(role, value),) if isinstance(value, str) else messages_of(value)


def tools_of(values: Mapping[str, Any]) -> tuple[dict[str, Any], ...] | str:
    """The tools that a conversation may use, as a list or as the JSON text of one; or what is wrong with them."""
    tools = values.get("tools") or []
    if isinstance(tools, str):
        try:
            tools = msgspec.json.decode(tools)
        except msgspec.DecodeError:
            return "tools is no JSON"
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return "tools is no list of objects"
    return tuple(tools)
