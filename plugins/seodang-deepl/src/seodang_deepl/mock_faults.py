"""What can go wrong at the mock, by the name that `--fault` takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from seodang.testing.wire_server import Reaction

from seodang_deepl.mock_wire import encode, error

if TYPE_CHECKING:
    from seodang_deepl.mock import MockDeepL


class Fault(NamedTuple):
    """`before`: nothing is translated and nothing billed. Otherwise the work is done, and what arrives is not as it should be."""

    react: Callable[[MockDeepL, Reaction], Reaction]
    before: bool = True


def _plain(status: int, message: str) -> Fault:
    return Fault(lambda mock, whole: error(status, message))


def _ending(ending: str, *, before: bool = False) -> Fault:
    return Fault(lambda mock, whole: msgspec.structs.replace(whole, ending=ending), before)


def _body(change: Callable[[bytes], bytes]) -> Fault:
    return Fault(lambda mock, whole: msgspec.structs.replace(whole, body=change(whole.body)), before=False)


def _without_bill(body: bytes) -> bytes:
    said = msgspec.json.decode(body)
    for translation in said["translations"]:
        translation.pop("billed_characters", None)
    return encode(said)


def _one_less(body: bytes) -> bytes:
    said = msgspec.json.decode(body)
    return encode({"translations": said["translations"][:-1]})


_PAGE = "<!DOCTYPE html><html><title>502 Bad Gateway</title><body>잠시 후 다시 시도해 주세요</body></html>".encode()

FAULTS: dict[str, Fault] = {
    "429": Fault(lambda mock, whole: error(429, "Too many requests", ("retry-after", f"{mock.retry_after:g}"))),
    "429-none": _plain(429, "Too many requests"),
    "400": _plain(400, "Bad request"),
    "403": _plain(403, "Forbidden"),
    "413": _plain(413, "Request size exceeds maximum."),
    "456": _plain(456, "Quota for this billing period has been exceeded."),
    "500": _plain(500, "Internal error"),
    "503": _plain(503, "Service unavailable"),
    "504": _plain(504, "Gateway timeout"),
    "307": Fault(lambda mock, whole: Reaction(status=307, headers=(("location", "http://127.0.0.1:9/v2/translate"),))),
    "html-502": Fault(lambda mock, whole: Reaction(status=502, body=_PAGE, headers=(("content-type", "text/html"),))),
    "reset-before": _ending("reset-before", before=True),
    "reset-after": _ending("reset-after"),
    "hang": _ending("hang"),
    "wrong-length": _ending("wrong-length"),
    "cut-json": _body(lambda body: body[: len(body) // 2]),
    "missing-bill": _body(_without_bill),
    "one-less": _body(_one_less),
}
