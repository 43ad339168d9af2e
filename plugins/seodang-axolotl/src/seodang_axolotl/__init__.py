"""A directory for axolotl: the rows, and the `datasets:` block that says how to read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import seodang

from seodang_axolotl.blocks import READS, block_of


class Axolotl(seodang.Layout):
    """`rows.jsonl` and `axolotl.yml`, to be put into a configuration that is used from this directory.

    Rows with tools are written as Parquet: `datasets`, with which axolotl reads, mixes the tools of a JSON file with each other.
    Records that axolotl would stop at or read wrongly are left out and counted.
    """

    name = "axolotl"
    revision = 1

    def refuses(self, record: seodang.Record, format: seodang.Format) -> str:
        roles = [message.role for message in record.messages]
        if format.name in ("messages", "sharegpt") and "assistant" not in roles:
            return "unanswered"
        if format.name == "sharegpt" and (record.tools or "tool" in roles or any(message.calls for message in record.messages)):
            return "seodang_axolotl:calls"
        if format.name == "messages" and not all(
            is_json(call.arguments) for message in record.messages for call in message.calls
        ):
            return "seodang_axolotl:arguments"
        if format.name == "alpaca":
            # Its reader takes instruction, input and output, and nothing else.
            return "system" if "system" in roles else "several-turns" if len(roles) > 2 else ""
        return ""

    def ignores(self, format: seodang.Format) -> Sequence[str]:
        # `message_field_training` is no share in the loss, and would train the questions too, whose weight is 1 as well.
        return ("weight",) if format.name in ("messages", "sharegpt") else ()

    def write(self, dataset: seodang.Dataset, place: Path) -> None:
        kind = "parquet" if "tools" in dataset.columns else "jsonl"
        block = block_of(dataset, f"rows.{kind}")
        if block is None:
            raise seodang.DataError("seodang_axolotl:format", format=dataset.format.name, known=READS)
        dataset.write_rows(place / f"rows.{kind}")
        (place / "axolotl.yml").write_text(block, encoding="utf-8")


def is_json(arguments: str) -> bool:
    """Whether a call's arguments are JSON; axolotl stops at any others."""
    try:
        msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return False
    return True


@seodang.hookimpl
def register_layouts(register: seodang.Register) -> None:
    register(Axolotl)
