"""The examples of seeds on the page of recipes do what the page says of them."""

import re
from pathlib import Path

import seodang
from seodang.testing.recipes import run_in

PAGE = (Path(__file__).parents[2] / "docs" / "recipe.md").read_text(encoding="utf-8")
HEAD = '[recipe]\nname = "page"\nlanguage = "ko"\n'
QUESTIONS = (
    "서당이란?", "김치 담그는 법", "한강의 길이를 알려 줘", "봄에 피는 꽃 셋", "시를 한 편 써 주세요",
    "7 더하기 5", "기차표를 예매하려면", "여름 휴가지 추천",
)  # fmt: skip
ROWS = "".join(f'{{"instruction": "{question}", "output": "답"}}\n' for question in QUESTIONS)


def example(word: str) -> str:
    (found,) = [block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if word in block]
    return found


def test_a_source_that_is_personal_and_holds_out(tmp_path):
    done = run_in(tmp_path, HEAD + example("hold_out"), files={"rows.jsonl": ROWS})
    assert done.ok, done.error
    rows = done.manifest("questions").rows
    assert rows["in"] == 8 and rows["kept"] + rows["dropped"] == 8 and done.manifest("questions").dropped["held-out"] == 1
    assert seodang.PERSONAL_DATA in done.manifest("questions").terms


def test_another_run_is_read(tmp_path):
    first = HEAD + '\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\nname = "novelty"\n'
    assert run_in(tmp_path, first, files={"rows.jsonl": ROWS}, run_directory=tmp_path / "runs" / "answers").ok
    recipe = example('seeds = "run"').partition("[[step]]\ntrain")[0]
    done = run_in(tmp_path, recipe, run_directory=tmp_path / "students")
    assert done.ok, done.error
    theirs = seodang.open_run(tmp_path / "runs" / "answers").records("novelty")
    assert [record.id for record in done.records("run")] == [record.id for record in theirs] and len(theirs) == 8


def test_the_page_of_seeds_names_the_languages_that_bring_tasks():
    page = (Path(__file__).parents[2] / "docs" / "seeds.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"seed tasks of its own: (.+?) have 175 each", page)
    shipped = {
        path.parent.name.removeprefix("seodang_locale_"): path.read_text(encoding="utf-8").count("\n")
        for path in (Path(__file__).parents[2] / "locales").glob("*/src/*/seeds.jsonl")
    }
    assert shipped == dict.fromkeys(re.findall(r"`(\w+)`", said), 175)
