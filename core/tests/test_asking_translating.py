import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest
import seodang
from seodang.asking.translating import Desk as Asking
from seodang.errors import Interrupted, OutOfBudget
from seodang.ledger.money import Cap
from seodang.traffic.outage import Outage

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import live, spent_micro, totals_of

LINES = [seodang.Text(f"line {number}") for number in range(25)]
THROTTLED = seodang.Transient("slow down", throttled=True, retry_after=1.0, status=429)


class Desk(seodang.Translator):
    name = "desk"
    max_texts = 10
    max_bytes = 200
    latency = 0.2

    def __init__(self, *, breaks=(), refuses=(), bills=True):
        super().__init__()
        self.packs = []
        self.seen = Counter()
        self.breaks = list(breaks)
        self.refuses = set(refuses)
        self.bills = bills

    def price(self):
        return seodang.Price(currency="EUR", input_micro_per_million=20_000_000)

    async def translate(self, texts, context):
        said = [text.text for text in texts]
        self.packs.append(said)
        self.seen.update(said)
        await context.clock.sleep(self.latency)
        if self.breaks:
            raise self.breaks.pop(0)
        if self.refuses & set(said):
            raise seodang.Refused("not this", reason="http-400")
        return [
            seodang.Translation(
                f"{context.source_language}>{context.language} {text.before}{text.text}", billed=len(text.text) * self.bills
            )
            for text in texts
        ]


async def translated(room, texts, translator=None):
    """The translations of all the texts, handed in at once."""
    asking = Asking(
        translator or room.teacher, "test:desk",
        ledger=room.ledger, lane=room.lane, context_of=lambda language: room.context, stop=room.stop, step="translate",
    )  # fmt: skip
    try:
        outcomes = [asking.ask(text, room.context.source_language) for text in texts]
        asking.flush()
        return [await outcome for outcome in outcomes]
    finally:
        await asking.close()


async def texts_of(room, texts, translator=None):
    return [one.text for one in await translated(room, texts, translator)]


def expected(texts):
    return [f"en>ko {text.before}{text.text}" for text in texts]


def test_texts_are_packed_in_their_order_and_come_back_in_it(tmp_path):
    desk = Desk()
    assert live(tmp_path, desk, lambda room: texts_of(room, LINES)) == expected(LINES)
    assert desk.packs == [[text.text for text in LINES[start : start + 10]] for start in (0, 10, 20)]


def test_a_pack_has_at_most_the_bytes_that_the_translator_takes(tmp_path):
    class Quoting(Desk):
        def size(self, text):
            return 3 * len(text) + 2

    long = [seodang.Text("가" * 20 + str(number)) for number in range(7)]
    desk = Quoting()
    assert live(tmp_path, desk, lambda room: texts_of(room, long)) == expected(long)
    assert sorted(len(pack) for pack in desk.packs) == [1, 3, 3], "three of 65 fit into 200"


def test_a_text_that_is_too_long_for_any_pack_is_left_and_costs_nothing(tmp_path):
    desk = Desk()

    async def story(room):
        first, second = await translated(room, [seodang.Text("x" * 201), seodang.Text("short")])
        assert isinstance(first, seodang.Refused) and first.reason == "too-long" and first.detail == "201 > 200 bytes"
        assert second.text == "en>ko short"

    live(tmp_path, desk, story)
    assert desk.packs == [["short"]]


def test_equal_texts_are_sent_once_and_blank_ones_never(tmp_path):
    desk = Desk()
    texts = [
        seodang.Text("a"),
        seodang.Text(""),
        seodang.Text("b"),
        seodang.Text("a"),
        seodang.Text(" \n"),
        seodang.Text("a", "b"),
    ]
    assert live(tmp_path, desk, lambda room: texts_of(room, texts)) == ["en>ko a", "", "en>ko b", "en>ko a", " \n", "en>ko ba"]
    assert desk.packs == [["a", "b", "a"]], "what stands before a text may change its translation"
    assert live(tmp_path, Desk(), lambda room: texts_of(room, [seodang.Text("")])) == [""]


def test_a_paid_text_is_never_sent_again_in_whatever_company(tmp_path):
    live(tmp_path, Desk(), lambda room: texts_of(room, LINES))
    desk = Desk()
    mixed = [seodang.Text("new"), *reversed(LINES), seodang.Text("newer")]
    assert live(tmp_path, desk, lambda room: texts_of(room, mixed)) == expected(mixed)
    assert desk.packs == [["new", "newer"]]


def test_another_pair_of_languages_is_another_translation(tmp_path):
    live(tmp_path, Desk(), lambda room: texts_of(room, LINES[:2]))
    desk = Desk()

    def story(room):
        room.context.language = "ja"
        return texts_of(room, LINES[:2])

    assert live(tmp_path, desk, story) == ["en>ja line 0", "en>ja line 1"] and len(desk.packs) == 1


