"""The report is one page that loads nothing and runs nothing, whatever stands in the rows."""

from __future__ import annotations

import html.parser
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from seodang.reports import drawing
from seodang.reports.card import card
from seodang.reports.data_path import Leaving, Stop, data_path
from seodang.reports.report import write_report
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import school

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</style><svg onload=alert(1)>",
    "{{7*7}}",
]
RECIPE = """[recipe]
name = "<b>report</b>"
language = "ko"
[[step]]
seeds = "hostile"
[[step]]
filter = "ending"
letters = ">"
"""


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture
def run(tmp_path: Path):
    import seodang

    class Hostile(seodang.Seeds):
        name = "hostile"

        def read(self, context):
            for text in HOSTILE:
                yield seodang.single_turn(text, text)

    class Offering:
        @seodang.hookimpl
        def register_seeds(self, register):
            register(Hostile)

    done = run_in(tmp_path, RECIPE.replace("<b>report</b>", "report"), plugins=[school, Offering()])
    assert done.ok, done.error
    return done.run


def test_hostile_rows_stay_text(run: Path):
    page = write_report([run]).read_text(encoding="utf-8")
    found = Tags()
    found.feed(page)
    assert not found.tags & {"script", "img", "iframe", "object", "b"}
    assert not {name for name in found.attributes if name.startswith("on")}
    assert "default-src 'none'" in page and "http://" not in re.sub(r'xmlns="[^"]*"', "", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page, "the row is shown, as text"
    assert "disagreement" not in page and "ending" in page


def test_the_path_of_the_data_is_drawn_with_what_left_it(run: Path):
    page = write_report([run]).read_text(encoding="utf-8")
    assert ">ending 3<" in page and ">2<" in page


def test_what_leaves_has_the_colour_of_its_fate_and_the_breadth_of_its_rows():
    stop = Stop("lesson", "x:lesson", 100, 70, (Leaving("used", 20, "used"), Leaving("length", 10, "quarantined")))
    drawn = re.findall(r'<rect class="leave (\w+)" x="[^"]*" y="([^"]*)" width="[^"]*" height="([^"]*)"', data_path([stop]))
    (used, top, broad), (quarantined, below, narrow) = drawn
    assert (used, quarantined) == ("used", "quarantined")
    assert float(broad) == pytest.approx(2 * float(narrow), abs=0.2) and float(below) == pytest.approx(
        float(top) + float(broad), abs=0.2
    )


def test_as_many_left_out_rows_stand_beside_the_kept_ones_as_there_is_room(run: Path):
    """Three of one reason, when there is no other, and then none of them is folded away."""
    page = write_report([run]).read_text(encoding="utf-8")
    assert page.count('class="card kept"') == 2 and page.count('class="card left"') == 3
    assert page.count("<details>") == 2, "what it was made with, and the recipe"


def test_a_student_keeps_its_colour_and_names_of_many_stay_inside():
    group = [drawing.Line(f"student {number}", (0.5, 0.5), colour=number) for number in (3, 9)]
    picture = drawing.lines([("figure", group)], ["0-shot", "5-shot"])
    assert picture.count('class="line line3"') == 2 and picture.count('class="line line2 again"') == 2, "the line, and its name's"
    many = drawing.lines([("figure", [drawing.Line(f"name {number}", (0.0,)) for number in range(20)])], ["0-shot"])
    heights = sorted(float(y) for y in re.findall(r'y="([^"]*)" text-anchor="start">name', many))
    room = float(re.search(r'viewBox="0 0 860 (\d+)"', many)[1])
    assert len(heights) == 20 and heights[0] > 20 and heights[-1] < room
    assert min(below - above for above, below in pairwise(heights)) >= 13


def test_bars_show_their_interval_and_names_do_not_run_into_each_other():
    picture = drawing.bars([("a very long name of a score", [drawing.Bar("before", 0.0), drawing.Bar("after", 0.5, 0.4, 0.6)])])
    lines = [
        float(y)
        for y in re.findall(r'<text class="(?:strong|small)" x="[^"]*" y="([^"]*)" text-anchor="(?:start|end)">[a-z]', picture)
    ]
    assert len(lines) == len(set(lines)) == 3 and 'class="interval"' in picture
    assert "50.0 %" in picture


def test_a_curve_needs_two_points_and_leaves_out_what_is_no_number():
    assert drawing.curve([(1, 2.0)]) == ""
    assert "nan" not in drawing.curve([(1, 2.0), (2, float("nan")), (3, 1.0)])


def test_the_card_carries_counts_and_the_recipe(run: Path):
    text = card(run)
    assert text.startswith("---\nlanguage:\n- ko\nsize_categories:\n- n<1K\n") and "(ending 3)" in text
    assert 'filter = "ending"' in text


def test_the_loss_of_rows_set_apart_stands_beside_that_of_training():
    picture = drawing.curve([(1, 3.0), (2, 2.0), (3, 1.0)], beside=[(2, 4.0), (3, 1.5)], names=("loss", "<apart>"), label="steps")
    assert picture.count("<polyline") == 2 and picture.count("<circle") == 2 and "&lt;apart&gt;" in picture
    assert ">4.00<" in picture, "the scale holds both"
    assert drawing.curve([(step, 1.0 / step) for step in range(1, 2002)]).count(",") <= 410, "a long training is thinned"
    alone = drawing.curve([(1, 3.0), (2, 2.0)])
    assert alone.count("<polyline") == 1 and "<circle" not in alone
