"""Imports of kss what splits sentences, and nothing else of it.

`import kss` takes eight seconds and loads speech synthesis, a spelling checker and a dictionary under the GPL, none of which is
needed here. Its one module is imported without its package instead, in a third of a second.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType

import seodang

_MODULE = "kss._modules.sentences.split_sentences"


@cache
def splitter(backend: str) -> Callable[[str], Sequence[str]]:
    """A function from a text to its sentences."""
    if backend == "mecab" and importlib.util.find_spec("mecab") is None:
        # kss would go on with pecab, 40 times slower, and split some sentences elsewhere.
        raise seodang.DataError("seodang_kss:no-mecab")
    split = _only_the_splitter().split_sentences

    def sentences(text: str) -> Sequence[str]:
        # One text a call and one worker: for a list kss opens a pool of processes, each of which runs the caller's script again.
        found: list[str] = split(text, backend=backend, num_workers=1)
        return found

    return sentences


def _only_the_splitter() -> ModuleType:
    if _MODULE in sys.modules:
        return sys.modules[_MODULE]
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    whole = sys.modules.get("kss")
    spec = importlib.util.find_spec("kss")
    assert spec is not None and spec.submodule_search_locations is not None, "kss is a dependency of this package"
    bare = ModuleType("kss")
    bare.__path__ = list(spec.submodule_search_locations)
    try:
        sys.modules["kss"] = whole or bare
        return importlib.import_module(_MODULE)
    finally:
        if whole is None:
            # Whoever imports kss after us gets the whole of it.
            del sys.modules["kss"]
        # kss calls logging.basicConfig when it is imported; how a program logs is not a library's to decide.
        root.handlers[:] = handlers
        root.setLevel(level)
