"""Finding duplicates among many short records: the whole filter against the hashing alone of rensa, a MinHash written in Rust.

The rows are made up. Copies of earlier rows are planted among them, with a particle, a word, a mark or a capital changed; how alike each
is to its original is counted here with Python's sets, and not by what is measured.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_bench.instructions import Instructions
from seodang_bench.processes import own_peak_mib, run_measured

THRESHOLD = 0.8
PLANTED = 0.1
"""So many rows are copies."""
PERMUTATIONS = 128
_PARTICLES = (("은", "이"), ("는", "가"), ("을", "은"), ("를", "는"), ("에서", "에"), ("으로", "로"), ("과", "하고"), ("의", ""))
"""With a blank behind them; any of the words that end in these may be a particle's."""
_HANGUL = re.compile("[가-힣]")


class Copy(msgspec.Struct, frozen=True):
    """Row `number` is a copy of row `original`, changed a little."""

    number: int
    original: int
    likeness: float


class Filtering(msgspec.Struct, frozen=True, kw_only=True):
    """One process with the filter. `seconds` are of CPU; of these `reading` is what reading the rows as often as it does takes alone."""

    seconds: float
    reading: float
    peak_mib: float
    partly: int
    dropped: tuple[int, ...]


class Hashing(msgspec.Struct, frozen=True, kw_only=True):
    """One process with rensa: reading the rows and cutting them into n-grams, and the hashing alone."""

    seconds: float
    hashing: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` compares reading to verdicts with reading to hashes; `hashing_ratio` the filter without reading with hashing alone."""

    rows: int
    planted: int
    recall: float
    dropped: int
    partly: int
    cpu_seconds: float
    per_record_us: float
    peak_mib: float
    rensa_seconds: float | None = None
    rensa_hashing_seconds: float | None = None
    ratio: float | None = None
    hashing_ratio: float | None = None


def compare(directory: Path, rows: int) -> Comparison:
    """Writes the rows, and has both sides read them, each in a process of its own: the peak memory is the filter's."""
    path = directory / "rows.jsonl"
    planted = write_rows(path, rows)
    ours = msgspec.json.decode(_run("filter", path, directory), type=Filtering)
    dropped = {*ours.dropped}
    meant = [copy for copy in planted if copy.likeness >= THRESHOLD]
    figures = Comparison(
        rows=rows,
        planted=len(meant),
        # An original may be a copy itself, of a third row that both are like: one of the two has to go, whichever.
        recall=sum(1 for copy in meant if not dropped.isdisjoint((copy.number, copy.original))) / max(len(meant), 1),
        dropped=len(dropped),
        partly=ours.partly,
        cpu_seconds=ours.seconds,
        per_record_us=ours.seconds / rows * 1e6,
        peak_mib=ours.peak_mib,
    )
    if not has_rensa():
        return figures
    theirs = msgspec.json.decode(_run("rensa", path, directory), type=Hashing)
    return msgspec.structs.replace(
        figures,
        rensa_seconds=theirs.seconds,
        rensa_hashing_seconds=theirs.hashing,
        ratio=ours.seconds / theirs.seconds,
        hashing_ratio=(ours.seconds - ours.reading) / theirs.hashing,
    )


def has_rensa() -> bool:
    from importlib.util import find_spec

    return find_spec("rensa") is not None


def _run(side: str, path: Path, directory: Path) -> bytes:
    out = directory / f"{side}.json"
    run_measured([sys.executable, "-m", "seodang_bench.duplicates", side, str(path), str(out)], directory=directory)
    return out.read_bytes()


def write_rows(path: Path, rows: int, seed: int = 1) -> list[Copy]:
    """Writes records, half Korean and half English, and tells which rows are copies."""
    chance = random.Random(seed)
    fresh = {language: Instructions(language, seed).rows(rows) for language in ("ko", "en")}
    recent: list[tuple[int, str]] = []
    planted = []
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for number in range(rows):
            if recent and chance.random() < PLANTED:
                original, before = chance.choice(recent)
                text = changed(before, chance)
                planted.append(Copy(number, original, jaccard(before, text)))
            else:
                text = next(fresh["ko" if chance.random() < 0.5 else "en"])
                # Copies come from anywhere before them, and not everything has to be remembered for that.
                if len(recent) < 20_000:
                    recent.append((number, text))
                else:
                    recent[chance.randrange(len(recent))] = (number, text)
            file.write(encode(seodang.single_turn(text, id=f"{number:08x}", source="bench")) + b"\n")
    return planted


def changed(text: str, chance: random.Random) -> str:
    """The text with one or two small changes: a particle, a word left out, a word doubled, a mark, capitals."""
    for _ in range(chance.choice((1, 1, 2))):
        words = text.split()
        place = chance.randrange(len(words))
        change = chance.choice(("particle", "particle", "without", "twice", "mark", "capitals"))
        if change == "particle":
            words[place] = next(
                (words[place].removesuffix(one) + other for one, other in _PARTICLES if words[place].endswith(one)),
                words[place] + "s",
            )
        elif change == "without" and len(words) > 3:
            del words[place]
        elif change == "twice":
            words.insert(place, words[place])
        elif change == "mark":
            words[-1] = words[-1].rstrip(".?!") + chance.choice(("", ".", "?", "!", "…"))
        else:
            words[place] = words[place].upper()
        text = " ".join(words)
    return text


def jaccard(one: str, other: str) -> float:
    mine, others = set(_grams(one)), set(_grams(other))
    return len(mine & others) / len(mine | others)


def _grams(text: str) -> list[str]:
    """As the filter documents it: without case and blanks, two syllables or five letters."""
    plain = "".join(text.casefold().split())
    size = 2 if 4 * len(_HANGUL.findall(plain)) >= len(plain) else 5
    return [plain[place : place + size] for place in range(max(len(plain) - size + 1, 1))]


class Stored:
    """Records in a file: to be read again and again, never by index, as in a run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decode = msgspec.json.Decoder(seodang.Record).decode

    def __iter__(self) -> Iterator[seodang.Record]:
        with self._path.open("rb") as file:
            yield from map(self._decode, file)


def filter_side(path: Path) -> Filtering:
    from seodang.testing import make_context
    from seodang_filters.duplicates import Duplicates

    records: Any = Stored(path)
    context = make_context(path.parent, language="ko")
    sifted = Duplicates(Duplicates.Options(threshold=THRESHOLD))
    list(sifted.sift(list(islice(records, 10)), context))
    began = time.process_time()
    verdicts = sifted.sift(records, context)
    dropped = tuple(number for number, verdict in enumerate(verdicts) if isinstance(verdict, seodang.Drop))
    seconds = time.process_time() - began
    peak = own_peak_mib()
    began = time.process_time()
    # Once to compare, once to judge.
    for _ in range(2):
        for _record in records:
            pass
    reading = time.process_time() - began
    partly = int(context.figures.get("partly_compared", 0))
    return Filtering(seconds=seconds, reading=reading, peak_mib=peak, partly=partly, dropped=dropped)


def rensa_side(path: Path) -> Hashing:
    import rensa

    hashing = 0.0
    began = time.process_time()
    records = iter(Stored(path))
    while some := list(islice(records, 10_000)):
        grams = [_grams(record.question) for record in some]
        before = time.process_time()
        for each in grams:
            minhash = rensa.RMinHash(PERMUTATIONS, 1)
            minhash.update(each)
        hashing += time.process_time() - before
    return Hashing(seconds=time.process_time() - began, hashing=hashing)


SIDES = {"filter": filter_side, "rensa": rensa_side}

if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(msgspec.json.encode(SIDES[sys.argv[1]](Path(sys.argv[2]))))
