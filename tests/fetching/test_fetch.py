"""All that a recipe needs is brought into one folder, and with that folder alone it runs where there is no network."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import seodang
from loopback_hub import Repository


def read(path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_dry_run_tells_names_sizes_and_terms_and_brings_nothing(fetch, hub):
    told = fetch("--dry-run")
    assert told.code == 0 and not told.folder.exists()
    lines = [line.split("\t") for line in told.out.splitlines()]
    assert lines[0] == ["what", "revision", "folder", "files", "bytes", "terms"]
    assert [line[0] for line in lines[1:3]] == ["village/rows", "village/tiny"]
    assert lines[2][1] == hub.models["village/tiny"].commit[:12] and lines[2][2] == "models/village/tiny"
    assert lines[2][5] == "apache-2.0" and lines[3][2] == "own/a.jsonl"
    assert told.out.splitlines()[-1].startswith("Would bring 2 pieces and 1 file, ")
    assert not [asked for asked in hub.asked if "resolve" in asked]


def carried(fetch, tmp_path, *arguments):
    """The folder elsewhere, where no hub answers, and what a run of it there says."""
    done = fetch()
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1].endswith("SEODANG_OFFLINE=1 HF_HUB_OFFLINE=1 seodang run recipe.toml")
    there = shutil.copytree(done.folder, tmp_path / "carried")
    shutil.rmtree(done.folder)
    offline = {
        **{name: value for name, value in os.environ.items() if name != "HF_TOKEN"},
        "HF_HUB_OFFLINE": "1", "SEODANG_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "home"),
    }  # fmt: skip
    command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--quiet", "--workers", "1", *arguments]
    ran = subprocess.run(command, cwd=there, env=offline, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return there


def test_the_folder_is_read_where_there_is_no_network(fetch, tmp_path):
    there = carried(fetch, tmp_path, "--step", "handcrafted")
    run = seodang.open_run(there / "runs" / "inside")
    assert [record.question for record in run.records("handcrafted")] == ["서당이란?"]
    assert len(list(run.records("instruct-data"))) == 12
    for line in read(there / "SHA256SUMS").splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((there / name).read_bytes()).hexdigest() == digest
    assert "village/tiny/model.safetensors" in read(there / "SHA256SUMS") and "http" not in read(there / "recipe.toml")


@pytest.mark.nightly
def test_a_training_begins_with_the_model_where_there_is_no_network(fetch, recipe, hub, tmp_path):
    """The whole of it, with a model that can be opened."""
    from seodang_local.tiny import write_tiny

    place = write_tiny(tmp_path / "tiny", shape="llama", tokenizer="bytes")
    before = hub.models["village/tiny"].commit
    hub.models["village/tiny"] = Repository({file.name: file.read_bytes() for file in place.iterdir()})
    recipe.write_text(read(recipe).replace(before, hub.models["village/tiny"].commit), encoding="utf-8")
    run = seodang.open_run(carried(fetch, tmp_path) / "runs" / "inside")
    assert len(list(run.records())) == 13
    assert (run.folder("sft") / "student" / "model.safetensors").stat().st_size > 100_000


def test_the_recipe_names_what_lies_beside_it_and_nothing_else_of_it_changes(fetch, recipe):
    assert fetch().code == 0
    before, after = read(recipe).splitlines(), read(recipe.parent.parent / "inside" / "recipe.toml").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        'dataset = "./datasets/village/rows"  # rows of the village',
        'revision = ""',
        'model = "./models/village/tiny"  # the base',
    ]


def test_what_runs_when_it_is_opened_and_what_is_secret_stay_outside(fetch, hub):
    done = fetch()
    names = {str(path.relative_to(done.folder)) for path in done.folder.rglob("*") if path.is_file()}
    assert "models/village/tiny/model.safetensors" in names and "models/village/tiny/pytorch_model.bin" not in names
    assert "Bearer hf_a-token-of-ours" in hub.tokens
    assert not [name for name in names if b"hf_a-token-of-ours" in (done.folder / name).read_bytes()]
    (done.folder.parent / "outside" / "own" / "a.jsonl").write_text('{"instruction": "hf_a-token-of-ours"}\n')
    refused = fetch()
    assert refused.code == 4 and "own/a.jsonl contains the value of HF_TOKEN." in refused.err


def test_the_page_says_what_is_in_it_and_what_to_do_there(fetch, monkeypatch):
    done = fetch()
    page = read(done.folder / "README.md")
    for part in (
        "# inside, for a machine without a network",
        "pip install --no-index --find-links wheels -r requirements.txt\nSEODANG_OFFLINE=1 HF_HUB_OFFLINE=1 seodang run recipe.toml",
        "pip download --no-deps --dest wheels -r requirements",
        "| village/tiny | ", " | models/village/tiny | ", " | apache-2.0 | sft |", "no legal advice",
    ):  # fmt: skip
        assert part in page
    assert str(done.folder.parent) not in page
    wanted = read(done.folder / "requirements.txt").splitlines()
    names = {line.partition("==")[0] for line in wanted}
    assert names >= {"seodang", "seodang-train", "seodang-instruct-data", "seodang-locale-ko", "torch", "datasets", "msgspec"}
    assert not names & {"seodang-deepl", "pytest", "ruff"} and all("==" in line and "/" not in line for line in wanted)
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert fetch().code == 0
    assert "# inside: 네트워크가 없는 컴퓨터를 위한 폴더" in read(done.folder / "README.md")


def test_a_connection_that_breaks_costs_only_what_was_under_way(fetch, hub):
    size = len(hub.models["village/tiny"].files["model.safetensors"])
    hub.breaks_after["model.safetensors"] = size // 2
    first = fetch()
    if first.code:  # the library may have gone on by itself
        assert first.code == 6 and "Run the same command again: it goes on where it stopped." in first.err
        assert fetch().code == 0
    weights = first.folder / "models" / "village" / "tiny" / "model.safetensors"
    assert (
        hashlib.sha256(weights.read_bytes()).digest() == hashlib.sha256(hub.models["village/tiny"].files[weights.name]).digest()
    )
    assert hub.sent["model.safetensors"] < 2 * size
    asked = len(hub.asked)
    assert fetch().code == 0
    assert not [one for one in hub.asked[asked:] if one.startswith("GET") and "resolve" in one], "it is all there"


def test_an_attempt_that_was_broken_off_goes_on_at_the_revision_with_which_it_began(fetch, recipe, hub, tiny):
    """The recipe names a branch, and somebody pushes to it in between."""
    recipe.write_text(read(recipe).replace(f"@{hub.models['village/tiny'].commit}", ""), encoding="utf-8")
    began = hub.models["village/tiny"].commit
    assert fetch().code == 0
    hub.models["village/tiny"] = Repository({**tiny, "config.json": b"{}"})
    assert {piece["name"]: piece["revision"] for piece in fetch.json("--dry-run")["pieces"]}["village/tiny"] == began
    assert {piece["name"]: piece["revision"] for piece in fetch.json("--dry-run")["pieces"]}["village/rows"]


def test_a_file_that_is_not_what_the_hub_says_is_not_taken(fetch, hub, monkeypatch):
    assert fetch("--dry-run").code == 0
    weights = hub.models["village/tiny"].files["model.safetensors"]
    real = hub.about

    def lying(path):
        status, said = real(path)
        for one in said.get("siblings", ()):
            if "lfs" in one:
                one["lfs"]["sha256"] = "0" * 64
        return status, said

    monkeypatch.setattr(hub, "about", lying)
    refused = fetch()
    assert refused.code == 4 and "models/village/tiny/model.safetensors did not arrive whole." in refused.err
    assert len(weights) and not (refused.folder / "models/village/tiny/model.safetensors").exists()


def test_a_scale_and_settings_bring_what_they_need(fetch, recipe):
    """A size that begins from scratch needs no model; what --set says is written into the recipe."""
    told = fetch.json("--scale", "scratch", "--set", "sft.max_steps=1", "--set", "recipe.seed=7")
    assert [piece["name"] for piece in told["pieces"]] == ["village/rows"]
    assert told["run_command"].endswith("seodang run recipe.toml --scale scratch") and told["fetched"]
    written = tomllib.loads(read(recipe.parent.parent / "inside" / "recipe.toml"))
    assert written["step"][2]["max_steps"] == 1 and written["recipe"]["seed"] == 7
    assert written["step"][2]["model"].startswith("village/tiny@"), "the other size is as it was"


def test_what_lies_elsewhere_on_this_machine_comes_along(fetch, recipe, tmp_path, tiny):
    (tmp_path / "shelf" / "base").mkdir(parents=True)
    for name, content in tiny.items():
        (tmp_path / "shelf" / "base" / name).write_bytes(content)
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "b.jsonl").write_text('{"instruction": "둘?", "output": "둘입니다."}\n', encoding="utf-8")
    text = read(recipe).replace('"own/*.jsonl"', f'"{tmp_path}/rows/*.jsonl"')
    commit = text.partition("village/tiny")[2].partition('"')[0]
    recipe.write_text(text.replace(f"village/tiny{commit}", "../shelf/base"), encoding="utf-8")
    done = fetch()
    assert done.code == 0, done.err
    written = tomllib.loads(read(done.folder / "recipe.toml"))
    assert written["step"][1]["path"] == "files/handcrafted-path/*.jsonl" and written["step"][2]["model"] == "./models/base"
    assert (done.folder / "files/handcrafted-path/b.jsonl").is_file()
    assert (done.folder / "models/base/model.safetensors").is_file() and not (
        done.folder / "models/base/pytorch_model.bin"
    ).exists()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_not_to_be_had_stops_before_anything_is_written(fetch, recipe, hub, monkeypatch, language):
    recipe.write_text(read(recipe).replace("village/tiny", "models/llama-7b"), encoding="utf-8")
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    refused = fetch()
    assert refused.code == 6 and not refused.folder.exists()
    said = {"en": "has no model models/llama-7b, or does not show it", "ko": "'models/llama-7b' 저장소(model)가 없거나"}
    assert said[language] in refused.err


def test_a_folder_with_other_things_in_it_is_left_alone(fetch, tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "mine.txt").write_text("mine")
    refused = fetch()
    assert refused.code == 4 and "holds other things, or is the recipe's own folder." in refused.err
    assert [path.name for path in (tmp_path / "inside").iterdir()] == ["mine.txt"]
    assert fetch(folder="outside").code == 4


def test_a_teacher_behind_an_address_is_named_and_not_forgotten(fetch, recipe):
    text = read(recipe).replace(
        '[[step]]\ntrain = "sft"',
        '[[step]]\nteach = "answer"\nteacher = "openai"\nmodel = "gpt-4o-mini"\n\n[[step]]\ntrain = "sft"',
    )
    recipe.write_text(text, encoding="utf-8")
    told = fetch.json("--dry-run")
    assert told["hosts"] == {"answer": ["api.openai.com"]} and told["secrets"] == ["OPENAI_API_KEY"]
    assert told["run_command"] == "HF_HUB_OFFLINE=1 seodang run recipe.toml"
    assert "answer still asks api.openai.com" in fetch("--dry-run").err
    assert json.dumps(told)


DOCS = Path(__file__).parents[2] / "docs"


def blocks(name: str) -> list[list[str]]:
    """The commands of a page's code blocks, without what is said behind them."""
    found = re.findall(r"^```\n(.*?)^```$", read(DOCS / name), re.MULTILINE | re.DOTALL)
    return [[line.partition("  #")[0].strip() for line in block.splitlines()] for block in found]


def test_the_commands_of_both_pages_are_those_that_work(fetch, recipe, monkeypatch):
    """Brings the wheels only where there is an index, so the third is taken for its option."""
    from seodang.commandline.fetch import command

    english, korean = blocks("air-gapped.md"), blocks("air-gapped.ko.md")
    assert english == korean and len(english) == 2
    monkeypatch.chdir(recipe.parent)
    for line in english[0]:
        words = line.split()
        assert words[:4] == ["seodang", "fetch", "recipe.toml", "inside/"]
        assert {*words[4:]} <= {option for parameter in command.params for option in parameter.opts}
    assert [fetch(*line.split()[4:]).code for line in english[0][:2]] == [0, 0]
    page = read(fetch().folder / "README.md")
    assert "\n".join(english[1]) in page
