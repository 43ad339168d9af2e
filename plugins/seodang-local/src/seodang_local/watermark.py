"""Kirchenbauer's watermark: green lists while a text is made, and counting them afterwards, both by transformers.

The token before decides which share of the vocabulary is green; a green token gets `strength` added to its score. Who knows the key can
count: a text by anybody else has as many green tokens as the share says, and how unlikely more are is a p-value. It survives copying,
and not rewriting: a text without the mark is no proof that a person wrote it. What a model is sure of carries hardly a mark: where one
token is far likelier than the rest, `strength` changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import seodang

PUBLISHED_KEY = "15485863"
"""The one that transformers uses where nobody says another: everybody can find marks that were made with it, and take them away."""
DETECTED_BELOW = 1e-4
SCHEME: dict[str, Any] = {"seeding_scheme": "lefthash", "context_width": 1}
FEWEST_TOKENS = 2


class Watermark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a text is marked; detecting needs the same greenlist_ratio and key, and not the strength."""

    strength: Annotated[float, msgspec.Meta(gt=0, le=20, description="Added to the score of a green token.")] = 2.0
    greenlist_ratio: Annotated[float, msgspec.Meta(gt=0, lt=1, description="The share of tokens that are green.")] = 0.25
    key: Annotated[str, msgspec.Meta(description="A whole number, or where it is, as in 'env:WATERMARK_KEY'.")] = PUBLISHED_KEY

    def __post_init__(self) -> None:
        if not self.key.startswith("env:"):
            _number(self.key)

    def number(self, secret: Callable[[str], str]) -> int:
        """The key itself; `secret` reads what is not written down."""
        return _number(secret(self.key) if self.key.startswith("env:") else self.key)


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted. Pairs of tokens that occur again count once: a text that repeats itself proves nothing by that."""

    tokens: int
    scored: int
    green: int
    z: float
    p: float

    @property
    def detected(self) -> bool:
        return self.p < DETECTED_BELOW


def marker(watermark: Watermark, key: int, vocabulary: int) -> Any:
    """Marks scores. The lists are drawn on the CPU wherever the model is: another device would draw others, which nobody could detect."""
    from transformers import WatermarkLogitsProcessor

    return WatermarkLogitsProcessor(
        vocab_size=vocabulary,
        device="cpu",
        greenlist_ratio=watermark.greenlist_ratio,
        bias=watermark.strength,
        hashing_key=key,
        **SCHEME,
    )


class Detector:
    """Counts the green tokens of texts. Needs the model's tokenizer and configuration, and none of its weights."""

    def __init__(self, path: Path, watermark: Watermark, key: int) -> None:
        import transformers.utils.logging
        from transformers import AutoConfig, AutoTokenizer, WatermarkDetector, WatermarkingConfig

        transformers.utils.logging.disable_progress_bar()
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
            config = AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False).get_text_config()
        except Exception as error:  # whatever the library trips over in files that a stranger made is what is told
            raise seodang.DataError("seodang_local:not-loaded", path=str(path), error=str(error).partition("\n")[0]) from error
        marking = WatermarkingConfig(
            greenlist_ratio=watermark.greenlist_ratio, bias=watermark.strength, hashing_key=key, **SCHEME
        )
        self._detector = WatermarkDetector(
            model_config=config, device="cpu", watermarking_config=marking, ignore_repeated_ngrams=True
        )

    def detect(self, text: str) -> Detection:
        """z is (green - ratio * scored) / sqrt(scored * ratio * (1 - ratio)), p the normal chance of as much or more."""
        import torch

        # NFC, as what the model said was; a file system or an editor may have taken syllables apart.
        whole = unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode()
        ids = self._tokenizer.encode(whole, add_special_tokens=False, verbose=False)
        if len(ids) < FEWEST_TOKENS:
            raise seodang.DataError("seodang_local:too-short", tokens=len(ids))
        found = self._detector(torch.tensor([ids]), return_dict=True)
        return Detection(
            tokens=len(ids),
            scored=int(found.num_tokens_scored[0]),
            green=int(found.num_green_tokens[0]),
            z=float(found.z_score[0]),
            p=float(found.p_value[0]),
        )


def _number(text: str) -> int:
    # The text is not repeated: it may be a secret that stands in the wrong place.
    if not text.isdecimal() or not 0 < int(text) < 2**63:
        raise ValueError("the key of a watermark is a whole number above 0, or 'env:NAME' where one is")
    return int(text)
