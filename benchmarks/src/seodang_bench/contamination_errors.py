"""Items of a benchmark planted into rows: whole, with their ends cut off, with other particles; and what is found by chance.

The benchmark is KoBEST, from a folder with its TSV files as they are published. Which particles there are is told here once more: the
filter's own list would find what it changed itself.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
import seodang

from seodang_bench.planting import Case, Planted, row, seed_rows, told

LEFT = (0.75, 0.95)
"""So much of each text is left when its end, or its beginning, is cut off."""
CHANGED = 0.7
"""So many of the particles are others."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "BoolQ": ("Text", "Question"),
    "COPA": ("sentence", "1", "2"),
    "HellaSwag": ("context", "choice1", "choice2", "choice3", "choice4"),
    "SentiNeg": ("Text",),
    "WiC": ("SENTENCE1", "SENTENCE2"),
}
CARRIERS = (
    "{}",
    "다음 글을 읽고 물음에 답하세요: {}",
    "질문: {}\n답을 한 문장으로 쓰세요.",
    "“{}” 라는 문장을 영어로 옮겨 주세요.",
    "안녕하세요. 오늘 배운 내용을 정리합니다. {} 이상입니다.",
)
_GROUPS = (
    ("은", "는", "이", "가", "도", "만"),
    ("을", "를", "도", "만"),
    ("에서", "에", "에서는", "에는"),
    ("으로", "로"),
    ("와", "과", "하고", "랑"),
    ("의",),
    ("까지", "부터", "마다"),
    ("에게", "한테", "께"),
)
_WITH_PARTICLE = re.compile(
    r"(\W*\w+?)(에서는|에서|에는|에게|한테|으로|하고|까지|부터|마다|은|는|이|가|을|를|도|만|에|로|와|과|랑|의)(\W*)"
)

Changing = Callable[[str, random.Random], str]


class Item(msgspec.Struct, frozen=True):
    """The texts of one row of the benchmark."""

    task: str
    number: int
    texts: tuple[str, ...]


def items(folder: Path, task: str, split: str = "test") -> Iterator[Item]:
    lines = (folder / task / f"{split}.tsv").read_text(encoding="utf-8-sig").splitlines()
    head = lines[0].split("\t")
    for number, line in enumerate(lines[1:]):
        row = dict(zip(head, line.split("\t"), strict=False))
        yield Item(task, number, tuple(row[name] for name in COLUMNS[task] if row.get(name)))


def planted(folder: Path, rows: int | None = None) -> list[Planted]:
    """For each task and each way its test items, or so many of them, among the seed tasks of the locale, of which none is an item."""
    return [
        Planted(
            "decontaminate",
            partial(_cases, folder=folder, task=task, way=way, rows=rows),
            options=_options(folder, task),
            error=f"{task} {way}",
        )
        for task in COLUMNS
        for way in WAYS
    ]


def _options(folder: Path, task: str) -> dict[str, list[str]]:
    return {"against": [str(folder / task / "test.tsv")], "columns": _columns_of(folder, task)}


def _cases(draw: random.Random, *, folder: Path, task: str, way: str, rows: int | None) -> list[Case]:
    known = list(items(folder, task))
    chosen = known if rows is None else draw.sample(known, min(rows, len(known)))
    return [*(Case(each, "contaminated") for each in _planted(chosen, WAYS[way], draw)), *map(Case, seed_rows("ko"))]


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts of a task's test items stand in its own training rows, by the share of them that does, and rows dropped for it.

    What a report has to expect where nobody copied anything, and more: COPA and SentiNeg share sentences between the two.
    """

    task: str
    texts: int
    reached: dict[str, int]
    rows: int
    dropped: int


def noise(folder: Path) -> list[Noise]:
    found = []
    for task in COLUMNS:
        records = [row("\n".join(item.texts), id=f"{task}-{item.number}") for item in items(folder, task, "train")]
        _, figures = told(Planted("decontaminate", lambda draw: (), options=_options(folder, task)), records)
        (texts,), (dropped,), (reached,) = (figures[name].values() for name in ("compared", "contaminated", "reached"))
        found.append(Noise(task=task, texts=texts, reached=reached, rows=len(records), dropped=dropped))
    return found


def _columns_of(folder: Path, task: str) -> list[str]:
    """Also the text from which a SentiNeg item was made: it is part of the item."""
    with open(folder / task / "test.tsv", encoding="utf-8-sig") as file:
        head = file.readline().rstrip("\r\n").split("\t")
    return [name for name in (*COLUMNS[task], "Text_origin") if name in head]


def _planted(chosen: Sequence[Item], change: Changing, draw: random.Random) -> Iterator[seodang.Record]:
    for item in chosen:
        texts = [change(text, draw) for text in item.texts]
        if change is not _whole and texts == list(item.texts):
            continue  # it has no particle to change, or no blank to leave out
        yield row(draw.choice(CARRIERS).format("\n".join(texts)), "네, 알겠습니다.")


def _whole(text: str, draw: random.Random) -> str:
    return text


def _trimmed(text: str, draw: random.Random) -> str:
    left = max(1, round(len(text) * draw.uniform(*LEFT)))
    return text[:left] if draw.random() < 0.5 else text[-left:]


def _with_other_particles(text: str, draw: random.Random) -> str:
    return " ".join(_with_other_particle(word, draw) for word in text.split(" "))


def _with_other_particle(word: str, draw: random.Random) -> str:
    found = _WITH_PARTICLE.fullmatch(word)
    if found is None or draw.random() >= CHANGED:
        return word
    before, particle, after = found.groups()
    group = next(group for group in _GROUPS if particle in group)
    return before + draw.choice([other for other in (*group, "") if other != particle]) + after


def _spaced_otherwise(text: str, draw: random.Random) -> str:
    """Korean is spaced as one likes: blanks are left out."""
    return "".join(sign for sign in text if sign != " " or draw.random() < 0.5)


WAYS: Mapping[str, Changing] = {
    "whole": _whole,
    "trimmed": _trimmed,
    "particles": _with_other_particles,
    "both": lambda text, draw: _trimmed(_with_other_particles(text, draw), draw),
    "blanks": _spaced_otherwise,
}
