"""The same again and again: signs, endings, lines, sentences, words; and what may repeat itself."""

import pytest
import seodang
from seodang.testing import FilterContract
from seodang_filters import Repetition

PROSE = "마을 어귀의 글방에는 아이들이 모였습니다. 훈장님은 천자문을 가르쳤고, 아이들은 소리 내어 읽었습니다. 해가 지면 모두 집으로 돌아갔습니다. "


class TestRepetition(FilterContract):
    filter = Repetition


class TestRepetitionInKorean(FilterContract):
    filter = Repetition
    language = "ko"
    options = {"loops": 3, "lines": 0.2, "sentences": 2, "words": 0.1, "compression": 3.0}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (PROSE + "아" * 30, "repeated-sign"),
        (PROSE + "정말 좋습니다! " * 6, "endless-loop"),
        (PROSE + "그래서 그는 다시 서당으로 돌아갔다, " * 5, "endless-loop"),
        ("\n".join(["첫째 줄입니다.", "둘째 줄입니다."] * 3 + ["끝입니다. 안녕히 계세요."]), "repeated-lines"),
        (
            " ".join(f"{number}일째에 비가 왔습니다. 아이들은 서당에 가지 못했습니다." for number in "일이삼사오육칠팔"),
            "repeated-sentences",
        ),
        (
            " ".join(f"{first} 서당에 갔다가 집에 왔고," for first in ("봄에", "여름엔", "가을엔", "겨울엔", "다시")) + " 끝.",
            "repeated-words",
        ),
        ("가나다라마바사 아자차카타파하. " * 200 + "끝", "compressible"),
    ],
)
def test_what_repeats_itself_is_dropped(code, answer, expected):
    assert code(Repetition, "이야기하세요.", answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        PROSE,
        "산 너머 남촌에는 누가 살길래\n해마다 봄바람이 남으로 오네\n\n산 너머 남촌에는 배나무 있고\n배나무꽃 아래엔 누가 섰다가",
        "| 참 | 거짓 |\n| --- | --- |\n" + "| T | T |\n" * 12,
        "```python\n" + "print('서당')\n" * 20 + "```",
        "하하하하, 참 좋네요!",
        "답은 100000000000000입니다.",
        "1. 사과\n2. 배\n3. 감\n4. 귤\n5. 밤",
    ],
)
def test_what_only_looks_like_it_is_kept(code, answer):
    assert code(Repetition, "이야기하세요.", answer) == ""


def test_the_detail_shows_what_is_repeated(row, sifted):
    (verdict,) = sifted(Repetition, [row("이야기하세요.", PROSE + "정말 좋습니다! " * 6)])
    assert verdict.code == "endless-loop" and verdict.detail == "정말 좋습니다!"


def test_bounds_can_be_moved(code):
    twice = PROSE + "그는 다시 서당으로 돌아갔습니다. " * 3
    assert code(Repetition, "이야기하세요.", twice) == ""
    assert code(Repetition, "이야기하세요.", twice, loops=3) == "endless-loop"


def test_very_long_rows_are_judged_by_their_beginning(row, sifted, code):
    assert code(Repetition, "이야기하세요.", "낱말 " * 100_000) == "compressible"


def test_questions_are_left_alone(row, sifted):
    assert sifted(Repetition, [row("아" * 40)]) == [seodang.Keep()]
