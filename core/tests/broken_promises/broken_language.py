"""Splitters and locales, each of which breaks one promise, and the tests of the contract that notice it."""

import itertools
from time import process_time

import seodang
from seodang.testing import LocaleContract, SplitterContract

COUNT = itertools.count()


class Swallowing(seodang.Splitter):
    """Loses the blanks between sentences."""

    name = "swallowing"

    def split(self, text):
        return [part.strip() for part in text.split(".")]


class TestSwallowing(SplitterContract):
    splitter = Swallowing
    breaks = {"test_it_loses_nothing", "test_it_splits_something"}


class Idle(seodang.Splitter):
    """Never splits."""

    name = "idle"

    def split(self, text):
        return [text] if text else []


class TestIdle(SplitterContract):
    splitter = Idle
    breaks = {"test_it_splits_something"}


class Restless(seodang.Splitter):
    """Splits somewhere else each time."""

    name = "restless"

    def split(self, text):
        place = next(COUNT) % 7 + 1
        return [part for part in (text[:place], text[place:]) if part]


class TestRestless(SplitterContract):
    splitter = Restless
    breaks = {"test_it_splits_the_same_way_again"}


class Empty(seodang.Locale):
    """Has no texts, a pattern that is none, a limit below nothing, and another name than its language."""

    name = "xx"
    language = "Klingon"
    patterns = {"open": "("}
    limits = {"longest": -1}
    polite_levels = ("batlh",)

    def normal(self, text):
        return text + " "

    def sentences(self, text):
        return text.split(".")

    def similarity_tokens(self, text):
        return text.split(" ")

    def is_written_in(self, text):
        """Goes over a long row of one letter again and again, but not until tomorrow."""
        begun = process_time()
        while text.startswith("a" * 10_000) and process_time() - begun < 2.1:
            pass
        return True

    def number(self, value):
        return "many"

    def particle(self, word, choice):
        return choice.partition("/")[0]


class TestEmpty(LocaleContract):
    """That a locale with all texts but one fails that one test is seen where there are such locales, in `tests/test_locales.py`."""

    locale = Empty
    breaks = {name for name in vars(LocaleContract) if name.startswith("test_")}


@seodang.hookimpl
def register_splitters(register):
    for splitter in (Swallowing, Idle, Restless):
        register(splitter)


@seodang.hookimpl
def register_locales(register):
    register(Empty)
