"""Runs a filter over shards: in this process when there is one, else in a pool of processes.

The unit of work is a shard in, a shard and its sums out. A shard that is done says so in a file beside it, so that a resumed
step does only what is missing. Internal until a second executor proves the interface.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import msgspec

from seodang.capabilities import Locale
from seodang.context import Context
from seodang.errors import Interrupted, StepError
from seodang.files.durable import write_durably
from seodang.files.shards import RecordStream, Shard, joined_lines, read_written
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.recipes.options import capability_of
from seodang.recipes.resolving import Step
from seodang.runs.made import Made
from seodang.runs.output import Output, check_sums
from seodang.runs.session import Session, random_seed
from seodang.traffic.clock import SystemClock

ROWS_WORTH_A_POOL = 20_000
"""Starting processes takes about as long as a light filter takes over so many rows."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One shard's work, as it travels to another process: names and paths, no object and no secret."""

    shard: str
    directory: str
    number: int
    plugin: str
    options: Mapping[str, Any]
    step: str
    only: tuple[str, ...]
    language: str
    locale: str
    seed: int
    recipe_directory: str


class Sums(msgspec.Struct, frozen=True):
    """What became of one shard's rows."""

    shards: tuple[Shard, ...]
    sides: tuple[Shard, ...]
    rows: dict[str, int]
    dropped: dict[str, int]
    quarantined: dict[str, int]
    terms: tuple[str, ...]


async def sift_shards(session: Session, step: Step, stream: RecordStream, directory: Path) -> Made:
    jobs = [_job(session, step, path, directory, number) for number, path in enumerate(stream.shard_paths())]
    session.progress.begin_rows(len(stream))
    workers = _workers(session, len(jobs), len(stream))
    waiting = [job for job in jobs if _finished(job) is None]
    done = sum(
        sum(sums.rows.get(name, 0) for name in ("kept", "dropped", "quarantined")) for sums in map(_finished, jobs) if sums
    )
    session.progress.tell(done, len(stream), {})
    if workers <= 1 or len(waiting) <= 1:
        for job in waiting:
            sums = await asyncio.to_thread(sift_shard, job, session.offers, lambda: session.stop.requested)
            done += sums.rows["in"]
            session.progress.tell(done, len(stream), {})
    else:
        await _in_a_pool(session, step, waiting, workers, done, len(stream))
    return await asyncio.to_thread(_joined, [_finished(job) for job in jobs], jobs, directory)


def _workers(session: Session, shards: int, rows: int) -> int:
    """One where a pool would take longer to start than the work, or could not find the plugins that were handed in."""
    if not session.installed or (rows < ROWS_WORTH_A_POOL and session.wishes.workers is None):
        return 1
    return min(session.wishes.workers or os.cpu_count() or 1, shards)


async def _in_a_pool(session: Session, step: Step, jobs: list[Job], workers: int, done: int, total: int) -> None:
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_signals)
    try:
        futures = [asyncio.wrap_future(pool.submit(sift_shard, job)) for job in jobs]
        for future in asyncio.as_completed(futures):
            done += (await future).rows["in"]
            session.progress.tell(done, total, {})
            if session.stop.requested:
                raise Interrupted("runs.interrupted")
    except BrokenProcessPool as error:
        raise StepError("runs.worker-died", number=step.entry.number, step=step.entry.name) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@functools.cache
def _worker_offers() -> Offers:
    """A worker process loads the plugins once, however many shards it is given."""
    return load_plugins()


def _ignore_signals() -> None:
    """Ctrl-C reaches the whole process group; the parent decides what the workers still finish."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _job(session: Session, step: Step, shard: Path, directory: Path, number: int) -> Job:
    return Job(
        shard=str(shard),
        directory=str(directory),
        number=number,
        plugin=step.offer.id,
        options=msgspec.to_builtins(step.capability.options),
        step=step.entry.name,
        only=step.entry.only,
        language=session.recipe.language,
        locale=session.locale[0] if session.locale else "",
        seed=random_seed(session.recipe.seed, step.entry.name, str(number)),
        recipe_directory=str(session.recipe.path.parent),
    )


def _place(job: Job) -> Path:
    return Path(job.directory) / f"shard-{job.number:05d}"


def _finished(job: Job) -> Sums | None:
    mark = _place(job) / "sums.json"
    return msgspec.json.decode(mark.read_bytes(), type=Sums) if mark.is_file() else None


def sift_shard(job: Job, offers: Offers | None = None, stopping: Any = lambda: False) -> Sums:
    """Does one shard. Doing it twice does nothing the second time."""
    from seodang.runs.sifting import batches, concerns, pass_by, pass_on, sift_batch

    if (sums := _finished(job)) is not None:
        return sums
    offers = offers or _worker_offers()
    capability = capability_of(offers, "filter", job.plugin, job.options, Path(job.recipe_directory))
    place = _place(job)
    place.mkdir(mode=0o700, exist_ok=True)
    output = Output(place)
    context = _worker_context(job, offers, capability.options)
    clears = capability.clears
    for written in batches(read_written(Path(job.shard)), 1000):
        meant = [record for _, record in written if concerns(job.only, record)]
        verdicts = iter(sift_batch(capability, job.plugin, meant, context) if meant else ())
        for line, record in written:
            if concerns(job.only, record):
                pass_on(output, line, record, next(verdicts), clears)
            else:
                pass_by(output, line, record)
        if stopping():
            raise Interrupted("runs.interrupted")
    shards, sides = output.close()
    sums = Sums(shards, sides, dict(output.rows), dict(output.dropped), dict(output.quarantined), tuple(sorted(output.terms)))
    write_durably(place / "sums.json", msgspec.json.encode(sums))
    return sums


def _worker_context(job: Job, offers: Offers, options: Any) -> Context:
    def find(kind: str, name: str, given: Mapping[str, Any]) -> Any:
        return capability_of(offers, kind, name, given, Path(job.recipe_directory))

    locale = find("locale", job.locale, {}) if job.locale else None
    return Context(
        step=job.step,
        language=job.language,
        locale=locale if isinstance(locale, Locale) else None,
        random=random.Random(job.seed),
        clock=SystemClock(),
        options=options,
        directory=Path(job.recipe_directory),
        find=find,
        on_quarantine=lambda *_: None,
    )


def _joined(parts: list[Sums | None], jobs: list[Job], directory: Path) -> Made:
    """The shards under one numbering, the side files as one file each, the sums added."""
    rows: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    terms: set[str] = set()
    shards: list[Shard] = []
    sides: dict[str, list[Path]] = {}
    for job, part in zip(jobs, parts, strict=True):
        assert part is not None
        rows.update(part.rows)
        dropped.update(part.dropped)
        quarantined.update(part.quarantined)
        terms.update(part.terms)
        for shard in part.shards:
            source = _place(job) / shard.name
            name = f"part-{len(shards):05d}.jsonl"
            if source.exists():
                os.replace(source, directory / name)
            shards.append(msgspec.structs.replace(shard, name=name))
        for side in part.sides:
            sides.setdefault(side.name, []).append(_place(job) / side.name)
    joined = [joined_lines(sources, directory / name) for name, sources in sorted(sides.items())]
    check_sums(rows, directory.name)
    for job in jobs:
        for leftover in _place(job).iterdir():
            leftover.unlink()
        _place(job).rmdir()
    return Made(
        shards=tuple(shards),
        sides=tuple(joined),
        rows=dict(rows),
        dropped=dict(sorted(dropped.items())),
        quarantined=dict(sorted(quarantined.items())),
        terms=tuple(sorted(terms)),
    )
