"""The shipped recipe of Self-Instruct, from `init` to a row that is forgotten, against the mock's answers to it."""

from __future__ import annotations

import json
import re

import pytest
import seodang
from seodang.ledger.book import Book
from seodang_openai.mock import mock_openai
from seodang_openai.mock_answers import Answers

NAME = "self-instruct-korean"


@pytest.fixture
def run(shell):
    """The recipe, begun and run; gives the command that runs it again, and the mock that is paid."""
    with mock_openai(answers=Answers.read(NAME)) as server:
        begun = shell("init", "begun", "--recipe", NAME)
        assert begun.code == 0 and begun.out.startswith("begun holds recipe.toml, answers.toml.\n"), begun.err
        assert "requires" not in begun.out, "nothing is missing"
        at = ("--set", f"teachers.gpt.base_url={server.url}/v1", "--set", "self-instruct.count=60")

        def again(*arguments: str, verb: str = "run"):
            return shell(verb, "begun/recipe.toml", "--run-dir", "run", *at, *arguments)

        again.server = server
        again.planned = again("--json", verb="plan")
        done = again("--quiet")
        assert done.code == 0, done.err
        yield again


def test_tasks_grow_out_of_the_shipped_seeds(shell, run):
    rows = list(seodang.open_run("run").records("self-instruct"))
    by_task = {}
    for row in rows:
        by_task.setdefault(row.tags["number"], []).append(row)
    assert len(by_task) > 50 and max(by_task) == 60 and [*by_task] == sorted(by_task)
    seeds = {record.id for record in seodang.open_run("run").records("seeds")}
    assert all(set(row.parents) <= seeds and len(row.parents) in (6, 8) for row in rows)
    assert all(row.terms == ("Apache-2.0",) for row in rows), "the seeds' licence goes with what is made from them"
    labelled = [row for row in rows if row.tags["classification"]]
    assert {row.answer for row in labelled} == {"긍정", "부정"} and all(row.input for row in labelled)
    assert not [row for row in rows if "입력 없음" in row.input or "예 2" in row.answer]
    assert len(list(seodang.open_run("run").records())) == len(rows), "the filters find nothing wrong with them"


def test_everything_that_was_bought_is_accounted_for(shell, run):
    step = next(step for step in shell.json("show", "run")["steps"] if step["name"] == "self-instruct")
    rows, dropped = step["rows"], step["dropped"]
    assert rows["in"] == 175 == rows["used"] + rows["dropped"] and rows["dropped"] == dropped["unused"]
    assert rows["rejected"] == sum(dropped.values()) - dropped["unused"] > 20
    assert {"too-similar", "unsuitable", "no-instances", "over-count"} <= dropped.keys()
    run_ = seodang.open_run("run")
    items = {
        (row["record"]["tags"]["request"], row["record"]["tags"]["item"])
        for row in run_.dropped("self-instruct")
        if row["code"] != "unused"
    }
    items |= {(row.tags["request"], row.tags["item"]) for row in run_.records("self-instruct")}
    lists = step["figures"]["requests"]
    # Each list of the mock has eight items, or six when it breaks off in the middle: every one of them is somewhere.
    counted = {request: len([item for found, item in items if found == request]) for request in range(1, lists + 1)}
    assert {*counted.values()} <= {6, 8} and len(counted) == lists
    text = shell("show", "run").out
    assert f"self-instruct: made and not kept {rows['rejected']}" in text
    assert f"self-instruct: 만들었으나 쓰지 않음 {rows['rejected']}" in shell("show", "run", language="ko").out


def test_what_was_not_kept_is_shown_beside_what_it_was_too_like(shell, run):
    shown = shell("show", "run", "self-instruct", "--dropped").out
    step = next(step for step in shell.json("show", "run")["steps"] if step["name"] == "self-instruct")
    came = step["rows"]["in"] + step["rows"]["made"] + step["rows"]["rejected"]
    first = f"self-instruct (seodang-self-instruct:self-instruct): {sum(step['dropped'].values())} of {came} rows dropped"
    assert shown.splitlines()[0] == first
    assert re.search(r"^[0-9a-f]{32}  too-similar  0\.\d{3}\n    collided with:\n    user: ", shown, re.M)
    lines = [
        json.loads(line) for line in shell("show", "run", "self-instruct", "--dropped", "--rows", "0", "--json").out.splitlines()
    ]
    assert len(lines) == sum(step["dropped"].values())
    similar = next(line for line in lines if line["code"] == "too-similar")
    assert similar["other"] and similar["record"]["parents"] and similar["record"]["tags"]["round"]


def test_the_same_command_again_asks_nothing_and_more_tasks_keep_the_first(shell, run):
    paid = run.server.counts().payments
    before = [row.question for row in seodang.open_run("run").records("self-instruct")]
    assert run("--quiet").code == 0 and run.server.counts().payments == paid
    more = run("--quiet", "--set", "self-instruct.count=90")
    assert more.code == 0, more.err
    after = [row.question for row in seodang.open_run("run").records("self-instruct")]
    assert after[: len(before)] == before and len(after) > len(before)
    assert run.server.counts().payments - paid < paid, "what was bought is not bought again"
    assert max(run.server.counts().paid.values()) == 1


def test_a_seed_that_is_forgotten_takes_along_what_was_made_from_it_kept_or_not(shell, run):
    opened = seodang.open_run("run")
    seed = next(row for row in opened.records("self-instruct")).parents[0]
    kept = [row.id for row in opened.records("self-instruct") if seed in row.parents]
    dropped = [row["record"]["id"] for row in opened.dropped("self-instruct") if seed in row["record"].get("parents", ())]
    assert kept and dropped
    assert {seed, *kept, *dropped} <= set(shell.json("forget", "run", "--id", seed)["records"])
    opened = seodang.open_run("run")
    left = {row.id for row in opened.records("self-instruct")} | {row["record"]["id"] for row in opened.dropped("self-instruct")}
    assert not left & {seed, *kept, *dropped}


def test_no_question_that_showed_a_forgotten_seed_stays_in_the_ledger(shell, run):
    """A question shows six of them, and its answer is forgotten with each; so are the questions about what was made of it."""
    row = next(row for row in seodang.open_run("run").records("self-instruct") if len(row.parents) > 4)
    seed = next(each for each in seodang.open_run("run").records("seeds") if each.id == row.parents[4])
    before = asked(shell)
    assert all(any(text in body for body in before) for text in (seed.question, row.question))
    assert shell.json("forget", "run", "--id", seed.id)["answers"] > 1
    after = asked(shell)
    assert after and not any(text in body for text in (seed.question, row.question) for body in after)


def asked(shell) -> list[str]:
    """The last message of every question in the ledger."""
    with Book.open(shell.folder / "run") as book:
        return [json.loads(sent.request)["request"]["messages"][-1]["text"] for sent in book.sent() if sent.request]


def test_the_plan_expects_about_what_is_asked(shell, run):
    estimate = next(step for step in json.loads(run.planned.out)["steps"] if step["name"] == "self-instruct")["estimate"]
    assert estimate["declared"] and 0.6 < estimate["requests"] / run.server.counts().payments < 1.5
