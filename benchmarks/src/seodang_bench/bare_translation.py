"""The floor that translating is compared with: full batches of fifty lines over aiohttp, one after another in so many loops.

It keeps no money, protects nothing and checks nothing. Run as a process of its own:
`python -m seodang_bench.bare_translation URL ROWS JOURNAL IN_FLIGHT`.
"""

import asyncio
import json
import re
import sys
from typing import IO
from xml.sax.saxutils import escape

import aiohttp

MOST_TEXTS = 50
_CODE = re.compile(r"```.*?```", re.DOTALL)
FIELDS = ("instruction", "input", "output")


def parts_of(text: str) -> list[str]:
    """The lines outside of code: what seodang sends of these rows, too, so that both sides have the same work."""
    return [line for line in _CODE.sub("", text).split("\n") if line]


async def translate(session: aiohttp.ClientSession, url: str, texts: list[str]) -> list[str]:
    body = {
        "text": [escape(text) for text in texts],
        "source_lang": "EN",
        "target_lang": "KO",
        "tag_handling": "xml",
        "tag_handling_version": "v2",
        "show_billed_characters": True,
    }
    async with session.post(f"{url}/v2/translate", json=body, headers={"Authorization": "DeepL-Auth-Key none"}) as response:
        if response.status != 200:
            raise SystemExit(f"{response.status}: {await response.text()}")
        return [one["text"] for one in json.loads(await response.read())["translations"]]


async def translate_all(url: str, texts: list[str], book: IO[str], in_flight: int) -> None:
    batches = iter([texts[start : start + MOST_TEXTS] for start in range(0, len(texts), MOST_TEXTS)])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def worker() -> None:
            for batch in batches:
                for text, translation in zip(batch, await translate(session, url, batch), strict=True):
                    book.write(json.dumps({"text": text, "translation": translation}, ensure_ascii=False) + "\n")
                book.flush()

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def main(url: str, rows: str, journal: str, in_flight: int) -> None:
    with open(rows, encoding="utf-8") as lines:
        texts = [part for line in lines for text in map(json.loads(line).get, FIELDS) for part in parts_of(text)]
    with open(journal, "a", encoding="utf-8") as book:
        asyncio.run(translate_all(url, texts, book, in_flight))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
