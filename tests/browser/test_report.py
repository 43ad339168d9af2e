"""The report in a real browser: it asks nobody for anything, runs nothing of what stands in the rows, and can be read on a phone."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path

import msgspec
import pytest
import seodang
from chromium import PROGRAM, browser
from seodang.reports import page
from seodang.reports.data_path import Leaving, Stop, data_path
from seodang.reports.drawing import Bar, Line, bars, curve, lines
from seodang.reports.plane import Axis, Point, plane
from seodang.reports.report import write_report
from seodang.testing.recipes import run_in
from seodang.wording import printable

pytestmark = pytest.mark.skipif(not PROGRAM, reason="Chromium is not installed")

HOSTILE = tomllib.loads((Path(__file__).parent / "hostile.toml").read_text(encoding="utf-8"))["texts"]
NAME = "한국어로 된 아주 긴 단계의 이름인데 그림 안에 다 들어가지 않는 이름"
LONG = [f"{text} {NAME}" for text in HOSTILE[:12]]
EACH, REASONS = 3, 20
RECIPE = """[recipe]
name = "hostile"
language = "ko"
[[step]]
seeds = "hostile"
[[step]]
filter = "sorting"
name = "first"
[[step]]
filter = "sorting"
name = "second"
"""
ELEMENTS = """[...new Set([...document.querySelectorAll('body *')].map(one => one.localName))]"""
HANDLERS = """[...document.querySelectorAll('*')].flatMap(one => [...one.attributes].map(it => it.name)).filter(
    name => name.startsWith('on') || ['src', 'action', 'srcset', 'srcdoc', 'xlink:href'].includes(name))"""
SPILLED = """[...document.querySelectorAll('svg')].flatMap(svg => {
    const room = svg.viewBox.baseVal, told = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBBox()]);
    const out = told.filter(([, box]) => box.x < -1 || box.x + box.width > room.width + 1 || box.y + box.height > room.height + 4);
    const over = told.filter(([, one], place) => told.slice(place + 1).some(([, two]) =>
        one.x + 1 < two.x + two.width && two.x + 1 < one.x + one.width && one.y + 4 < two.y + two.height && two.y + 4 < one.y + one.height));
    return [...out, ...over].map(([text]) => text);
})"""


WORDS = (
    "document.body.innerText",
    "document.documentElement.lang + (document.querySelector('h2')?.innerText ?? '')",
    "document.title",
)
FORBIDDEN = {
    "script",
    "img",
    "iframe",
    "object",
    "embed",
    "form",
    "link",
    "style",
    "foreignObject",
    "use",
    "image",
    "a",
    "base",
    "meta",
}


class Hostile(seodang.Seeds):
    name = "hostile"

    def read(self, context):
        for text in HOSTILE:
            yield seodang.single_turn(f"{text} ", f"답 {text}", language="ko")


class Sorting(seodang.Filter):
    """Leaves out so many rows for so many reasons that the report shows each of them; the last few go through."""

    name = "sorting"
    whole = True

    def sift(self, records, context):
        most = min(EACH * REASONS, len(records) - EACH)
        for place, record in enumerate(records):
            if place >= most:
                yield seodang.Keep()
            else:
                yield seodang.Drop(f"reason-{place // EACH}", record.question, other=record.question)


class Offering:
    @seodang.hookimpl
    def register_seeds(self, register):
        register(Hostile)

    @seodang.hookimpl
    def register_filters(self, register):
        register(Sorting)


class Looked(msgspec.Struct):
    """What a browser found in a page, and what it did because of it."""

    elements: list[str]
    handlers: list[str]
    spilled: list[str]
    words: str
    heading: str
    title: str
    widths: list[int]
    requests: list[str]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """The report of a run with the hostile rows in both languages, and a page of pictures with hostile and overlong names."""
    home = tmp_path_factory.mktemp("hostile")
    done = run_in(home, RECIPE, plugins=[Offering()], run_directory=home / "<img src=x onerror=alert(1)>")
    assert done.ok, done.error
    places = {"pictures": home / "pictures.html"}
    places["pictures"].write_text(page.page("ko", LONG[0], _pictures()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for language in ("ko", "en"):
            patch.setenv("SEODANG_LANGUAGE", language)
            places[language] = write_report([done.run], home / f"{language}.html")
    return places


@pytest.fixture(scope="module")
def looked(pages) -> dict[str, Looked]:
    async def look() -> dict[str, Looked]:
        found = {}
        async with browser() as tab:
            for name, place in pages.items():
                before = len(tab.requests)
                await tab.open(place.as_uri())
                await tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                told = [await tab.evaluate(what) for what in (ELEMENTS, HANDLERS, SPILLED, *WORDS)]
                await tab.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
                widths = await tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
                await tab.call("Emulation.clearDeviceMetricsOverride")
                found[name] = Looked(*told, widths, tab.requests[before:])
            assert not tab.errors and not tab.dialogs
        return found

    return asyncio.run(look())


def test_a_hundred_hostile_texts_are_shown_and_nothing_else_happens(pages, looked):
    assert len(set(HOSTILE)) >= 100
    for name in ("ko", "en"):
        found = looked[name]
        assert [request for request in found.requests if not request.startswith("data:,")] == [pages[name].as_uri()]
        assert not FORBIDDEN & set(found.elements) and not found.handlers and not found.spilled
        squeezed = "".join(found.words.split())
        missing = [text for text in HOSTILE if "".join(printable(text).split()) not in squeezed]
        assert not missing, missing
    assert looked["ko"].heading == "ko데이터가 지나온 길" and looked["en"].heading == "enThe path of the data"


def test_names_of_any_length_stay_within_their_pictures_and_the_page_within_a_phone(pages, looked):
    found = looked["pictures"]
    assert not found.spilled, json.dumps(found.spilled, ensure_ascii=False)
    assert not FORBIDDEN & set(found.elements) and found.elements.count("svg") == 1 and found.title == LONG[0]
    assert [request for request in found.requests if not request.startswith("data:,")] == [pages["pictures"].as_uri()]
    for name, one in looked.items():
        wide, phone = one.widths
        assert wide <= phone == 390, f"{name}: wide tables and pictures scroll by themselves"


def _pictures() -> list[str]:
    leaving = tuple(Leaving(name, 1_000 - place, "dropped") for place, name in enumerate(LONG))
    stops = [Stop(NAME, NAME, 50_000, 40_000, leaving), *(Stop(name, name, 40_000, 3, leaving[:1]) for name in LONG)]
    axis = Axis(0.5, 0.4, 0.6)
    drawn = [
        data_path(stops, fates={"dropped": "탈락", "quarantined": "격리"}),
        bars([(name, [Bar(name, 0.4, 0.3, 0.5), Bar(NAME, 7.3, text="7.3 " + NAME), Bar("–", -0.2)]) for name in LONG]),
        curve([(1, 3.0), (2, 1.0)], beside=[(1, 3.1), (2, 2.0)], names=(NAME[:12], NAME[:12]), label="<b>"),
        lines([(name, [Line(NAME, (0.1, 0.9)), Line("둘째", (0.2, 0.3))]) for name in LONG], ["0-shot", "5-shot"]),
        lines([(name, [Line(f"{place} {name}", (0.1, 0.1)) for place in range(11)]) for name in LONG[:2]], ["0-shot", "5-shot"]),
        plane([Point(name, axis, axis, moved=place > 0) for place, name in enumerate(LONG)], "실력", "말투"),
    ]
    table = page.table([NAME] * 8, [[name] * 8 for name in LONG], right=(1, 2))
    return [*map(page.picture, drawn), page.section(NAME, table, page.folded(LONG[1], table))]
