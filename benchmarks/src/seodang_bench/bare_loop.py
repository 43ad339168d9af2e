"""The floor that seodang is compared with: a bare aiohttp loop that appends every answer to a journal.

Sixty lines that keep no money, no retries worth the name and no order; what they take is what the work itself takes.
Run as a process of its own: `python -m seodang_bench.bare_loop URL ROWS JOURNAL IN_FLIGHT`.
"""

import asyncio
import json
import sys
from typing import IO

import aiohttp

TRIES = 8


async def ask(session: aiohttp.ClientSession, url: str, prompt: str) -> str:
    """One answer. A 429 is waited out as it asks, a 5xx for half a second."""
    body = {"model": "mock", "messages": [{"role": "user", "content": prompt}], "max_tokens": 1024}
    for _ in range(TRIES):
        async with session.post(f"{url}/chat/completions", json=body) as response:
            if response.status == 200:
                return json.loads(await response.read())["choices"][0]["message"]["content"]
            await response.read()
            await asyncio.sleep(float(response.headers.get("retry-after", 0.5)))
    raise SystemExit(f"no answer after {TRIES} tries: {prompt}")


async def ask_all(url: str, prompts: list[str], book: IO[str], in_flight: int) -> None:
    waiting = iter(prompts)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def worker() -> None:
            for prompt in waiting:
                answer = await ask(session, url, prompt)
                book.write(json.dumps({"prompt": prompt, "answer": answer}, ensure_ascii=False) + "\n")
                book.flush()

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def main(url: str, rows: str, journal: str, in_flight: int) -> None:
    with open(rows, encoding="utf-8") as lines:
        prompts = [json.loads(line)["instruction"] for line in lines]
    with open(journal, "a", encoding="utf-8") as book:
        asyncio.run(ask_all(url, prompts, book, in_flight))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
