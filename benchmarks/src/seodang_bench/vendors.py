"""The mock in a process of its own, as benchmarks and fault tests pay it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence

import msgspec
from seodang.testing.wire_server import Counts

from seodang_bench.processes import child_environment


class Vendor:
    """A running `seodang mock …`. Its counts are the only judge of what was paid."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self._process = process
        self._last: Counts | None = None

    def counts(self) -> Counts:
        if self._last is not None:
            return self._last
        with urllib.request.urlopen(f"{self.url.removesuffix('/v1')}/_counts", timeout=10) as response:
            return msgspec.json.decode(response.read(), type=Counts)

    def brief(self) -> Counts:
        """The counts without those by prompt: cheap enough to be asked all the time."""
        with urllib.request.urlopen(f"{self.url.removesuffix('/v1')}/_counts?brief", timeout=10) as response:
            return msgspec.json.decode(response.read(), type=Counts)

    def rest(self, seconds: float = 30.0) -> Counts:
        """Waits until every generation has ended, also those whose client is gone, and returns the counts."""
        end = time.monotonic() + seconds
        while (counts := self.brief()).in_flight:
            if time.monotonic() > end:
                raise TimeoutError(f"{counts.in_flight} generations have not ended after {seconds} seconds")
            time.sleep(0.01)
        return counts

    def stop(self) -> None:
        """Ends the process in order; the last counts stay readable."""
        self._process.send_signal(signal.SIGTERM)
        rest, _ = self._process.communicate()
        self._last = msgspec.json.decode(rest.splitlines()[-1], type=Counts)


@contextlib.contextmanager
def vendor(
    latency: str = "0ms", *, faults: Sequence[str] = (), arguments: Sequence[str] = (), mock: str = "openai"
) -> Iterator[Vendor]:
    """The mock of that name for the length of a `with`. `faults` as in `429:0.10`."""
    command = [sys.executable, "-m", "seodang", "mock", mock, "--json", "--port", "0", "--latency", latency, *arguments]
    for fault in faults:
        command += ["--fault", fault]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=child_environment()) as process:
        assert process.stdout is not None
        running = Vendor(json.loads(process.stdout.readline())["url"], process)
        try:
            yield running
        finally:
            running.stop()
