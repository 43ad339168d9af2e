"""What can be set about a training. Every method has the options of `Training`; those of its own stand below it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import msgspec
import seodang
from seodang.wording import render

Meta = msgspec.Meta
Conduct = Meta(extra=seodang.CONDUCT)


class Lora(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Small matrices beside the large ones, which are trained alone."""

    quantize: Annotated[
        Literal["", "nf4", "int8"],
        Meta(
            description="The large ones in 4 or 8 bits (QLoRA; needs seodang-train[qlora]); the student is made of the whole ones."
        ),
    ] = ""

    rank: Annotated[int, Meta(ge=1, description="Their inner size.")] = 16
    alpha: Annotated[int, Meta(ge=0, description="Their weight, divided by the rank; 0 is twice the rank.")] = 0
    dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout before them.")] = 0.0
    targets: Annotated[
        tuple[str, ...], Meta(description="The layers they stand beside; unset, those of the model's profile.")
    ] = ()


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training by any method."""

    conversations: ClassVar[bool] = True
    """Whether rows are conversations in the template, whose ends are then looked at before the first step."""

    # Conduct, because what counts is the content, and that is in `contents`.
    model: Annotated[str, Meta(description="The directory to go on from; without it, a model is made from scratch."), Conduct] = (
        ""
    )
    remote_code: Annotated[
        str,
        Meta(description="The exact commit (40 digits) whose own code may be run, for a model that transformers does not know."),
    ] = ""
    profile: Annotated[
        str, Meta(description="A file of your own like profiles.toml: layers, template, licence by model.", extra=seodang.FILES)
    ] = ""
    untrained_share: Annotated[
        float, Meta(ge=0, le=1, description="Refused where more than this share of the rows has nothing that carries loss.")
    ] = 0.001
    shape: Annotated[Literal["gpt-neox", "llama"], Meta(description="The architecture from scratch.")] = "gpt-neox"
    width: Annotated[int, Meta(ge=16, description="Hidden size from scratch.")] = 128
    layers: Annotated[int, Meta(ge=1, description="Layers from scratch.")] = 4
    heads: Annotated[int, Meta(ge=1, description="Attention heads from scratch.")] = 4
    dropout: Annotated[float, Meta(ge=0, lt=1, description="Dropout from scratch.")] = 0.0
    template: Annotated[
        str,
        Meta(
            description="How a conversation is written; unset, as the model's profile says, and koalpaca from scratch.",
            extra=seodang.names("template"),
        ),
    ] = ""
    epochs: Annotated[int, Meta(ge=1, description="Times through the data, where max_steps does not say it.")] = 3
    max_steps: Annotated[int, Meta(ge=0, description="Steps in all; 0 leaves it to epochs.")] = 0
    max_hours: Annotated[float, Meta(ge=0, description="Ends after so many hours with what was learned; 0 never.")] = 0.0
    learning_rate: Annotated[float, Meta(gt=0, description="The highest, after the warm-up.")] = 1e-3
    schedule: Annotated[Literal["cosine", "linear", "constant"], Meta(description="How the rate falls after the warm-up.")] = (
        "cosine"
    )
    warmup: Annotated[float, Meta(ge=0, le=1, description="The share of the steps in which the rate rises.")] = 0.03
    weight_decay: Annotated[float, Meta(ge=0, description="Decay of the weights (AdamW); biases and norms have none.")] = 0.0
    beta1: Annotated[float, Meta(ge=0, lt=1, description="AdamW's memory of gradients.")] = 0.9
    beta2: Annotated[
        float, Meta(ge=0, lt=1, description="AdamW's memory of their squares; 0.999 remembers longer than a short training.")
    ] = 0.95
    clip: Annotated[float, Meta(gt=0, description="The longest gradient.")] = 1.0
    batch_tokens: Annotated[int, Meta(ge=16, description="Tokens in a step, padding included.")] = 2048
    batch_rows: Annotated[
        int, Meta(ge=0, description="Rows in a step instead, as published recipes count them; 0 counts tokens.")
    ] = 0
    micro_tokens: Annotated[
        int, Meta(ge=0, description="Tokens fed at once; 0 is the whole step, or 8,192 where rows are counted."), Conduct
    ] = 0
    packing: Annotated[
        bool,
        Meta(description="Rows one behind the other without padding, each attended to alone; tried with the model first."),
    ] = False
    max_length: Annotated[int, Meta(ge=8, description="The longest row, in tokens.")] = 512
    lora: Annotated[Lora, Meta(description="Trains adapters instead of the model, as in { rank = 16 }.")] | None = None
    precision: Annotated[
        Literal["auto", "float32", "bf16"], Meta(description="Numbers in the forward pass; auto is bf16 on a GPU.")
    ] = "auto"
    gradient_checkpointing: Annotated[
        bool | Literal["auto"],
        Meta(
            description="Computes the forward pass again on the way back: a third more time, much less memory; auto where it is needed."
        ),
        Conduct,
    ] = "auto"
    devices: Annotated[
        int, Meta(ge=1, le=64, description="GPUs of this machine; without any, processes that share the CPU."), Conduct
    ] = 1
    sharding: Annotated[
        Literal["none", "full"],
        Meta(description="Whether each device holds all weights and the optimizer's state, or its part of them (FSDP2)."),
        Conduct,
    ] = "none"
    validation: Annotated[
        float, Meta(ge=0, le=0.5, description="The share of the data that is not trained on and shows how the loss goes on it.")
    ] = 0.0
    validation_steps: Annotated[int, Meta(ge=0, description="After so many steps it is looked at; 0 is after each pass.")] = 0
    checkpoint_steps: Annotated[int, Meta(ge=1, description="Save after so many steps."), Conduct] = 200
    threads: Annotated[int, Meta(ge=0, description="Threads on a CPU; 0 leaves it to torch."), Conduct] = 0
    trackers: Annotated[
        tuple[str, ...],
        Meta(
            description="Tools that are told every step beside log.jsonl: tensorboard, wandb, trackio, mlflow … Each is installed apart."
        ),
        Conduct,
    ] = ()

    def __post_init__(self) -> None:
        if self.quantize and self.sharding == "full":
            raise ValueError(_told("quantised-alone", quantize=self.quantize))

    def rehearsed(self) -> Self:
        """The options of a rehearsal, which leaves nothing behind."""
        return self

    @property
    def quantize(self) -> str:
        return self.lora.quantize if self.lora else ""


class Conversations(Training, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training on conversations in a template."""

    loss: Annotated[
        Literal["answers", "everything"],
        Meta(description="What carries loss: answers and their ends, or also the questions, as KoAlpaca v1.1 was trained."),
    ] = "answers"
    over_long: Annotated[
        Literal["drop", "cut", "split"],
        Meta(description="A longer row is dropped, cut and closed, or split between rounds; counted in any case."),
    ] = "drop"


