"""A recipe's text with other values: everything that people wrote around them stays, and a change that cannot be made is told."""

import tomllib

import pytest
from seodang.errors import DataError
from seodang.fetching.places import Places
from seodang.fetching.rewriting import rewritten

TEXT = """# head
[recipe]
name = "mine"   # the name

[teachers.gpt]
use = "openai"
model = "a"

[students]
base = { use = "local", path = 'here' }   # inline

[[step]]
seeds = "rows"
paths = [ "a", # one
  "b" ]   # and two

[[step]]
name = "v1.1"
train = "sft"
lora = { rank = 4 }

[scales.toy]
"v1.1".model = ""   # scratch
teachers.gpt.model = "toy"

[[scales.toy.step]]
seeds = "few"
path = "few.jsonl"
"""


@pytest.mark.parametrize(
    ("way", "value", "line"),
    [
        (("recipe", "name"), "가 \"나\" \\ 다", 'name = "가 \\"나\\" \\\\ 다"  # the name'),
        (("teachers", "gpt", "model"), "./models/a", 'model = "./models/a"'),
        (("students", "base", "path"), "./b", 'base = { use = "local", path = "./b" }  # inline'),
        (("step", 0, "paths"), ["c"], 'paths = ["c"]  # and two'),
        (("step", 1, "lora", "rank"), 8, "lora = { rank = 8 }"),
        (("step", 1, "packing"), True, "packing = true"),
        (("scales", "toy", "v1.1", "model"), "./c", '"v1.1".model = "./c"  # scratch'),
        (("scales", "toy", "step", 0, "path"), "files/few.jsonl", 'path = "files/few.jsonl"'),
    ],
)  # fmt: skip
def test_one_value_changes_and_the_rest_stays_as_it_was_written(way, value, line):
    changed = rewritten(TEXT, {way: value})
    before, after = TEXT.splitlines(), changed.splitlines()
    assert line in after
    kept = [one for one in after if one != line]
    assert [one for one in before if one in kept] == kept and len(before) - len(kept) in (0, 1, 2)
    found = tomllib.loads(changed)
    for key in way:
        found = found[key]
    assert found == value


def test_several_values_of_one_inline_table_change_together():
    changed = rewritten(TEXT, {("students", "base", "path"): "x", ("students", "base", "template"): "chat"})
    assert 'base = { use = "local", path = "x", template = "chat" }  # inline' in changed
    assert rewritten(TEXT, {}) == TEXT and rewritten(TEXT.replace("\n", "\r\n"), {("recipe", "name"): "b"}).count("\r") == 0


def test_a_change_for_which_there_is_no_place_is_told_and_not_guessed(monkeypatch):
    with pytest.raises(DataError) as told:
        rewritten("[scales.toy]\nsft.a = 1\n", {("scales", "toy", "sft", "b"): 2})
    assert told.value.code == "fetching.not-rewritten" and "scales.toy.sft.b" in str(told.value)


def test_the_way_to_an_option_is_that_of_the_value_that_counts():
    plain, toy = Places(TEXT), Places(TEXT, ["scale=toy"])
    assert plain.of_step(1)("model") == ("step", 1, "model")
    assert toy.of_step(2)("model") == ("scales", "toy", "v1.1", "model"), "the scale's own step comes first"
    assert toy.of_step(0)("path") == ("scales", "toy", "step", 0, "path")
    assert plain.of_role(1, "teachers", "gpt")("model") == ("teachers", "gpt", "model")
    assert toy.of_role(1, "teachers", "gpt")("model") == ("scales", "toy", "teachers", "gpt", "model")
    assert toy.of_role(2, "teachers", "openai")("temperature") == ("step", 1, "temperature")
    assert plain.of_setting("v1.1.lora.rank") == ("step", 1, "lora", "rank")
    assert plain.of_setting("teachers.gpt.model") == ("teachers", "gpt", "model")
    assert toy.of_setting("v1.1.model") == ("scales", "toy", "v1.1", "model")
