"""Riddles go all the way: translated, varied, sifted, learned, asked."""

import pytest
import seodang
import seodang_riddles
from seodang.testing import wire_server
from service import the_busy_service, the_service

RECIPE = """
[recipe]
name = "riddles"
language = "eo"
seed = 7

[[step]]
seeds = "riddles"

[[step]]
translate = "postbox"
base_url = "http://127.0.0.1:1"

[[step]]
teach = "riddle-variants"
teacher = "sphinx"
rounds = 1
draws = 20

[[step]]
filter = "same-riddle"

[[step]]
train = "riddle-index"

[[step]]
evaluate = "riddle-choice"
"""


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("RIDDLES_KEY", "a-key")


def at(service):
    return [f"postbox.base_url={service.url}"]


def test_riddles_become_a_student(run_recipe, key):
    with wire_server(the_service) as service:
        run = run_recipe(RECIPE, plugins=[seodang_riddles], settings=at(service))
        assert run.ok, run.error
        letters = service.counts().charged["letters"]

    assert len(run.records("riddles")) == 6
    translated = run.records("postbox")
    assert [record.language for record in translated] == ["eo"] * 6
    assert all(message.text.startswith("(eo) ") for record in translated for message in record.messages)
    assert letters == sum(len(message.text) for record in run.records("riddles") for message in record.messages)

    variants = run.manifest("riddle-variants")
    assert variants.rows["made"] == 20 and variants.rows["used"] + variants.rows["dropped"] == 6
    sifted = run.manifest("same-riddle")
    assert sifted.rows["kept"] + sifted.dropped["told-before"] == 20
    assert sifted.dropped["told-before"] > 0
    assert run.manifest("riddle-index").figures == {"riddles": sifted.rows["kept"]}
    assert len(run.lines("riddle-choice", "items.jsonl")) == 3


def test_a_busy_service_is_asked_again(run_recipe, key):
    with wire_server(the_busy_service) as service:
        run = run_recipe(RECIPE, plugins=[seodang_riddles], settings=at(service), until="postbox")
        counts = service.counts()
    assert run.ok, run.error
    assert counts.statuses == {"429": counts.payments, "200": counts.payments}


def test_the_same_run_again_posts_nothing(run_recipe, key):
    with wire_server(the_service) as service:
        first = run_recipe(RECIPE, plugins=[seodang_riddles], settings=at(service))
        payments = service.counts().payments
        again = run_recipe(RECIPE, plugins=[seodang_riddles], settings=at(service))
        assert service.counts().payments == payments
    assert again.records("same-riddle") == first.records("same-riddle")


def test_without_its_key_the_postbox_says_which_one(run_recipe, monkeypatch):
    monkeypatch.delenv("RIDDLES_KEY", raising=False)
    run = run_recipe(RECIPE, plugins=[seodang_riddles])
    assert run.exit_code == 5 and "RIDDLES_KEY" in str(run.error)


def test_secret_riddles_are_not_trained_on(run_recipe, key):
    with wire_server(the_service) as service:
        run = run_recipe(RECIPE, plugins=[seodang_riddles], settings=[*at(service), "riddles.secret=true"])
    assert run.exit_code == 3 and "the riddles are secret" in str(run.error)
    assert isinstance(run.error, seodang.StepError)


def test_my_own_riddles(run_recipe):
    files = {"mine.jsonl": '{"riddle": "What runs but never walks?"}\nno JSON\n{"answer": "A river."}\n'}
    run = run_recipe(
        '[recipe]\nname = "mine"\nlanguage = "en"\n[[step]]\nseeds = "riddles"\npath = "mine.jsonl"\n',
        plugins=[seodang_riddles],
        files=files,
        quarantine_limit=1.0,
    )
    assert run.ok, run.error
    assert [record.question for record in run.records("riddles")] == ["What runs but never walks?"]
    torn, without = run.lines("riddles", "quarantined.jsonl")
    assert torn["where"].startswith("mine.jsonl:2")
    assert (without["where"], without["code"]) == ("mine.jsonl:3", "no-riddle")
