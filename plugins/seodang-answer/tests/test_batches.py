"""Several questions in one request: strict reading, answers that have to fit, and what is asked again alone."""

import json
from pathlib import Path

import pytest
import seodang
from answering_room import Rule, numbered, question, tasks_of
from seodang.testing import LessonContract
from seodang_answer import OneAnswer

pytest.importorskip("seodang_locale_ko", reason="the questions are Korean")
pytest.importorskip("seodang_filters", reason="the answers of a batch are looked at by its filter answer-fit")

SHARED = Path(__file__).parents[4] / "shared" / "data"
ROWS = [
    question(1, "김장 배추를 절이는 방법을 알려 주세요."),
    question(2, "자전거 타이어에 바람을 넣는 순서를 설명하세요."),
    question(3, "한글날의 유래를 설명하세요."),
    question(4, "전세 계약서를 쓸 때 확인할 점을 알려 주세요."),
]
ANSWERS = {
    "김장": "배추는 소금물에 절여 하룻밤 두고 김장 때 헹굽니다.",
    "자전거": "자전거 타이어의 마개를 열고 펌프로 바람을 넣습니다.",
    "한글날": "한글날은 훈민정음 반포를 기리는 날에서 유래했습니다.",
    "전세": "전세 계약서를 쓰기 전에 등기부를 떼어 집주인을 확인합니다.",
}


def right(task: str) -> str:
    return next(answer for word, answer in ANSWERS.items() if word in task)


def ten_tasks(prompt: str, sample: int = 0):
    """Answers a batch, and one task alone, as one should."""
    return numbered(prompt, lambda number, task: right(task)) if tasks_of(prompt) else right(prompt)


class Batched(seodang.Teacher):
    """Echoes every task, numbered; alone, the question."""

    name = "batched"

    async def answer(self, request, context):
        prompt = request.messages[-1].text
        return seodang.Answer(message=seodang.Message("assistant", numbered(prompt) or prompt))


class TestBatches(LessonContract):
    lesson = OneAnswer
    language = "ko"
    options = {"batch": 3}
    teacher = Batched


def test_one_request_answers_several_questions_which_say_where_they_stood(taught):
    results, aside, _ = taught(ROWS, teacher := Rule(ten_tasks), batch=4)
    assert [record.answer for record in results] == [right(record.question) for record in ROWS] and not aside
    (asked,) = teacher.asked
    assert "서로 관계없는 과제 4개" in asked.messages[-1].text and "'응답0:'처럼" in asked.messages[-1].text
    assert [record.tags["position"] for record in results] == [0, 1, 2, 3]
    assert len({record.tags["batch"] for record in results}) == 1 and len(results[0].tags["batch"]) == 12
    assert all("alone" not in record.tags for record in results)


def test_the_last_batch_is_as_long_as_what_is_left_and_one_question_stands_alone(taught):
    _, _, _ = taught(ROWS, teacher := Rule(ten_tasks), batch=3)
    assert [len(tasks_of(request.messages[-1].text)) for request in teacher.asked] == [3, 0]


def test_inputs_and_the_order_of_passing_records_stay(taught):
    done = seodang.single_turn("끝난 질문", "끝난 답", id="d" * 32)
    rows = [ROWS[0], done, seodang.single_turn("한글날을 요약하세요.", id="e" * 32, input="한글날은 시월 구일이다.")]
    results, _, _ = taught(rows, teacher := Rule(ten_tasks), batch=5)
    assert [record.id for record in results] == [record.id for record in rows] and results[1] == done
    assert "명령어1: 한글날을 요약하세요.\n입력1: 한글날은 시월 구일이다." in teacher.asked[0].messages[-1].text


