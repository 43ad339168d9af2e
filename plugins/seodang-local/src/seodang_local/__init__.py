"""Models on this machine: a teacher and a student out of a transformers directory, a commit on the hub, or a GGUF file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import seodang

from seodang_local import places
from seodang_local.watermark import Watermark

if TYPE_CHECKING:
    from seodang_local.answers import Answers
    from seodang_local.gguf import GgufAnswers, GgufModel
    from seodang_local.model import Model

LAST_SECONDS = 10.0
"""So long answers may still come to their end when the run is told to stop; the core waits 25 seconds."""
FRAME = 4096
"""Tokens that a chat template may write around a conversation, its tools left out."""

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Conduct = msgspec.Meta(extra=seodang.CONDUCT)


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


def is_own(template: str) -> bool:
    """Whether a GGUF file writes conversations itself: no tokenizer of it stands here that a template could be made for."""
    return template.rpartition(":")[2] == "chat"


class LocalTeacher(seodang.Teacher):
    """A model on this machine as the teacher: no key, no price, and the same answers again. Many questions are answered at once.

    Only safetensors and GGUF are loaded, and never a model's own code. Answers are kept by the content of the model's files: another
    model at the same place is asked anew, the same one at another place is not. In float32 an answer does not depend on what is
    answered beside it; in bfloat16 and float16, or on several devices, a near tie may.
    """

    name = "local"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[
            str,
            described(
                "The model: a directory that begins with ./, ../, / or ~, a file that ends in .gguf, or a name on the hub.",
                min_length=1,
            ),
            # Conduct, because what counts is the content, and that is in `identity`.
            Conduct,
        ]
        revision: Annotated[str, described("The commit of the hub's model, 40 digits."), Conduct] = ""
        template: Annotated[
            str,
            described(
                "How a conversation is written for it: 'chat' is the model's own chat template.", extra=seodang.names("template")
            ),
        ] = "chat"
        template_arguments: Annotated[
            dict[str, Any], described("What the model's chat template is told besides, as in { enable_thinking = false }.")
        ] = {}
        temperature: Annotated[float, described("0 is the likeliest answer, the same every time.", ge=0, le=2)] = 0.0
        top_p: Annotated[float, described("Draw from the likeliest tokens with this share.", gt=0, le=1)] = 1.0
        top_k: Annotated[int, described("Draw from so many of the likeliest tokens; 0 from all.", ge=0)] = 0
        repetition_penalty: (
            Annotated[float, described("Above 1, what was said becomes less likely. Unset: what the model's files say.", gt=0)]
            | None
        ) = None
        max_tokens: Annotated[int, described("The longest answer, in tokens.", ge=1)] = 1024
        stop: Annotated[tuple[str, ...], described("An answer ends before any of these texts.")] = ()
        stop_tokens: Annotated[
            tuple[str, ...], described("Tokens that end an answer, beside those that the model's files name.")
        ] = ()
        thinking_end: Annotated[
            str, described("What ends a model's thoughts, which are kept apart from its answer; empty keeps all in the answer.")
        ] = "</think>"
        dtype: Annotated[Dtype, described("The numbers to compute with; 'auto' are those that the model was saved in.")] = "auto"
        terms: Annotated[tuple[str, ...], described("Licences and terms that the model puts on its answers.")] = ()
        device: Annotated[str, described("As torch calls it: cpu, cuda, cuda:1, mps. Unset: the fastest there is."), Conduct] = ""
        threads: Annotated[int, described("Threads on a CPU; 0 leaves it to the library.", ge=0), Conduct] = 0
        batch_tokens: Annotated[
            int,
            described("Room for so many tokens at once, questions and answers. More is faster and takes memory.", ge=1),
            Conduct,
        ] = 16384
        in_flight: Annotated[int, described("Questions under way at once, in two groups.", ge=1, le=1024), Conduct] = 128

        def __post_init__(self) -> None:
            commit = len(self.revision) == 40 and not {*self.revision} - {*"0123456789abcdef"}
            if places.is_gguf(self.model) and (self.dtype != "auto" or self.stop_tokens):
                raise ValueError(
                    "a GGUF file has its own numbers and end tokens: leave dtype and stop_tokens unset (stop is for texts)"
                )
            if places.is_path(self.model):
                if self.revision:
                    raise ValueError("revision is for a model on the hub, and this one is a path")
            elif not commit:
                raise ValueError(
                    f"'{self.model}' is a name on the hub, which may be another model tomorrow: add its commit as revision (40 digits, under "
                    f"'Files' at https://{places.HOST}/{self.model}), or begin the path of a directory with ./"
                )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._lock = Lock()
        self._identity = ""
        self._answers: Answers | GgufAnswers | None = None

    @property
    def group(self) -> int:  # type: ignore[override]  # as many as are asked for, in two groups: one ends while the next begins
        return max(2, self.options.in_flight // 2)

    @property
    def network(self) -> tuple[str, ...]:
        options = self.options
        return () if places.is_path(options.model) or places.cached(options.model, options.revision) else (places.HOST,)

    @property
    def terms(self) -> tuple[str, ...]:
        return self.options.terms

    @property
    def identity(self) -> str:
        if not self._identity:
            self._identity = self._identified()
        return self._identity

    def _identified(self) -> str:
        from seodang_local.hashes import identity_of

        options = self.options
        return identity_of(self._path()) if places.is_path(options.model) else f"{options.model}@{options.revision}"

    def pieces(self) -> list[seodang.Piece]:
        return [places.piece_of("model", self.options.model, self.options.revision)]

    def _path(self) -> Path:
        return places.on_disk(self.directory / Path(self.options.model).expanduser())

    def most_tokens(self, request: seodang.Request) -> tuple[int, int]:
        """Nobody pays for it; and what a template writes is known only to the template."""
        written, most = super().most_tokens(request)
        return 2 * written + len(msgspec.json.encode(request.tools)) + FRAME, most or self.options.max_tokens

    def answer_many(
        self, requests: Sequence[seodang.Request], context: seodang.Context
    ) -> Sequence[seodang.Answer | seodang.Refused]:
        with self._lock:
            if self._answers is None:
                self._answers = self._opened(context)
        since: list[float] = []

        def go_on() -> None:
            if not context.stopping:
                return
            since.append(context.clock.monotonic())
            if since[-1] - since[0] > LAST_SECONDS:
                raise seodang.Transient("the run was told to stop")

        return self._answers.answer(requests, go_on)

    def _opened(self, context: seodang.Context) -> Answers | GgufAnswers:
        """Loads the model: seconds, and not before the first question that the ledger does not know."""
        options = self.options
        if places.is_gguf(options.model):
            from seodang_local.gguf import GgufAnswers

            return GgufAnswers(
                self._path(), options, None if is_own(options.template) else context.get("template", options.template)
            )
        from seodang_local.answers import Answers
        from seodang_local.loading import Loaded

        path = self._path() if places.is_path(options.model) else places.on_disk(places.fetched(options.model, options.revision))
        told = {"arguments": options.template_arguments} if options.template_arguments else {}
        template = context.get("template", options.template, **told)
        return Answers(options, Loaded(path, dtype=options.dtype, device=options.device, threads=options.threads), template)

    async def close(self) -> None:
        """Lets go of the model, so that the next step has the memory."""
        self._answers = None


class Local(seodang.Student):
    """A model on this machine as a student: scored, and talked to greedily. Texts are batched by length, which changes nothing.

    A likelihood follows the rule of lm-evaluation-harness: both texts are tokenised as one, and what comes after as many tokens as the
    first has alone is scored. Blanks at the end of the first text belong to the second, the tokenizer adds the special tokens that it
    adds by itself, and what is longer than the model reads is cut from the left, each pair on its own.
    """

    name = "local"
    revision = 3

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[
            str,
            described("The model's directory, with safetensors and a tokenizer, or a file that ends in .gguf.", min_length=1),
            # Conduct, because what counts is the content, and that is in `identity`.
            Conduct,
        ]
        template: Annotated[
            str,
            described(
                "How a conversation is written for it: 'chat' is the model's own chat template.", extra=seodang.names("template")
            ),
        ] = "chat"
        dtype: Annotated[Dtype, described("The numbers to compute with; 'auto' are those that the model was saved in.")] = "auto"
        device: Annotated[str, described("As torch calls it: cpu, cuda, cuda:1, mps. Unset: the fastest there is."), Conduct] = ""
        threads: Annotated[int, described("Threads on a CPU; 0 leaves it to the library.", ge=0), Conduct] = 0
        devices: Annotated[
            tuple[str, ...],
            described("Several devices, each with a copy of the model: they share the texts that are scored."),
            Conduct,
        ] = ()
        batch_size: Annotated[int, described("Answers at once.", ge=1), Conduct] = 64
        batch_tokens: Annotated[
            int, described("Tokens at once of texts that are scored. More is faster and takes memory.", ge=1), Conduct
        ] = 8192
        watermark: Annotated[
            Watermark | None,
            described(
                "Mark what is said, as in { strength = 2.0, greenlist_ratio = 0.25, key = 'env:WATERMARK_KEY' }, for seodang detect."
            ),
        ] = None

        def __post_init__(self) -> None:
            if self.watermark and places.is_gguf(self.path):
                raise ValueError("a GGUF file is computed by llama.cpp, which knows no watermark: leave it unset")
            if self.device and self.devices:
                raise ValueError("device and devices name the same thing twice: set one of them")
            if self.devices and places.is_gguf(self.path):
                raise ValueError("a GGUF file is on one device: set device")

    _model: Model | GgufModel | None = None

    @property
    def identity(self) -> str:
        from seodang_local.hashes import identity_of

        return identity_of(places.on_disk(self.directory / Path(self.options.path).expanduser()))

    @property
    def secrets(self) -> tuple[str, ...]:
        watermark = self.options.watermark
        return (watermark.key,) if watermark and watermark.key.startswith("env:") else ()

    def pieces(self) -> list[seodang.Piece]:
        return [places.piece_of("path", self.options.path)]

    def open(self, context: seodang.Context) -> None:
        options = self.options
        path = places.on_disk(context.place(options.path))
        if places.is_gguf(path.name):
            from seodang_local.gguf import GgufModel

            template = None if is_own(options.template) else context.get("template", options.template)
            self._model = GgufModel(path, options, template)
            return
        template = context.get("template", options.template)
        from seodang_local.loading import Loaded
        from seodang_local.model import Model

        copies = [
            Loaded(path, dtype=options.dtype, device=device, threads=options.threads)
            for device in options.devices or (options.device,)
        ]
        marking = (options.watermark, options.watermark.number(context.secret)) if options.watermark else None
        self._model = Model(copies, template, batch_size=options.batch_size, batch_tokens=options.batch_tokens, watermark=marking)

    @property
    def figures(self) -> dict[str, Any]:
        return self._model.figures if self._model else {}

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        assert self._model is not None, "open() comes before the first question"
        return self._model.loglikelihoods(pairs)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> Sequence[str]:
        assert self._model is not None, "open() comes before the first question"
        return self._model.generate(conversations, max_tokens)

    def talk(self, request: seodang.Request, hear: Callable[[str], bool]) -> seodang.Answer:
        assert self._model is not None, "open() comes before the first question"
        return self._model.talk(request, hear)

    async def close(self) -> None:
        """Lets go of the model, so that the next student has the memory."""
        self._model = None


@seodang.hookimpl
def register_teachers(register: seodang.Register) -> None:
    register(LocalTeacher)


@seodang.hookimpl
def register_students(register: seodang.Register) -> None:
    register(Local)
