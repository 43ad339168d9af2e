"""What a step leaves behind, before it is written into its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.files.shards import Shard
from seodang.runs.output import Output
from seodang.verdicts import Trained


class Made(msgspec.Struct, frozen=True, kw_only=True):
    shards: tuple[Shard, ...]
    sides: tuple[Shard, ...] = ()
    rows: Mapping[str, int] = {}
    dropped: Mapping[str, int] = {}
    quarantined: Mapping[str, int] = {}
    terms: tuple[str, ...] = ()
    figures: Mapping[str, Any] = {}
    trained: Trained | None = None


def made_of(output: Output, **figures: Any) -> Made:
    """Closes the output and takes its sums."""
    shards, sides = output.close()
    return Made(
        shards=shards,
        sides=sides,
        rows=dict(output.rows),
        dropped=dict(sorted(output.dropped.items())),
        quarantined=dict(sorted(output.quarantined.items())),
        terms=tuple(sorted(output.terms)),
        figures=figures,
    )
