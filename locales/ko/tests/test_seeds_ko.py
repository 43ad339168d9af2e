"""The Korean seed tasks: their number and shares, their form, and whatever in them can be computed again."""

import itertools
import math
import re
import sqlite3
import unicodedata
from collections import Counter
from datetime import date, timedelta

import pytest
from seodang_locale_ko import Korean

KOREAN = Korean()
SEEDS = KOREAN.seeds
BY_NAME = {task.name: task for task in SEEDS}


def share(tasks):
    return len(list(tasks)) / len(SEEDS)


def level_asked_in(task):
    """The speech level of the instruction; written requests (〈하라〉, 〈쓰기〉, 〈쓸 것〉) are one style."""
    level = KOREAN.speech_level(task.instruction)
    return level if level in ("합쇼", "해요") else "plain"


# What the set is like


def test_there_are_175_with_ids_in_order_and_names_of_their_own():
    assert [task.id for task in SEEDS] == [f"ko-{number:03d}" for number in range(1, 176)]
    assert len(BY_NAME) == 175
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in BY_NAME)


def test_their_shares_are_those_of_a_varied_set():
    assert 26 <= sum(task.is_classification for task in SEEDS) <= 40
    assert 100 <= sum(bool(task.input) for task in SEEDS) <= 125
    assert share(task for task in SEEDS if task.culture == "native") > 0.6
    registers = Counter(task.register for task in SEEDS)
    assert {*registers} == {"", *KOREAN.speech_levels}
    assert min(registers["합쇼"], registers["해요"]) >= 40
    assert registers["해라"] + registers["해"] < 20


def test_they_are_asked_for_in_three_styles_alike():
    styles = Counter(map(level_asked_in, SEEDS))
    assert {*styles} == {"합쇼", "해요", "plain"}
    assert all(50 <= count <= 66 for count in styles.values()), styles


def test_answers_are_between_a_word_and_fifteen_sentences():
    sentences = {task.id: len([one for one in KOREAN.sentences(task.output) if one.strip()]) for task in SEEDS}
    code = {task.id for task in SEEDS if "```" in task.output}
    assert max(count for name, count in sentences.items() if name not in code) in range(10, 16)
    assert sum(1 for count in sentences.values() if 2 <= count <= 6) > 80
    assert min(len(task.output) for task in SEEDS) == 1


# Each of them


@pytest.mark.parametrize("task", SEEDS, ids=lambda task: task.id)
def test_each_is_clean_korean(task):
    for text in (task.instruction, task.input, task.output):
        assert text == text.strip() and unicodedata.is_normalized("NFC", text)
        assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") and sign != "\n"]
        prose = re.sub(r"```.*?```|\( +\)", "()", text, flags=re.DOTALL)
        assert not re.search(r"\S {2,}\S| $", prose, re.MULTILINE)
        assert not KOREAN.personal_data(text)
    assert KOREAN.is_written_in(task.instruction)
    assert KOREAN.is_written_in(f"{task.instruction}\n{task.input}\n{task.output}")
    assert task.output not in (task.input, task.instruction)
    assert not KOREAN.mentions(task.instruction, KOREAN.unsuitable)
    assert KOREAN.length(task.instruction) >= KOREAN.limits["instruction-least"]


@pytest.mark.parametrize("task", SEEDS, ids=lambda task: task.id)
def test_each_answer_has_the_register_that_it_states(task):
    level = KOREAN.speech_level(task.output)
    if task.is_classification:
        assert task.register == "" and "\n" not in task.output and len(task.output) <= 10
    elif task.register:
        assert level == task.register
    else:
        assert level not in ("합쇼", "해요")


def bigrams(text):
    letters = re.sub(r"\W+", "", text.casefold())
    return Counter(letters[place : place + 2] for place in range(len(letters) - 1))


def overlap(first, second):
    return 2 * (first & second).total() / (first.total() + second.total())


def test_no_two_are_alike():
    alike = bigrams("가나다라마"), bigrams("가나다라바")
    assert overlap(*alike) == 0.75  # the measure does find what is alike
    instructions = [bigrams(task.instruction) for task in SEEDS]
    questions = [bigrams(task.instruction + task.input) for task in SEEDS]
    for texts in (instructions, questions):
        close = [pair for pair in itertools.combinations(range(175), 2) if overlap(texts[pair[0]], texts[pair[1]]) >= 0.7]
        assert not close, [(SEEDS[first].id, SEEDS[second].id) for first, second in close]


def test_labels_are_among_those_that_the_task_names():
    """Where a task quotes its labels, the answer is one of them."""
    quoted = [task for task in SEEDS if task.is_classification and task.instruction.count("‘") >= 2]
    named = [(task, re.findall("‘([^’]+)’", task.instruction)) for task in quoted]
    assert len(named) >= 20
    assert not [task.id for task, labels in named if task.output not in labels]


# What can be computed


def code_of(name):
    return re.search(r"```\w+\n(.*?)```", BY_NAME[name].output, re.DOTALL).group(1)


def made_by(name):
    made = {}
    exec(code_of(name), made)
    return made


