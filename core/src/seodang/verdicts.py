"""What a step says about a record, and what an evaluation says about a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.records import Record
from seodang.terms import Term


class Keep(msgspec.Struct, frozen=True):
    """Let the record through; with `record`, changed; with `tags`, marked."""

    record: Record | None = None
    tags: Mapping[str, Any] = {}


class Drop(msgspec.Struct, frozen=True):
    """Leave the record out, and say why. `code` is counted, `detail` is shown.

    A filter's verdicts stand in the order of its records; a lesson names the one it means with `id`. With `record`, that is written
    in its stead, for a record that must not be written as it is. A lesson's drop with a `record` and without an `id` is of a
    record that the lesson made and does not keep, such as an item of a teacher's answer: written and counted like any other.

    `other` is what it collided with, for people to see both side by side: the id of a record of this run, which is looked up when it is
    shown (so that a row that is forgotten is forgotten here too); else a short text that says what and where it is, as of an
    evaluation's item.
    """

    code: str
    detail: str = ""
    id: str = ""
    record: Record | None = None
    other: str = ""


class Quarantine(msgspec.Struct, frozen=True):
    """A record that could not be dealt with, set aside with its reason. Made by the core, read by people."""

    code: str
    detail: str = ""
    id: str = ""
    where: str = ""


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure of an evaluation. `protocol` says how it was measured; `low` and `high` bound it where that is known.

    `facts` are what else belongs to this figure: the task, the template that wrote the questions, the shots, what a constant answer
    would earn.
    """

    name: str
    value: float
    count: int
    student: str = ""
    protocol: str = ""
    low: float | None = None
    high: float | None = None
    facts: Mapping[str, Any] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item behind a score, written to `items.jsonl`."""

    task: str
    index: int
    values: Mapping[str, Any]
    student: str = ""


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a rendered conversation. `special` marks the name of a special token (`bos`, `eos`) instead of text."""

    text: str
    trained: bool = False
    special: bool = False


class Trained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a trainer made: which student plugin opens it and with which options.

    Paths in `options` and `base` are relative to the output directory. `base` opens the model before training, where that is
    a thing one can open. `figures` are shown in the report. `about` is what only the trainer can say on the student's card (`seodang
    card`): `base_model`, `base_licence`, `name_begins`, `architecture`, `example` (a conversation as it was written for training).
    """

    student: str
    options: Mapping[str, Any]
    base: Mapping[str, Any] | None = None
    figures: Mapping[str, Any] = {}
    about: Mapping[str, str] = {}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that people should know before they start: a message of the plugin's catalogue and its facts.

    `warning` marks what should make them stop and think.
    """

    code: str
    facts: Mapping[str, Any] = {}
    warning: bool = False


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a trainer found out without training.

    `examples` are rows as the student would be fed, in pieces of which each carries loss or does not, special tokens spelt out.
    """

    examples: tuple[tuple[Segment, ...], ...]
    findings: tuple[Finding, ...]


class Stage(msgspec.Struct, frozen=True):
    """What a plan tells `review_plan` about one step, before anything is spent."""

    number: int
    name: str
    verb: str
    plugin: str
    distribution: str
    network: tuple[str, ...]
    secrets: tuple[str, ...]
    terms: tuple[str, ...]
    input_terms: tuple[str, ...]
    done: bool
    clears: tuple[str, ...] = ()
    """The terms that it takes away from what passes through."""
    personal: tuple[str, ...] = ()
    """The seeds whose rows reach this step with personal data that is not masked."""
    hold_out: int = 0
    """So many rows of a source are set aside for evaluations."""
    presumed: tuple[str, ...] = ()
    """Where the recipe wants a licence: the terms of the families of models that work here and declare none."""
    unstated: tuple[str, ...] = ()
    """Where the recipe wants a licence: models at work that declare no terms and belong to no known family."""
    added_by: Mapping[str, str] = {}
    """Where the recipe wants a licence: which plugin adds which terms, for the step's own may be that of its teacher."""


class Plan(msgspec.Struct, frozen=True):
    """What a recipe would do, as `review_plan` and `seodang plan` see it."""

    recipe: str
    language: str
    run: str
    stages: tuple[Stage, ...]
    license: str = ""
    """What the recipe wants to publish under, as an SPDX expression."""
    commercial: bool = False
    """Whether what comes out is to be used commercially."""
    carried: tuple[str, ...] = ()
    """The terms that rows carry behind the last step."""
    meanings: Mapping[str, Term] = {}
    """What is known of the terms that occur, where the recipe wants a licence or commercial use."""


class Objection(msgspec.Struct, frozen=True):
    """Why a plan must not go ahead. Any one of them stops the run before money is spent."""

    step: str
    reason: str
