"""A fake of the vendor on loopback: the real wire format, scripted failures, and a count of what was paid.

Answers are a function of the prompt, failures of (seed, prompt, attempt): every client that asks the same meets the same.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction, Received, RunningServer, wire_server

DEFAULT_CHARACTERS = 240
NO_LATENCY = Latency()
NO_FAULTS = Faults()
_SENTENCES = (
    "서당에서는 아이들이 훈장님 앞에 둘러앉아 천자문을 소리 내어 읽었습니다.",
    "질문에 답하려면 먼저 무엇을 묻는지 또박또박 새겨 보아야 합니다.",
    "아침 안개가 걷히자 들판 너머로 낮은 기와지붕이 하나둘 드러났습니다.",
    "재료를 고르게 썰어 센 불에 빠르게 볶으면 식감이 살아납니다.",
    "표를 만들 때는 열의 이름을 짧게 쓰고 단위를 함께 적는 것이 좋습니다.",
    "이 방법은 간단하지만 자료가 많아지면 시간이 오래 걸린다는 한계가 있습니다.",
    "두 사람은 서로의 이야기를 끝까지 들은 뒤에야 천천히 입을 열었습니다.",
    "물은 섭씨 백 도에서 끓지만 높은 산에서는 그보다 낮은 온도에서 끓습니다.",
)


class _Turn(msgspec.Struct):
    role: str
    content: Any = ""


class _Asked(msgspec.Struct):
    model: str
    messages: list[_Turn]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stream: bool = False

    @property
    def prompt(self) -> str:
        return "\n".join(turn.content for turn in self.messages if isinstance(turn.content, str))


_decode = msgspec.json.Decoder(_Asked).decode
_encode = msgspec.json.Encoder().encode


def prompt_key(received: Received) -> str:
    """What tells prompts apart in the counts: model and messages, not the parameters. Nothing for what costs nothing."""
    if received.method != "POST":
        return ""
    try:
        asked = _decode(received.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "unreadable"
    return key_of_prompt(asked.prompt, asked.model)


def key_of_prompt(prompt: str, model: str) -> str:
    """The name of a prompt in the counts, for tests that ask what one prompt has cost."""
    return hashlib.blake2b(f"{model}\0{prompt}".encode(), digest_size=8).hexdigest()


def answer_to(prompt: str, characters: int = DEFAULT_CHARACTERS) -> str:
    """The answer to a prompt: names it by its hash, so that every row of a run can be checked against its question."""
    digest = hashlib.blake2b(prompt.encode(), digest_size=16)
    parts = [f"[{digest.hexdigest()[:12]}]"]
    length = len(parts[0])
    for byte in digest.digest() * (characters // 30 + 1):
        if length >= characters:
            break
        parts.append(_SENTENCES[byte % len(_SENTENCES)])
        length += len(parts[-1]) + 1
    return " ".join(parts)[:characters]


def tokens(text: str) -> int:
    """A count like a tokenizer's: never more than there are bytes, and the same every time."""
    return max(1, len(text.encode()) // 3)


class MockOpenAI:
    """The handler of the server. `retry_after` is what a 429 asks for, in seconds; `key`, when given, is the only one let in."""

    def __init__(
        self,
        *,
        latency: Latency = NO_LATENCY,
        faults: Faults = NO_FAULTS,
        characters: int = DEFAULT_CHARACTERS,
        retry_after: float = 1.0,
        models: Sequence[str] = (),
        key: str = "",
        answer: Callable[[str], str] | None = None,
    ) -> None:
        unknown = faults.kinds - FAULTS.keys()
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}; known are {', '.join(FAULTS)}")
        self.latency = latency
        self.faults = faults
        self.retry_after = retry_after
        self.models = tuple(models)
        self.key = key
        self._answer = answer or (lambda prompt: answer_to(prompt, characters))

    def __call__(self, received: Received) -> Reaction:
        path = received.path.partition("?")[0]
        if path == "/v1/models" and received.method == "GET":
            listed = [{"id": model, "object": "model", "owned_by": "seodang"} for model in self.models or ("mock",)]
            return Reaction(body=_encode({"object": "list", "data": listed}))
        if path != "/v1/chat/completions" or received.method != "POST":
            return error(404, f"Unknown request URL: {received.method} {path}.", code="unknown_url")
        try:
            asked = _decode(received.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            return error(400, f"We could not parse the JSON body of your request: {problem}")
        if self.key and received.headers.get("authorization") != f"Bearer {self.key}":
            return error(401, "Incorrect API key provided.", code="invalid_api_key")
        if self.models and asked.model not in self.models:
            return error(
                404, f"The model `{asked.model}` does not exist or you do not have access to it.", code="model_not_found"
            )
        if asked.stream or not asked.messages:
            return error(400, "'messages' must not be empty, and 'stream' is not supported by this mock.")
        return self._react(received, asked)

    def _react(self, received: Received, asked: _Asked) -> Reaction:
        fault = self.faults.choose(received.key, received.attempt, asked.prompt)
        seconds = self.latency.of(self.faults.seed, received.key, received.attempt)
        whole = msgspec.structs.replace(self._completion(asked), seconds=seconds)
        return FAULTS[fault](self, received, whole) if fault else whole

    def _completion(self, asked: _Asked) -> Reaction:
        text = self._answer(asked.prompt)
        most = asked.max_completion_tokens or asked.max_tokens
        finish = "stop"
        if most is not None and tokens(text) > most:
            text, finish = text.encode()[: 3 * most].decode(errors="ignore"), "length"
        usage = {"input_tokens": tokens(asked.prompt), "output_tokens": tokens(text)}
        return completion(asked.model, text, finish, usage)


def completion(model: str, text: str | None, finish: str, usage: dict[str, int], **said: Any) -> Reaction:
    """A whole answer as the vendor writes it, and what it costs."""
    identity = hashlib.blake2b((text or "").encode(), digest_size=12).hexdigest()
    body = {
        "id": f"chatcmpl-{identity}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, "refusal": None, **said}, "finish_reason": finish}
        ],
        "usage": {
            "prompt_tokens": usage["input_tokens"],
            "completion_tokens": usage["output_tokens"],
            "total_tokens": usage["input_tokens"] + usage["output_tokens"],
        },
    }
    return Reaction(body=_encode(body), charge=usage)


