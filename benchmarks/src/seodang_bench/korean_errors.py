"""Korean texts with errors planted in them, and texts that only look as if they had one: what Korean filters are measured with.

`planted()` gives a trial for each kind of error: records that a filter has to leave out, and records that it has to keep. Words and
sentences stand in `korean_sentences.toml`. Whoever wrote the filters wrote them too, so they show that a rule still does what it was made
for; how often it meets what people really write they do not show, least of all for `leftovers`, `spacing` and `translationese`.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import seodang


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter with these options has to do: leave out every record of `wrong` (by `codes`, where they are named), keep `right`."""

    filter: str
    error: str
    wrong: tuple[seodang.Record, ...]
    right: tuple[seodang.Record, ...]
    options: Mapping[str, Any] = {}
    codes: tuple[str, ...] = ()


class Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `korean_sentences.toml`."""

    consonant: str
    vowel: str
    latin_consonant: str
    latin_vowel: str
    josa_traps: tuple[str, ...]
    levels: tuple[tuple[str, str, str, str], ...]
    level_traps: tuple[tuple[str, str], ...]
    translated: tuple[str, ...]
    leftovers: dict[str, tuple[str, ...]]
    leftover_traps: tuple[tuple[str, str], ...]
    spacing_traps: tuple[str, ...]


FRAMES = {
    "을/를": ("어제 시장에서 {} 샀습니다.", "{} 꺼내 책상 위에 놓았습니다."),
    "은/는": ("{} 어디에 있습니까?", "이번에 고른 {} 생각보다 쌉니다."),
    "이/가": ("{} 하나 더 필요합니다.", "방 안에 {} 있습니다."),
    "과/와": ("{} 함께 보냈습니다.", "{} 다른 것을 견주었습니다."),
    "으로/로": ("{} 만들었습니다.", "모두 {} 바꾸었습니다."),
}
"""The particle that follows a consonant first."""

QUESTION = "다음에 대해 설명해 주세요."


@cache
def sentences() -> Sentences:
    text = files(__package__).joinpath("korean_sentences.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Sentences)


def labelled(koalpaca: Path) -> list[Trial]:
    """Trials with real rows that were read and labelled: `korean_labels.toml` has their numbers in this file, and nothing of their texts."""
    rows = msgspec.json.decode(koalpaca.read_bytes(), type=list[dict[str, str]])
    labels = tomllib.loads(files(__package__).joinpath("korean_labels.toml").read_text(encoding="utf-8"))

    def records(numbers: Sequence[int]) -> tuple[seodang.Record, ...]:
        return tuple(
            seodang.single_turn(row["instruction"], row["output"], input=row["input"], id=str(number), language="ko")
            for number in numbers
            for row in (rows[number],)
        )

    return [
        Trial(filter=name, error="KoAlpaca v1.0, labelled", wrong=records(marked["wrong"]), right=records(marked["right"]))
        for name, marked in labels.items()
    ]


def planted(seed: int = 0) -> list[Trial]:
    """A trial for each kind of error."""
    chance = random.Random(seed)
    return [*_josa(), *_registers(chance), *_leftovers(chance), *_spacing(chance), _translated(chance)]


def _answers(texts: Sequence[str]) -> tuple[seodang.Record, ...]:
    return tuple(seodang.single_turn(QUESTION, text, id=str(number), language="ko") for number, text in enumerate(texts))


def _josa() -> Iterator[Trial]:
    own = sentences()
    for choice, frames in FRAMES.items():
        after_consonant, after_vowel = choice.split("/")
        wrong, right = [], []
        for frame in frames:
            for words, fits, misfits in (
                (own.consonant, after_consonant, after_vowel),
                (own.vowel, after_vowel, after_consonant),
            ):
                for word in words.split():
                    in_l = (ord(word[-1]) - 0xAC00) % 28 == 8 and choice == "으로/로"
                    wrong.append(frame.format(word + (after_consonant if in_l else misfits)))
                    right.append(frame.format(word + (after_vowel if in_l else fits)))
        yield Trial(filter="josa", error=choice, wrong=_answers(wrong), right=_answers([*right, *own.josa_traps]))
    wrong, right = [], []
    for words, fits, misfits in ((own.latin_consonant, 0, 1), (own.latin_vowel, 1, 0)):
        for word in words.split():
            for choice in ("을/를", "은/는", "과/와"):
                wrong.append(FRAMES[choice][0].format(word + choice.split("/")[misfits]))
                right.append(FRAMES[choice][0].format(word + choice.split("/")[fits]))
    yield Trial(filter="josa", error="Latin, 123, %", wrong=_answers(wrong), right=_answers(right))


HAPSYO, HAEYO, HAERA, HAE = range(4)


def _registers(chance: random.Random) -> Iterator[Trial]:
    own = sentences().levels

    def text(*levels: int) -> str:
        return " ".join(chance.choice(own)[level] for level in levels)

    pure = [text(*[level] * count) for level in (HAPSYO, HAEYO) for count in (1, 3, 6, 10) for _ in range(15)]
    traps = tuple(seodang.single_turn(question, answer, language="ko") for question, answer in sentences().level_traps)
    right = (*_answers(pure), *traps)
    for error, codes, made in (
        (
            "합쇼 + 해라",
            ("mixed-register",),
            lambda: text(*[HAPSYO] * chance.randint(1, 5), HAERA, *[HAPSYO] * chance.randint(0, 2)),
        ),
        ("합쇼 + 해", ("banmal-to-user",), lambda: text(*[HAPSYO] * chance.randint(1, 5), HAE, *[HAPSYO] * chance.randint(0, 2))),
        (
            "해요 + 해라",
            ("mixed-register",),
            lambda: text(*[HAEYO] * chance.randint(1, 5), HAERA, *[HAEYO] * chance.randint(0, 2)),
        ),
        ("해", ("banmal-to-user",), lambda: text(*[HAE] * chance.randint(1, 6))),
        ("해라", ("wrong-register", "banmal-to-user"), lambda: text(*[HAERA] * chance.randint(1, 6))),
    ):
        yield Trial(filter="speech-level", error=error, codes=codes, wrong=_answers([made() for _ in range(60)]), right=right)
    mixed = [text(*[HAPSYO] * chance.randint(1, 4), HAEYO) for _ in range(60)]
    strict = {"polite_mix": "drop"}
    yield Trial(
        filter="speech-level", error="합쇼 + 해요", codes=("mixed-register",), wrong=_answers(mixed), right=right, options=strict
    )
    other = [text(*[HAEYO] * chance.randint(1, 6)) for _ in range(60)]
    only = _answers([text(*[HAPSYO] * chance.randint(1, 6)) for _ in range(60)])
    options = {"level": "합쇼"}
    yield Trial(
        filter="speech-level", error="level = 합쇼", codes=("wrong-register",), wrong=_answers(other), right=only, options=options
    )


def _leftovers(chance: random.Random) -> Iterator[Trial]:
    own = sentences()
    plain = [sentence[HAPSYO] for sentence in own.levels]
    right = (
        *_answers(plain),
        *(seodang.single_turn(question, answer, language="ko") for question, answer in own.leftover_traps),
    )
    for code, left in own.leftovers.items():
        wrong = [" ".join((chance.choice(plain), one, chance.choice(plain))) for one in left for _ in range(4)]
        yield Trial(filter="leftovers", error=code, codes=(code,), wrong=_answers(wrong), right=right)


def _spacing(chance: random.Random) -> Iterator[Trial]:
    own = sentences()
    plain = [sentence[level] for sentence in own.levels for level in (HAPSYO, HAEYO)]
    right = _answers([*plain, *own.spacing_traps])
    joined = [" ".join((one, one.replace(" ", ""))) for one in plain if len(re.sub(r"[^가-힣]", "", one)) > 12]
    yield Trial(filter="spacing", error="no-blanks", codes=("no-blanks",), wrong=_answers(joined), right=right)
    apart = [
        " ".join((chance.choice(plain), " ".join(one.replace(" ", "")))) for one in plain if one.replace(" ", "")[:-1].isalpha()
    ]
    yield Trial(filter="spacing", error="blanks-in-words", codes=("blanks-in-words",), wrong=_answers(apart), right=right)


def _translated(chance: random.Random) -> Trial:
    own = sentences()
    plain = [" ".join(sentence[HAPSYO] for sentence in chance.sample(own.levels, 4)) for _ in range(60)]
    wrong = [" ".join(chance.sample(own.translated, 4)) for _ in range(60)]
    return Trial(
        filter="translationese", error="translationese", wrong=_answers(wrong), right=_answers(plain), options={"threshold": 60}
    )  # fmt: skip
