"""The pages that people use, in a real browser: keys, progress, resuming, and texts that would like to be scripts."""

from __future__ import annotations

import asyncio
import json

import pytest
from chromium import PROGRAM, browser
from seodang.records import single_turn
from seodang.serving.decisions import read_decisions
from seodang.serving.page_server import PageServer
from seodang.serving.review import Review
from seodang_bench.blind import Blind, Item, read_votes

pytestmark = pytest.mark.skipif(not PROGRAM, reason="Chromium is not installed")

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
ITEMS = [Item(f"q{number}", f"질문 {number} {HOSTILE}", f"첫째의 답 {number}", f"둘째의 답 {HOSTILE}") for number in range(3)]


def test_people_compare_blind_by_keyboard_and_go_on_another_day(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")

    async def rate(server, votes: int):
        async with browser() as tab:
            await tab.open(server.address)
            await tab.evaluate("at('name').value = '가나'; at('who').requestSubmit()")
            await tab.until("!at('pair').hidden")
            assert "첫째의 답" in await tab.evaluate("at('left').textContent + at('right').textContent")
            assert HOSTILE in await tab.evaluate("at('question').textContent"), "shown as it is, and run by nobody"
            for _ in range(votes):
                before = await tab.evaluate("at('progress').textContent")
                side = await tab.evaluate("at('left').textContent.startsWith('첫째') ? 'ArrowLeft' : 'ArrowRight'")
                await tab.press(side, side)
                await tab.until(f"at('progress').textContent !== {json.dumps(before)}")
            if votes == 2:
                for place in (1, 0, 0):
                    await tab.press("b", "KeyB")
                    await tab.until(f"current.item.id === {json.dumps(blind.order('가나')[place])}")
            await tab.picture(tmp_path / f"{votes}.png")
            end = await tab.evaluate("[at('progress').textContent, at('end').hidden, at('end').textContent]")
            return end, tab.requests, tab.errors, tab.dialogs

    for votes, expected in ((2, ["3개 가운데 2개", True]), (1, ["3개 가운데 3개", False])):
        blind = Blind(ITEMS, tmp_path / "votes.jsonl")
        with PageServer(blind.page(), blind.verbs()) as server:
            end, requests, errors, dialogs = asyncio.run(rate(server, votes))
        assert end[:2] == expected and not errors and not dialogs
        assert all(request.startswith((server.address, "data:")) for request in requests), requests
    found = read_votes(tmp_path / "votes.jsonl")
    assert [vote.better for vote in found] == ["a"] * 3 and {vote.rater for vote in found} == {"가나"}


def test_rows_are_reviewed_by_keyboard_also_with_a_korean_keyboard(tmp_path):
    rows = [single_turn(f"질문 {number}\r\n{HOSTILE}", f"답 {number}", id=f"r{number}", language="ko") for number in range(3)]
    review = Review(rows, tmp_path / "reviewed.jsonl")

    async def go_through(address):
        async with browser() as tab:
            await tab.open(address)
            await tab.until("at('turns').textContent.includes('질문 0')")
            await tab.picture(tmp_path / "review.png")
            await tab.press("ㅏ", "KeyK")
            await tab.until("at('turns').textContent.includes('질문 1')")
            await tab.press("d", "KeyD")
            await tab.until("at('turns').textContent.includes('질문 2')")
            await tab.press("e", "KeyE")
            await tab.until("!at('form').hidden")
            await tab.evaluate("at('edit-answer').value = '고친 답'; save()")
            await tab.until("!at('end').hidden")
            return tab.errors, tab.dialogs

    with PageServer(review.page("살펴보기"), review.verbs()) as server:
        assert asyncio.run(go_through(server.address)) == ([], [])
    decided = {
        name: (one.decision, one.question, one.answer) for name, one in read_decisions(tmp_path / "reviewed.jsonl").items()
    }
    edited = ("edit", None, "고친 답")
    assert decided == {"r0": ("keep", None, None), "r1": ("drop", None, None), "r2": edited}, (
        "a line end of another kind is no edit"
    )
