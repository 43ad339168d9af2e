"""Loads a model and its tokenizer from a directory: safetensors only, no code of the model's, nothing from elsewhere."""

from __future__ import annotations

import inspect
import json
import threading
from pathlib import Path
from typing import Any

import seodang
import torch
import transformers.utils.logging
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoTokenizer

UNLIMITED = 10_000_000
"""A tokenizer that knows of no limit says 10 to the power of 30."""


class Loaded:
    """A model, its tokenizer, and what generating has to know of both."""

    def __init__(self, path: Path, *, dtype: str = "auto", device: str = "", threads: int = 0) -> None:
        if threads:
            torch.set_num_threads(threads)
        transformers.utils.logging.disable_progress_bar()
        _refuse_code(path)
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
            model: Any = AutoModelForCausalLM.from_pretrained(
                path, dtype=dtype, use_safetensors=True, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # whatever the library trips over in files that a stranger made is what is told
            raise seodang.DataError("seodang_local:not-loaded", path=str(path), error=_first_line(error)) from error
        self.model = model.to(_device(device)).eval()
        self.reading = threading.Lock()
        """Held while the tokenizer is used: told to take special tokens for text it is another one for a moment, for every thread."""
        self.name = path.name
        taken = inspect.signature(model.forward).parameters
        self.takes_positions = "position_ids" in taken
        self.takes_keep = "logits_to_keep" in taken
        self.ends = self._ends()
        if not self.ends:
            raise seodang.DataError("seodang_local:no-special-token", token="eos")
        known = self.tokenizer.eos_token_id
        self.end: int = min(self.ends) if known is None else known
        self.pad: int = self.end if self.tokenizer.pad_token_id is None else self.tokenizer.pad_token_id

    @property
    def limit(self) -> int:
        """The tokens that the model was made for, question and answer together."""
        config = self.model.config.get_text_config()
        said = getattr(config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        return int(min(said, UNLIMITED))

    @property
    def penalty(self) -> float:
        """What the model's own generation_config.json says about repetition."""
        return float(getattr(self.model.generation_config, "repetition_penalty", None) or 1.0)

    def _ends(self) -> frozenset[int]:
        said = self.model.generation_config.eos_token_id
        listed = said if isinstance(said, list) else [said]
        return frozenset(end for end in (*listed, self.tokenizer.eos_token_id) if end is not None)

    def ends_of(self, template: seodang.Template) -> frozenset[int]:
        """What ends an answer: the template's stop beside the model's own."""
        return self.ends | {*seodang.encode([seodang.Segment(template.stop, special=True)], self.tokenizer).ids}

    def token(self, text: str) -> int:
        """The token that is written so."""
        found = self.tokenizer.get_vocab().get(text)
        if found is None:
            raise seodang.DataError("seodang_local:no-such-token", token=text)
        return int(found)

    def text(self, ids: list[int]) -> str:
        with self.reading:
            return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def _device(wanted: str) -> str:
    if wanted:
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _refuse_code(path: Path) -> None:
    """A model whose architecture transformers does not have brings it as code, which is not run."""
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise seodang.DataError("seodang_local:not-loaded", path=str(path), error=_first_line(error)) from error
    if isinstance(config, dict) and config.get("auto_map") and config.get("model_type") not in CONFIG_MAPPING:
        raise seodang.DataError("seodang_local:remote-code", path=str(path), type=str(config.get("model_type", "–")))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
