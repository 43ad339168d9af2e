"""The repaired variant: the recipe's language, what chat models write, reasons for everything that is not kept."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render

sys.path.insert(0, str(Path(__file__).parent))
from seodang_self_instruct import SelfInstruct
from seodang_self_instruct.found import Left
from seodang_self_instruct.repaired import Repaired
from taught import NEW, Fluent, Saying, seed_records, sentence, teach
from taught import says as answer

A_LIST = "새 지시문"
INPUTS = "필요한 입력을 지어낸 다음"
LABELS = "먼저 나올 수 있는 답을 하나 고르고"
KIND = "분류 과제인지"


def way(tmp_path: Path, language: str = "ko", **options: object) -> Repaired:
    return Repaired(SelfInstruct(SelfInstruct.Options(**options)), make_context(tmp_path, language=language))


def test_the_pool_grows_and_shows_what_it_has_grown(tmp_path):
    teacher = Fluent()
    done = teach(tmp_path, teacher, count=100, per_round=2)
    tasks = {row.tags["number"]: row for row in done.rows}
    assert [*tasks] == [*range(1, 101)] and len(done.rows) == 100
    lists = [request.messages[-1].text for request in teacher.asked if NEW.search(request.messages[-1].text)]
    shown = [re.findall(r"^\d\. (.*)$", text, re.M) for text in lists]
    assert all(len(some) == 8 for some in shown)
    grown = {row.question: number for number, row in tasks.items()}
    machine = [[grown[text] for text in some if text in grown] for some in shown]
    assert machine[:2] == [[], []] and all(len(some) == 2 for some in machine[2:])
    for row in tasks.values():
        assert len(row.parents) == (8 if row.tags["round"] == 1 else 6)
        assert set(row.tags.get("shown", ())) == set(machine[row.tags["request"] - 1])
        assert max(row.tags.get("shown", [0])) < row.tags["number"]
    assert {tasks[number].tags["item"] for number in range(1, 9)} == {*range(8)}
    assert done.context.figures == {"tasks": 100, "rounds": 7, "requests": 14}


def test_another_seed_draws_others_and_the_same_the_same(tmp_path):
    places = [tmp_path / name for name in "abc"]
    for place in places:
        place.mkdir()
    first, again, other = (
        teach(place, Fluent(), count=20, seed=seed).rows for place, seed in zip(places, (1, 1, 2), strict=True)
    )
    assert first == again != other


def test_more_are_asked_for_without_buying_the_first_again(tmp_path):
    before, after = Fluent(), Fluent()
    some = teach(tmp_path, before, count=50).rows
    more = teach(tmp_path, after, count=150).rows
    assert more[:50] == some
    known = {request.messages[-1].text for request in before.asked}
    assert not known & {request.messages[-1].text for request in after.asked}


def test_what_is_not_kept_of_a_list_has_its_reason(tmp_path):
    long = "아주 " * 400 + "긴 이야기를 줄여 주세요."
    said = f"""물론입니다! 새 지시문입니다.

9. **{sentence("a")}**
10. 명령어: {sentence("b")}
11. 써라
12. {long}
13. 이 사진에 어울리는 제목을 지어 주세요.
14. 파이썬으로 달력을 만드는 프로그램을 작성해 주세요.
15. - 장보기 목록을 만들어 주세요.
16. Write a short poem about the sea.
17. {sentence("a")}
18. {sentence("c")}

