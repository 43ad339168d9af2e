"""Blind comparison: sides and orders are drawn, votes survive, and what they come to."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from seodang.errors import DataError
from seodang_bench.blind import Blind, Item, Vote, read_votes, standing
from seodang_bench.commandline import command

ITEMS = [Item(f"q{number}", f"질문 {number}", f"a{number}", f"b{number}") for number in range(40)]


@pytest.fixture
def blind(tmp_path):
    return Blind(ITEMS, tmp_path / "votes.jsonl")


def test_sides_and_orders_are_drawn_for_every_rater_and_stay(blind, tmp_path):
    lefts = {rater: [blind._left(rater, item.id) for item in ITEMS] for rater in ("가", "나")}
    assert lefts["가"] != lefts["나"] and 8 < lefts["가"].count("a") < 32
    assert blind.order("가") != blind.order("나") and sorted(blind.order("가")) == sorted(item.id for item in ITEMS)
    assert Blind(ITEMS, tmp_path / "votes.jsonl").order("가") == blind.order("가")


def test_a_vote_means_the_system_that_stood_there(blind, tmp_path):
    told = blind.begin({"rater": " 가 나 "})
    for _ in ITEMS:
        side = "left" if told["item"]["left"].startswith("a") else "right"
        told = blind.vote({"rater": "가 나", "item": told["item"]["id"], "vote": side})
    assert told["item"] is None and told["voted"] == 40
    assert {vote.better for vote in read_votes(tmp_path / "votes.jsonl")} == {"a"}
    told = blind.back({"rater": "가 나"})
    last = told["item"]["id"]
    blind.vote({"rater": "가 나", "item": last, "vote": "tie"})
    found = standing(read_votes(tmp_path / "votes.jsonl"))
    assert (found.wins_a, found.wins_b, found.ties, found.items) == (39, 0, 1, 40), "the last vote on a question counts"
    assert found.share == 39.5 / 40 and found.low <= found.share <= found.high


def test_agreement_is_krippendorffs():
    said = {"1": "aa", "2": "ab", "3": "bb", "4": "aa"}
    votes = [Vote(item, rater, "a", better) for item, both in said.items() for rater, better in zip("xy", both, strict=True)]
    found = standing(votes)
    # By hand: observed 2 of 8 ordered pairs differ; expected 5·3·2 of 8·7.
    assert found.agreement == 0.75 and found.alpha == pytest.approx(1 - (2 / 8) / (30 / 56))
    assert standing(votes[:1]).alpha is None


def test_a_torn_line_is_passed_over_and_a_wrong_one_is_told(blind, tmp_path):
    path = tmp_path / "votes.jsonl"
    blind.vote({"rater": "가", "item": "q1", "vote": "left"})
    path.write_bytes(path.read_bytes() + b'{"item": "q')
    assert len(read_votes(path)) == 1
    again = Blind(ITEMS, path)
    again.vote({"rater": "가", "item": "q2", "vote": "left"})
    with pytest.raises(DataError, match=r"line 2|2번째 줄"):
        read_votes(path)


@pytest.mark.parametrize("wrong", [{"rater": " "}, {"item": "none"}, {"vote": "up"}])
def test_rubbish_changes_nothing(blind, tmp_path, wrong):
    with pytest.raises((ValueError, KeyError)):
        blind.vote({"rater": "가", "item": "q1", "vote": "left"} | wrong)
    assert not (tmp_path / "votes.jsonl").exists()


def test_the_command_shows_the_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps([{"instruction": "?", "output": name}]), encoding="utf-8")
    votes = tmp_path / "votes.jsonl"
    votes.write_text('{"item": "1", "rater": "가", "left": "a", "better": "a"}\n', encoding="utf-8")
    done = CliRunner().invoke(
        command, ["ab", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--votes", str(votes), "--figures"]
    )
    assert done.exit_code == 0 and "a.json 1승, b.json 0승, 무승부 0" in done.output


def test_answers_of_files_are_put_side_by_side(tmp_path):
    from seodang_bench.blind_items import items_of

    for name in ("a", "b"):
        rows = [{"instruction": f"질문 {number}", "output": f"{name}{number}"} for number in range(3)]
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    items = items_of(
        tmp_path / "a.json", tmp_path / "b.json", work=tmp_path / "work", questions=None, limit=2, max_tokens=10, language="ko"
    )
    assert [(item.question, item.a, item.b) for item in items] == [("질문 0", "a0", "b0"), ("질문 1", "a1", "b1")]
