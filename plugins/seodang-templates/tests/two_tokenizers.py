"""Tokenizers of the two sorts that there are: of bytes, and of words that know the blank before them."""

from __future__ import annotations

from typing import Any

from seodang_templates import Dolly, Oasst
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

TEXTS = [
    "### 질문: 대한민국의 수도는 어디인가요?\n\n### 답변: 대한민국의 수도는 서울입니다.",
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
    "USER: 안녕하세요? ASSISTANT: 안녕하세요! 무엇을 도와드릴까요? GPT: 답변:답변:",
] * 20
SPECIAL = ("<s>", "</s>", "<|im_start|>", "<|im_end|>", *Dolly.tokens, *Oasst.tokens)
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
FORGETFUL = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer(sort: str, chat: str = CHATML) -> Any:
    """`bytes` merges bytes as GPT-2's and Polyglot's do; `metaspace` knows words by the blank before them, as SentencePiece does.
    `sentencepiece` also puts one before a text, as Llama 2's does."""
    made = Tokenizer(BPE(unk_token=None if sort == "bytes" else "<unk>", byte_fallback=sort != "bytes"))
    if sort == "bytes":
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never" if sort == "metaspace" else "first", split=False)
        made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
        alphabet = []
    first = ["<unk>", *SPECIAL] if sort == "bytes" else ["<unk>", *SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    made.train_from_iterator(TEXTS, BpeTrainer(vocab_size=900, special_tokens=first, initial_alphabet=alphabet))
    for token in SPECIAL:
        made.add_special_tokens([AddedToken(token, special=True)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", chat_template=chat, clean_up_tokenization_spaces=False,
        additional_special_tokens=list(SPECIAL[2:]),
    )  # fmt: skip


BOTH = {sort: tokenizer(sort) for sort in ("bytes", "metaspace")}
EVERY = {**BOTH, "sentencepiece": tokenizer("sentencepiece")}
