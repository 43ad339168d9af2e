"""A loaded model that turns texts into vectors of unit length. Imported when the filter begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
import seodang
import torch
import transformers.utils.logging
from transformers import AutoModel, AutoTokenizer


class Embedder:
    def __init__(self, model: str, revision: str, max_tokens: int, batch_size: int) -> None:
        transformers.utils.logging.disable_progress_bar()
        chosen = {"revision": revision} if revision else {}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model, **chosen)
            loaded: Any = AutoModel.from_pretrained(model, use_safetensors=True, **chosen)
        except (OSError, ValueError) as error:  # transformers' words for what is missing, unknown, or no model
            raise seodang.DataError("seodang_embeddings:no-model", model=model, detail=str(error).splitlines()[0]) from error
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.unk_token
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = loaded.to(self._device).eval()
        self._max_tokens = max_tokens
        self._batch_size = batch_size

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> numpy.ndarray[Any, Any]:
        """The vectors in the order of the texts. Texts of like length are read together, which changes nothing but the time."""
        order = sorted(range(len(texts)), key=lambda place: (len(texts[place]), place))
        vectors: list[Any] = [None] * len(texts)
        for start in range(0, len(order), self._batch_size):
            places = order[start : start + self._batch_size]
            # A text without a token would have no mean; a blank has one in every vocabulary.
            given = [texts[place] or " " for place in places]
            batch = self._tokenizer(given, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt")
            asked = {name: batch[name].to(self._device) for name in ("input_ids", "attention_mask")}
            states = self._model(**asked).last_hidden_state.float()
            mask = asked["attention_mask"].unsqueeze(-1).float()
            means = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            for place, vector in zip(places, torch.nn.functional.normalize(means, dim=-1).cpu().numpy(), strict=True):
                vectors[place] = vector
        return numpy.stack(vectors)
