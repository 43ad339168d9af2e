"""서당 (seodang): one recipe takes seeds through translation, a teacher, filters and training to an evaluated student.

This is everything a plugin may use, beside `seodang.testing` for its tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seodang.addresses import ServerAddress, is_loopback, without_secrets
from seodang.asking.rounds import Draw, Rounds
from seodang.batches import Batch, BatchService, BatchState
from seodang.capabilities import (
    CONDUCT,
    FILES,
    Carrier,
    Evaluation,
    Filter,
    Format,
    Layout,
    Lesson,
    Locale,
    Seeds,
    Splitter,
    Student,
    Table,
    Teacher,
    Template,
    Trainer,
    Translator,
    names,
)
from seodang.carrying import Listing
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
from seodang.exchange import Dataset, LeftOut, StudentFiles, parts_of
from seodang.files.lines import BadLine, Row
from seodang.framing import Frame, frame_of
from seodang.hooks import Register, hookimpl
from seodang.injection import Guard
from seodang.intervals import Interval, mcnemar, resampled, wilson
from seodang.personal import PERSONAL_DATA, PersonalData, Pseudonyms
from seodang.pieces import Piece
from seodang.prompts import Prompt, read_prompt
from seodang.records import Call, Candidate, Message, Record, nfc, single_turn
from seodang.rendering import Encoded, chat_turn, encode
from seodang.requests import FREE, Allowance, Answer, Expected, Limits, Outlook, Price, Reply, Request, Text, Translation, Usage
from seodang.terms import Term
from seodang.texts import IdentityGroup, IdentityQuestions, PersonalPattern, SeedTask, Shot, Shots, locale_texts
from seodang.verdicts import Drop, Finding, Item, Keep, Objection, Plan, Rehearsal, Score, Segment, Stage, Trained

if TYPE_CHECKING:
    from seodang.runs.opened import OpenedRun
    from seodang.serving.decisions import Decision

__version__ = "0.1.0"


def open_run(path: str | Path) -> OpenedRun:
    """Opens a run's directory for reading, from a script or a notebook: `seodang.open_run("runs/mine").records("answer")`."""
    from seodang.runs.opened import open_run

    return open_run(path)


def read_decisions(path: str | Path) -> dict[str, Decision]:
    """What people decided about rows with `seodang review`, by the record's id: `Decision.applied(record)` is the row as they left it."""
    from seodang.serving.decisions import read_decisions

    return read_decisions(Path(path))


__all__ = [
    "CONDUCT",
    "FILES",
    "FREE",
    "PERSONAL_DATA",
    "Allowance",
    "Answer",
    "BadLine",
    "Batch",
    "BatchService",
    "BatchState",
    "Call",
    "Candidate",
    "Carrier",
    "Context",
    "DataError",
    "Dataset",
    "Draw",
    "Drop",
    "Encoded",
    "Evaluation",
    "Exhausted",
    "Expected",
    "Filter",
    "Finding",
    "Format",
    "Frame",
    "Guard",
    "IdentityGroup",
    "IdentityQuestions",
    "Interrupted",
    "Interval",
    "Item",
    "Keep",
    "Layout",
    "LeftOut",
    "Lesson",
    "Limits",
    "Listing",
    "Locale",
    "Message",
    "MissingSecret",
    "Objection",
    "Outlook",
    "PersonalData",
    "PersonalPattern",
    "Piece",
    "Plan",
    "Price",
    "Prompt",
    "Pseudonyms",
    "Record",
    "Refused",
    "Register",
    "Rehearsal",
    "RemoteError",
    "Reply",
    "Request",
    "Rounds",
    "Row",
    "Score",
    "SeedTask",
    "Seeds",
    "Segment",
    "SeodangError",
    "ServerAddress",
    "Shot",
    "Shots",
    "Splitter",
    "Stage",
    "StepError",
    "Student",
    "StudentFiles",
    "Table",
    "Teacher",
    "Template",
    "Term",
    "Text",
    "Trained",
    "Trainer",
    "Transient",
    "Translation",
    "Translator",
    "Unauthorized",
    "Usage",
    "chat_turn",
    "encode",
    "frame_of",
    "hookimpl",
    "is_loopback",
    "locale_texts",
    "mcnemar",
    "names",
    "nfc",
    "open_run",
    "parts_of",
    "read_decisions",
    "read_prompt",
    "resampled",
    "single_turn",
    "wilson",
    "without_secrets",
]
