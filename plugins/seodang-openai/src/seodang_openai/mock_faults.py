"""What can go wrong at the mock, by the name that `--fault` takes."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from seodang.testing.wire_server import Reaction, Received

from seodang_openai.mock_wire import completion, decode_asked, encode, error

if TYPE_CHECKING:
    from seodang_openai.mock import MockOpenAI

Fault = Callable[["MockOpenAI", Received, Reaction], Reaction]


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
        asked, usage = decode_asked(received.body), dict(whole.charge or {})
        kept = mock.said(asked).text[:40] if text == "" else text
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
    return encode(said)


def _with_another_id(body: bytes) -> bytes:
    return encode({**msgspec.json.decode(body), "id": "chatcmpl-0"})


def _broken_at_the_end(body: bytes) -> bytes:
    """A model that writes bytes was stopped in the middle of a character, and the server passed them on."""
    said = msgspec.json.decode(body)
    text = encode(said["choices"][0]["message"]["content"])
    return body.replace(text, text[:-1] + "가".encode()[:2] + b'"')


def _no_schema(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
    if decode_asked(received.body).response_format is None:
        return whole
    return error(
        400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", code="invalid_value"
    )


def _echo_of_key(mock: MockOpenAI, received: Received, whole: Reaction) -> Reaction:
    key = received.headers.get("authorization", "").removeprefix("Bearer ")
    return error(
        401,
        f"Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com.",
        code="invalid_api_key",
    )


_PAGE = "<!DOCTYPE html><html><title>502 Bad Gateway</title><body><h1>잠시 후 다시 시도해 주세요</h1></body></html>".encode()
_LIMITED = encode({"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}})
_BROKEN = encode({"error": {"message": "upstream said nothing", "type": "server_error", "code": None}})

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
    "redirects": lambda mock, received, whole: Reaction(status=307, headers=(("location", received.path),)),
    "reset-before": _ending("reset-before", paid=False),
    "reset-after": _ending("reset-after"),
    "drip": _ending("drip"),
    "hang": _ending("hang"),
    "wrong-length": _ending("wrong-length"),
    "cut-json": _body(lambda body: body[: len(body) // 2]),
    "missing-usage": _body(_without_usage),
    "broken-utf8": _body(_broken_at_the_end),
    "same-id": _body(_with_another_id),
    "no-schema": _no_schema,
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

SPOILED = frozenset({"reset-after", "drip", "hang", "wrong-length", "cut-json"})
"""The faults after which the work is done and the answer does not arrive as it should."""
TURNED_AWAY = frozenset(
    {kind for kind in FAULTS if kind.startswith("429")}
    | {"insufficient-quota", "400", "401", "402", "403", "413", "500", "503", "307", "reset-before", "html-502"}
)
"""Those before which nothing is done."""
