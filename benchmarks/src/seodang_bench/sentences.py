"""Korean sentence splitters beside each other, on texts whose sentences are known: how often they are right, and how fast."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec

import msgspec

Split = Callable[[str], Sequence[str]]

LEAST_SECONDS = 0.2
_END = re.compile(r"(?:[^.!?…]|[.!?…](?!\s))*(?:[.!?…]\s+|\Z)|.", re.DOTALL)


class Group(msgspec.Struct, frozen=True):
    """Texts of one sort."""

    name: str
    between: str
    texts: tuple[tuple[str, ...], ...]


class Side(msgspec.Struct, frozen=True):
    """What one splitter did with one group. `exact` is the share of texts that it split as they are, `f1` that of the places between
    sentences; `lossless` and `whole_code` whether it gave back each text and left fences alone."""

    splitter: str
    group: str
    texts: int
    exact: float
    f1: float
    lossless: bool
    whole_code: bool
    per_second: float


def groups() -> list[Group]:
    found = tomllib.loads(files(__package__).joinpath("splitting.toml").read_text(encoding="utf-8"))
    return msgspec.convert(found["group"], list[Group])


def splitters() -> tuple[dict[str, Split], list[str]]:
    """Those that are installed, and the names of those that are not."""
    from seodang_locale_ko import Korean

    found: dict[str, Split] = {
        "one regex": lambda text: [part for part in _END.findall(text) if part],
        "rule": Korean().sentences,
    }
    missing = []
    if find_spec("seodang_kss") and find_spec("kss"):
        from seodang_kss import Kss

        backends = ["mecab"] * (find_spec("mecab") is not None) + ["fast"]
        found |= {f"kss {backend}": Kss(Kss.Options(backend=backend)).split for backend in backends}
    else:
        missing.append("kss")
    if find_spec("seodang_kiwi") and find_spec("kiwipiepy"):
        from seodang_kiwi import Kiwi

        found["kiwi"] = Kiwi().split
    else:
        missing.append("kiwi")
    return found, missing


def compare(found: dict[str, Split]) -> list[Side]:
    return [_side(name, split, group) for name, split in found.items() for group in groups()]


def _side(name: str, split: Split, group: Group) -> Side:
    texts = [group.between.join(sentences) for sentences in group.texts]
    split(texts[0])  # what is loaded at the first call is no speed
    parts = [list(split(text)) for text in texts]
    right = [_places(sentences) for sentences in group.texts]
    given = [_places(each) for each in parts]
    hits = sum(len(one & other) for one, other in zip(right, given, strict=True))
    counted = sum(map(len, right)) + sum(map(len, given))
    return Side(
        splitter=name,
        group=group.name,
        texts=len(texts),
        exact=sum(one == other for one, other in zip(right, given, strict=True)) / len(texts),
        f1=2 * hits / counted if counted else 1.0,
        lossless=["".join(each) for each in parts] == texts,
        whole_code=all(_leaves_code(sentences, each) for sentences, each in zip(group.texts, parts, strict=True)),
        per_second=_speed(split, texts, sum(map(len, group.texts))),
    )


def _places(sentences: Sequence[str]) -> set[int]:
    """Where one sentence ends and another begins, counted in signs that are no blanks: who drops blanks is compared, too."""
    ends, place = set(), 0
    for sentence in sentences:
        place += len("".join(sentence.split()))
        ends.add(place)
    return ends - {place, 0}


def _leaves_code(sentences: Sequence[str], parts: Sequence[str]) -> bool:
    return all(any(code.strip() in part for part in parts) for code in sentences if code.startswith("```"))


def _speed(split: Split, texts: Sequence[str], sentences: int) -> float:
    rounds, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < LEAST_SECONDS:
        for text in texts:
            split(text)
        rounds += 1
    return rounds * sentences / spent
