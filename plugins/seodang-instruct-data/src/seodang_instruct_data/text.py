"""A whole conversation in one text, told apart by markers: KoAlpaca's training text, OIG, and prompts that are rendered already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, NO_ANSWER, why_not_dialogue, why_not_single, with_empty_answer
from seodang_instruct_data.columns import beside, other_columns


class Text(seodang.Format):
    """One column, `text`. The markers are those of KoAlpaca v1.1b unless options say otherwise.

    What stands before the first question is a system message. White space around a turn is not part of it.
    """

    name = "text"
    revision = 1
    needs = ("text",)
    columns = ("text",)
    cannot_carry = CARRIES_TEXT_ONLY
    example = {"text": "### 질문: 서당이 무엇인가요?\n\n### 답변: 마을 학교입니다.<|endoftext|>"}

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        user: Annotated[str, msgspec.Meta(min_length=1, description="What stands before a question.")] = "### 질문: "
        input: Annotated[str, msgspec.Meta(description="What stands before an input, where there are inputs.")] = ""
        assistant: Annotated[str, msgspec.Meta(min_length=1, description="What stands before an answer.")] = "### 답변: "
        between: Annotated[str, msgspec.Meta(description="What is written between two turns.")] = "\n\n"
        end: Annotated[str, msgspec.Meta(description="What stands behind an answer.")] = "<|endoftext|>"

    def recognises(self, values: Mapping[str, Any]) -> bool:
        text = values.get("text")
        return isinstance(text, str) and "role" not in values and all(mark.strip() in text for mark in self._marks[:2])

    @property
    def _marks(self) -> tuple[str, ...]:
        """User, assistant, and input where there is one."""
        return tuple(mark for mark in (self.options.user, self.options.assistant, self.options.input) if mark)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            text = row.values.get("text")
            if not isinstance(text, str):
                context.quarantine(row.where, "not-text", "text is no text")
                continue
            record = self.record_of(text)
            if isinstance(record, str):
                context.quarantine(row.where, "not-in-template", record, text[:200])
            else:
                yield msgspec.structs.replace(record, columns=other_columns(row.values, self.columns))

    def record_of(self, text: str) -> Record | str:
        """The conversation in a text, or why there is none in it."""
        options = self.options
        start, *parts = list(_parts(text, self._marks))
        messages = [Message("system", start[1].strip())] if start[1].strip() else []
        given = ""
        for mark, content in parts:
            if mark == options.input:
                if given or not messages or messages[-1].role != "user":
                    return "an input follows no question, or there are two"
                given = content.strip()
            elif mark == options.user:
                if given:
                    return "an input belongs to a question that is not the last one"
                messages.append(Message("user", content.strip()))
            else:
                messages.append(Message("assistant", _before_end(content, options.end)))
        if not any(message.role == "user" and message.text for message in messages):
            return f"no question stands behind '{options.user.strip()}'"
        if messages[-1] == Message("assistant", ""):
            return Record(messages=tuple(messages[:-1]), input=given, tags={NO_ANSWER: True})
        return Record(messages=tuple(messages), input=given)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in map(with_empty_answer, records):
            reason = why_not_dialogue(record)
            if not reason and record.input and not self.options.input:
                reason = "seodang_instruct_data:input"
            if not reason and any(
                mark.strip() in text for mark in (*self._marks, self.options.end) if mark for text in _texts(record)
            ):
                reason = "seodang_instruct_data:marker-in-text"
            yield LeftOut(reason) if reason else {"text": self.text_of(record)} | beside(record, self.columns)

    def text_of(self, record: Record) -> str:
        """The record's messages behind their markers."""
        options = self.options
        marks = {"system": "", "user": options.user, "assistant": options.assistant}
        parts = [
            marks[message.role] + message.text + (options.end if message.role == "assistant" else "")
            for message in record.messages
        ]
        if record.input:
            parts.insert(len(parts) - 1, options.input + record.input)
        return options.between.join(parts)


