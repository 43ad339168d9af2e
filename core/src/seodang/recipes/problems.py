"""What is wrong with a recipe, and where: one sentence a problem, gathered until all are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from seodang.errors import RecipeError, SeodangError
from seodang.recipes.lines import Path
from seodang.wording import Phrase


class Spot(msgspec.Struct, frozen=True):
    """A place in a recipe: file and line, or the `--set` that brought the value; and the step, where it is in one."""

    file: str = ""
    line: int = 0
    setting: str = ""
    number: int = 0
    verb: str = ""
    plugin: str = ""

    def phrase(self) -> Phrase:
        facts = {name: getattr(self, name) for name in self.__struct_fields__}
        if self.setting:
            return Phrase("recipes.at-setting", facts)
        if self.verb:
            return Phrase("recipes.at-step", facts)
        if self.number:
            return Phrase("recipes.at-unknown-step", facts)
        if not self.file:
            return Phrase("recipes.at-option", facts)
        return Phrase("recipes.at-line" if self.line else "recipes.at-file", facts)


class Problem(SeodangError):
    """One problem of a recipe. Its message says where, what, and what to do; `spot` is for programs."""

    exit_code = 3

    def __init__(self, code: str, spot: Spot, **facts: Any) -> None:
        super().__init__(code, place=spot.phrase(), **facts)
        self.spot = spot


class Source(msgspec.Struct, frozen=True):
    """Where the values of a recipe come from: lines of its file, and `--set`."""

    file: str
    lines: Mapping[Path, int] = {}
    settings: Mapping[Path, str] = {}

    def spot(self, path: Path, number: int = 0, verb: str = "", plugin: str = "") -> Spot:
        """The place of a value, or of the nearest thing around it that has a line."""
        for length in range(len(path), 0, -1):
            if setting := self.settings.get(path[:length]):
                return Spot(self.file, 0, setting, number, verb, plugin)
            if line := self.lines.get(path[:length]):
                return Spot(self.file, line, "", number, verb, plugin)
        return Spot(self.file, 0, "", number, verb, plugin)


def raise_all(problems: Iterable[SeodangError]) -> None:
    """All problems as one error, in the order of their lines; those of `--set` last. Each is told once."""
    told = {str(problem): problem for problem in problems}
    if not told:
        return
    error = RecipeError(sorted(told.values(), key=_order))
    for note in dict.fromkeys(note for problem in told.values() for note in getattr(problem, "__notes__", ())):
        error.add_note(note)
    raise error


def _order(problem: SeodangError) -> tuple[bool, int]:
    spot = problem.spot if isinstance(problem, Problem) else Spot()
    return bool(spot.setting), spot.line
