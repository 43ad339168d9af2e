"""How a run ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from seodang.files.manifests import Manifest
from seodang.verdicts import Rehearsal

if TYPE_CHECKING:
    from seodang.runs.session import Session

QUARANTINED = 8


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    run: Path
    steps: tuple[Manifest, ...]
    over_limit: tuple[str, ...] = ()
    """The steps that quarantined a larger share of their rows than was allowed."""
    rehearsal: Rehearsal | None = None
    """Where the last step was only tried."""

    @property
    def exit_code(self) -> int:
        return QUARANTINED if self.over_limit else 0

    @classmethod
    def of(cls, session: Session) -> Outcome:
        manifests = tuple(manifest for _, manifest in session.manifests.values())
        limit = session.wishes.quarantine_limit
        over = tuple(
            manifest.step
            for manifest in manifests
            if manifest.rows.get("quarantined", 0) > limit * max(manifest.rows.get("in", 0), 1)
        )
        return cls(run=session.run.path, steps=manifests, over_limit=over, rehearsal=session.rehearsal)
