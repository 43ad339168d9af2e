"""English rows like Alpaca's, made up and all different: what a translation is measured on."""

from __future__ import annotations

import json
import random
from pathlib import Path

_ACTS = ["Describe", "Compare", "Summarise", "Explain", "Rewrite", "Classify", "Suggest", "Outline", "Estimate", "Review"]
_KINDS = [
    "quiet",
    "wooden",
    "early",
    "careful",
    "distant",
    "simple",
    "modern",
    "narrow",
    "cheerful",
    "heavy",
    "patient",
    "useful",
]
_THINGS = [
    "bridge",
    "garden",
    "market",
    "kitchen",
    "letter",
    "journey",
    "harvest",
    "workshop",
    "river",
    "library",
    "festival",
    "engine",
]
_PLACES = ["village", "harbour", "school", "valley", "station", "island", "office", "farm", "museum", "forest", "theatre", "city"]
_REASONS = ["weather", "money", "custom", "time", "people", "water", "light", "noise", "distance", "memory", "trust", "habit"]


def _phrase(chance: random.Random) -> str:
    return f"the {chance.choice(_KINDS)} {chance.choice(_THINGS)} near the {chance.choice(_PLACES)}"


def _sentence(chance: random.Random) -> str:
    shapes = (
        f"It depends on {chance.choice(_REASONS)} and on how {_phrase(chance)} was built in {chance.randint(1800, 2020)}.",
        f"Most visitors remember {_phrase(chance)} because of its {chance.choice(_REASONS)}.",
        f"In the end {chance.randint(3, 90)} people looked after {_phrase(chance)} without any pay.",
        f"That is why {_phrase(chance)} needs more {chance.choice(_REASONS)} than anybody had expected.",
    )
    return chance.choice(shapes)


def _answer(chance: random.Random) -> str:
    """A paragraph, two, or a list, as often as in Alpaca, and some code."""
    kind = chance.random()
    if kind < 0.25:
        return "\n".join(f"{number}. {_sentence(chance)}" for number in range(1, chance.randint(4, 6)))
    if kind < 0.35:
        name = f"{chance.choice(_KINDS)}_{chance.choice(_THINGS)}"
        code = f"```python\ndef {name}(count):\n    return count * {chance.randint(2, 99)}\n```"
        return f"{_sentence(chance)}\n\n{code}\n\nCall it as `{name}(3)`. {_sentence(chance)}"
    paragraphs = 2 if kind < 0.45 else 1
    return "\n\n".join(" ".join(_sentence(chance) for _ in range(chance.randint(1, 4))) for _ in range(paragraphs))


def write_alpaca_rows(path: Path, count: int, seed: int = 20261121) -> None:
    """So many rows; four in ten have an input."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as lines:
        for number in range(1, count + 1):
            row = {
                "instruction": f"{chance.choice(_ACTS)} {_phrase(chance)} for class {number} and say what {_phrase(chance)} has to do with it.",
                "input": f"{_sentence(chance)} {_sentence(chance)}" if chance.random() < 0.4 else "",
                "output": _answer(chance),
            }
            lines.write(json.dumps(row) + "\n")
