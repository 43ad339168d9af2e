"""Narrower forms of a text: line by line, sentence by sentence, and around the protected parts. Nothing in between is lost.

A splitter of sentences sees the text with marks in the places of the parts: no splitter ever sees code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from seodang.translation.marking import marked
from seodang.translation.parts import Part, Prose, has_words, parts_in

Split = Callable[[str], Sequence[str]]
Pieces = list["Prose | str"]
"""What is sent, and as a plain `str` what stands between and is not."""

_MARK = re.compile(r"⟦(\d+)⟧")
_FULL_STOP = re.compile(r"(?<=[.!?…。！？؟।])[\"'”’)\]]*\s+")


def sentences_by_rule(text: str) -> list[str]:
    """For a language without a locale: after a full stop and a blank."""
    found, start = [], 0
    for stop in _FULL_STOP.finditer(text):
        found.append(text[start : stop.end()])
        start = stop.end()
    return [*found, text[start:]] if text[start:] else found or [text]


def sentences_of(prose: Prose, split: Split) -> Pieces:
    """The sentences of each line, with the blanks between them."""
    return [piece for line in lines_of(prose) for piece in ([line] if isinstance(line, str) else _sentences(line, split))]


def lines_of(prose: Prose) -> Pieces:
    """The lines, and the line ends between them."""
    pieces: Pieces = []
    line: list[str | Part] = []
    for atom in prose:
        if isinstance(atom, Part):
            line.append(atom)
            continue
        first, *others = atom.split("\n")
        line += [first] if first else []
        for other in others:
            pieces += _trimmed(tuple(line))
            pieces.append("\n")
            line = [other] if other else []
    return pieces + _trimmed(tuple(line))


def around_parts(prose: Prose) -> Pieces:
    """The words between the parts, each for itself."""
    pieces: Pieces = []
    for atom in prose:
        pieces += [atom.text] if isinstance(atom, Part) else _trimmed((atom,))
    return pieces


def fitting(prose: Prose, fits: Callable[[Prose], bool], split: Split) -> Pieces:
    """The text cut as little as needed, so that each piece can be sent: at lines, else sentences, else blanks, else anywhere.

    A part that alone is too long is not sent at all.
    """
    if fits(prose):
        return [prose]
    if "\n" in "".join(atom for atom in prose if isinstance(atom, str)):
        return _together(lines_of(prose), fits, split)
    sentences = _sentences(prose, split)
    if sum(not isinstance(piece, str) for piece in sentences) > 1:
        return _together(sentences, fits, split)
    if parts_in(prose) and len(prose) > 1:
        return [
            each for piece in around_parts(prose) for each in ([piece] if isinstance(piece, str) else fitting(piece, fits, split))
        ]
    text = prose[0] if isinstance(prose[0], str) else ""
    if len(text) < 2:
        return [text or marked(prose, "none")]
    middle = _middle(text)
    halves = [*_trimmed((text[:middle],)), *_trimmed((text[middle:],))]
    return [each for half in halves for each in ([half] if isinstance(half, str) else fitting(half, fits, split))]


def _together(pieces: Pieces, fits: Callable[[Prose], bool], split: Split) -> Pieces:
    """As many neighbours in one piece as fit."""
    joined: Pieces = []
    current: Prose = ()
    between = ""
    for piece in pieces:
        if isinstance(piece, str):
            between += piece
            continue
        longer = _merged(current, between, piece) if current else piece
        if current and fits(longer):
            current, between = longer, ""
            continue
        joined += fitting(current, fits, split) if current else []
        joined += [between] if between else []
        current, between = piece, ""
    joined += fitting(current, fits, split) if current else []
    return [*joined, between] if between else joined


def _merged(first: Prose, between: str, second: Prose) -> Prose:
    atoms: list[str | Part] = list(first)
    for atom in (between, *second):
        if isinstance(atom, str) and isinstance(atoms[-1], str):
            atoms[-1] += atom
        elif atom:
            atoms.append(atom)
    return tuple(atoms)


def _sentences(prose: Prose, split: Split) -> Pieces:
    parts = parts_in(prose)
    text = marked(prose, "brackets")
    sentences = list(split(text))
    found = [_with_parts(sentence, parts) for sentence in sentences]
    if "".join(sentences) != text or [part for each in found for part in parts_in(each)] != parts:
        return [prose]  # a splitter that loses something, or cuts a mark in two, is not followed
    return [piece for each in found for piece in _trimmed(each)]


def _with_parts(sentence: str, parts: Sequence[Part]) -> Prose:
    atoms: list[str | Part] = []
    end = 0
    for found in _MARK.finditer(sentence):
        if found.start() > end:
            atoms.append(sentence[end : found.start()])
        if not 1 <= int(found[1]) <= len(parts):
            return ()
        atoms.append(parts[int(found[1]) - 1])
        end = found.end()
    if end < len(sentence):
        atoms.append(sentence[end:])
    return tuple(atoms)


def _trimmed(prose: Prose) -> Pieces:
    """The prose between the blanks around it; as a plain text where there is nothing in it to translate."""
    if not prose:
        return []
    if not has_words(prose):
        return ["".join(_texts(prose))]
    atoms = list(prose)
    before = behind = ""
    if isinstance(atoms[0], str):
        bare = atoms[0].lstrip()
        before, atoms[0] = atoms[0][: len(atoms[0]) - len(bare)], bare
    if isinstance(atoms[-1], str):
        bare = atoms[-1].rstrip()
        behind, atoms[-1] = atoms[-1][len(bare) :], bare
    middle = tuple(atom for atom in atoms if atom)
    return [piece for piece in (before, middle, behind) if piece]


def _texts(prose: Prose) -> Iterator[str]:
    for atom in prose:
        yield atom if isinstance(atom, str) else atom.text


def _middle(text: str) -> int:
    """Near the middle, at a blank where there is one, and never between a sign and what combines with it."""
    half = len(text) // 2
    blank = text.rfind(" ", 1, half + 1)
    if blank > half // 2:
        return blank
    return half
