"""`mode = "batch"` through the real SDK against the mock: half the price, every line where it belongs, nothing twice."""

import asyncio
import json
import re
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.ledger.book import Book
from seodang.testing import BatchServiceContract, asking, make_context
from seodang.testing.wire_faults import Faults, Latency
from seodang_openai import OpenAI
from seodang_openai.mock import answer_to, key_of_prompt, mock_openai

QUESTIONS = [f"{number}번째 질문입니다." for number in range(40)]


class TestOpenAIBatches(BatchServiceContract):
    teacher = OpenAI

    @pytest.fixture
    def raw_options(self):
        with mock_openai(batch_seconds=0.2) as server:
            yield {"model": "mock", "base_url": f"{server.url}/v1", "mode": "batch"}


class Hurried:
    """A clock of a place where everybody's patience lasts a fiftieth as long."""

    def monotonic(self):
        return time.monotonic() * 50

    def now(self):
        return datetime.now(UTC)

    async def sleep(self, seconds):
        await asyncio.sleep(seconds / 50)


async def records(*questions):
    for number, text in enumerate(questions):
        yield seodang.single_turn(text, id=f"r{number}")


def hand_in(place, url, *questions, **options):
    """What a run makes of the questions: the answers in their order, and what was set aside."""
    options = {"mode": "batch", "input_price": 2.0, "output_price": 4.0, **options}
    teacher = OpenAI(OpenAI.Options(model="mock", base_url=f"{url}/v1", **options))
    context = make_context(place, options=teacher.options, clock=Hurried())

    async def whole():
        try:
            each = context.ask.each(records(*questions), lambda record: seodang.Request(messages=record.messages))
            return [(record.question, answer.message.text) async for record, answer in each]
        finally:
            await context.ask.close()
            await teacher.close()

    with asking(context, teacher, place, offer="seodang-openai:openai") as set_aside:
        came = asyncio.run(asyncio.wait_for(whole(), 60))
    return came, sorted((record.question, code) for record, code, _ in set_aside)


def book(place):
    with Book.open(place / "ledger.sqlite") as opened:
        return opened.totals(), opened.batches()


def right(*questions):
    return [(text, answer_to(text)) for text in questions]


def billed_micro(counts):
    """At 2 and 4 USD for a million tokens; in a batch half of that."""
    charged = counts.charged
    assert not charged.get("input_tokens"), "nothing was asked alone"
    return charged["batch_input_tokens"] * 1 + charged["batch_output_tokens"] * 2


def test_forty_questions_are_one_file_one_batch_and_half_the_money(tmp_path, no_network):
    with mock_openai(batch_seconds=0.2) as server:
        came, set_aside = hand_in(tmp_path, server.url, *QUESTIONS)
        counts = server.counts()
    assert came == right(*QUESTIONS) and not set_aside
    assert counts.asked == {"files": 1, "batches": 1}
    assert counts.payments == 40 and set(counts.paid.values()) == {1}
    totals, (batch,) = book(tmp_path)
    assert totals.total_micro("USD") == totals.settled_micro["USD"] == billed_micro(counts)
    assert (batch.state, batch.requests, batch.answered, batch.identifier) == ("completed", 40, 40, "batch_00000001")


def test_answers_that_were_bought_together_are_those_that_were_bought_alone(tmp_path, no_network):
    """The mode is conduct: it changes no key, and whoever changes it buys nothing again."""
    with mock_openai(batch_seconds=0.2) as server:
        hand_in(tmp_path, server.url, *QUESTIONS[:20])
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS, mode="live")
        assert came == right(*QUESTIONS) and server.counts().payments == 40
        hand_in(tmp_path, server.url, *QUESTIONS)
        assert server.counts().payments == 40 and server.counts().asked["batches"] == 1


def test_every_way_a_line_can_go_wrong_is_told_as_if_it_had_been_alone(tmp_path, no_network):
    kinds = {"content-filter": "content_filter", "length": "length", "refusal": "refusal", "empty": "empty", "413": "http-413"}
    scripts = {f" {kind}!": [kind, "…"] for kind in (*kinds, "500")} | {" once!": ["503"]}
    asked = [f"무엇이 {kind}!" for kind in (*kinds, "500", "once")] + QUESTIONS[:5]
    with mock_openai(batch_seconds=0.1, faults=Faults(scripts=scripts)) as server:
        came, set_aside = hand_in(tmp_path, server.url, *asked)
        counts = server.counts()
    assert came == right("무엇이 once!", *QUESTIONS[:5])
    assert set_aside == sorted([(f"무엇이 {kind}!", reason) for kind, reason in kinds.items()] + [("무엇이 500!", "http-500")])
    totals, batches = book(tmp_path)
    assert [batch.requests for batch in batches] == [12, 2, 1], "what a server could not do is tried in three batches"
    assert totals.total_micro("USD") == billed_micro(counts)


