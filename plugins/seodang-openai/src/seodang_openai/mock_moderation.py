"""The vendor's moderation as the mock fakes it: calm about everything, except where a text says what it is to find.

`flag:harassment` in a text gives that category 0.95, `flag:violence=0.3` the score that is written.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from seodang_openai.mock_wire import encode

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
FLAGGED_FROM = 0.5
_TOLD = re.compile(r"flag:([a-z][a-z/-]*[a-z])(?:=(0?\.\d+|[01](?:\.\d+)?))?")


class Moderated(msgspec.Struct):
    """A request."""

    input: str | list[str]
    model: str = "omni-moderation-latest"

    @property
    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


decode_moderated = msgspec.json.Decoder(Moderated).decode


def moderated(asked: Moderated) -> bytes:
    """The answer: one result for each text."""
    identity = hashlib.blake2b(encode(asked), digest_size=12).hexdigest()
    return encode({"id": f"modr-{identity}", "model": asked.model, "results": [_result(text) for text in asked.texts]})


def _result(text: str) -> dict[str, Any]:
    told = {name: float(score) if score else 0.95 for name, score in _TOLD.findall(text)}
    scores = {name: told.get(name, _calm(text, name)) for name in CATEGORIES}
    flags = {name: score >= FLAGGED_FROM for name, score in scores.items()}
    return {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}


def _calm(text: str, category: str) -> float:
    return hashlib.blake2b(f"{category}\0{text}".encode(), digest_size=2).digest()[0] / 25_600
