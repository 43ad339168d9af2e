"""Models on disk: loaded from safetensors only and without remote code, written with the right stop and by a rename."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import seodang
import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM

from seodang_train import bases, student_card
from seodang_train.durable import sync_all
from seodang_train.quantising import how_to_load
from seodang_train.shapes import literals, new_model, new_tokenizer


def loaded(
    directory: Path,
    template: seodang.Template | None = None,
    remote_code: str = "",
    quantize: str = "",
    *,
    frozen: bool = False,
) -> tuple[Any, Any]:
    """The tokenizer and the model, in float32: the optimizer's steps are too small for anything shorter. Of a model that only holds
    still beside its adapters the matrices may be quantised. `frozen`: embeddings are not trained, so no token may be new to them."""
    base = bases.checked(directory, remote_code)
    tokenizer = bases.load_tokenizer(base)
    if frozen and template is not None and (new := _unknown(tokenizer, template)):
        raise seodang.DataError("seodang_train:tokens-not-learned", template=template.name, tokens=new, path=str(directory))
    model = read_model(directory, trusted=base.trusted, dtype=torch.float32, **how_to_load(quantize))
    bases.check_embedded(tokenizer, model.get_input_embeddings().num_embeddings, directory)
    if template is not None:
        _add_tokens(tokenizer, model, template)
    return tokenizer, model


def read_model(directory: Path, *, trusted: bool = False, **how: Any) -> Any:
    """The model with all of its weights. transformers begins those that a file lacks as random numbers, and only prints a table."""
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            directory,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=trusted,
            ignore_mismatched_sizes=True,  # so that they are told with the missing ones
            output_loading_info=True,
            **how,
        )
    except (OSError, ValueError, KeyError) as error:
        raise seodang.DataError("seodang_train:unreadable", path=str(directory), error=bases.said(error)) from error
    lacking = sorted({*found["missing_keys"], *(name for name, *_ in found["mismatched_keys"])})
    if lacking:
        raise seodang.DataError("seodang_train:base-lacks", path=str(directory), tensors=lacking[:3], count=len(lacking))
    return model


def _add_tokens(tokenizer: Any, model: Any, template: seodang.Template) -> None:
    """The template's own special tokens, where the tokenizer lacks them. A new embedding begins as the mean of the others."""
    missing = _unknown(tokenizer, template)
    if not missing:
        return
    tokenizer.add_special_tokens({"additional_special_tokens": missing}, replace_extra_special_tokens=False)
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    places = tokenizer.convert_tokens_to_ids(missing)
    for embeddings in {id(one): one for one in (model.get_input_embeddings(), model.get_output_embeddings())}.values():
        with torch.no_grad():
            others = [place for place in range(len(tokenizer)) if place not in places]
            embeddings.weight[places] = embeddings.weight[others].mean(dim=0)


def _unknown(tokenizer: Any, template: seodang.Template) -> list[str]:
    vocabulary = tokenizer.get_vocab()
    return [token for token in template.tokens if token not in vocabulary]


def made(options: Any, dataset: Iterable[seodang.Record], template: seodang.Template) -> tuple[Any, Any]:
    """A tokenizer out of the data and a model with fresh weights; the caller has seeded torch."""
    if options.width % options.heads:
        raise seodang.DataError("seodang_train:heads-do-not-divide", width=options.width, heads=options.heads)
    texts = (segment.text for record in dataset for segment in template.segments(record) if not segment.special)
    tokenizer = new_tokenizer(texts, options.max_length, literals(template))
    if missing := _unknown(tokenizer, template):
        tokenizer.add_special_tokens({"additional_special_tokens": missing}, replace_extra_special_tokens=False)
    return tokenizer, new_model(options, tokenizer)


def stop_ids(tokenizer: Any, template: seodang.Template) -> list[int]:
    """What ends an answer: the template's stop, and the tokenizer's own end."""
    first = seodang.encode([seodang.Segment(template.stop, special=True)], tokenizer).ids[0]
    return list(dict.fromkeys((first, tokenizer.eos_token_id)))


def save(model: Any, tokenizer: Any, template: seodang.Template, place: Path) -> None:
    """Whole or not there. What was left there before gives way."""
    student_card.settle(model, tokenizer, template, stop_ids(tokenizer, template))
    temporary = place.with_name(f".{place.name}.writing")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        sync_all(temporary)  # the checkpoints are deleted when it stands
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise seodang.DataError("seodang_train:not-written", path=str(place), error=str(error)) from error
    shutil.rmtree(place, ignore_errors=True)
    os.rename(temporary, place)
