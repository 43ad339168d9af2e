"""A teacher and a translator for tests, which give back what they are given and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from seodang.capabilities import Teacher, Translator
from seodang.hooks import hookimpl
from seodang.records import Message
from seodang.requests import Answer, Request, Text, Translation


class Echo:
    """A plugin to be passed to `plugins` or `run_recipe`, fresh in every test: it offers a teacher and a translator `echo`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.texts: list[Text] = []
        asked, translated = self.requests, self.texts

        class EchoTeacher(Teacher):
            """Answers with the question."""

            name = "echo"

            class Options(Teacher.Options, frozen=True, kw_only=True):
                model: Annotated[str, msgspec.Meta(description="Any name; the answers are the same.")] = "echo"

            async def answer(self, request: Request, context: Any) -> Answer:
                asked.append(request)
                return Answer(message=Message("assistant", request.messages[-1].text))

        class EchoTranslator(Translator):
            """Marks each text with the language that it should have been translated into."""

            name = "echo"
            stands_in = True

            def translate(self, texts: Sequence[Text], context: Any) -> list[Translation]:
                translated.extend(texts)
                return [Translation(f"[{context.language}] {text.text}") for text in texts]

        self.teacher = EchoTeacher
        self.translator = EchoTranslator

    @hookimpl
    def register_teachers(self, register: Callable[[type[Teacher]], None]) -> None:
        register(self.teacher)

    @hookimpl
    def register_translators(self, register: Callable[[type[Translator]], None]) -> None:
        register(self.translator)
