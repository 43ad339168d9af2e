"""kill -9 around the handing in of batches: does the vendor have one that nobody knows of, was anything billed twice?"""

from __future__ import annotations

import json
import random
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
from seodang.ledger.book import Book

from seodang_bench.processes import CommandFailed
from seodang_bench.trials import Trial, billed_micro
from seodang_bench.vendors import Vendor, vendor

ROWS_A_KILL = 10
AROUND_SECONDS = 0.15
START_SECONDS = (0.5, 3.0)
LATENCY = "60ms"
"""Of an upload and of a batch that is made: a kill hits between what the vendor has done and its answer."""
BATCH_SECONDS = "0.3"
PATIENCE_SECONDS = 30.0

RECIPE = """[recipe]
name = "batches"
language = "ko"

[teachers.patient]
use = "openai"
mode = "batch"
model = "mock"
base_url = "{url}"
input_price = 1.0
output_price = 2.0

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "patient"
"""


class BatchTrial(Trial):
    """A trial whose teacher hands its questions in."""

    def __init__(self, directory: Path, server: Vendor, *, rows: int) -> None:
        super().__init__(directory, server, rows=rows)
        (directory / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")

    def known_batches(self) -> set[str]:
        """The vendor's ids that stand in the book."""
        with Book.open(self.place) as book:
            return {batch.identifier for batch in book.batches()}


class BatchKills(msgspec.Struct, frozen=True, kw_only=True):
    """`hit_uploads` and `hit_creates` are kills that came when the vendor had just taken one or the other."""

    kills: int
    hit_uploads: int
    hit_creates: int
    questions: int
    batches: int
    orphans: int
    billed_twice: int
    missing_answers: int
    billed_micro: int
    counted_micro: int


def listed_batches(server: Vendor) -> set[str]:
    """Every batch that the vendor has, read from its own list."""
    found: set[str] = set()
    after = ""
    while True:
        with urllib.request.urlopen(f"{server.url}/batches?limit=100&after={after}", timeout=10) as response:
            page: dict[str, Any] = json.loads(response.read())
        found |= {batch["id"] for batch in page["data"]}
        if not page["has_more"]:
            return found
        after = page["last_id"]


def kill_around_submit(directory: Path, kills: int, *, seed: int = 20261121) -> BatchKills:
    """Each run is given new questions, killed when it hands them in, and continued by the next."""
    chance, rows = random.Random(seed), 0
    hit = {1: 0, 2: 0}
    with vendor(LATENCY, arguments=("--batch-seconds", BATCH_SECONDS)) as server:
        trial = BatchTrial(directory, server, rows=1)
        landed = 0
        while landed < kills:
            rows += ROWS_A_KILL
            trial.ask_about(rows)
            moment = chance.choice((0, 1, 1, 2, 2, 2))
            if _kill(trial, server, moment, chance):
                landed += 1
                if moment:
                    hit[moment] += 1
        trial.run()
        time.sleep(2 * float(BATCH_SECONDS))  # whatever nobody waits for is billed by then
        counts = server.counts()
        listed = listed_batches(server)
        right = len(trial.checked_answers())
        billed = billed_micro(server)
    return BatchKills(
        kills=kills,
        hit_uploads=hit[1],
        hit_creates=hit[2],
        questions=rows,
        batches=len(listed),
        orphans=len(listed - trial.known_batches()),
        billed_twice=sum(times - 1 for times in counts.paid.values()),
        missing_answers=rows - right,
        billed_micro=billed,
        counted_micro=trial.counted_micro(),
    )


def _kill(trial: BatchTrial, server: Vendor, moment: int, chance: random.Random) -> bool:
    """Moment 0 is any after the start, 1 and 2 shortly after the vendor has taken the file, or the batch. False if it came too late."""
    before = server.brief().requests
    with trial.start() as process:
        if moment:
            end = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and server.brief().requests < before + moment:
                if time.monotonic() > end:
                    process.kill()
                    raise CommandFailed(f"nothing was handed in for {PATIENCE_SECONDS:g} seconds")
                time.sleep(0.002)
            time.sleep(chance.uniform(0, AROUND_SECONDS))
        else:
            time.sleep(chance.uniform(*START_SECONDS))
        ended = process.poll() is not None
        process.kill()
        said, _ = process.communicate()
    if ended and process.returncode:
        raise CommandFailed(f"a run that was to be killed ended with {process.returncode}:\n{said}")
    return not ended
