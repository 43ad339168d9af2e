"""How answers are read: the forms of chat models, several tasks in one answer, and what nobody should write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import seodang
from seodang.testing import make_context

sys.path.insert(0, str(Path(__file__).parent))
from seodang_self_instruct import SelfInstruct
from seodang_self_instruct.batches import behind_marks
from seodang_self_instruct.found import Instance
from seodang_self_instruct.own_texts import Texts
from seodang_self_instruct.reading import bare, listed, says
from seodang_self_instruct.repaired import Repaired
from seodang_self_instruct.shots import Shots
from taught import MARKED, Fluent, Saying, teach, words
from taught import says as answer

A_LIST = "새 지시문"
INPUTS = "필요한 입력을 지어낸 다음"
LABELS = "먼저 나올 수 있는 답을 하나 고르고"
KIND = "분류 과제인지"


def way(tmp_path: Path, language: str = "ko", **options: object) -> Repaired:
    return Repaired(SelfInstruct(SelfInstruct.Options(**options)), make_context(tmp_path, language=language))


@pytest.mark.parametrize(
    ("said", "kind"),
    [("예", True), ("예.", True), ("네, 분류입니다.", True), ("**아니요**", False), ("아니오", False), ("분류: 예", True),
     ("예를 들면", None), ("모르겠습니다", None), ("", None)],
)  # fmt: skip
def test_yes_and_no_are_read_as_chat_models_say_them(said, kind):
    assert says(said, ("예", "네", "그렇습니다"), ("아니요", "아니오", "아닙니다"), ("분류", "라벨")) is kind


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1. 하나\n2) 둘\n3 ． 셋\n**4.** 넷", ["하나", "둘", "셋", "넷"]),
        ("말씀하신 것입니다:\n\n9. 하나\n   이어지는 말\n\n10. 둘\n\n끝입니다.", ["하나 이어지는 말", "둘"]),
        ("- 하나\n• 둘", ["하나", "둘"]),
        ("9. 하나\n---\n10. 둘", ["하나", "둘"]),
        ("도와드릴 수 없습니다.", []),
    ],
)
def test_lists_are_read_in_the_forms_that_chat_models_use(text, items):
    assert listed(text) == items


def test_an_instruction_is_freed_of_what_stands_around_it():
    assert bare('**명령어: "밥을 짓는 법을 알려 주세요."**', ("명령어",)) == '"밥을 짓는 법을 알려 주세요."'
    assert bare("“밥을 짓는 법을 알려 주세요.”", ("명령어",)) == "밥을 짓는 법을 알려 주세요."
    assert bare('"밥"과 "떡"', ("명령어",)) == '"밥"과 "떡"'


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("ko", "하나\n응답: 둘", [("하나", "둘")]),
        ("ko", "입력: 하나\n응답: 둘\n셋", [("하나", "둘\n셋")]),
        ("ko", "<입력 없음>\n응답: 둘", [("", "둘")]),
        ("ko", "응답: 둘", [("", "둘")]),
        (
            "ko",
            "하나\n응답: 둘\n\n예 2:\n입력: 셋\n응답: 넷\n\n명령어: 딴 일\n입력: 다섯\n응답: 여섯",
            [("하나", "둘"), ("셋", "넷")],
        ),
        ("ko", "**입력:** 하나\n**응답:** 둘", [("하나", "둘")]),
        ("ko", "응답 1: 하나\n응답 2: 둘", [("", "하나"), ("", "둘")]),
        ("en", "one\nOutput: two\n\nExample 2\nInput: three\nOutput: four", [("one", "two"), ("three", "four")]),
        ("ja", "入力なし\n応答: 二", [("", "二")]),
        ("zh", "一\n输出：二", [("一", "二")]),
    ],
)
def test_inputs_and_outputs_are_read_in_every_language(tmp_path, language, text, found):
    locale = make_context(tmp_path, language=language).locale
    shots = Shots(Texts(locale), locale.shots)
    assert shots.instances(text, labelled=False) == [Instance(*pair) for pair in found]


class TestBatches:
    """Several tasks in one question."""

    def test_each_row_tells_its_batch_and_its_place(self, tmp_path):
        teacher = Fluent()
        done = teach(tmp_path, teacher, count=16, batch=8)
        assert len(done.rows) == 16
        assert len([request for request in teacher.asked if MARKED.search(request.messages[-1].text)]) == 4
        for row in done.rows:
            assert row.answer == " ".join(words(row.question, "answer")), "each has its own answer"
            first = 1 if row.tags["number"] <= 8 else 9
            assert (row.tags["batch"], row.tags["position"]) == (f"grow-{first}-input-first", row.tags["number"] - first)

    def test_an_answer_that_slipped_by_one_place_is_not_taken(self, tmp_path):
        def slipped(request: seodang.Request) -> str:
            marked = MARKED.findall(request.messages[-1].text)
            answers = [f"입력: 하나\n응답: {' '.join(words(task))}" for _, task in marked]
            wrong = [mark.replace(f"[{place}-", f"[{place + 1}-") for place, (mark, _) in enumerate(marked[:-1], 1)]
            return "\n".join(f"{mark}\n{text}" for mark, text in zip([marked[0][0], *wrong], answers, strict=True))

        done = teach(tmp_path, Saying({"이제 할 명령어입니다": slipped}), count=4, batch=4, per_round=1)
        assert [row.tags["number"] for row in done.rows] == [1]
        assert [code for code, _, _ in done.drops if code != "over-count"] == ["wrong-mark"] * 3

    def test_what_is_missing_doubled_or_cut_is_told(self):
        marks = ["[1-aaaa]", "[2-bbbb]", "[3-cccc]", "[4-dddd]"]
        text = "**[1-aaaa]** 예\n[2-bbbb] 아니요\n[2-bbbb] 예\n[4-bbbb] 예\n[9-aaaa] 예"
        found, missing = behind_marks(text, marks)
        assert {number: said for number, (_, said) in found.items()} == {1: "예"}
        assert {number: (left.code, left.detail) for number, left in missing.items()} == {
            2: ("two-answers", "[2-bbbb]"),
            3: ("no-answer", "[3-cccc]"),
            4: ("wrong-mark", "[4-bbbb]"),
        }

    def test_only_the_last_task_of_an_answer_that_was_cut_off_loses_an_instance(self, tmp_path):
        class Cut(Fluent):
            def said(self, request, text):
                said = super().said(request, text)
                return answer(said, "length") if "이제 할 명령어입니다" in text else said

        done = teach(tmp_path, Cut(), count=4, batch=4, per_round=1)
        assert [row.tags["number"] for row in done.rows] == [1, 2, 3]
        assert [result.record.tags["number"] for result in done.results if getattr(result, "code", "") == "cut"] == [4]

    def test_a_whole_answer_that_failed_is_told_of_each_task(self, tmp_path):
        done = teach(tmp_path, Saying({"이제 판단할 명령어입니다": answer("", "content_filter")}), count=4, batch=4, per_round=1)
        assert done.rows == [] and done.codes == {"content_filter": 4, "over-count": 4}

    def test_labels_come_from_their_own_question(self, tmp_path):
        def kinds(request: seodang.Request) -> str:
            return "\n".join(
                f"{mark} {'예' if place % 2 else '아니요'}"
                for place, (mark, _) in enumerate(MARKED.findall(request.messages[-1].text))
            )

        def labels(request: seodang.Request) -> str:
            return "\n".join(
                f"{mark}\n분류: 맞음\n입력: {words(task)[0]}" for mark, task in MARKED.findall(request.messages[-1].text)
            )

        said = {"이제 판단할 명령어입니다": kinds, r"글을 몇 가지 가운데 하나로 나누라는[\s\S]*이제 할": labels}
        done = teach(tmp_path, Saying(said), count=4, batch=4, per_round=1)
        assert [(row.tags["number"], row.tags["classification"], row.answer == "맞음") for row in done.rows] == [
            (1, False, False), (2, True, True), (3, False, False), (4, True, True),
        ]  # fmt: skip
        assert [row.tags["position"] for row in done.rows] == [0, 0, 1, 1]


@pytest.mark.parametrize("unit", ["1. ", "*", "_", "응답:", "응답", "[1-aaaa]", "예 ", "# ", "\n", "“", "분류: ", "가"])
def test_hostile_answers_cost_little(tmp_path, unit):
    from time import process_time

    text = unit * (200_000 // len(unit))
    repaired = way(tmp_path)
    locale = make_context(tmp_path, language="ko").locale
    shots = Shots(Texts(locale), locale.shots)
    begun = process_time()
    list(repaired.items(answer(text), 8))
    for labelled in (False, True):
        shots.instances(text, labelled=labelled)
    says(text, ("예",), ("아니요",), ("분류",))
    behind_marks(text, ["[1-aaaa]"])
    assert process_time() - begun < 5
