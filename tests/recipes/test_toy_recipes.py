"""Every published recipe in its toy form: from nothing to a measured student, offline, with the readers and the wires of the large one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import seodang
from seodang.recipes.shipped import find_shipped, shipped_recipes

PUBLISHED = (
    "self-instruct", "alpaca", "koalpaca-v1.0", "koalpaca-v1.1", "kovicuna", "vicuna", "dolly", "oasst", "koala", "gpt4all",
    "polyglot-kobest", "false-promise", "korean-2026",
)  # fmt: skip
DATA_ONLY = {"koalpaca-v1.0", "kovicuna"}
"""Their trainings are recipes of their own."""
UNMEASURED = {"oasst", "gpt4all"}
"""Of them no evaluation was published but the loss on rows set aside."""
EXAMPLE = "koalpaca-v1.1"
"""Whose cards and report are kept under docs/examples."""
HEAD = {
    "korean-2026": ("Reproduces nothing", "From where:", "Published figures:", "Cost:", "Yours:", "Terms:", "Toy"),
    "": ("Faithful:", "Repaired:", "Published", "Cost then:", "Yours:", "Toy"),
}


def shipped(name: str) -> Path:
    return find_shipped(f"seodang-bench:{name}", shipped_recipes()).path


def head_of(text: str) -> str:
    return "\n".join(line for line in text[: text.index("[recipe]")].splitlines() if line.startswith("#"))


def test_every_published_system_is_listed_and_there_is_one_recipe_for_it(shell):
    told = shell.json("recipes")
    names = [one["name"] for one in told]
    assert set(PUBLISHED) <= set(names) and len(names) == len(set(names))
    assert all(one["description"] for one in told)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_says_what_it_reproduces_before_it_begins(name: str):
    text = shipped(name).read_text(encoding="utf-8")
    head = head_of(text)
    for word in HEAD.get(name, HEAD[""]):
        assert re.search(rf"\b{word}", head), f"the comment at the beginning of {name} does not say '{word}'"
    recipe = tomllib.loads(text)
    for step in [*recipe["step"], *recipe["scales"]["toy"].get("step", [])]:
        assert "/" not in step.get("path", ""), "what it reads lies beside it"
    mocked = "base_url" in str(recipe["scales"]["toy"])
    assert mocked == (shipped(name).with_suffix("") / "answers.toml").is_file()
    assert mocked == (f"seodang mock openai --answers {name} " in f"{head} "), "the toy form's vendor is named"


@pytest.mark.parametrize("name", sorted({*PUBLISHED} - DATA_ONLY - UNMEASURED))
def test_what_evaluates_keeps_its_questions_out_of_the_training(name: str):
    recipe = tomllib.loads(shipped(name).read_text(encoding="utf-8"))
    steps = [*recipe["scales"]["toy"].get("step", []), *recipe["step"]]
    unseen = False
    for step in steps:
        unseen = (unseen or "seeds" in step or "teach" in step) and step.get("filter") != "decontaminate"
        assert not ("train" in step and unseen), f"{name} trains on rows that no decontaminate has seen"


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_toy_form_runs_from_nothing_to_its_end(shell, toy, examples, name: str):
    with toy(name) as recipe:
        ran = recipe.run()
        assert ran.code == 0, ran.out + ran.err
        paid = recipe.paid()
        assert recipe.run().code == 0 and recipe.paid() == paid, "it is all there"
    run = seodang.open_run(shell.folder / "runs" / f"{name}-toy")
    wanted = tomllib.loads(recipe.text)
    verbs = [run.manifest(step).verb for step in run.steps]
    assert len(run.steps) == len(wanted["step"]) + len(wanted["scales"]["toy"].get("step", []))
    assert ("evaluate" in verbs) == (name not in DATA_ONLY | UNMEASURED)
    assert len(list(run.records())) >= 4, "something is left after all filters"
    if name not in DATA_ONLY:
        assert "train" in verbs
    for step, verb in zip(run.steps, verbs, strict=True):
        manifest = run.manifest(step)
        if verb == "train":
            folder = next((shell.folder / "runs" / f"{name}-toy").glob(f"*-train-{step}"))
            assert (folder / "student" / "model.safetensors").stat().st_size < 2_000_000
            losses = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
            assert 1 <= len(losses) <= 3
        if verb == "evaluate":
            assert manifest.figures["scores"], step
    assert all(number > 0 for number in paid.values()), "every vendor that is named was asked"
    assert ("deepl" in paid) == any("translate" in step for step in wanted["step"])
    if name == EXAMPLE:
        examples(shell.folder / "runs" / f"{name}-toy")


def test_koala_leaves_the_open_data_out_at_the_scale_distill(shell, toy):
    with toy("koala") as recipe:
        ran = recipe.run("--scale", "distill", "--step", "mix")
        assert ran.code == 0, ran.out + ran.err
    run = seodang.open_run(shell.folder / "runs" / "koala-distill")
    assert {record.source for record in run.records("mix")} == {"dialogues", "chatgpt", "people"}


def test_what_we_recommend_may_be_sold_and_alpaca_may_not(shell):
    told = {}
    for name in ("korean-2026", "alpaca"):
        assert shell("init", name, "--recipe", name).code == 0
        told[name] = shell("plan", f"{name}/recipe.toml", "--commercial")
    assert told["korean-2026"].code == 0, told["korean-2026"].err
    assert told["alpaca"].code == 3 and "LLaMA-1" in told["alpaca"].err


KILLED = """
import os, signal, sys
sync, left = os.fsync, int(sys.argv[1])
def counted(descriptor):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(descriptor)
os.fsync = counted
from seodang.commandline import main
main(sys.argv[2:])
"""
"""Kills itself just before something is made durable, for the so-many-th time."""


def files_of(run: Path) -> dict[str, str]:
    """Every file of every finished step, by its name and hash."""
    found = (file for file in run.glob("[0-9][0-9]-*/**/*") if file.is_file())
    return {str(file.relative_to(run)): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


def kill_once_and_resume(shell, toy, monkeypatch, name: str) -> None:
    syncs, sync = 0, os.fsync

    def counted(descriptor: int) -> None:
        nonlocal syncs
        syncs += 1
        sync(descriptor)

    with toy(name) as recipe:
        with monkeypatch.context() as counting:
            counting.setattr(os, "fsync", counted)
            assert recipe.run("--run-dir", "whole").code == 0
        at = random.Random(name).randrange(syncs // 4, syncs)
        command = [sys.executable, "-c", KILLED, str(at), *recipe.command, "--run-dir", "killed"]
        killed = subprocess.run(command, capture_output=True, check=False, timeout=120)
        assert killed.returncode == -9, killed.stderr.decode()
        before = files_of(Path("killed"))
        resumed = recipe.run("--run-dir", "killed")
        assert resumed.code == 0, resumed.out + resumed.err
    whole = files_of(Path("whole"))
    assert before.keys() != whole.keys(), f"killed at {at} of {syncs}: nothing was left to do"
    assert files_of(Path("killed")) == whole, f"killed at {at} of {syncs}"


def test_a_toy_run_that_was_killed_ends_in_the_same_files(shell, toy, monkeypatch):
    kill_once_and_resume(shell, toy, monkeypatch, "alpaca")


@pytest.mark.nightly
@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "alpaca"])
def test_every_toy_run_that_was_killed_ends_in_the_same_files(shell, toy, monkeypatch, name: str):
    kill_once_and_resume(shell, toy, monkeypatch, name)
