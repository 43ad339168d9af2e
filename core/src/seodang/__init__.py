"""서당 (seodang): one recipe takes seeds through translation, a teacher, filters and training to an evaluated student.

This is everything a plugin may use, beside `seodang.testing` for its tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seodang.capabilities import (
    CONDUCT,
    FILES,
    Evaluation,
    Filter,
    Lesson,
    Locale,
    Seeds,
    Splitter,
    Student,
    Teacher,
    Template,
    Trainer,
    Translator,
    names,
)
from seodang.context import Context
from seodang.errors import (
    DataError,
    Exhausted,
    Interrupted,
    MissingSecret,
    Refused,
    RemoteError,
    SeodangError,
    StepError,
    Transient,
    Unauthorized,
)
from seodang.hooks import Register, hookimpl
from seodang.records import Call, Candidate, Message, Record, nfc, single_turn
from seodang.requests import FREE, Answer, Price, Reply, Request, Text, Translation, Usage
from seodang.texts import locale_texts
from seodang.verdicts import Drop, Item, Keep, Objection, Plan, Score, Segment, Stage, Trained

if TYPE_CHECKING:
    from seodang.runs.opened import OpenedRun

__version__ = "0.1.0"


def open_run(path: str | Path) -> OpenedRun:
    """Opens a run's directory for reading, from a script or a notebook: `seodang.open_run("runs/mine").records("answer")`."""
    from seodang.runs.opened import open_run

    return open_run(path)


__all__ = [
    "CONDUCT",
    "FILES",
    "FREE",
    "Answer",
    "Call",
    "Candidate",
    "Context",
    "DataError",
    "Drop",
    "Evaluation",
    "Exhausted",
    "Filter",
    "Interrupted",
    "Item",
    "Keep",
    "Lesson",
    "Locale",
    "Message",
    "MissingSecret",
    "Objection",
    "Plan",
    "Price",
    "Record",
    "Refused",
    "Register",
    "RemoteError",
    "Reply",
    "Request",
    "Score",
    "Seeds",
    "Segment",
    "SeodangError",
    "Splitter",
    "Stage",
    "StepError",
    "Student",
    "Teacher",
    "Template",
    "Text",
    "Trained",
    "Trainer",
    "Transient",
    "Translation",
    "Translator",
    "Unauthorized",
    "Usage",
    "hookimpl",
    "locale_texts",
    "names",
    "nfc",
    "open_run",
    "single_turn",
]
