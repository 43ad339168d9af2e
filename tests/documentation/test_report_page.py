"""The page about the report names every section that there is, in order; and the command that a report shows makes the run again."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import pytest
import seodang.reports
from seodang.commandline import main
from seodang.wording import render

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
SECTION = re.compile(r'page\.section\(\s*render\("report\.([a-z-]+)"')


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    def seodang(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return seodang


def command(page: Path) -> list[str]:
    (shown,) = re.findall(r"<pre>(seodang run .*?)</pre>", page.read_text(encoding="utf-8"))
    return shlex.split(html.unescape(shown))


def test_every_section_is_on_the_page():
    rooms = Path(seodang.reports.__file__).parent.glob("*.py")
    sections = {name for room in rooms for name in SECTION.findall(room.read_text(encoding="utf-8"))}
    assert len(sections) == 9
    told = [row.partition("**")[2].partition("**")[0] for row in PAGE.splitlines() if row.startswith("| **")]
    assert sorted(told) == sorted(render(f"report.{name}", {}, "en") for name in sections)


def test_the_command_in_the_report_makes_the_run_again(shell):
    """From where it was made, with what was set, and from the recipe that lies beside what it names."""
    shell("init", "village", "--recipe", "first")
    recipe = Path("village/recipe.toml")
    text = recipe.read_text(encoding="utf-8")
    name = re.search(r'^name = "(.*)"', text, re.MULTILINE)[1]
    shell("run", recipe, "--quiet", "--limit", "2", "--set", "recipe.seed=7", "--run-dir", "runs/it's mine")
    run = Path("runs/it's mine")
    shell("report", run)
    words = command(run / "report.html")
    settings = ["--set", "recipe.seed=7", "--limit", "2", "--run-dir", str(run)]
    assert words == ["seodang", "run", str(recipe), *settings], name
    before = {file: file.read_bytes() for file in run.rglob("*.jsonl") if file.name != "log.jsonl"}
    assert before
    shell(*words[1:], "--quiet")
    shell(*words[1:-1], "runs/again", "--quiet")
    for file, content in before.items():
        assert file.read_bytes() == (Path("runs/again") / file.relative_to(run)).read_bytes() == content

    recipe.write_text(text + "\n# Changed.\n", encoding="utf-8")
    shell("report", run)
    assert command(run / "report.html") == ["seodang", "run", str(run / "recipe.toml"), *settings]
    assert "what it names is looked for beside it, and lay in village." in (run / "report.html").read_text(encoding="utf-8")
