"""kill -9 while a judge compares answers: no verdict is bought twice but those under way, and the scores are the same."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from seodang_bench.trials import INPUT_PRICE, OUTPUT_PRICE, Trial, billed_micro
from seodang_bench.vendors import Vendor, vendor

pytestmark = pytest.mark.faults

IN_FLIGHT = 8
QUESTIONS = 160
RECIPE = """[recipe]
name = "judged"
language = "ko"

[students.mine]
use = "answers"
path = "mine.json"

[[step]]
evaluate = "alpaca-eval"
students = ["mine"]
questions = "theirs.json"
baseline = "theirs.json"
judge = "gpt"

[teachers.gpt]
use = "openai"
model = "mock"
base_url = "{url}"
in_flight = {in_flight}
input_price = {input_price}
output_price = {output_price}
"""
VERDICTS = """[[answer]]
when = ""
text = '{"reason": "첫째가 낫습니다.", "better": "A"}'
share = 0.4

[[answer]]
when = ""
text = '{"reason": "둘째가 낫습니다.", "better": "B"}'
"""


class Judging(Trial):
    def __init__(self, directory: Path, server: Vendor) -> None:
        directory.mkdir(parents=True)
        self.directory = directory
        self.place = directory / "run"
        for name in ("mine", "theirs"):
            rows = [{"instruction": f"{number}번은 무엇입니까?", "output": f"{name} {number}"} for number in range(QUESTIONS)]
            (directory / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        prices = {"input_price": INPUT_PRICE, "output_price": OUTPUT_PRICE}
        (directory / "recipe.toml").write_text(RECIPE.format(url=server.url, in_flight=IN_FLIGHT, **prices), encoding="utf-8")


def test_ten_kills_buy_no_verdict_twice_but_those_under_way(tmp_path):
    chance = random.Random(20261121)
    (tmp_path / "answers.toml").write_text(VERDICTS, encoding="utf-8")
    with vendor("20ms", arguments=("--answers", str(tmp_path / "answers.toml"))) as server:
        undisturbed = Judging(tmp_path / "undisturbed", server)
        undisturbed.run()
        alone = server.rest().requests
        assert alone == 2 * QUESTIONS + 4 * 2 * 20, "both orders of every pair, and four controls on twenty questions"
        judging = Judging(tmp_path / "killed", server)
        for kill in range(10):
            wanted = server.brief().requests + chance.randrange(1, alone // 12)
            with judging.start() as process:
                while process.poll() is None and server.brief().requests < wanted:
                    time.sleep(0.01)
                ended = process.poll() is not None
                process.kill()
                process.communicate()
            assert not ended, f"the run ended before kill {kill + 1}: give it more to do"
            server.rest()
            assert billed_micro(server) - undisturbed.counted_micro() <= judging.counted_micro(), "the ledger is below the bill"
        judging.run()
        asked = server.rest().requests - alone
    doubted = judging.totals().in_doubt
    assert asked - alone <= doubted <= 10 * (IN_FLIGHT + IN_FLIGHT // 8), "more was bought again than was under way at a kill"
    assert judging.folders() == undisturbed.folders(), "the same scores and the same items"
