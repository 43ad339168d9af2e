"""Every command of the page on exporting, and of the plugins that export, is run; every format, table and layout has one."""

import json
import re
import shlex
from pathlib import Path

import pytest
from seodang.commandline import main
from seodang.plugins.loading import load_plugins

ROOT = Path(__file__).parents[2]
PAGES = (
    "docs/export.md",
    *(f"plugins/seodang-{name}/README.md" for name in ("parquet", "xlsx", "hub", "llama-factory", "axolotl", "gguf")),
)
RECIPE = """
[recipe]
name = "lessons"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
licence = "CC-BY-4.0"

[[step]]
train = "sft"
template = "koalpaca"
width = 32
layers = 1
heads = 2
max_steps = 1
threads = 1
"""
ROWS = [
    {"instruction": "수도는?", "output": "서울", "url": "kin/1", "views": 3},
    {"instruction": "요약하세요.", "input": "긴 글", "output": "짧다."},
    {"messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2", "thinking": "쉽다"}]},
]


def spoken() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        lines = [line for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
        found += [(page, line) for line in lines if line.startswith("seodang export ")]
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("page")
    (place / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (place / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(place / "recipe.toml"), "--run-dir", str(place / "mine"), "--quiet"])
    assert ended.value.code == 0
    return place / "mine"


@pytest.mark.parametrize(("page", "line"), spoken(), ids=[line.removeprefix("seodang export runs/mine ") for _, line in spoken()])
def test_a_command_does_what_the_page_says(page, line, run, tmp_path, monkeypatch, capsys):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine").symlink_to(run)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line)[1:])
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    (out,) = (path for path in tmp_path.iterdir() if path.name != "runs")
    assert out.name in line and (out.is_file() or len([path for path in out.rglob("*") if path.is_file()]) >= 2)
    first = said.out.partition("\n")[0]
    assert (
        "--json" in line
        or first.endswith(f"written to {out.name}.")
        or f"The student mine-sft was written to {out.name}: " in first
    )


@pytest.mark.parametrize(("kind", "form"), [("format", "--to {} "), ("layout", "--layout {} "), ("table", "{}\n")])
def test_every_format_table_and_layout_of_this_repository_has_its_command(kind, form):
    lines = [f"{line} \n".replace(" \n", "\n") for page, line in spoken() if page == "docs/export.md"]
    for offer in load_plugins().all(kind):
        if (ROOT / "plugins" / offer.distribution).is_dir():
            wanted = "--to {} " if getattr(offer.cls, "takes_students", False) else form
            assert any(wanted.format(offer.name) in line.replace("\n", " \n" if kind != "table" else "\n") for line in lines), (
                offer.name
            )
