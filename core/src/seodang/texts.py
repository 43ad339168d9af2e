"""The data of a language: files of its package, each with who reviewed it and under which licence.

`texts.toml` has prompts, markers, limits, patterns and words; `seeds.jsonl` the seed tasks; `shots.toml` the worked examples that
prompts show to a teacher; `identity.toml` questions about who the model is.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar

import msgspec

REVIEWED = ("native", "author", "unreviewed")
"""Who has read a text: a native speaker who is not its author, its author alone, nobody who speaks the language."""

Reviewed = Literal["native", "author", "unreviewed"]

_Data = TypeVar("_Data")


class LocaleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One prompt or template, and how far it can be trusted."""

    text: str
    reviewed: Reviewed = "unreviewed"
    licence: str = "Apache-2.0"
    source: str = ""


class DataNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a whole file of a language's data can be trusted, under which licence, and where it comes from."""

    reviewed: Reviewed = "unreviewed"
    licence: str = "Apache-2.0"
    source: str = ""


class PersonalPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of personal data is written in a country.

    A match counts where one of `near` stands at most `within` characters before it or behind it (without `near`, everywhere) and
    where the check of that name agrees (`Locale.agrees`). A group in the pattern is what is masked, where there is one.
    It is looked for only in texts with as many `digits` as the shortest match has: most texts have fewer, and a count costs little.
    `placeholder` is what people read in its stead; `token` what a base model was trained to read in its stead, if there is such.
    """

    kind: str
    pattern: str
    placeholder: str
    near: tuple[str, ...] = ()
    within: int = 24
    check: str = ""
    digits: int = 0
    token: str = ""


class LengthRatio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long translations from one language are, in characters of the target for each of the source.

    Outside of `least` and `most` there is a warning, in texts with `counts_from` characters; below `too_short` the translation fails,
    where the source has more than `fails_from`.
    """

    least: float
    most: float
    too_short: float
    counts_from: int = 20
    fails_from: int = 80


class MistakenWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of another language that are translated in a wrong sense: regular expressions for what the source says, for what shows
    that it was misunderstood, and for what in the source makes it right after all (`unless`)."""

    language: str
    source: str
    target: str
    unless: str = ""


class NumberWords(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """How numbers are written beside digits: regular expressions by value, for words and for what multiplies the number before it.

    `between` is what may stand between the parts of one number. No expression has a group that captures, and none takes a digit: it
    may look at one.
    """

    words: dict[str, str] = {}
    scales: dict[str, str] = {}
    between: str = r"\s?"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the next part of a number; its group is `digits`, `word_VALUE` or `scale_VALUE`."""
        named = [
            f"(?P<{kind}_{value}>{written})"
            for kind, table in (("scale", self.scales), ("word", self.words))
            for value, written in table.items()
        ]
        return re.compile("|".join([r"(?P<digits>\d+(?:\.\d+)?)", *named]))

    @cached_property
    def multiplying(self) -> re.Pattern[str] | None:
        """Finds digits with what multiplies them behind: most texts have no such number, and of those the digits alone say all."""
        return re.compile(rf"\d(?:{self.between})(?:{'|'.join(self.scales.values())})") if self.scales else None

    @cached_property
    def joint(self) -> re.Pattern[str]:
        """What may stand between two parts of a number."""
        return re.compile(self.between)


class TranslationNote(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """What a translator into this language has to be told, and what its translations are checked by.

    `codes` are the BCP 47 codes, the usual one first. `formality` says how register is asked for: by an `option` of the translator,
    by an `instruction` in words, or not at all. `registers` has those words for each speech level, and `instruction` what is to be
    said beside them. Some services take 300 characters of each and no more.
    """

    codes: tuple[str, ...] = ()
    formality: Literal["option", "instruction", "none"] = "none"
    instruction: str = ""
    registers: dict[str, str] = {}
    lengths: dict[str, LengthRatio] = {}
    mistaken: tuple[MistakenWord, ...] = ()

    def mistaken_from(self, language: str) -> list[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None]]:
        """Of each word of this language: what the source says, what it must not become, and unless what else is said."""
        return self._mistaken.get(language, [])

    @cached_property
    def _mistaken(self) -> dict[str, list[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None]]]:
        found: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None]]] = {}
        for known in self.mistaken:
            unless = re.compile(known.unless) if known.unless else None
            found.setdefault(known.language, []).append((re.compile(known.source), re.compile(known.target), unless))
        return found

    @cached_property
    def mistaken_targets(self) -> list[re.Pattern[str]]:
        """What any of them becomes: most translations have none. Those that begin with a letter or digit are one expression, because `re`
        then passes over all that begins with none of these."""
        targets = list(dict.fromkeys(known.target for known in self.mistaken))
        plain = [target for target in targets if target[0].isalnum() and "|(" not in target]
        others = [target for target in targets if target not in plain]
        return [re.compile(each) for each in (["|".join(plain)] if plain else []) + others]


class LocaleTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the `texts.toml` of a language's package."""

    prompt: dict[str, LocaleText]
    template: dict[str, LocaleText] = {}
    markers: dict[str, tuple[str, ...]] = {}
    refusals: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    unsuitable: tuple[str, ...] = ()
    speech_levels: tuple[str, ...] = ()
    polite_levels: tuple[str, ...] = ()
    unit: Literal["characters", "words"] = "characters"
    limits: dict[str, int] = {}
    patterns: dict[str, str] = {}
    personal: tuple[PersonalPattern, ...] = ()
    translation: TranslationNote = TranslationNote()
    number_words: NumberWords = NumberWords()
    data: dict[str, DataNote] = {}

    @property
    def prompts(self) -> dict[str, str]:
        return {name: prompt.text.strip() for name, prompt in self.prompt.items()}

    @property
    def templates(self) -> dict[str, str]:
        return {name: template.text.strip("\n") for name, template in self.template.items()}


class SeedTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One task written by a person: what Self-Instruct and Alpaca start from.

    `culture` is "native" where the task could only come from the language's own life, and "shared" elsewhere; `register` the
    speech level of the answer, where the language has any.
    """

    id: str
    name: str
    instruction: Annotated[str, msgspec.Meta(min_length=1)]
    input: str = ""
    output: Annotated[str, msgspec.Meta(min_length=1)]
    is_classification: bool = False
    culture: Literal["native", "shared"] = "shared"
    register: str = ""


class Shot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worked example in a prompt. Of a classification example, `output` is the label."""

    instruction: str
    input: str = ""
    output: str


class ClassificationShot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task, and whether it asks for one of a few given labels."""

    instruction: str
    is_classification: bool


class Shots(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `shots.toml`: the examples by which a teacher is shown what is asked of it.

    `classification` tells tasks with labels from others; `output_first` shows labels with a text for each, `input_first` tasks
    with an input that a teacher makes up before it answers.
    """

    classification: tuple[ClassificationShot, ...]
    output_first: tuple[Shot, ...]
    input_first: tuple[Shot, ...]


class IdentityQuestions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `identity.toml`: groups of questions that have the same answers. `{name}` and `{author}` are filled in."""

    group: tuple[IdentityGroup, ...]


class IdentityGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each question is asked with each answer."""

    questions: tuple[str, ...]
    answers: tuple[str, ...]


@cache
def locale_texts(package: str) -> LocaleTexts:
    """The texts in `texts.toml` of this package. What is misspelt in there is an error here, and not a missing text later."""
    return _toml(package, "texts.toml", LocaleTexts)


@cache
def locale_seeds(package: str) -> tuple[SeedTask, ...]:
    """The seed tasks in `seeds.jsonl` of this package; none where it has no such file."""
    place = files(package).joinpath("seeds.jsonl")
    if not place.is_file():
        return ()
    return tuple(msgspec.json.Decoder(SeedTask).decode_lines(place.read_bytes()))


@cache
def locale_shots(package: str) -> Shots:
    """The worked examples in `shots.toml` of this package."""
    return _toml(package, "shots.toml", Shots)


@cache
def locale_identity(package: str) -> IdentityQuestions:
    """The questions of `identity.toml` of this package."""
    return _toml(package, "identity.toml", IdentityQuestions)


def _toml(package: str, name: str, kind: type[_Data]) -> _Data:
    # Imported here because `seodang --help` does not need it.
    import tomllib

    content: dict[str, Any] = tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
    return msgspec.convert(content, kind)
