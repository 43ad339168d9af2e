"""Writes the GGUF file of a student: settings, tokenizer, chat template, weights; one tensor in memory at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import numpy as np
import seodang
from gguf import quants

from seodang_gguf.shapes import Tensor, add_settings, architecture, tensors
from seodang_gguf.vocabulary import Vocabulary, vocabulary_of
from seodang_gguf.weights import Weights

_KINDS = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "bf16": (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}
LARGEST_F16 = 65_504.0


class Opened(NamedTuple):
    """What the Modelfile has to know of the student as well. `bos` is empty where a conversation does not begin with one."""

    frame: seodang.Frame
    bos: str
    stops: tuple[str, ...]
    limit: int


def write(student: seodang.StudentFiles, path: Path, numbers: str) -> Opened:
    from transformers import AutoTokenizer

    config = json.loads((student.path / "config.json").read_text(encoding="utf-8"))
    shape = architecture(config)
    tokenizer = AutoTokenizer.from_pretrained(student.path, local_files_only=True, trust_remote_code=False)
    template = student.template.of(tokenizer)
    frame = seodang.frame_of(template, eos=tokenizer.eos_token)
    opened = _opened(frame, template, tokenizer, config)
    writer = gguf.GGUFWriter(str(path), shape)
    try:
        writer.add_name(student.name)
        if student.terms:
            writer.add_license(" AND ".join(student.terms))
        writer.add_file_type(_KINDS[numbers][1])
        writer.add_vocab_size(int(config["vocab_size"]))
        add_settings(writer, config)
        _add_tokenizer(writer, tokenizer, vocabulary_of(tokenizer, int(config["vocab_size"])), template, begins=bool(opened.bos))
        own = student.template.name == "chat" and tokenizer.chat_template
        writer.add_chat_template(tokenizer.get_chat_template() if own else frame.jinja())
        _add_weights(writer, list(tensors(config, Weights(student.path))), numbers)
    finally:
        writer.close()
    return opened


def _opened(frame: seodang.Frame, template: seodang.Template, tokenizer: Any, config: dict[str, Any]) -> Opened:
    bos = tokenizer.bos_token or ""
    spelt = bool(bos) and frame.bare.startswith(bos)  # a chat template writes its first token as text
    stop = tokenizer.eos_token if template.stop == "eos" else template.stop
    stops = dict.fromkeys((stop.strip(), tokenizer.eos_token))
    return Opened(frame, bos if frame.begins or spelt else "", tuple(stops), int(config["max_position_embeddings"]))


def _add_tokenizer(writer: Any, tokenizer: Any, vocabulary: Vocabulary, template: seodang.Template, *, begins: bool) -> None:
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.split)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.model == "llama":
        writer.add_token_scores(vocabulary.scores)
        writer.add_add_space_prefix(vocabulary.begins_with_blank)
    else:
        # An empty list has no type and cannot be written; a merge that needs a token nobody has merges nothing.
        writer.add_token_merges(vocabulary.merges or ["[NONE] [NONE]"])
    end = tokenizer.eos_token_id
    stop = end if template.stop == "eos" else tokenizer.convert_tokens_to_ids(template.stop)
    writer.add_eos_token_id(end)
    if stop != end:
        writer.add_eot_token_id(stop)
    for name in ("bos", "unk", "pad"):
        token = getattr(tokenizer, f"{name}_token_id")
        if token is not None:
            getattr(writer, f"add_{name}_token_id")(token)
    writer.add_add_bos_token(begins)
    writer.add_add_eos_token(False)


def _add_weights(writer: Any, found: list[Tensor], numbers: str) -> None:
    kinds = {tensor.name: _kind(tensor, numbers) for tensor in found}
    for tensor in found:
        kind = kinds[tensor.name]
        quantised = kind in (gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.BF16)
        shape = gguf.quant_shape_to_byte_shape(tensor.shape, kind) if quantised else tensor.shape
        number = (
            np.dtype(np.uint8) if quantised else np.dtype(np.float16 if kind == gguf.GGMLQuantizationType.F16 else np.float32)
        )
        writer.add_tensor_info(tensor.name, shape, number, int(np.prod(shape)) * number.itemsize, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in found:
        array = tensor.read()
        if kinds[tensor.name] == gguf.GGMLQuantizationType.F16 and not np.abs(array).max(initial=0.0) <= LARGEST_F16:
            raise seodang.DataError("seodang_gguf:too-large", tensor=tensor.name)
        writer.write_tensor_data(quants.quantize(array, kinds[tensor.name]))


def _kind(tensor: Tensor, numbers: str) -> gguf.GGMLQuantizationType:
    """Norms and biases stay in 32 bits: llama.cpp wants them so, and they are few. A row that does not fill blocks of 32 has 16 bits."""
    kind = _KINDS[numbers][0]
    if len(tensor.shape) < 2:
        return gguf.GGMLQuantizationType.F32
    if kind == gguf.GGMLQuantizationType.Q8_0 and tensor.shape[-1] % 32:
        return gguf.GGMLQuantizationType.F16
    return kind
