"""The teacher against the mock: every failure arrives in the core's words, and what was paid is counted by who is paid."""

import asyncio
import contextlib
import datetime
import http.client
import json

import pytest
import seodang
from seodang.testing import TeacherContract, make_context, wire_server
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction
from seodang.wording import render
from seodang_openai import OpenAI
from seodang_openai.mock import FAULTS, answer_to, mock_openai

KEY = "sk-proj-abcdefghijklmnop"


class TestOpenAI(TeacherContract):
    teacher = OpenAI

    @pytest.fixture
    def raw_options(self):
        with mock_openai() as server:
            yield {"model": "mock", "base_url": f"{server.url}/v1"}


@pytest.fixture
def ask(tmp_path, monkeypatch, no_network):
    """Asks one question, or several together, with a key that must not be seen again."""
    monkeypatch.setenv("LLM_KEY", KEY)

    def ask_of(url: str, *texts: str, **options):
        teacher = OpenAI(OpenAI.Options(model="mock", base_url=f"{url}/v1", api_key="env:LLM_KEY", **options))
        context = make_context(tmp_path, options=teacher.options)

        async def together():
            questions = [seodang.Request(messages=(seodang.Message("user", text),)) for text in texts or ("안녕?",)]
            try:
                return [teacher.read(await asked) for asked in [teacher.answer(question, context) for question in questions]]
            finally:
                await teacher.close()

        return asyncio.run(together())

    return ask_of


def always(kind: str) -> Faults:
    return Faults(rates={kind: 1.0})


def test_an_answer_comes_through_the_real_sdk_and_is_paid_once(ask):
    with mock_openai() as server:
        first, second = ask(server.url, "하나", "둘")
        counts = server.counts()
    assert (first.message.text, second.message.text) == (answer_to("하나"), answer_to("둘"))
    assert first.usage is not None and second.usage is not None
    assert counts.payments == 2
    assert counts.charged["output_tokens"] == first.usage.output_tokens + second.usage.output_tokens


