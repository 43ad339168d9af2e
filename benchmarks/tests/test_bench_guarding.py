"""The figures of pii and decontaminate: what is promised of them holds, on data that is made in another way than the tests' own."""

import json
import random
import re
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang_bench import contamination_errors, personal_errors
from seodang_bench.commandline import command
from seodang_bench.filters import measure_contamination
from seodang_bench.planting import measure, row
from seodang_locale_ko import Korean

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared data is not at {SHARED}")


@pytest.mark.parametrize("seed", [0, 7])
def test_personal_data_is_found_however_it_is_written(seed):
    (every,) = measure(personal_errors.PLANTED[0], seed)
    assert every.planted >= 500 and every.sound >= 200
    assert every.recall >= 0.98 and every.precision >= 0.98, every
    kinds = {planted.error for planted in personal_errors.PLANTED[1:]}
    assert kinds == {pattern.kind for pattern in Korean().personal}, "a kind of the locale without planted errors"


def test_nothing_of_it_is_left_in_the_masked_text():
    """Not even four of its digits: a number of which a half is masked is a number that was given away."""
    left = []
    found = list(personal_errors.values(random.Random(11)))
    for kind, value, text in found:
        masked = seodang.Pseudonyms(Korean()).mask(seodang.nfc(text))
        pieces = re.findall(r"\d{4,}|[\w.-]+\s?@", value) or [value]
        if any(piece in masked for piece in pieces):
            left.append((kind, text, masked))
    assert len(found) >= 500 and len(left) <= 0.02 * len(found), left


def test_a_kind_alone_finds_its_own():
    for planted in personal_errors.PLANTED[1:]:
        (found,) = measure(planted)
        assert found.recall >= 0.9 and found.precision >= 0.95, found


@pytest.mark.shared_data
@needs_shared_data
def test_items_of_a_benchmark_are_found_whole_cut_and_with_other_particles():
    *tasks, every = measure_contamination(SHARED, rows=120)
    assert len(tasks) == (len(contamination_errors.COLUMNS) + 1) * len(contamination_errors.WAYS) and every.planted > 2500
    assert every.recall >= 0.98 and every.precision >= 0.99, every
    for one in tasks:
        # A SentiNeg item is a remark of three words: with its end cut off it says what everybody says.
        # Of each task there are as many rows here, in the benchmark one in twelve is such a remark.
        assert one.recall >= (0.75 if "SentiNeg" in one.code else 0.95 if "all" in one.code else 0.98), one
    assert measure_contamination(SHARED, ["pii"]) == []


@pytest.mark.shared_data
@needs_shared_data
def test_what_is_found_by_chance_is_told():
    done = CliRunner().invoke(command, ["contamination", str(SHARED / "kobest_v1"), "--json"])
    assert done.exit_code == 0, done.output
    noise = {one["task"]: one for one in json.loads(done.output)}
    assert list(noise) == list(contamination_errors.COLUMNS)
    assert all(noise[task]["reached"]["0.5"] < 0.02 * noise[task]["texts"] for task in ("BoolQ", "HellaSwag", "WiC"))
    assert noise["COPA"]["dropped"] > 300, "COPA's training rows really have sentences of its test items"
    shown = CliRunner().invoke(command, ["contamination", str(SHARED / "kobest_v1")], env={"SEODANG_LANGUAGE": "ko"})
    assert "HellaSwag  시험 문항의 글 2,500개, 학습 행 2,029개: 버려질 행" in shown.output


def test_the_ways_change_what_they_say():
    draw = random.Random(1)
    text = "바지의 허리가 커서 수선집에 맡겼다."
    trimmed = contamination_errors.WAYS["trimmed"](text, draw)
    assert len(trimmed) < len(text) and trimmed in text
    other = contamination_errors.WAYS["particles"](text, draw)
    assert other != text and other.split()[-1] == "맡겼다."
    assert contamination_errors.WAYS["blanks"](text, draw).replace(" ", "") == text.replace(" ", "")
    assert contamination_errors.WAYS["whole"](text, draw) == text
    assert row("가").source == "planted"
