"""Which terms the rows carry from step to step, kept apart by the seeds they come from.

Apart, because a step with `only` concerns the rows of some seeds and not of others: what these carry is no objection to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from seodang.files.manifests import Manifest
from seodang.personal import PERSONAL_DATA
from seodang.recipes.resolving import Step


class Carried:
    """Goes through the steps in order. What a finished step says of its rows counts more than what was declared."""

    def __init__(self) -> None:
        self._rows: dict[str, frozenset[str]] = {}
        self._held: dict[str, frozenset[str]] = {}
        self._trained: frozenset[str] = frozenset()

    def into(self, step: Step) -> tuple[str, ...]:
        """The terms of what reaches the step. An evaluation is reached by students, and these carry what they were taught."""
        found = {term for name in self._concerned(step) for term in self._rows[name]}
        return tuple(sorted(found | self._trained if step.entry.verb == "evaluate" else found))

    def behind(self) -> tuple[str, ...]:
        """The terms of the rows when all steps have been passed."""
        return tuple(sorted({term for terms in self._rows.values() for term in terms}))

    def personal(self, step: Step) -> tuple[str, ...]:
        """The seeds whose rows reach the step with personal data.

        An evaluation is shown the rows that were held out, and so is a filter that compares with them; one that sees the run is shown
        what was trained on, too.
        """
        verb = step.entry.verb
        reached: list[tuple[str, frozenset[str]]] = []
        if verb not in ("seeds", "evaluate") or (verb == "evaluate" and step.capability.sees_run):
            reached += [(name, self._rows[name]) for name in self._concerned(step)]
        if verb == "evaluate" or (verb == "filter" and step.capability.sees_evaluations):
            reached += self._held.items()
        return tuple(dict.fromkeys(name for name, terms in reached if PERSONAL_DATA in terms))

    def through(self, step: Step, added: Sequence[str], manifest: Manifest | None) -> None:
        """The step has been passed, and has added these terms."""
        name, verb = step.entry.name, step.entry.verb
        if verb == "seeds":
            self._rows[name] = frozenset(manifest.terms if manifest else added)
            if "hold_out" in step.entry.reserved:
                self._held[name] = self._rows[name] | frozenset(added)
        elif verb == "train":
            reached = {*self.into(step), *added}
            self._trained |= frozenset(manifest.terms if manifest else reached)
        elif verb != "evaluate":
            for each in self._concerned(step):
                self._rows[each] = self._rows[each] - {*step.capability.clears} | {*added}
            if manifest:
                self._correct({*manifest.terms})

    def _correct(self, real: set[str]) -> None:
        """Takes what the rows of a finished step carry. A term that nobody was expected to carry may be anybody's."""
        expected = {term for terms in self._rows.values() for term in terms}
        self._rows = {name: terms & real | (real - expected) for name, terms in self._rows.items()}

    def _concerned(self, step: Step) -> list[str]:
        return [name for name in self._rows if not step.entry.only or name in step.entry.only]
