"""The card of a student, in the hub's format: what it was made of and how, under which terms, and the command that makes it again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seodang.files.durable import write_durably
from seodang.files.manifests import Manifest
from seodang.reports.card import made_with, provenance, section
from seodang.reports.evaluated import contamination, score_table
from seodang.reports.repeating import spelt
from seodang.reports.terms_chain import Chain, chain_of
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import open_run
from seodang.verdicts import Score
from seodang.wording import render

NAME = "README.md"
"""What the hub shows of a repository."""
RECORDS = ("seeds", "translate", "teach", "filter")


def write_student_card(run: Path, step: str) -> Path:
    """Written anew beside the weights: an evaluation may have come since."""
    opened = open_run(run)
    trained = opened.manifest(step).trained
    place = opened.folder(step) / str(trained.options.get("path", "student") if trained else "student") / NAME
    write_durably(place, student_card(run, step).encode())
    return place


def student_card(run: Path, step: str, manifest: Manifest | None = None) -> str:
    """`manifest` is that of a step that is not in its place yet: the run writes the card before it."""
    directory = RunDirectory.open(run)
    manifest = manifest or directory.step(step)[1]
    about = dict(manifest.trained.about) if manifest.trained else {}
    base = [about["base_licence"]] if about.get("base_licence") else []
    chain = chain_of(run, sorted({*manifest.terms, *base}), until=manifest.step, besides=(*manifest.terms, *base))
    recipe = str(directory.lock.get("recipe", ""))
    name = f"{recipe} – {manifest.step}"
    parts = [
        _front(manifest, about, chain, datasets_of(run, manifest.step)),
        f"# {name}",
        section("student-base", _base(about)),
        section(
            "student-data",
            render("card.student-rows", {"rows": manifest.rows.get("in", 0)}),
            provenance(run, before=manifest.step),
        ),
        section("terms", chain.section()),
        section("contamination", contamination(run, before=manifest.step)),
        section("student-template", *_template(manifest, about)),
        section("student-options", _table(_options(manifest))),
        section("student-training", _table({key: _figure(value) for key, value in manifest.figures.items()})),
        section("student-scores", _scores(run, manifest.step)),
        section("made-with", made_with(run)),
        section("recipe", "```toml\n" + (run / "recipe.toml").read_text(encoding="utf-8").strip() + "\n```"),
        section("student-repeat", f"```\n{_command(directory)}\n```"),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def datasets_of(run: Path, step: str) -> list[str]:
    """The hub's data sets that seeds before this step read: those whose option `dataset` names one."""
    found: list[str] = []
    for _, manifest in RunDirectory.open(run).steps():
        if manifest.step == step:
            break
        name = manifest.ingredients.get("options", {}).get("dataset", "")
        if manifest.verb == "seeds" and isinstance(name, str) and re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name):
            found.append(name)
    return list(dict.fromkeys(found))


def _front(manifest: Manifest, about: Mapping[str, str], chain: Chain, datasets: Sequence[str]) -> str:
    """YAML between two lines of hyphens. Texts are written as JSON writes them, which is YAML too."""
    lines = [
        "---",
        f"language:\n- {manifest.language}",
        *chain.front(),
        *(["datasets:", *(f"- {name}" for name in datasets)] if datasets else []),
    ]
    if about.get("base_model"):
        lines.append(f"base_model: {_text(about['base_model'])}")
    lines += [
        "library_name: transformers",
        "pipeline_tag: text-generation",
        f"tags:\n- seodang\n- {manifest.plugin.rpartition(':')[2]}",
        "---",
    ]
    return "\n".join(lines)


def _base(about: Mapping[str, str]) -> str:
    known = {name: about[name] for name in ("base_model", "architecture", "base_licence") if about.get(name)}
    lines = [render(f"card.{name.replace('_', '-')}", {"value": value}) for name, value in known.items()]
    if about.get("name_begins"):
        lines.append(render("card.name-begins", {"value": about["name_begins"]}))
    return "\n".join(f"- {line}" for line in lines)


def _template(manifest: Manifest, about: Mapping[str, str]) -> list[str]:
    assert manifest.trained is not None
    name = str(manifest.trained.options.get("template", ""))
    example = about.get("example", "")
    # A fence longer than any in the conversation, so that nothing in it ends the block.
    fence = "`" * max(3, 1 + max((len(run) for run in example.split() if set(run) == {"`"}), default=2))
    return [render("card.student-asked", {"template": name}) if name else "", f"{fence}\n{example}\n{fence}" if example else ""]


def _options(manifest: Manifest) -> dict[str, str]:
    """As they were set or left; where the base lies on somebody's disk is nobody's business."""
    options = manifest.ingredients.get("options", {})
    return {name: json.dumps(value, ensure_ascii=False) for name, value in options.items() if name != "model"}


def _figure(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _table(rows: Mapping[str, str]) -> str:
    lines = [f"| {name} | {str(value).replace('|', chr(92) + '|')} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines]) if lines else ""


def _scores(run: Path, step: str) -> str:
    """What was measured of this student, with its base beside it."""
    opened = open_run(run)
    newest, found = "", list[Score]()
    for name in opened.steps:
        if opened.manifest(name).trained is not None:
            newest = name
        found += [
            score
            for score in opened.scores(name)
            if score.student == step or (newest == step and score.student in ("newest", "base"))
        ]
    return score_table(found, lambda score: _student(score, step))


def _student(score: Score, step: str) -> str:
    return step if score.student == "newest" else render("report.base", {}) if score.student == "base" else score.student


def _command(directory: RunDirectory) -> str:
    settings = (word for setting in directory.lock.get("settings", ()) for word in spelt(str(setting)))
    return shlex.join(("seodang", "run", "recipe.toml", *settings))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
