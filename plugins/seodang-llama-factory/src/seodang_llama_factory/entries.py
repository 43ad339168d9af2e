"""How LLaMA-Factory is told to read each format (`src/llamafactory/data/parser.py`, August 2026).

Columns and tags are all named: what an entry with `columns` or `tags` leaves out is not the default there, it is nothing.
"""

from __future__ import annotations

from typing import Any

import seodang

_QUESTIONS = {
    "alpaca": {"prompt": "instruction", "query": "input", "response": "output"},
    "koalpaca": {"prompt": "instruction", "response": "output"},
    "dolly": {"prompt": "instruction", "query": "context", "response": "response"},
    "gpt4all": {"prompt": "prompt", "response": "response"},
    "question-answer": {"prompt": "question", "response": "answer"},
    "prompt-answer": {"prompt": "prompt", "response": "answer"},
    "prompt-completion": {"prompt": "prompt", "response": "completion"},
    "text": {"prompt": "text"},
}
_SPEAKERS = {
    "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt", "observation_tag": "observation",
    "function_tag": "function_call", "system_tag": "system",
}  # fmt: skip
_ROLES = {
    "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "observation_tag": "tool",
    "function_tag": "function", "system_tag": "system",
}  # fmt: skip

READS = (*_QUESTIONS, "sharegpt", "messages", "preference")


def entry_of(dataset: seodang.Dataset) -> dict[str, Any] | None:
    """The entry without its file; None for a format that is not read."""
    format = dataset.format
    turns = getattr(format.options, "written_as", "") == "turns"
    if format.name in _QUESTIONS and not turns:
        columns = dict(_QUESTIONS[format.name])
        columns.update((name, name) for name in ("system", "history") if format.name == "alpaca" and name in dataset.columns)
        return {"formatting": "alpaca", "columns": columns}
    if format.name == "sharegpt":
        columns = {"messages": "conversations"} | ({"tools": "tools"} if "tools" in dataset.columns else {})
        return {"formatting": "sharegpt", "columns": columns, "tags": _SPEAKERS}
    if format.name == "messages":
        return {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _ROLES}
    if format.name == "preference" and not turns:
        columns = {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}
        return {"formatting": "alpaca", "ranking": True, "columns": columns}
    return None
