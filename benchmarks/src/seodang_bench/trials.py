"""One run of the real command line, in processes that can be killed: the harness of the fault tests.

What was paid is told by the vendor (`seodang_bench.vendors`); a trial tells what is in the run directory.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import seodang
from seodang.ledger.book import Book
from seodang.ledger.entries import Totals
from seodang_openai.mock import answer_to

from seodang_bench.generation import write_recipe, write_rows
from seodang_bench.processes import child_environment
from seodang_bench.vendors import Vendor

INPUT_PRICE, OUTPUT_PRICE = 1.0, 2.0
"""USD for a million tokens, so that an input token costs one millionth and an output token two."""


class Trial:
    """A recipe, its rows and a run directory. `start` and `run` are the same command, so the second one continues the first."""

    def __init__(self, directory: Path, server: Vendor, *, rows: int, in_flight: int = 64) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.place = directory / "run"
        write_recipe(directory, server.url, in_flight)
        with (directory / "recipe.toml").open("a", encoding="utf-8") as recipe:
            recipe.write(f"input_price = {INPUT_PRICE}\noutput_price = {OUTPUT_PRICE}\n")
        self.ask_about(rows)

    def ask_about(self, rows: int, topic: str = "서당에서 배운 것") -> None:
        """Writes the rows anew: as many about the same topic begin with the same ones."""
        write_rows(self.directory / "rows.jsonl", rows, topic)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet", *arguments],
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=child_environment({"SEODANG_LANGUAGE": "en"}),
        )

    def run(self, *arguments: str, expected: int = 0) -> str:
        """Runs to the end and returns what was said. Another exit code than the expected one fails with it."""
        with self.start(*arguments) as process:
            said, _ = process.communicate()
        assert process.returncode == expected, f"exit code {process.returncode}, not {expected}:\n{said}"
        return said

    def command(self, name: str, *arguments: str) -> str:
        """Another command about the run, as in `seodang retry`."""
        command = [sys.executable, "-m", "seodang", name, "run", *arguments]
        environment = child_environment({"SEODANG_LANGUAGE": "en"})
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def totals(self) -> Totals:
        """The ledger's own account, read beside whoever writes it; nothing where there is no ledger yet."""
        if not (self.place / "ledger.sqlite").is_file():
            return Totals()
        with Book.open(self.place) as book:
            return book.totals()

    def counted_micro(self) -> int:
        """The money that the ledger counts, with everything that is not settled at its worst."""
        return self.totals().total_micro("USD")

    def answered(self) -> set[bytes]:
        """The keys of the questions whose answers are in the book."""
        if not (self.place / "ledger.sqlite").is_file():
            return set()
        with Book.open(self.place) as book:
            return {attempt.key for attempt in book.sent() if attempt.state == "answered"}

    def checked_answers(self) -> list[str]:
        """The questions of the last step, in order, each of them seen to have its own answer."""
        records = list(seodang.open_run(self.place).records("answer"))
        for record in records:
            assert record.answer == answer_to(record.question), f"another's answer to {record.question!r}"
        return [record.question for record in records]

    def rows(self, step: str) -> dict[str, int]:
        """What became of the rows of a step, as `seodang show --json` tells it."""
        steps = json.loads(self.command("show", "--json"))["steps"]
        return next(each["rows"] for each in steps if each["name"] == step)

    def folders(self) -> dict[str, str]:
        """Every file of every finished step, by its name and hash."""
        files = sorted(self.place.glob("[0-9][0-9]-*/**/*"))
        return {
            str(file.relative_to(self.place)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
        }


def billed_micro(server: Vendor) -> int:
    """The vendor's bill, in millionths of a dollar."""
    charged = server.counts().charged
    inputs, outputs = (
        charged.get(f"{unit}_tokens", 0) + charged.get(f"batch_{unit}_tokens", 0) / 2 for unit in ("input", "output")
    )
    return int(inputs * INPUT_PRICE + outputs * OUTPUT_PRICE)
