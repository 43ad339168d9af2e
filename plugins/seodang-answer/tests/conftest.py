"""What the tests of this lesson share."""

import asyncio
import sys
from pathlib import Path

import pytest
from seodang.recipes.options import build_options
from seodang.testing import asking, make_context
from seodang_answer import OneAnswer

sys.path.insert(0, str(Path(__file__).parent))  # so that the tests find `answering_room`


@pytest.fixture
def taught(tmp_path):
    """Teaches records: gives what came out, what was set aside as (id, code, detail), and the context."""

    def teach(records, teacher, *, judge=None, files=None, language="ko", **options):
        if language == "ko":
            pytest.importorskip("seodang_locale_ko", reason="the questions are Korean")
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        built, problems = build_options(OneAnswer, options)
        assert not problems, problems
        context = make_context(tmp_path, language=language, options=built)

        async def stream():
            for record in records:
                yield record

        async def taught():
            return [result async for result in OneAnswer(built).teach(stream(), context)]

        with asking(context, teacher, tmp_path, judge=judge) as set_aside:
            results = asyncio.run(taught())
        aside = [(each.where, each.code, each.detail) for each in context.quarantined]
        return results, aside + [(record.id, code, detail) for record, code, detail in set_aside], context

    return teach
