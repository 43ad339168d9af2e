"""The made-up items and models of these tests, made once."""

import sys
from pathlib import Path

import pytest
from seodang.testing import make_context

sys.path.insert(0, str(Path(__file__).parent))
import kobest_items
import kobest_models


@pytest.fixture(scope="session")
def items(tmp_path_factory):
    """A folder with the five tasks as TSVs."""
    return kobest_items.write_items(tmp_path_factory.mktemp("kobest") / "items")


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model's directory by its kind."""
    place = tmp_path_factory.mktemp("models")
    return {kind: kobest_models.write_model(place / kind, kind) for kind in kobest_models.KINDS}


@pytest.fixture
def measure(items):
    """What an evaluation yields for a student: its scores by name, its items by task, and its context."""
    from seodang_kobest import Kobest

    def measured(student, evaluation=None, students=None, **options):
        evaluation = evaluation or Kobest(Kobest.Options(**{"path": str(items), **options}))
        context = make_context(items, options=evaluation.options)
        context.students = students or {"mine": student}
        found = list(evaluation.evaluate(student, context))
        scores = {one.name: one for one in found if hasattr(one, "value")}
        asked = {}
        for one in found:
            if hasattr(one, "index"):
                asked.setdefault(one.task, []).append(one)
        return scores, asked, context

    return measured
