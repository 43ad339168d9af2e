"""Low-rank adapters: small matrices beside the large ones, trained alone and merged into the student at the end."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import seodang
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers.pytorch_utils import Conv1D

from seodang_train.feeding import padded
from seodang_train.profiles import profile_of
from seodang_train.quantising import check_quantised
from seodang_train.rows import Row

TOLERANCE = 1e-3
"""A merged weight is rounded once more than two that are added up later; a wrong one differs by far more."""
PROBES = 4
LONGEST = 64


def with_adapters(model: Any, options: Any) -> Any:
    """The model with its own weights frozen and adapters beside the layers that the options or its profile name."""
    check_quantised(model, options.quantize)
    targets = list(options.lora.targets or profile_of(model.config.model_type).lora)
    present = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if missing := [target for target in targets if target not in present]:
        raise seodang.DataError("seodang_train:no-such-layers", layers=missing, type=model.config.model_type)
    config = LoraConfig(
        r=options.lora.rank,
        lora_alpha=options.lora.alpha or 2 * options.lora.rank,
        lora_dropout=options.lora.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
        # GPT-2's matrices lie the other way round.
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
    )
    if options.gradient_checkpointing:
        model.enable_input_require_grads()  # without it no gradient comes through frozen embeddings
    with _quiet():
        return get_peft_model(model, config)


def beside(base: Any, adapted: Any, place: Path) -> Any:
    """The adapters, written and read again, beside a base that is not quantised: merged into rounded weights they would keep the
    rounding for ever."""
    _write(adapted, place)
    with _quiet():
        return PeftModel.from_pretrained(base, place)


@contextmanager
def _quiet() -> Iterator[None]:
    """peft asks transformers by a name that the latter will drop; nobody who trains can do anything about it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def merged(adapted: Any, rows: Sequence[Row], pad: int, place: Path) -> Any:
    """The model with its adapters in its own weights.

    The adapters are written first, read again and compared, because files that hold nothing have been shipped by others; and
    the merged model has to say what the adapted one said.
    """
    adapted.eval()
    said = [_logits(adapted.get_base_model(), row, pad) for row in rows[:PROBES]]
    _write(adapted, place)
    model = adapted.merge_and_unload()
    differences = [float((_logits(model, row, pad) - one).abs().max()) for row, one in zip(rows, said, strict=False)]
    if not max(differences) <= TOLERANCE * max(1.0, max(float(one.abs().max()) for one in said)):
        raise seodang.DataError("seodang_train:merge-differs", difference=round(max(differences), 6))
    return model


def _write(adapted: PeftModel, place: Path) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    shutil.rmtree(place, ignore_errors=True)
    adapted.save_pretrained(place)

    written = load_file(place / "adapter_model.safetensors")
    held = get_peft_model_state_dict(adapted)
    same = written.keys() == held.keys() and all(torch.equal(written[name], held[name].cpu()) for name in held)
    if not same or not any(bool(tensor.any()) for name, tensor in written.items() if "lora_B" in name):
        raise seodang.DataError("seodang_train:empty-adapters", path=str(place))


@torch.no_grad()
def _logits(model: Any, row: Row, pad: int) -> torch.Tensor:
    feed = padded([Row(row.ids[:LONGEST], row.trained[:LONGEST])], pad, model.device)
    logits: torch.Tensor = model(input_ids=feed.ids, attention_mask=feed.mask, use_cache=False).logits.float()
    return logits
