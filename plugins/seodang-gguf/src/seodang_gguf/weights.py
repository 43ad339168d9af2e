"""Reads safetensors as numpy arrays, one tensor at a time and without torch, bfloat16 included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import seodang

_NUMBERS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


class Weights:
    """The tensors of all safetensors files of a directory, by name. Nothing is read before it is asked for."""

    def __init__(self, place: Path) -> None:
        self._where: dict[str, tuple[Path, int, dict[str, Any]]] = {}
        for path in sorted(place.glob("*.safetensors")):
            with open(path, "rb") as file:
                length = int.from_bytes(file.read(8), "little")
                header = json.loads(file.read(length))
            for name, entry in header.items():
                if name != "__metadata__":
                    self._where[name] = (path, 8 + length, entry)

    def names(self) -> list[str]:
        return list(self._where)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._where[name][2]["shape"])

    def read(self, name: str) -> np.ndarray:
        """In float32."""
        path, start, entry = self._where[name]
        if entry["dtype"] not in _NUMBERS:
            raise seodang.DataError("seodang_gguf:numbers", tensor=name, numbers=entry["dtype"])
        first, last = entry["data_offsets"]
        kind = np.dtype(_NUMBERS[entry["dtype"]])
        raw = np.fromfile(path, dtype=kind, count=(last - first) // kind.itemsize, offset=start + first).reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            # The upper half of a float32.
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(np.float32)
