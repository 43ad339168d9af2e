"""ShareGPT dialogues: the seeds `sharegpt` clean them, the format `sharegpt` reads and writes them as they are."""

from __future__ import annotations

import seodang

from seodang_sharegpt.format import ShareGPT
from seodang_sharegpt.seeds import ShareGPTSeeds


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(ShareGPTSeeds)


@seodang.hookimpl
def register_formats(register: seodang.Register) -> None:
    register(ShareGPT)
