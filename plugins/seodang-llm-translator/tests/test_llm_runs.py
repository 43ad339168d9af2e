"""Whole runs against a vendor on loopback: what is asked, paid, kept, foreseen, and asked anew."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from seodang.ledger.book import Book
from seodang.testing.wire_faults import Faults, Latency

pytest.importorskip("seodang_handcrafted", reason="the rows are its rows")
pytest.importorskip("seodang_locale_ko", reason="the prompt is the locale's")
mock = pytest.importorskip("seodang_openai.mock", reason="somebody has to answer")

IN_FLIGHT = 4
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
RECIPE = """
[recipe]
name = "llm-runs"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
translate = "llm"
name = "translate"
languages = ["en"]
teacher = "openai"
model = "gpt-4o-mini"
base_url = "{url}/v1"
input_price = 1.0
output_price = 2.0
"""
TASKS = ("Explain why bread rises.", "Describe the village school.", "Name a bird that swims.", "Describe the village school.")
ROWS = "".join(json.dumps({"instruction": task, "output": f"Answer {number}."}) + "\n" for number, task in enumerate(TASKS))
ANSWERS = [
    {"when": r"bread rises[\s\S]*적으세요", "text": "빵이 부푸는 까닭을 설명하세요."},
    {"when": "bread rises", "text": "번역: 빵이 부푸는 까닭을 설명하세요."},
    {"when": "bird that swims", "text": "죄송하지만 도와드릴 수 없습니다."},
    {"when": "village school", "text": "마을 학교를 묘사하세요."},
    {"when": r"Answer ⟦1⟧\.$", "text": "⟦1⟧번 답입니다."},
    {"when": r"Answer (\d)\.$", "text": "{group:1}번 답입니다."},
]


@pytest.fixture
def server():
    with mock.mock_openai(answers=ANSWERS) as serving:
        yield serving


def test_a_run_translates_pays_the_teacher_and_asks_nothing_twice(run_recipe, server):
    run = run_recipe(RECIPE.format(url=server.url), files={"rows.jsonl": ROWS}, quarantine_limit=1.0)
    assert run.ok, run.error
    assert [record.question for record in run.records("translate")] == [
        "빵이 부푸는 까닭을 설명하세요.", "마을 학교를 묘사하세요.", "마을 학교를 묘사하세요.",
    ]  # fmt: skip
    assert [record.answer for record in run.records("translate")] == ["0번 답입니다.", "1번 답입니다.", "3번 답입니다."]
    (line,) = run.lines("translate", "quarantined.jsonl")
    assert line["code"] == "declined" and "도와드릴 수 없습니다" in line["detail"]
    paid = server.counts()
    assert set(paid.paid.values()) == {1}, "equal texts are one question"
    with Book.open(run.run) as book:
        totals = book.totals()
        assert totals.total_micro("USD") == paid.charged["input_tokens"] + 2 * paid.charged["output_tokens"]
    again = run_recipe(RECIPE.format(url=server.url), files={"rows.jsonl": ROWS}, quarantine_limit=1.0)
    assert again.ok and server.counts().payments == paid.payments
    more = ROWS + json.dumps({"instruction": "Describe the village school.", "output": "Answer 1."}) + "\n"
    grown = run_recipe(RECIPE.format(url=server.url), files={"rows.jsonl": more}, quarantine_limit=1.0)
    assert grown.ok and server.counts().payments == paid.payments, "a new row with known texts costs nothing"


def test_bad_input_is_translated_or_told_of_row_by_row(run_recipe):
    """Right-to-left text, entities, an answer that is empty, a lone surrogate, and a turn that is longer than a request."""
    sentences = [
        f"The school has a room with the name {chr(97 + number % 26) * 3}{chr(97 + number // 26) * 2}." for number in range(400)
    ]
    answers = [
        {"when": r"\u202e", "text": "\u05e9\u05dc\u05d5\u05dd은 \u202e여기\u202c 있습니다."},
        {"when": "Jerry", "text": "톰 ⟦1⟧ 제리 ⟦2⟧가 달립니다."},
        {"when": "The school has a room", "text": "학교에는 이름이 있는 방이 있습니다."},
        {"when": "Describe", "text": "글을 묘사하세요."},
    ]
    texts = (
        "The word \u05e9\u05dc\u05d5\u05dd is \u202ehere\u202c.",
        "Tom &amp; Jerry &lt;b&gt; run.",
        "",
        "\n\n".join(sentences),
    )
    lines = [{"instruction": "Describe the text.", "output": text} for text in texts]
    lines.append({"instruction": "A lone \ud83d surrogate.", "output": "It stands here."})
    written = "".join(json.dumps(line) + "\n" for line in lines)
    with mock.mock_openai(answers=answers) as server:
        done = run_recipe(RECIPE.format(url=server.url), files={"rows.jsonl": written}, quarantine_limit=1.0)
        paid = server.counts().paid
    assert done.ok and {*paid.values()} == {1}
    assert [line["code"] for line in done.lines("handcrafted", "quarantined.jsonl")] == ["surrogate"]
    told = {line["record"]["messages"][-1]["text"]: line["code"] for line in done.lines("translate", "quarantined.jsonl")}
    kept = [record.answer for record in done.records("translate")]
    assert len(kept) + len(told) == len(texts), "every row is in one place"
    assert "" in kept and "\u05e9\u05dc\u05d5\u05dd은 \u202e여기\u202c 있습니다." in kept


@pytest.mark.parametrize(("language", "said"), [("en", "needs OPENAI_API_KEY, which is not set"), ("ko", "OPENAI_API_KEY")])
def test_without_the_key_of_its_teacher_nothing_is_sent(run_recipe, monkeypatch, no_network, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    done = run_recipe(RECIPE.replace('base_url = "{url}/v1"\n', ""), files={"rows.jsonl": ROWS})
    assert done.exit_code == 5 and said in str(done.error) and not no_network.attempts


def test_a_used_up_quota_stops_the_run_which_goes_on_from_there(run_recipe):
    faults = Faults(scripts={"village school": ("insufficient-quota", "ok")})
    with mock.mock_openai(answers=ANSWERS, faults=faults) as server:
        recipe = RECIPE.format(url=server.url) + "in_flight = 1\n"
        stopped = run_recipe(recipe, files={"rows.jsonl": ROWS}, quarantine_limit=1.0)
        assert (stopped.exit_code, stopped.error.code) == (6, "remote.exhausted")
        assert 0 < server.counts().payments < 7
        again = run_recipe(recipe, files={"rows.jsonl": ROWS}, quarantine_limit=1.0)
        assert again.ok and len(again.records("translate")) == 3
        assert set(server.counts().paid.values()) == {1}, "what was paid before is not paid again"


def test_another_model_asks_anew(run_recipe, server):
    files = {"rows.jsonl": ROWS}
    run_recipe(RECIPE.format(url=server.url), files=files, quarantine_limit=1.0)
    first = server.counts().payments
    other = RECIPE.format(url=server.url).replace("gpt-4o-mini", "gpt-4o")
    assert run_recipe(other, files=files, quarantine_limit=1.0).ok
    assert server.counts().payments == 2 * first


def test_a_plan_counts_the_questions_and_their_cost(command, tmp_path, server):
    (tmp_path / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    told = json.loads(command("plan", "recipe.toml", "--json"))
    (step,) = [step for step in told["steps"] if step["name"] == "translate"]
    estimate = step["estimate"]
    assert (estimate["rows"], estimate["unit"], estimate["currency"]) == (4, "tokens", "USD")
    assert estimate["requests"] in (4, 7) and 0 < estimate["likely_micro"] <= estimate["most_micro"]
    assert server.counts().requests == 0


@pytest.mark.parametrize(
    ("language", "said"), [("en", "names no teacher. Add one"), ("ko", "교사")]
)  # fmt: skip
def test_without_a_teacher_nothing_runs(run_recipe, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    recipe = re.sub(r"teacher = [\s\S]*", "", RECIPE)
    run = run_recipe(recipe, files={"rows.jsonl": ROWS})
    assert run.exit_code == 3 and said in str(run.error)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "'echo' asks no teacher. Remove teacher"), ("ko", "'echo'는 교사에게 묻지 않습니다")]
)  # fmt: skip
def test_a_translator_that_asks_nobody_needs_no_teacher(run_recipe, monkeypatch, language, said):
    pytest.importorskip("seodang_echo", reason="a translator that asks nobody")
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    recipe = RECIPE.format(url="http://127.0.0.1:9").replace('"llm"', '"echo"')
    run = run_recipe(recipe, files={"rows.jsonl": ROWS})
    assert run.exit_code == 3 and said in str(run.error)


def test_the_example_of_the_readme_is_a_recipe(command, tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    head = '[recipe]\nname = "mine"\nlanguage = "ko"\n\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\n\n'
    (tmp_path / "recipe.toml").write_text(head + example, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"instruction": "Boil the rice."}\n', encoding="utf-8")
    (tmp_path / "terms.csv").write_text("en,ko\nrice,쌀\n", encoding="utf-8")
    assert "llm" in command("plan", "recipe.toml", "--allow-unknown-price", OPENAI_API_KEY="sk-of-nobody")


def kill_and_compare(tmp_path, kills, seed, count):
    """Kills a run at random moments. What was paid twice was in flight at a kill, and the files are those of a run that was not."""
    chance = random.Random(seed)
    tasks = "".join(
        json.dumps({"instruction": f"Describe the village school of pupil {number}."}) + "\n" for number in range(count)
    )
    answers = [{"when": r"pupil (\d+)\.$", "text": "학생 {group:1}의 마을 학교를 묘사하세요."}]
    with mock.mock_openai(answers=answers, latency=Latency(0.02, 0.1)) as serving:
        for name in ("killed", "whole"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "rows.jsonl").write_text(tasks, encoding="utf-8")
            recipe = RECIPE.format(url=serving.url) + f"in_flight = {IN_FLIGHT}\n"
            (tmp_path / name / "recipe.toml").write_text(recipe, encoding="utf-8")
        for _ in range(kills):
            with process(tmp_path / "killed") as running:
                seen = serving.counts().requests + chance.randint(1, count // (2 * kills))
                while serving.counts().requests < seen and running.poll() is None:
                    time.sleep(0.02)
                running.send_signal(signal.SIGKILL)
                said, _ = running.communicate()
            assert running.returncode == -signal.SIGKILL, f"it ended before it was killed: {running.returncode}\n{said}"
        for name in ("killed", "whole"):
            with process(tmp_path / name) as running:
                said, _ = running.communicate()
                assert running.returncode == 0, said
            if name == "killed":
                paid = serving.counts().paid
                assert len(paid) == count and sum(times - 1 for times in paid.values()) <= kills * IN_FLIGHT
    killed, whole = (
        {str(file.relative_to(run)): file.read_bytes() for file in run.glob("[0-9][0-9]-*/*")}
        for run in (tmp_path / "killed" / "run", tmp_path / "whole" / "run")
    )
    assert killed == whole and len(killed) > 3


def process(directory):
    command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet"]
    return subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.faults
def test_a_kill_costs_at_most_what_is_in_flight_and_changes_no_file(tmp_path):
    kill_and_compare(tmp_path, kills=1, seed=1, count=120)


@pytest.mark.faults
@pytest.mark.nightly
def test_twenty_kills(tmp_path):
    kill_and_compare(tmp_path, kills=20, seed=2, count=2_000)
