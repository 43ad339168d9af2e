"""A fake of Naver's search API on loopback: the real wire format with its errors, scripted failures, a quota, invented questions.

Results are a function of the query, failures of (seed, query, attempt): every client that asks the same meets the same.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction, Received, RunningServer, wire_server

from seodang_naver_kin.server import GATEWAYS

DEFAULT_TOTAL = 230
SORTS = ("sim", "date", "point")
_BUILT = "Wed, 05 Apr 2023 09:00:00 +0900"
_TITLES = (
    "<b>{query}</b> 처음인데 무엇부터 하면 좋을까요?",
    "<b>{query}</b> 할 때 &quot;이것&quot;만은 조심하라는데 왜 그런가요",
    "{query} A &amp; B 가운데 어느 쪽이 나을까요",
    "초보도 <b>{query}</b>, 일주일이면 되나요? 3 &lt; 5 같은 부등식도 헷갈려요",
    "<b>{query}</b> 관련 책이나 강의를 추천해 주세요",
    "부모님께 <b>{query}</b> 설명해 드리려는데 쉬운 말이 없을까요",
    "<b>{query}</b> 비용은 보통 얼마나 드나요",
)
_FRAGMENTS = (
    "<b>{query}</b> 이야기를 들은 지 한 달쯤 되었는데 아직 시작을 못 했습니다. 준비물과 순서를 알려 주시면...",
    "안녕하세요. 먼저 하루에 십 분씩 꾸준히 해 보시길 권합니다. <b>{query}</b> 은 서두를수록 늦어지거든요...",
    "자세한 것은 hunjang@seodang.example 로 물어보시면 답해 드리겠습니다. <b>{query}</b> 자료도 보내 드려요...",
)
_DIRECTORIES = ((1, "104"), (3, "30302"), (4, "402"), (8, "80101"), (11, "110801"))
_encode = msgspec.json.Encoder().encode


class _Asked(msgspec.Struct, frozen=True):
    """The parameters of a request, each as its bytes."""

    given: dict[str, bytes]

    def number(self, name: str, default: int, most: int) -> int | None:
        text = self.given.get(name, str(default).encode())
        return int(text) if text.isdigit() and 1 <= int(text) <= most else None


def asked_of(path: str) -> _Asked:
    pairs = (pair.partition("=") for pair in path.partition("?")[2].split("&") if pair)
    return _Asked({name: unquote_to_bytes(value.replace("+", " ")) for name, _, value in pairs})


def call_key(received: Received) -> str:
    """What tells calls apart in the counts: query and start. Nothing for what is no search."""
    path = received.path.partition("?")[0]
    if received.method != "GET" or "/search/" not in path:
        return ""
    given = asked_of(received.path).given
    return f"{given.get('query', b'').decode(errors='replace')} from {given.get('start', b'1').decode(errors='replace')}"


def question_url(query: str, position: int) -> str:
    """The address of the n-th invented question about something."""
    number = int.from_bytes(hashlib.blake2b(f"{query}\0{position}".encode(), digest_size=4).digest())
    first, directory = _DIRECTORIES[number % len(_DIRECTORIES)]
    return (
        f"https://kin.naver.com/qna/detail.naver?d1id={first}&dirId={directory}&docId={number}"
        f"&qb=c2VvZGFuZw==&enc=utf8&section=kin.qna&rank={position}&search_sort=0&spq=0"
    )


class MockNaver:
    """The handler of the server. `quota` is how many calls are answered, `total` how many results a query has; `key`, when
    given, is the only pair of id and secret that is let in."""

    def __init__(
        self,
        *,
        latency: Latency | None = None,
        faults: Faults | None = None,
        total: int = DEFAULT_TOTAL,
        quota: int = 25_000,
        retry_after: float = 1.0,
        key: tuple[str, str] | None = None,
        elsewhere: str = "https://example.org/",
    ) -> None:
        self.latency = latency or Latency()
        self.faults = faults or Faults()
        unknown = self.faults.kinds - FAULTS.keys()
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}; known are {', '.join(FAULTS)}")
        self.total = total
        self.quota = quota
        self.retry_after = retry_after
        self.key = key
        self.elsewhere = elsewhere

    def __call__(self, received: Received) -> Reaction:
        path = received.path.partition("?")[0]
        mode = next((mode for mode, gateway in GATEWAYS.items() if gateway.path == path), "")
        hub = mode == "hub" or (not mode and not path.startswith("/v1/"))
        if not mode or received.method != "GET":
            return error(404, "SE05", "Invalid search api (존재하지 않는 검색 api 입니다.)", hub=hub)
        if not self._lets_in(received, mode):
            return unauthorized(hub=hub)
        fault = self.faults.choose(received.key, received.attempt, received.key)
        seconds = self.latency.of(self.faults.seed, received.key, received.attempt)
        reaction = FAULTS[fault](self, received, hub) if fault else self._page(asked_of(received.path), hub)
        if reaction.charge is not None:
            if self.quota <= 0:
                return exhausted(hub=hub)
            self.quota -= 1
        return msgspec.structs.replace(reaction, seconds=seconds)

    def _lets_in(self, received: Received, mode: str) -> bool:
        names = GATEWAYS[mode].headers
        given = tuple(received.headers.get(name.lower(), "") for name in names)
        return all(given) and (self.key is None or given == self.key)

    def _page(self, asked: _Asked, hub: bool) -> Reaction:
        try:
            query = asked.given.get("query", b"").decode()
        except UnicodeDecodeError:
            return error(400, "SE06", "Malformed encoding (잘못된 형식의 인코딩입니다.)", hub=hub)
        display, start = asked.number("display", 10, 100), asked.number("start", 1, 1000)
        sort = asked.given.get("sort", b"sim").decode(errors="replace")
        if not query.strip():
            return error(400, "SE01", "Incorrect query request (잘못된 쿼리요청입니다.)", hub=hub)
        if display is None:
            return error(400, "SE02", "Invalid display value (부적절한 display 값입니다.)", hub=hub)
        if start is None:
            return error(400, "SE03", "Invalid start value (부적절한 start 값입니다.)", hub=hub)
        if sort not in SORTS:
            return error(400, "SE04", "Invalid sort value (부적절한 sort 값입니다.)", hub=hub)
        last = min(start + display - 1, self.total)
        items = [item_of(query, position) for position in range(start, last + 1)]
        body = {"lastBuildDate": _BUILT, "total": self.total, "start": start, "display": len(items), "items": items}
        return Reaction(body=_encode(body), charge={"calls": 1})


def item_of(query: str, position: int) -> dict[str, str]:
    """The n-th result, with marks and entities as the API writes them."""
    title = _TITLES[position % len(_TITLES)].format(query=query)
    return {
        "title": title if position <= len(_TITLES) else f"{title} ({position})",
        "link": question_url(query, position),
        "description": _FRAGMENTS[position % len(_FRAGMENTS)].format(query=query),
    }


def error(status: int, code: str, message: str, *, hub: bool = False, headers: Sequence[tuple[str, str]] = ()) -> Reaction:
    """An error as the developers' centre writes it, or as the gateway of API HUB does. It costs nothing."""
    body = (
        {"error": {"errorCode": code, "message": message, "details": ""}} if hub else {"errorMessage": message, "errorCode": code}
    )
    return Reaction(status=status, body=_encode(body), headers=(("content-type", "application/json;charset=UTF-8"), *headers))


