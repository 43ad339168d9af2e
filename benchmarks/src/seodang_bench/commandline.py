"""`seodang bench`: fronts that write a recipe, run it, and compare."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from seodang.wording import render

from seodang_bench.commandline_batches import batches
from seodang_bench.commandline_blind import ab
from seodang_bench.commandline_judging import annotations, annotator, judge, verdicts
from seodang_bench.commandline_kobest import kobest
from seodang_bench.commandline_kobest_speed import kobest as kobest_speed
from seodang_bench.commandline_planting import contamination, planted
from seodang_bench.commandline_report import report
from seodang_bench.commandline_study import study
from seodang_bench.commandline_training import train
from seodang_bench.commandline_translation_speed import translate
from seodang_bench.commandline_translations import sentences, translations
from seodang_bench.commandline_watermark import watermark


def say(name: str, /, **facts: Any) -> None:
    click.echo(render(f"seodang_bench:{name}", facts))


@click.group("bench", help=render("seodang_bench:bench-help", {}))
def command() -> None:
    pass


@command.group("speed", help=render("seodang_bench:speed-help", {}))
def speed() -> None:
    pass


speed.add_command(train)
speed.add_command(kobest_speed)
command.add_command(kobest)
speed.add_command(translate)
for each in (
    ab,
    annotations,
    annotator,
    batches,
    contamination,
    judge,
    planted,
    report,
    sentences,
    study,
    translations,
    verdicts,
    watermark,
):
    command.add_command(each)


def _peers(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> dict[str, Path]:
    from seodang_bench.peers import PEERS

    found = {}
    for text in given:
        name, equals, python = text.partition("=")
        if name not in PEERS or not equals or not python:
            raise click.BadParameter(f"'{text}': write NAME=PYTHON, where NAME is {', '.join(PEERS)}", param_hint="--peer")
        found[name] = Path(python).absolute()
    return found


@speed.command("generate", help=render("seodang_bench:generate-help", {}))
@click.option("--rows", type=click.IntRange(2), default=2000, show_default=True, help="How many questions.")
@click.option("--in-flight", type=click.IntRange(1, 1024), default=64, show_default=True, help="Questions under way at once.")
@click.option("--latency", default="200ms", show_default=True, help="How long the mock takes for an answer.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="Measure so often, and take the medians.")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="NAME=PYTHON",
    callback=_peers,
    help="Run distilabel, curator or data-designer beside it, by the Python in which it is installed; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def generate(rows: int, in_flight: int, latency: str, rounds: int, peers: dict[str, Path], as_json: bool) -> None:
    from seodang_bench.generation import FAULTS, compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        figures = compare(Path(directory), rows=rows, in_flight=in_flight, latency=latency, rounds=rounds, peers=peers)
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("generate-title", rows=rows, in_flight=in_flight, latency=latency)
    for name, side in (("bare", figures.bare), ("seodang", figures.seodang)):
        say("side", name=render(f"seodang_bench:{name}", {}).ljust(18), **msgspec.structs.asdict(side))
    say("ratio", ratio=figures.ratio)
    for peer in figures.peers:
        if peer.side is None:
            say("peer-skipped", name=peer.name, why=peer.skipped)
            continue
        say("side", name=peer.name.ljust(18), **msgspec.structs.asdict(peer.side))
        say("peer", ratio=peer.ratio, right=peer.right, rows=figures.rows, one_row=peer.one_row_seconds)
    say("one-row", ratio=figures.one_row_ratio, bare=figures.one_row_bare_seconds, seodang=figures.one_row_seodang_seconds)
    say(
        "faulty",
        faults=" ".join(FAULTS),
        rows=figures.faulty_rows,
        requests=figures.faulty_requests,
        seconds=figures.faulty_seconds,
        ratio=figures.faulty_ratio,
    )


@speed.command("transport", help=render("seodang_bench:transport-help", {}))
@click.option("--rows", type=click.IntRange(2), default=2000, show_default=True, help="How many questions each.")
@click.option(
    "--in-flight", type=click.IntRange(1, 1024), multiple=True, default=(64, 256), show_default=True, help="At once; repeatable."
)
@click.option("--latency", default="200ms", show_default=True, help="How long the mock takes for an answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def transport(rows: int, in_flight: tuple[int, ...], latency: str, as_json: bool) -> None:
    from seodang_bench.transports import KINDS, measure
    from seodang_bench.vendors import vendor

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory, vendor(latency) as server:
        costs = [measure(kind, server.url, rows, most, Path(directory)) for most in in_flight for kind in KINDS]
    if as_json:
        click.echo(msgspec.json.encode(costs).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for cost in costs:
        say("transport", **{**msgspec.structs.asdict(cost), "kind": cost.kind.ljust(14)})


@speed.command("records", help=render("seodang_bench:records-help", {}))
@click.option("--rows", type=click.IntRange(1000), default=1_000_000, show_default=True, help="How many records at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def records(rows: int, as_json: bool) -> None:
    import subprocess
    import sys

    from seodang_bench.records import Passage

    passages = []
    for some in (rows // 10, rows):
        # Each in a process of its own: its peak memory is the figure.
        out = subprocess.run([sys.executable, "-m", "seodang_bench.records", str(some)], check=True, capture_output=True).stdout
        passages.append(msgspec.json.decode(out, type=Passage))
    growth = passages[1].cpu_seconds / passages[0].cpu_seconds
    if as_json:
        click.echo(msgspec.json.encode({"passages": passages, "growth": growth}).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for passage in passages:
        say("passage", **msgspec.structs.asdict(passage))
    say("growth", growth=growth)


@speed.command("self-instruct", help=render("seodang_bench:self-instruct-help", {}))
@click.option("--rows", type=click.IntRange(1000), default=52_000, show_default=True, help="How many new tasks.")
@click.option("--per-round", type=click.IntRange(1), default=8, show_default=True, help="Questions for new tasks at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def self_instruct(rows: int, per_round: int, as_json: bool) -> None:
    import subprocess
    import sys

    from seodang_bench.self_instruct import Growth

    # In a process of its own: its peak memory is one of the figures.
    ran = [sys.executable, "-m", "seodang_bench.self_instruct", str(rows), str(per_round)]
    grown = msgspec.json.decode(subprocess.run(ran, check=True, stdout=subprocess.PIPE).stdout, type=Growth)
    if as_json:
        figures = {"ratio": grown.ratio, "cpu_ratio": grown.cpu_ratio, "pool_share": grown.pool_share}
        click.echo(msgspec.json.encode({**msgspec.structs.asdict(grown), **figures}).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("self-instruct-title", **msgspec.structs.asdict(grown))
    for name, one in (("first", grown.whole[0]), ("last", grown.whole[-1])):
        say("self-instruct-thousand", name=render(f"seodang_bench:{name}", {}), **msgspec.structs.asdict(one))
    say("self-instruct-ratio", ratio=grown.ratio, cpu_ratio=grown.cpu_ratio, pool_share=100 * grown.pool_share)
    say("self-instruct-memory", peak_mib=grown.peak_mib, ledger_mib=grown.ledger_mib)


@speed.command("sharegpt", help=render("seodang_bench:sharegpt-help", {}))
@click.option("--dialogues", type=click.IntRange(10), default=5000, show_default=True, help="How many dialogues are made up.")
@click.option("--fastchat-python", default="", help="A Python in which FastChat is installed.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def sharegpt(dialogues: int, fastchat_python: str, as_json: bool) -> None:
    from seodang_bench.sharegpt import compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        figures = compare(Path(directory), dialogues, fastchat_python)
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("sharegpt-title", dialogues=dialogues, megabytes=figures.megabytes)
    sides = {"seodang repaired": figures.repaired, "seodang faithful": figures.faithful, "FastChat": figures.fastchat}
    for name, side in sides.items():
        if side is not None:
            say("cleaning", name=name.ljust(16), **msgspec.structs.asdict(side))
    if figures.ratio is None or figures.different is None:
        say("no-fastchat")
        return
    say("cleaning-ratio", ratio=figures.ratio)
    say("decisions", different=len(figures.different), names=" ".join(figures.different[:5]))


@speed.command("duplicates", help=render("seodang_bench:duplicates-help", {}))
@click.option("--rows", type=click.IntRange(1000), default=1_000_000, show_default=True, help="How many records are made up.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def duplicates(rows: int, as_json: bool) -> None:
    from seodang_bench.duplicates import THRESHOLD, compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        figures = compare(Path(directory), rows)
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("duplicates", **msgspec.structs.asdict(figures))
    say("duplicates-found", **msgspec.structs.asdict(figures), threshold=THRESHOLD)
    if figures.ratio is None:
        say("no-rensa")
        return
    say("duplicates-ratio", **msgspec.structs.asdict(figures))


@speed.command("novelty", help=render("seodang_bench:novelty-help", {}))
@click.option("--rows", type=click.IntRange(1000), default=52_000, show_default=True, help="How many rows are made up.")
@click.option("--language", "languages", type=click.Choice(("en", "ko")), multiple=True, help="Only this language; repeatable.")
@click.option(
    "--decided", type=click.IntRange(100), default=10_000, show_default=True, help="So many are decided by rapidfuzz as well."
)
@click.option(
    "--published",
    type=click.IntRange(50),
    default=2000,
    show_default=True,
    help="And so many of these by rouge_score's own loop.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False),
    multiple=True,
    help="JSON with real instructions among them; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def novelty(rows: int, languages: tuple[str, ...], decided: int, published: int, data: tuple[str, ...], as_json: bool) -> None:
    from seodang_bench.novelty import BRUTE_MOST, compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        spoken: Any = languages or ("en", "ko")
        files = [Path(path).absolute() for path in data]
        figures = compare(Path(directory), spoken, rows, decided=decided, published=min(published, decided), data=files)
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for one in figures.comparisons:
        facts = msgspec.structs.asdict(one)
        say("novelty", **facts)
        if one.published_seconds is not None:
            say("novelty-published", **facts)
        if one.brute_differ is not None:
            say("novelty-decisions", **facts)
        if one.brute_seconds is not None:
            say("novelty-brute", **facts)
        elif one.rows > BRUTE_MOST:
            say("novelty-no-brute", most=BRUTE_MOST)
    if figures.morphemes is not None:
        say("novelty-morphemes", **msgspec.structs.asdict(figures.morphemes))
    if figures.missing:
        say("novelty-missing", names=figures.missing)


@speed.command("filters", help=render("seodang_bench:filters-help", {}))
@click.option("--rows", type=click.IntRange(100), default=50_000, show_default=True, help="How many rows are made up.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def filters(rows: int, as_json: bool) -> None:
    from seodang_bench.chain import measure

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = measure(Path(directory), rows)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("filters-title", rows=found.rows, bytes_per_row=found.bytes_per_row)
    for one in found.filters:
        facts = {**msgspec.structs.asdict(one), "filter": one.filter.ljust(18), "speed": one.rows_per_cpu_second}
        say("filters-each", **facts)
    say("filters-total", kept=found.kept, cpu_seconds=found.cpu_seconds, speed=found.rows_per_cpu_second)


@speed.command("local", help=render("seodang_bench:local-help", {}))
@click.option("--questions", type=click.IntRange(2), default=128, show_default=True, help="How many questions.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Measure so often, and take the fastest.")
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A model's directory, instead of two made up."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def local(questions: int, rounds: int, model: Path | None, as_json: bool) -> None:
    from seodang_bench.local import compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        figures = compare(Path(directory), questions, rounds, model)
    if as_json:
        click.echo(msgspec.json.encode([{**msgspec.structs.asdict(one), "ratio": one.ratio} for one in figures]).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for one in figures:
        say("local", **msgspec.structs.asdict(one), ratio=one.ratio)


@speed.command("import", help=render("seodang_bench:import-help", {}))
@click.option("--rows", type=click.IntRange(1000), default=1_000_000, show_default=True, help="How many rows.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Measure so often, and take the medians.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_(rows: int, rounds: int, as_json: bool) -> None:
    from seodang_bench.importing import compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = compare(Path(directory), rows, rounds)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("import", **msgspec.structs.asdict(found))


@speed.command("start", help=render("seodang_bench:start-help", {}))
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True, help="Measure so often, and take the medians.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def start(rounds: int, as_json: bool) -> None:
    from seodang_bench.start import measure

    found = measure(rounds)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for one in found:
        say("start", **msgspec.structs.asdict(one))


@speed.command("again", help=render("seodang_bench:again-help", {}))
@click.option("--rows", type=click.IntRange(1), default=2000, show_default=True, help="How many questions.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Measure so often, and take the median.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def again(rows: int, rounds: int, as_json: bool) -> None:
    from seodang_bench.again import measure

    with tempfile.TemporaryDirectory() as directory:
        found = measure(Path(directory), rows=rows, rounds=rounds)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("again", **msgspec.structs.asdict(found))


def cores() -> int:
    """The cores that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