def test_the_bill_is_kept_by_text_and_in_the_translators_currency(tmp_path):
    live(tmp_path, Desk(), lambda room: texts_of(room, LINES[:10]))
    totals = totals_of(tmp_path)
    assert totals.answers == 10 and totals.total_micro("EUR") == 10 * len("line 0") * 20 and totals.settled_micro == {"EUR": 1200}
    assert spent_micro(tmp_path) == 0

    live(tmp_path, Desk(bills=False), lambda room: texts_of(room, LINES[:10]), name="uncounted.sqlite")
    totals = totals_of(tmp_path, "uncounted.sqlite")
    assert totals.settled_micro.get("EUR", 0) == 0 and totals.total_micro("EUR") == 1200, "what was not counted keeps its length"


def test_a_pack_that_fails_for_a_while_is_sent_whole_again(tmp_path):
    desk = Desk(breaks=[THROTTLED, seodang.Transient("gone"), THROTTLED])
    assert live(tmp_path, desk, lambda room: texts_of(room, LINES[:10])) == expected(LINES[:10])
    assert len(desk.packs) == 4 and all(len(pack) == 10 for pack in desk.packs)


def test_one_bad_text_is_found_and_costs_no_other(tmp_path):
    desk = Desk(refuses=["line 3"])

    async def story(room):
        outcomes = await translated(room, LINES)
        refused = outcomes.pop(3)
        assert isinstance(refused, seodang.Refused) and (refused.reason, refused.detail) == ("http-400", "not this")
        assert [one.text for one in outcomes] == expected([text for text in LINES if text.text != "line 3"])

    live(tmp_path, desk, story)
    again = Desk()
    live(tmp_path, again, story)
    assert not again.packs, "the failure is replayed too"


def test_a_lone_surrogate_is_one_text_that_is_left(tmp_path):
    async def story(room):
        bad, good = await translated(room, [seodang.Text("\ud800"), seodang.Text("good")])
        assert bad.reason == "encoding" and good.text == "en>ko good"

    live(tmp_path, Desk(), story)


def test_an_outage_stops_everything_and_what_came_is_kept(tmp_path):
    many = [seodang.Text(f"t{number}") for number in range(400)]

    async def story(room):
        with pytest.raises(Outage):
            await translated(room, many, Desk(breaks=[seodang.Transient("gone")] * 999))
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    live(tmp_path, Desk(), story)
    desk = Desk()
    assert live(tmp_path, desk, lambda room: texts_of(room, many)) == expected(many)
    assert set(desk.seen.values()) == {1}


def test_a_stop_stores_the_packs_that_are_under_way(tmp_path):
    desk = Desk()

    async def story(room):
        translating = asyncio.create_task(translated(room, [seodang.Text(f"t{number}") for number in range(200)]))
        await room.clock.sleep(0.1)
        room.stop.request()
        with pytest.raises(Interrupted):
            await translating

    live(tmp_path, desk, story)
    assert len(desk.packs) == 8 and totals_of(tmp_path).answers == 80


def test_the_cap_is_never_passed(tmp_path):
    many = [seodang.Text(f"text {number:03}") for number in range(400)]
    desk = Desk()

    async def story(room):
        with pytest.raises(OutOfBudget):
            await translated(room, many)

    live(tmp_path, desk, story, caps=[Cap(currency="EUR", micro=20_000)])
    paid = sum(len(text) * count for text, count in desk.seen.items()) * 20
    assert 20_000 - 10 * 8 * 20 < paid <= 20_000 and totals_of(tmp_path).total_micro("EUR") == paid


def test_a_translator_that_returns_too_few_is_named_and_a_plain_one_runs_in_a_thread(tmp_path):
    class Plain(Desk):
        def translate(self, texts, context):
            return [seodang.Translation(text.text.upper(), billed=1) for text in texts]

    assert live(tmp_path, Plain(), lambda room: texts_of(room, LINES[:3])) == ["LINE 0", "LINE 1", "LINE 2"]

    class Forgetful(Plain):
        def translate(self, texts, context):
            return super().translate(texts, context)[1:]

    async def story(room):
        with pytest.raises(seodang.SeodangError) as named:
            await translated(room, LINES)
        assert named.value.code == "asking.wrong-count" and named.value.facts["verb"] == "translate"

    live(tmp_path, Forgetful(), story, name="other.sqlite")


def test_a_price_that_is_not_known_is_refused(tmp_path):
    class Unpriced(Desk):
        def price(self):
            return None

    async def story(room):
        with pytest.raises(seodang.StepError) as refused:
            await translated(room, LINES)
        assert refused.value.code == "asking.unknown-price"

    live(tmp_path, Unpriced(), story)
