"""What a question costs over each way to the wire: the openai SDK over httpx2 and aiohttp, read as typed objects and as bytes.

Run as a process of its own: `python -m seodang_bench.transports KIND URL ROWS IN_FLIGHT`, so that imports and memory are its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from seodang_bench.processes import own_peak_mib

KINDS = ("bare-aiohttp", "httpx2-typed", "httpx2-bytes", "aiohttp-typed", "aiohttp-bytes")

Question = Callable[[str], Awaitable[str]]
Close = Callable[[], Awaitable[None]]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """`first_seconds` is from the start of the imports to the first answer."""

    kind: str
    in_flight: int
    first_seconds: float
    rows_per_second: float
    cpu_per_1000: float
    peak_mib: float


def measure(kind: str, url: str, rows: int, in_flight: int, directory: Path) -> Cost:
    from seodang_bench.processes import run_measured

    run_measured([sys.executable, "-m", "seodang_bench.transports", kind, url, str(rows), str(in_flight)], directory=directory)
    return msgspec.json.decode((directory / "output.txt").read_bytes(), type=Cost)


def _body(prompt: str) -> dict[str, Any]:
    return {"model": "mock", "messages": [{"role": "user", "content": prompt}], "max_tokens": 1024}


def _text(content: bytes) -> str:
    return json.loads(content)["choices"][0]["message"]["content"]


async def _bare(url: str, in_flight: int) -> tuple[Question, Close]:
    import aiohttp

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight))

    async def ask(prompt: str) -> str:
        async with session.post(f"{url}/chat/completions", json=_body(prompt)) as response:
            return _text(await response.read())

    return ask, session.close


async def _sdk(transport: str, reading: str, url: str, in_flight: int) -> tuple[Question, Close]:
    import httpx2
    import openai

    make = openai.DefaultAioHttpClient if transport == "aiohttp" else openai.DefaultAsyncHttpxClient
    http_client = make(limits=httpx2.Limits(max_connections=in_flight), follow_redirects=False)
    client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, http_client=http_client)

    async def typed(prompt: str) -> str:
        completion = await client.chat.completions.create(**_body(prompt))
        return completion.choices[0].message.content or ""

    async def as_bytes(prompt: str) -> str:
        content = json.dumps(_body(prompt)).encode()
        headers = {"Content-Type": "application/json"}
        response = await client.post("/chat/completions", cast_to=httpx2.Response, content=content, options={"headers": headers})
        return _text(response.content)

    return (typed if reading == "typed" else as_bytes), client.close


async def _measured(kind: str, url: str, rows: int, in_flight: int) -> Cost:
    began = time.monotonic()
    transport, _, reading = kind.partition("-")
    ask, close = await (_bare(url, in_flight) if transport == "bare" else _sdk(transport, reading, url, in_flight))
    await ask("첫 질문")
    first = time.monotonic() - began
    prompts = iter([f"{number}번째 질문" for number in range(rows)])

    async def worker() -> None:
        for prompt in prompts:
            await ask(prompt)

    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    await close()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(
        kind=kind,
        in_flight=in_flight,
        first_seconds=first,
        rows_per_second=rows / seconds,
        cpu_per_1000=cpu / rows * 1000,
        peak_mib=own_peak_mib(),
    )


if __name__ == "__main__":
    cost = asyncio.run(_measured(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    sys.stdout.buffer.write(msgspec.json.encode(cost))
