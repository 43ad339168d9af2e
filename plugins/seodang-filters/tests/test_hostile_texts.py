"""Texts that make a careless pattern go back and forth for minutes, and rows that lack what every row has."""

import asyncio
from time import process_time

import pytest
import seodang
from seodang.testing import make_context
from seodang_filters import AnswerFit, Format, Keywords, Language, Length, PromptInjection, Refusals, Repetition, Unsafe

FILTERS = (AnswerFit, Format, Keywords, Language, Length, PromptInjection, Refusals, Repetition, Unsafe)
UNITS = (
    *("a", "a ", "A b. ", "1. ", "1.\n", "(", '"', "“", "`", "```\n", "~~~\n", "<", "<b ", "&", "&amp", "|", "\n", " ", "\t\n"),
    *(
        "가",
        "가 ",
        "가나다. ",
        "뷁쇎",
        "ㅋ",
        "ㅋ ",
        "학",
        "あ",
        "Ã",
        "Ã©",
        "¾È",
        "¾È³",
        "ì\x84",
        "È³ç",
        "\u1112",
        "\u200b",
        "ﾡ",
        "\ufffd",
        "\x00",
    ),
    *("무시 ", "지시를 ", "ignore all ", "시스템 프롬프트", "저는 ", "a_b.c@d", "http://", "word, ", "이전 이전 "),
)


@pytest.mark.parametrize("filter_class", FILTERS, ids=lambda cls: cls.name)
def test_a_long_monotonous_row_is_judged_in_no_time(filter_class, tmp_path, installed):
    context = make_context(tmp_path, language="ko", offers=installed)
    slow = []
    for unit in UNITS:
        text = unit * (60_000 // len(unit))
        rows = [seodang.single_turn(text, text, input=text, language="ko")]
        begun = process_time()
        (verdict,) = list_of(filter_class().sift(rows, context))
        assert isinstance(verdict, (seodang.Keep, seodang.Drop))
        if process_time() - begun > 2:
            slow.append((unit, process_time() - begun))
    assert not slow


def list_of(verdicts):
    return list(asyncio.run(verdicts)) if asyncio.iscoroutine(verdicts) else list(verdicts)


@pytest.mark.parametrize("filter_class", FILTERS, ids=lambda cls: cls.name)
def test_rows_that_lack_something_are_judged_all_the_same(filter_class, tmp_path, installed):
    context = make_context(tmp_path, language="ko", offers=installed)
    message = seodang.Message
    call = seodang.Call("c1", "search", "{}")
    rows = [
        seodang.Record(messages=()),
        seodang.Record(messages=(message("user", ""),)),
        seodang.Record(messages=(message("assistant", "먼저 말합니다."),)),
        seodang.Record(messages=(message("system", "너는 훈장이다."), message("user", "네?"), message("assistant", ""))),
        seodang.Record(messages=(message("user", "찾아 줘."), message("assistant", "", calls=(call,)), message("tool", "없음"))),
        seodang.single_turn("네", "응"),
    ]
    verdicts = list_of(filter_class().sift(rows, context))
    assert len(verdicts) == len(rows) and {type(verdict) for verdict in verdicts} <= {seodang.Keep, seodang.Drop}
