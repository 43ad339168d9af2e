"""How fast is learned at which step."""

from __future__ import annotations

import math
from typing import Any


def rate(options: Any, step: int, total: int) -> float:
    """Rises in a line; then falls as a cosine or in a line to nothing, or stays."""
    rising = max(1, round(options.warmup * total))
    highest = float(options.learning_rate)
    if step < rising:
        return highest * (step + 1) / rising
    if options.schedule == "constant":
        return highest
    gone = (step - rising) / max(1, total - rising)
    return highest * (1 - gone) if options.schedule == "linear" else highest * 0.5 * (1 + math.cos(math.pi * gone))
