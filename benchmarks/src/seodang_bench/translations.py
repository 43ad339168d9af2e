"""What the checks on translations find: in published rows that were read and labelled, and of damages done to the sound ones."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec
import seodang
from seodang.translation import checks
from seodang.translation.checks import Pair
from seodang.translation.documents import document_of
from seodang.translation.parts import parts_in
from seodang.translation.protection import Protection
from seodang_locale_en import English
from seodang_locale_ko import Korean

Damage = Callable[[Pair, random.Random], str]
"""A translation with one fault more, or the same where it has no place for it."""


class Found(msgspec.Struct, frozen=True):
    """What a check said of rows. `wrong` are those that it should not have named."""

    check: str
    labelled: int
    found: int
    wrong: int
    rows: tuple[int, ...] = ()

    @property
    def precision(self) -> float | None:
        named = self.found + self.wrong
        return self.found / named if named else None

    @property
    def recall(self) -> float | None:
        return self.found / self.labelled if self.labelled else None


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The labels that are committed."""

    last: int
    file: str
    faults: dict[str, tuple[int, ...]]
    rewritten: dict[str, tuple[int, ...]]
    unseen: dict[str, tuple[int, ...]]
    tasks: dict[str, tuple[int, ...]]


class Row(msgspec.Struct, frozen=True):
    """A row of the aligned file."""

    row: int
    en: Mapping[str, str]
    ko: Mapping[str, str]


def labels() -> Labels:
    return msgspec.convert(
        tomllib.loads(files(__package__).joinpath("translation_labels.toml").read_text(encoding="utf-8")), Labels
    )


def rows(shared: Path, known: Labels) -> list[Row]:
    place = shared / known.file
    if not place.is_file():
        raise seodang.DataError("seodang_bench:no-aligned-rows", path=str(place))
    return msgspec.json.Decoder(Row).decode_lines(place.read_bytes())[: known.last + 1]


def pairs_of(row: Row, register: str = "") -> list[Pair]:
    """The texts of a row that were translated, with what seodang would have protected in them."""
    found = []
    for field, role in (("instruction", "user"), ("input", "input")):
        source, target = row.en[field], row.ko[field]
        if source.strip():
            prose = document_of(source, Protection(), {}).segments
            found.append(
                Pair(
                    source=source,
                    target=target,
                    source_language="en",
                    target_language="ko",
                    source_locale=_ENGLISH,
                    target_locale=_KOREAN,
                    role=role,
                    register=register,
                    kept=tuple(part.text for segment in prose for part in parts_in(segment.prose)),
                )
            )
    return found


def said(pair: Pair, severities: Sequence[str] = ("fail", "warn")) -> set[str]:
    """The checks that say something of a pair, looked at as a piece and as a whole."""
    found = checks.findings(pair, whole=True)
    if _is_sent(pair):
        found += checks.findings(pair, whole=False)
    return {finding.code for finding in found if finding.severity in severities}


def _is_sent(pair: Pair) -> bool:
    """What is code, numbers or an address alone never reaches a translator."""
    return bool(document_of(pair.source, Protection(), {}).segments)


def measure(shared: Path) -> list[Found]:
    """Every check on every labelled row, the sources' language tasks, and the faults that no check looks for."""
    known = labels()
    texts = rows(shared, known)
    told = {row.row: {code for pair in pairs_of(row) for code in said(pair)} for row in texts}
    task = re.compile(_ENGLISH.patterns["language-task"])
    figures = []
    for name in checks.names():
        right = {*known.faults.get(name, ()), *known.rewritten.get(name, ())}
        figures.append(_counted(name, right, {row for row, codes in told.items() if name in codes}))
    about_language = {row.row for row in texts if task.search(f"{row.en['instruction']}\n{row.en['input']}")}
    figures.append(_counted("language-task", {*known.tasks["language-task"]}, about_language))
    failed = {row.row for row in texts if any(said(pair, ("fail",)) for pair in pairs_of(row))}
    faulty = {row for group in (known.faults, known.unseen) for numbers in group.values() for row in numbers}
    return [*figures, _counted("any", faulty, failed)]


def _counted(name: str, right: set[int], named: set[int]) -> Found:
    return Found(name, len(right), len(right & named), len(named - right), tuple(sorted(named)))


def measure_damages(shared: Path, seed: int = 0) -> list[Found]:
    """Faults done on purpose to the rows without one; of each, those that some check fails. `wrong` counts sound rows that fail."""
    known = labels()
    bad = {row for group in (known.faults, known.unseen) for numbers in group.values() for row in numbers}
    sound = [pair for row in rows(shared, known) if row.row not in bad for pair in pairs_of(row) if _is_sent(pair)]
    wrong = sum(1 for pair in sound if said(pair, ("fail",)))
    figures = []
    for name, damage in DAMAGES.items():
        draw = random.Random(seed)
        damaged = [(pair, damage(pair, draw)) for pair in sound]
        changed = [msgspec.structs.replace(pair, target=target) for pair, target in damaged if target != pair.target]
        caught = sum(1 for pair in changed if said(pair, ("fail",)))
        figures.append(Found(name, len(changed), caught, wrong))
    return figures


def _alter_number(pair: Pair, draw: random.Random) -> str:
    places = list(re.finditer(r"\d+", pair.target))
    if not places:
        return pair.target
    place = draw.choice(places)
    return f"{pair.target[: place.start()]}{int(place[0]) + draw.randint(1, 5)}{pair.target[place.end() :]}"


def _truncate(pair: Pair, draw: random.Random) -> str:
    """Cut inside a sentence that ends with a mark in the source: of a title nobody can tell."""
    ends = pair.source.rstrip().endswith((".", "?", "!"))
    return pair.target[: max(1, int(len(pair.target) * draw.uniform(0.3, 0.8)))] if ends and len(pair.target) > 8 else pair.target


def _echo(pair: Pair, draw: random.Random) -> str:
    return pair.source if sum(word.islower() for word in pair.source.split()) > 1 else pair.target


def _leave_half(pair: Pair, draw: random.Random) -> str:
    words = pair.source.split()
    if len(words) < 12 or _KOREAN.is_written_in(pair.source):
        return pair.target
    return f"{pair.target[: len(pair.target) // 2]} {' '.join(words[len(words) // 2 :])}"


def _repeat(pair: Pair, draw: random.Random) -> str:
    words = pair.target.split()
    return f"{pair.target} {' '.join(words[:4] * 6)}" if len(words) > 4 else pair.target


def _add_lines(pair: Pair, draw: random.Random) -> str:
    return re.sub(" ", "\n", pair.target, count=3) if len(pair.target.split()) > 4 else pair.target


def _open_bracket(pair: Pair, draw: random.Random) -> str:
    return re.sub(r"[)\]}”\"]", "", pair.target, count=1)


DAMAGES: Mapping[str, Damage] = {
    "number-altered": _alter_number,
    "truncated": _truncate,
    "echoed": _echo,
    "half-left": _leave_half,
    "repeated": _repeat,
    "lines-added": _add_lines,
    "bracket-lost": _open_bracket,
}

_ENGLISH, _KOREAN = English(), Korean()
