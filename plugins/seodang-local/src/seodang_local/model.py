"""A loaded model: batches sorted by length, padded on the left, answered greedily. Imported when a student is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seodang
import torch
import transformers.utils.logging
from transformers import AutoModelForCausalLM, AutoTokenizer

from seodang_local.rendering import encode


class Model:
    def __init__(self, path: str, template: seodang.Template, batch_size: int) -> None:
        if not any(Path(path).glob("*.safetensors")):
            raise seodang.DataError("seodang_local:no-safetensors", path=path)
        transformers.utils.logging.disable_progress_bar()
        self._template = template
        self._batch_size = batch_size
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model: Any = AutoModelForCausalLM.from_pretrained(path, use_safetensors=True).to(device).eval()
        end = self._tokenizer.eos_token_id
        if end is None:
            raise seodang.DataError("seodang_local:no-special-token", token="eos")
        self._end: int = end
        self._pad: int = self._tokenizer.pad_token_id if self._tokenizer.pad_token_id is not None else end

    @torch.inference_mode()
    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        prompts = [encode(self._template.segments(record), self._tokenizer).ids for record in conversations]
        answers = [""] * len(prompts)
        order = sorted(range(len(prompts)), key=lambda place: (len(prompts[place]), place))
        for start in range(0, len(order), self._batch_size):
            places = order[start : start + self._batch_size]
            ids, mask = self._padded([prompts[place] for place in places])
            made = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_tokens,
                do_sample=False,
                eos_token_id=self._end,
                pad_token_id=self._pad,
            )
            for place, row in zip(places, made[:, ids.shape[1] :].tolist(), strict=True):
                said = row[: row.index(self._end)] if self._end in row else row
                answers[place] = self._tokenizer.decode(said, skip_special_tokens=True)
        return answers

    @torch.inference_mode()
    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The sum over the second text's tokens; both texts are tokenised apart, as the template's segments are."""
        scores = [0.0] * len(pairs)
        encoded = [(self._ids(before) or [self._end], self._ids(after)) for before, after in pairs]
        order = sorted(range(len(pairs)), key=lambda place: (sum(map(len, encoded[place])), place))
        for start in range(0, len(order), self._batch_size):
            places = order[start : start + self._batch_size]
            ids, mask = self._padded([[*encoded[place][0], *encoded[place][1]] for place in places])
            logits = self._model(input_ids=ids, attention_mask=mask, position_ids=(mask.cumsum(1) - 1).clamp(min=0)).logits
            chances = torch.log_softmax(logits[:, :-1].float(), dim=-1).gather(2, ids[:, 1:, None]).squeeze(2)
            for place, row in zip(places, chances, strict=True):
                after = len(encoded[place][1])
                scores[place] = float(row[len(row) - after :].sum()) if after else 0.0
        return scores

    def _ids(self, text: str) -> list[int]:
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return found

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(map(len, rows))
        ids = torch.tensor([[self._pad] * (width - len(row)) + list(row) for row in rows], device=self._model.device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=self._model.device)
        return ids, mask
