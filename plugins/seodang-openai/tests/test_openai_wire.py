"""What is sent, and what is read from the bytes that came back."""

import json

import msgspec
import pytest
import seodang
from seodang_openai import OpenAI

LOOPBACK = "http://127.0.0.1:9/v1"


def sent(request: seodang.Request, **options) -> dict:
    from seodang_openai import wire

    teacher = OpenAI(OpenAI.Options(model="m", **options))
    return json.loads(wire.request_body(request, teacher.options, vendor=teacher._address.vendor))


def asking(text: str = "안녕", **fields) -> seodang.Request:
    return seodang.Request(messages=(seodang.Message("user", text),), **fields)


def test_a_request_without_anything_gets_the_stated_longest_answer():
    assert sent(asking(), base_url=LOOPBACK) == {
        "model": "m",
        "messages": [{"role": "user", "content": "안녕"}],
        "max_tokens": 1024,
    }


def test_the_vendor_is_told_the_longest_answer_under_its_newer_name():
    body = sent(asking(max_tokens=5))
    assert body["max_completion_tokens"] == 5 and "max_tokens" not in body


def test_the_request_goes_before_the_options():
    body = sent(
        asking(temperature=0.0, stop=("\n",)), temperature=0.7, top_p=0.9, extra={"reasoning_effort": "low"}, base_url=LOOPBACK
    )
    assert (body["temperature"], body["top_p"], body["stop"], body["reasoning_effort"]) == (0.0, 0.9, ["\n"], "low")


def test_schemas_tools_and_their_turns_are_sent_as_the_wire_wants_them():
    schema, tool = {"type": "object"}, {"type": "function", "function": {"name": "더하기"}}
    request = seodang.Request(
        messages=(
            seodang.Message("user", "1+1?"),
            seodang.Message("assistant", "", calls=(seodang.Call("c1", "더하기", '{"a":1}'),)),
            seodang.Message("tool", "2", call_id="c1"),
        ),
        schema=schema,
        tools=(tool,),
    )
    body = sent(request)
    assert body["response_format"]["json_schema"]["schema"] == schema
    assert body["tools"] == [tool]
    assert body["messages"][1]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "더하기", "arguments": '{"a":1}'}}
    ]
    assert body["messages"][2] == {"role": "tool", "content": "2", "tool_call_id": "c1"}


