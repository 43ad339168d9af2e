"""What would be brought, from where and how large: asked of the carriers before anything is written."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from seodang.carrying import Listing
from seodang.errors import DataError
from seodang.fetching.folder import OURS, Copy
from seodang.fetching.needing import Needed, NeededFiles, Needs
from seodang.pieces import Piece
from seodang.recipes.lines import Path as Way

if TYPE_CHECKING:
    from seodang.plugins.offers import Offers

FOLDERS = {"model": "models", "dataset": "datasets"}
"""Where pieces lie in the folder, by what they hold."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to bring, however many options name it. `folder` is where it lies afterwards, from the recipe."""

    piece: Piece
    folder: str
    steps: tuple[str, ...]
    listing: Listing
    here: str = ""
    """For a piece of this machine the folder that it is copied from."""

    @property
    def key(self) -> str:
        return key_of(self.piece)

    @property
    def bytes(self) -> int:
        return sum(self.listing.files.values())


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    sources: tuple[Source, ...]
    copies: tuple[Copy, ...]
    changes: tuple[tuple[Way, Any], ...]
    """What the recipe says instead."""
    offline: tuple[str, ...] = ()
    """Settings of the environment with which nobody's library asks for anything over there."""

    @property
    def bytes(self) -> int:
        return sum(source.bytes for source in self.sources) + sum(copy.bytes for copy in self.copies)


def carrier_of(piece: Piece, directory: Path, offers: Offers) -> Any:
    carrier: Any = offers.find("carrier", piece.carrier).cls()
    carrier.directory = directory
    return carrier


def key_of(piece: Piece) -> str:
    return f"{piece.carrier}:{piece.holds}:{piece.name}@{piece.revision}"


def planned(needs: Needs, directory: Path, offers: Offers, known: Mapping[str, Listing]) -> Plan:
    """`directory` is the recipe's; `known` are the listings of an attempt before, by key: it goes on with what it began."""
    changes: dict[Way, Any] = {}
    sources: dict[str, Source] = {}
    taken: set[str] = set()
    for needed in _merged(needs.pieces):
        piece, key = needed[0].piece, key_of(needed[0].piece)
        source = (
            _of_this_machine(needed, directory, taken)
            if not piece.carrier
            else _of_carrier(needed, directory, offers, known, taken)
        )
        sources[key] = source
        taken.add(source.folder)
        for one in needed:
            changes |= _changed(one, source, directory)
    copies: dict[str, Copy] = {}
    for files in needs.files:
        targets, pattern = _targets(files, directory)
        copies |= {copy.target: copy for copy in targets}
        for copy in targets:
            if copy.target.partition("/")[0] in OURS:
                raise DataError("fetching.name-taken", file=copy.target)
        if pattern != files.pattern:
            changes[files.place if files.number is None else (*files.place, files.number)] = pattern
    return Plan(
        sources=tuple(sources[key] for key in sorted(sources)),
        copies=tuple(copies[target] for target in sorted(copies)),
        changes=tuple(changes.items()),
        offline=_offline(offers),
    )


def _offline(offers: Offers) -> tuple[str, ...]:
    carriers: list[Any] = [offer.cls for offer in offers.all("carrier")]
    return tuple(sorted({f"{name}={value}" for carrier in carriers for name, value in carrier.offline.items()}))


def _merged(pieces: Iterable[Needed]) -> list[list[Needed]]:
    """Those that name one thing together, with every file that any of them reads."""
    groups: dict[str, list[Needed]] = {}
    for needed in pieces:
        groups.setdefault(key_of(needed.piece), []).append(needed)
    merged = []
    for group in groups.values():
        whole = any(not needed.piece.files for needed in group)
        files = () if whole else tuple(dict.fromkeys(name for needed in group for name in needed.piece.files))
        need = tuple(dict.fromkeys(name for needed in group for name in needed.piece.needs))
        more = {"files": files, "needs": need}
        merged.append([msgspec.structs.replace(needed, piece=msgspec.structs.replace(needed.piece, **more)) for needed in group])
    return merged


def _of_carrier(
    needed: Sequence[Needed], directory: Path, offers: Offers, known: Mapping[str, Listing], taken: set[str]
) -> Source:
    piece = needed[0].piece
    listing = known.get(key_of(piece)) or carrier_of(piece, directory, offers).listing(piece)
    _check(needed[0], listing.files)
    for file in listing.files:
        # What the other side says is a stranger's: no file of it may leave the folder.
        if file.startswith(("/", "~")) or ".." in Path(file).parts:
            raise DataError("fetching.outside", name=piece.name, file=file)
    steps = tuple(dict.fromkeys(one.step for one in needed))
    return Source(piece=piece, folder=_folder(piece.name, piece, taken), steps=steps, listing=listing)


