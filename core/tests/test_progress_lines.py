"""What a log file gets of a long wait."""

import asyncio
import io
import sys
from pathlib import Path
from types import SimpleNamespace

from seodang.runs.progress import Progress
from seodang.traffic.clock import SystemClock

sys.path.insert(0, str(Path(__file__).parent))
from virtual_time import VirtualClock, run_virtually


def test_a_line_that_says_nothing_new_is_not_written_again():
    waiting = SimpleNamespace(said="1 batch: 0 of 300 answered")
    waiting.status = lambda: waiting.said
    log = io.StringIO()

    async def story():
        progress = Progress(VirtualClock(), log)
        progress.watch(waiting)
        progress.begin("teach answer", 2, 2)
        ticking = asyncio.create_task(progress.tick())
        await asyncio.sleep(3600)
        waiting.said = "1 batch: 100 of 300 answered"
        await asyncio.sleep(3600)
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)

    run_virtually(story())
    assert log.getvalue().splitlines() == [
        "[2/2] teach answer · 1 batch: 0 of 300 answered",
        "[2/2] teach answer · 1 batch: 100 of 300 answered",
    ]


def test_who_wants_no_progress_is_warned_all_the_same():
    stream = io.StringIO()
    progress = Progress(SystemClock(), stream, quiet=True)
    progress.say("12 of 20 rows")
    assert stream.getvalue() == ""
    progress.warn("INVALID JUDGE")
    assert stream.getvalue() == "INVALID JUDGE\n"
