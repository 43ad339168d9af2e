"""One of your labels for each record, as a tag or a column; or whether its instruction is a classification, as Self-Instruct asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
import seodang

from seodang_classify.reading import read_label

NO_LABEL = "no-label"
LABELS, TASKS = "classify", "is-classification"
"""The locale's prompts."""
_EXCERPT = 200


class Classify(seodang.Lesson):
    """Has every record put under one of `labels`. An answer that is none of them is paid, kept in the ledger, and its record set aside.

    With `is_classification` the labels are the language's words for yes and no, and the question is Self-Instruct's: whether the
    instruction asks for one of a few given answers. The locale's worked examples are shown with it.
    """

    name = "classify"
    revision = 1

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        labels: Annotated[
            tuple[str, ...], msgspec.Meta(description="The labels, at least two, in the words that the teacher is to use.")
        ] = ()
        is_classification: Annotated[
            bool, msgspec.Meta(description="Instead of labels: true or false, whether the instruction is a classification task.")
        ] = False
        about: Annotated[
            Literal["question", "answer", "conversation"], msgspec.Meta(description="What is put under a label.")
        ] = "question"
        tag: Annotated[str, msgspec.Meta(description="The tag that says the label; empty for none.")] = "label"
        column: Annotated[str, msgspec.Meta(description="A column that says it, for exports; empty for none.")] = ""
        schema: Annotated[
            bool,
            msgspec.Meta(
                description="Ask for JSON of a schema that allows nothing but a label, of a teacher that keeps to schemas."
            ),
        ] = False
        guard: Annotated[
            bool, msgspec.Meta(description="Set the text off as material of strangers, in which no instruction counts.")
        ] = True

    async def teach(self, records: AsyncIterator[seodang.Record], context: seodang.Context) -> AsyncIterator[seodang.Record]:
        self._check(context)
        ask = self._ask_tasks if self.options.is_classification else self._ask_labels
        prompt = self._prompt(context)
        choices = self._choices(context)

        def question(record: seodang.Record) -> seodang.Request | None:
            return ask(record, prompt, context)

        async for record, answer in context.ask.each(records, question):
            if answer is None:
                yield record
                continue
            said = str(answer.json()["label"]) if self.options.schema else answer.message.text
            label = read_label(said, tuple(choices), context.locale)
            if label is None:
                context.quarantine(record.id, NO_LABEL, said[:_EXCERPT])
            else:
                yield self._labelled(record, choices[label], context)

    def _check(self, context: seodang.Context) -> None:
        labels = self.options.labels
        if self.options.is_classification == bool(labels):
            raise seodang.StepError("seodang_classify:labels-or-tasks", step=context.step)
        folded = [label.strip().casefold() for label in labels]
        if labels and (len(labels) < 2 or len(set(folded)) < len(folded) or not all(folded)):
            raise seodang.StepError("seodang_classify:bad-labels", step=context.step, labels=list(labels))
        if not (self.options.tag or self.options.column):
            raise seodang.StepError("seodang_classify:nowhere", step=context.step)

    def _prompt(self, context: seodang.Context) -> seodang.Prompt:
        name = TASKS if self.options.is_classification else LABELS
        own = context.locale.prompts.get(name, "")
        if not own and not self.options.prompt:
            raise seodang.StepError(
                "seodang_classify:no-prompt", step=context.step, prompt=name, language=context.locale.language
            )
        if self.options.is_classification:
            return self.prompt(own, context, needs=("instruction",), offers=("examples",))
        return self.prompt(own, context, needs=("text", "labels"))

    def _choices(self, context: seodang.Context) -> Mapping[str, Any]:
        """What may be answered, and what is noted then."""
        if not self.options.is_classification:
            return {label: label for label in self.options.labels}
        markers = context.locale.markers
        return {word: answer for name, answer in (("yes", True), ("no", False)) for word in markers[name]}

    def _ask_labels(self, record: seodang.Record, prompt: seodang.Prompt, context: seodang.Context) -> seodang.Request | None:
        text = self._text(record)
        if not text.strip():
            return None
        labels = ", ".join(self.options.labels)
        schema = schema_of(self.options.labels) if self.options.schema else None
        if not self.options.guard:
            return self.ask_for(prompt.fill(text=text, labels=labels), schema=schema)
        guard = seodang.Guard(record, context)
        asked = seodang.Message("user", prompt.fill(text=guard.enclose(text), labels=labels))
        return seodang.Request(messages=(seodang.Message("system", guard.system(self.options.system)), asked), schema=schema)

    def _ask_tasks(self, record: seodang.Record, prompt: seodang.Prompt, context: seodang.Context) -> seodang.Request | None:
        if not record.question.strip():
            return None
        markers = {name: words[0] for name, words in context.locale.markers.items()}
        examples = "\n\n".join(
            f"{markers['instruction']}: {shot.instruction}\n{markers['label']}: {markers['yes' if shot.is_classification else 'no']}"
            for shot in context.locale.shots.classification
        )
        schema = schema_of((markers["yes"], markers["no"])) if self.options.schema else None
        return self.ask_for(prompt.fill(examples=examples, instruction=record.question), schema=schema)

    def _text(self, record: seodang.Record) -> str:
        if self.options.about == "answer":
            return record.answer
        if self.options.about == "question":
            return "\n\n".join(part for part in (record.question, record.input) if part)
        return "\n\n".join(f"{message.role}: {message.text}" for message in record.messages if message.text)

    def _labelled(self, record: seodang.Record, label: Any, context: seodang.Context) -> seodang.Record:
        tags, columns = dict(record.tags), dict(record.columns)
        if self.options.guard and not self.options.is_classification:
            guard = seodang.Guard(record, context)
            guard.enclose(self._text(record))
            tags |= guard.tags
        if self.options.tag:
            tags[self.options.tag] = label
        if self.options.column:
            columns[self.options.column] = label
        return msgspec.structs.replace(record, tags=tags, columns=columns)


def schema_of(labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": list(labels)}},
        "required": ["label"],
        "additionalProperties": False,
    }


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(Classify)
