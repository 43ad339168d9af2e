"""What a text consists of for a translator: prose, and in it parts that stay as they are."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True):
    """A stretch that is not translated: a name of a program, an address, a formula."""

    text: str
    kind: str


Prose = tuple[str | Part, ...]
"""Words and the parts between them; joined they are the text."""


def plain(prose: Prose) -> str:
    """The text as it was."""
    return "".join(atom if isinstance(atom, str) else atom.text for atom in prose)


def parts_in(prose: Prose) -> list[Part]:
    return [atom for atom in prose if isinstance(atom, Part)]


def has_words(prose: Prose) -> bool:
    """Whether anything in it can be translated: a letter outside its parts."""
    return any(any(map(str.isalpha, atom)) for atom in prose if isinstance(atom, str))


class Block(msgspec.Struct, frozen=True):
    """A stretch of lines. One that is sent has `lines` without what stands around them, and `glue` between them: line ends with the
    indentation and the marks of a quotation. One that is not sent has a single line with everything in it."""

    lines: tuple[str, ...]
    glue: tuple[str, ...] = ()
    kind: str = "text"
    sent: bool = True

    def joined(self, lines: tuple[str, ...] | list[str]) -> str:
        """These lines, with what stands between them."""
        if not self.glue:
            return lines[0]
        return "".join(line + between for line, between in zip(lines, (*self.glue, ""), strict=True))


def kept(text: str, kind: str) -> Block:
    """A stretch that is never sent."""
    return Block((text,), (), kind, False)
