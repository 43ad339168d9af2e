"""Compares each link of the chain with what the recipe wants, and names the link, the clause and the ways out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import seodang
from seodang.wording import Phrase, render

from seodang_terms.chain import Link, links
from seodang_terms.expressions import NoExpression, alternatives

OWN = "seodang_terms"
UNSTATED = frozenset({"unknown", "unstated", "licenseref-unknown", "licenseref-unstated", "noassertion", "none"})


class Verdict(msgspec.Struct, frozen=True):
    """What stands in the way. `fact` is the key of the facts that says it, `name` the licence of the expression."""

    code: str
    name: str
    fact: str = ""
    nearest: str = ""


def objections(plan: seodang.Plan) -> list[seodang.Objection]:
    found: list[seodang.Objection] = []
    try:
        wish = Wish(plan)
    except NoExpression as error:
        facts = {"license": plan.license, "nearest": _meant(error.nearest)}
        return [seodang.Objection("license", render(f"{OWN}:wish-not-spdx", facts))]
    found += [seodang.Objection("license", render(f"{OWN}:wish-unknown", {"license": name})) for name in wish.unknown]
    for link in links(plan):
        found += [seodang.Objection(link.stage.name, wish.said(link, verdict)) for verdict in wish.verdicts(link)]
    for stage in plan.stages:
        facts = {"step": stage.name, "table": Phrase(f"{OWN}:table-{'base' if stage.verb == 'train' else 'teacher'}")}
        found += [
            seodang.Objection(stage.name, render(f"{OWN}:model-unstated", {**facts, "model": model})) for model in stage.unstated
        ]
    if found:
        last = found[-1]
        found[-1] = seodang.Objection(last.step, f"{last.reason} {render(f'{OWN}:no-advice', {})}")
    return found


class Wish:
    """What the recipe wants, and what each link says to it."""

    def __init__(self, plan: seodang.Plan) -> None:
        self._plan = plan
        self._known = {name.lower(): term for name, term in plan.meanings.items()}
        groups = alternatives(plan.license) if plan.license else ()
        self.names = tuple(dict.fromkeys(name for group in groups for name in group))
        self.unknown = [name for name in self.names if name.lower() not in self._known]
        wanted = [self._known[name.lower()] for name in self.names if name.lower() in self._known]
        self.commercial = plan.commercial or any(term.commercial == "yes" for term in wanted)
        self._trains = any(stage.verb == "train" for stage in plan.stages)

    def verdicts(self, link: Link) -> list[Verdict]:
        """Nothing where the link allows what is wanted; of alternatives the one that asks least."""
        if link.terms.lower() in UNSTATED:
            return [Verdict("unstated", link.terms)]
        try:
            groups = alternatives(link.terms)
        except NoExpression as error:
            return [Verdict("not-spdx", link.terms, nearest=error.nearest)]
        tried = [[verdict for name in group for verdict in self._of(name, link)] for group in groups]
        return min(tried, key=len)

    def _of(self, name: str, link: Link) -> list[Verdict]:
        # Whoever gets the result may choose among the wished alternatives, so each of them has to fit.
        if self.names and all(name.lower() == wanted.lower() for wanted in self.names) and not self._plan.commercial:
            # Its own terms again: of those only the naming rule can be broken.
            return [verdict for verdict in self._against(name, link) if verdict.code == "name"]
        return list(self._against(name, link))

    def _against(self, name: str, link: Link) -> Iterator[Verdict]:
        term = self._known.get(name.lower())
        if term is None:
            yield Verdict("unknown-terms", name)
            return
        from_output = term.kind == "model" and link.way != "weights"
        if from_output and term.through_output is None:
            yield Verdict("unknown-output", name)
            return
        binding = term.through_output if from_output and term.through_output is not None else None

        def binds(fact: str) -> bool:
            return binding is None or fact in binding

        if self.commercial and term.commercial == "no" and binds("commercial"):
            yield Verdict("non-commercial", name, "commercial")
        # A student that nobody may use commercially competes with nobody: so Alpaca and KoAlpaca read it. Others read it more strictly.
        elif self.commercial and term.competing == "no" and binds("competing"):
            yield Verdict("competing", name, "competing")
        elif self.commercial and term.commercial == "unknown" and binds("commercial"):
            yield Verdict("unknown-commercial", name, "commercial")
        if term.derivatives == "no" and binds("derivatives"):
            yield Verdict("no-derivatives", name, "derivatives")
        if self.names and term.same_terms == "yes" and binds("same_terms") and not self._same(name, term):
            if term.kind == "content":
                yield Verdict("share-alike", name, "same_terms")
            elif self._trains:
                yield Verdict("derivative-model", name, "same_terms")
        if term.begins and binds("begins") and self._trains and not _begins(self._plan.recipe, term.begins):
            yield Verdict("name", name, "begins")

    def _same(self, name: str, term: seodang.Term) -> bool:
        allowed = {name.lower(), *(other.lower() for other in term.passes_to)}
        return all(wanted.lower() in allowed for wanted in self.names)

    def said(self, link: Link, verdict: Verdict) -> str:
        term = self._known.get(verdict.name.lower())
        facts = {
            "term": link.terms,
            "title": term.title if term else verdict.name,
            "written": self._written(term, verdict.fact),
            "brought": Phrase(
                f"{OWN}:brought-{link.brought}", {"plugin": link.stage.added_by.get(link.terms, link.stage.plugin)}
            ),
            "wanted": self._wanted(),
            "instead": Phrase(f"{OWN}:instead-{link.way}"),
            "begins": term.begins if term else "",
            "recipe": self._plan.recipe,
            "nearest": _meant(verdict.nearest),
        }
        return render(f"{OWN}:{verdict.code}", facts)

    def _written(self, term: seodang.Term | None, fact: str) -> Phrase | str:
        if term is None:
            return ""
        clause = term.clauses.get(fact, "")
        facts = {"clause": clause, "source": term.source, "read": term.read}
        return Phrase(f"{OWN}:written-{'in' if clause else 'at'}", facts)

    def _wanted(self) -> Phrase:
        kind = "both" if self._plan.license and self._plan.commercial else "license" if self._plan.license else "commercial"
        return Phrase(f"{OWN}:wanted-{kind}", {"license": self._plan.license})


def _begins(name: str, begins: str) -> bool:
    """Blanks and hyphens do not count: a recipe's name has no blanks, and "HyperCLOVA X" has one."""
    return re.sub(r"[\s._-]", "", name).startswith(re.sub(r"[\s._-]", "", begins))


def _meant(nearest: str) -> Phrase | str:
    return Phrase(f"{OWN}:meant", {"nearest": nearest}) if nearest else ""
