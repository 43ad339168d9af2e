"""The source "search": topics from Naver's search API. Titles of questions, not question–answer pairs."""

from __future__ import annotations

import email.utils
import html
import math
import re
from collections.abc import AsyncIterator
from typing import Any

import seodang

from seodang_naver_kin.connection import Connection, Item, Page
from seodang_naver_kin.failures import BadQuery
from seodang_naver_kin.intake import Intake
from seodang_naver_kin.server import Server
from seodang_naver_kin.threads import Thread

LAST_START = 1000
"""The API counts results from 1 and lets no page begin behind this one."""
CALLS_A_DAY = 25_000
_MARK = re.compile(r"</?b>", re.IGNORECASE)


async def read_search(options: Any, server: Server, context: seodang.Context, intake: Intake) -> AsyncIterator[seodang.Record]:
    """Query after query, page after page. A query that Naver refuses is quarantined, and the next one is asked."""
    queries = all_queries(options, context)
    if not queries:
        raise seodang.DataError("seodang_naver_kin:no-queries")
    _refuse_what_no_day_suffices_for(options, len(queries))
    connection = Connection(options, server, context)
    seen = 0
    for number, query in enumerate(queries):
        where = f"queries[{number}]"
        position = 0
        try:
            async for page, items in _pages(connection, options, query):
                for item in items:
                    position += 1
                    if (record := intake.take(_thread(item, page, query, position, options), f"{where}:{position}")) is not None:
                        yield record
                seen += len(items)
                context.progress(seen, None, query=query)
        except BadQuery as error:
            context.quarantine(where, "refused-query", error.detail, query)


def all_queries(options: Any, context: seodang.Context) -> list[str]:
    """The queries of the recipe and of its file, each once and in their order."""
    found = [*options.queries]
    if options.queries_path:
        for path in context.files("queries_path"):
            try:
                found += path.read_text(encoding="utf-8-sig").splitlines()
            except UnicodeDecodeError:
                raise seodang.DataError("seodang_naver_kin:queries-not-utf8", path=str(path)) from None
    return list(dict.fromkeys(query for line in found if (query := seodang.nfc(" ".join(line.split())))))


def calls_of(options: Any) -> int:
    """The most calls of one query. The results beyond 1,000 stand on a page that begins with the thousandth."""
    pages = math.ceil(min(options.most_per_query, LAST_START) / options.display)
    return pages + (options.most_per_query > LAST_START and options.display > 1)


def _refuse_what_no_day_suffices_for(options: Any, queries: int) -> None:
    calls = queries * calls_of(options)
    if calls > CALLS_A_DAY:
        raise seodang.DataError("seodang_naver_kin:too-many-calls", queries=queries, calls=calls, most=CALLS_A_DAY)


async def _pages(connection: Connection, options: Any, query: str) -> AsyncIterator[tuple[Page, list[Item]]]:
    """Pages with those of their items that are wanted and were on no page before."""
    taken, start, seen = 0, 1, 0
    while True:
        page = await connection.page(query, start=start, display=options.display)
        items = page.items[seen + 1 - start :][: options.most_per_query - taken]
        taken += len(items)
        yield page, items
        seen = start + options.display - 1
        if not page.items or taken >= options.most_per_query or seen >= page.total or start == LAST_START:
            return
        start = min(start + options.display, LAST_START)


def _thread(item: Item, page: Page, query: str, position: int, options: Any) -> Thread:
    columns = {"description": plain(item.description)} if options.descriptions and item.description else {}
    return Thread(
        title=plain(item.title),
        url=item.link,
        retrieved=_day(page.lastBuildDate),
        tags={"query": query, "position": position},
        columns=columns,
    )


def plain(text: str) -> str:
    """Without the marks around what was searched for, and with characters in place of entities: in this order, because a
    question about `&lt;b&gt;` is about that tag."""
    return " ".join(html.unescape(_MARK.sub("", text)).split())


def _day(text: str) -> str:
    """The day on which Naver says that it answered; the clock of this machine is not asked, so that a repetition says the same."""
    try:
        return email.utils.parsedate_to_datetime(text).date().isoformat()
    except ValueError:
        return ""