class Documents(Training, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training on texts. The template is for talking to the student afterwards."""

    conversations: ClassVar[bool] = False

    packing: Annotated[
        bool, Meta(description="Texts one behind the other without padding, each attended to alone; tried with the model first.")
    ] = True

    @property
    def over_long(self) -> str:
        """No choice here: a text can be cut anywhere and loses nothing."""
        return "text"


class Offline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The teacher is asked once, before the first step, and what it thinks is kept."""

    top_k: Annotated[int, Meta(ge=1, description="So many of its likeliest tokens are kept, and the mass of all others.")] = 32
    numbers: Annotated[
        Literal["float16", "float32"], Meta(description="The numbers in which its log-probabilities are kept.")
    ] = "float16"


class Online(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The teacher stands in memory beside the student."""

    beta: Annotated[
        float, Meta(ge=0, le=1, description="0 is KL(teacher, student), 1 KL(student, teacher), between them generalised JSD.")
    ] = 0.5
    on_policy: Annotated[
        float,
        Meta(ge=0, le=1, description="The share of the parts in which the student answers itself and the teacher judges that."),
    ] = 0.0


class Distillation(Conversations, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training on a teacher's logits."""

    teacher_model: Annotated[
        str,
        Meta(description="The teacher's directory, or step:NAME of a training before; its vocabulary has to be the student's."),
        Conduct,
    ]
    alpha: Annotated[float, Meta(gt=0, le=1, description="The teacher's share of the loss; the rest is cross-entropy.")] = 0.5
    temperature: Annotated[
        float, Meta(gt=0, description="Divides both models' logits: above 1, what is unlikely counts for more.")
    ] = 1.0
    offline: (
        Annotated[Offline, Meta(description="Keeps the teacher's likeliest tokens first, as in { top_k = 32 }; the default.")]
        | None
    ) = None
    online: Annotated[Online, Meta(description="Computes the teacher beside the student, as in { beta = 0.5 }.")] | None = None
    store: Annotated[
        str,
        Meta(description="A directory for what is kept, shared by trainings; unset, it stands in the step's folder."),
        Conduct,
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.online is not None and (self.offline is not None or self.store):
            raise ValueError(_told("offline-or-online", option="store" if self.store else "offline"))
        if self.online is not None and self.online.on_policy and (self.packing or self.sharding == "full"):
            raise ValueError(_told("on-policy-alone", option="packing" if self.packing else "sharding"))

    def rehearsed(self) -> Self:
        return msgspec.structs.replace(self, store="")

    @property
    def kept(self) -> Offline:
        return self.offline or Offline()


def _told(code: str, **facts: str) -> str:
    return render(f"seodang_train:{code}", facts)
