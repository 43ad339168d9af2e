"""The kinds of plugin classes. Each does one thing; the core does the rest (batches, retries, money, files, progress)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from seodang.batches import BatchService
from seodang.capability import CONDUCT, FILES, Capability, names
from seodang.carrying import Carrier
from seodang.exchange import Format, Layout, Table
from seodang.locales import Locale
from seodang.prompts import Prompt, read_prompt
from seodang.records import Message, Record
from seodang.requests import FREE, Answer, Outlook, Price, Reply, Request, Text, Translation
from seodang.verdicts import Drop, Finding, Item, Keep, Rehearsal, Score, Segment, Trained

if TYPE_CHECKING:
    from seodang.context import Context
    from seodang.errors import Refused, SeodangError


class Seeds(Capability):
    """Where records come from."""

    kind = "seeds"

    @property
    def personal(self) -> bool:
        """Whether the rows hold personal data that is not masked: they may then reach no step that asks somebody else's computer."""
        return False

    def contents(self, directory: Path) -> Sequence[str]:
        """Hashes of what is read and no option of FILES names; part of the fingerprint, so that other content is read again.

        `directory` is the recipe's, to which paths are relative. Asked whenever the run is planned, so it has to be quick.
        """
        return ()

    def read(self, context: Context) -> Iterator[Record]:
        raise NotImplementedError


class Translator(Capability):
    """Translates texts. The core packs them by what is declared here, pays, retries and puts them back."""

    kind = "translator"
    pairs: Sequence[tuple[str, str]] = ()
    """The (source, target) languages that are offered; empty means any."""
    max_texts: int = 50
    max_bytes: int = 128 * 1024
    marks: Literal["xml", "brackets", "none"] = "brackets"
    """How what must not be translated stands in a text. `xml`: the text is escaped, and a part is `<x id="1"/>`, or `<x id="1">it</x>` where
    its words carry grammar. `brackets`: plain text with ⟦1⟧. `none`: the core sends the texts between such parts apart."""
    heeds: Sequence[str] = ("before", "register", "glossary")
    """What it looks at beside the text: `Text.before`, `context.register`, `context.glossary`. What it does not look at makes no text
    another, so nothing is paid again when only that changes, and a recipe that asks for it is told."""
    stands_in: bool = False
    """Whether it leaves the words as they are and only stands where a translator will: what it gives back is then not checked."""
    one_before: bool = False
    """Whether all texts of a request have to have the same `before`, as where a service takes one context for them."""
    asks: ClassVar[bool] = False
    """Whether it asks the teacher that the step names (`context.ask`). Its texts come one at a time then, and have no key and no price
    of their own: what it asks is kept and paid as a question."""

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

    def objection(self, language: str, register: str) -> SeodangError | None:
        """What speaks against these options for this target language and register: told as a problem of the recipe, before anything runs."""
        return None

    async def left(self, context: Context) -> int | None:
        """The characters that the account may still translate, asked before the first text is sent; None where nobody counts.

        A run that would need more is refused before it spends anything.
        """
        return None

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
    tells_limits: bool = False
    """Whether the other side tells what is left of its limits with every answer (`Reply.limits`). A few questions then go before the others
    and find out. May be a property."""

    @property
    def batches(self) -> BatchService | None:
        """Where many questions are handed in together and collected hours later, for a teacher whose other side offers that."""
        return None

    @property
    def in_batches(self) -> bool:
        """Whether new questions go that way. What lies in an open batch is collected either way, because it is paid for."""
        return self.batches is not None

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

    async def answer_many(self, requests: Sequence[Request], context: Context) -> Sequence[Answer | Refused]:
        """One for each, in their order. What is raised is said of all of them, and each is then asked alone; a `Refused` that
        stands in the place of an answer is said of that one."""
        raise NotImplementedError

    def read(self, reply: Reply) -> Answer:
        """Reads a stored reply. Called again, for nothing, whenever a run is repeated."""
        raise NotImplementedError


