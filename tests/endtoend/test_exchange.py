"""What came in from a file goes out into any other type of file and comes back the same, through the real command line."""

from __future__ import annotations

import json

import pytest

SEEDS = '[recipe]\nname = "exchange"\nlanguage = "ko"\n\n[[step]]\nseeds = "{seeds}"\npath = "{path}"\n'
TURNS = [
    {"role": "user", "content": '그는 "가자."라고\n말했다, 맞나요?'},
    {"role": "assistant", "content": "=네", "thinking": "생각 😀"},
]
ROWS = {
    "messages": [{"messages": TURNS}, {"messages": [{"role": "system", "content": "s"}, *TURNS, *TURNS]}],
    "alpaca": [{"instruction": "요약", "input": "본문,\t탭", "output": '"따옴표"'}, {"instruction": "둘", "input": "", "output": "2"}],
    "hc3": [{"question": "q", "human_answers": ["하나", "둘"], "chatgpt_answers": ["셋"], "source": "여기"}],
    "sharegpt": [{"id": "a", "conversations": [{"from": "human", "value": "안녕\n"}, {"from": "gpt", "value": "네, 안녕하세요!"}]}],
}
FILES = ("jsonl", "json", "csv", "tsv", "xlsx", "parquet", "jsonl.gz", "csv.zst")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("format", ROWS)
def test_any_format_comes_back_out_of_any_type_of_file(shell, format, file):
    seeds = "sharegpt" if format == "sharegpt" else "instruct-data"
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS[format])
    (shell.folder / "first.jsonl").write_text(lines, encoding="utf-8")
    out = f"second.{file}"
    for name, path in (("first", "first.jsonl"), ("second", out)):
        (shell.folder / f"{name}.toml").write_text(SEEDS.format(seeds=seeds, path=path), encoding="utf-8")
        ran = shell("run", f"{name}.toml", "--run-dir", f"run-{name}")
        assert ran.code == 0, ran.err
        written = shell("export", f"run-{name}", "--to", format, out if name == "first" else "third.jsonl")
        assert written.code == 0, written.err
    reference = shell("export", "run-first", "--to", format, "reference.jsonl")
    assert reference.code == 0
    rows = (shell.folder / "reference.jsonl").read_text(encoding="utf-8")
    assert rows.count("\n") == len(ROWS[format])
    assert (shell.folder / "third.jsonl").read_text(encoding="utf-8") == rows