def unauthorized(*, hub: bool, detail: str = "") -> Reaction:
    if hub:
        return error(401, "200", f"Authentication Failed{detail}", hub=True)
    return error(401, "024", f"NID AUTH Result Invalid (1000) : Authentication failed. (인증에 실패했습니다.){detail}")


def exhausted(*, hub: bool) -> Reaction:
    if hub:
        return error(429, "400", "Quota Exceeded", hub=True)
    return error(429, "010", "Query limit exceeded. (쿼리한도를 초과했습니다.)")


Fault = Callable[[MockNaver, Received, bool], Reaction]


def _paced(form: str) -> Fault:
    def fault(mock: MockNaver, received: Received, hub: bool) -> Reaction:
        seconds = mock.retry_after
        headers = {
            "seconds": (("retry-after", f"{seconds:g}"),),
            "date": (("retry-after", email.utils.formatdate(time.time() + seconds, usegmt=True)),),
            "none": (),
        }[form]
        code, text = ("420", "Rate Limited") if hub else ("012", "Rate limit exceeded. (속도 제한을 초과했습니다.)")
        return error(429, code, text, hub=hub, headers=headers)

    return fault


def _coded(status: int, code: str, text: str) -> Fault:
    return lambda mock, received, hub: error(status, code, text, hub=hub)


