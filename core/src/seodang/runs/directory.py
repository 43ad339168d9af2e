"""A run's directory: its identity, its lock file, and where the folder of each step is found."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seodang.errors import DataError
from seodang.files.durable import commit_directory, explained, make_private_directory, sync_directory, write_durably
from seodang.files.manifests import Manifest, read_manifest

FORMAT = 1
SET_ASIDE = "set-aside"


class RunDirectory:
    """Folders are found by fingerprint, never reused for their name: an inserted step orphans none, a changed one is set aside."""

    def __init__(self, path: Path, lock: Mapping[str, Any]) -> None:
        self.path = path
        self.lock = dict(lock)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """An existing run, for reading."""
        place = path / "lock.toml"
        if not place.is_file():
            raise DataError("runs.not-a-run", path=str(path))
        lock = tomllib.loads(place.read_text(encoding="utf-8"))
        if lock.get("format", 0) > FORMAT:
            raise DataError("runs.newer-run", path=str(path))
        return cls(path, lock)

    @classmethod
    def create_or_open(cls, path: Path) -> RunDirectory:
        if (path / "lock.toml").is_file():
            return cls.open(path)
        if path.is_dir() and any(child.name != "run.lock" for child in path.iterdir()):
            raise DataError("runs.directory-in-use", path=str(path))
        make_private_directory(path)
        run = cls(path, {"format": FORMAT, "id": secrets.token_hex(8)})
        run.write_lock({})
        return run

    @property
    def id(self) -> str:
        return str(self.lock["id"])

    @property
    def ledger(self) -> Path:
        """The run's own book, or the one it shares."""
        shared = self.lock.get("ledger")
        return Path(shared) if shared else self.path / "ledger.sqlite"

    def write_lock(self, facts: Mapping[str, Any]) -> None:
        """Writes `lock.toml`: what the run was made with. Identity and format stay."""
        self.lock = {**self.lock, **facts}
        python = ".".join(map(str, sys.version_info[:3]))
        content = toml_of({**self.lock, "python": python})
        if not (self.path / "lock.toml").is_file() or (self.path / "lock.toml").read_text(encoding="utf-8") != content:
            write_durably(self.path / "lock.toml", content.encode())

    def keep_recipe(self, text: str) -> None:
        if not (self.path / "recipe.toml").is_file() or (self.path / "recipe.toml").read_text(encoding="utf-8") != text:
            write_durably(self.path / "recipe.toml", text.encode())

    def steps(self) -> list[tuple[Path, Manifest]]:
        """The finished steps that stand in the run now, in order."""
        found = []
        for folder in sorted(self.path.iterdir()):
            if folder.is_dir() and folder.name[:2].isdigit() and ".partial-" not in folder.name:
                manifest = read_manifest(folder)
                if manifest is not None:
                    found.append((folder, manifest))
        return found

    def step(self, name: str) -> tuple[Path, Manifest]:
        """The finished step of that name, folder name or number; a verb names its step where it has only one."""
        steps = self.steps()
        for folder, manifest in steps:
            if name in (manifest.step, folder.name, folder.name.split("-", 1)[0]):
                return folder, manifest
        of_verb = [found for found in steps if found[1].verb == name]
        if len(of_verb) == 1:
            return of_verb[0]
        raise DataError("runs.no-such-step", step=name, steps=", ".join(manifest.step for _, manifest in steps) or "–")

    def finished(self) -> dict[str, Path]:
        """Every finished folder by its fingerprint, those set aside included."""
        folders: dict[str, Path] = {}
        aside = self.path / SET_ASIDE
        places = [*(aside.iterdir() if aside.is_dir() else ()), *self.path.iterdir()]
        for folder in sorted(places, key=lambda place: (place.parent != aside, place.name)):
            if folder.is_dir() and ".partial-" not in folder.name and (manifest := read_manifest(folder)):
                folders[manifest.fingerprint] = folder
        return folders

    def partial(self, name: str, fingerprint: str) -> Path:
        """Where a step is made. What an interrupted run of the same fingerprint left there is found again."""
        place = self.path / f"{name}.partial-{fingerprint[:12]}"
        wanted = f".partial-{fingerprint[:12]}"
        for other in self.path.iterdir():
            if other.is_dir() and other.name.endswith(wanted) and other != place and not place.exists():
                with explained(other):
                    os.rename(other, place)
        make_private_directory(place)
        return place

    def put_in_place(self, folder: Path, name: str) -> Path:
        """Moves a finished folder to its number and name; another one that stands there is set aside first."""
        place = self.path / name
        if folder == place:
            return place
        if place.exists():
            self.set_aside(place)
        if ".partial-" in folder.name:
            commit_directory(folder, place)
        else:
            with explained(folder):
                os.rename(folder, place)
            sync_directory(self.path)
        return place

    def set_aside(self, folder: Path) -> None:
        """Keeps a folder that the recipe no longer leads to, so that going back costs nothing."""
        manifest = read_manifest(folder)
        suffix = manifest.fingerprint[:12] if manifest else secrets.token_hex(6)
        make_private_directory(self.path / SET_ASIDE)
        target = self.path / SET_ASIDE / f"{folder.name[3:] if folder.name[:2].isdigit() else folder.name}-{suffix}"
        if target.exists():
            target = target.with_name(f"{target.name}-{secrets.token_hex(3)}")
        with explained(folder):
            os.rename(folder, target)
        sync_directory(self.path)

    def set_aside_all_but(self, places: Iterable[Path]) -> None:
        wanted = set(places)
        for folder, _ in self.steps():
            if folder not in wanted:
                self.set_aside(folder)


def folder_name(number: int, verb: str, name: str) -> str:
    """`03-filter-novelty`, of letters that every file system takes."""
    safe = "".join(character if character.isalnum() or character in "._-" else "-" for character in name.lower())
    return f"{number:02d}-{verb}-{safe[:60]}"


def toml_of(values: Mapping[str, Any], table: str = "") -> str:
    """Texts, numbers, lists of texts and tables as TOML: all that a lock file needs. A TOML text is written as JSON writes it."""
    lines = [f"[{table}]"] if table else []
    tables = []
    for name, value in values.items():
        key = name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _quoted(name)
        if isinstance(value, Mapping):
            tables.append(toml_of(value, f"{table}.{key}" if table else key))
        elif isinstance(value, str):
            lines.append(f"{key} = {_quoted(value)}")
        elif isinstance(value, (list, tuple)):
            lines.append(f"{key} = [{', '.join(_quoted(str(each)) for each in value)}]")
        else:
            lines.append(f"{key} = {str(value).lower()}")
    return "".join(f"{line}\n" for line in lines) + "".join(f"\n{each}" for each in tables)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
