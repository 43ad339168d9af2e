"""How long the rows are and in which languages, as they came and as they went out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from seodang.files.shards import RecordStream
from seodang.records import Record
from seodang.reports import page
from seodang.reports.drawing import svg, text
from seodang.runs.opened import OpenedRun
from seodang.wording import render

EDGES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
MOST = 100_000
"""So many rows of a step are read; a report of a million rows does not take minutes."""
READ = 200
"""So many characters of a text tell its script."""
LEAST_LETTERS = 2
WIDTH, HEIGHT = 860, 150


class Lengths:
    """Of the questions and the answers, and which language the records name and which script they are in."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.questions: list[int] = []
        self.answers: list[int] = []
        self.languages: Counter[str] = Counter()
        self.scripts: Counter[str] = Counter()
        for record in records:
            self.questions.append(len(record.question) + len(record.input))
            if answer := record.answer:
                self.answers.append(len(answer))
            self.languages[record.language or "–"] += 1
            self.scripts[main_script(answer or record.question)] += 1


def main_script(words: str) -> str:
    """The script of most letters at the beginning, by its Unicode name (`HANGUL`, `LATIN`, `CJK`); `–` where hardly a letter is."""
    found: Counter[str] = Counter()
    for character, number in Counter(words[:READ]).items():
        found[_script(character)] += number
    found.pop("", None)
    script, number = max(found.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    return script if number >= LEAST_LETTERS else "–"


@lru_cache(maxsize=4_096)
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""


def distributions(run: OpenedRun) -> str:
    """Two pictures and two tables. Where no step comes after the seeds, there is only what came."""
    seeds = [run.folder(name) for name in run.steps if run.manifest(name).verb == "seeds"]
    flow = run.flow()
    sides = [(render("report.at-first", {}), Lengths(islice(RecordStream(seeds), MOST)))] if seeds else []
    if flow != seeds:
        sides.append((render("report.in-the-end", {}), Lengths(islice(RecordStream(flow), MOST))))
    pictures = []
    for part in ("questions", "answers"):
        lengths = [(name, sorted(getattr(side, part))) for name, side in sides]
        if any(values for _, values in lengths):
            pictures.append(
                f"<h3>{page.escape(render(f'report.length-{part}', {}))}</h3>"
                + page.picture(_histogram(lengths))
                + _table(lengths)
            )
    read = max((len(side.questions) for _, side in sides), default=0)
    note = page.paragraph(render("report.first-rows", {"rows": MOST}), quiet=True) if read == MOST else ""
    return "".join([note, *pictures, _shares(sides)])


def _histogram(sides: Sequence[tuple[str, Sequence[int]]]) -> str:
    """Columns by length; the edges grow with it, because lengths do."""
    counted = [(name, Counter(_bin(value) for value in values)) for name, values in sides]
    most = max((number for _, bins in counted for number in bins.values()), default=0) or 1
    parts = [f'<path class="axis" d="M0 {HEIGHT - 24} H{WIDTH}"/>']
    room = WIDTH / (len(EDGES) + 1)
    breadth = (room - 14) / len(counted)
    for place in range(len(EDGES) + 1):
        for side, (_, bins) in enumerate(counted):
            tall = (HEIGHT - 50) * bins[place] / most
            left = place * room + 7 + side * breadth
            if bins[place]:
                parts.append(
                    f'<rect class="bar{side}" x="{left:.1f}" y="{HEIGHT - 24 - max(tall, 1):.1f}" width="{breadth - 2:.1f}" '
                    f'height="{max(tall, 1):.1f}"/>'
                )
        label = f"≤ {EDGES[place]:,}" if place < len(EDGES) else f"> {EDGES[-1]:,}"
        parts.append(text(place * room + room / 2, HEIGHT - 8, label, "middle", "small"))
    for side, (name, _) in enumerate(counted):
        parts.append(f'<rect class="bar{side}" x="{WIDTH - 190 * (len(counted) - side)}" y="4" width="10" height="10" rx="2"/>')
        parts.append(text(WIDTH - 190 * (len(counted) - side) + 16, 13, name, "start", "small"))
    return svg(WIDTH, HEIGHT, "".join(parts))


def _bin(value: int) -> int:
    return next((place for place, edge in enumerate(EDGES) if value <= edge), len(EDGES))


def _table(sides: Sequence[tuple[str, Sequence[int]]]) -> str:
    head = ["", *(render(f"report.{name}", {}) for name in ("rows", "shortest", "median", "ninth", "longest"))]
    rows = [
        [
            name,
            *(
                f"{value:,}"
                for value in (len(values), values[0], values[len(values) // 2], values[len(values) * 9 // 10], values[-1])
            ),
        ]
        for name, values in sides
        if values
    ]
    return page.table(head, rows, right=range(1, 6))


def _shares(sides: Sequence[tuple[str, Lengths]]) -> str:
    parts = []
    for kind in ("languages", "scripts"):
        names = sorted(
            {name for _, side in sides for name in getattr(side, kind)}, key=lambda name: (-_number(sides, kind, name), name)
        )
        rows = [
            [
                name,
                *(
                    f"{_count(side, kind, name):,} ({_count(side, kind, name) / max(len(side.questions), 1) * 100:.1f} %)"
                    for _, side in sides
                ),
            ]
            for name in names[:12]
        ]
        parts.append(
            page.table([render(f"report.{kind}", {}), *(name for name, _ in sides)], rows, right=range(1, 1 + len(sides)))
        )
    return f"<h3>{page.escape(render('report.in-languages', {}))}</h3>" + "".join(parts) if sides else ""


def _count(side: Lengths, kind: str, name: str) -> int:
    counts: Counter[str] = getattr(side, kind)
    return counts[name]


def _number(sides: Sequence[tuple[str, Lengths]], kind: str, name: str) -> int:
    return sum(_count(side, kind, name) for _, side in sides)
