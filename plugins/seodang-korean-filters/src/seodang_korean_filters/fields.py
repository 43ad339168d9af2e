"""The texts of a record that a filter looks at (instructions, inputs, answers), and which words in them are the writer's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import seodang

Field = Literal["instruction", "input", "answer"]

_INPUT = -1
_ROLES = {"user": "instruction", "assistant": "answer"}
_CODE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|<(?:pre|code|script)\b.*?(?:</(?:pre|code|script)>|\Z)|https?://[^\s가-힣]+", re.DOTALL
)
_QUOTED = re.compile(
    r"“[^”\n]{1,400}”|‘[^’\n]{1,400}’|「[^」\n]{1,400}」|『[^』\n]{1,400}』|〈[^〉\n]{1,400}〉|《[^》\n]{1,400}》|\"[^\"\n]{1,400}\""
    r"|(?<![\w'])'[^'\n]{1,400}'(?![A-Za-z'])"
)
_OPENING = ("“", "‘", "「", "『", "〈", "《", '"', "'")
_LISTED = re.compile(
    r"^[ \t]*(?:[-*•‣·▪○●◦–>|]|\d{1,2}[.)]|[①-⑳]|\(?[가-하a-zA-Z][.)]|[^\s:]{1,8}[ \t]?:(?!//)).*$", re.MULTILINE
)


class Part(msgspec.Struct, frozen=True):
    """One text of a record. `place` is the number of its message, or -1 for the separate input."""

    field: str
    place: int
    text: str


class FieldOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every filter of this plugin can be told: where to look."""

    fields: Annotated[
        tuple[Field, ...],
        msgspec.Meta(
            min_length=1,
            description="What is looked at: instruction, input, answer; every turn.",
        ),
    ] = ("answer",)


class FaultOptions(FieldOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a filter can be told that finds faults: what becomes of them."""

    action: Annotated[
        Literal["drop", "tag"], msgspec.Meta(description="Leave the record out, or keep it with the reason as a tag.")
    ] = "drop"


def parts(record: seodang.Record, fields: Sequence[str]) -> Iterator[Part]:
    """The texts of these fields that are not empty, in their order."""
    for place, message in enumerate(record.messages):
        field = _ROLES.get(message.role)
        if field in fields and message.text:
            yield Part(field, place, message.text)
    if "input" in fields and record.input:
        yield Part("input", _INPUT, record.input)


def with_texts(record: seodang.Record, texts: Mapping[int, str]) -> seodang.Record:
    """The record with other texts at these places."""
    messages = tuple(
        msgspec.structs.replace(message, text=texts[place]) if place in texts else message
        for place, message in enumerate(record.messages)
    )
    return msgspec.structs.replace(record, messages=messages, input=texts.get(_INPUT, record.input))


def without_code(text: str) -> str:
    """The text with blanks in the place of code and addresses: whatever is found in it has the same place in the text."""
    if "`" not in text and "<" not in text and "://" not in text:
        return text
    return _CODE.sub(lambda code: " " * len(code.group()), text)


def without_quotations(text: str) -> str:
    """The text with blanks in the place of what stands in quotation marks: somebody else's words."""
    if not any(map(text.__contains__, _OPENING)):
        return text
    return _QUOTED.sub(lambda quoted: " " * len(quoted.group()), text)


def without_lists(text: str) -> str:
    """The text without items of lists, rows of tables, labelled lines, what speakers say, and what is quoted from a letter."""
    if "\n" not in text and not _LISTED.match(text):
        return text  # one line, and looked at once
    return _LISTED.sub("", text)


def require_korean(name: str, context: seodang.Context) -> None:
    """Rules of Korean say nothing about another language: a recipe that applies them to one is wrong."""
    if context.locale.language.partition("-")[0] != "ko":
        raise seodang.SeodangError("seodang_korean_filters:not-korean", filter=name, language=context.locale.language)
