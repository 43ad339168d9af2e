"""The kinds of plugin classes. Each does one thing; the core does the rest (batches, retries, money, files, progress)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from seodang.records import Message, Record
from seodang.requests import FREE, Answer, Price, Reply, Request, Text, Translation
from seodang.verdicts import Drop, Item, Keep, Score, Segment, Trained

if TYPE_CHECKING:
    from seodang.context import Context

CONDUCT: dict[str, Any] = {"conduct": True}
"""An option that says how, not what: it changes no result and stays out of the fingerprint (`in_flight`, URLs, prices)."""

FILES: dict[str, Any] = {"files": True}
"""An option that names files, relative to the recipe, as a path or a pattern: their content is part of the fingerprint."""


def names(kind: str) -> dict[str, Any]:
    """Marks an option that names another capability, as in `extra=seodang.names("template")`."""
    return {"names": kind}


class Capability:
    """What every plugin class has. `self.options` are the options of the recipe, checked and typed.

    What is declared here is read before anything runs. A declaration that depends on the options is a property.
    """

    kind: ClassVar[str] = ""
    name: ClassVar[str] = ""
    revision: ClassVar[int] = 1
    """Raised whenever the results change; part of the fingerprint."""
    deterministic: ClassVar[bool] = True
    """False when the results depend on `context.random`; the run's seed is then part of the fingerprint."""

    network: Sequence[str] = ()
    """The hosts that are spoken to, as in `("api.deepl.com",)`."""
    secrets: Sequence[str] = ()
    """Where the keys are looked for, as in `("env:DEEPL_API_KEY",)`."""
    terms: Sequence[str] = ()
    """Licences and terms of use that this adds to what passes through."""

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        pass

    def __init__(self, options: Any = None) -> None:
        self.options = self.Options() if options is None else options

    async def close(self) -> None:
        """Lets go of connections. Called once, in the run's loop, when the step ends, however it ends."""


class Seeds(Capability):
    """Where records come from."""

    kind = "seeds"

    def read(self, context: Context) -> Iterator[Record]:
        raise NotImplementedError


class Translator(Capability):
    """Translates texts. The core packs them by what is declared here, pays, retries and puts them back."""

    kind = "translator"
    pairs: Sequence[tuple[str, str]] = ()
    """The (source, target) languages that are offered; empty means any."""
    max_texts: int = 50
    max_bytes: int = 128 * 1024

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        in_flight: Annotated[int, msgspec.Meta(ge=1, le=1024, description="Requests under way at once.", extra=CONDUCT)] = 8

    @property
    def identity(self) -> str:
        """Whose translations these are; part of the key of every paid text."""
        return self.name

    def size(self, text: str) -> int:
        """The bytes that the text takes in a request."""
        return len(text.encode())

    def price(self) -> Price | None:
        """The price of a million characters (as input). FREE where nothing is billed, None where it is not known."""
        return FREE

    def translate(self, texts: Sequence[Text], context: Context) -> Sequence[Translation]:
        """May be `async def`. The target language is `context.language`, the source `context.source_language`."""
        raise NotImplementedError


class Teacher(Capability):
    """A model that answers a conversation."""

    kind = "teacher"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        in_flight: Annotated[int, msgspec.Meta(ge=1, le=1024, description="Questions under way at once.", extra=CONDUCT)] = 8

    group: ClassVar[int] = 1
    """How many requests `answer_many` takes at once; 1 means that `answer` is called."""

    @property
    def identity(self) -> str:
        """Whose answers these are (vendor, endpoint label, model hash); part of the key of every answer."""
        return self.name

    def price(self) -> Price | None:
        """FREE where nothing is billed, None where the price is not known and the run must be allowed to go on."""
        return FREE

    def most_tokens(self, request: Request) -> tuple[int, int]:
        """The most input and output tokens the request can cost; what a budget reserves before it is sent."""
        text = sum(len(message.text.encode()) + 16 for message in request.messages)
        return text, request.max_tokens or 0

    async def answer(self, request: Request, context: Context) -> Answer | Reply:
        """One answer. A teacher behind a wire returns the bytes as `Reply`, so that they are stored before they are read."""
        raise NotImplementedError

    async def answer_many(self, requests: Sequence[Request], context: Context) -> Sequence[Answer]:
        raise NotImplementedError

    def read(self, reply: Reply) -> Answer:
        """Reads a stored reply. Called again, for nothing, whenever a run is repeated."""
        raise NotImplementedError


