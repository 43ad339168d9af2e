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
