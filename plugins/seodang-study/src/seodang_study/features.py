"""What a text's style is told by, without anybody's judgement: its length, its shape, how it begins and ends, its words and scripts."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec
import seodang

_LIST = re.compile(r"^[ \t]*(?:[-*•·▪◦]|\(?\d{1,2}[.)]|[①-⑳]|[가-하][.)])[ \t]+\S", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+\S.*|\*\*[^*\n]{1,60}\*\*:?[ \t]*|\[[^\]\n]{1,40}\][ \t]*)$", re.MULTILINE)
_SCRIPTS = (
    ("hangul", re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")),
    ("latin", re.compile(r"[A-Za-z\u00c0-\u024f]")),
    ("han", re.compile(r"[\u4e00-\u9fff]")),
    ("kana", re.compile(r"[\u3040-\u30ff]")),
    ("digits", re.compile(r"\d")),
)
LIST_LINES = 2
"""One line with a hyphen is a dash; two are a list."""


class Phrases(msgspec.Struct, frozen=True):
    """The phrases of a language by which summaries and boilerplate are told."""

    summaries: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()


class Features(msgspec.Struct, frozen=True):
    """One text as its style sees it. `levels` counts its sentences by speech level, `tokens` and `scripts` what it is written with."""

    length: int
    lists: bool
    headings: bool
    summaries: bool
    boilerplate: bool
    opening: str
    levels: Mapping[str, int]
    tokens: Mapping[str, int]
    scripts: Mapping[str, int]


@cache
def _all_phrases() -> dict[str, Phrases]:
    text = files("seodang_study").joinpath("phrases.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Phrases])


def phrases_of(locale: seodang.Locale) -> Phrases:
    """Those of the language, with the refusals of its locale."""
    own = _all_phrases().get(locale.language, Phrases())
    return Phrases(own.summaries, (*own.boilerplate, *(phrase.casefold() for phrase in locale.refusals)))


def features_of(text: str, locale: seodang.Locale, split: Callable[[str], Sequence[str]]) -> Features:
    text = text.strip()
    known = phrases_of(locale)
    folded = text.casefold()
    words = text.split()
    return Features(
        length=len(text),
        lists=len(_LIST.findall(text)) >= LIST_LINES,
        headings=bool(_HEADING.search(text)),
        summaries=_closes_with(folded, known.summaries, locale),
        boilerplate=any(phrase in folded for phrase in known.boilerplate),
        opening=words[0].casefold().strip(".,!?:;\"'“”") if words else "",
        levels=dict(locale.speech_counts(text)),
        tokens=Counter(split(text)),
        scripts={name: count for name, pattern in _SCRIPTS if (count := len(pattern.findall(text)))},
    )


def _closes_with(text: str, beginnings: Sequence[str], locale: seodang.Locale) -> bool:
    """Whether one of the last two sentences begins so. A text of one or two sentences has nothing to sum up."""
    sentences = [sentence.strip() for sentence in locale.sentences(text) if sentence.strip()]
    return len(sentences) > 2 and any(sentence.startswith(tuple(beginnings)) for sentence in sentences[-2:])


def shared(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """How far two counts are the same in their proportions: 1 for the same, 0 for nothing in common; two empty ones are the same."""
    if not one or not other:
        return float(not one and not other)
    sum_one, sum_other = sum(one.values()), sum(other.values())
    return sum(min(one[key] / sum_one, other[key] / sum_other) for key in one.keys() & other.keys())


def overlap(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """F1 of what both have, each as often as both have it."""
    total = sum(one.values()) + sum(other.values())
    return 2 * sum(min(one[key], other[key]) for key in one.keys() & other.keys()) / total if total else 1.0