def reply(said: dict, finish: str | None = "stop", **fields) -> seodang.Reply:
    body = {
        "model": "m-2026",
        "choices": [{"message": said, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
    }
    return seodang.Reply(msgspec.json.encode(body | fields))


def read(given: seodang.Reply) -> seodang.Answer:
    return OpenAI(OpenAI.Options(model="m")).read(given)


def test_an_answer_is_read_with_its_count_and_its_model():
    answer = read(reply({"role": "assistant", "content": "네"}))
    assert answer == seodang.Answer(message=seodang.Message("assistant", "네"), usage=seodang.Usage(3, 5), model="m-2026")


@pytest.mark.parametrize(
    ("finish", "said", "read_as"),
    [
        ("length", {"content": "네"}, "length"),
        ("content_filter", {"content": None}, "content_filter"),
        (
            "tool_calls",
            {"content": None, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
            "tool_calls",
        ),
        ("stop", {"content": None, "refusal": "죄송합니다"}, "refusal"),
        (None, {"content": "네"}, "stop"),
    ],
)
def test_every_way_an_answer_can_end(finish, said, read_as):
    assert read(reply(said, finish)).finish == read_as


def test_thinking_and_calls_come_along_and_missing_usage_is_none():
    call = {"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}
    answer = read(reply({"content": "네", "reasoning_content": "음", "tool_calls": [call]}, usage=None))
    assert (answer.message.thinking, answer.message.calls, answer.usage) == ("음", (seodang.Call("c", "f", '{"a":1}'),), None)


STEP = {"type": "object", "properties": {"말": {"type": "string"}}, "required": ["말"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (STEP, True),
        ({**STEP, "additionalProperties": True}, False),
        ({**STEP, "required": []}, False),
        ({"type": "object"}, False),
        ({"type": "array", "items": {**STEP, "required": []}}, False),
        ({**STEP, "properties": {"말": {"type": "array", "items": STEP}}}, True),
        ({**STEP, "$defs": {"안": {"type": "object"}}}, False),
        ({"enum": [{"properties": 1}]}, True),
    ],
)
def test_the_strict_mode_is_asked_for_where_the_vendor_takes_the_schema(schema, strict):
    shape = sent(asking(schema=schema))["response_format"]["json_schema"]
    assert shape.get("strict", False) is strict and shape["schema"] == schema


def test_another_sample_is_asked_for_with_another_seed_and_logprobs_when_told():
    assert "seed" not in sent(asking()) and "logprobs" not in sent(asking())
    assert sent(asking(sample=2))["seed"] == 2
    assert sent(asking(), logprobs=True)["logprobs"] is True


@pytest.mark.parametrize(
    ("content", "thinking", "text"),
    [
        ("<think>음</think>네", "음", "네"),
        ("\n<think>\n음\n</think>\n\n네", "음", "네"),
        ("음\n</think>\n네", "음", "네"),
        ("<think>음, 아직", "음, 아직", ""),
        ("태그 <think>…</think>는 이렇게 씁니다.", "", "태그 <think>…</think>는 이렇게 씁니다."),
        ("네", "", "네"),
    ],
)
def test_reasoning_inside_the_text_is_taken_out_of_it(content, thinking, text):
    message = read(reply({"content": content})).message
    assert (message.thinking, message.text) == (thinking, text)


def test_input_that_was_read_before_and_log_probabilities_are_read():
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0}}
    answer = read(reply({"content": "네"}, usage=usage))
    assert (answer.usage, answer.logprob) == (seodang.Usage(100, 5, 64), None)
    assert read(reply({"content": "네"}, usage={"prompt_tokens": 1, "prompt_tokens_details": None})).usage == seodang.Usage(1, 0)
    choice = {
        "message": {"content": "네"},
        "finish_reason": "stop",
        "logprobs": {"content": [{"logprob": -1.0}, {"logprob": -0.5}]},
    }
    assert read(reply({}, choices=[choice])).logprob == -0.75


@pytest.mark.parametrize(
    "broken", [b'"\xea\xb0"', b'"\\ud83d"', b'"\xff"'], ids=["half a syllable", "half a surrogate pair", "no UTF-8"]
)
def test_a_broken_character_does_not_cost_the_rest_of_the_answer(broken):
    whole = reply({"content": "감"}).body
    mended = read(seodang.Reply(whole.replace('"감"'.encode(), '"서당'.encode() + broken[1:])))
    assert mended.message.text.startswith("서당") and mended.message.text.endswith("\N{REPLACEMENT CHARACTER}")
    assert mended.finish == "length", "it ends within a character"
    inside = read(seodang.Reply(whole.replace('"감"'.encode(), broken[:-1] + '서당"'.encode())))
    assert inside.finish == "stop" and inside.message.text.endswith("서당")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("17", 17),
        ("1d", 86_400),
        ("", None),
        ("soon", None),
        ("1s!", None),
    ],
)
def test_durations_in_headers(text, seconds):
    from seodang_openai.limits import duration

    assert duration(text) == seconds


def test_what_a_server_tells_of_its_limits():
    from seodang_openai.limits import limits_of

    told = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6ms",
    }
    assert limits_of(told) == seodang.Limits(
        requests=seodang.Allowance(most=60, left=59, reset_seconds=1.0),
        tokens=seodang.Allowance(most=150_000, left=149_984, reset_seconds=0.006),
    )
    assert limits_of({}) is None
    assert limits_of({**told, "x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-tokens": "2026-11-21"}) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"choices": [{"mess',
        b'{"error": {"message": "no"}}',
        b'{"choices": []}',
        b"\xff\xfe",
        b'{"choices": [{"message": {}, "finish_reason": "abort"}]}',
    ],
)
def test_what_is_no_answer_raises_so_that_the_row_is_quarantined_and_the_bytes_kept(body):
    with pytest.raises((msgspec.MsgspecError, ValueError)):
        read(seodang.Reply(body))
