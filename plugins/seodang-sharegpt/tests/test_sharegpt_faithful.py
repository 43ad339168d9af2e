"""FastChat's rules, one golden decision each. The same rules are compared with FastChat itself in the tests of seodang-bench."""

import json
import subprocess
import sys

import msgspec
import pytest
import seodang
from seodang.testing import make_context
from seodang_sharegpt import ShareGPTSeeds
from seodang_sharegpt.fastchat_markdown import fastchat_markdown
from seodang_sharegpt.splitting import Piece, fastchat_pieces


def turns(*spoken):
    known = ("human", "gpt")
    pairs = [said if isinstance(said, tuple) else (known[place % 2], said) for place, said in enumerate(spoken)]
    return [{"from": speaker, "value": text} for speaker, text in pairs]


QUESTION, ANSWER = "What is a village school?", "A school in a village, with one room."


@pytest.fixture
def clean(tmp_path):
    def clean(*dialogues, **options):
        rows = [
            row if isinstance(row, dict) else {"id": f"d{number}", "conversations": row} for number, row in enumerate(dialogues)
        ]
        (tmp_path / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        made = msgspec.convert({"path": "rows.json", "mode": "faithful", **options}, ShareGPTSeeds.Options)
        context = make_context(tmp_path, options=made, language="ko")
        return list(ShareGPTSeeds(made).read(context)), [
            (aside.code, aside.where) for aside in (*context.quarantined, *context.dropped)
        ]

    return clean


def said(record):
    return [message.text for message in record.messages]


@pytest.mark.parametrize(
    ("dialogue", "code"),
    [
        (turns(QUESTION), "too-short"),
        (turns(("gpt", "hi"), ("human", QUESTION)), "too-short"),
        (turns("안녕", "안녕하세요! 반가워요"), "too-short"),
        (turns("a" * 7, "b" * 8), "too-short"),
        (turns(QUESTION, ""), "too-short"),
        (turns(("human", QUESTION), ("human", QUESTION), ("gpt", ANSWER)), "wrong-order"),
        (turns(("human", QUESTION), ("bing", ANSWER)), "wrong-order"),
        (turns(("system", "be brief"), ("system", "really"), ("human", QUESTION), ("gpt", ANSWER)), "wrong-order"),
        (turns(QUESTION, "I was made by OpenAI."), "blocked-word"),
        (turns("Are you ChatGPTs?", ANSWER), "blocked-word"),
        (turns(QUESTION, "Too many requests in 1 hour. Try again later."), "blocked-answer"),
        ({"conversations": turns(QUESTION, ANSWER)}, "no-id"),
        ({"id": "p", "plugins": [], "conversations": turns(QUESTION, ANSWER)}, "plugins"),
        (turns(QUESTION, '<ol start="x"><li>a</li></ol>' + ANSWER), "parser-error"),
        (turns(QUESTION, "All:\n1. one\n1. another, and no more"), "restarting-list"),
        ({"id": "t", "conversations": [{"from": "human"}]}, "bad-turn"),
        ({"id": "t", "items": turns(QUESTION, ANSWER)}, "no-dialogue"),
    ],
)
def test_what_fastchat_leaves_out_is_left_out_for_the_same_reason(clean, dialogue, code):
    records, asides = clean(dialogue)
    assert not records and asides == [(code, "rows.json[0]")]


def test_sixteen_characters_are_enough_and_words_of_other_languages_are_not_blocked(clean):
    records, asides = clean(turns("a" * 8, "b" * 8), turns("누가 만들었어요, 오픈AI?", "저는 챗GPT가 아닙니다. 정말입니다."))
    assert len(records) == 2 and not asides


def test_one_turn_is_cut_at_either_end_and_an_empty_one_ends_the_dialogue(clean):
    records, _ = clean(
        turns(("gpt", "Welcome."), ("human", QUESTION), ("gpt", ANSWER), ("human", "Thanks!")),
        turns(QUESTION + "!", ANSWER, "And?", "\u200b", "More?", "Yes."),
    )
    assert [said(record) for record in records] == [[QUESTION, ANSWER], [QUESTION + "!", ANSWER]]
    assert [record.tags["cut_turns"] for record in records] == [2, 4]


def test_what_came_before_keeps_later_ones_out_by_id_and_by_first_round(clean):
    records, asides = clean(
        {"id": "a", "conversations": turns(QUESTION, ANSWER)},
        {"id": "a", "conversations": turns("Something else?", ANSWER)},
        {"id": "b", "conversations": turns(QUESTION, ANSWER, "More?", "Much more.")},
        {"id": 1, "conversations": turns("One?", ANSWER)},
        {"id": "1", "conversations": turns("One again?", ANSWER)},
    )
    assert [record.tags["dialogue"] for record in records] == ["a", "1", "1"]
    assert asides == [("repeated-id", "rows.json[1]"), ("repeated", "rows.json[2]")]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ('<div class="markdown"><p>a_b *c*</p></div>', "a\\_b \\*c\\*"),
        ("<h1>Title</h1><h3>Third</h3>", "Title\n=====\n\n### Third"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "* a\n\t+ b"),
        ("<pre><div><span>python</span><button>Copy code</button></div><code>x_1 = 1\n</code></pre>", "```python\nx_1 = 1\n```"),
        ("2 / 2<p>An answer of some length.</p>", "An answer of some length."),
        ("1 / 2 cup of sugar and more of it", "cup of sugar and more of it"),
        ("<p>a</p><p></p><pre></pre><p>b</p>", "a\n\nb"),
        ("<table><tr><td>1</td></tr></table>", "|  |\n| --- |\n| 1 |"),
        ("if a <b and c> d then", "if a  **d then**"),
        ("Copy12 chars / 3 words and the answer", "and the answer"),
    ],
)
def test_pages_become_the_markdown_that_fastchat_made_of_them(clean, page, text):
    (record,), _ = clean(turns(QUESTION, page))
    assert record.messages[1].text == text