def _of_this_machine(needed: Sequence[Needed], directory: Path, taken: set[str]) -> Source:
    piece = needed[0].piece
    place = directory / Path(piece.name).expanduser()
    if not place.exists():
        raise DataError("fetching.not-here", step=needed[0].step, option=piece.option, name=piece.name, place=str(place))
    root = place if place.is_dir() else place.parent
    patterns = piece.files or (("**/*",) if place.is_dir() else (place.name,))
    found = sorted({file for pattern in patterns for file in root.glob(pattern) if file.is_file()})
    files = {file.relative_to(root).as_posix(): file.stat().st_size for file in found}
    _check(needed[0], files)
    inside = _inside(root, directory)
    folder = inside if inside is not None and inside != "." else _folder(root.name or "files", piece, taken)
    steps = tuple(dict.fromkeys(one.step for one in needed))
    return Source(piece=piece, folder=folder, steps=steps, listing=Listing(revision="", files=files), here=str(root))


def _check(needed: Needed, files: Mapping[str, int]) -> None:
    piece = needed.piece
    for pattern in piece.needs and (piece.needs,):
        if not any(fnmatch.fnmatch(file, one) for file in files for one in pattern):
            raise DataError("fetching.lacks", step=needed.step, name=piece.name, wanted=list(pattern))
    if not files:
        raise DataError("fetching.lacks", step=needed.step, name=piece.name, wanted=list(piece.files) or ["*"])


def _folder(name: str, piece: Piece, taken: set[str]) -> str:
    # The owner stays in the path: some things, such as a model's profile, are known by the whole name.
    plain = "/".join(re.sub(r"[^\w.-]+", "-", part).strip(".-") or "-" for part in name.split("/"))
    folder = f"{FOLDERS[piece.holds]}/{plain}"
    number = 2
    while folder in taken:
        folder = f"{FOLDERS[piece.holds]}/{plain}-{number}"
        number += 1
    return folder


def _changed(needed: Needed, source: Source, directory: Path) -> dict[Way, Any]:
    """The option names the folder, and what else is said of it is true of a folder."""
    piece = needed.piece
    if source.here:
        place = directory / Path(piece.name).expanduser()
        target = source.folder if place.is_dir() else f"{source.folder}/{place.name}"
        if os.path.normpath(piece.name) == os.path.normpath(target):
            return {}
        return {needed.place: f"./{target}"}
    told = {way: value.replace("{folder}", source.folder) if isinstance(value, str) else value for way, value in needed.settings}
    return {needed.place: f"./{source.folder}", **told}


def _targets(needed: NeededFiles, directory: Path) -> tuple[list[Copy], str]:
    """Where the files go, and the pattern that finds them there. What lies beside the recipe keeps its place."""
    begun, rest = _divided(needed.pattern, directory)
    inside = _inside(begun, directory)
    folder = inside if inside is not None else f"files/{needed.step}-{needed.option}{needed.number or ''}"
    copies = []
    for file in needed.files:
        name = Path(os.path.relpath(file, begun)).as_posix()
        if name.startswith(".."):
            raise DataError("fetching.outside", name=needed.pattern, file=str(file))
        target = Path(folder, name).as_posix()
        copies.append(Copy(source=str(file), target=target, bytes=file.stat().st_size))
    if inside is not None and not Path(os.path.expanduser(needed.pattern)).is_absolute():
        return copies, needed.pattern
    return copies, Path(folder, rest).as_posix() if rest else folder


def _divided(pattern: str, directory: Path) -> tuple[Path, str]:
    """The folder that a pattern begins with, and what of it follows. A folder that is named alone is that folder."""
    whole = directory / os.path.expanduser(pattern)
    if whole.is_dir():
        return whole, ""
    parts = whole.parts
    first = next((number for number, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts) - 1)
    if whole.is_file():
        first = len(parts) - 1
    return Path(*parts[:first]), Path(*parts[first:]).as_posix()


def _inside(place: Path, directory: Path) -> str | None:
    relative = Path(os.path.relpath(os.path.abspath(place), os.path.abspath(directory))).as_posix()
    return None if relative.startswith("..") else relative
