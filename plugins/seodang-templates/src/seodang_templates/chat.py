"""A conversation as the tokenizer's own chat template writes it, in segments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import seodang
from seodang import Segment

TODAY = datetime(2024, 7, 26, tzinfo=UTC)
"""The day that templates are told when they ask for the date: the one that Llama's fall back to. Another answer every day would be
none that can be had again."""
_DATES = re.compile(r"""strftime_now\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")
_EXCERPT = 60


class Chat(seodang.Template):
    """The chat template that came with the model: ChatML, Llama's, Gemma's, EXAONE's … Answers and what ends them are trained.

    The template's special tokens are special; what looks like one in somebody's message is text. Where a template writes earlier
    answers otherwise than the last (Qwen3 leaves their thinking out), only the last answer is trained.
    """

    name = "chat"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        arguments: Annotated[
            dict[str, Any], msgspec.Meta(description="What the template is told besides, as in { enable_thinking = false }.")
        ] = {}

    def of(self, tokenizer: Any) -> seodang.Template:
        return ChatOf(tokenizer, self.options.arguments)

    def segments(self, record: seodang.Record) -> Sequence[Segment]:
        raise seodang.DataError("seodang_templates:not-opened")


class ChatOf(seodang.Template):
    """The chat template of one tokenizer."""

    name = Chat.name
    revision = Chat.revision

    def __init__(self, tokenizer: Any, arguments: Mapping[str, Any]) -> None:
        super().__init__()
        if not tokenizer.chat_template:
            raise seodang.DataError("seodang_templates:no-chat-template")
        self._tokenizer = tokenizer
        self._arguments = dict(arguments)
        self._special = re.compile(
            "|".join(map(re.escape, sorted(tokenizer.all_special_tokens, key=len, reverse=True))) or r"(?!)"
        )
        template = tokenizer.get_chat_template()
        formats = {one or two for one, two in _DATES.findall(template)}
        self._template = f"{_calendar(formats)}{template}" if formats else template
        self._trimmed = {role for role in ("system", "user", "assistant") if self._trims(role)}
        self.stop = self._stop()

    def segments(self, record: seodang.Record) -> list[Segment]:
        """Raises `seodang.Refused` for a conversation that the template will not write, such as one that begins with an answer."""
        messages = self._messages(record)
        marks = _Marks(messages)
        found = self._in_turn(messages, record.tools, marks, every=True)
        if found is None:
            found = self._in_turn(messages, record.tools, marks, every=False)
        return list(_joined(found or []))

    def _in_turn(
        self, messages: Sequence[seodang.Message], tools: Sequence[Mapping[str, Any]], marks: _Marks, *, every: bool
    ) -> list[Segment] | None:
        """None where an earlier answer is written otherwise once there is a later one."""
        answers = [place for place, message in enumerate(messages) if message.role == "assistant"]
        last = len(messages) - 1
        written = ""
        found: list[Segment] = []
        for place in answers if every else [place for place in answers if place == last]:
            asked = self._write(messages[:place], tools, marks, ask=True)
            whole = self._write(messages[: place + 1], tools, marks, ask=False)
            if not asked.startswith(written):
                return None
            if not whole.startswith(asked):
                if every and place != last:
                    return None
                facts = {"asked": marks.shown(asked)[-_EXCERPT:], "trained": marks.shown(whole)[-2 * _EXCERPT :]}
                raise seodang.DataError("seodang_templates:chat-not-a-prefix", **facts)
            trained = messages[place].weight > 0
            said = self._until_end(whole[len(asked) :])
            found += self._pieces(asked[len(written) :], marks, trained=False)
            found += self._pieces(said, marks, trained=trained)
            if not found[-1].special:
                found.append(Segment("eos", trained=trained, special=True))
            written = asked + said
        if last not in answers:
            asked = self._write(messages, tools, marks, ask=True)
            if not asked.startswith(written):
                return None
            found += self._pieces(asked[len(written) :], marks, trained=False)
        return found

    def _messages(self, record: seodang.Record) -> list[seodang.Message]:
        """Without the blanks that the template would take away, and with a separate input under the last question."""
        messages = list(record.messages)
        if record.input:
            place = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
            if place >= 0:
                text = f"{messages[place].text}\n\n{record.input}"
                messages[place] = msgspec.structs.replace(messages[place], text=text)
        return [
            msgspec.structs.replace(message, text=message.text.strip()) if message.role in self._trimmed else message
            for message in messages
        ]

    def _write(self, messages: Sequence[seodang.Message], tools: Sequence[Mapping[str, Any]], marks: _Marks, *, ask: bool) -> str:
        chat = [seodang.chat_turn(message, marks.hide) for message in messages]
        try:
            text: str = self._tokenizer.apply_chat_template(
                chat,
                tools=list(tools) or None,
                chat_template=self._template,
                tokenize=False,
                add_generation_prompt=ask,
                **self._arguments,
            )
        except (
            Exception
        ) as error:  # a template is a program of the model's maker: what it raises is its answer to this conversation
            raise seodang.Refused(str(error).strip() or type(error).__name__, reason="chat-template") from error
        return text

    def _pieces(self, text: str, marks: _Marks, *, trained: bool) -> Iterator[Segment]:
        for piece, said in marks.pieces(text):
            if said:
                yield Segment(piece, trained=trained)
                continue
            end = 0
            for match in self._special.finditer(piece):
                if match.start() > end:
                    yield Segment(piece[end : match.start()], trained=trained)
                yield Segment(match[0], trained=trained, special=True)
                end = match.end()
            if end < len(piece):
                yield Segment(piece[end:], trained=trained)

    def _until_end(self, text: str) -> str:
        """An answer up to the last special token, which ends it; a line end behind that is the next turn's."""
        ends = [match.end() for match in self._special.finditer(text)]
        return text[: ends[-1]] if ends else text

    def _trims(self, role: str) -> bool:
        """Whether the template takes blanks around a message away. Asked with two turns, since few begin with an answer."""
        turns = [seodang.Message("user", "a"), seodang.Message(role, " a ")]
        chat = [seodang.chat_turn(turn) for turn in (turns if role == "assistant" else turns[1:])]
        try:
            text = self._tokenizer.apply_chat_template(
                chat, chat_template=self._template, tokenize=False, add_generation_prompt=False, **self._arguments
            )
        except Exception:  # it takes no such turn, and says so when one comes
            return False
        return " a " not in text

    def _stop(self) -> str:
        try:
            segments = self.segments(seodang.single_turn("a", "b"))
        except seodang.Refused as error:
            raise seodang.DataError("seodang_templates:chat-refused", error=error.detail) from error
        return segments[-1].text


