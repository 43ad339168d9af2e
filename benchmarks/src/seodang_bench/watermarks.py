"""Texts with a watermark, the same model's without, and people's: what the detector says of each."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang.testing import make_context


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in texts of one kind. `worst_p` is the largest p of marked texts, the smallest of others."""

    texts: int
    detected: int
    share: float
    median_z: float
    median_p: float
    worst_p: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    limit: float
    marked: Side
    plain: Side
    human: Side | None
    too_short: int


def texts_of(path: Path, column: str, limit: int) -> Iterator[str]:
    """The texts in a column of a file of any type that seeds are read from."""
    rows = make_context(path.parent).rows(path)
    texts = (text for row in rows if isinstance(text := row.values.get(column), str) and text.strip())
    return islice(texts, limit)


def measure(
    model: Path | None, human: Sequence[str], *, answers: int, tokens: int, strength: float, temperature: float
) -> Figures:
    """Answers are told to end at `tokens` and detected as text, as whoever finds them would. People's texts are cut to so many tokens."""
    from seodang_local.tiny import write_tiny
    from seodang_local.watermark import DETECTED_BELOW, PUBLISHED_KEY, Detector, Watermark
    from transformers import AutoTokenizer

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        place = model or write_tiny(Path(directory) / "model", tokenizer="syllables", ends=0.0, limit=max(512, tokens + 64))
        mark = Watermark(strength=strength)
        detector = Detector(place, mark, int(PUBLISHED_KEY))
        said = {
            name: _said(place, watermark, Path(directory), answers, tokens, temperature)
            for name, watermark in (("marked", mark), ("plain", None))
        }
        tokenizer: Any = AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=False)
        cut = [tokenizer.decode(tokenizer.encode(text, add_special_tokens=False, verbose=False)[:tokens]) for text in human]
        found = {name: [detector.detect(text) for text in texts] for name, texts in said.items()}
        judged, too_short = [], 0
        for text in cut:
            try:
                judged.append(detector.detect(text))
            except seodang.DataError:
                too_short += 1
    return Figures(
        limit=DETECTED_BELOW,
        marked=_side(found["marked"], worst=max),
        plain=_side(found["plain"], worst=min),
        human=_side(judged, worst=min) if judged else None,
        too_short=too_short,
    )


def _said(place: Path, watermark: Any, directory: Path, answers: int, tokens: int, temperature: float) -> list[str]:
    from seodang_local import Local

    student = Local(Local.Options(path=str(place.absolute()), watermark=watermark))
    student.open(make_context(directory, options=student.options))

    def request(number: int) -> seodang.Request:
        asked = seodang.Message("user", f"{number}. 서당에 대해 길게 이야기해 주세요.")
        return seodang.Request(messages=(asked,), max_tokens=tokens, temperature=temperature, sample=number)

    return [student.talk(request(number), lambda piece: True).message.text for number in range(answers)]


def _side(found: Sequence[Any], *, worst: Any) -> Side:
    detected = sum(each.detected for each in found)
    return Side(
        texts=len(found),
        detected=detected,
        share=detected / len(found),
        median_z=statistics.median(each.z for each in found),
        median_p=statistics.median(each.p for each in found),
        worst_p=worst(each.p for each in found),
    )
