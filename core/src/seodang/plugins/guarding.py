"""Running a stranger's code while plugins are loaded: silent, for a limited time, and with a short account of what it raised."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any

from seodang.wording import Phrase, one_line


class TookTooLong(BaseException):
    """Raised in the midst of what takes too long. No Exception, so that an `except Exception` in there does not catch it."""


class Hushed:
    """A stream that swallows what is written while plugins are loaded, and afterwards passes it on.

    It passes on because a plugin may have kept it: `logging.StreamHandler()` at import does.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.open = False
        self.written = 0

    def write(self, text: str) -> int:
        if self.open:
            return int(self._stream.write(text))
        self.written += len(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Silence:
    """How much was printed so far."""

    def __init__(self, streams: tuple[Hushed, ...]) -> None:
        self._streams = streams

    @property
    def written(self) -> int:
        return sum(stream.written for stream in self._streams)


@contextmanager
def silence() -> Iterator[Silence]:
    """Nothing that is printed in here reaches the terminal or a pipe, not by C code or a child process either.

    Standard input is empty, so that `input()` at import ends instead of waiting. Other threads are silenced as well; loading
    takes some tens of milliseconds at the start of a command, when there are none.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    hushed = Hushed(sys.stdout), Hushed(sys.stderr)
    with open(os.devnull, encoding="utf-8") as nothing, _descriptors_closed():
        sys.stdin, sys.stdout, sys.stderr = nothing, hushed[0], hushed[1]
        try:
            yield Silence(hushed)
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            for stream in hushed:
                stream.open = True


@contextmanager
def _descriptors_closed() -> Iterator[None]:
    """File descriptors 1 and 2 lead nowhere in here. One that is closed already is left so."""
    _flush()
    saved: list[tuple[int, int]] = []
    for descriptor in (1, 2):
        with suppress(OSError):
            saved.append((descriptor, os.dup(descriptor)))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor, _ in saved:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        yield
    finally:
        _flush()
        for descriptor, copy in saved:
            os.dup2(copy, descriptor)
            os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, broken or None: then there is nothing to flush
            stream.flush()


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raises `TookTooLong` in the code within when it takes longer than this.

    A timer and not a thread: what is stopped in this way is really over and prints nothing later. It cannot stop a
    computation inside C, and there is no limit outside the main thread; `seodang plugins`, which loads in a process of its
    own, sees those as well.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    previous = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    started = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous if previous is not None else signal.SIG_DFL)
        if left:
            # Somebody else's timer goes on where it was; one that ran out meanwhile fires now.
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - started), 0.001), interval)


def told(error: BaseException) -> str:
    """The error in one line: `RuntimeError: no licence file`."""
    try:
        said = str(error)
    except Exception:  # the error's own __str__ fails: its type is all that can be told
        said = ""
    name = type(error).__name__
    return one_line(f"{name}: {said}" if said else name, 300)


def whence(error: BaseException, root: str) -> Phrase | str:
    """Where in the plugin it came from, as ` (seodang_deepl/__init__.py:12)`; nothing where its code was not reached."""
    place = ""
    directory = root.removesuffix("__init__.py")
    above = os.path.dirname(directory.rstrip(os.sep))
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if root and name.startswith(directory):
            place = f"{os.path.relpath(name, above)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return Phrase("plugins.at", {"place": place}) if place else ""