def test_dialogues_and_records_with_tools_are_asked_alone(taught):
    turns = [seodang.Message(role, text) for role, text in (("user", "김장?"), ("assistant", "네"), ("user", "자전거?"))]
    dialogue = seodang.Record(id="a" * 32, messages=tuple(turns))
    tooled = seodang.single_turn("전세?", id="b" * 32, tools=({"name": "f"},))
    results, _, _ = taught([dialogue, ROWS[0], tooled, ROWS[2]], teacher := Rule(ten_tasks), batch=4)
    assert sorted(len(tasks_of(request.messages[-1].text)) for request in teacher.asked) == [0, 0, 2]
    assert len(results[0].messages) == 4 and results[0].answer == ANSWERS["자전거"] and "batch" not in results[0].tags


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("응답0: {0}\n###\n응답1: {1}\n###\n응답2: {2}\n###\n응답3: {3}\n###", {}),
        ("응답0: {0}\n응답1: {1}\n응답2: {2}\n응답3: {3}", {}),
        ("알겠습니다.\n**응답0:** {0} ###\n응답 1 : {1}\n###\n응답2：{2}\n###\n답변3: {3}", {}),
        ("응답0: {0}\n###\n응답1: {1}\n###\n응답3: {3}\n###", {2: "missing", 3: "out-of-turn"}),
        ("응답0: {0}\n###\n응답0: {1}\n###\n응답2: {2}\n###\n응답3: {3}\n###", {0: "twice", 1: "missing"}),
        ("응답0: {0}\n###\n응답2: {2}\n###\n응답1: {1}\n###\n응답3: {3}\n###", {1: "out-of-turn", 2: "out-of-turn"}),
        ("응답0: {0}\n###\n그리고 덧붙이면\n응답1: {1}\n###\n응답2: {2}\n###\n응답3: {3}", {0: "stray-text"}),
        ("응답0: {0}\n###\n응답1:\n###\n응답2: {2}\n###\n응답3: {3}\n###", {1: "empty"}),
        ("응답1: {0}\n###\n응답2: {1}\n###\n응답3: {2}\n###\n응답4: {3}\n###",
         {0: "missing", 1: "out-of-turn", 2: "out-of-turn", 3: "out-of-turn"}),
        ("도와드릴 수 없습니다.", {0: "missing", 1: "missing", 2: "missing", 3: "missing"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_surely_is_asked_again_alone(taught, said, alone):
    whole = said.format(*(right(record.question) for record in ROWS))
    results, aside, _ = taught(ROWS, teacher := Rule(lambda prompt, _: whole if tasks_of(prompt) else right(prompt)), batch=4)
    assert [record.answer for record in results] == [right(record.question) for record in ROWS] and not aside
    assert {place: record.tags["alone"] for place, record in enumerate(results) if "alone" in record.tags} == alone
    assert len(teacher.asked) == 1 + len(alone)


def test_headings_in_an_answer_are_part_of_it(taught):
    heading = "### 준비\n전세 계약서와 도장을 챙깁니다.\n### 확인\n등기부를 봅니다."
    rule = Rule(lambda prompt, _: f"응답0: {right(ROWS[0].question)}\n###\n응답1: {heading}\n###")
    results, _, _ = taught([ROWS[0], ROWS[3]], rule, batch=2)
    assert results[1].answer == heading and len(rule.asked) == 1


def test_of_an_answer_that_was_cut_only_the_end_is_asked_again(taught):
    def cut(prompt, _):
        whole = ten_tasks(prompt)
        return (whole[: whole.index("응답3") + 12], "length") if tasks_of(prompt) else whole

    results, _, _ = taught(ROWS, teacher := Rule(cut), batch=4)
    assert [record.tags.get("alone") for record in results] == [None, None, None, "length"] and len(teacher.asked) == 2


@pytest.mark.parametrize("failing", [seodang.Refused("no", reason="content_filter"), ("…", "refusal"), ""])
def test_a_batch_without_an_answer_is_asked_one_by_one(taught, failing):
    results, aside, _ = taught(ROWS, teacher := Rule(lambda text, _: failing if tasks_of(text) else right(text)), batch=4)
    assert len(results) == 4 and len(teacher.asked) == 5 and not aside
    assert {record.tags["alone"] for record in results} <= {"content_filter", "refusal", "empty"}


def test_answers_that_changed_places_are_asked_again_alone(taught):
    def exchanged(prompt, _):
        tasks = tasks_of(prompt)
        return numbered(prompt, lambda number, task: right(tasks[{0: 1, 1: 0}.get(number, number)])) if tasks else right(prompt)

    results, aside, _ = taught(ROWS, teacher := Rule(exchanged), batch=4)
    assert [record.answer for record in results] == [right(record.question) for record in ROWS] and not aside
    assert [record.tags.get("alone") for record in results] == ["answers-another", "answers-another", None, None]
    assert len(teacher.asked) == 3


def test_what_does_not_fit_alone_either_is_set_aside_with_the_reason(taught):
    results, aside, _ = taught(ROWS, teacher := Rule(always_bicycles), batch=4)
    assert [record.question for record in results] == [ROWS[1].question, ROWS[2].question, ROWS[3].question]
    assert [(id, code) for id, code, _ in aside] == [(ROWS[0].id, "answers-another")]
    assert "자전거" in aside[0][2], "the answer that was paid for is shown"
    assert len(teacher.asked) == 2, "once, and not again and again"


def always_bicycles(prompt, _):
    """Has nothing but bicycles to tell to whoever asks for kimchi, and something else to whoever asks for bicycles."""
    if not tasks_of(prompt):
        return ANSWERS["자전거"]
    said = {"김장": ANSWERS["자전거"], "자전거": "마개를 열고 공기 주입기를 씁니다."}
    return numbered(prompt, lambda number, task: next((text for word, text in said.items() if word in task), None) or right(task))


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_the_batch_that_spoilt_published_data_would_have_been_asked_again(taught):
    """Rows 70 to 79 of KoAlpaca v1.0 were one request; the last of them took over the nine others."""
    rows = json.loads((SHARED / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json").read_text(encoding="utf-8"))
    ten = [question(n, rows[n]["instruction"], input=rows[n]["input"]) for n in range(70, 80)]
    published = {number: rows[70 + number]["output"] for number in range(10)}
    alone = lambda prompt: f"{prompt} 이 부탁에 대한 답입니다."  # noqa: E731
    rule = Rule(lambda prompt, _: numbered(prompt, lambda number, _: published[number]) if tasks_of(prompt) else alone(prompt))
    results, aside, _ = taught(ten, rule, batch=10)
    again = [record.tags["position"] for record in results if "alone" in record.tags]
    assert len(again) + len(aside) >= 7, (again, aside)
    assert 9 not in again, "the row whose answer it was keeps it"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Step test: a judge chooses among samples, and a batch has one answer"),
        ("ko", "test 단계: 심사자는 여러 답 가운데 하나를"),
    ],
)
def test_a_judge_has_nothing_to_choose_in_a_batch(taught, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as caught:
        taught(ROWS, Rule(ten_tasks), judge=Rule(), batch=4)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Step test: there is no prompt for batches in the language 'xx'"), ("ko", "test 단계: 언어 'xx'에는 여러 과제를")],
)
def test_a_language_without_the_prompt_is_told(taught, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as caught:
        taught(ROWS, Rule(ten_tasks), language="xx", batch=4)
    assert str(caught.value).startswith(said)


def test_the_users_own_prompt_for_batches(taught):
    files = {"mine.txt": "{count}개에 '{output}0:'로 답하세요. {json}\n{tasks}"}
    taught(ROWS[:2], teacher := Rule(ten_tasks), batch=2, prompt="mine.txt", files=files)
    assert teacher.asked[0].messages[-1].text.startswith("2개에 '응답0:'로 답하세요. {json}\n명령어0: 김장")
    with pytest.raises(seodang.SeodangError, match="tasks"):
        taught(ROWS[:2], Rule(ten_tasks), batch=2, prompt="mine.txt", files={"mine.txt": "{question}"})
