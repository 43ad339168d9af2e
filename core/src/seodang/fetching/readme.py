"""The page of the folder: what is in it, under which terms, and what to do on the other side. In the language of whoever made it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from seodang.fetching.folder import INDEXED, REQUIREMENTS
from seodang.fetching.needing import Needs
from seodang.fetching.planning import Plan
from seodang.fetching.requirements import Pinned
from seodang.recipes.reading import Recipe
from seodang.recipes.scales import KEY
from seodang.wording import render


def readme(recipe: Recipe, plan: Plan, needs: Needs, requirements: Sequence[Pinned], settings: Sequence[str]) -> str:
    return "\n".join(_lines(recipe, plan, needs, requirements, settings)) + "\n"


def command_line(plan: Plan, needs: Needs, settings: Sequence[str]) -> str:
    """What runs the recipe over there. A step that asks somebody must be allowed to."""
    scales = "".join(f" --scale {setting.removeprefix(KEY)}" for setting in settings)
    quiet = () if needs.hosts else ("SEODANG_OFFLINE=1",)
    return f"{' '.join((*quiet, *plan.offline, 'seodang run recipe.toml'))}{scales}"


def _lines(recipe: Recipe, plan: Plan, needs: Needs, requirements: Sequence[Pinned], settings: Sequence[str]) -> Iterator[str]:
    yield _said("title", recipe=recipe.name)
    yield ""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    yield _said("install", python=python, system=platform.system(), machine=platform.machine())
    yield "\n```\nsha256sum -c SHA256SUMS\npython -m venv here && . here/bin/activate"
    yield f"pip install --no-index --find-links wheels -r requirements.txt\n{command_line(plan, needs, settings)}\n```\n"
    yield _said("wheels", count=len(requirements))
    yield f"\n```\n{wheels_command(requirements)}\n```\n"
    if built := [one.line for one in requirements if one.source]:
        yield _said("built", names=built) + "\n"
    if elsewhere := [one.line for one in requirements if "+" in one.version]:
        yield _said("other-index", names=elsewhere) + "\n"
    yield from _pieces(plan)
    if plan.copies:
        yield _said("copies", count=len(plan.copies)) + "\n"
    if needs.hosts:
        yield _said("hosts") + "\n"
        yield from (f"- {step}: {', '.join(hosts)}" for step, hosts in needs.hosts.items())
        yield ""
    if needs.secrets:
        yield _said("secrets", names=[secret.removeprefix("env:") for secret in needs.secrets]) + "\n"
    if needs.unsaid:
        yield _said("unsaid") + "\n"
        yield from (f"- {one}" for one in needs.unsaid)
        yield ""


def wheels_command(requirements: Sequence[Pinned]) -> str:
    """What brings the wheels of an index. Those that were installed from a folder are built there."""
    built = any(one.source for one in requirements)
    return f"pip download --no-deps --dest wheels -r {INDEXED if built else REQUIREMENTS}"


def _pieces(plan: Plan) -> Iterator[str]:
    if not plan.sources:
        return
    yield _said("terms") + "\n"
    head = [render(f"fetching.{name}-column", {}) for name in ("name", "revision", "folder", "size", "terms", "steps")]
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for source in plan.sources:
        terms = ", ".join(source.listing.terms) or render("fetching.no-terms", {})
        # Where it lay on the machine that brought it is nobody's business over there.
        name = Path(source.piece.name).name if source.here else source.piece.name
        cells = (
            name,
            source.listing.revision or "–",
            source.folder,
            f"{source.bytes:,}",
            terms,
            ", ".join(source.steps),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
    yield ""


def _said(code: str, **facts: object) -> str:
    return render(f"fetching.page-{code}", facts)
