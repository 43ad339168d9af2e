"""How a drop tells of a text that is no record of the run, such as an item of an evaluation."""

from __future__ import annotations

SHOWN = 120
"""So many signs of it are told: enough to see that it is the same, and a report of many drops stays small."""


def shortened(text: str) -> str:
    """The text on one line, as far as it is shown."""
    line = " ".join(text[: 4 * SHOWN].split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
