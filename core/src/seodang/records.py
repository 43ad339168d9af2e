"""Records: one conversation each, with where it came from. Frozen, typed, NFC."""

from __future__ import annotations

import unicodedata
from binascii import hexlify
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from unicodedata import is_normalized

import msgspec


def nfc(text: str) -> str:
    """The text in Unicode normal form C, in which a Hangul syllable is one code point."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool call of the assistant. `arguments` is the JSON text as the model wrote it, valid or not."""

    id: str
    name: str
    arguments: str


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn. `weight` is its share in the loss; `call_id` says which call a tool's message answers."""

    role: str
    text: str
    thinking: str = ""
    weight: float = 1.0
    calls: tuple[Call, ...] = ()
    call_id: str = ""

    def __post_init__(self) -> None:
        # Written out, not looped over: it runs for every turn that is made or read.
        if not self.text.isascii() and not is_normalized("NFC", self.text):
            msgspec.structs.force_setattr(self, "text", unicodedata.normalize("NFC", self.text))
        if self.thinking:
            msgspec.structs.force_setattr(self, "thinking", nfc(self.thinking))


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of several ranked answers; rank 1 is the best."""

    message: Message
    author: str = ""
    rank: int = 0
    score: float | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation and its provenance.

    Seeds and lessons leave `id`, `language` and `source` empty for records they make: the core fills them, so that ids stay
    the same over runs. `parents` leads back to the records this one was made from. `columns` came along and is not ours.
    """

    id: str = ""
    language: str = ""
    messages: tuple[Message, ...]
    input: str = ""
    source: str = ""
    terms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    tags: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    candidates: tuple[Candidate, ...] = ()
    tools: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if self.input and not self.input.isascii():
            msgspec.structs.force_setattr(self, "input", nfc(self.input))

    @property
    def answered(self) -> bool:
        """Whether the last word is the assistant's."""
        return bool(self.messages) and self.messages[-1].role == "assistant"

    @property
    def question(self) -> str:
        """The first user turn, which for a single-turn record is the instruction."""
        return next((message.text for message in self.messages if message.role == "user"), "")

    @property
    def answer(self) -> str:
        """The last assistant turn, or nothing."""
        return self.messages[-1].text if self.answered else ""


def single_turn(instruction: str, output: str = "", **fields: Any) -> Record:
    """A record of one question and, when there is one, its answer."""
    messages: tuple[Message, ...] = (Message("user", instruction),)
    if output:
        messages += (Message("assistant", output),)
    return Record(messages=messages, **fields)


_encode = msgspec.json.Encoder(order="deterministic").encode


class Identities:
    """Gives records their ids: the hash of source, content and occurrence.

    An inserted row renames no other, and two equal rows of one source stay two records. Only eight bytes are kept of each
    record seen: a million of them take about a hundred megabytes.
    """

    def __init__(self, source: str) -> None:
        self._source = source.encode() + b"\0"
        self._seen: set[bytes] = set()
        self._again: dict[bytes, int] = {}

    def name(self, record: Record) -> str:
        content = _encode((record.messages, record.input, record.candidates, record.tools))
        return self.names_of([content])[0].decode()

    def names_of(self, contents: Iterable[bytes]) -> list[bytes]:
        """The ids for contents that are encoded already, as `name` encodes them."""
        source, seen, count = self._source, self._seen, len(self._seen)
        names = []
        for content in contents:
            digest = sha256(source + content).digest()
            seen.add(digest[:8])
            if len(seen) > count:
                count += 1
            else:
                digest = self._occurred(digest[:8], content)
            names.append(hexlify(digest[:16]))
        return names

    def _occurred(self, short: bytes, content: bytes) -> bytes:
        occurrence = self._again[short] = self._again.get(short, 0) + 1
        return sha256(self._source + content + b"\0%d" % occurrence).digest()
