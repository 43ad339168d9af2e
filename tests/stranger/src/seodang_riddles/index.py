"""A trainer that writes an index of words, and the student that looks a riddle up in it."""

import math
from pathlib import Path
from typing import Annotated

import msgspec
import seodang


class RiddleIndex(seodang.Trainer):
    """Remembers which words go with which answer. Keeps what it has read, so that a second call reads only the rest."""

    name = "riddle-index"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        template: Annotated[str, msgspec.Meta(description="Lays out the riddles.", extra=seodang.names("template"))] = "riddle"

    def train(self, dataset, base, output, context):
        template = context.get("template", self.options.template)
        read = output / "read.json"
        index = msgspec.json.decode(read.read_bytes()) if read.exists() else {}
        total = len(dataset)
        for number, record in enumerate(dataset, start=1):
            if record.id in index:
                continue
            if context.stopping:
                raise seodang.Interrupted("runs.interrupted")
            segments = template.segments(record)
            learned = [segment.text for segment in segments if segment.trained and not segment.special]
            index[record.id] = [record.question, learned[0] if learned else record.question]
            read.write_bytes(msgspec.json.encode(index, order="sorted"))
            context.progress(number, total)
        (output / "student").mkdir(exist_ok=True)
        (output / "student" / "index.json").write_bytes(msgspec.json.encode(sorted(index.values())))
        return seodang.Trained(student="riddle-student", options={"path": "student"}, figures={"riddles": len(index)})


class RiddleStudent(seodang.Student):
    """Answers with what goes with the most similar riddle it knows."""

    name = "riddle-student"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        path: Annotated[str, msgspec.Meta(description="Where the index lies.")]

    def open(self, context):
        self._known = msgspec.json.decode((Path(self.options.path) / "index.json").read_bytes())

    def _answer(self, question):
        words = set(question.lower().split())
        return max(self._known, key=lambda known: len(words & set(known[0].lower().split())), default=["", ""])[1]

    def loglikelihoods(self, pairs):
        return [0.0 if self._answer(first) == second else -math.log(2) * (1 + len(second)) for first, second in pairs]

    def generate(self, conversations, max_tokens):
        return [self._answer(conversation.question)[: max_tokens * 4] for conversation in conversations]
