"""`card.md`: the dataset card in the hub's format, from what the run knows."""

from __future__ import annotations

import json
from pathlib import Path

from seodang.files.durable import write_durably
from seodang.files.manifests import read_manifest
from seodang.reports.evaluated import contamination, evaluation
from seodang.reports.terms_chain import Chain, chain_of
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import open_run
from seodang.runs.summary import StepSummary, summary_of
from seodang.wording import render

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(run: Path) -> Path:
    place = run / "card.md"
    write_durably(place, card(run).encode())
    return place


def card(path: Path) -> str:
    """Front matter for the hub, then provenance: every step with its plugin, its rows, and why rows were left out."""
    summary = summary_of(path)
    rows = len(open_run(path).records())
    front = [
        "---",
        f"language:\n- {summary.language}",
        f"size_categories:\n- {next((name for most, name in SIZES if rows < most), '1M<n<10M')}",
        *chain_of_rows(path).front(),
        f"pretty_name: {json.dumps(summary.recipe, ensure_ascii=False)}",
        "task_categories:\n- text-generation",
        "tags:\n- synthetic\n- seodang",
        "---",
    ]
    return "\n".join(front) + "\n\n" + card_body(path)


def card_body(path: Path) -> str:
    """The card without its front matter, for those who write their own."""
    summary = summary_of(path)
    rows = len(open_run(path).records())
    parts = [
        f"# {summary.recipe}",
        render("card.made", {"rows": f"{rows:,}"}),
        section("steps", provenance(path)),
        section("terms", chain_of_rows(path).section()),
        section("contamination", contamination(path)),
        section("student-scores", evaluation(path)),
        section("made-with", made_with(path)),
        section("recipe", "```toml\n" + (path / "recipe.toml").read_text(encoding="utf-8").strip() + "\n```"),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def section(title: str, *content: str) -> str:
    """A heading and what stands below it, or nothing where there is nothing."""
    body = "\n\n".join(part for part in content if part)
    return f"## {render(f'card.{title}', {})}\n\n{body}" if body else ""


def chain_of_rows(path: Path) -> Chain:
    """The terms of the rows that flow out of the last step; those of a base or of a judge are none of theirs."""
    manifests = [manifest for folder in open_run(path).flow() if (manifest := read_manifest(folder))]
    return chain_of(path, sorted({term for manifest in manifests for term in manifest.terms}))


def provenance(path: Path, *, before: str = "") -> str:
    """A line for every step that made or sifted rows, with why rows were left out; of those that come `before` a step."""
    steps = summary_of(path).steps
    last = next((step.number for step in steps if step.name == before), len(steps) + 1)
    return "\n".join(_step(step) for step in steps if step.number < last and step.verb not in ("train", "evaluate"))


def made_with(path: Path) -> str:
    distributions = RunDirectory.open(path).lock.get("distributions", {})
    return "\n".join(f"- {name} {facts['version']}" for name, facts in sorted(distributions.items()))


def _step(step: StepSummary) -> str:
    kept = step.rows.get("kept", 0) + step.rows.get("made", 0)
    line = render(
        "card.step",
        {"number": step.number, "verb": step.verb, "plugin": step.plugin, "came": step.rows.get("in", 0), "kept": kept},
    )
    left = [f"{code} {count:,}" for code, count in sorted({**step.dropped, **step.quarantined}.items())]
    return f"- {line}" + (f" ({', '.join(left)})" if left else "")
