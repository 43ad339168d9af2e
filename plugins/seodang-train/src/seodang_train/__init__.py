"""Trains students: supervised fine-tuning, continued pre-training on text, distillation from a teacher's logits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import seodang

from seodang_train.options import Conversations, Distillation, Documents, Lora, Offline, Online

if TYPE_CHECKING:
    from seodang_train.method import Method


class _OwnLoop(seodang.Trainer):
    """What all methods share: the loop, its rehearsal, and what the base asks for."""

    deterministic = False

    def _method(self) -> type[Method]:
        raise NotImplementedError

    @property
    def terms(self) -> tuple[str, ...]:  # type: ignore[override]  # it depends on the base that the options name
        from seodang_train.profiles import chosen

        profile = chosen(self.options, self.directory)
        return (profile.licence,) if profile and profile.licence else ()

    @property
    def network(self) -> tuple[str, ...]:  # type: ignore[override]  # none but a tracker's
        from seodang_train.trackers import hosts_of

        return hosts_of(self.options.trackers)

    @property
    def _models(self) -> Mapping[str, str]:
        """Those that it begins with, as the recipe names them, by option."""
        return {"model": self.options.model}

    def pieces(self) -> list[seodang.Piece]:
        from seodang_train.bases import piece_of

        found = [piece_of(model, option, self.directory, self.options.remote_code) for option, model in self._models.items()]
        return [piece for piece in found if piece is not None]

    def contents(self, directory: Path) -> Sequence[str]:
        """The weights wherever they lie, and the profile that a model is known by: of it are template and layers where none are named."""
        from seodang_train.bases import found_at
        from seodang_train.identity import identity_of
        from seodang_train.profiles import chosen

        found = []
        for option, model in self._models.items():
            if model and not model.startswith("step:"):
                # So short that `seodang why` can be read, and long enough that no other model has it.
                identity = identity_of(found_at(directory / Path(model).expanduser(), model))[:32]
                found.append(f"{option} {identity or model}")
        profile = chosen(self.options, directory)
        return (*found, f"profile {profile.name}") if profile else found

    def notes(self) -> list[seodang.Finding]:
        from seodang_train.profiles import chosen

        profile = chosen(self.options, self.directory)
        return profile.notes() if profile else []

    def rehearse(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Rehearsal:
        from seodang_train.rehearsal import rehearse
        from seodang_train.trackers import check_trackers

        check_trackers(self.options.trackers)
        return rehearse(self.options, dataset, base, output, context, self._method())

    def train(
        self, dataset: Iterable[seodang.Record], base: Path | None, output: Path, context: seodang.Context
    ) -> seodang.Trained:
        from seodang_train.loop import train
        from seodang_train.trackers import check_trackers

        check_trackers(self.options.trackers)
        return train(self.options, dataset, base, output, context, self._method())


class Sft(_OwnLoop):
    """Supervised fine-tuning of a causal language model: loss on the answers and their ends, on every parameter or on adapters."""

    name = "sft"
    revision = 2
    Options = Conversations

    def _method(self) -> type[Method]:
        from seodang_train.method import Method

        return Method


class Text(_OwnLoop):
    """Continued pre-training: loss on every token of a text and its end. A record of several turns is one text."""

    name = "text"
    Options = Documents

    def _method(self) -> type[Method]:
        from seodang_train.text import Texts

        return Texts


class Distill(_OwnLoop):
    """White-box distillation: loss against the logits of a teacher on this machine, computed once and kept, or beside the student."""

    name = "distill"
    Options = Distillation

    @property
    def _models(self) -> Mapping[str, str]:
        return {"model": self.options.model, "teacher_model": self.options.teacher_model}

    @property
    def terms(self) -> tuple[str, ...]:  # type: ignore[override]
        """The teacher's terms bind its student, beside those of the base."""
        import msgspec

        from seodang_train.profiles import chosen

        teacher = chosen(msgspec.structs.replace(self.options, model=self.options.teacher_model), self.directory)
        return tuple(dict.fromkeys((*super().terms, *((teacher.licence,) if teacher and teacher.licence else ()))))

    def _method(self) -> type[Method]:
        from seodang_train.distilling import Distilling

        return Distilling


class Safetensors(seodang.Layout):
    """A student as one model in 16 or 32 bits, for transformers and vLLM. Adapters are merged into their unquantised base first.

    What it says is compared with what it said before; where the two differ by more than `most_difference` nothing is written.
    """

    name = "safetensors"
    revision = 1
    takes_students = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        dtype: Annotated[Literal["float32", "bfloat16", "float16"], msgspec.Meta(description="How a weight is written.")] = (
            "bfloat16"
        )
        most_difference: Annotated[
            float,
            msgspec.Meta(
                gt=0,
                description="The most that a logit may change, as a share of the largest; rounding to bfloat16 is near 0.01.",
            ),
        ] = 0.05

    def write_student(self, student: seodang.StudentFiles, place: Path) -> None:
        from seodang_train.merging import write

        write(student, place, self.options.dtype, self.options.most_difference)


@seodang.hookimpl
def register_layouts(register: seodang.Register) -> None:
    register(Safetensors)


@seodang.hookimpl
def register_trainers(register: seodang.Register) -> None:
    for trainer in (Sft, Text, Distill):
        register(trainer)


__all__ = ["Distill", "Lora", "Offline", "Online", "Safetensors", "Sft", "Text"]
