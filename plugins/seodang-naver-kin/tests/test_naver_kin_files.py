"""The source "files": own exports in their shapes, answers, addresses, personal data, and what is set aside."""

import json
from pathlib import Path

import pytest
import seodang
from seodang.testing import SeedsContract, make_context
from seodang.wording import render
from seodang_naver_kin import NaverKin

SHARED = Path(__file__).parents[4] / "shared" / "data"
OWN = {
    "title": "가게 장부를 처음 씁니다",
    "body": "외상값은 어디에 적나요?",
    "answers": ["앞장에 적으세요.", {"text": "뒷장에 따로 적으세요.", "adopted": True, "date": "2023.04.06."}],
    "category": "세무",
    "date": "2023년 4월 5일",
    "url": "https://m.kin.naver.com/mobile/qna/detail.naver?dirId=402&docId=800000004&d1id=4&qb=abc",
    "views": 12,
}
URL = "https://kin.naver.com/qna/detail.naver?d1id=4&dirId=402&docId=800000004"


class TestFiles(SeedsContract):
    seeds = NaverKin
    options = {"path": "*.jsonl", "answers": "all"}
    files = {"kin.jsonl": json.dumps(OWN, ensure_ascii=False)}

    @pytest.fixture
    def new_context(self, place, make, small_korean):
        return lambda **changes: make_context(
            place, **{"language": "ko", "options": make().options, "locale": small_korean, **changes}
        )


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def codes(context) -> list[tuple[str, str]]:
    return [(each.where, each.code) for each in context.quarantined]


def test_a_thread_is_an_open_question_with_the_adopted_answer_beside_it(read):
    (record,), _ = read({"kin.jsonl": jsonl(OWN)})
    assert record.messages == (seodang.Message("user", "가게 장부를 처음 씁니다\n\n외상값은 어디에 적나요?"),)
    assert record.columns == {"views": 12, "answer": "뒷장에 따로 적으세요.", "url": OWN["url"]}
    assert record.tags == {
        "url": URL, "d1id": "4", "dirId": "402", "docId": "800000004", "category": "세무",
        "date": "2023-04-05", "answered": "2023-04-06", "answers": 2, "adopted": True,
    }  # fmt: skip


def test_the_adopted_answer_can_be_the_assistants_turn_and_all_can_be_ranked(read):
    (record,), _ = read({"kin.jsonl": jsonl(OWN)}, answers="adopted")
    assert record.answer == "뒷장에 따로 적으세요." and "answer" not in record.columns and not record.candidates
    (record,), _ = read({"kin.jsonl": jsonl(OWN)}, answers="all")
    assert record.answer == "뒷장에 따로 적으세요."
    assert [(each.message.text, each.rank) for each in record.candidates] == [
        ("앞장에 적으세요.", 2),
        ("뒷장에 따로 적으세요.", 1),
    ]


def test_without_an_adopted_answer_none_is_called_the_best(read):
    row = {"title": "무엇이 나을까요", "answers": ["하나", "둘"]}
    (record,), _ = read({"kin.jsonl": jsonl(row)}, answers="all")
    assert not record.answered and [each.rank for each in record.candidates] == [0, 0]
    assert record.tags == {"answers": 2}, "where the file does not say it, nothing is said of adoption"


@pytest.mark.parametrize(
    ("row", "chosen", "adopted"),
    [
        ({"title": "q", "answers": ["하나", "둘"], "adopted": 1}, "둘", True),
        ({"title": "q", "answers": ["하나", "둘"], "adopted": "둘"}, "둘", True),
        ({"title": "q", "answers": ["하나"], "adopted": "남의 답"}, "남의 답", True),
        ({"title": "q", "answer": "하나", "adopted": "Y"}, "하나", True),
        ({"title": "q", "answer": "하나", "adopted": 1}, "하나", True),
        ({"title": "q", "answer": "하나", "adopted": False}, None, False),
        ({"title": "q", "answer": "하나"}, "하나", None),
        ({"instruction": "q", "output": "하나"}, "하나", None),
        ({"질문": "q", "답변": "하나", "채택": "예"}, "하나", True),
        ({"title": "q", "answers": []}, None, None),
    ],
)
def test_adoption_is_said_in_several_ways(read, row, chosen, adopted):
    (record,), _ = read({"kin.jsonl": jsonl(row)})
    assert (record.columns.get("answer"), record.tags.get("adopted")) == (chosen, adopted)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"title": "q", "answers": ["하나", "둘"], "adopted": 2}, "unclear-adopted"),
        ({"title": "q", "answers": ["하나", "둘"], "adopted": True}, "unclear-adopted"),
        ({"title": "q", "answers": [{"text": "하나", "adopted": "글쎄"}]}, "unclear-adopted"),
        ({"title": "q", "answers": [17]}, "not-a-text"),
        ({"title": ["q"]}, "not-a-text"),
        ({"title": " ", "body": ""}, "no-question"),
        ({"label": 0}, "no-question"),
    ],
)
def test_what_cannot_be_read_surely_is_set_aside(read, row, code):
    records, context = read({"kin.jsonl": jsonl(row)})
    assert not records and codes(context) == [("kin.jsonl:1", code)]


