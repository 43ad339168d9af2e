"""The contract of carriers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from seodang.carrying import Carrier
from seodang.errors import SeodangError
from seodang.pieces import Piece
from seodang.testing.contract import CapabilityContract


class CarrierContract(CapabilityContract):
    """A carrier brings what it listed, whole, once, and nowhere else. Give `piece`, something that it can bring in a test."""

    __test__ = False
    kind = "carrier"
    carrier: ClassVar[type[Carrier]]
    piece: ClassVar[Piece | None] = None

    @pytest.fixture
    def wanted(self) -> Piece:
        if self.piece is None:
            pytest.fail(
                f"{type(self).__name__} does not say what is brought: add `piece = seodang.Piece(…)`, or the fixture `wanted`"
            )
        return self.piece

    def test_it_lists_the_same_again(self, make: Callable[[], Carrier], wanted: Piece) -> None:
        first = make().listing(wanted)
        assert first.files, "nothing would be brought"
        assert first == make().listing(wanted)

    def test_it_brings_what_it_listed(self, make: Callable[[], Carrier], wanted: Piece, tmp_path: Path) -> None:
        listing = make().listing(wanted)
        place = _brought(make(), wanted, tmp_path / "brought")
        assert {name: size for name, (size, _) in _files(place).items()} == dict(listing.files)

    def test_what_is_there_is_not_brought_again(self, make: Callable[[], Carrier], wanted: Piece, tmp_path: Path) -> None:
        place = _brought(make(), wanted, tmp_path / "brought")
        before = _files(place)
        _brought(make(), wanted, place)
        assert _files(place) == before

    def test_what_is_missing_is_brought(self, make: Callable[[], Carrier], wanted: Piece, tmp_path: Path) -> None:
        place = _brought(make(), wanted, tmp_path / "brought")
        name = min(make().listing(wanted).files)
        content = (place / name).read_bytes()
        (place / name).unlink()
        _brought(make(), wanted, place)
        assert (place / name).read_bytes() == content

    def test_it_writes_nowhere_else(self, make: Callable[[], Carrier], wanted: Piece, tmp_path: Path) -> None:
        before = set(tmp_path.rglob("*"))
        _brought(make(), wanted, tmp_path / "brought")
        after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "brought")}
        assert after == before

    def test_what_is_not_to_be_had_is_told(self, make: Callable[[], Carrier], wanted: Piece) -> None:
        """With a sentence that names it, not with the error of a library."""
        other = msgspec.structs.replace(wanted, name=f"{wanted.name}-that-is-not-there", revision="")
        with pytest.raises(SeodangError) as told:
            make().listing(other)
        assert other.name in str(told.value)


def _brought(carrier: Carrier, piece: Piece, place: Path) -> Path:
    place.mkdir(exist_ok=True)
    carrier.bring(piece, carrier.listing(piece), place)
    return place


def _files(place: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times; what a carrier notes for itself begins with a dot."""
    found = [path for path in place.rglob("*") if path.is_file()]
    names = {path: path.relative_to(place) for path in found}
    return {
        names[path].as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in found
        if not any(part.startswith(".") for part in names[path].parts)
    }
