"""For the tests of plugins: a contract for each kind, and what a test needs to try a plugin without a run or a vendor.

    from seodang.testing import FilterContract
    from seodang_short import Short

    class TestShort(FilterContract):
        filter = Short

The fixtures (`run_recipe`, `plugins`, `context` …) come with the pytest plugin that seodang installs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Not left for later like the rest: the function has the name of its module, and whoever is bound last is found.
from seodang.testing.wire_server import Reaction, Received, wire_server

if TYPE_CHECKING:
    from seodang.testing.batches import BatchServiceContract
    from seodang.testing.carrying import CarrierContract
    from seodang.testing.contexts import LooseContext, PlainLocale, asking, make_context
    from seodang.testing.contract import CapabilityContract
    from seodang.testing.echo import Echo
    from seodang.testing.exchange import FormatContract, LayoutContract, StudentLayoutContract, TableContract
    from seodang.testing.flow import FilterContract, SeedsContract
    from seodang.testing.language import LocaleContract, SplitterContract
    from seodang.testing.recipes import RunOutcome
    from seodang.testing.students import EvaluationContract, StudentContract
    from seodang.testing.teaching import LessonContract, TeacherContract, TranslatorContract
    from seodang.testing.training import TemplateContract, TrainerContract

_HOMES = {
    "BatchServiceContract": "batches",
    "CapabilityContract": "contract",
    "CarrierContract": "carrying",
    "Echo": "echo",
    "EvaluationContract": "students",
    "FilterContract": "flow",
    "FormatContract": "exchange",
    "LayoutContract": "exchange",
    "LessonContract": "teaching",
    "LocaleContract": "language",
    "LooseContext": "contexts",
    "PlainLocale": "contexts",
    "RunOutcome": "recipes",
    "SeedsContract": "flow",
    "SplitterContract": "language",
    "StudentContract": "students",
    "StudentLayoutContract": "exchange",
    "TableContract": "exchange",
    "TeacherContract": "teaching",
    "TemplateContract": "training",
    "TrainerContract": "training",
    "TranslatorContract": "teaching",
    "asking": "contexts",
    "make_context": "contexts",
}

__all__ = [
    "BatchServiceContract",
    "CapabilityContract",
    "CarrierContract",
    "Echo",
    "EvaluationContract",
    "FilterContract",
    "FormatContract",
    "LayoutContract",
    "LessonContract",
    "LocaleContract",
    "LooseContext",
    "PlainLocale",
    "Reaction",
    "Received",
    "RunOutcome",
    "SeedsContract",
    "SplitterContract",
    "StudentContract",
    "StudentLayoutContract",
    "TableContract",
    "TeacherContract",
    "TemplateContract",
    "TrainerContract",
    "TranslatorContract",
    "asking",
    "make_context",
    "wire_server",
]


def __getattr__(name: str) -> Any:
    """Imports a name when it is used: the contracts need pytest, and `seodang mock` serves where there is none."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
