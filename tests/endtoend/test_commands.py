"""A person at the command line: begins, looks, changes, forgets, and makes every mistake a newcomer makes."""

from __future__ import annotations

import json
import sqlite3

import pytest

RUN = ("run", "recipe.toml", "--run-dir", "run", "--quiet")


def test_run_show_export_report_card(shell):
    assert shell(*RUN).code == 0
    summary = shell.json("show", "run")
    assert [step["rows"]["kept"] for step in summary["steps"]] == [3, 3]
    assert (summary["requests"], summary["answers"]) == (3, 3)
    assert shell("export", "run", "--to", "messages", "out.jsonl").code == 0
    rows = [json.loads(line) for line in (shell.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["messages"][1]["content"] for row in rows] == ["하나", "둘", "셋"]
    assert "Written: run/report.html" in shell("report", "run").out
    assert "<h1>first</h1>" in (shell.folder / "run" / "report.html").read_text(encoding="utf-8")
    assert shell("card", "run").code == 0
    card = (shell.folder / "run" / "card.md").read_text(encoding="utf-8")
    assert "license: cc0-1.0" in card and "3 conversations" in card and 'teach = "answer"' in card


def test_run_directory_is_private(shell):
    shell(*RUN)
    for path in [shell.folder / "run", *(shell.folder / "run").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_plan_counts_what_is_new_and_spends_nothing(shell):
    found = shell.json("plan", "recipe.toml", "--run-dir", "run")
    estimate = found["steps"][1]["estimate"]
    assert (estimate["rows"], estimate["requests"], estimate["stored"], estimate["exact"]) == (3, 3, 0, True)
    assert not (shell.folder / "run").exists()
    shell(*RUN)
    with open(shell.folder / "rows.jsonl", "a", encoding="utf-8") as rows:
        rows.write('{"instruction": "넷"}\n')
    estimate = shell.json("plan", "recipe.toml", "--run-dir", "run")["steps"][1]["estimate"]
    assert (estimate["rows"], estimate["requests"], estimate["stored"]) == (4, 1, 3)


def test_plan_names_prices_hosts_and_secrets(shell):
    (shell.folder / "recipe.toml").write_text(
        (shell.folder / "recipe.toml").read_text(encoding="utf-8").replace('teacher = "echo"', OPENAI), encoding="utf-8"
    )
    found = shell.json("plan", "recipe.toml")
    stage = found["plan"]["stages"][1]
    assert stage["network"] == ["api.openai.com"] and stage["secrets"] == ["env:OPENAI_API_KEY"]
    estimate = found["steps"][1]["estimate"]
    assert 0 < estimate["likely_micro"] < estimate["most_micro"]
    assert any("OPENAI_API_KEY" in problem for problem in found["problems"])


OPENAI = 'teacher = "openai"\nmodel = "gpt-4o-mini"\ninput_price = 0.15\noutput_price = 0.6'


def test_why_tells_what_changed(shell):
    shell(*RUN)
    assert [step["state"] for step in shell.json("why", "run")] == ["stands", "stands"]
    recipe = shell.folder / "recipe.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("CC0-1.0", "CC-BY-4.0"), encoding="utf-8")
    steps = shell.json("why", "run")
    assert [step["state"] for step in steps] == ["changed", "follows"]
    assert steps[0]["changes"] == [{"ingredient": "options.licence", "before": "CC0-1.0", "now": "CC-BY-4.0"}]
    assert "options.licence was CC0-1.0, is now CC-BY-4.0" in shell("why", "run").out
    assert "options.licence가 CC0-1.0에서 CC-BY-4.0으로 바뀜" in shell("why", "run", language="ko").out


def test_why_tells_what_became_of_a_record(shell):
    shell(*RUN)
    record = json.loads(shell("show", "run", "answer", "--json").out.splitlines()[0])
    story = shell.json("why", "run", record["id"])
    assert [(each["step"], each["fate"]) for each in story] == [("handcrafted", "kept"), ("answer", "kept")]
    unknown = shell("why", "run", "nobody")
    assert unknown.code == 4 and "No step of run has met a record 'nobody'" in unknown.err


def test_try_sends_a_few_rows_into_the_same_ledger(shell):
    tried = shell.json("try", "recipe.toml", "--run-dir", "run", "--rows", "2")
    assert len(tried[0]["seeds"]) == 2 and all(tried[0]["fates"].values())
    assert shell(*RUN).code == 0
    with sqlite3.connect(shell.folder / "run" / "ledger.sqlite") as book:
        assert book.execute("select count(*) from answers").fetchone() == (3,), "the two rehearsed were not bought again"
    book.close()


def test_try_shows_two_teachers_side_by_side(shell):
    out = shell("try", "recipe.toml", "--rows", "1", "--teacher", "echo", "--teacher", "seodang-echo:echo")
    assert out.code == 0, out.err
    first = next(line for line in out.out.splitlines() if "echo:" in line)
    assert first.split() == ["echo:", "seodang-echo:echo:"], "each heads its column"


def test_forget_removes_a_row_and_everything_made_from_it(shell):
    shell(*RUN)
    done = shell.json("forget", "run", "--url", "https://example.org/1")
    assert (len(done["records"]), done["rows"], done["answers"]) == (1, 2, 1)
    for path in (shell.folder / "run").rglob("*"):
        if path.is_file() and path.name != "recipe.toml":
            assert "하나".encode() not in path.read_bytes(), path
    assert [record.question for record in __import__("seodang").open_run("run").records()] == ["둘", "셋"]
    rerun = shell(*RUN)
    assert rerun.code == 0 and "answer" in rerun.out
    assert [record.question for record in __import__("seodang").open_run("run").records()] == ["둘", "셋"]


def test_a_shared_ledger_buys_once(shell):
    assert shell(*RUN, "--ledger", "book.sqlite").code == 0
    assert shell("run", "recipe.toml", "--run-dir", "second", "--quiet", "--ledger", "book.sqlite").code == 0
    assert shell.json("show", "second")["requests"] == 0


def test_reuse_takes_the_answers_of_another_run(shell):
    shell(*RUN)
    assert shell("run", "recipe.toml", "--run-dir", "second", "--quiet", "--reuse", "run").code == 0
    assert shell.json("show", "second")["requests"] == 0


def test_translate_brings_records_into_the_recipes_language(shell):
    (shell.folder / "rows.jsonl").write_text(
        '{"instruction": "Hello", "language": "en"}\n{"instruction": "안녕"}\n', encoding="utf-8"
    )
    recipe = (shell.folder / "recipe.toml").read_text(encoding="utf-8").partition("[[step]]\nteach")[0]
    (shell.folder / "recipe.toml").write_text(recipe + '[[step]]\ntranslate = "echo"\n', encoding="utf-8")
    assert shell(*RUN).code == 0
    rows = [json.loads(line) for line in shell("show", "run", "translate", "--json").out.splitlines()]
    assert [(row["language"], row["messages"][0]["text"]) for row in rows] == [("ko", "[ko] Hello"), ("ko", "안녕")]


def test_locked_refuses_other_versions(shell):
    shell(*RUN)
    lock = shell.folder / "run" / "lock.toml"
    text = lock.read_text(encoding="utf-8")
    assert shell(*RUN, "--locked").code == 0
    lock.write_text(
        text.replace('[distributions.seodang-echo]\nversion = "0.1.0"', '[distributions.seodang-echo]\nversion = "0.0.9"'),
        "utf-8",
    )
    refused = shell(*RUN, "--locked")
    assert refused.code == 3 and "seodang-echo was 0.0.9 when the run was locked; 0.1.0 is installed" in refused.err


MISTAKES = [
    (("run", "nowhere.toml"), 3, "nowhere.toml", "nowhere.toml"),
    (("show", "nowhere"), 4, "nowhere is not a seodang run: it has no lock.toml.", "nowhere는 seodang 실행 디렉터리가 아닙니다."),
    (("show", "run", "answr"), 4, "There is no step 'answr' here. Steps: handcrafted, answer.", "'answr' 단계가 없습니다."),
    (("run", "recipe.toml", "--run-dir", "rows.jsonl"), 4, "rows.jsonl cannot be used (Not a directory).", "rows.jsonl"),
    (("run", "recipe.toml", "--run-dir", "."), 4, "holds other files and is not a seodang run", "다른 파일이 있고 seodang 실행 디렉터리가 아닙니다"),
    (("run", "recipe.toml", "--step", "nine"), 4, "There is no step 'nine' here.", "'nine' 단계가 없습니다."),
    (("forget", "run"), 2, "Name what is to be forgotten with --id or --url.", "무엇을 지울지 --id나 --url로 알려 주세요."),
    (("shwo",), 2, "No such command 'shwo'", "shwo"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "english", "korean"), MISTAKES, ids=lambda value: str(value)[:24])
def test_a_mistake_gets_one_block_and_a_documented_exit_code(shell, arguments, code, english, korean):
    shell(*RUN)
    for language, words in (("en", english), ("ko", korean)):
        said = shell(*arguments, language=language)
        assert said.code == code and words in said.err, said.err
        assert "Traceback" not in said.err and len(said.err.splitlines()) <= 8


def test_a_missing_key_is_told_before_anything_is_read(shell, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    recipe = shell.folder / "recipe.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace('teacher = "echo"', OPENAI), encoding="utf-8")
    said = shell(*RUN)
    assert said.code == 5
    assert said.err.startswith("Step 2 (answer) needs OPENAI_API_KEY, which is not set. Set it in the environment")
    assert "2단계(answer)에 OPENAI_API_KEY가 필요한데" in shell(*RUN, language="ko").err
    assert not list((shell.folder / "run").glob("0*"))


def test_an_unknown_price_and_a_forbidden_network_are_refused(shell, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-real-key-000")
    recipe = shell.folder / "recipe.toml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace('teacher = "echo"', OPENAI.partition("\ninput")[0].replace("4o", "9")), encoding="utf-8")
    said = shell(*RUN)
    assert said.code == 3 and "the price of gpt-9-mini is not known, so no budget can be kept" in said.err
    assert "gpt-9-mini의 가격을 몰라" in shell(*RUN, language="ko").err
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    recipe.write_text(text.replace('teacher = "echo"', OPENAI), encoding="utf-8")
    said = shell(*RUN)
    assert said.code == 3 and "SEODANG_OFFLINE=1 forbids every connection" in said.err
    for path in (shell.folder / "run").rglob("*"):
        assert path.is_dir() or b"sk-not-a-real" not in path.read_bytes()
