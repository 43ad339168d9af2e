"""The shipped recipe of Korean filters: begun, run, and looked at, offline."""

from __future__ import annotations

import json

import pytest

CAUGHT = {
    "format": {"open-code-fence": "파이썬으로 인사말을"},
    "answer-fit": {"answers-another": "토마토를 집에서"},
    "language": {"wrong-language": "봄에 어울리는"},
    "length": {"instruction-too-short": "왜?"},
    "keywords": {"unsuitable": "다음 그림을 보고"},
    "refusals": {"self-reference": "오늘 서울의 미세먼지"},
    "repetition": {"endless-loop": "숙면에 좋은 습관"},
    "leftovers": {"pronoun-you": "건강을 지키는 습관"},
    "spacing": {"no-blanks": "공원에서 할 수 있는"},
    "speech-level": {"banmal-to-user": "라면을 맛있게"},
    "contradictions": {"answer-repeats-question": "세종대왕이 훈민정음을"},
    "duplicates": {"near-duplicate": "온돌을 설명해 주세요!"},
    "novelty": {"too-similar": "초등학생 아이에게"},
    "decontaminate": {"contaminated": "한 농부가 사과나무"},
}
CHANGED = {"format": 1, "pii": 1, "josa": 2}
"""One of the two is the particle behind a mask: 〈library@example.com으로〉 has become 〈<전자우편_1>로〉."""


@pytest.fixture
def run(shell):
    begun = shell("init", "begun", "--recipe", "korean-filters")
    assert begun.code == 0 and begun.out.startswith("begun holds recipe.toml, exam.jsonl, rows.jsonl.\n"), begun.err
    assert "requires" not in begun.out, "nothing is missing"
    done = shell("run", "begun/recipe.toml", "--run-dir", "run", "--quiet")
    assert done.code == 0, done.err
    return "run"


def test_each_filter_catches_what_waits_for_it_and_nothing_else(shell, run):
    steps = {step["name"]: step for step in shell.json("show", run)["steps"]}
    assert {name: list(step["dropped"]) for name, step in steps.items() if step["dropped"]} == {
        name: list(codes) for name, codes in CAUGHT.items()
    }
    assert {name: step["rows"]["changed"] for name, step in steps.items() if name in CHANGED} == CHANGED
    for name, codes in CAUGHT.items():
        lines = [json.loads(line) for line in shell("show", run, name, "--dropped", "--json").out.splitlines()]
        assert any(text in lines[0]["record"]["messages"][0]["text"] for text in codes.values()), name


def test_what_was_mended_or_masked_reads_well(shell, run):
    texts = [
        json.loads(line)["messages"][1]["text"]
        for line in shell("show", run, "decontaminate", "--rows", "0", "--json").out.splitlines()
    ]
    assert any(text.startswith("사과를 하나씩") for text in texts), "josa was mended"
    assert not any("010-1234" in text or "@example" in text for text in texts), "personal data is masked"
    assert not any("\u200b" in text for text in texts)
    assert any(text.startswith("좋은 지도자는") for text in texts), "지도 is not 지도자"


def test_collisions_are_shown_side_by_side(shell, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    said = shell("show", run, "duplicates", "--dropped").out
    assert "(kept in duplicates):\n" in said and said.count("온돌") >= 3
    said = shell("show", run, "decontaminate", "--dropped").out
    assert "collided with" in said and said.count("사과나무 스물네 그루") == 2
