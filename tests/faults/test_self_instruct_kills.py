"""kill -9 while a pool of tasks grows: the run that is continued comes to the same pool, and to the same files to the byte."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
import seodang
from seodang_bench.trials import INPUT_PRICE, OUTPUT_PRICE, Trial, billed_micro
from seodang_bench.vendors import Vendor, vendor

pytestmark = pytest.mark.faults

IN_FLIGHT = 16
COUNT = 240
RECIPE = """[recipe]
name = "growing"
language = "ko"
seed = 42

[[step]]
seeds = "handcrafted"
shipped = true

[[step]]
teach = "self-instruct"
teacher = "gpt"
count = {count}

[[step]]
filter = "duplicates"

[teachers.gpt]
use = "openai"
model = "mock"
base_url = "{url}"
in_flight = {in_flight}
input_price = {input_price}
output_price = {output_price}
"""


class Growing(Trial):
    """Self-Instruct with the shipped seeds, against the answers of the shipped recipe."""

    def __init__(self, directory: Path, server: Vendor) -> None:
        directory.mkdir(parents=True)
        self.directory = directory
        self.place = directory / "run"
        prices = {"input_price": INPUT_PRICE, "output_price": OUTPUT_PRICE}
        recipe = RECIPE.format(count=COUNT, url=server.url, in_flight=IN_FLIGHT, **prices)
        (directory / "recipe.toml").write_text(recipe, encoding="utf-8")

    def pool(self) -> list[tuple[int, str]]:
        """The tasks by their numbers. One whose instances were all dropped is found among what was dropped."""
        run = seodang.open_run(self.place)
        made = {record.tags["number"]: record.question for record in run.records("self-instruct")}
        for row in run.dropped("self-instruct"):
            if "number" in row["record"].get("tags", {}):
                made[row["record"]["tags"]["number"]] = row["record"]["messages"][0]["text"]
        return sorted(made.items())


def test_ten_kills_leave_the_same_pool_and_the_same_files(tmp_path):
    chance = random.Random(20261121)
    with vendor("30ms", arguments=("--answers", "self-instruct-korean")) as server:
        undisturbed = Growing(tmp_path / "undisturbed", server)
        undisturbed.run()
        alone = server.rest().requests
        growing = Growing(tmp_path / "killed", server)
        landed = 0
        while landed < 10:
            # Somewhere in a tenth of the run, so that ten kills are spread over all of it: rounds, kinds and instances.
            wanted = server.brief().requests + chance.randrange(1, alone // 10)
            with growing.start() as process:
                while process.poll() is None and server.brief().requests < wanted:
                    time.sleep(0.002)
                time.sleep(chance.uniform(0, 0.05))
                ended = process.poll() is not None
                process.kill()
                process.communicate()
            assert not ended, f"the run ended before kill {landed + 1}: give it more to do"
            landed += 1
            server.rest()
            assert billed_micro(server) - undisturbed.counted_micro() <= growing.counted_micro(), "the ledger is below the bill"
        growing.run()
        asked = server.rest().requests - alone
    assert [number for number, _ in growing.pool()] == list(range(1, COUNT + 1))
    assert growing.pool() == undisturbed.pool()
    assert growing.folders() == undisturbed.folders(), "an interrupted run ends as an uninterrupted one"
    # An eighth more than may be under way can be sent and lost at each kill.
    assert asked <= alone + 10 * (IN_FLIGHT + IN_FLIGHT // 8), "more was asked again than was under way"
    rows = json.loads(growing.command("show", "--json"))["steps"][1]["rows"]
    assert rows["made"] > COUNT and rows["rejected"] > 50 and rows["quarantined"] == 0
