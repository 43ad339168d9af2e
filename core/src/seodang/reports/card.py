"""`card.md`: the dataset card in the hub's format, from what the run knows."""

from __future__ import annotations

from pathlib import Path

from seodang.files.durable import write_durably
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
    terms = sorted({term for step in summary.steps for term in step.terms})
    front = [
        "---",
        f"language:\n- {summary.language}",
        f"size_categories:\n- {next((name for most, name in SIZES if rows < most), 'n>1M')}",
        "license: " + (terms[0].lower() if len(terms) == 1 and not terms[0].startswith("LicenseRef-") else "other"),
        "tags:\n- synthetic\n- seodang",
        "---",
    ]
    return "\n".join(front) + "\n\n" + card_body(path)


def card_body(path: Path) -> str:
    """The card without its front matter, for those who write their own."""
    summary = summary_of(path)
    rows = len(open_run(path).records())
    terms = sorted({term for step in summary.steps for term in step.terms})
    distributions = RunDirectory.open(path).lock.get("distributions", {})
    body = [
        f"# {summary.recipe}",
        render("card.made", {"rows": f"{rows:,}"}),
        f"## {render('card.steps', {})}",
        "\n".join(_step(step) for step in summary.steps if step.verb not in ("train", "evaluate")),
        f"## {render('card.terms', {})}",
        "\n".join(f"- {term}" for term in terms) if terms else render("card.no-terms", {}),
        f"## {render('card.made-with', {})}",
        "\n".join(f"- {name} {facts['version']}" for name, facts in sorted(distributions.items())),
        f"## {render('card.recipe', {})}",
        "```toml\n" + (path / "recipe.toml").read_text(encoding="utf-8").strip() + "\n```",
    ]
    return "\n\n".join(body) + "\n"


def _step(step: StepSummary) -> str:
    kept = step.rows.get("kept", 0) + step.rows.get("made", 0)
    line = render(
        "card.step",
        {"number": step.number, "verb": step.verb, "plugin": step.plugin, "came": step.rows.get("in", 0), "kept": kept},
    )
    left = [f"{code} {count:,}" for code, count in sorted({**step.dropped, **step.quarantined}.items())]
    return f"- {line}" + (f" ({', '.join(left)})" if left else "")