@pytest.mark.parametrize(
    ("fault", "kind", "facts"),
    [
        ("429", seodang.Transient, {"throttled": True, "in_doubt": False, "retry_after": 3.0, "status": 429}),
        ("429-ms", seodang.Transient, {"throttled": True, "retry_after": 3.0}),
        ("429-none", seodang.Transient, {"throttled": True, "retry_after": 0.0}),
        ("rate-limit-body", seodang.Transient, {"throttled": True}),
        ("insufficient-quota", seodang.Exhausted, {"status": 429}),
        ("402", seodang.Exhausted, {"status": 402}),
        ("401", seodang.Unauthorized, {"status": 401}),
        ("403", seodang.Unauthorized, {"status": 403}),
        ("400", seodang.Refused, {"reason": "http-400"}),
        ("413", seodang.Refused, {"reason": "http-413"}),
        ("500", seodang.Transient, {"throttled": False, "in_doubt": False, "status": 500}),
        ("503", seodang.Transient, {"in_doubt": False, "status": 503}),
        ("html-502", seodang.Transient, {"in_doubt": False, "status": 502}),
        ("reset-before", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("reset-after", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("wrong-length", seodang.Transient, {"in_doubt": True, "status": 0}),
        ("404", seodang.Exhausted, {"code": "seodang_openai:no-such-model", "exit_code": 3}),
        ("307", seodang.Exhausted, {"code": "seodang_openai:redirected", "exit_code": 3}),
    ],
)
def test_every_failure_arrives_in_the_cores_words_after_one_request(ask, fault, kind, facts):
    with mock_openai(faults=always(fault), retry_after=3.0) as server:
        with pytest.raises(seodang.RemoteError) as caught:
            ask(server.url)
        counts = server.counts()
    assert isinstance(caught.value, kind)
    assert {name: getattr(caught.value, name) for name in facts} == facts
    assert counts.requests == 1, "the SDK's own retries are off, and no redirect is followed"
    if counts.payments:
        assert caught.value.in_doubt, "what may have been paid for is never said to be unpaid"


def test_a_date_is_read_as_seconds_from_now(ask):
    with mock_openai(faults=always("429-date"), retry_after=30.0) as server, pytest.raises(seodang.Transient) as caught:
        ask(server.url)
    assert 27 < caught.value.retry_after <= 30


@pytest.mark.parametrize("fault", ["drip", "hang"])
def test_a_time_out_covers_the_whole_answer_and_leaves_a_doubt(ask, fault):
    with mock_openai(faults=always(fault)) as server, pytest.raises(seodang.Transient) as caught:
        ask(server.url, timeout_seconds=0.3)
    assert caught.value.in_doubt and "0.3" in caught.value.detail


def test_a_server_that_is_not_there_has_certainly_not_been_paid(ask):
    with mock_openai() as server:
        url = server.url
    with pytest.raises(seodang.Transient) as caught:
        ask(url)
    assert not caught.value.in_doubt


@pytest.mark.parametrize("fault", ["html", "cut-json", "error-body"])
def test_a_success_that_is_no_answer_is_kept_as_bytes_and_raises_when_it_is_read(ask, fault):
    with mock_openai(faults=always(fault)) as server, pytest.raises(ValueError):
        ask(server.url)


@pytest.mark.parametrize(
    ("fault", "finish", "counted"),
    [
        ("length", "length", True),
        ("content-filter", "content_filter", True),
        ("refusal", "refusal", True),
        ("missing-usage", "stop", False),
    ],
)
def test_paid_answers_are_answers_however_they_end(ask, fault, finish, counted):
    with mock_openai(faults=always(fault)) as server:
        (answer,) = ask(server.url)
        assert server.counts().payments == 1
    assert (answer.finish, answer.usage is not None) == (finish, counted)


def test_every_fault_of_the_mock_is_tried_in_here():
    tried = {
        "429",
        "429-date",
        "429-ms",
        "429-none",
        "rate-limit-body",
        "insufficient-quota",
        "400",
        "401",
        "402",
        "403",
        "404",
        "413",
        "500",
        "503",
    }
    tried |= {"redirects", "broken-utf8", "same-id", "no-schema"}  # in test_openai_runs.py
    tried |= {"307", "html-502", "reset-before", "reset-after", "wrong-length", "drip", "hang", "html", "cut-json", "error-body"}
    tried |= {"length", "content-filter", "refusal", "missing-usage", "empty"}
    assert tried == FAULTS.keys()


def test_an_empty_answer_is_an_answer_without_text(ask):
    with mock_openai(faults=always("empty")) as server:
        (answer,) = ask(server.url)
    assert (answer.message.text, answer.finish) == ("", "stop")


def test_a_key_that_is_echoed_is_in_no_message(ask):
    with mock_openai(faults=always("401")) as server, pytest.raises(seodang.Unauthorized) as caught:
        ask(server.url)
    error: BaseException | None = caught.value
    while error is not None:
        assert "abcdefgh" not in f"{error!r} {error}"
        error = error.__cause__
    assert "sk-***" in caught.value.detail


def test_nothing_of_the_environment_goes_to_a_foreign_host(ask, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, f"vendor-{name}")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer vendor-header\nX-Gateway: vendor-gateway")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    heard = []

    def listen(received):
        heard.append(received.headers)
        return Reaction(body=b'{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}')

    with wire_server(listen) as server:
        ask(server.url)
    (headers,) = heard
    assert "vendor" not in json.dumps(headers)
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not [name for name in headers if "stainless" in name]


def test_what_is_no_http_at_all_is_in_doubt(ask, tmp_path):
    async def talk_nonsense():
        async def nonsense(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"SMTP hello\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            return await asyncio.to_thread(ask, url)

    with pytest.raises(seodang.Transient) as caught:
        asyncio.run(talk_nonsense())
    assert caught.value.in_doubt


def test_offline_only_loopback_is_spoken_to(tmp_path, monkeypatch, no_network):
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    teacher = OpenAI(OpenAI.Options(model="m", base_url="https://llm.example.org/v1"))
    question = seodang.Request(messages=(seodang.Message("user", "안녕"),))
    with pytest.raises(seodang.RemoteError) as caught:
        asyncio.run(teacher.answer(question, make_context(tmp_path)))
    assert caught.value.code == "seodang_openai:offline"
    with mock_openai() as server:
        local = OpenAI(OpenAI.Options(model="m", base_url=f"{server.url}/v1"))

        async def ask_and_close():
            try:
                return await local.answer(question, make_context(tmp_path))
            finally:
                await local.close()

        assert local.read(asyncio.run(ask_and_close())).message.text == answer_to("안녕")


STOPS = {
    "offline": {"host": "llm.example.org"},
    "no-such-model": {"host": "llm.example.org", "model": "gpt-9", "detail": "not found"},
    "redirected": {"host": "llm.example.org", "status": 307},
    "no-schema": {"host": "llm.example.org", "model": "qwen", "detail": "no grammar"},
}
ENGLISH = {
    "offline": "SEODANG_OFFLINE=1 forbids a connection to llm.example.org. Unset it, or use a server on this machine.",
    "no-such-model": "llm.example.org knows no model 'gpt-9', or this key may not use it: not found. "
    "Correct model = … and run the same command again.",
    "redirected": "llm.example.org answers with a redirect (307), and questions are not carried to another host. "
    "Write the final address into base_url.",
    "no-schema": "llm.example.org cannot answer after the JSON Schema that this step sends, with model 'qwen': no grammar. "
    "Choose a model or a server with structured output (response_format = json_schema), or leave the schema out where the step "
    "has an option for it; then run the same command again.",
}
KOREAN = {
    "offline": "SEODANG_OFFLINE=1이어서 llm.example.org에 연결할 수 없습니다. 변수를 지우거나 이 컴퓨터의 서버를 쓰세요.",
    "no-such-model": "llm.example.org에 'gpt-9' 모델이 없거나 이 키로는 쓸 수 없습니다: not found. "
    "model = …을 고치고 같은 명령을 다시 실행하세요.",
    "redirected": "llm.example.org에서 다른 주소로 넘깁니다(307). 질문을 다른 서버로 옮겨 보내지 않으므로, "
    "최종 주소를 base_url에 적으세요.",
    "no-schema": "llm.example.org의 'qwen' 모델은 이 단계에서 보내는 JSON 스키마대로 답하지 못합니다: no grammar. "
    "구조화된 출력(response_format = json_schema)을 지원하는 모델이나 서버를 고르거나, 단계에 그런 옵션이 있으면 스키마 없이 물으세요. "
    "그런 다음 같은 명령을 다시 실행하세요.",
}


@pytest.mark.parametrize("name", STOPS)
def test_what_stops_a_run_says_what_to_do(name):
    assert render(f"seodang_openai:{name}", STOPS[name], "en") == ENGLISH[name]
    assert render(f"seodang_openai:{name}", STOPS[name], "ko") == KOREAN[name]


class StandingClock:
    def now(self):
        return datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5", "retry-after-ms": "200"}, 0.2),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, 0.0),
        ({"retry-after": "inf"}, 0.0),
        ({"retry-after": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_retry_after_is_read_in_every_form_and_nonsense_asks_for_nothing(headers, expected):
    from seodang_openai.failures import retry_after

    assert retry_after(headers, StandingClock()) == expected


def test_the_mock_lists_models_and_knows_its_key():
    with mock_openai(models=("teacher-1",), key="right", latency=Latency(0.01, 0.02)) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/v1/models")
            assert [model["id"] for model in json.load(connection.getresponse())["data"]] == ["teacher-1"]
            for model, key, status in (("teacher-1", "right", 200), ("teacher-2", "right", 404), ("teacher-1", "wrong", 401)):
                body = json.dumps({"model": model, "messages": [{"role": "user", "content": "안녕"}]})
                connection.request("POST", "/v1/chat/completions", body, {"Authorization": f"Bearer {key}"})
                response = connection.getresponse()
                assert (response.status, bool(response.read())) == (status, True)
        assert server.counts().payments == 1


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="unknown faults"), mock_openai(faults=always("lightning")):
        pass
