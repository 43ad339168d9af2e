"""Filters that guard something, on the real command line: rows for somebody else's computer, and an evaluation's items."""

from __future__ import annotations

import json

import pytest

NUMBER = "제 번호는 010-1234-5678이고 메일은 gildong@example.com입니다."
CLEAN = "회의는 2024-05-17 14:30에 시작합니까?"
HEAD = """[recipe]
name = "kin"
language = "ko"

[[step]]
seeds = "instruct-data"
name = "kin"
path = "kin.jsonl"
personal = true
"""
TEACH = """
[[step]]
teach = "answer"
teacher = "openai"
model = "gpt-4o-mini"
max_tokens = 16
input_price = 0.15
output_price = 0.6
"""
OBJECTION = "the rows of kin hold personal data that is not masked, and this step speaks to api.openai.com"


@pytest.fixture
def kin(shell, monkeypatch):
    """A recipe over rows with personal data, with these options of the filter, or without the filter."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-key")
    rows = [{"instruction": NUMBER, "output": "", "memo": "010-1234-5678"}, {"instruction": CLEAN, "output": "", "memo": ""}]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (shell.folder / "kin.jsonl").write_text(text, encoding="utf-8")

    def write(options):
        pii = "" if options is None else f'\n[[step]]\nfilter = "pii"\n{options}\n'
        (shell.folder / "kin.toml").write_text(HEAD + pii + TEACH, encoding="utf-8")

    return write


@pytest.mark.parametrize("options", ["", 'action = "drop"', "tokens = true"])
def test_masked_rows_may_reach_a_teacher_elsewhere(shell, kin, options):
    kin(options)
    told = shell("plan", "kin.toml")
    assert told.code == 0 and OBJECTION not in told.err, told.err
    assert "pii: takes away LicenseRef-personal-data" in told.out
    assert shell("run", "kin.toml", "--step", "pii", "--quiet").code == 0
    (manifest,) = (shell.folder / "runs" / "kin").glob("02-*/manifest.json")
    assert json.loads(manifest.read_bytes())["terms"] == ["LicenseRef-unstated"]
    assert shell("plan", "kin.toml").code == 0
    left = b"".join(path.read_bytes() for path in (shell.folder / "runs" / "kin").glob("02-*/*"))
    assert b"1234-5678" not in left and b"gildong" not in left


@pytest.mark.parametrize("options", [None, 'action = "tag"', 'kinds = ["mobile"]', 'without = ["e-mail"]'])
def test_others_may_not(shell, kin, options):
    kin(options)
    told = shell("plan", "kin.toml")
    assert told.code == 3 and OBJECTION in told.err
    assert "(installed: pii)" in told.err, "the filter is named that helps"
    stopped = shell("run", "kin.toml", "--quiet")
    assert stopped.code != 0 and OBJECTION in stopped.err and not list((shell.folder / "runs" / "kin").glob("0*"))


def test_a_filter_that_guards_an_evaluation_is_tried_on_a_file(shell):
    item = "광복절은 일제 강점기에서 벗어난 날을 기념하는 국경일인가요?"
    (shell.folder / "test.tsv").write_text(f"ID\tQuestion\tAnswer\n1\t{item}\tTrue\n", encoding="utf-8")
    rows = [
        {"instruction": "광복절이 일제 강점기에 벗어난 날을 기념하나요", "output": "네."},
        {"instruction": "시를 쓰세요.", "output": "봄"},
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (shell.folder / "rows.jsonl").write_text(text, encoding="utf-8")
    done = shell(
        *("filter", "try", "decontaminate", "rows.jsonl", "--set", 'against=["test.tsv"]', "--json", "out.jsonl", "--quiet")
    )
    assert done.code == 0, done.err
    found = [json.loads(line) for line in (shell.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["verdict"], one["reason"]) for one in found] == [("drop", "contaminated"), ("keep", "")]
    assert "test.tsv:2 Question: 광복절은" in json.dumps(found[0], ensure_ascii=False)


def test_what_a_row_held_is_not_shown_when_it_was_dropped_for_it(shell):
    (shell.folder / "rows.jsonl").write_text(json.dumps({"instruction": NUMBER, "output": "네."}) + "\n", encoding="utf-8")
    done = shell("filter", "try", "pii", "rows.jsonl", "--set", "action=drop", "--json", "out.jsonl", "--quiet")
    assert done.code == 0, done.err
    shown = done.out + (shell.folder / "out.jsonl").read_text(encoding="utf-8")
    assert "personal-data" in shown and "1234-5678" not in shown and "gildong" not in shown


def test_what_is_shipped_guards_what_it_evaluates_on(shell):
    """A recipe that comes with seodang and evaluates has decontaminate before its training, or asks what cannot be in the data."""
    from seodang.recipes.shipped import shipped_recipes

    names = [f"{shipped.distribution}:{shipped.name}" for shipped in shipped_recipes()]
    evaluating = []
    for number, name in enumerate(names):
        assert shell("init", f"shipped-{number}", "--recipe", name).code == 0
        told = shell("plan", f"shipped-{number}/recipe.toml")
        assert "Warning" not in told.err, f"{name}: {told.err}"
        evaluating += [name] if "evaluate " in told.out else []
    assert "seodang-demo:demo" in evaluating
