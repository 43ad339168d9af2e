"""Takes secrets out of whatever a run writes or shows."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

_KEY_SHAPES = re.compile(r"\b(sk-[A-Za-z0-9_-]{8,}|hf_[A-Za-z0-9]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:fx)\b")
"""What keys look like when a vendor echoes one that we were never given: OpenAI's, Hugging Face's, DeepL's."""


class Redactor:
    """Knows the secrets that plugins asked for, also base64- and URL-encoded, and the shapes of common keys."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, secret: str) -> None:
        if len(secret) >= 4:
            self._known |= {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}

    def __call__(self, text: str) -> str:
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        return _KEY_SHAPES.sub("***", text)
