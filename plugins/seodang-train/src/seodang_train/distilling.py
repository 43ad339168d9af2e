"""White-box distillation: the loss against a teacher's logits, kept beforehand or computed beside the student."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import seodang
import torch
from torch.nn.functional import cross_entropy

from seodang_train.bases import place_of as place_of_model
from seodang_train.divergence import forward_kl, generalised_jsd
from seodang_train.facts import vocabulary_hash
from seodang_train.feeding import Feed, padded
from seodang_train.identity import identity_of
from seodang_train.logit_store import Logits, bytes_of, check_room, fill
from seodang_train.logit_store import place_of as shelf_of
from seodang_train.losing import Losing, trained_states
from seodang_train.method import Method
from seodang_train.rows import Row, Rows
from seodang_train.selftest import check_packing
from seodang_train.shapes import new_model
from seodang_train.whitebox import Asked, shared_vocabulary, teacher_at, tokenizer_of


class Prepared(NamedTuple):
    """What every process has to know of the teacher. `store` is the folder of its logits, where they were computed beforehand."""

    teacher: Path
    identity: str
    vocabulary: int
    store: Path | None
    figures: dict[str, Any]


class Distilling(Method):
    """The student's loss is the teacher's share and, for the rest, cross-entropy."""

    prepared: Prepared

    def fresh(self, dataset: Iterable[seodang.Record], template: seodang.Template) -> tuple[Any, Any]:
        """A student from scratch counts in its teacher's tokens."""
        tokenizer = tokenizer_of(self._teacher)
        return tokenizer, new_model(self.options, tokenizer)

    @property
    def _teacher(self) -> Path:
        return place_of_model(self.options.teacher_model, self.context)

    def foreseen(self, rows: Rows, tokenizer: Any) -> list[seodang.Finding]:
        vocabulary, tokens = shared_vocabulary(self._teacher, tokenizer), sum(rows.trained)
        told = {"path": str(self._teacher), "vocabulary": vocabulary}
        if self.options.online is not None:
            return [seodang.Finding("seodang_train:found-teacher", told)]
        facts = self._facts(vocabulary)
        check_room(self._shelf, tokens, facts)
        told |= {"tokens": tokens, "top_k": facts["top_k"], "mib": round(bytes_of(tokens, facts) / 2**20, 1)}
        return [seodang.Finding("seodang_train:found-teacher-kept", told)]

    def _facts(self, vocabulary: int) -> dict[str, Any]:
        kept = self.options.kept
        return {
            "vocabulary": vocabulary,
            "top_k": min(kept.top_k, vocabulary),
            "numbers": kept.numbers,
            "temperature": self.options.temperature,
        }

    @property
    def _shelf(self) -> Path:
        place: Path = self.context.place(self.options.store) if self.options.store else self.output / "logits"
        return place

    def prepare(self, rows: Rows, tokenizer: Any) -> Prepared:
        options, place = self.options, self._teacher
        vocabulary = shared_vocabulary(place, tokenizer)
        prepared = Prepared(place, identity_of(place), vocabulary, None, {})
        if options.online is not None:
            return prepared
        # The rows stand for the template, too: it says which tokens there are and which of them are trained.
        facts = self._facts(vocabulary) | {
            "rows": rows.fingerprint(),
            "tokenizer": vocabulary_hash(tokenizer),
            "teacher": prepared.identity,
        }
        store = shelf_of(self._shelf, facts)
        asked = _Once(prepared, rows, _pad(tokenizer), options)
        fill(store, facts, rows.rows, asked, self.context)
        logits = Logits(store, rows.trained)
        tokens = sum(rows.trained)
        figures = {"kept_share": round(logits.kept_share(), 6), "logit_bytes": bytes_of(tokens, facts)}
        return prepared._replace(store=store, figures=figures)

    def losing(self, model: Any, rows: Rows, tokenizer: Any) -> Losing:
        options, prepared = self.options, self.prepared
        if prepared.store is not None:
            return AgainstKept(model, options, prepared, Logits(prepared.store, rows.trained))
        teacher = teacher_at(prepared.teacher, model.device, rows.rows, _pad(tokenizer))
        if options.packing:
            check_packing(teacher, rows.rows, _pad(tokenizer))
        return AgainstTeacher(model, options, prepared, teacher, rows.rows, tokenizer)

    def facts(self) -> dict[str, Any]:
        return {"teacher": self.prepared.identity}

    def figures(self) -> dict[str, Any]:
        return {"teacher": self.prepared.identity[:12], **self.prepared.figures}


class _Once:
    """Opens the teacher when there is something left to ask it."""

    def __init__(self, prepared: Prepared, rows: Rows, pad: int, options: Any) -> None:
        self._prepared, self._rows, self._pad, self._options = prepared, rows, pad, options
        self._asked: Asked | None = None

    def __call__(self, rows: Sequence[Row]) -> Any:
        if self._asked is None:
            device = "cuda" if torch.cuda.is_available() else "cpu"
            options = self._options
            self._asked = Asked(
                teacher_at(self._prepared.teacher, device, self._rows.rows, self._pad),
                self._pad,
                top_k=options.kept.top_k,
                vocabulary=self._prepared.vocabulary,
                temperature=options.temperature,
                at_once=options.micro_tokens,
            )
        return self._asked(rows)


