"""The source "files": exports and saved pages, each file by the end of its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import seodang

from seodang_naver_kin.intake import Intake
from seodang_naver_kin.rows import Unusable, threads_of_row
from seodang_naver_kin.threads import Thread

PAGES = (".html", ".htm", ".xhtml", ".mhtml", ".mht")


def read_files(options: Any, context: seodang.Context, intake: Intake) -> Iterator[seodang.Record]:
    """A row that is no thread is quarantined with its place and the reason; so is a page whose layout is not known."""
    for thread, where in _threads(options, context):
        if isinstance(thread, Unusable):
            context.quarantine(where, thread.code, str(thread))
        elif (record := intake.take(thread, where)) is not None:
            yield record


def _threads(options: Any, context: seodang.Context) -> Iterator[tuple[Thread | Unusable, str]]:
    for path in context.files("path"):
        if path.suffix.lower() in PAGES:
            from seodang_naver_kin.pages import threads_of_page

            yield from threads_of_page(path, options.encoding)
        else:
            for row in context.rows(path, encoding=options.encoding or None):
                yield from threads_of_row(row, options.map)
