"""The seed tasks: their number and shares, and that what can be computed in them is right."""

import datetime
import itertools
import json
import re
import sqlite3
from collections import Counter
from fractions import Fraction

import pytest
from seodang_locale_zh import Chinese
from seodang_locale_zh.writing import HAN

SEEDS = {task.name: task for task in Chinese().seeds}


def code_of(name, language="python"):
    (code,) = re.findall(rf"```{language}\n(.*?)```", SEEDS[name].output, re.DOTALL)
    return code


def run(code):
    names = {}
    exec(compile(code, "seed", "exec"), names)
    return names


def in_any_order(left, right):
    return (Counter(left) & Counter(right)).total()


def longest_common(left, right):
    lengths = [0] * (len(right) + 1)
    for token in left:
        before = 0
        for place, other in enumerate(right, 1):
            before, lengths[place] = lengths[place], before + 1 if token == other else max(lengths[place], lengths[place - 1])
    return lengths[-1]


def test_there_are_175_of_which_some_have_labels_and_most_an_input():
    tasks = Chinese().seeds
    assert len(tasks) == len(SEEDS) == 175
    assert [task.id for task in tasks] == [f"zh-{number:03}" for number in range(1, 176)]
    assert 26 <= sum(task.is_classification for task in tasks) <= 40
    assert 100 <= sum(bool(task.input) for task in tasks) <= 125
    assert sum(task.culture == "native" for task in tasks) >= 50
    assert all(len(task.output) <= 10 for task in tasks if task.is_classification)


def test_no_two_are_alike():
    chinese = Chinese()
    tokens = [(task.id, chinese.similarity_tokens(task.instruction)) for task in chinese.seeds]
    limit = chinese.limits["similarity-percent"] / 100
    alike = [
        (one, other)
        for (one, left), (other, right) in itertools.combinations(tokens, 2)
        # What they share in any order is the most that they can share in the same order, and quicker to count.
        if all(2 * shared(left, right) > limit * (len(left) + len(right)) for shared in (in_any_order, longest_common))
    ]
    assert alike == []


def test_none_asks_for_what_a_model_of_texts_cannot_do_or_names_anybody():
    chinese = Chinese()
    for task in chinese.seeds:
        whole = f"{task.instruction}\n{task.input}\n{task.output}"
        assert not chinese.mentions(task.instruction, chinese.unsuitable), task.id
        assert not chinese.mentions(whole, chinese.vendors), task.id
        assert not chinese.personal_data(whole), task.id
        assert not re.search(chinese.patterns["bad-beginning"], task.instruction), task.id


def test_marks_are_chinese_between_chinese_characters():
    """A half-width comma or stop between two Han characters is a slip of the keyboard."""
    slips = [
        task.id
        for task in SEEDS.values()
        if re.search(rf"[{HAN}][,.;:!?][{HAN}]", f"{task.instruction}{task.input}{task.output}")
    ]
    assert slips == []
    for task in SEEDS.values():
        for text in (task.instruction, task.input, task.output):
            assert text.count("“") == text.count("”") and text.count("《") == text.count("》"), task.id


def test_the_register_of_a_task_is_that_of_its_answer():
    chinese = Chinese()
    levels = {task.id: (task.register, chinese.speech_level(task.output)) for task in chinese.seeds}
    assert {task: pair for task, pair in levels.items() if pair[0] != pair[1]} == {}
    assert {task.register for task in chinese.seeds} == {"", "您", "你"}


JUNE = datetime.date(2025, 6, 1)

COMPUTED = {
    "相遇问题": [f"{360 / (80 + 64):g}小时"],
    "满减划不划算": [f"{(268 + 45) * 0.8:g}（元）", f"{313 - 313 // 100 * 25}（元）", f"少付{250.4 - 238:.1f}元"],
    "定期存款利息": [f"{20000 * 15 * 3 // 1000}（元）", f"{20000 + 900}（元）"],
    "补一次考试成绩": [f"{86 * 5 - 86 - 91 - 78 - 85}（分）"],
    "阶梯水费": [f"{12 * 3 + 8 * 4.5 + 3 * 7:g}（元）"],
    "合作完成工程": [f"{(1 - 4 * (Fraction(1, 12) + Fraction(1, 18))) / Fraction(1, 18)}（天）", "4/9"],
    "路边植树": [f"{200 // 8 + 1}（棵）"],
    "找出数列规律": [f"{120 * 6}和{120 * 6 * 7}"],
    "市制单位换算": [f"{3.8 * 0.5:g}（千克）", f"{round(6 * 666.7, -1):g}（平方米）", f"{45 * 0.5:g}（千米）"],
    "摸球的可能性": [str(Fraction(4 + 2, 4 + 6 + 2))],
    "推算星期": ["一二三四五六日"[datetime.date(2025, 8, 1).weekday()], f"{(datetime.date(2025, 8, 1) - JUNE).days}（天）"],
    "同比和环比": [f"{(50 - 40) / 40:.1%}", f"{(50 - 46) / 46:.1%}"],
    "复利是什么": [f"{1000 * 11**3 // 10**3}元", f"{1331 - 1300}元"],
    "估算一栋楼的灯": [f"{30 * 4}户", f"{120 * 8 // 10}户", f"{96 * 3}盏", f"{30 * 2}盏"],
    "世纪年是不是闰年": ["是"],
}


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_right(name):
    missing = [text for text in COMPUTED[name] if text not in SEEDS[name].output]
    assert missing == []