def test_a_text_that_looks_like_the_name_of_a_file_is_read_without_a_warning():
    assert fastchat_markdown("notes.txt") == "notes.txt"
    assert fastchat_markdown("<?xml version='1.0'?><p>a</p>").endswith("a\n\n")


def test_the_edges_of_splitting_are_fastchats():
    assert fastchat_pieces([10] * 8, 40) == [Piece(0, 4), Piece(4, 8)]
    assert fastchat_pieces([10] * 6, 40) == [Piece(0, 4)], "a last round that does not fit is in no piece"
    assert fastchat_pieces([30, 30, 5, 5], 40) == [Piece(0, 0), Piece(0, 2)], "a first round that is too long leaves an empty one"
    assert fastchat_pieces([5, 5, 30, 30, 5, 5, 5, 5], 40) == [Piece(0, 2), Piece(2, 4), Piece(4, 8)]


def test_pieces_are_named_by_their_first_turn_and_the_lost_round_is_told(clean):
    rounds = [f"{word} {'x' * 30}" for word in ("one", "two", "three", "four", "five", "six")]
    records, asides = clean(turns(*rounds), max_tokens=170)
    assert [(record.columns["id"], record.tags["part"], len(record.messages)) for record in records] == [("d0_0", 0, 4)]
    assert asides == [("last-round-lost", "rows.json[0]")]


def test_options_that_its_rules_have_no_room_for_are_refused():
    with pytest.raises(msgspec.ValidationError, match="knows no html, blocked_words"):
        msgspec.convert({"path": "a", "mode": "faithful", "html": "never", "blocked_words": ["x"]}, ShareGPTSeeds.Options)


def test_languages_are_decided_by_cld2(clean):
    pytest.importorskip("pycld2", reason="the extra seodang-sharegpt[faithful] is not installed")
    korean = turns("서당이 무엇인가요? 자세히 알려 주세요.", "마을 아이들에게 글을 가르치던 곳입니다.")
    english = turns(QUESTION, ANSWER)
    (record,), asides = clean(korean, english, skip_languages=("ko",))
    assert record.language == "en" and asides == [("language", "rows.json[0]")]
    (record,), asides = clean(korean, english, keep_languages=("ko",))
    assert record.language == "ko" and asides == [("language", "rows.json[1]")]


def test_without_the_detector_a_language_filter_says_what_to_install():
    """In a process of its own, in which the detector cannot be imported."""
    code = (
        "import sys; sys.modules['pycld2'] = None\n"
        "from seodang_sharegpt.faithful import detected_language\n"
        "import seodang\n"
        "try:\n    detected_language('a')\nexcept seodang.DataError as error:\n    print(error.code)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "seodang_sharegpt:needs-detector" and seodang.DataError.__name__ == "DataError"
