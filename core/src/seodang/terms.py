"""What terms ask of whoever uses data or models under them: facts that plugins ship as data, and a team beside its recipe.

A file `terms.toml` stands beside a plugin's `__init__.py`, as its messages do, and is read without importing it. `[terms.ID]` says what the
terms of this name mean, `[models]` under which terms the models of a family are. The file `terms.toml` beside a recipe goes before all others:
there a team writes what its own contracts say. Facts are never part of a result: records carry names of terms, and these are declared.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from seodang.errors import SeodangError
from seodang.wording.languages import package_directory

FILE = "terms.toml"
UNSTATED = frozenset({"unknown", "unstated", "licenseref-unknown", "licenseref-unstated", "noassertion", "none"})
"""Terms that say that nobody knows the terms."""

Known = Literal["yes", "no", "unknown"]
Fact = Literal["commercial", "derivatives", "same_terms", "competing", "begins"]


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one licence or one set of terms of use asks. What is not known says `unknown`: nothing here is guessed.

    `kind` is what the terms were written for: `content` binds texts and what is made of them; `service` binds its customers; `model` binds
    whoever uses the weights, and `through_output` names those of its facts that bind whoever uses nothing but what the model said (none of
    them: an empty list; nobody knows: no list). `same_terms = "yes"`: what is made of it goes out under the same terms, or under one of
    `passes_to`; of a model or a service this concerns models and no texts. `competing = "no"`: it must not help to make models that
    compete. `begins` is how the name of a model has to begin that is made with it, `notice` what has to be shown. `clauses` say where it
    is written, by the name of the fact; `read` is when somebody looked at `source`; `hub` is what the Hugging Face hub calls it, where that is
    not its name in small letters.
    """

    title: str
    source: str
    read: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
    kind: Literal["content", "model", "service"] = "content"
    commercial: Known = "unknown"
    attribution: Known = "unknown"
    derivatives: Known = "unknown"
    same_terms: Known = "unknown"
    passes_to: tuple[str, ...] = ()
    competing: Known = "unknown"
    through_output: tuple[Fact, ...] | None = None
    begins: str = ""
    notice: str = ""
    condition: str = ""
    hub: str = ""
    clauses: Mapping[str, str] = {}


class TermsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of one file `terms.toml`."""

    terms: Mapping[str, Term] = {}
    models: Mapping[str, str] = {}
    """Terms by a pattern of a model's name, without regard to case; the longest that fits counts."""


class Terms:
    """What several files say; the first goes before the second, for terms and for families of models alike."""

    def __init__(self, *files: TermsFile) -> None:
        self._files = files
        self._terms: dict[str, tuple[str, Term]] = {}
        for file in reversed(files):
            # A name is one name however its letters are written.
            self._terms |= {name.lower(): (name, term) for name, term in file.terms.items()}

    def of(self, name: str) -> Term | None:
        return self._terms.get(name.lower(), (name, None))[1]

    def of_model(self, model: str) -> str:
        """The name of the terms of a model's family, or nothing where nobody knows the family."""
        name = model.lower().replace("\\", "/")
        for file in self._files:
            fitting = [pattern for pattern in file.models if fnmatchcase(name, pattern.lower())]
            if fitting:
                return file.models[max(fitting, key=len)]
        return ""

    def told_in(self, texts: Iterable[str]) -> dict[str, Term]:
        """The facts of those terms that stand in these expressions."""
        named = {part.lower() for text in texts for part in re.findall(r"[A-Za-z0-9.+-]+", text)}
        return {name: term for key, (name, term) in sorted(self._terms.items()) if key in named}


def known_terms(directory: Path | None = None) -> Terms:
    """What stands beside the recipe in `directory`, and after it what the installed plugins say, by the names of their modules."""
    places = [*([directory] if directory else []), *_packages()]
    return Terms(*(read_terms(place / FILE) for place in places if (place / FILE).is_file()))


@cache
def _packages() -> tuple[Path, ...]:
    """Once for a process: a run asks before each step that pays, and what is installed stays what it is."""
    from seodang.plugins.installed import installed_plugins

    modules = sorted({plugin.module.partition(".")[0] for plugin in installed_plugins()})
    return tuple(filter(None, map(package_directory, modules)))


def read_terms(path: Path) -> TermsFile:
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@cache
def _read(path: Path, changed: int, size: int) -> TermsFile:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), TermsFile)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SeodangError("runs.terms-not-read", path=str(path), error=str(error)) from error


def strictness(term: Term | None) -> int:
    """How much terms ask, to put the strictest first. Of what nobody knows the worst has to be feared but a plain no."""
    if term is None:
        return 5
    asked = (
        term.commercial == "no",
        term.commercial == "unknown",
        term.derivatives == "no",
        term.competing == "no" or bool(term.begins),
        term.same_terms == "yes",
        term.attribution != "no",
    )
    return next((6 - place for place, wanted in enumerate(asked) if wanted), 0)


def strictest(names: Sequence[str], known: Terms) -> list[str]:
    """All terms, those that ask most first. What asks nothing is left out where something else is left."""
    ordered = sorted(dict.fromkeys(names), key=lambda name: (-strictness(known.of(name)), name))
    asking = [name for name in ordered if strictness(known.of(name))]
    return asking or ordered