def test_a_question_that_comes_again_is_set_aside_and_its_text_is_not_kept_there(read):
    again = {**OWN, "url": "https://kin.naver.com/qna/detail.nhn?docId=800000004&dirId=999", "title": "다른 제목"}
    records, context = read({"a.jsonl": jsonl(OWN), "b.jsonl": jsonl(again, {"title": "새 질문"})})
    assert len(records) == 2 and codes(context) == [("b.jsonl:1", "repeated")]
    assert context.quarantined[0].detail == "docId 800000004 stands at a.jsonl:1"


def test_shapes_like_korquads_are_unfolded(read):
    nested = {
        "title": "처마",
        "paragraphs": [
            {
                "context": "처마는 지붕의 끝이다.",
                "qas": [
                    {"id": "1", "question": "처마는 무엇인가?", "answers": [{"text": "지붕의 끝", "answer_start": 4}]},
                    {"id": "2", "question": "처마 밑은?", "answers": []},
                ],
            }
        ],
    }
    flat = {
        "title": "독",
        "context": "독은 크다.",
        "question": "독은 어떤가?",
        "answers": {"text": ["크다", "크다."], "answer_start": [3, 3]},
    }
    records, _ = read({"kor.jsonl": jsonl({"data": [nested]}, flat)})
    assert [(each.question, each.columns.get("answer")) for each in records] == [
        ("처마는 무엇인가?", "지붕의 끝"),
        ("처마 밑은?", None),
        ("독은 어떤가?", "크다"),
    ]
    assert records[0].columns["title"] == "처마" and records[0].columns["context"] == "처마는 지붕의 끝이다."


def test_columns_of_other_names_are_mapped(read):
    (record,), _ = read({"kin.jsonl": jsonl({"Q": "하나?", "A": "하나.", "label": 3})}, map={"question": "Q", "answer": "A"})
    assert record.question == "하나?" and record.columns == {"label": 3, "answer": "하나."}


def test_a_csv_in_cp949_is_read(read):
    table = '제목,본문,답변,채택,작성일,작성자\r\n똠방각하가 누구예요,"줄이\r\n둘",소설입니다,1,2009-01-02,훈장\r\n'
    (record,), _ = read({"kin.csv": table.encode("cp949")}, encoding="cp949")
    assert record.question.splitlines()[0] == "똠방각하가 누구예요" and record.tags["date"] == "2009-01-02"
    assert record.columns == {"answer": "소설입니다"} and record.tags["masked"] == {"writer-column": 1}


def test_personal_data_has_one_name_in_a_whole_thread_and_is_counted(read):
    row = {
        "title": "010-1234-5678 로 연락 주세요",
        "body": "메일은 dokkaebi@seodang.example 입니다",
        "answers": ["010 1234 5678 로 보냈고 dokkaebi@seodang.example 에도, 010-9999-0000 에도 보냈습니다."],
        "memo": {"전화": ["010-9999-0000"], "writer": "도깨비"},
    }
    (record,), _ = read({"kin.jsonl": jsonl(row)}, answers="all")
    assert record.question == "<전화번호_1> 로 연락 주세요\n\n메일은 <이메일_1> 입니다"
    assert record.candidates[0].message.text == "<전화번호_1> 로 보냈고 <이메일_1> 에도, <전화번호_2> 에도 보냈습니다."
    assert record.columns == {"memo": {"전화": ["<전화번호_2>"]}}
    assert record.tags["masked"] == {"email": 2, "mobile": 4, "writer-column": 1}


def test_another_thread_begins_its_names_anew(read):
    rows = [{"title": f"010-1111-000{number} 누구 번호인가요"} for number in (1, 2)]
    records, _ = read({"kin.jsonl": jsonl(*rows)})
    assert [each.question for each in records] == ["<전화번호_1> 누구 번호인가요"] * 2


