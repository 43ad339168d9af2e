"""Whole runs against the mock, over the real SDK: everything that an endpoint can do wrong, and what the person is told."""

import json
import sqlite3
import sys
from typing import Annotated

import msgspec
import pytest
import seodang
import seodang_openai
from seodang.testing import wire_server
from seodang.testing.recipes import run_in
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction
from seodang.wording import render
from seodang_openai.mock import answer_to, mock_openai
from seodang_openai.mock_limits import MockLimits

KEY = "sk-proj-abcdefghijklmnop"
SHAPE = {"type": "object", "properties": {"답": {"type": "string"}}, "required": ["답"], "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "날씨", "parameters": {"type": "object"}}}


class Pupils(seodang.Seeds):
    """So many questions."""

    name = "pupils"
    terms = ("CC0-1.0",)

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        count: Annotated[int, msgspec.Meta(description="How many.")] = 3
        tools: Annotated[bool, msgspec.Meta(description="With a tool.")] = False

    def read(self, context):
        for number in range(self.options.count):
            yield seodang.single_turn(f"{number}번째 질문", tools=(TOOL,) if self.options.tools else ())


class Asking(seodang.Lesson):
    """Asks them, with a schema or without one."""

    name = "asking"

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        shaped: Annotated[bool, msgspec.Meta(description="Ask for JSON.")] = False

    async def teach(self, records, context):
        async for record, answer in context.ask.each(records, self.question):
            tags = {} if answer.logprob is None else {"logprob": answer.logprob}
            yield msgspec.structs.replace(record, messages=(*record.messages, answer.message), tags=tags)

    def question(self, record):
        request = self.request(record)
        return msgspec.structs.replace(request, schema=SHAPE) if self.options.shaped else request


@seodang.hookimpl
def register_seeds(register):
    register(Pupils)


@seodang.hookimpl
def register_lessons(register):
    register(Asking)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the questions against this address. Nothing that is written or told may hold the key."""
    monkeypatch.setenv("LLM_KEY", KEY)

    def run_of(url, lesson="", *, count=3, tools=False, in_flight=4, teacher="", **wishes):
        recipe = f"""
[recipe]
name = "runs"
language = "ko"

[teachers.mine]
use = "openai"
base_url = "{url}/v1"
api_key = "env:LLM_KEY"
model = "mock"
in_flight = {in_flight}
{teacher}

[[step]]
seeds = "pupils"
count = {count}
tools = {json.dumps(tools)}

[[step]]
teach = "asking"
teacher = "mine"
{lesson}
"""
        done = run_in(
            tmp_path,
            recipe,
            plugins=[sys.modules[__name__], seodang_openai],
            **{"quarantine_limit": 1.0, "allow_unknown_price": True} | wishes,
        )
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or KEY.encode() not in file.read_bytes(), f"the key stands in {file}"
        assert KEY not in f"{done.error} {done.error!r} {getattr(done.error, '__notes__', '')}"
        return done

    return run_of


def always(kind: str) -> Faults:
    return Faults(rates={kind: 1.0})


def only(text: str, *kinds: str) -> Faults:
    return Faults(scripts={text: kinds})


def test_a_wrong_key_that_is_echoed_stops_the_run_and_is_written_nowhere(run):
    with mock_openai(faults=always("401")) as server:
        done = run(server.url)
    assert (done.exit_code, done.error.code) == (5, "remote.unauthorized")
    assert "sk-***" in str(done.error)


def test_a_used_up_quota_stops_the_run_which_goes_on_from_there(run):
    with mock_openai(faults=Faults(scripts={"1번째": ("insufficient-quota", "ok")})) as server:
        done = run(server.url, in_flight=1)
        assert (done.exit_code, done.error.code) == (6, "remote.exhausted")
        assert server.counts().payments == 1
        again = run(server.url, in_flight=1)
        assert again.ok and [record.answer for record in again.records("asking")] == [
            answer_to(f"{n}번째 질문") for n in range(3)
        ]
        assert server.counts().payments == 3, "what was paid before the quota was gone is not paid again"


@pytest.mark.parametrize(("fault", "code"), [("404", "no-such-model"), ("307", "redirected"), ("redirects", "redirected")])
def test_what_is_wrong_with_every_question_stops_at_the_first_and_says_what_to_do(run, fault, code):
    with mock_openai(faults=always(fault)) as server:
        done = run(server.url, in_flight=1)
        assert server.counts().requests == 1, "no redirect is followed, not even one to itself"
    assert (done.exit_code, done.error.code) == (3, f"seodang_openai:{code}")


def test_an_endpoint_that_is_down_stops_the_run(run, monkeypatch):
    monkeypatch.setattr("seodang.traffic.retry.FIRST_JITTER_SECONDS", 0.001)
    monkeypatch.setattr("seodang.traffic.retry.LONGEST_JITTER_SECONDS", 0.002)
    with mock_openai() as server:
        url = server.url
    done = run(url)
    assert done.exit_code == 6 and done.error.code in ("traffic.unreachable", "traffic.unanswered", "traffic.down")


@pytest.mark.parametrize("fault", ["html", "cut-json", "error-body"])
def test_a_success_that_is_no_answer_sets_its_row_aside_and_is_not_asked_for_again(run, fault):
    with mock_openai(faults=only("1번째", fault, "ok")) as server:
        done = run(server.url)
        assert done.ok and done.manifest("asking").quarantined == {"bad-answer": 1}
        assert run(server.url).ok and server.counts().requests == 3


def test_answers_without_usage_are_counted_at_their_worst(run):
    price = "input_price = 1.0\noutput_price = 2.0"
    with mock_openai(faults=only("1번째", "missing-usage")) as server:
        done = run(server.url, teacher=price)
        charged = server.counts().charged
    assert done.ok and len(done.records("asking")) == 3
    counted = _micro(done.run)
    assert counted > charged["input_tokens"] + 2 * charged["output_tokens"], "never below the bill"
    assert counted < 2 * (charged["input_tokens"] + 2 * charged["output_tokens"]) + 2 * 1024 + 100


def _micro(run) -> int:
    with sqlite3.connect(run / "ledger.sqlite") as book:
        return book.execute("SELECT sum(coalesce(cost, worst)) FROM attempts").fetchone()[0]


def test_answers_with_one_and_the_same_id_are_kept_apart(run):
    with mock_openai(faults=always("same-id")) as server:
        done = run(server.url, count=8)
    assert [record.answer for record in done.records("asking")] == [answer_to(f"{n}번째 질문") for n in range(8)]


def test_an_answer_that_ends_within_a_character_counts_as_cut(run):
    with mock_openai(faults=only("1번째", "broken-utf8")) as server:
        done = run(server.url)
    assert done.manifest("asking").quarantined == {"length": 1}
    (line,) = done.lines("asking", "quarantined.jsonl")
    assert line["record"]["messages"][0]["text"] == "1번째 질문"


def test_a_schema_that_the_endpoint_does_not_support_stops_the_run(run):
    with mock_openai(faults=always("no-schema")) as server:
        done = run(server.url, "shaped = true", in_flight=1)
        assert server.counts().requests == 1 and not server.counts().payments
        assert run(server.url).ok, "without a schema there is nothing wrong with the endpoint"
    assert (done.exit_code, done.error.code) == (3, "seodang_openai:no-schema")
    assert "'json_schema' is not supported" in render(done.error.code, done.error.facts, "en")


def test_an_answer_of_another_shape_was_paid_for_and_is_never_bought_again(run):
    answers = [
        {"when": "0번째", "text": "죄송합니다만 {"},
        {"when": "1번째", "text": '{"대답": "네"}'},
        {"when": "2번째", "text": '{"답": "{word}"}'},
    ]
    with mock_openai(answers=answers) as server:
        done = run(server.url, "shaped = true")
        assert done.manifest("asking").quarantined == {"bad-json": 1, "schema-mismatch": 1}
        details = {line["code"]: line["detail"] for line in done.lines("asking", "quarantined.jsonl")}
        assert "lacks '답'" in details["schema-mismatch"]
        assert len(done.records("asking")) == 1 and server.counts().payments == 3
        assert run(server.url, "shaped = true", in_flight=2).ok and server.counts().payments == 3


def test_the_mock_fills_a_schema_and_the_answer_fits(run):
    with mock_openai() as server:
        done = run(server.url, "shaped = true")
    assert all(set(json.loads(record.answer)) == {"답"} for record in done.records("asking"))


def test_reasoning_is_kept_apart_wherever_the_server_puts_it(run):
    answers = [
        {"when": "0번째", "text": "답입니다.", "thinking": "먼저 생각합니다."},
        {"when": "1번째", "text": "<think>\n먼저 생각합니다.\n</think>\n\n답입니다."},
        {"when": "2번째", "text": "먼저 생각합니다.\n</think>\n답입니다."},
    ]
    with mock_openai(answers=answers) as server:
        done = run(server.url)
    assert {(record.messages[-1].thinking, record.answer) for record in done.records("asking")} == {
        ("먼저 생각합니다.", "답입니다.")
    }


def test_tools_go_out_and_calls_come_back(run):
    answers = [{"when": ".", "text": '{"도시": "서울"}', "call": "날씨"}]
    with mock_openai(answers=answers) as server:
        done = run(server.url, tools=True, count=1)
    (record,) = done.records("asking")
    (call,) = record.messages[-1].calls
    assert (call.name, json.loads(call.arguments)) == ("날씨", {"도시": "서울"})
    assert record.tools == (TOOL,)


def test_log_probabilities_are_asked_for_when_told(run):
    with mock_openai() as server:
        assert "logprob" not in run(server.url, count=1).records("asking")[0].tags
        (record,) = run(server.url, count=1, teacher="logprobs = true").records("asking")
    assert -2 < record.tags["logprob"] < 0


def test_limits_that_the_server_tells_are_kept_to_from_the_first_answer_on(run):
    """Forty a second are let in, and sixteen ask at once: without the headers dozens are refused."""
    refused = []
    for tells in (True, False):
        limits = MockLimits(requests=20, seconds=0.5)
        if not tells:
            limits.headers = lambda: ()
        with mock_openai(limits=limits, latency=Latency(0.02, 0.02), retry_after=0.1) as server:
            done = run(server.url, count=80, in_flight=16, teacher=f"max_tokens = {1000 + tells}")
            assert done.ok and server.counts().payments == 80
            refused.append(server.counts().statuses.get("429", 0))
    assert refused[0] <= 3 and refused[1] >= 10, refused


def test_256_in_flight_are_that_many_connections_and_no_more(run):
    at_once = []

    def hear(received):
        at_once.append(len(server._server.connections))
        body = (
            b'{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
        )
        return Reaction(body=body, seconds=0.3)

    with wire_server(hear) as server:
        done = run(server.url, count=1_000, in_flight=256)
        counts = server.counts()
    assert done.ok and counts.most_in_flight == 256 == max(at_once)
