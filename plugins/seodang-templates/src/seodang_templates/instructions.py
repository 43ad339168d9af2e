"""Templates of one instruction, its separate input and the answer: Alpaca and those that came from it.

They were made for one turn. A further question is written as the first, two line ends after the answer; a system turn stands before all.
"""

from __future__ import annotations

from typing import ClassVar

import seodang
from seodang import Segment

from seodang_templates.turns import answer, turns


class Instruction(seodang.Template):
    """`alone` and `paired` are the whole prompts without and with an input; the answer follows at once."""

    alone: ClassVar[str]
    paired: ClassVar[str]

    def segments(self, record: seodang.Record) -> list[Segment]:
        found: list[Segment] = []
        for turn in turns(record):
            if turn.role == "system":
                found.append(Segment(f"{turn.text}\n\n"))
            elif turn.role == "user":
                found.append(Segment(("" if turn.first else "\n\n") + self._question(turn.text, turn.given)))
            else:
                found += answer(turn)
        return found

    def _question(self, text: str, given: str) -> str:
        # In one go, so that braces in a question stay what they are.
        return seodang.Prompt(self.paired if given else self.alone, needs=("instruction",), offers=("input",)).fill(
            instruction=text, input=given
        )


ALPACA_ALONE = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Response:"
)
ALPACA_PAIRED = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:"
)


class Alpaca(Instruction):
    """Stanford Alpaca: nothing stands between `### Response:` and the answer."""

    name = "alpaca"
    revision = 1
    alone = ALPACA_ALONE
    paired = ALPACA_PAIRED


class AlpacaLora(Instruction):
    """alpaca-lora: as Alpaca, with a line end after `### Response:`. A model of one is not asked with the other."""

    name = "alpaca-lora"
    revision = 1
    alone = f"{ALPACA_ALONE}\n"
    paired = f"{ALPACA_PAIRED}\n"


class KoAlpaca(Instruction):
    """KoAlpaca v1.1 (Polyglot-ko): `### 질문:`, `### 맥락:` for an input, `### 답변:` and a blank before the answer."""

    name = "koalpaca"
    revision = 1
    alone = "### 질문: {instruction}\n\n### 답변: "
    paired = "### 질문: {instruction}\n\n### 맥락: {input}\n\n### 답변: "


class KoAlpacaBilingual(Instruction):
    """KoAlpaca v1.0 (LLaMA): Alpaca's lines in English and in Korean."""

    name = "koalpaca-v1.0"
    revision = 1
    alone = (
        "Below is an instruction that describes a task.\n아래는 작업을 설명하는 명령어입니다.\n\n"
        "Write a response that appropriately completes the request.\n명령어에 따른 요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        "### Instruction(명령어):\n{instruction}\n\n### Response(응답):"
    )
    paired = (
        "Below is an instruction that describes a task, paired with an input that provides further context.\n"
        "아래는 작업을 설명하는 명령어와 추가적 맥락을 제공하는 입력이 짝을 이루는 예제입니다.\n\n"
        "Write a response that appropriately completes the request.\n요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        "### Instruction(명령어):\n{instruction}\n\n### Input(입력):\n{input}\n\n### Response(응답):"
    )


class Kullm(Instruction):
    """KULLM (Polyglot-ko): `### 명령어:`, `### 입력:`, `### 응답:`, each with a line end after it."""

    name = "kullm"
    revision = 1
    alone = (
        "아래는 작업을 설명하는 명령어입니다. 요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        "### 명령어:\n{instruction}\n\n### 응답:\n"
    )
    paired = (
        "아래는 작업을 설명하는 명령어와 추가 컨텍스트를 제공하는 입력이 짝을 이루는 예제입니다. "
        "요청을 적절히 완료하는 응답을 작성하세요.\n\n"
        "### 명령어:\n{instruction}\n\n### 입력:\n{input}\n\n### 응답:\n"
    )


class Dolly(seodang.Template):
    """Dolly 2: `### Instruction:`, `### Response:` and `### End` are tokens of their own, and the answer ends with the last."""

    name = "dolly"
    revision = 1
    stop = "### End"

    HEAD = "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    tokens = ("### Instruction:", "### Response:\n", "### End")
    """What the tokenizer has to be given before the training, each as one special token."""

    def segments(self, record: seodang.Record) -> list[Segment]:
        found: list[Segment] = []
        for turn in turns(record):
            if turn.role == "system":
                found.append(Segment(f"{turn.text}\n\n"))
            elif turn.role == "user":
                given = f"Input:\n{turn.given}\n\n" if turn.given else ""
                found += [
                    Segment(self.HEAD if turn.first else "\n\n"),
                    Segment("### Instruction:", special=True),
                    Segment(f"\n{turn.text}\n\n{given}"),
                    Segment("### Response:\n", special=True),
                ]
            else:
                found += answer(turn._replace(text=f"{turn.text}\n\n"), self.stop)
        return found
