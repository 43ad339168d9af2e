"""An evaluation that declares `sees_run` is shown what was trained on and the items of the evaluations before it; no other is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.errors import StepError
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import village

ROWS = '{"question": "서당은 무엇인가요"}\n{"question": "훈장은 누구인가요"}\n'
MORE = ROWS + '{"question": "붓은 무엇인가요"}\n'


class Easy(seodang.Evaluation):
    """Finds everything right, or nothing."""

    name = "easy"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        right: Annotated[bool, msgspec.Meta(description="What it finds.")] = True

    def evaluate(self, student, context):
        yield seodang.Item(task="easy", index=0, values={"right": self.options.right})
        yield seodang.Score(name="right", value=float(self.options.right), count=1)


class Looks(seodang.Evaluation):
    """Counts what it is shown."""

    name = "looks"
    sees_run = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        step: Annotated[str, msgspec.Meta(description="Whose items.")] = "easy"

    def evaluate(self, student, context):
        assert list(context.trained_on) == list(context.trained_on)
        yield seodang.Score(name="rows", value=len(context.trained_on), count=1)
        right = [item["values"]["right"] for item in context.items(self.options.step) if item["student"] == "newest"]
        yield seodang.Score(name="right", value=sum(right), count=len(right))


class Peeps(Looks):
    """Looks without having said so."""

    name = "peeps"
    sees_run = False


class LooksFromAfar(Looks):
    """Asks somebody else's computer."""

    name = "looks-from-afar"
    network = ("exam.example.com",)


@seodang.hookimpl
def register_evaluations(register):
    for each in (Easy, Looks, LooksFromAfar, Peeps):
        register(each)


@pytest.fixture
def run(tmp_path):
    recipe = (
        '[recipe]\nname = "village"\nlanguage = "ko"\n[[step]]\nseeds = "rows"\n[[step]]\ntrain = "paper"\n'
        '[[step]]\nevaluate = "easy"\n[[step]]\nevaluate = "NAME"\n'
    )

    def once(*settings: str, name: str = "looks", rows: str = ROWS, personal: bool = False):
        text = recipe.replace('seeds = "rows"', 'seeds = "rows"\npersonal = true') if personal else recipe
        plugins = [village, sys.modules[__name__]]
        return run_in(tmp_path, text.replace("NAME", name), plugins=plugins, files={"rows.jsonl": rows}, settings=settings)

    return once


def scores(done) -> dict[str, float]:
    found = seodang.open_run(done.run).scores("looks")
    return {score.name: score.value for score in found}


def test_it_is_shown_what_was_trained_on_and_what_was_measured_before(run):
    done = run()
    assert done.ok, done.error
    assert scores(done) == {"rows": 2, "right": 1}


def test_both_are_part_of_its_fingerprint(run):
    first = run()
    marks = [first.manifest(step).fingerprint for step in ("easy", "looks")]
    again = run()
    assert [again.manifest(step).fingerprint for step in ("easy", "looks")] == marks
    wrong = run("easy.right=false")
    assert scores(wrong) == {"rows": 2, "right": 0}
    assert scores(run(rows=MORE)) == {"rows": 3, "right": 1}


@pytest.mark.parametrize(
    ("language", "not_seen", "no_step"),
    [
        ("ko", "peeps 단계가 실행에서 만든 것을 달라고 합니다", "'exam'라는 evaluate 단계가 없습니다"),
        ("en", "asks for what the run has made; only an evaluation that declares sees_run", "no evaluate step 'exam' before it"),
    ],
)
def test_another_is_not_shown_and_told_so(run, monkeypatch, language, not_seen, no_step):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    peeped = run(name="peeps")
    assert peeped.failed and not_seen in str(peeped.error)
    lost = run("looks.step='exam'")
    assert isinstance(lost.error, StepError) and no_step in str(lost.error)


def test_rows_with_personal_data_are_not_shown_to_one_elsewhere(run):
    stopped = run(name="looks-from-afar", personal=True)
    assert stopped.failed and "exam.example.com" in str(stopped.error)
    assert run(personal=True).ok and run(name="looks-from-afar").ok