def _echo_of_key(mock: MockNaver, received: Received, hub: bool) -> Reaction:
    names = GATEWAYS["hub" if hub else "legacy"].headers
    return unauthorized(hub=hub, detail=" " + " ".join(received.headers.get(name.lower(), "") for name in names))


def _ending(ending: str) -> Fault:
    return lambda mock, received, hub: msgspec.structs.replace(mock._page(asked_of(received.path), hub), ending=ending)


def _body(change: Callable[[bytes], bytes], content_type: str = "application/json") -> Fault:
    def fault(mock: MockNaver, received: Received, hub: bool) -> Reaction:
        whole = mock._page(asked_of(received.path), hub)
        return msgspec.structs.replace(whole, body=change(whole.body), headers=(("content-type", content_type),))

    return fault


_PAGE = "<!DOCTYPE html><html><title>점검 중</title><body><h1>잠시 후 다시 시도해 주세요</h1></body></html>".encode()

FAULTS: dict[str, Fault] = {
    "429": _paced("seconds"),
    "429-date": _paced("date"),
    "429-none": _paced("none"),
    "quota": lambda mock, received, hub: exhausted(hub=hub),
    "401": _echo_of_key,
    "403": _coded(403, "", "HTTPS 로만 호출할 수 있습니다."),
    "SE01": _coded(400, "SE01", "Incorrect query request (잘못된 쿼리요청입니다.)"),
    "SE02": _coded(400, "SE02", "Invalid display value (부적절한 display 값입니다.)"),
    "SE03": _coded(400, "SE03", "Invalid start value (부적절한 start 값입니다.)"),
    "SE04": _coded(400, "SE04", "Invalid sort value (부적절한 sort 값입니다.)"),
    "SE05": _coded(404, "SE05", "Invalid search api (존재하지 않는 검색 api 입니다.)"),
    "SE06": _coded(400, "SE06", "Malformed encoding (잘못된 형식의 인코딩입니다.)"),
    "SE99": _coded(500, "SE99", "System Error (시스템 에러)"),
    "500": _coded(500, "", "Internal Server Error"),
    "503": _coded(503, "", "Service Unavailable"),
    "redirect": lambda mock, received, hub: Reaction(status=307, headers=(("location", mock.elsewhere),)),
    "reset-before": _ending("reset-before"),
    "reset-after": _ending("reset-after"),
    "drip": _ending("drip"),
    "hang": _ending("hang"),
    "wrong-length": _ending("wrong-length"),
    "cut-json": _body(lambda body: body[: len(body) // 2]),
    "html": _body(lambda body: _PAGE, "text/html"),
    "huge": _body(lambda body: b" " * (5 * 1024 * 1024)),
}
"""What can go wrong, by the name that `--fault` takes."""


@contextlib.contextmanager
def mock_naver(*, payments_file: Path | None = None, port: int = 0, **behaviour: Any) -> Iterator[RunningServer]:
    """Serves for the length of a `with`, in a thread; `server.url` is the `base_url`. For `behaviour` see `MockNaver`."""
    with wire_server(MockNaver(**behaviour), key_of=call_key, payments_file=payments_file, port=port) as server:
        yield server
