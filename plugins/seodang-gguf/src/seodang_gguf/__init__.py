"""A student as a GGUF file for llama.cpp, and the Modelfile with which Ollama asks it as it was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import seodang


class Gguf(seodang.Layout):
    """`NAME.gguf` with weights, tokenizer, chat template and what ends an answer, a `Modelfile` for Ollama, and the student's card.

    For students of GPT-NeoX's (Polyglot-ko) and LLaMA's shape. What llama.cpp would compute or tokenise otherwise is refused.
    """

    name = "gguf"
    revision = 1
    takes_students = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        numbers: Annotated[
            Literal["f32", "f16", "bf16", "q8_0"],
            msgspec.Meta(description="How a weight is written: 32 bits, 16 bits, or about 8 (q8_0)."),
        ] = "f16"
        context: Annotated[
            int, msgspec.Meta(ge=0, description="Ollama's room for a conversation, in tokens; 0 is what the model was made for.")
        ] = 0

    def write_student(self, student: seodang.StudentFiles, place: Path) -> None:
        from seodang_gguf.modelfile import modelfile
        from seodang_gguf.writing import write

        opened = write(student, place / f"{student.name}.gguf", self.options.numbers)
        text = modelfile(opened, f"{student.name}.gguf", student.terms, self.options.context or opened.limit)
        (place / "Modelfile").write_text(text, encoding="utf-8")
        (place / "README.md").write_text(student.card, encoding="utf-8")


@seodang.hookimpl
def register_layouts(register: seodang.Register) -> None:
    register(Gguf)