def test_an_expired_batch_keeps_what_it_has_and_the_rest_goes_into_another(tmp_path, no_network):
    with mock_openai(batch_seconds=0.2, batch_fates=["expire"]) as server:
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS)
        counts = server.counts()
    assert came == right(*QUESTIONS) and set(counts.paid.values()) == {1}
    totals, batches = book(tmp_path)
    assert [(batch.state, batch.requests, batch.answered) for batch in batches] == [("expired", 40, 20), ("completed", 20, 20)]
    assert totals.total_micro("USD") == billed_micro(counts)


@pytest.mark.parametrize(
    ("fate", "code", "paid"),
    [("expire-all", "batch-expired", 0), ("cancel", "batch-cancelled", 20), ("fail", "batch-turned-away", 0)],
)
def test_what_becomes_of_a_whole_batch_stops_the_run_and_the_same_command_goes_on(tmp_path, no_network, fate, code, paid):
    with mock_openai(batch_seconds=0.1, batch_fates=[fate]) as server:
        with pytest.raises(seodang.RemoteError) as caught:
            hand_in(tmp_path, server.url, *QUESTIONS)
        assert caught.value.code == f"asking.{code}" and server.counts().payments == paid
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS)
        counts = server.counts()
    assert came == right(*QUESTIONS) and set(counts.paid.values()) == {1}
    assert book(tmp_path)[0].total_micro("USD") == billed_micro(counts)


def test_of_a_batch_with_a_bad_line_the_others_go_on(tmp_path, no_network):
    with mock_openai(batch_seconds=0.1, batch_fates=["fail-line"]) as server:
        came, set_aside = hand_in(tmp_path, server.url, *QUESTIONS)
    assert came == right(*QUESTIONS[1:]) and set_aside == [(QUESTIONS[0], "invalid-request")]


def test_tokens_that_wait_already_make_the_next_batch_wait_and_smaller(tmp_path, no_network):
    with mock_openai(batch_seconds=0.1, enqueued_tokens=1000) as server:
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS)
        counts = server.counts()
    assert came == right(*QUESTIONS) and set(counts.paid.values()) == {1}
    sizes = [(batch.state, batch.requests) for batch in book(tmp_path)[1]]
    assert sizes[0] == ("crowded", 40) and sizes[1][1] == 20
    assert sum(requests for state, requests in sizes if state == "completed") == 40


@pytest.mark.parametrize("fault", ["reset-after", "cut-json", "wrong-length", "reset-before", "500", "429-ms"])
def test_a_batch_whose_making_went_wrong_is_looked_for_before_it_is_made_again(tmp_path, no_network, fault):
    with mock_openai(batch_seconds=0.1, faults=Faults(scripts={"batches": [fault]}), retry_after=0.05) as server:
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS)
        counts = server.counts()
    assert came == right(*QUESTIONS) and set(counts.paid.values()) == {1}
    made = counts.asked["batches"]
    assert made == (1 if fault in ("reset-after", "cut-json", "wrong-length") else 2)
    assert len(book(tmp_path)[1]) == 1


def test_a_wrong_key_stops_before_anything_is_handed_in_and_is_not_shown(tmp_path, no_network, monkeypatch):
    monkeypatch.setenv("LLM_KEY", "sk-proj-abcdefghijklmnop")
    with mock_openai(key="another", faults=Faults(scripts={"files": ["401"]})) as server:
        with pytest.raises(seodang.Unauthorized) as caught:
            hand_in(tmp_path, server.url, *QUESTIONS, api_key="env:LLM_KEY")
        assert server.counts().payments == 0
    assert "abcdefghijklmnop" not in f"{caught.value!r}{caught.value}{book(tmp_path)}"


