"""A piece: something that the options of a capability name and that lies somewhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

Holds = Literal["model", "dataset"]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What `seodang fetch` brings along for one option, and how the option reads afterwards: as the path of a folder beside the recipe."""

    option: str
    """The option that names it."""
    name: str
    """What it is called where it lies; without a carrier the path as the recipe has it."""
    carrier: str = ""
    """Who brings it, by the carrier's name. Without one it lies on this machine and is copied."""
    holds: Holds = "model"
    revision: str = ""
    files: tuple[str, ...] = ()
    """Patterns of the files that are read; without any, all of them."""
    needs: tuple[str, ...] = ()
    """Patterns of which one at least has to be there: without it nothing would be read on the other side."""
    settings: Mapping[str, Any] = MappingProxyType({})
    """What other options have to be then, such as a revision that a folder does not have. `{folder}` in a text is the folder, and the
    option itself may stand here where it does not name the folder as it is."""


__all__ = ["Holds", "Piece"]
