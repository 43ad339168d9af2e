"""One evaluation of the pupils of study_school.py."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import asking, make_context
from seodang_study import Study

sys.path.insert(0, str(Path(__file__).parent))
from study_school import CLOSED, PROMPTS, Pupil, Village, lines


@pytest.fixture
def study(tmp_path: Path):
    """One evaluation of these students; the prompts, the questions and what was trained on lie in files or are given."""

    def once(students: dict[str, Pupil], *, teacher=Village, language="ko", trained_on=(), steps=None, held_out=(), **options):
        options = {
            "questions": lines(tmp_path / "prompts.jsonl", PROMPTS),
            "closed": lines(tmp_path / "closed.jsonl", CLOSED),
        } | options
        evaluation = Study(msgspec.convert({name: value for name, value in options.items() if value}, Study.Options))
        context = make_context(
            tmp_path, language=language, options=evaluation.options, trained_on=trained_on, items=steps or {}, held_out=held_out
        )
        context.students = dict(students)

        async def everything():
            return [(role, result) for role, one in students.items() async for result in evaluation.evaluate(one, context)]

        if teacher:
            with asking(context, teacher(), tmp_path):
                results = asyncio.run(everything())
        else:
            results = asyncio.run(everything())
        scores = {(one.student or role, one.name): one for role, one in results if isinstance(one, seodang.Score)}
        return scores, [one for _, one in results if isinstance(one, seodang.Item)], context

    return once
