"""Where in the text of a recipe an option of a step, a teacher or a student stands: in its own table, or in that of a wanted scale."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from typing import Any

from seodang.recipes.lines import Path as Way
from seodang.recipes.scales import KEY
from seodang.recipes.shape import step_names

PlaceOf = Callable[[str], Way]
"""The way to the value of an option that counts: the wanted scale's where that sets it, else the one of its table."""


class Places:
    """The text of one recipe and the scales that are wanted of it."""

    def __init__(self, text: str, settings: Sequence[str] = ()) -> None:
        self.document: dict[str, Any] = tomllib.loads(text)
        self.scales = tuple(setting.removeprefix(KEY) for setting in settings if setting.startswith(KEY))
        names = step_names(self.document.get("step"))
        self._steps: list[tuple[str, Way]] = [(name, ("step", number)) for number, name in enumerate(names)]
        for scale in self.scales:
            # A scale's own steps come before all others.
            own = self.document["scales"][scale].get("step", [])
            ways: list[Way] = [("scales", scale, "step", number) for number in range(len(own))]
            self._steps = [*(("", way) for way in ways), *self._steps]
        names = step_names([self.at(way) for _, way in self._steps])
        self._steps = [(name, way) for name, (_, way) in zip(names, self._steps, strict=True)]

    def at(self, way: Way) -> Any:
        """The value there, or None."""
        found: Any = self.document
        for key in way:
            if isinstance(found, list):
                found = found[int(key)] if int(key) < len(found) else None
            elif isinstance(found, dict):
                found = found.get(str(key))
            else:
                return None
        return found

    def of_step(self, number: int) -> PlaceOf:
        """For options that stand in the step of this place in the run, counted from 0."""
        name, way = self._steps[number]
        return lambda option: self._counting((*way, option), (name, option))

    def of_role(self, number: int, table: str, name: str) -> PlaceOf:
        """For options of a teacher or a student of this name: flat in the step where they are written there, else in its own table."""
        flat = self.of_step(number)

        def place(option: str) -> Way:
            if name not in self.document.get(table, {}) or self.at(flat(option)) is not None:
                return flat(option)
            return self._counting((table, name, option), (table, name, option))

        return place

    def of_setting(self, target: str) -> Way:
        """For what `--set` names: `sft.lora.rank`, `teachers.gpt.model`."""
        fitting = [name for name, _ in self._steps if name and target.startswith(f"{name}.")]
        if not fitting:
            keys = tuple(target.split("."))
            return self._counting(keys, keys)
        # A step's name may contain dots, so the longest name that fits is meant.
        name = max(fitting, key=len)
        option, *rest = target[len(name) + 1 :].split(".")
        return (*self.of_step([one for one, _ in self._steps].index(name))(option), *rest)

    def _counting(self, own: Way, of_scale: Way) -> Way:
        ways = [("scales", scale, *of_scale) for scale in self.scales if self.at(("scales", scale, *of_scale)) is not None]
        return ways[-1] if ways else own
