"""The JSON Schema for editors says of recipes what the check says of them."""

import json
from typing import Annotated, Literal

import msgspec
import pytest
import seodang
from seodang.recipes.schema import json_schema


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: int


class Sieve(seodang.Filter):
    """Keeps what is good."""

    name = "sieve"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        level: Annotated[Literal["high", "low"], msgspec.Meta(description="How good.")]
        part: Annotated[Part | None, msgspec.Meta(description="A part.")] = None

    def sift(self, records, context): ...


class Gpt(seodang.Teacher):
    """Answers."""

    name = "gpt"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, msgspec.Meta(description="Which model.")]

    def answer(self, request, context): ...


class School:
    distribution = "seodang-school"

    @seodang.hookimpl
    def register_filters(self, register):
        register(Sieve)

    @seodang.hookimpl
    def register_teachers(self, register):
        register(Gpt)


@pytest.fixture
def schema(plugins):
    made = json_schema(plugins(School()))
    return json.loads(json.dumps(made))


def case_of(schema, plugin):
    cases = schema["properties"]["step"]["items"]["allOf"]
    return next(case["then"] for case in cases if case["if"]["properties"].get("filter") == {"const": plugin})


def test_a_step_has_the_options_of_its_plugin_and_no_others(schema):
    step = case_of(schema, "sieve")
    assert step["required"] == ["filter", "level"] and step["additionalProperties"] is False
    assert step["properties"]["level"] == {"enum": ["high", "low"], "description": "How good."}
    assert set(step["properties"]) == {"filter", "level", "part", "name", "only", "teacher", "judge", "model"}
    assert step["properties"]["filter"]["description"] == "Keeps what is good."
    assert case_of(schema, "seodang-school:sieve")["required"] == ["filter", "level"]


def test_what_is_nested_is_found_where_it_is_referred_to(schema):
    referred = {text.split('"')[0] for text in json.dumps(schema).split('"#/definitions/')[1:]}
    assert referred and referred <= set(schema["definitions"])


def test_the_head_and_named_teachers_are_described(schema):
    assert schema["properties"]["recipe"]["required"] == ["name", "language"]
    table = schema["properties"]["teachers"]["additionalProperties"]
    assert table["required"] == ["use"] and table["properties"]["use"]["enum"] == ["gpt", "seodang-school:gpt"]
    assert table["allOf"][0]["then"]["required"] == ["use", "model"]
