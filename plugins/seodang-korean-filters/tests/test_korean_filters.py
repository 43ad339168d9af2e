"""The contracts, what every filter refuses, and what hostile texts cost."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from time import process_time

import msgspec
import pytest
import seodang
from seodang.errors import SeodangError
from seodang.testing import FilterContract, make_context
from seodang.wording import render
from seodang_korean_filters import FILTERS, Josa, Leftovers, Spacing, SpeechLevel, Translationese

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
RECORDS = tuple(
    seodang.single_turn(question, answer, id=str(number), language="ko")
    for number, (question, answer) in enumerate(
        (
            ("물은 언제 끓나요?", "물은 백 도에서 끓습니다. 산에서는 더 빨리 끓는다."),
            ("물은 언제 끓나요?", "백 도에서 끓어."),
            ("어디로 가나요?", "서울으로 갑니다."),
            ("무엇이 좋나요?", "당신에게는 이것이 좋습니다."),
            ("소개해 주세요.", "오늘은날씨가좋아서모두공원에갔습니다."),
            ("소개해 주세요.", ""),
            ("소개해 주세요.", "한"),
        )
    )
)


class Korean(FilterContract):
    __test__ = False
    language = "ko"
    records = (*FilterContract.records, *RECORDS)


class TestJosa(Korean):
    filter = Josa


class TestJosaThatRepairs(Korean):
    filter = Josa
    options = {"fix": True, "fields": ["instruction", "input", "answer"]}


class TestLeftovers(Korean):
    filter = Leftovers


class TestSpacing(Korean):
    filter = Spacing


class TestSpeechLevel(Korean):
    filter = SpeechLevel


class Polite(seodang.Teacher):
    """Answers everything with the same polite sentence."""

    name = "polite"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", "물은 백 도에서 끓습니다."))


class TestSpeechLevelThatAsks(Korean):
    filter = SpeechLevel
    options = {"fix": "rewrite"}
    teacher = Polite


class TestTranslationese(Korean):
    filter = Translationese
    options = {"threshold": 50, "min_sentences": 1}


def refused(filter: type[seodang.Filter], tmp_path: Path, language: str = "ko", **options: object) -> SeodangError:
    capability = filter(msgspec.convert(options, filter.Options))
    with pytest.raises(SeodangError) as error:
        verdicts = capability.sift(RECORDS, make_context(tmp_path, language=language))
        asyncio.run(verdicts) if inspect.iscoroutine(verdicts) else list(verdicts)
    return error.value


def said(error: SeodangError) -> tuple[str, str]:
    return render(error.code, error.facts, "en"), render(error.code, error.facts, "ko")


@pytest.mark.parametrize("filter", [offered for offered in FILTERS if offered is not SpeechLevel])
def test_rules_of_korean_are_not_applied_to_another_language(filter: type[seodang.Filter], tmp_path: Path):
    english, korean = said(refused(filter, tmp_path, "en"))
    assert english.startswith(f"The filter {filter.name} knows Korean only, and the recipe's language is en.")
    assert korean.startswith(f"{filter.name} 필터는 한국어만 다루는데 레시피의 언어는 en입니다.")


def test_a_language_without_speech_levels_is_refused(tmp_path: Path):
    assert said(refused(SpeechLevel, tmp_path, "en")) == (
        "The filter speech-level needs speech levels, and the locale en has none. Take the step out, or use the locale of a language "
        "with speech levels.",
        "speech-level 필터에는 말의 높임 단계가 필요한데 en 로캘에는 없습니다. 이 단계를 빼거나 높임 단계가 있는 언어의 로캘을 쓰세요.",
    )


def test_a_level_that_the_locale_does_not_have_is_refused_with_those_it_has(tmp_path: Path):
    assert said(refused(SpeechLevel, tmp_path, level="하오")) == (
        'level = "하오" is no speech level of the locale. It has: 합쇼, 해요, 해라, 해.',
        "level = 하오는 이 로캘에 없는 말의 높임 단계입니다. 있는 것: 합쇼, 해요, 해라, 해.",
    )


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize(
    "unit",
    [
        "가",
        "가 ",
        "을를",
        "사람는",
        "안 녕",
        "A ",
        "The end of it is ",
        "물이 끓는다. ",
        '"',
        "`",
        "(",
        "<",
        "1. ",
        "다, ",
        "\n",
        "당신 ",
    ],
)
def test_a_text_of_a_hundred_thousand_signs_costs_little(filter: type[seodang.Filter], unit: str, tmp_path: Path):
    record = seodang.single_turn("질문", unit * (100_000 // len(unit)))
    context = make_context(tmp_path, language="ko")
    begun = process_time()
    verdicts = filter().sift([record], context)
    assert len(asyncio.run(verdicts) if inspect.iscoroutine(verdicts) else list(verdicts)) == 1
    assert process_time() - begun < 5


def test_every_reason_and_every_option_stands_in_the_readme():
    codes = {"mixed-register", "wrong-register", "banmal-to-user", "josa", "no-blanks", "blanks-in-words", "translationese"}
    codes |= {*Leftovers.Options().codes}
    assert not {code for code in codes if f"`{code}`" not in README}
    options = {field for filter in FILTERS for field in filter.Options.__struct_encode_fields__}
    assert not {option for option in options if not re.search(rf"`{option}\b", README)} and len(options) > 8


def test_the_recipe_of_the_readme_runs(run_recipe):
    recipe = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]
    rows = [
        {"instruction": "물은 언제 끓나요?", "output": "물은 백 도에서 끓습니다."},
        {"instruction": "무엇을 먹나요?", "output": "사과을 먹습니다."},
        {"instruction": "언제 가나요?", "output": "내일 갑니다. 모레 온다."},
        {"instruction": "무엇이 좋나요?", "output": "당신에게는 이것이 좋습니다."},
    ]
    run = run_recipe(recipe, files={"rows.jsonl": "\n".join(msgspec.json.encode(row).decode() for row in rows)})
    assert run.ok, run.error
    assert run.manifest("josa").rows["changed"] == 1
    assert run.manifest("leftovers").dropped == {"pronoun-you": 1} and run.manifest("speech-level").dropped == {
        "mixed-register": 1
    }
    kept = run.records("translationese")
    assert [record.answer for record in kept] == ["물은 백 도에서 끓습니다.", "사과를 먹습니다."]
    assert kept[0].tags == {"translationese": 0.0, "translationese-percentile": 0}


def test_the_step_with_a_judge_in_the_readme_can_be_written(run_recipe):
    recipe, judged = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    head = recipe.partition('[[step]]\nfilter = "josa"')[0]
    row = {"instruction": "언제 가나요?", "output": "내일 갑니다. 모레 온다."}
    run = run_recipe(head + judged, files={"rows.jsonl": msgspec.json.encode(row)})
    assert run.ok, run.error
    # The echo repeats the prompt and the text in it, so the text is as wrong as before: it is left out.
    assert run.manifest("speech-level").dropped == {"mixed-register": 1}
