"""What one way of training does otherwise than another. The loop is the same for all: steps, checkpoints, log, student."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import seodang

from seodang_train.losing import Losing
from seodang_train.rows import Rows, encode_rows
from seodang_train.saving import made


class Method:
    """Supervised fine-tuning. Another method overrides what is different in it."""

    prepared: Any = None
    """What `prepare` found out, in every process."""

    def __init__(self, options: Any, output: Path, context: Any) -> None:
        """`context` is the step's, or in a worker what stands for it."""
        self.options = options
        self.output = output
        self.context = context

    def fresh(self, dataset: Iterable[seodang.Record], template: seodang.Template) -> tuple[Any, Any]:
        """The tokenizer and the model where the recipe names none to go on from."""
        return made(self.options, dataset, template)

    def rows(self, dataset: Iterable[seodang.Record], template: seodang.Template, tokenizer: Any) -> Rows:
        """What is trained on."""
        return encode_rows(dataset, template, tokenizer, self.options)

    def foreseen(self, rows: Rows, tokenizer: Any) -> list[seodang.Finding]:
        """What a rehearsal can say before anything is computed. Refuses what the training would refuse."""
        return []

    def prepare(self, rows: Rows, tokenizer: Any) -> Any:
        """Done once in the process of the run, before there are others; what it returns is pickled for them."""
        return None

    def losing(self, model: Any, rows: Rows, tokenizer: Any) -> Losing:
        """The loss of a part of a step, with everything that it needs. The model is on its device."""
        return Losing(model)

    def facts(self) -> dict[str, Any]:
        """What a checkpoint must agree on besides data, seed and length. Asked after `losing`."""
        return {}

    def figures(self) -> dict[str, Any]:
        """What the report shows besides the figures of every training."""
        return {}
