"""The five tasks: what stands in their files, and how a protocol asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

TaskName = Literal["boolq", "copa", "hellaswag", "sentineg", "wic"]
Protocol = Literal["lmeval-1.0", "polyglot-2023"]
CAUSE, EFFECT = "원인", "결과"
BOOLEANS = {"TRUE": 1, "True": 1, "FALSE": 0, "False": 0}
"""Both spellings stand side by side in the published BoolQ."""


class Document(msgspec.Struct, frozen=True):
    """An item of a file: its place there, its texts by their names, and the number of the right choice."""

    index: int
    values: Mapping[str, str]
    label: int


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`columns` of the published TSVs by the name of the text in the hub's set. `labels` are the spellings of the TSVs' label column."""

    name: TaskName
    folder: str
    columns: Mapping[str, str]
    label_column: str
    labels: Mapping[str, int]
    label_words: tuple[str, ...] = ()
    """The choices where they are the same for every item."""
    choice_names: tuple[str, ...] = ()
    """The texts that are the choices, where every item has its own."""
    question: Callable[[Mapping[str, str], Protocol], str]
    normalised: bool = False
    """Whether the harness also divides a choice's log-likelihood by its length in characters."""

    @property
    def size(self) -> int:
        return len(self.label_words or self.choice_names)

    def choices(self, document: Document) -> tuple[str, ...]:
        return self.label_words or tuple(document.values[name] for name in self.choice_names)

    def example(self, document: Document, protocol: Protocol) -> str:
        """A question with its answer, as it stands before other questions."""
        return f"{self.question(document.values, protocol)} {self.choices(document)[document.label]}"

    def texts(self, document: Document) -> list[str]:
        """What must not be learned by heart. WiC marks its word with brackets, which no other text would."""
        left_out = ("word", "question") if self.name != "boolq" else ()
        found = [text for name, text in document.values.items() if name not in left_out]
        return [text.replace("[", "").replace("]", "") if self.name == "wic" else text for text in found]


def _boolq(values: Mapping[str, str], protocol: Protocol) -> str:
    return f"{values['paragraph']} 질문: {values['question']} 답변: "


def _copa(values: Mapping[str, str], protocol: Protocol) -> str:
    connector = {CAUSE: "왜냐하면", EFFECT: "그래서"}[values["question"].strip()]
    # Two blanks in the harness since the tasks were rewritten, one when the Polyglot tables were made.
    return f"{values['premise']}{'  ' if protocol == 'lmeval-1.0' else ' '}{connector}"


def _hellaswag(values: Mapping[str, str], protocol: Protocol) -> str:
    return f"문장: {values['context']}"


def _sentineg(values: Mapping[str, str], protocol: Protocol) -> str:
    return f"문장: {values['sentence']} 긍부정:"


def _wic(values: Mapping[str, str], protocol: Protocol) -> str:
    # Always 가, whatever the word ends in: so it was asked, and so it has to be asked for the same figures.
    return f"문장1: {values['context_1']} 문장2: {values['context_2']} 두 문장에서 {values['word']}가 같은 뜻으로 쓰였나?"


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="boolq",
            folder="BoolQ",
            columns={"paragraph": "Text", "question": "Question"},
            label_column="Answer",
            labels=BOOLEANS,
            label_words=("아니오", "예"),
            question=_boolq,
        ),
        Task(
            name="copa",
            folder="COPA",
            columns={"premise": "sentence", "question": "question", "alternative_1": "1", "alternative_2": "2"},
            label_column="Answer",
            labels={"1": 0, "2": 1},
            choice_names=("alternative_1", "alternative_2"),
            question=_copa,
        ),
        Task(
            name="hellaswag",
            folder="HellaSwag",
            columns={"context": "context", **{f"ending_{number}": f"choice{number}" for number in range(1, 5)}},
            label_column="label",
            labels={str(number): number for number in range(4)},
            choice_names=("ending_1", "ending_2", "ending_3", "ending_4"),
            question=_hellaswag,
            normalised=True,
        ),
        Task(
            name="sentineg",
            folder="SentiNeg",
            columns={"sentence": "Text"},
            label_column="Label",
            labels={"0": 0, "1": 1},
            label_words=("부정", "긍정"),
            question=_sentineg,
        ),
        Task(
            name="wic",
            folder="WiC",
            columns={"word": "Target", "context_1": "SENTENCE1", "context_2": "SENTENCE2"},
            label_column="ANSWER",
            labels=BOOLEANS,
            label_words=("아니오", "예"),
            question=_wic,
        ),
    )
}
