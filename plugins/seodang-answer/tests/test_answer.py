"""One question, one answer: what passes, what is asked again, and the user's own words."""

from importlib.util import find_spec

import pytest
import seodang
from answering_room import Rule, question
from seodang.testing import LessonContract
from seodang_answer import OneAnswer

ROWS = '{"instruction": "하나"}\n{"instruction": "둘", "output": "2"}\n'
needs_rows = pytest.mark.skipif(
    not all(find_spec(name) for name in ("seodang_handcrafted", "seodang_echo", "seodang_locale_ko")),
    reason="the rows are those of seodang-handcrafted, and seodang-echo answers",
)
RECIPE = """
[recipe]
name = "answers"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "echo"
"""


class TestOneAnswer(LessonContract):
    lesson = OneAnswer


@pytest.mark.skipif(find_spec("seodang_locale_ko") is None, reason="a locale has the words")
class TestInTheLocalesWords(LessonContract):
    lesson = OneAnswer
    language = "ko"
    options = {"locale_system": True}


@needs_rows
def test_answered_records_pass_and_keep_their_place(run_recipe):
    run = run_recipe(RECIPE, files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    assert [record.answer for record in run.records("answer")] == ["하나", "2"]
    assert run.manifest("answer").rows["changed"] == 1


@needs_rows
def test_replace_asks_them_again(run_recipe):
    run = run_recipe(RECIPE + "replace = true\n", files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    assert [record.answer for record in run.records("answer")] == ["하나", "둘"]


def test_the_users_prompt_takes_question_and_input_and_their_braces_stay(taught):
    rows = [question(1, "{b}를 고치세요.", input="if (a) {question}"), question(2, "안녕하세요?")]
    files = {"mine.txt": "지시: {question}\n자료: {input}\n"}
    results, aside, _ = taught(rows, teacher := Rule(), prompt="mine.txt", files=files)
    assert [request.messages[-1].text for request in teacher.asked] == [
        "지시: {b}를 고치세요.\n자료: if (a) {question}",
        "지시: 안녕하세요?\n자료: ",
    ]
    assert results[0].question == "{b}를 고치세요." and results[0].input == "if (a) {question}", "the record keeps its own words"
    assert not aside


def test_a_prompt_without_a_place_for_the_input_has_it_under_the_question(taught):
    files = {"mine.txt": "답하세요: {question}"}
    taught([question(1, "요약하세요.", input="긴 글")], teacher := Rule(), prompt="mine.txt", files=files)
    assert teacher.asked[0].messages[-1].text == "답하세요: 요약하세요.\n\n긴 글"


def test_of_a_dialogue_the_last_question_is_put_into_the_prompt(taught):
    turns = (seodang.Message("user", "안녕"), seodang.Message("assistant", "네"), seodang.Message("user", "이름은?"))
    record = seodang.Record(id="7" * 32, messages=turns)
    results, _, _ = taught([record], teacher := Rule(), prompt="mine.txt", files={"mine.txt": "[{question}]"}, system="짧게.")
    assert [turn.text for turn in teacher.asked[0].messages] == ["짧게.", "안녕", "네", "[이름은?]"]
    assert [turn.text for turn in results[0].messages] == ["안녕", "네", "이름은?", "[이름은?]"]


def test_the_locales_words_are_told_only_when_asked_for(taught):
    own = seodang.Message("system", "남의 말")
    record = seodang.Record(id="7" * 32, messages=(own, seodang.Message("user", "안녕")))
    taught([record], plain := Rule())
    assert plain.asked[0].messages[0] == own
    taught([record], told := Rule(), locale_system=True)
    assert told.asked[0].messages[0].text.startswith("당신은 한국어로 정확하고 친절하게") and len(told.asked[0].messages) == 2
    taught([record], mine := Rule(), locale_system=True, system="내 말")
    assert mine.asked[0].messages[0].text == "내 말", "the user's own words go before the locale's"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Step test: locale_system = true, but the locale 'xx' has no words"),
        ("ko", "test 단계: locale_system = true이지만 로캘 'xx'에"),
    ],
)
def test_a_locale_without_such_words_is_told(taught, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as caught:
        taught([question(1, "a")], Rule(), language="xx", locale_system=True)
    assert str(caught.value).startswith(said)


@needs_rows
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("samples = 2\nbatch = 4", "samples and batch exclude each other"),
        ('fit = "answer-fit"', "fit is asked in a batch"),
        ('samples = 1\njudge_prompt = "rows.jsonl"', "judge_prompt is asked about several samples"),
        ("batch = 0", "batch"),
    ],
)
def test_options_that_contradict_each_other_are_refused_before_anything_is_asked(run_recipe, options, said):
    run = run_recipe(f"{RECIPE}{options}\n", files={"rows.jsonl": ROWS})
    assert run.exit_code == 3 and said in str(run.error)
