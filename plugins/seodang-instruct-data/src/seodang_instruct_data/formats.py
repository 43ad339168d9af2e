"""All the formats of this plugin. A file without a named format is recognised among these and no others."""

from __future__ import annotations

import seodang

from seodang_instruct_data.alpaca import Alpaca
from seodang_instruct_data.hc3 import HC3
from seodang_instruct_data.koala import Koala
from seodang_instruct_data.messages import Messages, PromptCompletion
from seodang_instruct_data.oasst import FlatMessages, Trees
from seodang_instruct_data.pairs import Pairs
from seodang_instruct_data.preference import Preference
from seodang_instruct_data.questions import LogicKor, MTBench
from seodang_instruct_data.single_turn import Dolly, GPT4All, KoAlpaca, QuestionAnswer
from seodang_instruct_data.tasks import SeedTasks
from seodang_instruct_data.text import OIG, PromptAnswer, Text

FORMATS: tuple[type[seodang.Format], ...] = (
    Alpaca, KoAlpaca, Dolly, GPT4All, QuestionAnswer, Messages, PromptCompletion, PromptAnswer, Text, OIG, Koala, Trees, FlatMessages,
    HC3, Preference, Pairs, SeedTasks, LogicKor, MTBench,
)  # fmt: skip

BY_NAME = {known.name: known for known in FORMATS}

LISTS = frozenset(
    {name for known in FORMATS for name, value in known.example.items() if isinstance(value, list | dict)}
    | {"history", "tools", "chosen", "rejected"}
)
"""The columns that hold lists or objects in one of the formats; in a file of texts they stand as JSON."""