더 필요하시면 말씀해 주세요."""
    done = teach(tmp_path, Saying({A_LIST: said}), count=2, per_round=1)
    assert [row.question for row in done.rows] == [sentence("a"), sentence("b")]
    told = [(code, detail) for code, detail, _ in done.drops]
    assert told == [
        ("too-short", "2 < 4"),
        ("too-long", f"{len(long)} > 600"),
        ("unsuitable", "사진"),
        ("asks-for-program", "프로그램을 작성"),
        ("bad-beginning", "-"),
        ("other-language", ""),
        ("too-similar", "1.000"),
        ("over-count", "2"),
    ]
    similar = next(result for result in done.results if isinstance(result, seodang.Drop) and result.code == "too-similar")
    assert similar.other == sentence("a") and similar.record.parents and similar.record.tags["item"] == 8


def test_a_task_like_a_seed_names_the_seed(tmp_path):
    done = teach(tmp_path, Saying({A_LIST: f"9. {sentence('seed', 3)}\n10. {sentence('new')}"}), count=1, per_round=1)
    (similar,) = (result for result in done.results if isinstance(result, seodang.Drop))
    assert (similar.code, similar.other) == ("too-similar", "seed-3")


def test_a_reason_can_be_left_out(tmp_path):
    said = "9. 파이썬으로 달력을 만드는 프로그램을 작성해 주세요.\n10. 이 사진에 어울리는 제목을 지어 주세요."
    done = teach(tmp_path, Saying({A_LIST: said}), count=1, per_round=1, without=["asks-for-program"])
    assert [row.question for row in done.rows] == ["파이썬으로 달력을 만드는 프로그램을 작성해 주세요."]
    assert done.codes == {"unsuitable": 1}


def test_capitals_stay_and_of_a_cut_list_only_the_last_item_goes(tmp_path):
    said = answer("9. Explain what NASA does in Florida today\n10. Recommend a novel about the se", "length")
    done = teach(tmp_path, Saying({"We are collecting instructions": said}), language="en", count=1, per_round=1)
    assert ("cut", "", "Recommend a novel about the se") in done.drops
    assert not [drop for drop in done.drops if "NASA" in drop[2] and drop[0] != "no-instances"]
    way_of_english = way(tmp_path, "en")
    assert [*way_of_english.items(said, 8)] == [
        "Explain what NASA does in Florida today",
        Left("cut", text="Recommend a novel about the se"),
    ]


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        (answer("", "stop"), "empty", ""),
        (answer("죄송하지만", "content_filter"), "content_filter", "죄송하지만"),
        (answer("죄송하지만 만들 수 없습니다."), "no-items", "죄송하지만 만들 수 없습니다."),
    ],
)
def test_an_answer_without_a_list_is_accounted_for_as_a_whole(tmp_path, said, code, text):
    done = teach(tmp_path, Saying({A_LIST: said}), count=5, per_round=2, patience=1)
    assert done.rows == [] and [(one, what) for one, _, what in done.drops] == [(code, text)] * 2


class Refusing(Fluent):
    """Refuses every second question for new tasks for good."""

    def said(self, request, text):
        if NEW.search(text) and sum(1 for asked in self.asked if NEW.search(asked.messages[-1].text)) % 2:
            raise seodang.Refused("not this one", reason="http-400")
        return super().said(request, text)


def test_a_refused_question_takes_its_place_and_the_rounds_go_on(tmp_path):
    done = teach(tmp_path, Refusing(), count=20, per_round=2)
    assert len(done.rows) == 20 and done.codes["http-400"] >= 2
    again = Fluent()
    assert teach(tmp_path, again, count=20, per_round=2).results == done.results and not again.asked


def test_rounds_that_bring_nothing_new_end_it_and_say_so(tmp_path, monkeypatch):
    said = "\n".join(f"{number}. {sentence('always', number)}" for number in range(9, 14))
    done = teach(tmp_path, Saying({A_LIST: said}), count=1000, per_round=2, patience=2)
    assert len(done.rows) == 5 and done.context.figures["rounds"] == 3
    assert done.codes == {"too-similar": 25}
    facts = {"step": "grow", "kept": 5, "count": 1000, "rounds": 2}
    english, korean = (render("seodang_self_instruct:ran-dry", facts, language) for language in ("en", "ko"))
    assert done.context.warned in ([english], [korean])
    assert english == (
        "Step grow has 5 of 1,000 new instructions and stopped: 2 rounds in a row brought nothing new. "
        "Add seeds, raise threshold, or ask another teacher."
    )
    assert korean == (
        "grow 단계가 새 지시문 1,000개 가운데 5개를 만들고 멈췄습니다. 잇달아 2번 새로운 것이 나오지 않았습니다. "
        "씨앗을 늘리거나, threshold를 높이거나, 다른 교사에게 물어보세요."
    )


def test_a_draw_that_comes_again_asks_for_another_sample(tmp_path):
    teacher = Fluent()
    done = teach(tmp_path, teacher, seed_records(1), count=30, per_round=3, machine=0)
    lists = [request for request in teacher.asked if NEW.search(request.messages[-1].text)]
    assert len({request.messages[-1].text for request in lists}) == 1
    assert [request.sample for request in lists] == [*range(len(lists))] and len(done.rows) == 30


def test_progress_tells_how_many_there_are_of_how_many(tmp_path):
    done = teach(tmp_path, Fluent(), count=20)
    assert done.context.progressed[-1] == (20, 20)
    assert [tasks for tasks, _ in done.context.progressed] == sorted(tasks for tasks, _ in done.context.progressed)


def test_similarities_are_kept_where_they_are_wanted(tmp_path):
    done = teach(tmp_path, Fluent(), count=6, most_similar=4)
    for row in done.rows:
        assert len(row.tags["most_similar"]) == 4 and 0 <= row.tags["mean_similarity"] < 0.7
        scores = [score for _, score in row.tags["most_similar"]]
        assert scores == sorted(scores, reverse=True) and scores[0] <= 0.7
    assert "most_similar" not in teach(tmp_path, Fluent(), count=6).rows[0].tags


def test_classifications_get_labels_with_texts_and_others_inputs_with_outputs(tmp_path):
    review = "다음 가게 후기가 칭찬인지 불평인지 고르세요."
    teacher = Saying(
        {
            A_LIST: f"9. {review}\n10. {sentence('new')}",
            rf"{KIND}[\s\S]*{re.escape(review)}\n분류:$": "분류: **예**.",
            LABELS: "칭찬\n입력: 국물이 시원합니다.\n\n예 2\n분류: 불평\n입력: 음식이 식었습니다.\n---",
        }
    )
    done = teach(tmp_path, teacher, count=2, per_round=1)
    labelled = [row for row in done.rows if row.question == review]
    assert [(row.input, row.answer) for row in labelled] == [
        ("국물이 시원합니다.", "칭찬"),
        ("음식이 식었습니다.", "불평"),
    ]
    assert [(row.tags["classification"], row.tags["instance"]) for row in labelled] == [(True, 0), (True, 1)]
    (other,) = (row for row in done.rows if row.question != review)
    assert other.input and other.answer and other.tags["classification"] is False and "instance" not in other.tags
    kinds = [request.messages[-1].text for request in teacher.asked if KIND in request.messages[-1].text]
    assert len(kinds) == 2 and all(text.count("\n분류: 예\n") == 12 and text.count("\n분류: 아니요\n") == 19 for text in kinds)
    (labels,) = (request.messages[-1].text for request in teacher.asked if LABELS in request.messages[-1].text)
    assert labels.count("명령어: ") == 17 and "모두 5개까지" in labels
    (inputs,) = (request.messages[-1].text for request in teacher.asked if INPUTS in request.messages[-1].text)
    assert inputs.count("명령어: ") == 12 and "5개까지" in inputs and "<입력 없음>" in inputs


def test_who_says_neither_is_asked_for_inputs_and_the_row_tells(tmp_path):
    done = teach(tmp_path, Saying({KIND: "모르겠습니다"}), count=2)
    assert [(row.tags["classification"], row.tags["classification_unread"]) for row in done.rows] == [(False, True)] * 2


def test_a_text_without_an_output_has_no_instance(tmp_path):
    done = teach(tmp_path, Saying({INPUTS: "죄송하지만 도와드릴 수 없습니다."}), count=2)
    assert done.rows == [] and done.codes == {"no-instances": 2, **{k: v for k, v in done.codes.items() if k != "no-instances"}}
    left = next(result for result in done.results if isinstance(result, seodang.Drop) and result.code == "no-instances")
    assert left.record.answer == "죄송하지만 도와드릴 수 없습니다." and left.record.tags["number"] == 1


def test_instances_that_are_not_kept_have_their_reasons(tmp_path):
    long = "길다 " * 3000
    said = (
        f"{long}\n응답: 하나\n입력: 둘\n응답: {long}\n입력: 셋\n응답: 셋\n입력: 넷\n응답: 다음과 같습니다：\n입력: 다섯\n응답: 여섯\n"
        "입력: 다섯\n응답: 여섯\n입력: 일곱\n응답: 여덟\n입력: 아홉\n응답: 열"
    )
    done = teach(tmp_path, Saying({INPUTS: said}), count=1, per_round=1, new_per_request=1, max_instances=2)
    assert len(done.rows) == 2 and {(row.input, row.answer) for row in done.rows} < {
        ("다섯", "여섯"),
        ("일곱", "여덟"),
        ("아홉", "열"),
    }
    assert [code for code, _, _ in done.drops] == [
        "input-too-long", "answer-too-long", "input-is-output", "ends-with-colon", "repeated-instance", "over-instances",
    ]  # fmt: skip


def test_contradictory_instances_go_all(tmp_path):
    done = teach(tmp_path, Saying({INPUTS: "하나\n응답: 둘\n입력: 하나\n응답: 셋"}), count=1, per_round=1, new_per_request=1)
    assert done.rows == [] and done.codes == {"contradictory": 2}


def test_two_labels_without_a_text_contradict_each_other(tmp_path):
    teacher = Saying({KIND: "예", LABELS: "분류: 맞음\n분류: 틀림"})
    done = teach(tmp_path, teacher, count=1, per_round=1, new_per_request=1)
    assert done.rows == [] and done.codes == {"contradictory": 2}


def test_your_own_prompts_and_system_are_asked_with(tmp_path):
    files = {
        "new.txt": "{examples}\n{first}번부터 {count}개",
        "kind.txt": "분류인가? {instruction}",
        "inputs.txt": "채워라: {instruction} ({count})",
    }
    teacher = Saying({"번부터": f"9. {sentence('new')}", "^분류인가": "아니요", "^채워라": "하나\n응답: 둘"})
    options = {"prompt": "new.txt", "classification_prompt": "kind.txt", "input_first_prompt": "inputs.txt"}
    done = teach(
        tmp_path, teacher, count=1, per_round=1, files=files, system="너는 훈장이다.", instance_temperature=0.0, **options
    )
    assert [(row.question, row.answer) for row in done.rows] == [(sentence("new"), "둘")]
    new, kind, inputs = teacher.asked
    assert all(request.messages[0] == seodang.Message("system", "너는 훈장이다.") for request in teacher.asked)
    assert new.messages[-1].text.endswith("\n9번부터 8개") and new.temperature is None
    assert (kind.messages[-1].text, kind.temperature) == (f"분류인가? {sentence('new')}", 0.0)
    assert inputs.messages[-1].text == f"채워라: {sentence('new')} (5)"


def test_a_prompt_without_its_place_is_refused(tmp_path):
    with pytest.raises(seodang.DataError) as error:
        teach(tmp_path, Fluent(), count=1, files={"kind.txt": "분류인가?"}, classification_prompt="kind.txt")
    assert error.value.code == "prompts.missing-place" and "{instruction}" in str(error.value)


def test_more_classifications_are_grown_from_classifications(tmp_path):
    records = [
        *seed_records(4, classification=True),
        *[seodang.single_turn("나머지 일", id="other", tags={"classification": False})],
    ]
    teacher = Fluent()
    done = teach(tmp_path, teacher, records, count=3, classification_only=True, machine=0)
    assert all("other" not in row.parents and len(row.parents) == 4 for row in done.rows)
    assert "정해진 답 가운데 하나를 고르게 하는" in teacher.asked[0].messages[-1].text


def test_seeds_without_an_instruction_are_dropped_and_others_go_on_where_wanted(tmp_path):
    records = [*seed_records(2), seodang.Record(id="mute", messages=())]
    done = teach(tmp_path, Fluent(), records, count=1, include_seeds=True)
    assert [row.id for row in done.rows] == ["", "seed-0", "seed-1"], "at the end: until then they pass on their terms"
    assert next((result.code, result.id) for result in done.results if isinstance(result, seodang.Drop)) == (
        "no-instruction",
        "mute",
    )


def test_nothing_to_begin_with_is_told(tmp_path):
    done = teach(tmp_path, Fluent(), [])
    assert done.results == [] and done.context.warned[0].startswith(
        ("Step grow was given no instruction", "grow 단계가 바탕으로")
    )


def test_a_language_without_a_locale_is_told_what_is_missing(tmp_path):
    with pytest.raises(seodang.SeodangError) as error:
        teach(tmp_path, Fluent(), language="fr", count=1)
    facts = error.value.facts
    assert render(error.value.code, facts, "en") == (
        "The lesson self-instruct needs markers['instruction'] of the locale fr, which has none. "
        'Use variant = "faithful" (English), or a locale that has it.'
    )
    assert render(error.value.code, facts, "ko").startswith(
        "self-instruct 수업에는 fr 로캘의 markers['instruction'] 항목이 필요한데 없습니다."
    )


@pytest.mark.parametrize(
    ("options", "english", "korean"),
    [
        ({"human": 0, "machine": 0}, "human and machine cannot both be 0", "human과 machine이 모두 0일 수는 없습니다"),
        ({"batch": 4, "input_first_prompt": "a.txt"}, "input_first_prompt ask about one task", "프롬프트는 과제 하나를 묻는데"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, english, korean, monkeypatch):
    for language, said in (("en", english), ("ko", korean)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(ValueError, match=said):
            SelfInstruct.Options(**options)


def test_what_it_will_ask_is_told_before(tmp_path):
    lesson = SelfInstruct(SelfInstruct.Options(count=600))
    expected = lesson.estimate(175, make_context(tmp_path, language="ko", options=lesson.options))
    assert expected is not None and expected.rows == 3000
    assert [one.times for one in expected.questions] == [104, 600, 450, 150]
    assert lesson.estimate(0, make_context(tmp_path, language="ko", options=lesson.options)) is None
    batches = SelfInstruct(SelfInstruct.Options(count=600, batch=10))
    told = batches.estimate(175, make_context(tmp_path, language="ko", options=batches.options))
    assert told is not None and [one.times for one in told.questions] == [104, 60, 45, 15]
    faithful = SelfInstruct(SelfInstruct.Options(count=600, variant="faithful"))
    told = faithful.estimate(175, make_context(tmp_path, language="ko", options=faithful.options))
    assert told is not None and sum(one.times for one in told.questions) == 115 + 600 + 600
