"""Novelty against what it is a fast form of: rouge_score's own loop, and comparing with everything by rapidfuzz. Decisions are compared.

The rows are made up, Korean and English; files with real instructions may be given beside them. Every side is a process of its own and
is measured in CPU time, from reading the rows to the last verdict: taking the texts apart is part of it.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_bench.instructions import VARIANTS, Instructions, Language
from seodang_bench.processes import run_measured

THRESHOLD = 0.7
TOKENS: dict[str, str] = {"en": "rouge", "ko": ""}
"""As published for English, the locale's own for Korean, of which rouge_score knows no letter."""
BRUTE_MOST = 100_000
"""So many rows are compared with everything by rapidfuzz; more would take hours."""
MORPHEMES_LEAST = 1000
"""Of fewer rows too few are left behind the first ones, which are not measured."""
BLOCK = 500
_NEAR_TIE = 1e-4
_SURROGATES = 0xD800, 0x0800


class Sifted(msgspec.Struct, frozen=True, kw_only=True):
    """What one side decided: a letter for each row, `k` for kept."""

    seconds: float
    verdicts: str

    @property
    def pairs(self) -> int:
        """How many comparisons it takes to compare each row with all that were kept before it."""
        kept = total = 0
        for verdict in self.verdicts:
            total += kept
            kept += verdict == "k"
        return total


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One language. `growth` is the exponent: 1 where time grows as the rows do, 2 where it grows as their pairs.

    `published_ratio` is extrapolated from `published_rows` by pairs; `brute_ratio` is measured. `…_differ` are rows decided otherwise.
    """

    language: str
    rows: int
    kept: int
    cpu_seconds: float
    us_per_row: float
    peak_mib: float
    tenth_seconds: float
    growth: float
    published_rows: int = 0
    published_seconds: float | None = None
    published_differ: int | None = None
    published_ratio: float | None = None
    decided: int = 0
    brute_differ: int | None = None
    brute_seconds: float | None = None
    brute_ratio: float | None = None
    brute_differ_all: int | None = None


class Morphemes(msgspec.Struct, frozen=True, kw_only=True):
    """Korean by morphemes: the tokenizer alone, and the whole filter, both without loading the tokenizer's model."""

    rows: int
    tokenizer_seconds: float
    filter_seconds: float
    ratio: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    comparisons: tuple[Comparison, ...]
    morphemes: Morphemes | None = None
    missing: tuple[str, ...] = ()


def missing() -> tuple[str, ...]:
    """What is not installed of what is compared with."""
    names = ("rouge_score", "rapidfuzz", "kiwipiepy")
    return tuple(name for name in names if find_spec(name) is None)


def compare(
    directory: Path,
    languages: Sequence[Language],
    rows: int,
    *,
    decided: int = 10_000,
    published: int = 2_000,
    data: Sequence[Path] = (),
) -> Figures:
    """Each side in turn. What is not installed is left out, and named in `missing`."""
    lacking = missing()
    comparisons = tuple(_language(directory, language, rows, decided, published, data, lacking) for language in languages)
    morphemes = None
    if "ko" in languages and "kiwipiepy" not in lacking:
        path = directory / "ko-rows.jsonl"
        morphemes = msgspec.json.decode(
            _run("morphemes", "ko", path, min(rows, max(decided, MORPHEMES_LEAST)))[0], type=Morphemes
        )
    return Figures(comparisons=comparisons, morphemes=morphemes, missing=lacking)


