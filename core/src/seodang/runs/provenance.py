"""What a run was made with: distributions, versions, and whether they could be edited. Recorded always, enforced under `--locked`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from seodang.errors import PluginError
from seodang.plugins.offers import Offers
from seodang.plugins.provenance import provenance
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.runs.plan import parts


def lock_facts(recipe: Recipe, steps: Sequence[Step], offers: Offers) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "recipe_sha256": hashlib.sha256(recipe.text.encode()).hexdigest(),
        "language": recipe.language,
        "seed": recipe.seed,
        "distributions": _distributions(steps),
    }


def _distributions(steps: Sequence[Step]) -> dict[str, dict[str, Any]]:
    """The distributions at work, with the hash of their files: an editable one can change without changing its version."""
    names = {"seodang", *(offer.distribution for step in steps for offer, _ in parts(step))}
    found = {}
    for name in sorted(names):
        known = provenance(name)
        if known is not None:
            version, editable, digest = known
            found[name] = {"version": version, "editable": editable, "sha256": digest}
    return found


def check_lock(lock: Mapping[str, Any], steps: Sequence[Step], offers: Offers) -> None:
    """Refuses a run whose distributions are not those that the lock names."""
    locked = lock.get("distributions", {})
    for name, now in _distributions(steps).items():
        before = locked.get(name)
        if before is not None and (before["version"], before["sha256"]) != (now["version"], now["sha256"]):
            raise PluginError("runs.not-as-locked", distribution=name, locked=before["version"], installed=now["version"])
