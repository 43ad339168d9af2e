"""Instruction data: the row formats in which it is exchanged, read and written without loss, and a source that reads them."""

from __future__ import annotations

import seodang

from seodang_instruct_data.formats import FORMATS
from seodang_instruct_data.source import InstructData

__all__ = ["FORMATS", "InstructData", "register_formats", "register_seeds"]


@seodang.hookimpl
def register_formats(register: seodang.Register) -> None:
    for offered in FORMATS:
        register(offered)


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(InstructData)
