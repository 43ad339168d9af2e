"""How a template writes around what people say, found by letting it write: what a chat template in another tool's language is made of."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from seodang.capabilities import Template
from seodang.errors import DataError, Refused
from seodang.records import Message, Record
from seodang.rendering import NAMED

SYSTEM, QUESTIONS, ANSWERS = "\ue100", ("\ue101", "\ue103"), ("\ue102", "\ue104")
"""What is said in the conversations that are tried: characters for private use, which no template writes itself."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of a conversation that the template writes; special tokens are spelt out. Not covered: a separate input, tools,
    thinking."""

    begins: bool
    """Whether the tokenizer's token for a beginning stands first."""
    bare: str
    """Before the first question, where there is no system turn."""
    system: tuple[str, str] | None
    """Before a system turn, and between it and the first question. None: the template takes no such turn."""
    asked: str
    """After a question: the answer comes next."""
    ended: str
    """After an answer: what the student learned to stop with."""
    between: str
    """Between the end of an answer and the next question."""

    def jinja(self) -> str:
        """As a chat template of transformers, vLLM and llama.cpp."""
        text = {name: json.dumps(getattr(self, name), ensure_ascii=False) for name in ("bare", "asked", "ended", "between")}
        lines = ["{{- bos_token -}}"] if self.begins else []
        first = "messages and messages[0]['role'] == 'system'"
        if self.system is None:
            lines += [
                f"{{%- if {first} -%}}{{{{- raise_exception('This model takes no system turn.') -}}}}{{%- endif -%}}",
                f"{{{{- {text['bare']} -}}}}",
            ]
        else:
            before, after = (json.dumps(piece, ensure_ascii=False) for piece in self.system)
            lines += [
                f"{{%- if {first} -%}}{{{{- {before} + messages[0]['content'] + {after} -}}}}{{%- set messages = messages[1:] -%}}",
                f"{{%- else -%}}{{{{- {text['bare']} -}}}}{{%- endif -%}}",
            ]
        lines += [
            "{%- for message in messages -%}",
            f"{{%- if message['role'] == 'user' -%}}{{{{- message['content'] + {text['asked']} -}}}}",
            f"{{%- elif message['role'] == 'assistant' -%}}{{{{- message['content'] + {text['ended']} -}}}}",
            f"{{%- if not loop.last -%}}{{{{- {text['between']} -}}}}{{%- endif -%}}",
            "{%- else -%}{{- raise_exception('This model knows system, user and assistant.') -}}{%- endif -%}",
            "{%- endfor -%}",
        ]
        return "\n".join(lines)


def frame_of(template: Template, *, eos: str) -> Frame:
    """`eos` is the tokenizer's own end token, spelt out. Refuses a template that writes a second turn otherwise than the first."""
    bare, asked, between, again, ended = _around(template, eos, QUESTIONS[0], ANSWERS[0], QUESTIONS[1], ANSWERS[1])
    if asked != again or not between.startswith(ended):
        raise DataError("rendering.no-frame", template=template.name)
    first = template.segments(_record(QUESTIONS[0]))[0]
    return Frame(
        begins=first.special and first.text == "bos",
        bare=bare,
        system=_system(template, eos, (asked, ended)),
        asked=asked,
        ended=ended,
        between=between[len(ended) :],
    )


def _system(template: Template, eos: str, rest: tuple[str, str]) -> tuple[str, str] | None:
    try:
        before, after, asked, ended = _around(template, eos, SYSTEM, QUESTIONS[0], ANSWERS[0])
    except (Refused, DataError):  # it takes no such turn, and says so when one comes
        return None
    if (asked, ended) != rest:
        raise DataError("rendering.no-frame", template=template.name)
    return before, after


def _around(template: Template, eos: str, *said: str) -> list[str]:
    """The pieces before, between and after what is said."""
    text = "".join(_spelt(segment, eos) for segment in template.segments(_record(*said)))
    pieces = []
    for mark in said:
        piece, found, text = text.partition(mark)
        if not found:
            raise DataError("rendering.no-frame", template=template.name)
        pieces.append(piece)
    return [*pieces, text]


def _spelt(segment: Any, eos: str) -> str:
    if not segment.special or segment.text not in NAMED:
        return str(segment.text)
    return eos if segment.text == "eos" else ""


def _record(*said: str) -> Record:
    roles = {SYSTEM: "system", **dict.fromkeys(QUESTIONS, "user"), **dict.fromkeys(ANSWERS, "assistant")}
    return Record(messages=tuple(Message(roles[text], text) for text in said))
