"""QLoRA: the base's large matrices in 4 or 8 bits through bitsandbytes, and adapters beside them in full numbers."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Any

import seodang
import torch


def how_to_load(numbers: str) -> dict[str, Any]:
    """What `from_pretrained` is told. The matrices are made small one by one while they are read, so the whole is never in memory."""
    if not numbers:
        return {}
    if find_spec("bitsandbytes") is None:
        raise seodang.DataError("seodang_train:no-bitsandbytes", quantize=numbers)
    from transformers import BitsAndBytesConfig

    # At every layer of every step it says that 8-bit layers calculate in float16, which is what they are.
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    graphics = torch.cuda.is_available()
    computed = torch.bfloat16 if graphics else torch.float32
    config = (
        # As QLoRA was published: normal floats, whose scales are made small once more.
        BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=computed,
        )
        if numbers == "nf4"
        else BitsAndBytesConfig(load_in_8bit=True)
    )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device() if graphics else "cpu"}}


def check_quantised(model: Any, numbers: str) -> None:
    """A model from scratch has nothing that adapters could be put beside."""
    if numbers and not getattr(model, "is_quantized", False):
        raise seodang.DataError("seodang_train:quantize-needs-base", quantize=numbers)
