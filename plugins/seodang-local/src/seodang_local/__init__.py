"""Students on this machine: a directory that transformers loads, scored and talked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import seodang

if TYPE_CHECKING:
    from seodang_local.model import Model


class Local(seodang.Student):
    """A transformers directory with the template that it was trained on. Greedy, batched by length."""

    name = "local"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(min_length=1, description="The model's directory, with safetensors and a tokenizer.")]
        template: Annotated[
            str, msgspec.Meta(min_length=1, description="How a conversation is written for it.", extra=seodang.names("template"))
        ]
        batch_size: Annotated[int, msgspec.Meta(ge=1, description="Texts at once.", extra=seodang.CONDUCT)] = 64

    _model: Model

    def open(self, context: seodang.Context) -> None:
        from seodang_local.model import Model

        self._model = Model(self.options.path, context.get("template", self.options.template), self.options.batch_size)

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return self._model.loglikelihoods(pairs)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> Sequence[str]:
        return self._model.generate(conversations, max_tokens)


@seodang.hookimpl
def register_students(register: seodang.Register) -> None:
    register(Local)
