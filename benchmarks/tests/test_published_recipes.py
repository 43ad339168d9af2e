"""The published recipes that translate, with the real command line against vendors on loopback."""

import json
import os
import subprocess
import sys

import pytest
import seodang
from seodang_deepl.mock import mock_deepl
from seodang_openai.mock import mock_openai


@pytest.fixture
def command(tmp_path):
    def run(*arguments: str) -> str:
        said = subprocess.run(
            [sys.executable, "-m", "seodang", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "SEODANG_LANGUAGE": "en"},
        )  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    return run


def estimates(command, *arguments):
    told = json.loads(command("plan", "begun/recipe.toml", "--json", *arguments))
    return {step["name"]: step["estimate"] for step in told["steps"] if step.get("estimate")}


def test_koalpaca_translates_the_questions_and_writes_the_answers_anew(command, tmp_path):
    command("init", "begun", "--recipe", "koalpaca-v1.0")
    with mock_deepl() as (deepl, _), mock_openai(answers="koalpaca-v1.0") as openai:
        local = [f"--set=translate.server_url={deepl.url}", f"--set=answer.base_url={openai.url}/v1", "--run-dir", "run"]
        planned = estimates(command, *local)
        assert planned["translate"]["unit"] == "characters" and planned["translate"]["likely_micro"] > 0
        assert planned["answer"]["requests"] >= 1 and planned["answer"]["most_micro"] > 0
        command("run", "begun/recipe.toml", *local, "--quiet")
        billed = deepl.counts()
        assert billed.requests == 1 and billed.charged["characters"] == planned["translate"]["input_tokens"]
        paid = openai.counts().payments
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert (deepl.counts().charged, openai.counts().payments) == (billed.charged, paid) and paid == 1
    run = seodang.open_run(tmp_path / "run")
    translated = list(run.records("translate"))
    assert len(translated) == 10 and not any(record.answered for record in translated)
    final = list(run.records("duplicates"))
    assert len(final) == 10
    locale = seodang.testing.make_context(tmp_path, language="ko").locale
    for record in final:
        assert record.language == "ko" and locale.is_written_in(record.question) and locale.is_written_in(record.answer)
        assert record.columns["output_en"].isascii()
        assert {"LicenseRef-DeepL-Terms", "CC0-1.0"} & set(record.terms)
    assert "`sorted(names, key=len)`" in [record.input for record in final]
    dropped = [json.loads(line) for line in next((tmp_path / "run").glob("*translate*/dropped.jsonl")).read_text().splitlines()]
    assert [(line["code"], line["detail"]) for line in dropped] == [("language-task", "rhyme")]


def test_kovicuna_translates_whole_dialogues_in_one_speech_level(command, tmp_path):
    command("init", "begun", "--recipe", "kovicuna")
    with mock_deepl() as (deepl, _):
        local = [f"--set=translate.server_url={deepl.url}", "--run-dir", "run"]
        planned = estimates(command, *local)
        assert planned["translate"]["likely_micro"] == 25 * planned["translate"]["input_tokens"] > 0
        command("run", "begun/recipe.toml", *local, "--quiet")
        billed = deepl.counts()
        assert billed.charged["characters"] == planned["translate"]["input_tokens"]
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert deepl.counts().charged == billed.charged
    final = list(seodang.open_run(tmp_path / "run").records("repetition"))
    assert len(final) == 4 and {record.language for record in final} == {"ko"}
    dialogues = {len(record.messages): record for record in final}
    said = "\n".join(message.text for record in final for message in record.messages)
    assert max(dialogues) == 4
    for kept in (
        "    return sorted(names, key=len)\n```",
        "`reverse=True`",
        "https://docs.example.org/sorted",
        "전통 시장에서 나물을",
    ):
        assert kept in said, "code, addresses and what was Korean stay as they are"
    assert "1. " in said and "garden" not in said