class Lesson(Capability):
    """A way of using a teacher. Ordinary asynchronous code over `context.ask`."""

    kind = "lesson"

    def request(self, record: Record) -> Request:
        """The record as it stands, with Alpaca's separate input under the instruction."""
        messages = record.messages
        if record.input and messages:
            first = messages[-1]
            messages = (*messages[:-1], msgspec.structs.replace(first, text=f"{first.text}\n\n{record.input}"))
        return Request(messages=messages, tools=record.tools)

    def teach(self, records: AsyncIterator[Record], context: Context) -> AsyncIterator[Record | Drop]:
        raise NotImplementedError


class Filter(Capability):
    """Sifts records. With `whole = True` it is given all of them at once, as a stream that can be read again."""

    kind = "filter"
    whole: ClassVar[bool] = False

    def sift(self, records: Sequence[Record], context: Context) -> Sequence[Keep | Drop]:
        """One verdict per record, in their order."""
        raise NotImplementedError


class Trainer(Capability):
    """Makes a student out of records."""

    kind = "trainer"

    def train(self, dataset: Iterable[Record], base: Path | None, output: Path, context: Context) -> Trained:
        """`output` is kept when the run is interrupted and handed back by the next: checkpoints in it are found again."""
        raise NotImplementedError


class Evaluation(Capability):
    """Measures a student."""

    kind = "evaluation"

    def evaluate(self, student: Student, context: Context) -> Iterable[Score | Item]:
        raise NotImplementedError

    def texts(self) -> Iterable[str]:
        """What must not be in the training data."""
        return ()


class Student(Capability):
    """A model that is scored or talked to: a directory, a GGUF file or a server."""

    kind = "student"

    def open(self, context: Context) -> None:
        """Called once, before the first question: load what has to be loaded and take what only the context gives (the template)."""

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """The log-likelihood of each second text after the first."""
        raise NotImplementedError

    def generate(self, conversations: Sequence[Record], max_tokens: int) -> Sequence[str]:
        """The greedy answer to each conversation."""
        raise NotImplementedError


class Template(Capability):
    """One renderer for training and for generating."""

    kind = "template"

    def segments(self, record: Record) -> Sequence[Segment]:
        """The whole conversation. An unanswered one ends where the student has to go on."""
        raise NotImplementedError


class Splitter(Capability):
    """Splits a text into sentences, losing nothing: the parts joined are the text."""

    kind = "splitter"

    def split(self, text: str) -> Sequence[str]:
        raise NotImplementedError


class Locale(Capability):
    """What is particular to a language. The texts are package data; see `seodang.locale_texts`."""

    kind = "locale"
    language: ClassVar[str] = ""
    prompts: Mapping[str, str] = {}
    markers: Mapping[str, Sequence[str]] = {}
    refusals: Sequence[str] = ()
    limits: Mapping[str, int] = {}
    patterns: Mapping[str, str] = {}

    def sentences(self, text: str) -> Sequence[str]:
        """The text split after sentences; the parts joined are the text."""
        raise NotImplementedError

    def similarity_tokens(self, text: str) -> Sequence[str]:
        """What is counted when two texts are compared."""
        raise NotImplementedError

    def speech_level(self, text: str) -> str:
        """The register of the text, or nothing where the language has none."""
        return ""

    def particle(self, word: str, choice: str) -> str:
        """The word with the particle of `choice` that fits its sound; languages without such return the word."""
        return word


__all__ = [
    "CONDUCT", "FILES", "Capability", "Evaluation", "Filter", "Lesson", "Locale", "Message", "Seeds", "Splitter", "Student",
    "Teacher", "Template", "Trainer", "Translator", "names",
]  # fmt: skip
