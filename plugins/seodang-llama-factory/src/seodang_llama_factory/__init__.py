"""A directory that LLaMA-Factory takes as its `dataset_dir`: the rows, and the entry that says how to read them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import seodang

from seodang_llama_factory.entries import READS, entry_of


class LlamaFactory(seodang.Layout):
    """`NAME.jsonl` and `dataset_info.json` with the entry NAME.

    Records that LLaMA-Factory would skip with a warning or read wrongly are left out and counted: turns that do not take turns, an
    unanswered question, and tool calls outside the sharegpt format.
    """

    name = "llama-factory"
    revision = 1

    def refuses(self, record: seodang.Record, format: seodang.Format) -> str:
        if format.name == "messages" and any(message.calls or message.role == "tool" for message in record.messages):
            # Its reader for `messages` drops the calls; the one for the formatting "openai" adds words of its own to the system text.
            return "seodang_llama_factory:calls"
        if format.name in ("messages", "sharegpt"):
            if not record.answered:
                return "unanswered"
            return "" if takes_turns(record) else "seodang_llama_factory:turns"
        return ""

    def ignores(self, format: seodang.Format) -> Sequence[str]:
        return {"messages": ("thinking", "weight", "tools"), "sharegpt": ("weight",)}.get(format.name, ())

    def write(self, dataset: seodang.Dataset, place: Path) -> None:
        entry = entry_of(dataset)
        if entry is None:
            raise seodang.DataError("seodang_llama_factory:format", format=dataset.format.name, known=READS)
        # In `dataset: a,b` a comma parts the names, and a path in a name would lead elsewhere.
        name = re.sub(r"[^\w.-]+", "-", dataset.name).strip(".-") or "seodang"
        file = f"{name}.jsonl"
        dataset.write_rows(place / file)
        information = {name: {"file_name": file, **entry}}
        text = json.dumps(information, ensure_ascii=False, indent=2) + "\n"
        (place / "dataset_info.json").write_text(text, encoding="utf-8")


def takes_turns(record: seodang.Record) -> bool:
    """Whether, after a system text, a question or a tool's result stands in every odd place and the model in every even one."""
    roles = [message.role for message in record.messages]
    if roles[:1] == ["system"]:
        roles = roles[1:]
    expected = (("user", "tool"), ("assistant",))
    return len(roles) % 2 == 0 and all(role in expected[place % 2] for place, role in enumerate(roles))


@seodang.hookimpl
def register_layouts(register: seodang.Register) -> None:
    register(LlamaFactory)
