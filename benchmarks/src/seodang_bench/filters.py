"""What each filter finds of errors that are known: planted by `planted_….py`, and labelled by hand in published data.

A filter gets its table by a `Planted` in one of the lists of `TABLES`; a new module with such a list is added there.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec
import seodang

from seodang_bench import contamination_errors, korean_errors, personal_errors, planted_meanings, planted_texts
from seodang_bench.korean_errors import Trial
from seodang_bench.planting import Case, Found, Planted, counted, measure, row, sift


def of_trials(trials: Iterable[Trial]) -> tuple[Planted, ...]:
    """Errors that are handed over as wrong and right records."""

    def cases(trial: Trial) -> Callable[[random.Random], Sequence[Case]]:
        wrong = [Case(record, trial.error) for record in trial.wrong]
        return lambda draw: [*wrong, *(Case(record) for record in trial.right)]

    return tuple(
        Planted(trial.filter, cases(trial), options=trial.options, error=trial.error, codes=trial.codes) for trial in trials
    )


TABLES: tuple[Sequence[Planted], ...] = (
    planted_texts.PLANTED,
    planted_meanings.PLANTED,
    of_trials(korean_errors.planted()),
    personal_errors.PLANTED,
)
"""The errors of every filter of seodang-filters and seodang-korean-filters."""

LABELLED = "koalpaca_v1_0/ko_alpaca_head_00000_05709.json"
"""The rows whose numbers stand in `labels.toml`, below the directory that `--shared` names."""


LABELS = {"answer-fit": "misfit", "refusals": "refusal", "speech-level": "register"}
"""What the error is called that rows are labelled with."""

BENCHMARK = "kobest_v1"
"""The benchmark whose items are planted, below the same directory."""
CONTAMINATION = "decontaminate"


def check_names(names: Sequence[str]) -> None:
    known = sorted({CONTAMINATION, *(planted.filter for table in TABLES for planted in table)})
    for name in names:
        if name not in known:
            raise seodang.SeodangError("seodang_bench:no-planted-errors", name=name, names=", ".join(known))


def measure_all(names: Sequence[str] = (), seed: int = 0) -> list[Found]:
    """All tables, or those of some filters, in the order of the lists."""
    return [
        found for table in TABLES for planted in table if not names or planted.filter in names for found in measure(planted, seed)
    ]


def measure_labelled(shared: Path, names: Sequence[str] = ()) -> list[Found]:
    """The filters over real rows, counted on those that a person has read.

    All rows are sifted, because some filters look at neighbours. Of the labelled rows some were drawn at random, and the others are
    all that the filter found when they were labelled: precision is that of the filter, recall that of the sample.
    """
    labels = tomllib.loads(files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))
    rows = json.loads((shared / LABELLED).read_text(encoding="utf-8"))
    records: list[seodang.Record] = [
        row(known["instruction"], known["output"], input=known["input"], id=f"row-{place}") for place, known in enumerate(rows)
    ]
    found = []
    for name, known in labels.items():
        if names and name not in names:
            continue
        planted = Planted(name, lambda draw: (), error=LABELS.get(name, name))
        told = sift(planted, records)
        places = sorted({*known["wrong"], *known["sound"]})
        wrong = {*known["wrong"]}
        found += counted(
            planted, ["any" if place in wrong else "" for place in places], [told[place] for place in places], "labelled"
        )
    return found


def measure_korean(shared: Path, names: Sequence[str] = ()) -> list[Found]:
    """The Korean filters on the rows on which their rules were made, marked as such: a guard, and no measure of precision elsewhere."""
    trials = [trial for trial in korean_errors.labelled(shared / LABELLED) if not names or trial.filter in names]
    return [msgspec.structs.replace(one, rows="known") for planted in of_trials(trials) for one in measure(planted)]


def measure_contamination(shared: Path, names: Sequence[str] = (), seed: int = 0, rows: int | None = None) -> list[Found]:
    """What is found of a published benchmark's items that were planted: by task and way, by way, and in all."""
    if names and CONTAMINATION not in names:
        return []
    tasks = [one for planted in contamination_errors.planted(shared / BENCHMARK, rows) for one in measure(planted, seed)]
    ways = [_added(f"all {way}", [one for one in tasks if one.code.endswith(f" {way}")]) for way in contamination_errors.WAYS]
    return [*tasks, *ways, _added("all", tasks)]


def _added(code: str, found: Sequence[Found]) -> Found:
    return Found(
        filter=CONTAMINATION,
        language="ko",
        code=code,
        planted=sum(one.planted for one in found),
        found=sum(one.found for one in found),
        wrong=sum(one.wrong for one in found),
        sound=sum(one.sound for one in found),
    )
