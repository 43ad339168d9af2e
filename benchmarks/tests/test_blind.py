"""Blind comparison: sides and orders are drawn, votes survive, and what they come to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from seodang.errors import DataError
from seodang_bench.blind import Blind, Item, Vote, read_votes, standing
from seodang_bench.commandline import command
from seodang_bench.commandline_blind import names_of

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


def test_who_goes_back_twice_is_two_questions_back(blind):
    told = blind.begin({"rater": "가"})
    seen = []
    for _ in range(3):
        seen.append(told["item"]["id"])
        told = blind.vote({"rater": "가", "item": seen[-1], "vote": "tie"})
    told = blind.back({"rater": "가", "item": told["item"]["id"]})
    assert told["item"]["id"] == seen[2]
    told = blind.back({"rater": "가", "item": seen[2]})
    assert told["item"]["id"] == seen[1]
    for _ in range(2):
        told = blind.back({"rater": "가", "item": told["item"]["id"]})
    assert told["item"]["id"] == seen[0], "there is nothing before the first"


@pytest.mark.parametrize(
    ("language", "answers", "systems"),
    [
        (
            "en",
            "votes.jsonl has votes on other answers to 'q1' than these. Votes on different answers cannot be counted together: name "
            "another file with --votes.",
            "votes.jsonl has votes on a, b, and these are b, a. Name another file with --votes, or the two as they were named before.",
        ),
        (
            "ko",
            "votes.jsonl에는 'q1' 질문에 대한 다른 답변의 표가 있습니다. 다른 답변의 표는 함께 셀 수 없으니 --votes로 다른 파일을 지정하세요.",
            "votes.jsonl에는 a, b에 대한 표가 있는데 지금 견주는 것은 b, a입니다. --votes로 다른 파일을 지정하거나, 둘을 전과 같은 이름과 "
            "차례로 적으세요.",
        ),
    ],
)
def test_votes_on_others_are_not_counted_in(blind, tmp_path, monkeypatch, language, answers, systems):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    path = tmp_path / "votes.jsonl"
    blind.vote({"rater": "가", "item": "q1", "vote": "left"})
    assert len(Blind(ITEMS[2:], path).votes) == 1, "a question that is not asked today is no trouble"
    with pytest.raises(DataError) as error:
        Blind([Item("q1", "질문 1", "another", "b1")], path)
    assert str(error.value).endswith(answers)
    with pytest.raises(DataError) as error:
        read_votes(path, ("b", "a"))
    assert str(error.value).endswith(systems)


def test_two_of_one_name_are_called_by_their_folders():
    assert names_of(Path("runs/a"), Path("runs/b")) == ("a", "b")
    assert names_of(Path("x/run"), Path("y/run")) == ("x/run", "y/run")


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
