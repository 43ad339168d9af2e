"""A text as what is sent of it and what is not: read into blocks, its inline parts found, put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from seodang.translation.blocks import blocks_of
from seodang.translation.parts import Block, Prose, has_words
from seodang.translation.protection import Protection, count_kinds


class Segment(msgspec.Struct, frozen=True):
    """A stretch that is sent as a whole: the lines of a block, with its parts found."""

    block: Block
    prose: Prose

    @property
    def source(self) -> str:
        return "\n".join(self.block.lines)


class Document(msgspec.Struct, frozen=True):
    """`pieces` joined are the text. `code` are its blocks of code, which a check asks for again."""

    pieces: tuple[Segment | str, ...]
    code: tuple[str, ...] = ()

    @property
    def segments(self) -> list[Segment]:
        return [piece for piece in self.pieces if isinstance(piece, Segment)]

    def joined(self, translations: Sequence[str]) -> str:
        """The text with these translations of its segments. Each has as many lines as its segment."""
        left = iter(translations)
        return "".join(piece if isinstance(piece, str) else piece.block.joined(next(left).split("\n")) for piece in self.pieces)

    def prose(self) -> str:
        """What of it is words, without anything that is protected: for telling its language."""
        words = [atom for segment in self.segments for atom in (*segment.prose, "\n") if isinstance(atom, str)]
        return "".join(words).strip()

    def said(self) -> str:
        """Its paragraphs without the blocks between them: what a translator reads as context."""
        return "\n".join(segment.source for segment in self.segments)


def document_of(text: str, protection: Protection, counts: dict[str, int]) -> Document:
    """Reads a text. What is protected is added to `counts`, by kind."""
    pieces: list[Segment | str] = []
    code: list[str] = []
    for block in blocks_of(text):
        if not block.sent:
            if block.kind not in ("blank", "marker", "rule"):
                counts[block.kind] = counts.get(block.kind, 0) + 1
            pieces.append(block.lines[0])
            if block.kind == "code":
                code.append(block.lines[0])
            continue
        prose = protection.parts_of("\n".join(block.lines))
        count_kinds(prose, counts)
        if has_words(prose):
            pieces.append(Segment(block, prose))
        else:
            pieces.append(block.joined(block.lines))
    return Document(tuple(pieces), tuple(code))


def told(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
