"""What a training and a checkpoint that it goes on from have to agree on: whatever another value of would make another student."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import seodang

from seodang_train.rows import Rows

CONDUCT = {
    "devices",
    "sharding",
    "micro_tokens",
    "gradient_checkpointing",
    "checkpoint_steps",
    "threads",
    "trackers",
    "profile",
    "max_hours",
    "model",
    "store",
    "teacher_model",
}
"""Options that change how it is done and not what is learned; of the base and of a teacher their weights count, and not where they lie."""


def facts_of(options: Any, seed: int, rows: Rows, unseen: Rows, template: seodang.Template, tokenizer: Any) -> dict[str, Any]:
    probe = template.segments(seodang.single_turn("?", "!"))
    chosen = {name: value for name, value in msgspec.structs.asdict(options).items() if name not in CONDUCT}
    # Through JSON, as they come back from a checkpoint.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(chosen))
    return plain | {
        "seed": seed,
        "dataset": rows.fingerprint(),
        "validation_rows": unseen.fingerprint(),
        "template": f"{options.template} {_hash(msgspec.json.encode([probe, template.stop]))[:12]}",
        "tokenizer": vocabulary_hash(tokenizer),
    }


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """`seed (1 → 2)`; a hash says nothing to anybody, so there the name alone."""
    changed = sorted(name for name in before.keys() | now if before.get(name) != now.get(name))
    return [_said(name, before.get(name), now.get(name)) for name in changed]


def _said(name: str, before: Any, now: Any) -> str:
    return name if len(f"{before}{now}") > 80 else f"{name} ({before} → {now})"


def vocabulary_hash(tokenizer: Any) -> str:
    return _hash(repr(sorted(tokenizer.get_vocab().items())).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
