"""The worked examples of the locale as they stand in a prompt, and instances as they are read back from the same form."""

from __future__ import annotations

from collections.abc import Sequence

import seodang

from seodang_self_instruct.found import Instance
from seodang_self_instruct.own_texts import Texts
from seodang_self_instruct.reading import parts

Line = tuple[str, str]
"""A marker and what stands after it."""


class Shots:
    """Writes and reads fields after their markers, with the colon that the language uses."""

    def __init__(self, texts: Texts, shots: seodang.Shots) -> None:
        self._texts = texts
        self._no_input = texts.markers["no-input"]
        self._known = {_plain(word) for word in self._no_input}
        self._colon = texts.colon_after("instruction", texts.prompt("is-classification"))
        self._shown = {
            "classification": self._blocks(
                [
                    [("instruction", shot.instruction), ("label", texts.markers["yes" if shot.is_classification else "no"][0])]
                    for shot in shots.classification
                ]
            ),
            "input-first": self._blocks(
                [
                    [("instruction", shot.instruction), ("input", shot.input or self._no_input[0]), ("output", shot.output)]
                    for shot in shots.input_first
                ]
            ),
            "output-first": self._blocks(
                [
                    [("instruction", shot.instruction), ("label", shot.output), ("input", shot.input or self._no_input[0])]
                    for shot in shots.output_first
                ]
            ),
        }

    def shown(self, name: str) -> str:
        return self._shown[name]

    def instruction(self, instruction: str) -> str:
        """An instruction after its marker."""
        return self._line("instruction", instruction)

    def _blocks(self, blocks: Sequence[Sequence[Line]]) -> str:
        return "\n\n".join("\n".join(self._line(name, text) for name, text in block) for block in blocks)

    def _line(self, name: str, text: str) -> str:
        """A text of several lines begins below its marker."""
        colon = self._colon.strip() + "\n" if "\n" in text else self._colon
        return f"{self._texts.markers[name][0]}{colon}{text.strip()}"

    def instances(self, text: str, *, labelled: bool) -> list[Instance]:
        """Each label with the input after it, or each output with the input before it. The prompt ends with the first marker, so the
        answer may begin without it. Another instruction is another task, which nobody has asked for."""
        first, second = ("label", "input") if labelled else ("input", "output")
        markers = {name: self._texts.markers[name] for name in ("instruction", first, second)}
        fields = parts(text, markers, self._texts.examples)
        talk, fields = fields[0][1], fields[1:]
        if talk and not (fields and fields[0][0] == first):
            fields.insert(0, (first, talk))
        end = next((place for place, (name, _) in enumerate(fields) if name == "instruction" and place), len(fields))
        fields = [field for field in fields[:end] if field[0] != "instruction"]
        return self._labelled(fields) if labelled else self._answered(fields)

    def _labelled(self, fields: Sequence[Line]) -> list[Instance]:
        found: list[Instance] = []
        for place, (name, text) in enumerate(fields):
            if name == "label":
                following = fields[place + 1] if place + 1 < len(fields) else ("", "")
                found.append(Instance(self._given(following[1]) if following[0] == "input" else "", text))
        return found

    def _answered(self, fields: Sequence[Line]) -> list[Instance]:
        found: list[Instance] = []
        given = ""
        for name, text in fields:
            if name == "input":
                given = self._given(text)
            else:
                found.append(Instance(given, text))
                given = ""
        return found

    def _given(self, text: str) -> str:
        return "" if _plain(text) in self._known else text


def _plain(text: str) -> str:
    return text.strip(" \t\n.。()（）[]\"'").casefold()
