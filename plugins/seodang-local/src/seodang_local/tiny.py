"""Models of a few thousand random weights that are made in a moment: to try a recipe, a test or a benchmark with. They talk nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

CHAT = (
    "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content | trim }}<|end|>{% endfor %}"
    "{% if tools %}<|tools|>{{ tools | tojson }}<|end|>{% endif %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MARKS = ("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|tools|>", "<|end|>")
COMMON_HANGUL = bytes(byte for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode("euc-kr")
"""The 2,350 syllables of KS X 1001."""
SYLLABLES = "서당에서는아이들이글을배웠다가나라마바사"


def write_tiny(
    place: Path,
    *,
    shape: Literal["llama", "gpt-neox"] = "llama",
    tokenizer: Literal["bytes", "pieces", "syllables"] = "bytes",
    chat: bool = True,
    width: int = 32,
    layers: int = 2,
    limit: int = 512,
    ends: float = 1.6,
    seed: int = 0,
) -> Path:
    """A directory with safetensors and a tokenizer: byte-level like GPT-2's, or in pieces with spare bytes like SentencePiece's,
    or so with all common syllables of Korean, which then are what it says: a vocabulary of the size at which a watermark means something."""
    import torch
    import transformers.utils.logging

    transformers.utils.logging.disable_progress_bar()
    made = _byte_level() if tokenizer == "bytes" else _pieces(COMMON_HANGUL if tokenizer == "syllables" else SYLLABLES)
    fast = _wrapped(made, chat)
    # Only this thread's draws of torch are fixed, and put back: a caller's own are not disturbed.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _model(shape, len(fast), width, layers, limit, fast)
    # One token among hundreds would hardly ever be the likeliest: with weights so much larger some answers come to an end by themselves.
    said = model.get_output_embeddings().weight.data
    if tokenizer == "syllables":
        silent = [place for token, place in fast.get_vocab().items() if token.startswith("<") and place != fast.eos_token_id]
        said[silent] = 0.0
    said[fast.eos_token_id] *= ends
    fast.save_pretrained(place)
    model.save_pretrained(place)
    return place


def _wrapped(made: Any, chat: bool) -> Any:
    from transformers import PreTrainedTokenizerFast

    fast = PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=list(MARKS),
        clean_up_tokenization_spaces=False,
    )
    if chat:
        fast.chat_template = CHAT
    return fast


def _byte_level() -> Any:
    """Every byte is a token, so that a Hangul syllable takes three."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: place for place, token in enumerate(("<s>", "</s>", "<unk>", *letters))}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return made


def _pieces(syllables: str) -> Any:
    """Blanks are written ▁, a text begins with one, and what is no piece is spelt in bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    bytes_of = [f"<0x{byte:02X}>" for byte in range(256)]
    pieces = ["▁", *dict.fromkeys(syllables), *"abcdefghijklmnopqrstuvwxyz.,?!:#\n"]
    vocabulary = {token: place for place, token in enumerate(("<unk>", "<s>", "</s>", *bytes_of, *pieces))}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(content=" ", left=1)]
    )
    return made


def _model(shape: str, vocabulary: int, width: int, layers: int, limit: int, tokenizer: Any) -> Any:
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM

    common = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "intermediate_size": 2 * width,
        "max_position_embeddings": limit,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": None,
        "tie_word_embeddings": False,
        # Wide: otherwise a random model says the same token for ever, and no test would notice what goes wrong.
        "initializer_range": 0.5,
    }
    if shape == "gpt-neox":
        return GPTNeoXForCausalLM(GPTNeoXConfig(**common))
    return LlamaForCausalLM(LlamaConfig(**common, num_key_value_heads=2))
