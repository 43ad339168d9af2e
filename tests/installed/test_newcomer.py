"""The newcomer's path: the commands of README.md's section on your own data, as processes, in a folder where nothing is."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAND_IN = "http://127.0.0.1:8011/v1"
"""Where `seodang mock openai` listens by itself; here on any port that is free."""


def section(name: str, heading: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def commands(text: str) -> list[list[str]]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line.replace(".venv/bin/", "")) for kind, block in blocks if not kind for line in block.splitlines()]


@contextlib.contextmanager
def stand_in(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[str]:
    with subprocess.Popen(
        [*command, "--port", "0"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            yield re.search(r"http://127\.0\.0\.1:\d+/v1", line)[0]
        finally:
            process.terminate()


def test_each_command_of_the_readme_works_in_its_turn(tmp_path: Path):
    ours = section("README.md", "Your own data")
    (tmp_path / "home").mkdir()
    keep = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment |= {"HOME": str(tmp_path / "home"), "SEODANG_LANGUAGE": "en", "SEODANG_OFFLINE": "1"}
    folder = tmp_path / "clone"
    folder.mkdir()
    said = {}
    (step,) = re.findall(r"```toml\n(.*?)```", ours, re.DOTALL)
    with contextlib.ExitStack() as servers:
        typed = commands(ours)
        for command in typed:
            if command[:2] == ["seodang", "mock"]:
                address = servers.enter_context(stand_in(command, environment, folder))
                recipe = folder / "my-project" / "recipe.toml"
                before = recipe.read_text(encoding="utf-8").rpartition("[[step]]")[0]
                recipe.write_text(before + step.replace(STAND_IN, address), encoding="utf-8")
                continue
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            said.setdefault(command[1], []).append(done.stdout)
    assert [command[1] for command in typed] == ["init", "plan", "run", "show", "export", "mock", "plan", "run", "export"]
    assert "USD" in said["plan"][1] and "spent" in said["run"][1]
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 5 and all(row["messages"][-1]["role"] == "assistant" for row in rows)
    assert rows[0]["messages"][-1]["content"] != rows[0]["messages"][0]["content"], "the stand-in answered, not echo"


def test_the_korean_readme_says_the_same():
    korean, english = section("README.ko.md", "내 데이터로"), section("README.md", "Your own data")
    assert commands(korean) == commands(english) and len(commands(english)) == 9
    steps = [
        [
            line.partition(" #")[0].rstrip()
            for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
            for line in text.splitlines()
        ]
        for page in (korean, english)
    ]
    assert steps[0] == steps[1] and len(steps[0]) == 7
