"""The contracts of those who make students, and of what conversations look like to a student."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any, ClassVar

import msgspec
import pytest

from seodang.capabilities import Student, Template, Trainer
from seodang.errors import Interrupted
from seodang.records import Record
from seodang.runs.verbs import perform
from seodang.testing.contexts import LooseContext
from seodang.testing.contract import CapabilityContract
from seodang.testing.flow import Several
from seodang.testing.samples import ANSWERED, copies
from seodang.verdicts import Rehearsal, Segment, Trained
from seodang.wording.catalogues import message_text


class TrainerContract(CapabilityContract):
    """A trainer makes a student inside its folder, and finds what an interrupted run left there.

    Give `options` that make it a matter of seconds: one step, two layers, a few rows.
    """

    __test__ = False
    kind = "trainer"
    trainer: ClassVar[type[Trainer]]
    records: ClassVar[Sequence[Record]] = ANSWERED
    base: ClassVar[str] = ""
    """A directory of `files` to start from, for a trainer that cannot start from nothing."""
    student: ClassVar[type[Student] | None] = None
    """Opens what was trained. With it the contract asks the student a question."""

    @pytest.fixture
    def train(self, make: Callable[[], Trainer], new_context: Callable[..., LooseContext], place: Path) -> Callable[..., Trained]:
        def train_once(output: Path, records: Any = None, **changes: Any) -> Trained:
            trainer = make()
            output.mkdir(exist_ok=True)
            base = place / self.base if self.base else None
            context = new_context(options=trainer.options, **changes)
            trained = asyncio.run(perform(trainer.train, records or Several(copies(self.records)), base, output, context))
            assert isinstance(trained, Trained), f"train() returns Trained, not {type(trained).__name__}"
            return trained

        return train_once

    def test_it_makes_a_student(self, train: Callable[..., Trained], tmp_path: Path) -> None:
        """Named by its plugin, with options in which every path leads from the folder into the folder: it may be moved."""
        trained = train(tmp_path / "output")
        assert trained.student, "Trained.student names the plugin that opens what was made"
        for options in (trained.options, trained.base or {}):
            absolute = [name for name, value in options.items() if isinstance(value, str) and PurePath(value).is_absolute()]
            assert not absolute, f"{', '.join(absolute)}: a path inside the output directory is relative to it"
        path = trained.options.get("path")
        assert path is None or (tmp_path / "output" / path).exists(), f"nothing was written at {path!r}"
        assert msgspec.json.decode(msgspec.json.encode(trained), type=Trained) == trained, "figures have to survive being written"

    def test_an_interrupted_folder_is_used_again(self, train: Callable[..., Trained], tmp_path: Path) -> None:
        """Stopped by a signal, or by a row that could not be read: the same command goes on to the same student."""
        whole = train(tmp_path / "whole")
        with suppress(Interrupted):  # a trainer that is quick may finish instead
            train(tmp_path / "again", stopping=lambda: True)
        with suppress(_Torn):  # one that had finished reads nothing
            train(tmp_path / "again", Torn(copies(self.records)))
        resumed = train(tmp_path / "again")
        assert (resumed.student, resumed.options, resumed.base) == (whole.student, whole.options, whole.base)

    def test_a_rehearsal_trains_nothing(self, make: Callable[[], Trainer], new_context: Any, place: Path, tmp_path: Path) -> None:
        """A trainer that offers one says what it found in messages of its own, in examples that tell what is trained, and makes no student."""
        trainer = make()
        if type(trainer).rehearse is Trainer.rehearse:
            return
        output = tmp_path / "rehearsed"
        output.mkdir()
        base = place / self.base if self.base else None
        arguments = (Several(copies(self.records)), base, output, new_context(options=trainer.options))
        found = asyncio.run(perform(trainer.rehearse, *arguments))
        assert isinstance(found, Rehearsal), f"rehearse() returns Rehearsal, not {type(found).__name__}"
        unknown = [finding.code for finding in found.findings if message_text(finding.code, "en") is None]
        assert not unknown, f"{', '.join(unknown)}: no such message in messages.en.toml"
        for example in found.examples:
            assert any(piece.trained for piece in example), "an example in which nothing is trained shows nothing"
        assert not [path for path in output.rglob("*") if path.is_file()], "a rehearsal leaves nothing behind"
        assert msgspec.json.decode(msgspec.json.encode(found), type=Rehearsal).examples == found.examples

    def test_the_student_can_be_opened(self, train: Callable[..., Trained], new_context: Any, tmp_path: Path) -> None:
        trained = train(tmp_path / "output")
        if self.student is None:
            return
        assert trained.student.rpartition(":")[2] == self.student.name
        opened = open_trained(self.student, trained.options, tmp_path / "output")
        asyncio.run(perform(opened.open, new_context(options=opened.options)))
        answers = asyncio.run(perform(opened.generate, [self.records[0]], 8))
        assert [type(answer) for answer in answers] == [str]


class _Torn(Exception):
    """Raised in the middle of the records."""


class Torn:
    """Records that break off in the middle."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Record]:
        yield from self._records[: len(self._records) // 2]
        raise _Torn("the records break off here")

    def __len__(self) -> int:
        return len(self._records)


def open_trained(student: type[Student], options: Mapping[str, Any], folder: Path) -> Student:
    """As a run opens a student: its path is inside the folder of the step that made it."""
    if "path" in options:
        options = {**options, "path": str(folder / options["path"])}
    return student(msgspec.convert(options, student.Options))


class TemplateContract(CapabilityContract):
    """A template renders the same for training and for generating, and teaches the student to stop."""

    __test__ = False
    kind = "template"
    template: ClassVar[type[Template]]
    records: ClassVar[Sequence[Record]] = ANSWERED

    def tokenizer(self) -> Any:
        """Which one it is asked with (`Template.of`); None for a template that is the same for every tokenizer."""
        return None

    def _segments(self, template: Template, record: Record) -> list[Segment]:
        tokenizer = self.tokenizer()
        segments = list((template if tokenizer is None else template.of(tokenizer)).segments(record))
        assert segments and all(isinstance(segment, Segment) for segment in segments)
        return segments

    def test_the_prompt_begins_the_training_text(self, make: Callable[[], Template]) -> None:
        """Segment by segment, because each is tokenised apart: the student is asked exactly as it was trained."""
        template = make()
        for record in self.records:
            asked = msgspec.structs.replace(record, messages=record.messages[:-1])
            prompt = [(segment.text, segment.special) for segment in self._segments(template, asked)]
            whole = [(segment.text, segment.special) for segment in self._segments(template, record)]
            assert whole[: len(prompt)] == prompt, f"trained on {whole[: len(prompt)]!r}, asked with {prompt!r}"
            assert len(whole) > len(prompt)

    def test_what_it_trains_ends_with_a_stop(self, make: Callable[[], Template]) -> None:
        """Without a trained end the student never learns to be silent."""
        template = make()
        for record in self.records:
            segments = self._segments(template, record)
            last = segments[-1]
            assert last.trained, "the last segment carries no loss"
            assert last.special or record.answer not in last.text, "the answer itself is the end: add a segment that says stop"
            assert [segment for segment in segments[:-1] if segment.trained], "nothing but the stop is trained"

    def test_the_answer_is_trained_and_the_question_is_there(self, make: Callable[[], Template]) -> None:
        """But for blanks around a turn, which the makers of some models take away."""
        template = make()
        for record in self.records:
            segments = self._segments(template, record)
            text = "".join(segment.text for segment in segments if not segment.special)
            trained = "".join(segment.text for segment in segments if segment.trained and not segment.special)
            assert record.answer.strip() in trained
            assert all(message.text.strip() in text for message in record.messages)
            assert record.input in text
