"""What speaks against giving a directory to others: secrets, personal data, files that run code, a card that does not say enough."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import seodang

REFUSED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py", ".env", ".key", ".pem", ".sqlite", ".lock")
TEXTS = (".md", ".json", ".jsonl", ".toml", ".yaml", ".yml", ".txt", ".jinja", ".csv", ".tsv", "")
SECRETS = {
    "Hugging Face": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "OpenAI": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
    "AWS": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "GitHub": re.compile(r"\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}"),
    "DeepL": re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}:fx\b"),
    "PEM": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
_NAMED = re.compile(r"(?:_KEY|_TOKEN|_SECRET|_PASSWORD)$")
SHORTEST = 12
"""A value of the environment that is shorter may stand in any text."""
_LICENCE = re.compile(r"^license(?:_name)?: *(.+)$", re.MULTILINE)
Problem = tuple[str, dict[str, object]]


class Asked(NamedTuple):
    """What is to be uploaded, and what the run knows of it."""

    directory: Path
    repository: str
    terms: Sequence[str]
    about: Mapping[str, str]
    run: str
    step: str


def files_of(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def licence_of(directory: Path) -> str:
    """As the card's front matter has it, with the name where the hub's list has none."""
    card = directory / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    found = _LICENCE.findall(text.split("---", 2)[1]) if text.startswith("---") and text.count("---") > 1 else []
    return " / ".join(one.strip("\"' ") for one in found)


def problems_of(asked: Asked) -> Iterator[Problem]:
    files = files_of(asked.directory)
    if not files:
        yield "push-no-files", {"path": str(asked.directory)}
        return
    if not (asked.directory / "README.md").is_file():
        yield "push-no-card", {"run": asked.run, "step": asked.step}
    elif not licence_of(asked.directory) or licence_of(asked.directory) == "unknown":
        yield "push-licence", {}
    if seodang.PERSONAL_DATA in asked.terms:
        yield "push-personal", {}
    begins, name = asked.about.get("name_begins", ""), asked.repository.rpartition("/")[2]
    if not name.lower().startswith(begins.lower()):
        yield "push-name", {"begins": begins, "name": name}
    own = {value: variable for variable, value in os.environ.items() if _NAMED.search(variable) and len(value) >= SHORTEST}
    for path in files:
        file = str(path.relative_to(asked.directory))
        if not path.resolve().is_relative_to(asked.directory.resolve()):
            yield "push-link", {"file": file}
        elif path.suffix in REFUSED or path.name.startswith("."):
            yield "push-file", {"file": file, "kind": path.suffix or path.name}
        elif path.suffix in TEXTS:
            yield from _secrets(path, file, own)


def _secrets(path: Path, file: str, own: Mapping[str, str]) -> Iterator[Problem]:
    """The first of a file: one is enough. The secret itself is never shown."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            kinds = [kind for kind, pattern in SECRETS.items() if pattern.search(line)]
            kinds += [variable for value, variable in own.items() if value in line]
            if kinds:
                yield "push-secret", {"file": file, "line": number, "kind": kinds[0]}
                return
