"""The chat page in a real browser: models side by side, pieces as they come, keys, and texts that would like to be scripts."""

from __future__ import annotations

import asyncio

import pytest
import seodang
from aiohttp import web
from chromium import PROGRAM, browser
from seodang_serve.app import Chat
from seodang_serve.chat_page import chat_page
from seodang_serve.guarding import Door

pytestmark = pytest.mark.skipif(not PROGRAM, reason="Chromium is not installed")

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script></script>{nonce}"


class Parrot:
    """Says what it hears, in two pieces; asked for silence it says nothing until nobody listens."""

    sample = 0

    def __init__(self, name):
        self.name, self.heard, self.left = name, [], False

    async def answer(self, request, hear):
        self.heard.append([message.text for message in request.messages])
        said = f"{self.name}: {request.messages[-1].text}"
        while "기다려" in said and not self.left:
            await asyncio.sleep(0.02)
            self.left = not hear(".")
        hear(said[:6])
        hear(said[6:])
        return seodang.Answer(message=seodang.Message("assistant", said), finish="length")


def chatted(story, *, token=""):
    """A story with a tab, over three parrots."""
    parrots = {name: Parrot(name) for name in ("student", "base", "teacher")}

    async def whole():
        door = Door(token=token)
        chat = Chat(parrots, page=chat_page(list(parrots), moderated=True, marked=False), most=64)
        runner = web.AppRunner(chat.app(door), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, door.host, 0).start()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            async with browser() as tab:
                await tab.open(address + (f"#{token}" if token else ""))
                found = await story(tab)
                assert all(each.startswith((address, "data:")) for each in tab.requests), tab.requests
                return found, tab.errors, tab.dialogs
        finally:
            await runner.cleanup()

    found, errors, dialogs = asyncio.run(whole())
    assert not errors and not dialogs
    return found, parrots


async def say(tab, text):
    await tab.evaluate("at('question').focus()")
    await tab.call("Input.insertText", text=text)
    await tab.press("Enter", "Enter")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_three_models_answer_side_by_side_and_by_keyboard(language, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)

    async def story(tab):
        measures = await tab.evaluate("at('measures').textContent")
        await say(tab, f"첫째 {HOSTILE}")
        await tab.until("stopping === null && document.querySelectorAll('.card').length === 3")
        asked = await tab.evaluate("document.querySelector('.asked').textContent")
        texts = await tab.evaluate("[...document.querySelectorAll('.card .text')].map(each => each.textContent)")
        heads = await tab.evaluate("[...document.querySelectorAll('.card .quiet')].map(each => each.textContent)")
        await say(tab, "둘째")
        await tab.until("stopping === null && document.querySelectorAll('.card').length === 6")
        markup = await tab.evaluate("document.querySelectorAll('main img, main script').length")
        await tab.call("Input.dispatchKeyEvent", type="keyDown", key="ㅜ", code="KeyN", modifiers=1)
        await tab.until("document.querySelectorAll('.card').length === 0")
        return asked, heads, measures, texts, markup

    (asked, heads, measures, texts, markup), parrots = chatted(story)
    korean = language == "ko"
    cut = "길이 제한으로 잘림" if korean else "cut at the limit"
    assert heads == [f"{name} · {cut}" for name in (("학생", "기반 모델", "교사") if korean else parrots)]
    assert measures == ("질문과 답에 유해성 판정을 합니다." if korean else "Questions and answers are moderated.")
    assert asked == f"첫째 {HOSTILE}"
    assert texts == [f"{name}: {asked}" for name in parrots] and markup == 0, "shown as it is, and run by nobody"
    for name, parrot in parrots.items():
        assert parrot.heard[1] == [f"첫째 {HOSTILE}", f"{name}: 첫째 {HOSTILE}", "둘째"], "each goes on from its own words"


def test_escape_stops_all_and_a_token_opens_the_door(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    async def story(tab):
        await say(tab, "기다려")
        await tab.until("document.querySelectorAll('.card .text')[2].textContent.includes('.')")
        await tab.press("Escape", "Escape")
        await tab.until("stopping === null")
        return await tab.evaluate("at('state').textContent")

    state, parrots = chatted(story, token="sesame")
    assert state == "Shift+Enter begins a new line."
    assert all(parrot.left for parrot in parrots.values()), "nobody talks to the wall"
