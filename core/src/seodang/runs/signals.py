"""SIGTERM and Ctrl-C: the first asks for an orderly end, the second ends at once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from seodang.asking.stop import Stop
from seodang.runs.progress import Progress
from seodang.wording import render

INTERRUPTED = 75


@contextmanager
def stop_on_signals(stop: Stop, progress: Progress) -> Iterator[None]:
    """Nothing new is begun after the first signal; what is in flight is waited for and stored. In a thread, nothing is caught."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.requested:
            # The ledger has every answer that was acknowledged; the rest is listed as in doubt by the next run.
            os._exit(INTERRUPTED)
        stop.request()
        progress.say(render("runs.stopping", {}))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
