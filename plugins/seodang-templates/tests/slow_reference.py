"""What each template is, written a second time from what was published, as plainly as can be: nothing of the package is used.

A conversation is a list of pieces: what is written, whether it is a special token, whether it carries loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import seodang

BELOW = "Below is an instruction that describes a task"
RESPOND = "Write a response that appropriately completes the request."


class Piece(NamedTuple):
    text: str
    special: bool = False
    trained: bool = False


def alpaca(question: str, given: str, after: str = "") -> str:
    if given:
        head = f"{BELOW}, paired with an input that provides further context. {RESPOND}\n\n"
        return f"{head}### Instruction:\n{question}\n\n### Input:\n{given}\n\n### Response:{after}"
    return f"{BELOW}. {RESPOND}\n\n### Instruction:\n{question}\n\n### Response:{after}"


def bilingual(question: str, given: str) -> str:
    if given:
        return (
            f"{BELOW}, paired with an input that provides further context.\n"
            "아래는 작업을 설명하는 명령어와 추가적 맥락을 제공하는 입력이 짝을 이루는 예제입니다.\n\n"
            f"{RESPOND}\n요청을 적절히 완료하는 응답을 작성하세요.\n\n"
            f"### Instruction(명령어):\n{question}\n\n### Input(입력):\n{given}\n\n### Response(응답):"
        )
    return (
        f"{BELOW}.\n아래는 작업을 설명하는 명령어입니다.\n\n{RESPOND}\n명령어에 따른 요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        f"### Instruction(명령어):\n{question}\n\n### Response(응답):"
    )


def koalpaca(question: str, given: str) -> str:
    return f"### 질문: {question}\n\n### 맥락: {given}\n\n### 답변: " if given else f"### 질문: {question}\n\n### 답변: "


def kullm(question: str, given: str) -> str:
    if given:
        head = "아래는 작업을 설명하는 명령어와 추가 컨텍스트를 제공하는 입력이 짝을 이루는 예제입니다. 요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        return f"{head}### 명령어:\n{question}\n\n### 입력:\n{given}\n\n### 응답:\n"
    return f"아래는 작업을 설명하는 명령어입니다. 요청을 적절히 완료하는 응답을 작성하세요.\n\n### 명령어:\n{question}\n\n### 응답:\n"


ONE_TURN = {
    "alpaca": alpaca,
    "alpaca-lora": lambda question, given: alpaca(question, given, "\n"),
    "koalpaca-v1.0": bilingual,
    "koalpaca": koalpaca,
    "kullm": kullm,
}
VICUNA = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)


def pieces(name: str, record: seodang.Record) -> list[Piece]:
    system = "\n".join(turn.text for turn in record.messages if turn.role == "system")
    rounds = [turn for turn in record.messages if turn.role != "system"]
    last = max(place for place, turn in enumerate(rounds) if turn.role == "user")
    found: list[Piece] = []
    if name == "vicuna":
        found += [Piece("<s>", special=True), Piece(f"{system or VICUNA} ")]
    elif name == "koala":
        found += [Piece("<s>", special=True), Piece("BEGINNING OF CONVERSATION: " + (f"{system} " if system else ""))]
    elif name == "oasst":
        found += [Piece("<|system|>", special=True), Piece(system), Piece("</s>", special=True)] if system else []
    elif name == "chat":
        found += (
            [Piece("<|im_start|>", special=True), Piece(f"system\n{system}"), Piece("<|im_end|>", special=True)] if system else []
        )
    elif system:
        found.append(Piece(f"{system}\n\n"))
    for place, turn in enumerate(rounds):
        given = record.input if place == last else ""
        under = f"{turn.text}\n\n{given}" if given else turn.text
        trained = turn.weight > 0
        if turn.role == "user":
            found += _question(name, turn.text, given, under, first=place == 0, system=bool(system))
        elif name == "dolly":
            found += [Piece(f"{turn.text}\n\n", trained=trained), Piece("### End", special=True, trained=trained)]
        elif name == "chat":
            found += [Piece(turn.text, trained=trained), Piece("<|im_end|>", special=True, trained=trained)]
        else:
            found += [Piece(turn.text, trained=trained), Piece("</s>", special=True, trained=trained)]
    return _together(found) if name == "chat" else found


def _together(apart: Sequence[Piece]) -> list[Piece]:
    """A chat template's own words and an answer without loss behind them are one text to the tokenizer, as for the model's makers."""
    found: list[Piece] = []
    for piece in apart:
        if found and not (piece.special or found[-1].special) and piece.trained == found[-1].trained:
            found[-1] = Piece(found[-1].text + piece.text, trained=piece.trained)
        else:
            found.append(piece)
    return found


def _question(name: str, text: str, given: str, under: str, *, first: bool, system: bool) -> list[Piece]:
    if name in ONE_TURN:
        return [Piece(("" if first else "\n\n") + ONE_TURN[name](text, given))]
    if name == "vicuna":
        return [Piece(f"USER: {under} ASSISTANT: ")]
    if name == "koala":
        return [Piece(f"USER: {under} GPT:")]
    if name == "oasst":
        return [
            Piece("<|prompter|>", special=True), Piece(under), Piece("</s>", special=True), Piece("<|assistant|>", special=True),
        ]  # fmt: skip
    if name == "dolly":
        middle = f"\n{text}\n\n" + (f"Input:\n{given}\n\n" if given else "")
        head = f"{BELOW}. {RESPOND}\n\n" if first else "\n\n"
        return [
            Piece(head), Piece("### Instruction:", special=True), Piece(middle), Piece("### Response:\n", special=True),
        ]  # fmt: skip
    assert name == "chat"
    between = [] if first and not system else [Piece("\n")]
    return [
        *between, Piece("<|im_start|>", special=True), Piece(f"user\n{under}"), Piece("<|im_end|>", special=True),
        Piece("\n"), Piece("<|im_start|>", special=True), Piece("assistant\n"),
    ]  # fmt: skip


def labels(written: Sequence[Piece], tokenizer: Any, *, continues: bool) -> tuple[list[int], list[int]]:
    """The ids, and the label of each: itself, or -100 where there is no loss. Piece by piece, token by token.

    `continues`: the tokenizer puts a blank before a text unless a special token stands there.
    """
    ids: list[int] = []
    found: list[int] = []
    before = False
    for piece in written:
        if piece.special:
            some = [tokenizer.convert_tokens_to_ids(piece.text)]
        else:
            some = tokenizer.encode(piece.text, add_special_tokens=False, split_special_tokens=True)
            if continues and before and piece.text and some:
                mark = tokenizer.encode("\uf8ff", add_special_tokens=False)
                whole = tokenizer.encode(f"\uf8ff{piece.text}", add_special_tokens=False, split_special_tokens=True)
                assert whole[: len(mark)] == mark
                some = whole[len(mark) :]
        for token in some:
            ids.append(token)
            found.append(token if piece.trained else -100)
        before = piece.special and piece.text not in ("<s>", "</s>")
    return ids, found