class Lesson(Capability):
    """A way of using a teacher. Ordinary asynchronous code over `context.ask`."""

    kind = "lesson"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        system: Annotated[str, msgspec.Meta(description="What the teacher is told before every question, in your own words.")] = (
            ""
        )
        prompt: Annotated[
            str,
            msgspec.Meta(description="A file with your own prompt, its places in braces, instead of the lesson's.", extra=FILES),
        ] = ""

    def prompt(
        self,
        own: str,
        context: Context,
        *,
        needs: Collection[str] = (),
        offers: Collection[str] = (),
        where: str = "",
        option: str = "prompt",
    ) -> Prompt:
        """The prompt in the user's file where the step names one, else `own`; with the places that it needs and may have.

        `option` names the file's option, in a lesson that has several prompts and so several of these.
        """
        if getattr(self.options, option, ""):
            return read_prompt(context.files(option)[0], needs=needs, offers=offers)
        return Prompt(own, needs=needs, offers=offers, where=where or self.name)

    def ask_for(self, text: str, **more: Any) -> Request:
        """A question of one turn, after the user's `system` where there is one. `more` are further fields of the request."""
        return Request(messages=self._told((Message("user", text),)), **more)

    def request(self, record: Record) -> Request:
        """The record as it stands, with Alpaca's separate input under the instruction; after `system`, which replaces its own."""
        messages = record.messages
        if record.input and messages:
            first = messages[-1]
            messages = (*messages[:-1], msgspec.structs.replace(first, text=f"{first.text}\n\n{record.input}"))
        return Request(messages=self._told(messages), tools=record.tools)

    def _told(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        # A lesson whose Options are not derived from these offers no `system`.
        system: str = getattr(self.options, "system", "")
        return (Message("system", system), *(turn for turn in messages if turn.role != "system")) if system else messages

    def estimate(self, rows: int, context: Context) -> Outlook | None:
        """What it will ask in all when it is given so many rows, for a lesson whose questions cannot be formed beforehand: it works in
        rounds, or what it asks depends on what is in rows that are yet to be made. Taken where that is so.

        None, as here, where the questions can be formed from any rows: `seodang plan` then lets the lesson form them.
        """
        return None

    def teach(self, records: AsyncIterator[Record], context: Context) -> AsyncIterator[Record | Drop]:
        raise NotImplementedError


class Filter(Capability):
    """Sifts records. With `whole = True` it is given all of them at once, as a stream that can be read again."""

    kind = "filter"
    whole: ClassVar[bool] = False
    sees_evaluations: ClassVar[bool] = False
    """Whether it is shown what the recipe evaluates on (`context.evaluation_texts()`, `context.held_out`), which is then part of its
    fingerprint. A recipe that trains and evaluates without such a filter before is warned of by `seodang plan`."""

    def sift(self, records: Sequence[Record], context: Context) -> Sequence[Keep | Drop]:
        """One verdict per record, in their order. Those on records that `context.ask.each` or `context.quarantine` (with the
        record's id) set aside do not count, whatever they are."""
        raise NotImplementedError


class Trainer(Capability):
    """Makes a student out of records."""

    kind = "trainer"

    def contents(self, directory: Path) -> Sequence[str]:
        """Hashes of the models it begins with that no option of FILES names; part of the fingerprint, so that other weights train anew.

        `directory` is the recipe's, to which paths are relative. `step:NAME` in an option is core's business. Asked whenever the run is
        planned.
        """
        return ()

    def train(self, dataset: Iterable[Record], base: Path | None, output: Path, context: Context) -> Trained:
        """`output` is kept when the run is interrupted and handed back by the next: checkpoints in it are found again."""
        raise NotImplementedError

    def rehearse(self, dataset: Iterable[Record], base: Path | None, output: Path, context: Context) -> Rehearsal:
        """Tries everything that can go wrong before the first step, and trains nothing: what `seodang try` shows of a training.

        What would stop the training is raised. `output` is a folder like that of `train`, on the same disk, and is emptied afterwards.
        """
        raise NotImplementedError

    def notes(self) -> Sequence[Finding]:
        """What binds whoever trains this base, such as its licence and how a student of it has to be called: shown with the plan.

        Asked when a plan is made, so it has to be quick.
        """
        return ()


class Evaluation(Capability):
    """Measures a student.

    One that asks its step's teacher or judge declares nothing of that: `seodang plan` lets it form its questions over students whose
    answers are made up, and counts them.
    """

    kind = "evaluation"
    sees_run: ClassVar[bool] = False
    """Whether it is shown what the run has made: `context.trained_on` and `context.items(step)`. Both are then part of its fingerprint."""

    def evaluate(self, student: Student, context: Context) -> Iterable[Score | Item]:
        raise NotImplementedError

    def texts(self, context: Context) -> Iterable[str]:
        """What must not be in the training data. The context is that of this step: its files, its other capabilities."""
        return ()


class Student(Capability):
    """A model that is scored or talked to: a directory, a GGUF file or a server."""

    kind = "student"
    written: ClassVar[bool] = False
    """Whether its answers are written already, so that asking for them is reading: a forecast then asks it, and makes none up."""

    @property
    def identity(self) -> str:
        """Which model this is, as the hash of its files; part of the fingerprint of what is measured. Empty where nobody can tell."""
        return ""

    @property
    def figures(self) -> Mapping[str, Any]:
        """What it can tell of itself since it was opened, for those who read the scores: `dtype`, `device`, and of the pairs that were
        scored so far `cut` (how many were longer than the model reads) and `merged` (how many have a token across the border)."""
        return {}

    def open(self, context: Context) -> None:
        """Called once, before the first question: load what has to be loaded and take what only the context gives (the template)."""

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """The log-likelihood of each second text after the first, in their order. Many are given at once, those with the same first
        text side by side. May be `async def`.

        The rule is lm-evaluation-harness's: blanks at the end of the first text belong to the second; both are tokenised as one, with
        the special tokens that the tokenizer adds by itself; as many tokens as the first text has alone are not scored. What is longer
        than the model reads loses its beginning, each pair on its own. NaN is returned as such. Whose model tells no likelihoods leaves
        this verb out.
        """
        raise NotImplementedError

    def generate(self, conversations: Sequence[Record], max_tokens: int) -> Sequence[str]:
        """The greedy answer to each conversation."""
        raise NotImplementedError

    def talk(self, request: Request, hear: Callable[[str], bool]) -> Answer:
        """One answer for somebody who reads along: `hear` takes its pieces as they are made, and its False means that nobody listens.

        Several may talk at once, in threads. What the request wishes and the student cannot is refused, not passed over. Who leaves this
        verb out is asked by `generate`, greedily, and heard when the whole answer is there. May be `async def`.
        """
        raise NotImplementedError


class Template(Capability):
    """One renderer for training and for generating."""

    kind = "template"
    stop: str = "eos"
    """The special token that ends an answer: `eos`, or spelt out."""
    tokens: Sequence[str] = ()
    """The special tokens that a tokenizer has to be given before a training, where it does not have them."""

    def of(self, tokenizer: Any) -> Template:
        """The template for one tokenizer. Only one that the tokenizer itself brings is another for each."""
        return self

    def segments(self, record: Record) -> Sequence[Segment]:
        """The whole conversation. An unanswered one ends where the student has to go on."""
        raise NotImplementedError


class Splitter(Capability):
    """Splits a text into sentences, losing nothing: the parts joined are the text."""

    kind = "splitter"

    def split(self, text: str) -> Sequence[str]:
        raise NotImplementedError


__all__ = [
    "CONDUCT", "FILES", "Capability", "Carrier", "Evaluation", "Filter", "Format", "Layout", "Lesson", "Locale", "Message", "Seeds", "Splitter",
    "Student", "Table", "Teacher", "Template", "Trainer", "Translator", "names",
]  # fmt: skip
