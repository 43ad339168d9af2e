"""The 175 Japanese seed tasks: whole, different, and true where it can be counted."""

import itertools
import re
import unicodedata

import pytest
from seodang_locale_ja import Japanese

SEEDS = {task.name: task for task in Japanese().seeds}


def test_there_are_175_in_order_under_their_own_names():
    assert [task.id for task in Japanese().seeds] == [f"ja-{number:03d}" for number in range(1, 176)]
    assert len(SEEDS) == 175


def test_the_shares_are_those_of_a_varied_set():
    tasks = SEEDS.values()
    assert 26 <= sum(task.is_classification for task in tasks) <= 40
    assert 100 <= sum(bool(task.input) for task in tasks) <= 125
    assert sum(task.culture == "native" for task in tasks) >= 70
    assert sum(task.register == "敬体" for task in tasks) > 3 * sum(task.register == "常体" for task in tasks)


def test_the_register_is_the_one_that_the_rule_reads():
    japanese = Japanese()
    assert [task.id for task in SEEDS.values() if task.register and japanese.speech_level(task.output) != task.register] == []


def test_labels_are_short_and_every_text_is_clean():
    for task in SEEDS.values():
        assert not task.is_classification or len(task.output) <= 12, task.id
        for text in (task.instruction, task.input, task.output):
            assert unicodedata.is_normalized("NFC", text) and not re.search(r"[\x00-\x08\x0b-\x1f\u200b-\u200f\ufeff]", text), (
                task.id
            )


def test_no_two_are_alike():
    japanese = Japanese()
    tokens = {task.id: {*japanese.similarity_tokens(task.instruction + task.input)} for task in SEEDS.values()}
    near = [
        (first, second)
        for (first, one), (second, other) in itertools.combinations(tokens.items(), 2)
        if len(one & other) > 0.6 * len(one | other)
    ]
    assert near == []


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("tax-inclusive-price", 1980 * 2 * 11 // 10),
        ("volume-math", 20 * 30 * 15 // 1000),
        ("table-max", 498 - 176),
        ("interest-simple", 100_000 * 2 * 3 // 100),
        ("percent-off", 3500 * 7 // 10),
        ("speed-distance", 72 * 20 // 60),
        ("average-score", (72 + 85 + 90 + 68 + 80) // 5),
        ("combinations", 4 * 3 // 2),
        ("budget-trip", (13_500 + 3_600) // 3 + 8_800),
        ("area-triangle", 14 * 9 // 2),
        ("two-step-discount", 8000 * 8 // 10 - 500),
        ("next-number", 54 * 3),
        ("era-year", 2018 + 10),
    ],
)
def test_what_can_be_counted_is_right(name, result):
    assert f"{result:,}" in SEEDS[name].output or str(result) in SEEDS[name].output


@pytest.mark.parametrize(
    ("name", "call", "result"),
    [
        ("python-count", "count_characters('ばなな')", {"ば": 1, "な": 2}),
        ("python-fix", "average([1, 2, 6])", 3.0),
        ("python-dict-invert", "invert({'a': 1})", {1: "a"}),
    ],
)
def test_what_can_be_run_runs(name, call, result):
    (code,) = re.findall(r"```python\n(.*?)```", SEEDS[name].output, re.DOTALL)
    names: dict = {}
    exec(code, names)
    assert eval(call, names) == result
