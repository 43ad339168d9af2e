"""The `datasets:` block for each format (axolotl's docs/dataset-formats and its schema, July 2026)."""

from __future__ import annotations

import seodang

READS = ("alpaca", "koalpaca", "messages", "sharegpt", "preference", "text")

_INSTRUCTION = """\
    type: alpaca
"""
_MESSAGES = """\
    type: chat_template
    field_messages: messages
    message_property_mappings:
      role: role
      content: content
{thinking}{tools}    roles:
      system: [system]
      user: [user]
      assistant: [assistant]
      tool: [tool]
    roles_to_train: [assistant]
    train_on_eos: turn
"""
_THINKING = """\
      reasoning_content: thinking
    field_thinking: thinking
    template_thinking_key: reasoning_content
"""
_TOOLS = """\
    field_tools: tools
"""
_SHAREGPT = """\
    type: chat_template
    field_messages: conversations
    message_property_mappings:
      role: from
      content: value
    roles:
      system: [system]
      user: [human]
      assistant: [gpt]
    roles_to_train: [assistant]
    train_on_eos: turn
"""
_PREFERENCE = """\
    split: train
    type: chat_template.default
    field_messages: prompt
    field_chosen: chosen
    field_rejected: rejected
    message_property_mappings:
      role: role
      content: content
    roles:
      system: [system]
      user: [user]
      assistant: [assistant]
"""
_TEXT = """\
    type: completion
    field: text
"""


def block_of(dataset: seodang.Dataset, file: str) -> str | None:
    """The block as YAML; None for a format that axolotl does not read."""
    thinking = _THINKING if "thinking" in dataset.extras else ""
    tools = _TOOLS if "tools" in dataset.columns else ""
    blocks = {
        "alpaca": _INSTRUCTION,
        "koalpaca": _INSTRUCTION,
        "messages": _MESSAGES.format(thinking=thinking, tools=tools),
        "sharegpt": _SHAREGPT,
        "preference": _PREFERENCE,
        "text": _TEXT,
    }
    block = blocks.get(dataset.format.name)
    if block is None:
        return None
    kind = "parquet" if file.endswith(".parquet") else "json"
    before = "rl: dpo\n" if dataset.format.name == "preference" else ""
    return f"{before}datasets:\n  - path: {file}\n    ds_type: {kind}\n{block}"
