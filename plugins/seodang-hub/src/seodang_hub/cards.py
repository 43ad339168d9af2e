"""The front matter of a dataset card, and how the hub spells licences."""

from __future__ import annotations

import json
from collections.abc import Sequence

import seodang

_AS_SPELT = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0 artistic-2.0
bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0
cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0
cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2
agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1
ncsa unlicense zlib pddl lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 gemma
"""
HUB_LICENCES = frozenset(_AS_SPELT.split())
"""The licences that the hub has a name for (huggingface/hub-docs, repositories-licenses.md, August 2026)."""

_OTHERWISE_SPELT = {
    "c-uda-1.0": "c-uda",
    "odc-by-1.0": "odc-by",
    "odbl-1.0": "odbl",
    "pddl-1.0": "pddl",
    "gfdl-1.3": "gfdl",
    "lgpllr": "lgpl-lr",
}
_SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"),
)  # fmt: skip
_TASKS = {"pairs": "translation", "question-answer": "question-answering"}
_UNKNOWN = frozenset({"unknown", "unstated", "licenseref-unknown", "licenseref-unstated", "noassertion", "none"})


def hub_licence(term: str) -> str:
    """The hub's name of an SPDX licence: `unknown` where the term says that nobody knows, `other` where the hub has no name."""
    spelt = term.lower().removesuffix("-only").removesuffix("-or-later")
    if spelt in _UNKNOWN:
        return "unknown"
    spelt = _OTHERWISE_SPELT.get(spelt, spelt)
    return spelt if spelt in HUB_LICENCES else "other"


def front_matter(dataset: seodang.Dataset, rows: int, files: str) -> str:
    """YAML between two lines of hyphens. Texts are written as JSON writes them, which is YAML too."""
    size = next((name for most, name in _SIZES if rows < most), "1B<n<10B")
    # What the run was reviewed for stands alone; the page LICENSE.md and the card below name what it was made of.
    stated = (dataset.license,) if dataset.license else dataset.terms
    licences = list(dict.fromkeys(map(hub_licence, stated))) or ["unknown"]
    lines = ["---", f"pretty_name: {_text(dataset.name)}", "language:", f"- {_text(dataset.language)}"]
    lines += ["license:", *(f"- {name}" for name in licences)] if len(licences) > 1 else [f"license: {licences[0]}"]
    if others := _without_name(stated):
        lines += [f"license_name: {_text(' AND '.join(others))}", "license_link: LICENSE.md"]
    lines += ["task_categories:", f"- {_TASKS.get(dataset.format.name, 'text-generation')}"]
    lines += ["size_categories:", f"- {size}", "tags:", "- seodang", "- synthetic", f"- {_text(dataset.format.name)}"]
    lines += ["configs:", "- config_name: default", "  data_files:", "  - split: train", f"    path: {_text(files)}", "---", ""]
    return "\n".join(lines)


def licence_page(terms: Sequence[str]) -> str:
    """What `license_link` leads to where the hub has no name for a licence."""
    others = _without_name(terms)
    if not others:
        return ""
    listed = "".join(f"- {term}\n" for term in sorted(terms))
    return f"# Terms\n\nThese rows are under all of the following terms, as their sources and models state them:\n\n{listed}"


def _without_name(terms: Sequence[str]) -> list[str]:
    return [term for term in terms if hub_licence(term) == "other"]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