class Taught(Losing):
    """Rows that are set apart are judged by cross-entropy alone, so that their loss can be compared with any training's."""

    def __init__(self, model: Any, options: Any, prepared: Prepared) -> None:
        super().__init__(model)
        self._alpha, self._temperature, self._vocabulary = options.alpha, options.temperature, prepared.vocabulary

    def sum(self, hidden: torch.Tensor, targets: torch.Tensor, *beside: torch.Tensor) -> torch.Tensor:
        logits = self.head(hidden).float()
        if not beside:
            return cross_entropy(logits, targets, reduction="sum")
        # A temperature divides the gradient by its square (Hinton et al. 2015).
        taught = self.taught(logits[:, : self._vocabulary], *beside) * self._temperature**2
        if self._alpha == 1:
            return self._alpha * taught
        return self._alpha * taught + (1 - self._alpha) * cross_entropy(logits, targets, reduction="sum")

    def taught(self, logits: torch.Tensor, *beside: torch.Tensor) -> torch.Tensor:
        """How far the student is from the teacher, added up."""
        raise NotImplementedError


class AgainstKept(Taught):
    """KL from the teacher's likeliest tokens and its tail."""

    def __init__(self, model: Any, options: Any, prepared: Prepared, logits: Logits) -> None:
        super().__init__(model, options, prepared)
        self._logits = logits

    def beside(self, feed: Feed, part: Sequence[int]) -> tuple[torch.Tensor, ...]:
        return tuple(tensor.to(feed.ids.device) for tensor in self._logits.of(part)) if self.training else ()

    def taught(self, logits: torch.Tensor, *beside: torch.Tensor) -> torch.Tensor:
        ids, likeliest, tail = beside
        return forward_kl(logits, ids, likeliest, tail, self._temperature)


class AgainstTeacher(Taught):
    """Generalised JSD with a teacher in memory, over the rows' answers or, for a share of the parts, over the student's own."""

    def __init__(self, model: Any, options: Any, prepared: Prepared, teacher: Any, rows: Sequence[Row], tokenizer: Any) -> None:
        super().__init__(model, options, prepared)
        self._beta, self._own_share = options.online.beta, options.online.on_policy
        self._longest, self._rows, self._pad, self._end = options.max_length, rows, _pad(tokenizer), tokenizer.eos_token_id
        # In a tuple, where torch does not look for modules: nothing of the teacher is trained, shared out or saved.
        self._held = (teacher,)

    def forward(self, feed: Feed, part: Sequence[int] = ()) -> torch.Tensor:
        # The draw is torch's, whose state is in every checkpoint.
        if not (self.training and self._own_share and float(torch.rand(())) < self._own_share):
            return super().forward(feed, part)
        own = padded(self._own_answers([self._rows[place] for place in part]), self._pad, feed.ids.device)
        # The step is divided by the trained tokens of its rows, so what stands for them has to count as many.
        return self.over(own, self.beside(own, part)) * (len(feed.targets) / len(own.targets))

    def beside(self, feed: Feed, part: Sequence[int]) -> tuple[torch.Tensor, ...]:
        if not self.training:
            return ()
        with torch.no_grad():
            return (trained_states(self._held[0], feed),)

    def taught(self, logits: torch.Tensor, *beside: torch.Tensor) -> torch.Tensor:
        head = self._held[0].get_output_embeddings()
        with torch.no_grad():
            theirs = head(beside[0])[:, : self._vocabulary].float()
        return generalised_jsd(logits, theirs, self._beta, self._temperature)

    @torch.no_grad()
    def _own_answers(self, rows: Sequence[Row]) -> list[Row]:
        """Each row up to its first answer, and an answer that the student draws."""
        questions = [row.ids[: row.trained.index(1)] for row in rows]
        width = max(map(len, questions))
        ids = torch.full((len(rows), width), self._pad)
        mask = torch.zeros_like(ids)
        for number, question in enumerate(questions):
            ids[number, width - len(question) :] = torch.tensor(question)
            mask[number, width - len(question) :] = 1
        ends = sorted({self._end, *(row.ids[row.trained.rindex(1)] for row in rows)})
        self.model.eval()
        said = self.model.generate(
            input_ids=ids.to(self.model.device), attention_mask=mask.to(self.model.device), do_sample=True, top_k=0, top_p=1.0,
            max_new_tokens=max(sum(row.trained) for row in rows), eos_token_id=ends, pad_token_id=self._pad,
        )[:, width:].tolist()  # fmt: skip
        self.model.train()
        return [self._row(question, answer, ends) for question, answer in zip(questions, said, strict=True)]

    def _row(self, question: array[int], answer: list[int], ends: Sequence[int]) -> Row:
        length = next((place + 1 for place, token in enumerate(answer) if token in ends), len(answer))
        kept = answer[: max(1, min(length, self._longest - len(question)))]
        return Row(question + array("i", kept), bytes(len(question)) + b"\1" * len(kept))


def _pad(tokenizer: Any) -> int:
    return int(tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id)