def test_the_python_functions_do_what_they_were_asked_for():
    assert made_by("python-initial-consonants")["초성"]("서당 ABC 뜀뛰기!") == "ㅅㄷ ABC ㄸㄸㄱ!"
    particle = made_by("python-object-particle")["목적어로"]
    assert [particle(word) for word in ("책", "나무", "물", "사과")] == ["책을", "나무를", "물을", "사과를"]
    for amount, read in ((325_000_000, "3억 2,500만 원"), (10_000, "1만 원"), (100_009_999, "1억 원")):
        assert made_by("python-korean-money")["금액읽기"](amount) == read
    dates = made_by("regex-korean-date")["날짜바꾸기"]("2024년 3월 5일부터 2024년12월31일까지")
    assert dates == "2024-03-05부터 2024-12-31까지"


def test_the_corrected_age_is_right_where_the_given_one_was_wrong():
    given = {}
    exec(BY_NAME["python-age-bug"].input, given)
    birthday, day = date(2000, 10, 5), date(2024, 3, 20)
    assert given["만나이"](birthday, day) == 24  # the error that the task is about
    corrected = made_by("python-age-bug")["만나이"]
    assert corrected(birthday, day) == 23
    assert [corrected(birthday, date(2024, 10, day)) for day in (4, 5, 6)] == [23, 24, 24]
    assert corrected(birthday, date(2024, 3, 1)) == 23 and "만 23세" in BY_NAME["international-age"].output


def test_the_queries_give_what_they_were_asked_for():
    database = sqlite3.connect(":memory:")
    database.execute("create table 주문 (주문번호, 지역, 금액, 주문일)")
    orders = [(1, "서울", 700_000), (2, "서울", 500_000), (3, "부산", 999_999), (4, "대구", 1_000_000)]
    database.executemany("insert into 주문 values (?, ?, ?, '')", orders)
    assert database.execute(code_of("sql-sales-by-region")).fetchall() == [("서울", 1_200_000), ("대구", 1_000_000)]
    database.execute("create table 성적 (이름, 과목, 점수)")
    points = [("가", "국어", 90), ("나", "국어", 80), ("다", "국어", 80), ("라", "국어", 70), ("마", "수학", 60)]
    database.executemany("insert into 성적 values (?, ?, ?)", points)
    best = database.execute(code_of("sql-top-three")).fetchall()
    assert best == [("국어", "가", 90), ("국어", "나", 80), ("국어", "다", 80), ("수학", "마", 60)]
    database.close()


ARITHMETIC = {
    "change-at-market": f"{20_000 - (4_500 * 2 + 1_200 * 3):,}원",
    "distance-and-speed": f"{200 * (2 + 15 / 60):.0f}km",
    "salt-water": f"{200 * 0.1 / (200 + 50) * 100:.0f}(%)",
    "discount-price": f"{32_000 * 3 // 4 - 2_000:,}원",
    "pyeong-conversion": f"{84 / 3.3:.1f}평",
    "class-average": f"{25 * 71 - 24 * 70}(점)",
    "simple-interest": f"{500 + 500 * 4 * 2 // 100}만 원",
    "split-the-bill": f"{62_000 // 4 + 24_000 // 3:,}원씩",
    "weight-in-geun": f"{(600 * 2.5 + 400 + 400 * 3) / 1000:.1f}kg",
    "yut-moves": f"{4 + 3 + 5 + 2}칸",
    "lottery-numbers": f"{math.comb(45, 6):,}가지",
    "hundredth-day": (date(2023, 5, 5) + timedelta(99)).strftime("%-m월 %-d일"),
    "weekday-calculation": f"3월 1일은 {'월화수목금토일'[(2 + 31 + 28) % 7]}요일",
    "weekly-report-mail": f"회수율 {420 / 500:.0%}",
    "receipt-to-csv": f"합계,{2 + 1 + 1},{5000 + 1800 + 3900}",
    "time-difference": f"1월 9일 오후 {(9 - 14) % 24 - 12}시",
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_the_arithmetic_is_right(name):
    assert ARITHMETIC[name] in BY_NAME[name].output


def test_the_puzzles_have_one_solution_and_it_is_the_answer():
    people = ["수빈", "은호", "나리", "도윤", "가온"]
    rows = [
        row
        for row in itertools.permutations(people)
        if (row[0], row[-1]) == ("수빈", "가온")
        and row.index("가온") - row.index("도윤") == 1
        and row.index("나리") - row.index("은호") == 1
    ]
    assert [", ".join(row) for row in rows] == [BY_NAME["queue-puzzle"].output]

    eaters = [eater for eater in (1, 2, 3) if [eater != 1, eater == 3, eater != 3].count(True) == 1]
    assert eaters == [1] and "첫째예요" in BY_NAME["who-ate-the-rice-cake"].output


def test_the_pure_korean_answers_follow_the_script():
    leading = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
    quiz = BY_NAME["choseong-quiz"]
    assert "".join(leading[(ord(sign) - ord("가")) // 588] for sign in quiz.output) in quiz.input
    acrostic = [line[0] for line in BY_NAME["three-line-acrostic"].output.splitlines()]
    assert "".join(acrostic) == "한가위"
    chain = BY_NAME["word-chain"]
    assert chain.output[0] == chain.input[-1] and len(chain.output) == 2