def error(
    status: int, message: str, *, code: str = "", kind: str = "invalid_request_error", headers: Sequence[tuple[str, str]] = ()
) -> Reaction:
    """An error as the vendor writes it. It costs nothing."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code or None}}
    return Reaction(status=status, body=_encode(body), headers=(("content-type", "application/json"), *headers))


Fault = Callable[[MockOpenAI, Received, Reaction], Reaction]


def _throttled(form: str) -> Fault:
    def fault(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
        seconds = mock.retry_after
        headers = {
            "seconds": (("retry-after", f"{seconds:g}"),),
            "date": (("retry-after", email.utils.formatdate(time.time() + seconds, usegmt=True)),),
            "ms": (("retry-after-ms", f"{seconds * 1000:.0f}"),),
            "none": (),
        }[form]
        return error(429, "Rate limit reached for requests.", code="rate_limit_exceeded", kind="requests", headers=headers)

    return fault


def _plain(status: int, message: str, **fields: str) -> Fault:
    return lambda mock, received, whole: error(status, message, **fields)


def _ending(ending: str, *, paid: bool = True) -> Fault:
    changes: dict[str, Any] = {"ending": ending} if paid else {"ending": ending, "charge": None, "seconds": 0.0}
    return lambda mock, received, whole: msgspec.structs.replace(whole, **changes)


def _finished(finish: str, text: str | None = "", **said: Any) -> Fault:
    def fault(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
        asked, usage = _decode(received.body), dict(whole.charge or {})
        kept = mock._answer(asked.prompt)[:40] if text == "" else text
        return msgspec.structs.replace(completion(asked.model, kept, finish, usage, **said), seconds=whole.seconds)

    return fault


def _body(
    change: Callable[[bytes], bytes], *, paid: bool = True, content_type: str = "application/json", status: int = 200
) -> Fault:
    def fault(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
        charge = whole.charge if paid else None
        headers = (("content-type", content_type),)
        return msgspec.structs.replace(whole, body=change(whole.body), charge=charge, headers=headers, status=status)

    return fault


def _without_usage(body: bytes) -> bytes:
    said = msgspec.json.decode(body)
    del said["usage"]
    return _encode(said)


def _echo_of_key(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
    key = received.headers.get("authorization", "").removeprefix("Bearer ")
    return error(
        401,
        f"Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com.",
        code="invalid_api_key",
    )


_PAGE = "<!DOCTYPE html><html><title>502 Bad Gateway</title><body><h1>잠시 후 다시 시도해 주세요</h1></body></html>".encode()
_LIMITED = _encode({"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}})
_BROKEN = _encode({"error": {"message": "upstream said nothing", "type": "server_error", "code": None}})

FAULTS: dict[str, Fault] = {
    "429": _throttled("seconds"),
    "429-date": _throttled("date"),
    "429-ms": _throttled("ms"),
    "429-none": _throttled("none"),
    "insufficient-quota": _plain(429, "You exceeded your current quota.", code="insufficient_quota", kind="insufficient_quota"),
    "400": _plain(400, "Invalid value for 'temperature'.", code="invalid_value"),
    "401": _echo_of_key,
    "402": _plain(402, "Payment required."),
    "403": _plain(403, "Country, region, or territory not supported.", code="unsupported_country_region_territory"),
    "404": _plain(404, "The model does not exist or you do not have access to it.", code="model_not_found"),
    "413": _plain(413, "The request is too large."),
    "500": _plain(500, "The server had an error while processing your request.", kind="server_error"),
    "503": _plain(503, "The engine is currently overloaded.", kind="server_error"),
    "307": lambda mock, received, whole: Reaction(status=307, headers=(("location", "/elsewhere"),)),
    "reset-before": _ending("reset-before", paid=False),
    "reset-after": _ending("reset-after"),
    "drip": _ending("drip"),
    "hang": _ending("hang"),
    "wrong-length": _ending("wrong-length"),
    "cut-json": _body(lambda body: body[: len(body) // 2]),
    "missing-usage": _body(_without_usage),
    "html": _body(lambda body: _PAGE, paid=False, content_type="text/html"),
    "html-502": _body(lambda body: _PAGE, paid=False, content_type="text/html", status=502),
    "error-body": _body(lambda body: _BROKEN, paid=False),
    "rate-limit-body": _body(lambda body: _LIMITED, paid=False),
    "length": _finished("length"),
    "content-filter": _finished("content_filter", None),
    "refusal": _finished("stop", None, refusal="죄송하지만 도와드릴 수 없습니다."),
    "empty": _finished("stop", None),
}
"""What can go wrong, by the name that `--fault` takes. Those that end in bytes of an answer are paid, as a vendor would."""


@contextlib.contextmanager
def mock_openai(*, payments_file: Path | None = None, port: int = 0, **behaviour: Any) -> Iterator[RunningServer]:
    """Serves for the length of a `with`, in a thread; `server.url + "/v1"` is the base URL. For `behaviour` see `MockOpenAI`."""
    with wire_server(MockOpenAI(**behaviour), key_of=prompt_key, payments_file=payments_file, port=port) as server:
        yield server
