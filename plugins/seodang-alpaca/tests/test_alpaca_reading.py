"""Reading tasks out of answers as models write them: decorated, renumbered, cut, and with lists and headings within."""

import pytest
from seodang_alpaca.reading import Form
from seodang_alpaca.tasks import Task, Unread

KOREAN = {
    "instruction": ["명령어", "지시문", "질문"],
    "input": ["입력"],
    "output": ["응답", "출력", "답"],
    "no-input": ["<입력 없음>", "입력 없음", "없음", "noinput"],
}
PLAIN = """4. 명령어: 봄나물로 만드는 반찬을 세 가지 알려 주세요.
4. 입력: <입력 없음>
4. 응답: 달래장, 냉이무침, 두릅 초회가 있습니다.
###
5. 명령어: 다음 문장을 합쇼체로 바꾸세요.
5. 입력: 내일 20. 5. 회의에서 봐.
5. 응답: 내일 회의에서 뵙겠습니다.
"""
TWO = [
    Task(4, "봄나물로 만드는 반찬을 세 가지 알려 주세요.", "", "달래장, 냉이무침, 두릅 초회가 있습니다."),
    Task(5, "다음 문장을 합쇼체로 바꾸세요.", "내일 20. 5. 회의에서 봐.", "내일 회의에서 뵙겠습니다."),
]


def read(text: str, *, cut: bool = False, words=KOREAN):
    return list(Form(words).read(text, first=4, cut=cut))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"네, 이어서 만들어 보겠습니다.\n\n{PLAIN}\n---\n",
        f"```\n{PLAIN}```",
        PLAIN.replace(". 명령어:", ") **명령어**:").replace(". 입력:", ") **입력:**").replace(". 응답:", ") 출력："),
        PLAIN.replace("4. ", "### 4. ").replace("5. 명", "### 5. 명").replace("###\n", "\n\n"),
        PLAIN.replace("<입력 없음>", "(입력 없음)."),
        PLAIN.replace("4. 입력: <입력 없음>\n", ""),
        PLAIN.replace("응답: ", "응답:\n").replace("명령어: ", "명령어:\n  "),
        PLAIN.replace("\n", "\r\n"),
    ],
    ids=["plain", "preface", "fence", "bold", "headings", "no-input", "left-out-input", "lines", "crlf"],
)
def test_one_list_in_many_dresses(text):
    assert read(text) == TWO


def test_labels_without_numbers_are_counted_on():
    assert read(PLAIN.replace("4. ", "").replace("5. 명", "명").replace("5. 입", "입").replace("5. 응", "응")) == TWO


def test_what_an_answer_contains_begins_no_task():
    """Alpaca splits at every ###, and stops at every 〈20.〉."""
    answer = "### 준비물\n1. 명령어: 라고 쓰인 종이\n20. 스무 번째\n질문: 이것은?\n답: 저것\n\n---\n### 맺음말\n끝입니다."
    text = f"4. 명령어: 놀이를 설명하세요.\n4. 입력: 없음\n4. 응답: {answer}\n###\n5. 명령어: 둘째\n5. 입력: 없음\n5. 응답: 예\n"
    first, second = read(text)
    assert first.output == answer and second == Task(5, "둘째", "", "예")


def test_what_is_no_task_is_given_back_with_a_reason():
    assert read(PLAIN, cut=True)[1] == Unread(
        5, "cut", "다음 문장을 합쇼체로 바꾸세요.\n내일 20. 5. 회의에서 봐.\n내일 회의에서 뵙겠습니다."
    )
    assert read("4. 명령어: 끝이 없는 일\n4. 입력: 없음\n") == [Unread(4, "no-answer", "끝이 없는 일\n없음")]
    assert read("4. 명령어:\n4. 입력: 없음\n4. 응답: 답") == [Unread(4, "malformed", "없음\n답")]
    assert read("죄송하지만 만들 수 없습니다.") == [Unread(4, "malformed", "죄송하지만 만들 수 없습니다.")]
    assert read("4. 명", cut=True) == [Unread(4, "cut", "4. 명")]
    assert read("  \n") == []


def test_a_long_answer_is_read_in_no_time():
    """Blanks, marks and numbers in their thousands make no pattern go back and forth."""
    for sign in (" ", "#", "*", "-\n", "1", "\n", "4. ", "명령어: "):
        read(sign * 20_000)
