"""What the tests of these filters have in common: rows in a few words, and a filter over them as a run would call it."""

import asyncio

import msgspec
import pytest
import seodang
from seodang.plugins.loading import load_plugins
from seodang.runs.verbs import perform
from seodang.testing import asking, make_context


def new_row(question, answer="", **fields):
    return seodang.single_turn(question, answer, **{"language": "ko", "source": "test", **fields})


@pytest.fixture
def row():
    """A row of one question and its answer."""
    return new_row


@pytest.fixture(scope="session")
def installed():
    """What is installed, looked through once."""
    return load_plugins()


@pytest.fixture
def sifted(tmp_path, installed):
    """The verdicts on records, with options as a recipe gives them."""

    def sift(cls, records, *, language="ko", source_language="", teacher=None, locale=None, **options):
        capability = cls(msgspec.convert(options, cls.Options))
        context = make_context(
            tmp_path,
            language=language,
            source_language=source_language,
            options=capability.options,
            locale=locale,
            offers=installed,
        )
        if teacher is None:
            return list(asyncio.run(perform(capability.sift, list(records), context)))

        async def asked():
            with asking(context, teacher, tmp_path, judge=teacher):
                return list(await perform(capability.sift, list(records), context))

        return asyncio.run(asked())

    return sift


@pytest.fixture
def codes(sifted):
    """The code of each drop, nothing for what is kept."""

    def of(cls, records, **options):
        return [verdict.code if isinstance(verdict, seodang.Drop) else "" for verdict in sifted(cls, records, **options)]

    return of


@pytest.fixture
def code(codes):
    """The code of the one row that is given by its texts."""

    def of(cls, question, answer="", *, input="", **options):
        (found,) = codes(cls, [new_row(question, answer, input=input)], **options)
        return found

    return of
