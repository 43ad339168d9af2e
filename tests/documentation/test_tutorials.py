"""The tutorials are typed from beginning to end, in both languages; they say the same in both."""

from __future__ import annotations

import json
import re
import tomllib
import urllib.request
from pathlib import Path

import pytest
import seodang
from seodang.testing.wire_faults import Latency
from seodang_openai.mock import mock_openai

OPENAI = "127.0.0.1:8011"
PAIRS = {name: (f"{name}.md", f"{name}.ko.md") for name in ("tutorial-koalpaca", "tutorial-benchmarks")}


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_say_the_same(tutorial, name):
    english, korean = map(tutorial, PAIRS[name])
    assert english.shape == korean.shape
    assert [block[:2] for block in english.typed] == [block[:2] for block in korean.typed]
    assert [text for _, kind, text in english.typed if kind == "sh"] == [text for _, kind, text in korean.typed if kind == "sh"]


def test_both_readmes_lead_to_the_same_places(tutorial):
    english, korean = tutorial("../README.md"), tutorial("../README.ko.md")
    assert english.shape == korean.shape and english.shape.count("|") > 20
    links = [re.findall(r"\]\(([^)]+)\)", page.page)[1:] for page in (english, korean)]
    assert links[0] == [link.replace(".ko.md", ".md") for link in links[1]]


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.nightly), "ko"])
def test_from_posts_to_a_student(tutorial, reader, post, monkeypatch, language):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    page = tutorial(PAIRS["tutorial-koalpaca"][language == "ko"])

    def drops(address):
        told = post(address, "begin", None)
        while "종이 조명" not in told["row"]["turns"][0][1]:
            told = post(address, "skip", {"place": told["place"]})
        post(address, "decide", {"place": told["place"], "decision": "drop"})

    def talks(address):
        with urllib.request.urlopen(f"{address}v1/models", timeout=30) as response:
            assert {one["id"] for one in json.load(response)["data"]} == {"base", "student"}
        asked = {"model": "student", "messages": [{"role": "user", "content": "장독대?"}], "max_tokens": 4}
        assert post(address, "v1/chat/completions", asked)["choices"][0]["message"]["role"] == "assistant"

    visitors = {"somebody drops a row": drops, "somebody talks to the student": talks}
    with mock_openai(answers="koalpaca-v1.1", latency=Latency(0.1, 1.0)) as vendor:
        person = reader(Path.cwd(), {OPENAI: vendor.url.removeprefix("http://")}, visitors, lambda: vendor.counts().payments)
        person.follow(page)
        paid = vendor.counts().payments
    assert person.killed == 1 and person.commands >= 24 and person.shown > 50
    assert 7 <= paid <= 7 + 5, "seven questions, and what was under way when it was killed"
    run = seodang.open_run("runs/koalpaca-v1.1-toy")
    rows = list(run.records())
    assert len(rows) == 5 and not list(run.records("sft")), "a training leaves a student and no rows"
    assert [step for step, _, _ in run.origin(rows[0].id)][-1] == "decontaminate"


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.nightly), "ko"])
def test_two_models_are_measured_in_every_way(tutorial, reader, post, monkeypatch, language):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    page = tutorial(PAIRS["tutorial-benchmarks"][language == "ko"])
    (judge,) = (tomllib.loads(text)["answer"] for mark, _, text in page.blocks if mark == "write judge.toml")

    def votes(address):
        told = post(address, "begin", {"rater": "가"})
        while told["item"]:
            good = [side for side in ("left", "right") if told["item"][side].startswith(("서로", "하늘이", "안녕"))]
            side = good[0] if good else "tie"
            told = post(address, "vote", {"rater": "가", "item": told["item"]["id"], "vote": side})

    with mock_openai(answers=judge) as vendor:
        person = reader(Path.cwd(), {OPENAI: vendor.url.removeprefix("http://")}, {"somebody votes": votes}, lambda: 0)
        person.follow(page)
        assert vendor.counts().payments > 10
    assert person.commands >= 10 and person.shown > 22
    items = [json.loads(line) for line in Path("items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(items) == 2 * 2 * (3 + 3), "two models, no example and one, and what the page says of the file is there"
    assert {"gold", "prediction", "loglikelihoods"} <= items[0].keys()
