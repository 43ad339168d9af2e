"""The error for what is wrong with every text alike."""

from __future__ import annotations

import seodang


class Unusable(seodang.Exhausted):
    """No text at all can be translated as things are set: the run stops before or at the first, and nothing is held against that one."""

    exit_code = 3

    def __init__(self, code: str, *, status: int = 0, detail: str = "", **facts: object) -> None:
        super().__init__(detail, status=status)
        self.code = code
        self.facts = {"detail": detail, "status": status, **facts}
