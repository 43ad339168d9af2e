"""A recipe with `mode = "batch"`, as a person lives with it: planned, run, stopped, shown, collected, given up."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
from seodang_bench.processes import child_environment
from seodang_bench.vendors import vendor

RECIPE = """[recipe]
name = "batches"
language = "ko"

[teachers.patient]
use = "openai"
mode = "batch"
model = "mock"
base_url = "{url}"
input_price = 1.0
output_price = 2.0

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "patient"
"""
RUN = ("run", "recipe.toml", "--run-dir", "run")
ALONE = ("--set", 'teachers.patient.mode="live"')


@pytest.fixture
def slow(shell):
    """Three questions to a vendor whose batches take six seconds."""
    with vendor(arguments=["--batch-seconds", "6"]) as server:
        (shell.folder / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")
        shell.server = server
        yield shell


def interrupted(folder, *, language="en"):
    """Starts the run, waits until its batch is handed in, and presses Ctrl-C: the exit code, and what was said."""
    with subprocess.Popen(
        [sys.executable, "-m", "seodang", *RUN], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env=child_environment({"SEODANG_LANGUAGE": language}),
    ) as process:  # fmt: skip
        said = []
        for line in process.stderr:
            said.append(line)
            if "batch_0000" in line:
                break
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        said += process.stderr.readlines()
        process.wait(timeout=30)
        assert time.monotonic() - began < 5, "nobody waits for a batch after Ctrl-C"
    return process.returncode, "".join(said)


def test_a_batch_is_planned_at_half_price_stopped_shown_and_collected(slow):
    planned = slow("plan", "recipe.toml", "--run-dir", "run")
    assert "answer: handed in as 1 batch at the price of batches, which can take a day each" in planned.out, planned.out
    batched, alone = (
        next(
            step["estimate"] for step in slow.json("plan", "recipe.toml", "--run-dir", "run", *more)["steps"] if step["estimate"]
        )
        for more in ((), ALONE)
    )
    assert batched["requests"] == alone["requests"] == 3 and (batched["batches"], alone["batches"]) == (1, 0)
    assert 2 * batched["most_micro"] == pytest.approx(alone["most_micro"], abs=6)

    code, said = interrupted(slow.folder)
    assert code == 75
    assert "answer: 3 questions handed in at 127.0.0.1:" in said and "That can take a day. Ctrl-C ends only the waiting" in said
    assert "Stopped as asked. 1 batch goes on at 127.0.0.1:" in said and "run the same command again to collect them." in said

    shown = slow("show", "run")
    assert "batch batch_00000001 of answer, handed in" in shown.out and "0 of 3 answers stored" in shown.out, shown.out
    assert slow.json("show", "run")["open_batches"][0]["identifier"] == "batch_00000001"
    (line,) = [line for line in slow("ledger", "run", "--batches").out.splitlines() if "batch_00000001" in line]
    assert line.split("\t")[4:8] == ["answer", "3", "0", "open"]
    planned = slow("plan", "recipe.toml", "--run-dir", "run")
    assert "0 new questions" in planned.out and "3 questions more lie in a batch already" in planned.out, planned.out

    done = slow(*RUN, "--quiet")
    assert done.code == 0 and "1 batch handed in earlier" not in done.out
    counts = slow.server.counts()
    assert counts.payments == 3 and counts.asked["batches"] == 1 and "Open at" not in slow("show", "run").out
    bill = counts.charged["batch_input_tokens"] / 2 + counts.charged["batch_output_tokens"]
    settled = slow.json("ledger", "run")["runs"][0]["totals"]["settled_micro"]["USD"]
    assert bill <= settled <= bill + 3
    batches = json.loads(slow("ledger", "run", "--batches", "--json").out)["batches"]
    assert [(batch["state"], batch["answered"]) for batch in batches] == [("completed", 3)]


def test_ctrl_c_speaks_korean_too_and_a_lost_batch_is_given_up_by_hand(slow):
    code, said = interrupted(slow.folder, language="ko")
    assert code == 75 and "요청하신 대로 멈췄습니다. 127.0.0.1:" in said and "배치 1개(질문 3건)는 계속 처리되고 있으니" in said
    with vendor() as another:  # a place that knows nothing of the batch
        (slow.folder / "recipe.toml").write_text(RECIPE.format(url=another.url), encoding="utf-8")
        lost = slow(*RUN, "--quiet")
        assert lost.code == 6 and "does not know the batch batch_00000001 with 3 questions any more" in lost.err, lost.err
        assert not another.counts().payments

        wrong = slow("ledger", "abandon", "run", "batch_9")
        assert wrong.code == 4 and "There is no open batch 'batch_9' here. Open are: batch_00000001." in wrong.err
        given_up = slow("ledger", "abandon", "run", "batch_00000001")
        assert (
            given_up.code == 0 and "The batch batch_00000001 is given up. Its 3 questions may have been paid for" in given_up.out
        )
        assert slow(*RUN, "--quiet").code == 0 and another.counts().payments == 3
    assert slow.json("ledger", "run")["runs"][0]["totals"]["in_doubt"] == 3, "it may have been billed, and stays counted"


def test_who_tries_a_recipe_waits_for_no_batch(slow):
    began = time.monotonic()
    tried = slow("try", "recipe.toml", "--run-dir", "run", "--rows", "2")
    assert tried.code == 0 and time.monotonic() - began < 5
    counts = slow.server.counts()
    assert counts.payments == 2 and "batches" not in counts.asked and counts.charged["input_tokens"] > 0
    assert slow(*RUN, "--quiet").code == 0 and slow.server.counts().payments == 3, "and what was tried is not bought again"


def test_forgetting_a_row_while_its_batch_is_open_leaves_no_text_and_no_hole_in_the_bill(slow):
    assert interrupted(slow.folder)[0] == 75
    assert not list((slow.folder / "run").glob("*.batches/*")), "the file is gone as soon as the vendor has it"
    rows = [json.loads(line) for line in (slow.folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    forgotten = slow("forget", "run", "--url", rows[0]["url"])
    assert forgotten.code == 0, forgotten.err
    (slow.folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[1:]), encoding="utf-8")
    assert slow(*RUN, "--quiet").code == 0
    assert slow.server.counts().payments == 3
    totals = slow.json("ledger", "run")["runs"][0]["totals"]
    assert (totals["answers"], totals["in_doubt"]) == (2, 1), "the answer that belongs to nobody is counted as paid"
