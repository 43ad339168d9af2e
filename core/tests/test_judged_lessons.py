"""A lesson that asks two: a teacher for answers, and a judge which is the best."""

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.forecast import forecast
from seodang.testing import LessonContract, make_context

sys.path.insert(0, str(Path(__file__).parent))
import village

RECIPE = """
[recipe]
name = "judged"
language = "ko"

[[step]]
seeds = "rows"
path = "rows.jsonl"

[[step]]
teach = "weighed"
teacher = "wordy"
judge = "strict"
"""
ROWS = '{"question": "하나"}\n{"question": "둘"}\n'


class Wordy(seodang.Teacher):
    name = "wordy"
    terms = ("LicenseRef-wordy",)
    asked = 0

    async def answer(self, request, context):
        type(self).asked += 1
        text = request.messages[-1].text + "!" * request.sample
        return seodang.Answer(message=seodang.Message("assistant", text), usage=seodang.Usage(1, 1))


class Strict(seodang.Teacher):
    name = "strict"
    terms = ("LicenseRef-strict",)
    asked = 0

    async def answer(self, request, context):
        type(self).asked += 1
        return seodang.Answer(message=seodang.Message("assistant", str(request.messages[-1].text.count("!"))))

    def price(self):
        return seodang.Price(currency="KRW", input_micro_per_million=10_000_000, output_micro_per_million=10_000_000)


class Weighed(seodang.Lesson):
    """Three answers, of which the judge likes one best."""

    name = "weighed"

    async def teach(self, records, context):
        async def best(record):
            asked = [msgspec.structs.replace(self.request(record), sample=sample) for sample in range(3)]
            answers = await asyncio.gather(*(context.ask(request, record=record.id) for request in asked))
            grades = await asyncio.gather(*(context.judge(self.ask_for(each.message.text)) for each in answers))
            return max(zip((int(grade.message.text) for grade in grades), range(3), answers, strict=True))[2]

        async for record, answer in context.ask.each(records, best):
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message))


class TestWeighed(LessonContract):
    lesson = Weighed
    teacher = Wordy
    judge = Strict


@seodang.hookimpl
def register_teachers(register):
    register(Wordy)
    register(Strict)


@seodang.hookimpl
def register_lessons(register):
    register(Weighed)


PLUGINS = [village, sys.modules[__name__]]


@pytest.fixture(autouse=True)
def nobody_was_asked():
    Wordy.asked = Strict.asked = 0


def test_teacher_and_judge_are_both_asked_paid_and_owed_their_terms(run_recipe):
    run = run_recipe(RECIPE, files={"rows.jsonl": ROWS}, plugins=PLUGINS)
    assert run.ok, run.error
    assert [record.answer for record in run.records("weighed")] == ["하나!!", "둘!!"]
    assert (Wordy.asked, Strict.asked) == (6, 6)
    assert {"LicenseRef-wordy", "LicenseRef-strict"} <= {*run.records("weighed")[0].terms}

    again = run_recipe(RECIPE, files={"rows.jsonl": ROWS}, plugins=PLUGINS)
    assert again.ok and (Wordy.asked, Strict.asked) == (6, 6), "an unchanged second run asks nobody"


def test_another_judge_is_another_result(run_recipe):
    assert run_recipe(RECIPE, files={"rows.jsonl": ROWS}, plugins=PLUGINS).ok
    other = RECIPE.replace('judge = "strict"', 'judge = "wordy"')
    failed = run_recipe(other, files={"rows.jsonl": ROWS}, plugins=PLUGINS)
    assert failed.failed, "a judge that gives no number is asked"
    assert Wordy.asked > 6


def test_the_plan_counts_both_each_in_its_currency(tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    recipe, offers = read_recipe(tmp_path / "recipe.toml"), offers_of(*PLUGINS)
    found = forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run").steps[1]
    assert (found.estimate.requests, found.estimate.currency) == (6, "USD")
    assert (found.judge_estimate.step, found.judge_estimate.currency) == ("weighed.judge", "KRW")
    assert found.judge_estimate.requests == 6 and found.judge_estimate.most_micro > 0
    assert not found.judge_estimate.complete or not found.estimate.complete


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Step test asks a judge, but the recipe names none."),
        ("ko", "test 단계가 심사자에게 묻지만 레시피에 심사자가 없습니다."),
    ],
)
def test_a_lesson_without_its_judge_says_so(tmp_path: Path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as caught:
        make_context(tmp_path).judge  # noqa: B018
    assert str(caught.value).startswith(said)
