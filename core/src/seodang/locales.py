"""What is particular to a language: its texts, which are data, and the few rules that are code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from seodang.capability import Capability
from seodang.personal import PersonalData, PersonalSearch, luhn
from seodang.records import nfc
from seodang.texts import (
    DataNote,
    IdentityQuestions,
    NumberWords,
    PersonalPattern,
    SeedTask,
    Shots,
    TranslationNote,
    locale_identity,
    locale_seeds,
    locale_shots,
    locale_texts,
)

_FROM_TEXTS = (
    *("prompts", "templates", "markers", "refusals", "vendors", "unsuitable", "speech_levels", "polite_levels", "unit", "limits"),
    *("patterns", "personal", "translation", "number_words"),
)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|https?://\S+|(?<![\w.-])[\w.-]++@[\w.-]+", re.DOTALL)


class Locale(Capability):
    """What is particular to a language. The texts are data of its package; the rules are methods.

    `package` names the package whose files are read: `texts.toml`, `seeds.jsonl`, `shots.toml`, `identity.toml`. Without one the
    class attributes stand, which is enough for a test's fake.
    """

    kind = "locale"
    language: ClassVar[str] = ""
    package: ClassVar[str] = ""
    mixed: ClassVar[str] = "mixed"
    """What `speech_level` calls a text in which no level has nine tenths of the sentences."""

    prompts: Mapping[str, str] = {}
    """What teachers and judges are asked, with places in braces to fill in."""
    templates: Mapping[str, str] = {}
    """How an instruction is put to a model without a chat template: `instruction` and `instruction-input`."""
    markers: Mapping[str, Sequence[str]] = {}
    """The words by which the parts of an answer are told apart; the first of each is the one that prompts use."""
    refusals: Sequence[str] = ()
    """Phrases with which models decline."""
    vendors: Sequence[str] = ()
    """Names of models and of their makers, which a student should not call its own."""
    unsuitable: Sequence[str] = ()
    """Words for what a model of texts cannot see, hear or draw; asked about with `mentions`."""
    speech_levels: Sequence[str] = ()
    """The names that `speech_level` gives, beside `mixed`; none where the language has no such levels."""
    polite_levels: Sequence[str] = ()
    """The speech levels in which a person who asks may be answered."""
    unit: str = "characters"
    """What the limits count, and `length` measures."""
    limits: Mapping[str, int] = {}
    """Least and most lengths of instructions, inputs and answers, and the per cent from which two instructions are the same."""
    patterns: Mapping[str, str] = {}
    """Regular expressions by name, for `re.search`."""
    personal: Sequence[PersonalPattern] = ()
    """How personal data is written, the stricter patterns first."""
    translation: TranslationNote = TranslationNote()
    """What a translator into this language has to be told, and what its translations are checked by."""
    number_words: NumberWords = NumberWords()
    """How numbers are written beside digits: in words, and with words that multiply."""
    notes: Mapping[str, DataNote] = {}
    """How far the `words` of `texts.toml`, the `seeds`, the `shots` and the `identity` can be trusted, and their licence."""

    _search: PersonalSearch | None = None

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        if not self.package:
            return
        texts = locale_texts(self.package)
        for name in _FROM_TEXTS:
            setattr(self, name, getattr(texts, name))
        self.notes = texts.data

    @cached_property
    def seeds(self) -> Sequence[SeedTask]:
        """The seed tasks that come with the language."""
        return locale_seeds(self.package) if self.package else ()

    @cached_property
    def shots(self) -> Shots:
        """The worked examples that prompts show."""
        return locale_shots(self.package) if self.package else Shots((), (), ())

    @cached_property
    def identity(self) -> IdentityQuestions:
        """Questions about who the model is, with answers in which `{name}` and `{author}` are filled in."""
        return locale_identity(self.package) if self.package else IdentityQuestions(())

    def normal(self, text: str) -> str:
        """The text as it is compared and stored: normal form C, and what else the language's writing needs."""
        return nfc(text)

    def sentences(self, text: str) -> Sequence[str]:
        """The text split after sentences by rule; the parts joined are the text.

        A plugin for which that is not enough has an option `splitter` that names a `Splitter`; this is used where it names none.
        """
        raise NotImplementedError

    def similarity_tokens(self, text: str) -> Sequence[str]:
        """What is counted when two texts are compared."""
        raise NotImplementedError

    def length(self, text: str) -> int:
        """The length in the unit of the limits."""
        return len(text.split()) if self.unit == "words" else len(text.strip())

    def is_written_in(self, text: str) -> bool:
        """Whether the text is in this language, by its script; code and addresses do not count.

        `patterns["script"]` matches one letter of the script. Languages that share one need a rule of their own, or a detector.
        """
        own = re.compile(self.patterns.get("script", r"\w"))
        letters = "".join(filter(str.isalpha, _CODE.sub(" ", text)))
        return 2 * len(own.findall(letters)) > len(letters)

    def mentions(self, text: str, words: Sequence[str]) -> list[str]:
        """Which of these words the text has, each as a word of its own and not as a part of another."""
        return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]

    def speech_counts(self, text: str) -> Mapping[str, int]:
        """How many sentences of the text have each speech level; quotations and code do not count."""
        return {}

    def speech_level(self, text: str) -> str:
        """The level of nine tenths of the sentences that have one, `mixed` where none has so many, or nothing."""
        counts = self.speech_counts(text)
        if len(counts) == 1:
            return next(iter(counts))
        level = max(counts, key=lambda name: counts[name], default="")
        return level if not level or 10 * counts[level] >= 9 * sum(counts.values()) else self.mixed

    def particle(self, word: str, choice: str) -> str:
        """The word with the particle of `choice` that fits its sound; languages without such return the word."""
        return word

    def number(self, value: int | float | Decimal) -> str:
        """A number as people of this language write it."""
        return f"{value:,}"

    def money(self, amount: int | float | Decimal, currency: str) -> str:
        """An amount of this ISO 4217 currency."""
        return f"{self.number(amount)} {currency}"

    def date(self, day: date) -> str:
        """A day."""
        return day.isoformat()

    def time(self, moment: time) -> str:
        """A time of day, to the minute."""
        return f"{moment:%H:%M}"

    def personal_data(self, text: str) -> list[PersonalData]:
        """Where personal data stands in the text, by the patterns of the language."""
        if self._search is None or self._search.patterns is not self.personal:
            self._search = PersonalSearch(self.personal)
        return self._search.find(text, self.agrees)

    def agrees(self, check: str, value: str) -> bool:
        """Whether a match passes the check that its pattern names: `luhn`, or one that the language adds here."""
        if check == "luhn":
            return luhn(value)
        raise ValueError(f"the locale {self.language!r} has no check {check!r}")