def test_without_a_mask_the_rows_are_personal():
    assert NaverKin(NaverKin.Options(path="*", mask=False)).personal
    assert not NaverKin(NaverKin.Options(path="*")).personal


def test_without_a_mask_nothing_is_changed(read):
    row = {"title": "010-1234-5678", "writer": "도깨비"}
    (record,), _ = read({"kin.jsonl": jsonl(row)}, mask=False)
    assert record.question == "010-1234-5678" and record.columns == {"writer": "도깨비"} and "masked" not in record.tags


def test_a_language_without_patterns_masks_nothing_in_silence(tmp_path, locale):
    kin = NaverKin(NaverKin.Options(path="*"))
    context = make_context(tmp_path, options=kin.options, language="ko", locale=locale)
    with pytest.raises(seodang.DataError) as caught:
        kin.read(context)
    assert render(caught.value.code, caught.value.facts, "en") == (
        "Step test masks personal data, but the language 'ko' has no patterns of it, so nothing would be found. Install its "
        "locale, or set mask = false: the rows then reach no other computer."
    )
    assert render(caught.value.code, caught.value.facts, "ko") == (
        "test 단계에서 개인정보를 가리려 하지만 'ko' 언어에 개인정보 패턴이 없어 아무것도 찾지 못합니다. 그 언어의 로캘을 "
        "설치하거나 mask = false로 두세요. 그러면 행이 다른 컴퓨터로 나가지 않습니다."
    )


def test_terms_and_rights_go_along():
    kin = NaverKin(NaverKin.Options(path="*", licence="CC-BY-NC-4.0"))
    assert kin.terms == ("LicenseRef-naver-kin", "CC-BY-NC-4.0") and (kin.network, kin.secrets) == ((), ())


def test_rights_and_the_day_are_noted(read):
    (record,), _ = read({"kin.jsonl": jsonl({"title": "질문"})}, rights="글쓴이들의 동의서 2024-3", retrieved="2024.3.2.")
    assert record.tags == {"rights": "글쓴이들의 동의서 2024-3", "retrieved": "2024-03-02"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": "*", "sort": "date", "queries": ("하나",)}, "queries, sort cannot be used with source = 'files'"),
        (
            {"source": "search", "queries": ("하나",), "path": "*", "map": {"a": "b"}},
            "path, map cannot be used with source = 'search'",
        ),
        ({}, "source = 'files' needs path"),
        ({"source": "search"}, "source = 'search' needs queries or queries_path"),
    ],
)
def test_options_of_the_other_source_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        NaverKin.Options(**options)


def test_the_same_in_korean():
    facts = {"options": ["queries", "sort"], "source": "files"}
    assert render("seodang_naver_kin:other-source", facts, "ko") == "queries, sort는 source = 'files'일 때 쓸 수 없습니다"
    assert render("seodang_naver_kin:needs-path", {}, "ko") == "source = 'files'에는 path가 필요합니다"
    assert render("seodang_naver_kin:needs-queries", {}, "ko") == "source = 'search'에는 queries나 queries_path가 필요합니다"


@pytest.mark.shared_data
def test_the_rows_of_koalpaca_are_read():
    place = SHARED / "koalpaca_v1_1"
    if not place.is_dir():
        pytest.skip("real data is not beside this checkout")
    options = NaverKin.Options(path="KoAlpaca_v1.1_first_2_rows.jsonl", answers="adopted", licence="CC-BY-NC-4.0", mask=False)
    records = list(NaverKin(options).read(make_context(place, options=options, language="ko")))
    assert [each.tags["docId"] for each in records] == ["55320268", "47833655"]
    assert records[0].question == "양파는 어떤 식물 부위인가요? 그리고 고구마는 뿌리인가요?"
    assert records[0].tags["url"] == "https://kin.naver.com/qna/detail.naver?d1id=11&dirId=1116&docId=55320268"
    assert all(each.answered and "adopted" not in each.tags and not each.columns for each in records)


@pytest.mark.shared_data
def test_a_csv_of_questions_that_are_not_kins_is_read_by_a_map():
    place = SHARED / "chatbot_qna_ko"
    if not place.is_dir():
        pytest.skip("real data is not beside this checkout")
    options = NaverKin.Options(path="*.csv", map={"question": "Q", "answer": "A"}, answers="adopted", mask=False)
    context = make_context(place, options=options, language="ko")
    records = list(NaverKin(options).read(context))
    assert len(records) == 5911 and not context.quarantined and all(each.answered for each in records)
