"""Filters that say too little or too much of themselves, and the tests of every contract that notice it."""

from typing import Annotated

import kss
import msgspec
import seodang
from seodang.testing import FilterContract


class Plain(seodang.Filter):
    """Keeps everything."""

    name = "plain"

    def sift(self, records, context):
        return [seodang.Keep() for _ in records]


class TestNothing(FilterContract):
    """Does not say which filter it is for."""

    breaks = "all"


class TestPlain(FilterContract):
    """Its module imports a library at once; a small stand-in for it lies beside."""

    filter = Plain
    breaks = {"test_importing_it_is_light", "test_its_hooks_are_plain_functions"}


class Undocumented(Plain):
    """An option without help, which can be changed, and which belongs to the recipe."""

    name = "Not A Name"

    class Options(msgspec.Struct, kw_only=True):
        teacher: str = "openai"


class TestUndocumented(FilterContract):
    filter = Undocumented
    breaks = {"test_it_says_what_it_is", "test_importing_it_is_light", "test_its_hooks_are_plain_functions"}


class Outside(Plain):
    """A default that the option's own rule forbids."""

    name = "outside"

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        share: Annotated[float, msgspec.Meta(ge=0, le=1, description="Which part to keep.")] = 70


class TestOutside(FilterContract):
    filter = Outside
    breaks = {"test_it_says_what_it_is", "test_importing_it_is_light", "test_its_hooks_are_plain_functions"}


class Chatty(Plain):
    """Declares an address where a host is wanted, and letters where texts are."""

    name = "chatty"
    network = ("https://api.example.org/v1",)
    terms = "CC0-1.0"


class TestChatty(FilterContract):
    filter = Chatty
    breaks = {
        "test_its_declarations_can_be_read_before_anything_runs",
        "test_importing_it_is_light",
        "test_its_hooks_are_plain_functions",
    }


@seodang.hookimpl
def register_filters(register, again=kss.AGAIN):
    for cls in (Plain, Undocumented, Outside, Chatty):
        register(cls)
