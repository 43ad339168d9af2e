"""Templates of dialogues: Vicuna, Koala, Open Assistant. An input stands under its question."""

from __future__ import annotations

import seodang
from seodang import Segment

from seodang_templates.turns import Turn, answer, turns


def _asked(turn: Turn) -> str:
    return f"{turn.text}\n\n{turn.given}" if turn.given else turn.text


class Vicuna(seodang.Template):
    """Vicuna v1.1 to v1.5, and KoVicuna, which kept the English first line around Korean text. A system turn stands in its place.

    The blank between `ASSISTANT:` and the answer belongs to the question here: the answer is then a text of its own.
    """

    name = "vicuna"
    revision = 1

    SYSTEM = (
        "A chat between a curious user and an artificial intelligence assistant. "
        "The assistant gives helpful, detailed, and polite answers to the user's questions."
    )

    def segments(self, record: seodang.Record) -> list[Segment]:
        found = [Segment("bos", special=True), Segment(f"{_system(record) or self.SYSTEM} ")]
        for turn in turns(record):
            if turn.role == "user":
                found.append(Segment(f"USER: {_asked(turn)} ASSISTANT: "))
            elif turn.role == "assistant":
                found += answer(turn)
        return found


class Koala(seodang.Template):
    """Koala: nothing stands between `GPT:` and the answer. FastChat serves it with a blank there, which it was not trained on."""

    name = "koala"
    revision = 1

    def segments(self, record: seodang.Record) -> list[Segment]:
        system = _system(record)
        found = [Segment("bos", special=True), Segment(f"BEGINNING OF CONVERSATION: {f'{system} ' if system else ''}")]
        for turn in turns(record):
            if turn.role == "user":
                found.append(Segment(f"USER: {_asked(turn)} GPT:"))
            elif turn.role == "assistant":
                found += answer(turn)
        return found


class Oasst(seodang.Template):
    """Open Assistant: `<|prompter|>`, `<|assistant|>` and `<|system|>` are tokens of their own, each turn ends with the end token.

    Published was also loss on the role token after an answer; here the end is what the student learns last.
    """

    name = "oasst"
    revision = 1
    tokens = ("<|prompter|>", "<|assistant|>", "<|system|>")
    """What the tokenizer has to be given before the training, each as one special token."""

    def segments(self, record: seodang.Record) -> list[Segment]:
        found: list[Segment] = []
        for turn in turns(record):
            if turn.role == "assistant":
                found += answer(turn)
            else:
                name = "<|prompter|>" if turn.role == "user" else "<|system|>"
                found += [Segment(name, special=True), Segment(_asked(turn)), Segment("eos", special=True)]
                if turn.role == "user":
                    found.append(Segment("<|assistant|>", special=True))
        return found


def _system(record: seodang.Record) -> str:
    return "\n".join(message.text for message in record.messages if message.role == "system")