def _language(
    directory: Path, language: Language, rows: int, decided: int, published: int, data: Sequence[Path], lacking: Sequence[str]
) -> Comparison:
    few, many = directory / f"{language}-decided.jsonl", directory / f"{language}-rows.jsonl"
    write_rows(few, language, decided, data)
    write_rows(many, language, rows)
    whole, peak = _sifted("filter", language, many, rows)
    tenth, _ = _sifted("filter", language, many, rows // 10)
    figures = Comparison(
        language=language,
        rows=rows,
        kept=whole.verdicts.count("k"),
        cpu_seconds=whole.seconds,
        us_per_row=whole.seconds / rows * 1e6,
        peak_mib=peak,
        tenth_seconds=tenth.seconds,
        growth=math.log10(whole.seconds / tenth.seconds),
    )
    ours, _ = _sifted("filter", language, few, decided)
    if "rouge_score" not in lacking:
        theirs, _ = _sifted("published", language, few, published)
        figures = msgspec.structs.replace(
            figures,
            published_rows=published,
            published_seconds=theirs.seconds,
            published_differ=differing(ours.verdicts, theirs.verdicts),
            published_ratio=theirs.seconds / theirs.pairs * whole.pairs / whole.seconds,
        )
    if "rapidfuzz" not in lacking:
        brute, _ = _sifted("brute", language, few, decided)
        figures = msgspec.structs.replace(figures, decided=decided, brute_differ=differing(ours.verdicts, brute.verdicts))
        if rows <= BRUTE_MOST:
            brute, _ = _sifted("brute", language, many, rows)
            figures = msgspec.structs.replace(
                figures,
                brute_seconds=brute.seconds,
                brute_ratio=brute.seconds / whole.seconds,
                brute_differ_all=differing(whole.verdicts, brute.verdicts),
            )
    return figures


def differing(first: str, second: str) -> int:
    """Rows decided differently, as far as both decided."""
    return sum(1 for mine, other in zip(first, second, strict=False) if mine != other)


def _sifted(side: str, language: Language, path: Path, count: int) -> tuple[Sifted, float]:
    out, peak = _run(side, language, path, count)
    return msgspec.json.decode(out, type=Sifted), peak


def _run(side: str, language: str, path: Path, count: int) -> tuple[bytes, float]:
    out = path.parent / f"{side}.json"
    command = [sys.executable, "-m", "seodang_bench.novelty", side, language, str(path), str(count), str(out)]
    taken = run_measured(command, directory=path.parent)
    return out.read_bytes(), taken.peak_mib


def write_rows(path: Path, language: Language, rows: int, data: Sequence[Path] = ()) -> None:
    """Real instructions in this language and variants of them first, where files of such are given; then made-up ones."""
    made_up = Instructions(language)
    chance = random.Random(language)
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        written = 0
        for text in instructions_of(data, language):
            for each in (text, made_up.variant(text)) if text.split() and chance.random() < VARIANTS else (text,):
                if written < rows:
                    file.write(encode(seodang.single_turn(each, id=f"{written:08x}", source="bench")) + b"\n")
                    written += 1
        for text in made_up.rows(rows - written):
            file.write(encode(seodang.single_turn(text, id=f"{written:08x}", source="bench")) + b"\n")
            written += 1


def instructions_of(paths: Sequence[Path], language: Language) -> Iterator[str]:
    """The instructions of files, JSON or JSON Lines, that are Korean or are not."""
    for path in paths:
        content = path.read_bytes()
        rows = msgspec.json.decode(content) if content.lstrip()[:1] == b"[" else msgspec.json.Decoder().decode_lines(content)
        for row in rows:
            text = row.get("instruction")
            if isinstance(text, str) and (language == "ko") == any("가" <= sign <= "힣" for sign in text):
                yield text


class Stored:
    """The first records of a file, read anew each time, as a run reads them."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[seodang.Record]:
        decode = msgspec.json.Decoder(seodang.Record).decode
        with self._path.open("rb") as file:
            for _, line in zip(range(self._count), file, strict=False):
                yield decode(line)


def sift(language: str, records: Any, tokens: str) -> Sifted:
    """The filter, as a run calls it."""
    from seodang.testing import make_context
    from seodang_filters.novelty import Novelty

    novelty = Novelty(Novelty.Options(tokens=tokens, threshold=THRESHOLD))  # type: ignore[arg-type]  # one of its kinds
    context = make_context(Path(), language=language, options=novelty.options)
    began = time.process_time()
    verdicts = "".join("k" if isinstance(verdict, seodang.Keep) else "d" for verdict in novelty.sift(records, context))
    return Sifted(seconds=time.process_time() - began, verdicts=verdicts)


def published(language: str, records: Stored) -> Sifted:
    """Self-Instruct's loop over rouge_score, one process; for Korean with the locale's tokens in the place of its own."""
    from rouge_score.rouge_scorer import RougeScorer

    tokenizer = None if TOKENS[language] == "rouge" else _Own(language)
    scorer = RougeScorer(["rougeL"], use_stemmer=False, tokenizer=tokenizer)
    kept: list[str] = []
    verdicts = ""
    began = time.process_time()
    for record in records:
        scores = [scorer.score(record.question, other)["rougeL"].fmeasure for other in kept]
        if max(scores, default=0.0) > THRESHOLD:
            verdicts += "d"
        else:
            verdicts += "k"
            kept.append(record.question)
    return Sifted(seconds=time.process_time() - began, verdicts=verdicts)


class _Own:
    """The tokens that the filter counts, in the form in which rouge_score takes them."""

    def __init__(self, language: str) -> None:
        self.tokenize = _split(language)


def _split(language: str) -> Any:
    from seodang.testing import make_context
    from seodang_filters.tokens import tokenizer_of

    locale = make_context(Path(), language=language).locale
    return tokenizer_of(TOKENS[language], locale).split  # type: ignore[arg-type]  # one of its kinds


def brute(language: str, records: Stored) -> Sifted:
    """Every row with all that were kept, by rapidfuzz's matrix, on one core. What it rounds near the threshold is measured exactly."""
    import numpy
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    split, signs = _split(language), _Signs()
    kept: list[str] = []
    verdicts = ""
    began = time.process_time()
    texts = [signs.of(split(record.question)) for record in records]
    for start in range(0, len(texts), BLOCK):
        block, chosen = texts[start : start + BLOCK], list[int]()
        facts = {"scorer": Indel.normalized_similarity, "score_cutoff": THRESHOLD - _NEAR_TIE, "workers": 1}
        before = cdist(block, kept, dtype=numpy.float32, **facts) if kept else numpy.zeros((len(block), 0), dtype=numpy.float32)
        beside = cdist(block, block, dtype=numpy.float32, **facts)
        for number, text in enumerate(block):
            earlier = before[number].nonzero()[0].tolist()
            among = [other for other in chosen if beside[number, other]]
            others = [*(kept[place] for place in earlier), *(block[other] for other in among)]
            if text and any(_above(text, other) for other in others):
                verdicts += "d"
            else:
                verdicts += "k"
                chosen.append(number)
        kept += [block[number] for number in chosen]
    return Sifted(seconds=time.process_time() - began, verdicts=verdicts)


def _above(text: str, other: str) -> bool:
    """By rouge_score's arithmetic, from rapidfuzz's longest common subsequence."""
    from rapidfuzz.distance import LCSseq

    if not (common := LCSseq.similarity(text, other)):
        return False
    precision, recall = common / len(text), common / len(other)
    return 2 * precision * recall / (precision + recall) > THRESHOLD


class _Signs:
    """A sign for each token, so that a text is a string: what rapidfuzz compares fastest."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, tokens: Sequence[str]) -> str:
        return "".join(self._known.get(token) or self._new(token) for token in tokens)

    def _new(self, token: str) -> str:
        number = len(self._known) + 1
        first, count = _SURROGATES
        self._known[token] = chr(number if number < first else number + count)
        return self._known[token]


def by_morphemes(records: Stored) -> Morphemes:
    """Both after the first rows: by then the model is loaded, which takes seconds and happens once a run."""
    import kiwipiepy
    from seodang.testing import make_context
    from seodang_filters.novelty import ROWS_AT_ONCE, Novelty

    kiwi = kiwipiepy.Kiwi()
    texts = [record.question for record in records]
    list(kiwi.tokenize(texts[:ROWS_AT_ONCE]))
    began = time.process_time()
    list(kiwi.tokenize(texts[ROWS_AT_ONCE:]))
    alone = time.process_time() - began
    novelty = Novelty(Novelty.Options(tokens="morphemes", threshold=THRESHOLD))
    verdicts = novelty.sift(records, make_context(Path(), language="ko", options=novelty.options))  # type: ignore[arg-type]
    for _ in range(ROWS_AT_ONCE):
        next(verdicts)
    began = time.process_time()
    rows = sum(1 for _ in verdicts)
    taken = time.process_time() - began
    return Morphemes(rows=rows, tokenizer_seconds=alone, filter_seconds=taken, ratio=taken / alone)


def main(side: str, language: str, path: str, count: str, out: str) -> None:
    records = Stored(Path(path), int(count))
    sides = {
        "filter": lambda: sift(language, records, TOKENS[language]),
        "published": lambda: published(language, records),
        "brute": lambda: brute(language, records),
        "morphemes": lambda: by_morphemes(records),
    }
    Path(out).write_bytes(msgspec.json.encode(sides[side]()))


if __name__ == "__main__":
    main(*sys.argv[1:])