def test_the_list_is_read_page_by_page_and_no_further_than_our_time(tmp_path, no_network):
    with mock_openai(batch_seconds=0.0) as server:
        teacher = OpenAI(OpenAI.Options(model="mock", base_url=f"{server.url}/v1", mode="batch"))
        context = make_context(tmp_path, options=teacher.options)
        path = tmp_path / "one.jsonl"
        path.write_bytes(teacher.batches.line("ab" * 32, seodang.Request(messages=(seodang.Message("user", "하나"),))) + b"\n")
        first = seodang.Batch(name="first", path=path, requests=1, planned=datetime.now(UTC))

        async def story():
            identifier = await teacher.batches.submit(first, context)
            for number in range(120):
                await teacher.batches.submit(msgspec.structs.replace(first, name=f"later-{number}"), context)
            try:
                return identifier, await teacher.batches.find(first, context)
            finally:
                await teacher.close()

        identifier, found = asyncio.run(story())
    assert identifier == found == "batch_00000001"


def test_line_ends_that_only_unicode_knows_tear_no_line(tmp_path, no_network):
    text = "첫 줄\u2028둘째 줄\u0085셋째 줄\u000b끝"
    with mock_openai(batch_seconds=0.05, answer=lambda prompt: text) as server:
        came, _ = hand_in(tmp_path, server.url, "질문", "다른 질문")
    assert came == [("질문", text), ("다른 질문", text)]


def test_a_line_is_what_would_be_sent_alone(no_network):
    teacher = OpenAI(OpenAI.Options(model="gpt-4o-mini", max_tokens=5))
    request = seodang.Request(messages=(seodang.Message("user", "안녕"),), temperature=0.5)
    line = json.loads(teacher.batches.line("ab" * 32, request))
    assert line == {
        "custom_id": "ab" * 32,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "안녕"}], "max_completion_tokens": 5, "temperature": 0.5},
    }  # fmt: skip


def test_a_batch_takes_half_and_an_unknown_price_stays_unknown():
    def both(**options):
        teacher = OpenAI(OpenAI.Options(**{"model": "m", **options}))
        return teacher.price(), teacher.batches.price()

    alone, together = both(input_price=0.15, output_price=0.0000001)
    assert (alone.input_micro_per_million, together.input_micro_per_million) == (150_000, 75_000)
    assert together.output_micro_per_million == 1, "never below the bill"
    alone, together = both(model="gpt-4.1")
    assert together.input_micro_per_million * 2 == alone.input_micro_per_million
    assert both(model="nobody-knows") == (None, None)
    assert both(base_url="http://127.0.0.1:9/v1") == (seodang.FREE, seodang.FREE)


def test_the_mode_and_the_size_are_conduct_and_checked():
    from seodang.recipes.options import conduct_options

    assert {"mode", "batch_requests"} <= conduct_options(OpenAI)
    assert OpenAI(OpenAI.Options(model="m")).in_batches is False
    assert OpenAI(OpenAI.Options(model="m", mode="batch", batch_requests=7)).batches.most_requests == 7
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"model": "m", "mode": "later"}, OpenAI.Options)


def test_the_readme_shows_a_teacher_that_hands_in():
    blocks = re.findall(r"```toml\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (told,) = [tomllib.loads(block) for block in blocks if 'mode = "batch"' in block]
    table = told["teachers"]["patient"]
    assert table.pop("use") == "openai"
    teacher = OpenAI(msgspec.convert(table, OpenAI.Options))
    assert teacher.in_batches and teacher.batches.price() is not None


def test_smaller_batches_lie_there_together(tmp_path, no_network):
    with mock_openai(batch_seconds=1.0, latency=Latency(0.01, 0.01)) as server:
        came, _ = hand_in(tmp_path, server.url, *QUESTIONS, batch_requests=15)
    assert came == right(*QUESTIONS)
    batches = book(tmp_path)[1]
    assert [batch.requests for batch in batches] == [15, 15, 10]
    assert max(batch.planned for batch in batches) < min(batch.ended for batch in batches)


def test_the_mock_counts_what_was_worked_on_also_when_nobody_looks(tmp_path, no_network):
    key = key_of_prompt("하나", "mock")
    with mock_openai(batch_seconds=0.1) as server:
        teacher = OpenAI(OpenAI.Options(model="mock", base_url=f"{server.url}/v1", mode="batch"))
        context = make_context(tmp_path, options=teacher.options)
        path = tmp_path / "one.jsonl"
        path.write_bytes(teacher.batches.line("ab" * 32, seodang.Request(messages=(seodang.Message("user", "하나"),))) + b"\n")

        async def story():
            await teacher.batches.submit(seodang.Batch(name="n", path=path, requests=1, planned=datetime.now(UTC)), context)
            await teacher.close()
            await asyncio.sleep(0.2)

        asyncio.run(story())
        assert server.counts().paid == {key: 1}
