"""The hooks of seodang: a plugin offers capabilities, hears events, and may object to a plan. Nothing else.

Every hook is optional, a plain function, and called a few times a run: never per record. `register_*` receives a function to
be called with each class that is offered. Registering is cheap: no network, no files, no environment, no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pluggy

from seodang import capabilities
from seodang.verdicts import Objection, Plan

hookspec = pluggy.HookspecMarker("seodang")
hookimpl = pluggy.HookimplMarker("seodang")
"""Marks a function of a plugin as its implementation of a hook."""

Register = Callable[[type[capabilities.Capability]], None]
"""What a `register_*` hook is given: to be called with each class that is offered."""


@hookspec
def register_seeds(register: Callable[[type[capabilities.Seeds]], None]) -> None:
    """Offer sources of records."""


@hookspec
def register_translators(register: Callable[[type[capabilities.Translator]], None]) -> None:
    """Offer translators."""


@hookspec
def register_teachers(register: Callable[[type[capabilities.Teacher]], None]) -> None:
    """Offer models that answer."""


@hookspec
def register_lessons(register: Callable[[type[capabilities.Lesson]], None]) -> None:
    """Offer ways of using a teacher."""


@hookspec
def register_filters(register: Callable[[type[capabilities.Filter]], None]) -> None:
    """Offer filters."""


@hookspec
def register_trainers(register: Callable[[type[capabilities.Trainer]], None]) -> None:
    """Offer trainers."""


@hookspec
def register_evaluations(register: Callable[[type[capabilities.Evaluation]], None]) -> None:
    """Offer evaluations."""


@hookspec
def register_locales(register: Callable[[type[capabilities.Locale]], None]) -> None:
    """Offer languages."""


@hookspec
def register_students(register: Callable[[type[capabilities.Student]], None]) -> None:
    """Offer ways of opening a student."""


@hookspec
def register_templates(register: Callable[[type[capabilities.Template]], None]) -> None:
    """Offer conversation templates."""


@hookspec
def register_formats(register: Callable[[type[capabilities.Format]], None]) -> None:
    """Offer shapes of rows to read and to write."""


@hookspec
def register_tables(register: Callable[[type[capabilities.Table]], None]) -> None:
    """Offer types of files with rows in them."""


@hookspec
def register_layouts(register: Callable[[type[capabilities.Layout]], None]) -> None:
    """Offer directories in which other tools find data."""


@hookspec
def register_splitters(register: Callable[[type[capabilities.Splitter]], None]) -> None:
    """Offer sentence splitters."""


@hookspec
def register_carriers(register: Callable[[type[capabilities.Carrier]], None]) -> None:
    """Offer places from which models and data sets are brought."""


@hookspec
def review_plan(plan: Plan) -> Iterable[Objection] | None:
    """Object to a plan: terms, budget, policy, personal data.

    Asked before the run and again before each step that pays or trains, with the terms its input really carries. Any
    objection stops the run before money is spent, and so does any exception in here.
    """


@hookspec
def run_started(run: str) -> None:
    """Hear that a run begins or goes on; `run` is its directory."""


@hookspec
def step_started(run: str, step: str) -> None:
    """Hear that a step begins."""


@hookspec
def step_finished(run: str, step: str, report: Mapping[str, Any]) -> None:
    """Hear that a step is finished; `report` is its manifest."""


@hookspec
def run_finished(run: str, outcome: str) -> None:
    """Hear how a run ended: `finished`, `interrupted`, `stopped`."""
