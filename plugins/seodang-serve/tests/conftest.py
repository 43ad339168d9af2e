"""A run that trained a student in a moment, with a teacher that counts, and a server around it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import asynccontextmanager

import openai
import pytest
import seodang
import seodang_local
import seodang_templates
from seodang.plugins.offers import offers_of
from seodang.testing.recipes import run_in
from seodang_local.tiny import write_tiny
from seodang_serve.guarding import Door
from seodang_serve.serving import Wanted, running

RECIPE = """
[recipe]
name = "village"
language = "ko"

[[step]]
seeds = "village-questions"

[[step]]
teach = "village-lesson"
teacher = "elder"

[[step]]
train = "village-school"
"""


class Questions(seodang.Seeds):
    name = "village-questions"
    revision = 1

    def read(self, context):
        yield seodang.Record(
            source="village", language="ko", messages=(seodang.Message("user", "서당이 뭐예요?"),), terms=("CC0-1.0",)
        )


class Korean(seodang.Locale):
    name = "ko"
    language = "ko"

    def sentences(self, text):
        return [text]

    def similarity_tokens(self, text):
        return text.split()


class Elder(seodang.Teacher):
    """Says the question again, and remembers what he was asked. Of danger he says what a moderation flags."""

    name = "elder"
    revision = 1
    paid: list[str] = []

    def price(self):
        return seodang.FREE

    async def answer(self, request, context):
        assert context.locale.language == "ko", "that of the recipe, whatever language the page is in"
        self.paid.append(request.messages[-1].text)
        said = request.messages[-1].text
        text = "flag:violence" if "위험" in said else f"어른 말씀: {said}"
        return seodang.Answer(message=seodang.Message("assistant", text))


class Lesson(seodang.Lesson):
    name = "village-lesson"
    revision = 1

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.request):
            yield seodang.Record(
                id=record.id, source=record.source, language="ko", terms=record.terms, messages=(*record.messages, answer.message)
            )


class School(seodang.Trainer):
    """Learns nothing: the student is a model of a few thousand weights, and so is its base."""

    name = "village-school"
    revision = 1

    def train(self, dataset, base, output, context):
        write_tiny(output / "student", tokenizer="syllables", ends=0.0, limit=256)
        shutil.copytree(output / "student", output / "base")
        return seodang.Trained(student="local", options={"path": "student"}, base={"path": "base"})


@seodang.hookimpl
def register_seeds(register):
    register(Questions)


@seodang.hookimpl
def register_locales(register):
    register(Korean)


@seodang.hookimpl
def register_teachers(register):
    register(Elder)


@seodang.hookimpl
def register_lessons(register):
    register(Lesson)


@seodang.hookimpl
def register_trainers(register):
    register(School)


def plugins():
    return [sys.modules[__name__], seodang_local, seodang_templates]


@pytest.fixture(scope="session")
def offers():
    import seodang_openai

    return offers_of(*plugins(), seodang_openai)


@pytest.fixture
def elder():
    Elder.paid.clear()
    return Elder


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    found = run_in(tmp_path_factory.mktemp("village"), RECIPE, plugins=plugins())
    assert found.ok, found.error
    return found.run


@pytest.fixture
def talk(offers, monkeypatch):
    """Serves, and tells a story to it: `talk(place, story, …)`, where the story has the SDK's client and the address."""
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    monkeypatch.setenv("OPENAI_API_KEY", "none")

    @asynccontextmanager
    async def served(place, door, **wishes):
        async with running(Wanted(place=place, device="cpu", **wishes), door, offers) as (address, _):
            yield address

    def told(place, story, door=None, **wishes):
        door = door or Door()

        async def whole():
            async with served(place, door, **wishes) as address:
                client = openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=door.token or "none", max_retries=0)
                async with client:
                    return await story(client, address)

        return asyncio.run(whole())

    return told
