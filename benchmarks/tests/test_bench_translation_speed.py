"""`seodang bench speed translate` at a hundredth of its size."""

import json

from click.testing import CliRunner
from seodang.wording import render
from seodang_bench.alpaca_rows import write_alpaca_rows
from seodang_bench.commandline import command


def test_both_sides_translate_the_same_rows_in_full_requests():
    result = CliRunner().invoke(command, ["speed", "translate", "--rows", "60", "--latency", "20ms", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["rows"] == 60 and found["set_aside"] == 0
    assert found["texts"] > 120, "instructions, inputs and every paragraph"
    assert found["requests"] == found["least_requests"] == -(-found["texts"] // 50) and found["requests_ratio"] == 1.0
    assert found["bare_requests"] == found["requests"] and found["ratio"] == found["bare_seconds"] / found["seodang_seconds"]
    for language in ("en", "ko"):
        assert "1.000" in render("seodang_bench:translate", found, language)


def test_the_rows_are_the_same_each_time_and_all_different(tmp_path):
    for name in ("one", "two"):
        write_alpaca_rows(tmp_path / name, 500)
    text = (tmp_path / "one").read_text()
    assert text == (tmp_path / "two").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    assert len({row["instruction"] for row in rows}) == 500
    assert 150 < sum(bool(row["input"]) for row in rows) < 250
    assert any("```python" in row["output"] for row in rows) and any("\n2. " in row["output"] for row in rows)
