"""The chain of terms on a card: which step brought which terms, what they ask as far as that is known, and what goes into the front matter."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.recipes.reading import Recipe, read_recipe
from seodang.runs.directory import RunDirectory
from seodang.terms import UNSTATED, Term, Terms, known_terms, strictest, strictness
from seodang.wording import one_line, render


class Link(msgspec.Struct, frozen=True):
    """Terms and the first step that has them. `presumed`: no step declared them, the name of its model tells them."""

    terms: str
    number: int
    step: str
    plugin: str
    presumed: bool = False


class Chain(msgspec.Struct, frozen=True):
    links: tuple[Link, ...]
    known: Terms
    wish: str = ""

    @property
    def names(self) -> list[str]:
        return strictest([link.terms for link in self.links], self.known)

    def front(self) -> list[str]:
        """The lines of the front matter. What the run was reviewed for is the licence, else all terms that ask something."""
        names = [self.wish] if self.wish else self.names
        told = [name for name in names if name.lower() not in UNSTATED]
        if not told:
            return ["license: unknown"]
        if len(names) == 1 and (name := self._on_the_hub(names[0])):
            return [f"license: {name}"]
        joined = " AND ".join(f"({name})" if " OR " in name.upper() and len(names) > 1 else name for name in names)
        facts = [term for name in names if (term := self.known.of(name))]
        return [
            "license: other",
            f"license_name: {json.dumps(joined, ensure_ascii=False)}",
            *([f"license_link: {json.dumps(facts[0].source)}"] if facts and facts[0].source.startswith("https://") else []),
        ]

    def _on_the_hub(self, name: str) -> str:
        term = self.known.of(name)
        if term and term.hub:
            return term.hub
        # Names may come from rows, and then hold anything.
        spdx = re.fullmatch(r"[A-Za-z0-9.+-]+", name) and not name.lower().startswith("licenseref-")
        return name.lower() if spdx else ""

    def section(self) -> str:
        """A table in the order of the steps, the strictest terms in words, and that this is no legal advice."""
        if not self.links:
            return render("card.no-terms", {})
        head = [render(f"card.{name}", {}) for name in ("terms-step", "terms-name", "terms-ask")]
        rows = ["| " + " | ".join(map(_in_markdown, row)) + " |" for row in self.rows()]
        table = "\n".join([f"| {' | '.join(head)} |", "|---|---|---|", *rows])
        return "\n\n".join([table, *map(_in_markdown, self.said())])

    def rows(self) -> list[list[str]]:
        """The step, its terms, and what these ask, in the order of the steps."""
        return [[f"{link.number}. {link.step}", self._named(link), self._asks(link.terms)] for link in self.links]

    def said(self) -> list[str]:
        """What is said below the table."""
        said = []
        first = self.names[0]
        if strictness(self.known.of(first)):
            said.append(render("card.terms-strictest", {"term": first}))
        if self.wish:
            said.append(render("card.terms-wish", {"license": self.wish}))
        return [*said, render("card.no-advice", {})]

    def _named(self, link: Link) -> str:
        return render("card.terms-presumed", {"term": link.terms}) if link.presumed else link.terms

    def _asks(self, name: str) -> str:
        term = self.known.of(name)
        if term is None:
            return render("card.ask-not-known", {})
        return "; ".join([*_asked(term), render("card.ask-source", {"source": term.source, "read": term.read})])


def _in_markdown(text: str) -> str:
    """A cell or a line, whatever the name of terms holds that came with a row."""
    return one_line(text).replace("|", "\\|").replace("<", "&lt;")


def _asked(term: Term) -> list[str]:
    commercial = (
        "ask-commercial-condition" if term.commercial == "yes" and term.condition else f"ask-commercial-{term.commercial}"
    )
    asked: list[tuple[str, dict[str, Any]]] = [(commercial, {"condition": term.condition})]
    asked += [("ask-attribution", {})] if term.attribution == "yes" else []
    asked += [("ask-no-derivatives", {})] if term.derivatives == "no" else []
    asked += [("ask-same-terms", {})] if term.same_terms == "yes" else []
    asked += [("ask-not-competing", {})] if term.competing == "no" else []
    asked += [("ask-name", {"begins": term.begins})] if term.begins else []
    asked += [("ask-notice", {"notice": term.notice})] if term.notice else []
    return [render(f"card.{code}", facts) for code, facts in asked]


def chain_of(run: Path, carried: Sequence[str], *, until: str = "", besides: Sequence[str] = ()) -> Chain:
    """The chain of those terms that are `carried`, by the first step that has them, up to the step `until`.

    `besides` are terms that only the step `until` knows, such as those of a base that its own card tells.
    """
    directory = RunDirectory.open(run)
    recipe = read_recipe(run / "recipe.toml", directory.lock.get("settings", ()))
    known = known_terms(Path(str(directory.lock.get("recipe_path", run / "recipe.toml"))).parent)
    left = {name.lower(): name for name in carried}
    links: list[Link] = []
    for folder, manifest in directory.steps():
        place = Link(terms="", number=int(folder.name[:2]), step=manifest.step, plugin=manifest.plugin)
        here = [*manifest.terms, *(besides if manifest.step == until else ())]
        taken = [found for name in here if (found := left.pop(name.lower(), None))]
        links += [msgspec.structs.replace(place, terms=name) for name in taken]
        met = {link.terms.lower() for link in links} | {name.lower() for name in left}
        family = _family(recipe, manifest.step, known) if manifest.verb in ("translate", "teach") else ""
        if family and family.lower() not in met:
            links.append(msgspec.structs.replace(place, terms=family, presumed=True))
        if manifest.step == until:
            break
    links += [Link(terms=name, number=0, step="–", plugin="") for name in left.values()]
    return Chain(tuple(links), known, str(directory.lock.get("license", "")))


def _family(recipe: Recipe, step: str, known: Terms) -> str:
    """What the name of a step's model tells, where the recipe states no terms for its teacher."""
    entry = next((entry for entry in recipe.entries if entry.name == step), None)
    if entry is None:
        return ""
    table = recipe.teachers.get(str(entry.reserved.get("teacher", "")), {})
    model = entry.options.get("model") or table.get("model")
    stated = table.get("terms") or entry.options.get("terms")
    return known.of_model(model) if isinstance(model, str) and not stated else ""
