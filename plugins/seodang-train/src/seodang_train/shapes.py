"""Models and tokenizers from scratch, in Polyglot-ko's (GPT-NeoX) and LLaMA's shape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import seodang
from tokenizers import AddedToken, Tokenizer, decoders
from tokenizers.models import BPE
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<unk>", "<eos>")
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
WORD = re.compile(r" ?[^\W\d_]{2,}[.?!]?(?!\S)")
"""Letters up to a blank or the end, with the blank before it: no number, no quotation."""
WORD_IN_TEXTS = 50
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))


def new_tokenizer(texts: Iterable[str], max_length: int, literals: Sequence[str] = ()) -> PreTrainedTokenizerFast:
    """One token a character that occurs, one a byte for any other, and one for what is said over and over.

    So a Hangul syllable is a token and nothing is unknown; but the template's own words (`literals`) and a word that stands in
    one of fifty texts are read at once, which halves what a small model has to read. A pure function of the texts: by
    frequency, then by code point.
    """
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    count = 0
    for text in texts:
        count += 1
        characters.update(text)
        words.update(set(WORD.findall(text)))
    often = [word for word, times in _by_frequency(words) if times * WORD_IN_TEXTS >= count]
    vocabulary = {token: place for place, token in enumerate((*SPECIAL, *BYTES, *(one for one, _ in _by_frequency(characters))))}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=[], unk_token="<unk>", byte_fallback=True))
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in (*literals, *often)])
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        eos_token="<eos>",
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )


def _by_frequency(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def literals(template: seodang.Template) -> list[str]:
    """What the template itself writes around a question, found by rendering one that is nothing but a mark.

    Without the blank at its end: who scores an answer takes that for the answer's, and would find it inside a token of the question.
    """
    segments = template.segments(seodang.single_turn(GAP))
    pieces = (piece.rstrip(" ") for segment in segments if not segment.special for piece in segment.text.split(GAP))
    return [piece for piece in pieces if len(piece) > 1]


def new_model(options: Any, tokenizer: Any) -> Any:
    """A model with fresh weights; the caller has seeded torch."""
    common = {
        "vocab_size": len(tokenizer),
        "hidden_size": options.width,
        "num_hidden_layers": options.layers,
        "num_attention_heads": options.heads,
        "max_position_embeddings": options.max_length,
        "bos_token_id": tokenizer.eos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "attention_dropout": options.dropout,
        # The published 0.02 suits widths of thousands; a narrow model that begins so small learns the style and little else.
        "initializer_range": options.width**-0.5,
    }
    if options.shape == "gpt-neox":
        # Polyglot-ko turns half of each head; GPT-NeoX's own default is a quarter.
        rope = {"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 0.5}
        wide = {"intermediate_size": 4 * options.width, "hidden_dropout": options.dropout, "rope_parameters": rope}
        return GPTNeoXForCausalLM(GPTNeoXConfig(**common, **wide))
    # LLaMA's gate makes three matrices of two, so that 8/3 of the width costs what 4 times costs there.
    narrow = {"intermediate_size": -(-8 * options.width // 24) * 8, "num_key_value_heads": options.heads}
    return LlamaForCausalLM(LlamaConfig(**common, **narrow))