def test_the_cage_the_ages_and_the_vase_have_one_solution():
    cages = [(hens, 35 - hens) for hens in range(36) if 2 * hens + 4 * (35 - hens) == 94]
    assert cages == [(23, 12)] and "兔有24÷2＝12（只）" in SEEDS["鸡兔同笼"].output
    assert [years for years in range(10) if 66 - years == 15 * (10 - years)] == [6] and "6年前" in SEEDS["爷孙的年龄"].output
    true_statements = {who: [who == "乙", who != "乙", who != "丙"].count(True) for who in "甲乙丙"}
    assert [who for who, count in true_statements.items() if count == 1] == ["丙"] and "丙打破" in SEEDS["谁说了真话"].output
    square = [[int(number) for number in line.split()] for line in SEEDS["算九宫格"].output.splitlines()[:3]]
    lines = [
        *square,
        *zip(*square, strict=True),
        [square[place][place] for place in range(3)],
        [square[place][2 - place] for place in range(3)],
    ]
    assert {sum(line) for line in lines} == {15} and sorted(itertools.chain(*square)) == list(range(1, 10))


def test_the_python_in_the_tasks_does_what_it_says(capsys):
    assert run(code_of("判断闰年的程序"))["is_leap"](2000) and not run(code_of("判断闰年的程序"))["is_leap"](1900)
    assert run(code_of("统计汉字个数"))["count_han"]("你好，world！") == 2
    assert run(code_of("去重保持顺序"))["unique"]([3, 1, 3, 2, 1]) == [3, 1, 2]
    assert run(code_of("给代码写注释"))["split_even_odd"]([1, 2, 3]) == ([2], [1, 3])
    assert run(code_of("修好这段代码"))["average"]([1, 2]) == 1.5
    with pytest.raises(ValueError, match="列表不能为空"):
        run(code_of("修好这段代码"))["average"]([])
    with pytest.raises(KeyError):
        exec(SEEDS["程序会报什么错"].input, {})
    exec(SEEDS["看代码说结果"].input, {})
    assert f"“{capsys.readouterr().out.strip()}”" in SEEDS["看代码说结果"].output
    pattern = SEEDS["车牌式编号的正则"].output.strip("`")
    assert [bool(re.match(pattern, code)) for code in ("B2041", "K0007x", "b2041", "B204", "B2041xy")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_json_and_the_sql_in_the_answers_can_be_read():
    assert json.loads(code_of("文字转成JSON", "json")) == {"title": "西游记（上册）", "days": 30, "renewed": True}
    with sqlite3.connect(":memory:") as book:
        book.execute("CREATE TABLE orders(id, customer, city, amount, created_on)")
        book.executemany(
            "INSERT INTO orders(city, amount) VALUES (?, ?)", [("甲", 6000), ("甲", 5000), ("乙", 9000), ("丙", 20000)]
        )
        assert book.execute(code_of("查询语句", "sql")).fetchall() == [("丙", 20000), ("甲", 11000)]
    book.close()


def test_lengths_that_are_asked_for_are_kept():
    def characters(name):
        return len(re.sub(r"\s", "", SEEDS[name].output))

    assert characters("商品标题") <= 20 and characters("拟新闻标题") <= 18 and characters("邮件主题") <= 15
    assert characters("回复差评") <= 80 and characters("班干部竞选") <= 200
    for name in ("一分钟自我介绍", "微型小说", "给外婆的信"):
        assert 120 <= characters(name) <= 190, name
    assert 80 <= characters("升旗仪式发言") <= 150
    assert len(SEEDS["提交说明"].output.splitlines()[0]) <= 20
    couplet = [re.sub(r"^..：", "", line) for line in SEEDS["写一副春联"].output.splitlines()]
    assert [len(line) for line in couplet] == [7, 7, 4]
