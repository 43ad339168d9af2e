"""Models of three kinds whose weights are computed and not drawn by torch, so that they are the same with every version of it."""

import random
from pathlib import Path

LIMIT = 512
KINDS = ("gpt-neox", "llama", "gemma")
PIECES = "서당에서는아이들이글을배웠다훈장어머니이웃형누나할농부선비친구천자문붓떡책벼루마당편지우물등불먹읽닦나누찾빌렸고쳤보았들옮겼잊정말좋"


def write_model(place: Path, kind: str) -> Path:
    import transformers.utils.logging
    from transformers import PreTrainedTokenizerFast

    transformers.utils.logging.disable_progress_bar()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=_byte_level() if kind == "gpt-neox" else _pieces(prefix=kind == "llama"),
        bos_token="<s>", eos_token="</s>", unk_token="<unk>", clean_up_tokenization_spaces=False,
    )  # fmt: skip
    model = _model(kind, len(fast))
    chance = random.Random(kind)
    for name, weights in sorted(model.named_parameters()):
        if "norm" not in name:
            weights.data = weights.data.new_tensor([chance.uniform(-0.4, 0.4) for _ in range(weights.numel())]).view(
                weights.shape
            )
    fast.save_pretrained(place)
    model.save_pretrained(place)
    return place


def _byte_level():
    """As Polyglot's: bytes, a few of them merged, the blank at the beginning of a word, nothing added."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    spelt = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    merges = []
    for text in (" 예", " 아니오", "다.", " 긍정", " 부정", "가 "):
        signs = spelt.pre_tokenize_str(text)[0][0]
        done = signs[0]
        for sign in signs[1:]:
            merges.append((done, sign))
            done += sign
    merges = list(dict.fromkeys(merges))
    vocabulary = {
        token: place for place, token in enumerate(dict.fromkeys(("<s>", "</s>", "<unk>", *letters, *map("".join, merges))))
    }
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return made


def _pieces(*, prefix):
    """As SentencePiece's, with `<s>` added: LLaMA's puts a blank before a text, Gemma's does not, and merges a colon with the blank after it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    merges = [("▁", "예"), ("▁", "아"), ("다", "."), (".", "▁")] if prefix else [(":", "▁"), ("▁", "예"), ("다", "."), ("▁", "▁")]
    spare = [f"<0x{byte:02X}>" for byte in range(256)]
    signs = ["▁", *dict.fromkeys(PIECES), *"예아니오긍부정가의에.,?:[]0123456789\n", *map("".join, merges)]
    vocabulary = {token: place for place, token in enumerate(dict.fromkeys(("<unk>", "<s>", "</s>", *spare, *signs)))}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first" if prefix else "never", split=False)
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", vocabulary["<s>"])]
    )
    return made


def _model(kind, vocabulary):
    from transformers import (
        Gemma3ForCausalLM,
        Gemma3TextConfig,
        GPTNeoXConfig,
        GPTNeoXForCausalLM,
        LlamaConfig,
        LlamaForCausalLM,
    )

    common = {
        "vocab_size": vocabulary, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
        "max_position_embeddings": LIMIT, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None,
    }  # fmt: skip
    if kind == "gpt-neox":
        return GPTNeoXForCausalLM(GPTNeoXConfig(**{**common, "bos_token_id": 0, "eos_token_id": 1}))
    if kind == "llama":
        return LlamaForCausalLM(LlamaConfig(**common, num_key_value_heads=2))
    # A layer of each kind, and a window that is shorter than any question with examples.
    layers = ["sliding_attention", "full_attention"]
    return Gemma3ForCausalLM(
        Gemma3TextConfig(
            **common, num_key_value_heads=1, head_dim=8, sliding_window=24, layer_types=layers, query_pre_attn_scalar=8
        )
    )
