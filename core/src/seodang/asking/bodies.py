"""What lies in the ledger as an answer: the bytes of the other side as they came, or an `Answer` or `Translation` of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.asking.shapes import flaw
from seodang.capabilities import Teacher
from seodang.records import Message
from seodang.requests import Answer, Reply, Translation, Usage


class _StoredAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="seodang", tag="answer"):
    message: Message
    finish: str = "stop"
    usage: Usage | None = None
    model: str = ""
    logprob: float | None = None


_encode = msgspec.json.Encoder().encode
_decode_stored = msgspec.json.Decoder(_StoredAnswer).decode
_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_translation = msgspec.json.Decoder(Translation).decode
_OURS = b'{"seodang":"answer",'
"""The tag comes first, and no vendor's reply begins like this: so what is ours is known without a second column."""


class Unreadable(Exception):
    """A stored answer that its teacher cannot read. It stays stored: a mended teacher reads it for nothing."""


def body_of(said: Any) -> bytes:
    """The bytes to store of what a teacher returned."""
    if isinstance(said, Reply):
        return said.body
    if isinstance(said, Answer):
        return _encode(_StoredAnswer(**msgspec.structs.asdict(said)))
    raise TypeError(f"answer() must return seodang.Answer or seodang.Reply, not {type(said).__name__}")


def read_answer(teacher: Teacher, body: bytes) -> Answer:
    """The answer in a stored body; raises `Unreadable` whatever the teacher's `read` trips over."""
    try:
        if body.startswith(_OURS):
            stored = _decode_stored(body)
            return Answer(**msgspec.structs.asdict(stored))
        if type(teacher).read is Teacher.read:
            # Bought elsewhere and imported, for a teacher that knows no other form.
            return _decode_answer(body)
        answer = teacher.read(Reply(body))
        if not isinstance(answer, Answer):
            raise TypeError(f"read() must return seodang.Answer, not {type(answer).__name__}")
        return answer
    except Exception as error:  # a plugin's parser over a stranger's bytes: whatever it raises, the answer is unreadable
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def body_of_translation(translation: Any) -> bytes:
    if not isinstance(translation, Translation):
        raise TypeError(f"translate() must give seodang.Translation, not {type(translation).__name__}")
    return _encode(translation)


def read_translation(body: bytes) -> Translation:
    try:
        return _decode_translation(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def ended(answer: Answer, schema: Mapping[str, Any] | None = None) -> Answer:
    """The answer with the finish by which everybody knows it: one that stopped is `empty` without a word and without a call, `bad-json`
    or `schema-mismatch` where its request wanted a shape that it has not."""
    if answer.finish != "stop" or answer.message.calls:
        return answer
    text = answer.message.text
    finish = flaw(text, schema)[0] if schema is not None and text.strip() else "" if text.strip() else "empty"
    return msgspec.structs.replace(answer, finish=finish) if finish else answer