class _Marks:
    """Stands in for what people said, while the template writes around it: nothing in it is taken for the template's own."""

    def __init__(self, messages: Sequence[seodang.Message]) -> None:
        said = "".join(message.text + message.thinking for message in messages)
        # Two characters for private use that nobody has said, to enclose a number.
        self._open, self._close = [sign for code in range(0xE000, 0xF8FF) if (sign := chr(code)) not in said][:2]
        self._hidden: dict[str, int] = {}
        self._split = re.compile(f"{self._open}(\\d+){self._close}")

    def hide(self, text: str) -> str:
        """Equal texts have one mark, so that a conversation and its beginning are written alike. Nothing stays nothing."""
        if not text:
            return text
        return f"{self._open}{self._hidden.setdefault(text, len(self._hidden))}{self._close}"

    def pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        texts = list(self._hidden)
        for place, part in enumerate(self._split.split(text)):
            if place % 2:
                yield texts[int(part)], True
            elif part:
                yield part, False

    def shown(self, text: str) -> str:
        return "".join(piece for piece, _ in self.pieces(text))


def _joined(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Texts beside each other are tokenised together, as the model's makers did, unless one is trained and the other is not."""
    waiting: Segment | None = None
    for segment in segments:
        if waiting and not segment.special and not waiting.special and segment.trained == waiting.trained:
            waiting = Segment(waiting.text + segment.text, trained=waiting.trained)
            continue
        if waiting:
            yield waiting
        waiting = segment
    if waiting:
        yield waiting


def _calendar(formats: set[str]) -> str:
    """A macro goes before the function of that name: so the clock is not asked."""
    days = "".join(f"{{%- if format == {json.dumps(one)} -%}}{TODAY.strftime(one)}{{%- endif -%}}" for one in sorted(formats))
    return f"{{%- macro strftime_now(format) -%}}{days}{{%- endmacro -%}}"
