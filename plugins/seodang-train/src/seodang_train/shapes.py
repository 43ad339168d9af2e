"""Models and tokenizers from scratch, in Polyglot-ko's (GPT-NeoX) and LLaMA's shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders
from tokenizers.models import BPE
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<unk>", "<eos>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))


def new_tokenizer(texts: Iterable[str], max_length: int) -> PreTrainedTokenizerFast:
    """One token a character that occurs, and one a byte for any other: a Hangul syllable is a token, and nothing is unknown.

    The order is by frequency, then by code point: a pure function of the texts.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    characters = sorted(counts, key=lambda character: (-counts[character], character))
    vocabulary = {token: place for place, token in enumerate((*SPECIAL, *BYTES, *characters))}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=[], unk_token="<unk>", byte_fallback=True))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        eos_token="<eos>",
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )


def new_model(options: Any, tokenizer: Any) -> Any:
    """A model with fresh weights; the caller has seeded torch."""
    common = {
        "vocab_size": len(tokenizer),
        "hidden_size": options.width,
        "num_hidden_layers": options.layers,
        "num_attention_heads": options.heads,
        "intermediate_size": 4 * options.width,
        "max_position_embeddings": options.max_length,
        "bos_token_id": tokenizer.eos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "attention_dropout": options.dropout,
    }
    if options.shape == "gpt-neox":
        return GPTNeoXForCausalLM(GPTNeoXConfig(**common, hidden_dropout=options.dropout, use_cache=False))
    return LlamaForCausalLM(LlamaConfig(**common, num_key_value_heads=options.heads, use_cache=False))
