"""Records and texts that every plugin has to cope with. Short, and none of them friendly in every respect."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from seodang.records import Identities, Message, Record, single_turn

TEXTS = (
    "The village school is at the foot of the hill. It has one room.",
    "서당은 언덕 아래에 있습니다. 방은 하나뿐이에요!",
    'Run this:\n\n```python\nprint("Hello, {name}!")  # a comment\n```\n\nThen look at `result.txt`.',
    "Dear {name}, your order {order_id} is at https://example.org/orders?id=7&lang=en.",
    "One.  Two?! Three… “Four.” 다섯. 여섯。七！",
    "no full stop and no capital letter",
    "  leading and trailing blanks \n",
    "Dr. Kim paid 3.14 dollars, e.g. for tea.\r\nThe family emoji 👩‍👩‍👧 is one sign.",
    "한글 자모: \u1112\u1161\u11ab",
    "가" * 700,
    "\n\n\n",
    "",
)
"""For splitters, locales and translators: code, placeholders, several scripts, odd white space, nothing at all."""

PLACEHOLDERS = ("{name}", "{order_id}", "`result.txt`", "https://example.org/orders?id=7&lang=en")
FENCE = '```python\nprint("Hello, {name}!")  # a comment\n```'


def _conversation(*texts: str, **fields: object) -> Record:
    roles = ("user", "assistant")
    messages = tuple(Message(roles[number % 2], text) for number, text in enumerate(texts))
    return msgspec.structs.replace(Record(messages=messages), **fields)


def _named(records: tuple[Record, ...]) -> tuple[Record, ...]:
    identities = Identities("samples")
    return tuple(
        msgspec.structs.replace(record, id=identities.name(record), language=record.language or "en", source="samples")
        for record in records
    )


ANSWERED = _named(
    (
        single_turn("Name three colours of the Korean flag.", "Red, blue and black, on a white ground."),
        single_turn("What is 7 + 5?", "12"),
        single_turn("Summarise the text.", "A school on a hill.", input=TEXTS[0]),
        single_turn("서당이 무엇인가요?", "마을 아이들에게 글을 가르치던 곳입니다.", language="ko"),
        _conversation("Hello!", "Hello. What can I do?", "Tell me the time.", "I have no clock."),
        single_turn("Write a loop.", TEXTS[2], tags={"kind": "code"}, columns={"row": 7}, terms=("CC0-1.0",)),
        single_turn("What is 7 + 5?", "12"),
        single_turn("Say something long.", "A long answer. " * 200),
    )
)
"""Answered conversations; two of them are equal but for their id."""

QUESTIONS = _named(tuple(msgspec.structs.replace(record, messages=record.messages[:-1]) for record in ANSWERED))
"""The same conversations before their last answer."""


def copies(records: Sequence[Record]) -> list[Record]:
    """Records of their own for each call: a plugin that writes into what it was given must not spoil another's test."""
    return msgspec.json.decode(msgspec.json.encode(records), type=list[Record])
