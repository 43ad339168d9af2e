"""The repaired way: a dialogue keeps what it can, and says what was done to it."""

import json
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import make_context
from seodang_sharegpt import ShareGPTSeeds

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "sharegpt"


def turns(*spoken):
    """("human", "안녕"), … or texts that alternate."""
    known = ("human", "gpt")
    pairs = [said if isinstance(said, tuple) else (known[place % 2], said) for place, said in enumerate(spoken)]
    return [{"from": speaker, "value": text} for speaker, text in pairs]


@pytest.fixture
def clean(tmp_path):
    def clean(*dialogues, language="ko", **options):
        rows = [
            row if isinstance(row, dict) else {"id": f"d{number}", "conversations": row} for number, row in enumerate(dialogues)
        ]
        (tmp_path / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        made = msgspec.convert({"path": "rows.json", **options}, ShareGPTSeeds.Options)
        context = make_context(tmp_path, options=made, language=language)
        return list(ShareGPTSeeds(made).read(context)), [*context.quarantined, *context.dropped]

    return clean


def said(record):
    return [message.text for message in record.messages]


def test_a_short_korean_dialogue_is_as_good_as_any_other(clean):
    (record,), asides = clean(turns("안녕", "네"))
    assert said(record) == ["안녕", "네"] and record.tags == {"dialogue": "d0"} and not asides


def test_what_stands_before_the_first_question_and_behind_the_last_answer_is_cut_and_told(clean):
    (record,), _ = clean(turns(("gpt", "어서 오세요."), ("human", "질문"), ("gpt", "대답"), ("human", "고마워")))
    assert said(record) == ["질문", "대답"] and record.tags["cut_turns"] == 2


def test_a_dialogue_ends_before_the_round_in_which_a_turn_is_missing(clean):
    (record,), _ = clean(turns("하나", "1", "둘", "", "셋", "3"))
    assert said(record) == ["하나", "1"] and record.tags["cut_turns"] == 4
    _, asides = clean(turns("하나", "", "둘", "2"), {"conversations": [{"from": "human", "value": "가"}, {"from": "gpt"}]})
    assert [(aside.code, aside.detail) for aside in asides] == [
        ("missing-turn", "nothing is said in turn 2"),
        ("missing-turn", "nothing is said in turn 2"),
    ]
    assert asides[0].where == "rows.json[0]"


def test_two_turns_of_one_speaker_are_one_and_a_repeated_turn_too(clean):
    (record,), _ = clean(turns(("human", "표로"), ("human", "짧게"), ("gpt", "네"), ("gpt", "네")))
    assert said(record) == ["표로\n\n짧게", "네"] and record.tags["repairs"] == {"joined": 2} and "cut_turns" not in record.tags


def test_an_order_that_makes_no_sense_is_set_aside(clean):
    _, asides = clean(
        turns(("human", "a"), ("observation", "b"), ("gpt", "c")),
        turns(("human", "a"), ("gpt", "b"), ("system", "c"), ("human", "d"), ("gpt", "e")),
        turns(("gpt", "a"), ("gpt", "b")),
        turns(("human", "a"), ("human", "b")),
    )
    assert [aside.code for aside in asides] == ["wrong-order", "wrong-order", "no-question", "unanswered"]


def test_a_page_error_is_no_answer(clean):
    (record,), asides = clean(
        turns("하나", "1", "둘", "Too many requests in 1 hour. Try again later."), turns("셋", "!Too many requests in 1 hour. Try again later.")
    )  # fmt: skip
    assert said(record) == ["하나", "1"] and record.tags["cut_turns"] == 2
    assert [aside.code for aside in asides] == ["page-error"]


def test_line_ends_are_those_of_everybody_else(clean):
    (record,), _ = clean(turns("첫 줄\r\n둘째 줄", "답\r\n- 하나\r\n- 둘"))
    assert said(record) == ["첫 줄\n둘째 줄", "답\n- 하나\n- 둘"] and record.tags["repairs"] == {"line-ends": 2}


def test_tools_systems_and_other_columns_stay(clean):
    row = {
        "id": "t",
        "system": "짧게",
        "plugins": [{"name": "weather"}],
        "conversations": turns(
            ("human", "날씨?"),
            ("function_call", '{"name": "weather", "arguments": {}}'),
            ("observation", "맑음"),
            ("bing", "맑아요."),
        ),
        "tools": [{"name": "weather"}],
    }
    (record,), _ = clean(row)
    assert [message.role for message in record.messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert record.messages[2].calls[0].name == "weather" and record.tools == ({"name": "weather"},)
    assert record.tags == {"dialogue": "t", "plugins": True, "answered_by": ["bing"]}
    assert record.columns["plugins"] == [{"name": "weather"}]


def test_only_what_is_wholly_the_same_is_repeated_and_an_id_alone_is_told(clean):
    records, asides = clean(
        {"id": "a", "conversations": turns("질문", "대답")},
        {"id": "b", "conversations": turns("질문", "대답")},
        {"id": "a", "conversations": turns("질문", "대답", "더?", "네")},
    )
    assert [len(record.messages) for record in records] == [2, 4] and records[1].tags["repeated_id"] is True
    assert [(aside.code, aside.detail) for aside in asides] == [("repeated", "every turn is as in rows.json[0]")]


def test_korean_with_code_in_it_is_korean(clean):
    code = "```python\nfor line in open(path):\n    print(line)\n```"
    mixed = turns("Docker container에서 port 3000 열기", f"이렇게 하세요.\n\n{code}")
    english = turns("How do I open port 3000?", f"Like this.\n\n{code}")
    (record,), asides = clean(mixed, english, keep_languages=("ko",))
    assert record.tags["dialogue"] == "d0" and record.language == "ko"
    assert [(aside.code, aside.detail) for aside in asides] == [("language", "the dialogue is in none of ko")]
    (record,), asides = clean(mixed, english, skip_languages=("ko",))
    assert record.tags["dialogue"] == "d1" and [aside.detail for aside in asides] == ["the dialogue is in ko"]


def test_nothing_is_said_about_languages_unless_asked(clean):
    records, _ = clean(turns("How are you?", "Fine."))
    assert records[0].language == ""


def test_a_vendors_name_is_told_or_keeps_the_dialogue_out(clean):
    dialogue = turns("누가 만들었어?", "저는 오픈AI가 만든 챗GPT입니다.")
    (record,), _ = clean(dialogue)
    assert {"오픈AI", "챗GPT"} <= set(record.tags["blocked_words"])
    (record,), _ = clean(turns("서당이 뭐야?", "마을 학교야."), blocked_words=("서당",))
    assert record.tags["blocked_words"] == ["서당"]
    _, asides = clean(dialogue, blocked="drop")
    assert asides[0].code == "blocked-word" and "오픈AI" in asides[0].detail
    (record,), _ = clean(dialogue, blocked="keep")
    assert "blocked_words" not in record.tags


LOST = "할 일:\n1. 하나\n\n1. 둘\n\n1. 셋"


def test_a_list_that_lost_its_numbers_is_told_or_keeps_the_dialogue_out(clean):
    (record,), _ = clean(turns("목록", LOST))
    assert record.tags["restarting_list"] is True
    _, asides = clean(turns("목록", LOST), restarting_lists="drop")
    assert [aside.code for aside in asides] == ["restarting-list"]
    (record,), _ = clean(turns("목록", LOST), restarting_lists="keep")
    assert "restarting_list" not in record.tags


@pytest.mark.parametrize(
    "answer",
    [
        "# 가\n1. 하나\n\n# 나\n1. 하나",
        "설명\n```\n1. x\n1. y\n```",
        "표:\n1. 하나\n   이어짐\n2. 둘",
        "1. 하나\n그리고\n1. 또 하나",
    ],
)
def test_two_lists_and_numbered_code_have_lost_nothing(clean, answer):
    (record,), _ = clean(turns("목록", answer))
    assert "restarting_list" not in record.tags


def test_nine_equal_digits_keep_a_dialogue_out_where_that_is_wanted(clean):
    dialogue = turns("번호?", "1000000000입니다")
    assert len(clean(dialogue)[0]) == 1
    assert [aside.code for aside in clean(dialogue, repeated_digits=True)[1]] == ["repeated-digits"]


def test_every_row_is_kept_or_set_aside(clean):
    dialogues = [
        turns("a", "b"),
        turns("a"),
        turns("a", "b"),
        turns(("human", "x"), ("human", "y")),
        {"items": turns("c", "d")},
        {"x": 1},
    ]
    records, asides = clean(*dialogues)
    assert len(records) == 2 and len(asides) == 4
    assert records[1].tags["dialogue"] and len(records[1].tags["dialogue"]) == 32


def test_who_the_student_is_stands_behind_the_dialogues(clean):
    records, _ = clean(turns("질문", "대답"), identity={"name": "서당이", "author": "마을 학교", "repeat": 2})
    own = [record for record in records if record.tags.get("task") == "identity"]
    assert records[0].tags["dialogue"] == "d0" and len(own) == len(records) - 1 > 10
    texts = " ".join(text for record in own for text in said(record))
    assert "서당이" in texts and "마을 학교" in texts and "{name}" not in texts and "{author}" not in texts
    assert sum(1 for record in own if record.tags.get("repetition") == 2) == len(own) / 2


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
def test_every_row_of_the_real_files_is_accounted_for(tmp_path):
    expected = {
        "axolotl_fixture_conversation": (1, {}),
        "axolotl_fixture_conversation_missingturns": (0, {"missing-turn": 1}),
        "chatgpt_html_two_answers": (2, {}),
        "fastchat_dummy_conversation": (500, {}),
        "kovicuna_pair_en": (1, {}),
        "kovicuna_pair_ko_deepl": (1, {}),
        "llamafactory_glaive_toolcall_first_40": (39, {"repeated": 1}),
        "llamafactory_identity": (0, {"no-dialogue": 91}),
        "sharegpt_single_turn_a": (22, {}),
    }
    assert {path.stem for path in SHARED.glob("*.json")} == set(expected)
    for name, (kept, codes) in expected.items():
        content = json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))
        rows = content if isinstance(content, list) else [content]  # an example that somebody wrote over several lines
        (tmp_path / "rows.json").write_bytes((SHARED / f"{name}.json").read_bytes())
        options = ShareGPTSeeds.Options(path="rows.json")
        context = make_context(tmp_path, options=options, language="ko")
        records = list(ShareGPTSeeds(options).read(context))
        found = {code: sum(1 for aside in (*context.quarantined, *context.dropped) if aside.code == code) for code in codes}
        assert (len(records), found) == (kept, codes), name
        assert len(rows) == len(records) + len(context.quarantined) + len(context.dropped)
        assert all(isinstance(record, seodang.Record) for record in records)


def test_what_is_not_wanted_is_dropped_and_what_is_broken_is_quarantined(tmp_path):
    rows = [
        {
            "id": "a",
            "conversations": [{"from": "human", "value": "Hello there"}, {"from": "gpt", "value": "Hello, how are you?"}],
        },
        {"id": "b", "conversations": "nothing"},
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    options = ShareGPTSeeds.Options(path="rows.json", skip_languages=("en",))
    context = make_context(tmp_path, options=options, language="ko")
    assert list(ShareGPTSeeds(options).read(context)) == []
    assert [aside.code for aside in context.dropped] == ["language"]
    assert [aside.code for aside in context.quarantined] == ["no-dialogue"]
