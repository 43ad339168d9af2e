"""What a recipe names and does not hold: pieces that lie elsewhere, and the carriers that bring them to where nothing can be fetched.

A capability says which pieces its options name (`Capability.pieces`); a carrier knows one place from which pieces come, such as a hub.
`seodang fetch` brings the two together, and knows neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec

from seodang.capability import Capability

if TYPE_CHECKING:
    from seodang.pieces import Piece


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier would bring: asked before anything is brought, shown, and kept, so that the next attempt brings the same."""

    revision: str
    """The exact one, as a commit; what was asked for may have been a branch."""
    files: Mapping[str, int]
    """Each file that the piece asks for, as a path inside it, and its bytes."""
    sha256: Mapping[str, str] = {}
    """The hashes that the other side tells; what is brought is compared with them."""
    terms: tuple[str, ...] = ()
    """Under which terms it stands, as the other side says."""


class Carrier(Capability):
    """Brings pieces from one place. Its options have defaults: a recipe names pieces, never a carrier's settings."""

    kind = "carrier"
    offline: ClassVar[Mapping[str, str]] = {}
    """Variables of the environment that keep its libraries from asking over there, where nobody would answer."""

    def listing(self, piece: Piece) -> Listing:
        """What is there, of the revision that the piece names. Raises a sentence where it is not to be had."""
        raise NotImplementedError

    def bring(self, piece: Piece, listing: Listing, place: Path) -> None:
        """Every file of the listing into this folder. What is there already and whole is not brought again, and what was begun goes on."""
        raise NotImplementedError


__all__ = ["Carrier", "Listing"]
