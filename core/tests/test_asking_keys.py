import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.asking.keys import request_key

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import Scripted, request


def scripted(**options):
    return Scripted(msgspec.convert(options, Scripted.Options))


def key(teacher=None, asked=None, plugin="seodang-x:scripted"):
    return request_key(plugin, teacher or scripted(), asked or request("안녕?"))[0]


def test_the_key_is_the_sha256_of_canonical_json_that_one_can_read():
    digest, canonical = request_key("seodang-x:scripted", scripted(model="m"), request("안녕?", max_tokens=5))
    assert digest == hashlib.sha256(canonical).digest()
    assert json.loads(canonical) == {
        "identity": "scripted",
        "options": {"model": "m", "temperature": 0.7},
        "plugin": "seodang-x:scripted",
        "request": {"max_tokens": 5, "messages": [{"role": "user", "text": "안녕?"}]},
    }
    assert canonical == json.dumps(json.loads(canonical), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("changed", [{"in_flight": 64}, {"api_base": "http://elsewhere"}, {"weights": "/another/place.gguf"}])
def test_how_a_question_travels_is_not_part_of_its_key(changed):
    assert key(scripted(**changed)) == key()


@pytest.mark.parametrize("changed", [{"model": "m"}, {"temperature": 0.0}, {"temperature": 1.0}, {"system": "정중하게"}])
def test_what_may_change_the_answer_is_part_of_its_key(changed):
    assert key(scripted(**changed)) != key()


def test_everything_in_a_request_is_part_of_its_key():
    changes = {
        "sample": 1, "max_tokens": 5, "temperature": 0.0, "stop": ("\n",), "schema": {"type": "object"},
        "tools": ({"name": "t"},), "extra": {"seed": 1},
    }  # fmt: skip
    asked = [request("안녕?"), request("안녕!"), seodang.Request(messages=(seodang.Message("system", "안녕?"),))]
    asked += [request("안녕?", **{name: value}) for name, value in changes.items()]
    assert {"messages", *changes} == set(seodang.Request.__struct_fields__), "a new field needs a line here"
    assert len({key(asked=one) for one in asked}) == len(asked)
    assert key(plugin="seodang-y:scripted") != key()


def test_whose_answers_they_are_is_part_of_the_key():
    class Elsewhere(Scripted):
        identity = "vllm/llama"

    assert key(Elsewhere()) != key()


def test_the_order_of_what_has_no_order_changes_nothing():
    assert key(asked=request("a", extra={"x": 1, "y": 2})) == key(asked=request("a", extra={"y": 2, "x": 1}))


def test_an_option_that_a_later_version_adds_buys_nothing_again():
    class Later(Scripted):
        class Options(msgspec.Struct, frozen=True, kw_only=True):
            in_flight: Annotated[int, msgspec.Meta(extra=seodang.CONDUCT)] = 8
            model: str = ""
            temperature: float = 0.7
            system: str | None = None
            thinking: bool = False
            stops: tuple[str, ...] = ()

    assert key(Later()) == key()
    assert key(Later(Later.Options(thinking=True))) != key()


def test_unset_and_empty_are_not_the_same():
    assert key(scripted(system="")) != key(scripted(system=None))
    assert len({key(scripted(temperature=value)) for value in (0.0, 0.7, 1.0)}) == 3


def test_composed_and_decomposed_hangul_are_one_question():
    assert key(asked=request("\u1112\u1161\u11ab")) == key(asked=request("한"))


def test_an_option_without_a_default_is_always_part_of_the_key():
    class Required(Scripted):
        class Options(msgspec.Struct, frozen=True, kw_only=True):
            model: str

    assert key(Required(Required.Options(model=""))) != key(Required(Required.Options(model="m")))


def test_the_revision_of_what_an_option_names_is_part_of_the_key_from_the_second_on():
    """A template that writes conversations differently makes other answers. The first revision is what keys were made without."""
    plain, first, second = Scripted(), Scripted(), Scripted()
    first.named, second.named = {"template": [1]}, {"template": [2]}
    assert request_key("p:t", first, request("q")) == request_key("p:t", plain, request("q"))
    assert request_key("p:t", second, request("q")) != request_key("p:t", plain, request("q"))
    assert json.loads(request_key("p:t", second, request("q"))[1])["options"]["template revision"] == [2]