class OIG(Text):
    """OIG: `<human>: … <bot>: …`, any number of times."""

    name = "oig"
    revision = 1
    example = {"text": "<human>: How many legs has a spider?\n<bot>: Eight."}

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        user: Annotated[str, msgspec.Meta(min_length=1, description="What stands before a question.")] = "<human>: "
        input: Annotated[str, msgspec.Meta(description="What stands before an input, where there are inputs.")] = ""
        assistant: Annotated[str, msgspec.Meta(min_length=1, description="What stands before an answer.")] = "<bot>: "
        between: Annotated[str, msgspec.Meta(description="What is written between two turns.")] = "\n"
        end: Annotated[str, msgspec.Meta(description="What stands behind an answer.")] = ""


class PromptAnswer(seodang.Format):
    """Dolly's rows when they are rendered already: the prompt in Alpaca's words, the answer with its end mark.

    Instruction and input are taken out of the prompt, and put into the same words again. Another prompt is read as it stands.
    """

    name = "prompt-answer"
    revision = 1
    needs = ("prompt", "answer")
    columns = ("prompt", "answer")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {
        "prompt": "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
        "### Instruction:\nHow many legs has a spider?\n\n### Response:",
        "answer": "Eight.###eos_token###",
    }

    HEAD = "Below is an instruction that describes a task{paired}. Write a response that appropriately completes the request.\n\n"
    PAIRED = ", paired with an input that provides further context"
    END = "###eos_token###"

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            prompt, answer = row.values.get("prompt"), row.values.get("answer")
            if not isinstance(prompt, str) or not isinstance(answer, str):
                context.quarantine(row.where, "not-text", "prompt and answer have to be texts")
                continue
            instruction, given = self._taken_apart(prompt)
            if not instruction.strip():
                context.quarantine(row.where, "no-question", "the prompt is empty")
                continue
            columns, answer = other_columns(row.values, self.columns), answer.removesuffix(self.END)
            tags = {} if answer else {NO_ANSWER: True}
            yield seodang.single_turn(instruction, answer, input=given, tags=tags, columns=columns)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in map(with_empty_answer, records):
            reason = why_not_single(record)
            if not reason:
                prompt = self._rendered(record.question, record.input)
                reason = (
                    "" if self._taken_apart(prompt) == (record.question, record.input) else "seodang_instruct_data:marker-in-text"
                )
            if reason:
                yield LeftOut(reason)
            else:
                yield {"prompt": prompt, "answer": record.answer + self.END} | beside(record, self.columns)

    def _rendered(self, instruction: str, given: str) -> str:
        head = self.HEAD.format(paired=self.PAIRED if given else "")
        context = f"### Input:\n{given}\n\n" if given else ""
        return f"{head}### Instruction:\n{instruction}\n\n{context}### Response:"

    def _taken_apart(self, prompt: str) -> tuple[str, str]:
        """Instruction and input; the whole prompt where it is not in these words."""
        body = prompt.partition("### Instruction:\n")[2].removesuffix("\n\n### Response:")
        asked, marked, given = body.partition("\n\n### Input:\n")
        for parts in [(asked, given)] * bool(marked) + [(body, "")]:
            if prompt == self._rendered(*parts):
                return parts
        return prompt, ""


def _parts(text: str, marks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The text cut before each marker, with the marker that stood there: first what comes before any of them."""
    place, mark = 0, ""
    while True:
        found = [(text.find(each.rstrip(), place), each) for each in marks]
        nearest = min((pair for pair in found if pair[0] >= 0), default=None)
        if nearest is None:
            yield mark, text[place:]
            return
        yield mark, text[place : nearest[0]]
        place, mark = nearest[0] + len(nearest[1].rstrip()), nearest[1]


def _before_end(answer: str, end: str) -> str:
    return (answer.partition(end)[0] if end else answer).strip()


def _texts(record: Record) -> list[str]:
    return [message.text for message in record.messages] + [record.input]
