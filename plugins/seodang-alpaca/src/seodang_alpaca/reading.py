"""Reads tasks out of an answer that was written by hand, so to speak: models decorate, renumber and forget what they were shown.

The form of the first task is the form of all: whether a number stands before each label, and which word is the label of an
instruction. So a numbered list, a quiz with 〈질문:〉 lines or a heading within an answer does not begin a new task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

import msgspec

from seodang_alpaca.tasks import Task, Unread

_SEPARATOR = re.compile(r"#{2,}|-{3,}|\*{3,}|={3,}")
_FENCE = re.compile(r"\A```[^\n`]*\n(.*)\n```\Z", re.DOTALL)
_WRAPPING = "<>＜＞〈〉[]()（）.。 \t\n"


class _Block:
    """One task while it is being read: where each of its parts begins and ends."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.parts: dict[str, str] = {}


class _Label(msgspec.Struct, frozen=True):
    kind: str
    word: str
    number: int | None
    begin: int
    end: int


class Form:
    """The labels of a language: `words` by kind (`instruction`, `input`, `output`), and what stands for no input."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._nothing = {_bare(word) for word in words["no-input"]}
        self._kinds: dict[str, str] = {}
        for kind in ("instruction", "input", "output"):
            for word in words[kind]:
                self._kinds.setdefault(word.casefold(), kind)
        known = "|".join(re.escape(word) for word in sorted(self._kinds, key=len, reverse=True))
        number = r"(?:(?P<number>\d{1,4})[ \t]*[.)．、）]?[ \t]*)?"
        self._label = re.compile(rf"^[ \t>#*_-]*+{number}[*_]*+(?P<word>{known})[*_ \t]*[:：][*_]*", re.MULTILINE | re.IGNORECASE)

    def read(self, text: str, *, first: int, cut: bool) -> Iterator[Task | Unread]:
        """Every task in the order of the answer, and what is none. Where the answer was `cut`, so is its last task."""
        text = text.strip()
        if fenced := _FENCE.match(text):
            text = fenced[1]
        blocks = list(self._blocks(text, first))
        if not blocks and text:
            yield Unread(first, "cut" if cut else "malformed", text)
        for block in blocks:
            last = block is blocks[-1]
            yield self._task(block, cut=cut and last)

    def _blocks(self, text: str, first: int) -> Iterator[_Block]:
        labels = self._labels(text, first)
        block: _Block | None = None
        for label, after in zip_longest(labels, labels[1:]):
            if label.kind == "instruction":
                if block is not None:
                    yield block
                block = _Block(first if label.number is None else label.number)
                first = block.position + 1
            assert block is not None
            block.parts[label.kind] = text[label.end : after.begin if after else len(text)]
        if block is not None:
            yield block

    def _labels(self, text: str, first: int) -> list[_Label]:
        """The labels that count, and none that an answer happens to contain."""
        found = [self._found(match) for match in self._label.finditer(text)]
        begin = next((place for place, label in enumerate(found) if label.kind == "instruction"), len(found))
        form = found[begin] if begin < len(found) else None
        counted: list[_Label] = []
        seen: set[str] = set()
        number = -1
        for label in found[begin:]:
            if form is None or (label.number is None) != (form.number is None):
                continue
            if label.kind == "instruction":
                if label.word != form.word or (label.number is not None and label.number <= number):
                    continue
                number = -1 if label.number is None else label.number
                seen = {"instruction"}
            elif label.kind in seen or "output" in seen or (label.number is not None and label.number != number):
                continue
            else:
                seen.add(label.kind)
            counted.append(label)
        return counted

    def _found(self, match: re.Match[str]) -> _Label:
        word = match["word"].casefold()
        number = int(match["number"]) if match["number"] else None
        return _Label(self._kinds[word], word, number, match.start(), match.end())

    def _task(self, block: _Block, *, cut: bool) -> Task | Unread:
        parts = {kind: _without_separators(text) for kind, text in block.parts.items()}
        whole = "\n".join(text for text in parts.values() if text)
        if cut:
            return Unread(block.position, "cut", whole)
        if not parts["instruction"]:
            return Unread(block.position, "malformed", whole)
        if not parts.get("output"):
            return Unread(block.position, "no-answer", whole)
        given = parts.get("input", "")
        return Task(block.position, parts["instruction"], "" if _bare(given) in self._nothing else given, parts["output"])


def _without_separators(text: str) -> str:
    """Lines of ### or --- at the end part this task from the next one; within an answer they are headings and rules."""
    lines = text.strip().split("\n")
    while lines and (not lines[-1].strip() or _SEPARATOR.fullmatch(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines).strip()


def _bare(text: str) -> str:
    """What is left of a mark for no input when its brackets and its case are taken away."""
    return text.strip(_WRAPPING).casefold()
