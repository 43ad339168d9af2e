"""The demo of an installed seodang, offline, to its report: what the README promises in its first command."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest


@pytest.mark.timeout(1500)
def test_the_demo_shows_its_effects_and_is_resumed_for_nothing(tmp_path: Path):
    environment = {**os.environ, "SEODANG_OFFLINE": "1", "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}

    def demo() -> dict:
        done = subprocess.run(
            ["seodang", "demo", "--json", "--quiet"], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    first = demo()
    table = {line["name"]: line for line in first["table"]}
    assert len(table) == 5
    numbers = table["numbers"]
    assert numbers["before"] < 0.05 and numbers["filtered"] > 0.5, "training brings what was not there"
    assert table["sums style"]["filtered"] > 0.9 > 0.3 > table["sums"]["filtered"], "the style is learned, the sums are not"
    report = (tmp_path / first["report"]).read_text(encoding="utf-8")
    assert report.count("<svg") >= 4 and "<script" not in report and "LLM" in report
    assert demo() == first, "the second time everything stands already"
