"""A template, models of every kind that are made here, and the teacher with one of them."""

import sys

import pytest
import seodang
from seodang.plugins.offers import offers_of
from seodang.testing import make_context
from seodang_local import LocalTeacher
from seodang_local.tiny import write_tiny

KINDS = [("llama", "bytes"), ("llama", "pieces"), ("gpt-neox", "bytes"), ("gpt-neox", "pieces")]


class Village(seodang.Template):
    """A template for these tests: who speaks, a colon, what is said."""

    name = "village"

    def segments(self, record):
        turns = [
            seodang.Segment(f"{message.role}: {message.text}\n", trained=message.role == "assistant")
            for message in record.messages
        ]
        end = seodang.Segment("eos", trained=True, special=True) if record.answered else seodang.Segment("assistant: ")
        return [seodang.Segment("bos", special=True), *turns, end]


@seodang.hookimpl
def register_templates(register):
    register(Village)


@pytest.fixture(scope="session")
def offers():
    """What `context.get` finds: the template `village`."""
    return offers_of(sys.modules[__name__])


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model of each kind, 'shape-tokenizer', in float32."""
    place = tmp_path_factory.mktemp("models")
    return {
        f"{shape}-{tokenizer}": write_tiny(place / f"{shape}-{tokenizer}", shape=shape, tokenizer=tokenizer)
        for shape, tokenizer in KINDS
    }


@pytest.fixture
def open_teacher(tmp_path, offers):
    """The teacher and its verb, over a context that can be told to stop."""

    def opened(model, **options):
        teacher = LocalTeacher(LocalTeacher.Options(model=str(model), **{"threads": 1, **options}))
        context = make_context(tmp_path, options=teacher.options, offers=offers)
        teacher.ask = lambda *requests: list(teacher.answer_many(requests, context))
        return teacher

    return opened
