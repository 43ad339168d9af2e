"""The page of published recipes: what each says of itself at its head, and what the review of terms says of it. Used by generate.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.recipes.reading import read_recipe, wanted
from seodang.recipes.resolving import resolve
from seodang.recipes.shipped import Shipped, shipped_recipes
from seodang.runs.plan import make_plan

SHOWN = ("Published", "Published figures", "Cost then", "Cost", "Terms")
INTRODUCTION = """`seodang recipes` lists them, `seodang recipes show NAME` prints one, `seodang init DIR --recipe NAME` begins with one. What stands
here is taken from the head of each recipe, which also says what of it is faithful and what repaired. Their data are a few rows of ours in
the published form: put your own in their place. Figures are quoted from the sources named beside them; what we measured ourselves is on
[figures.md](figures.md).

Every recipe has a size that runs offline in seconds, with stand-ins for its vendors and a student of two layers that learns nothing:

```
seodang init NAME --recipe NAME && cd NAME
seodang mock openai --answers NAME      # in another terminal, where the recipe asks a teacher or a judge
seodang mock deepl                      # in another terminal, where it translates
seodang run recipe.toml --scale toy
```

`python -m pytest tests/recipes --durations=0` runs and times all of them. The last column is what `seodang plan recipe.toml --commercial` objects
to before any money is spent, with our rows in it: yours may bring terms of their own. It informs and is no legal advice ([terms.md](terms.md)).
"""


def recipes_page() -> Iterator[str]:
    offers = load_plugins()
    published = [recipe for recipe in shipped_recipes() if recipe.distribution == "seodang-bench"]
    yield INTRODUCTION
    yield "| recipe | what it does | `--commercial` |\n|---|---|---|"
    for recipe in published:
        yield f"| [{recipe.name}](#{recipe.name.replace('.', '')}) | {recipe.description} | {_verdict(recipe, offers)} |"
    for recipe in published:
        yield f"\n## {recipe.name}\n\n{recipe.description}\n"
        sections = sections_of(recipe.path.read_text(encoding="utf-8"))
        for title in SHOWN:
            if title in sections:
                yield f"- **{title}**: {sections[title]}"
        yield f"- **Toy**: {_toy(recipe)}"
    yield ""


def sections_of(text: str) -> dict[str, str]:
    """The head's paragraphs by their first words: `Published: …`, `Cost then: …`. A table in one of them is left to the recipe."""
    head = [line.removeprefix("#").strip() for line in text[: text.index("[recipe]")].splitlines()]
    found: dict[str, list[str]] = {}
    title = ""
    for line in head:
        begins = re.match(
            r"(Published figures|Published|Cost then|Cost|Faithful|Repaired|Other|Yours|Terms|Toy|From where)\b([^:]*):\s*(.*)",
            line,
        )
        if begins:
            title = begins[1]
            found[title] = [f"{begins[2].strip()} {begins[3]}".strip()]
        elif title and not re.match(r"(COPA|1\.3b|3\.8b|5\.8b|12\.8b) ", line):
            found[title].append(line)
    return {title: " ".join(line for line in lines if line) for title, lines in found.items()}


def _verdict(recipe: Shipped, offers: Offers) -> str:
    read = wanted(read_recipe(recipe.path), commercial=True)
    # Its files stand in a folder of its name until `seodang init` puts them beside it.
    read = msgspec.structs.replace(read, path=recipe.directory / "recipe.toml")
    objections = offers.review_plan(make_plan(read, resolve(read, offers), Path("runs") / read.name, {}))
    if not objections:
        return "no objection"
    told = []
    for objection in objections:
        terms = re.search(r"LicenseRef-[\w.-]+", objection.reason)
        said = terms[0] if terms else objection.reason.partition(".")[0]
        unknown = "not known: " if objection.reason.startswith("whether") else ""
        told.append(f"`{objection.step}`: {unknown}{said}")
    return "; ".join(told)


def _toy(recipe: Shipped) -> str:
    text = recipe.path.read_text(encoding="utf-8")
    servers = [f"`seodang mock openai --answers {recipe.name}`"] if (recipe.directory / "answers.toml").is_file() else []
    servers += ["`seodang mock deepl`"] if "translate = " in text else []
    beside = f", beside {' and '.join(servers)}" if servers else ""
    return f"`seodang run recipe.toml --scale toy`{beside}"
