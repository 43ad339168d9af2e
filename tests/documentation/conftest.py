"""Follows a tutorial as its reader would: types its commands in order, and looks for what the page shows in what they print."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from seodang.commandline import main

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]+) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/(?:[\w-]{20,}/)?")
"""Of a page: alone, or with the secret that it is found by."""
WAITING = ("serve", "review", "ab")
"""What stays until Ctrl-C, unless it is told only to read or to write something."""


class Tutorial:
    """One page in one language. Its blocks: `sh` is typed, `text` must be printed by what was typed last, anything else is written
    into the file that the mark before it names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.page = (DOCS / name).read_text(encoding="utf-8")
        self.blocks = [(found["mark"] or "", found["kind"], found["text"]) for found in BLOCK.finditer(self.page)]

    @property
    def typed(self) -> list[tuple[str, str, str]]:
        """What has to be the same in every language."""
        return [block for block in self.blocks if block[1] != "text"]

    @property
    def shape(self) -> list[str]:
        """Headings, blocks and rows of tables, in their order."""
        text = BLOCK.sub(lambda found: f"\n@{found['kind']}\n", self.page)
        lines = (re.match(r"(#+) |(@\w+)$|(\|)", line) for line in text.splitlines())
        return ["".join(filter(None, found.groups())) for found in lines if found]


class Reader:
    """Somebody at a shell. `elsewhere` maps addresses on the page to where they are in this test, `visitors` are those who open a
    page that a command serves, by the mark before the command; `paid` counts what the vendor has taken money for."""

    def __init__(
        self, folder: Path, elsewhere: dict[str, str], visitors: dict[str, Callable[[str], None]], paid: Callable[[], int]
    ) -> None:
        self.folder, self.elsewhere, self.visitors, self.paid = folder, elsewhere, visitors, paid
        self.said = ""
        self.commands = 0
        self.shown = 0
        self.killed = 0

    def follow(self, tutorial: Tutorial) -> None:
        for mark, kind, text in tutorial.blocks:
            if kind == "sh":
                self.said = ""
                for line in text.splitlines():
                    self.type(line.partition(" #")[0].strip(), mark)
            elif kind == "text":
                self.compare(text)
            else:
                self.write(mark, text)

    def type(self, line: str, mark: str) -> None:
        words = shlex.split(line)
        if words[0] == "cd":
            self.folder /= words[1]
            os.chdir(self.folder)
            return
        assert words[0] == "seodang", line
        arguments = [self.here(word) for word in words[1:]]
        self.commands += 1
        wanted = int(mark.removeprefix("ends with ")) if mark.startswith("ends with ") else 0
        if arguments[0] == "mock":
            return  # It listens already, in this process and on a port that is free.
        if mark == "killed":
            self.kill(arguments)
            return
        if mark in self.visitors:
            code, said = self.visited(arguments, self.visitors[mark])
        else:
            reads = {"--csv", "--from-csv", "--figures"} & set(arguments)
            assert reads or not set(WAITING) & set(arguments[:2]), f"who would end this? {line}"
            code, said = typed(arguments)
        assert code == wanted, f"{line}\n{said}"
        self.said += said
        for path in self.folder.glob("*.toml"):
            self.redirect(path)

    def redirect(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        if text != self.here(text):
            path.write_text(self.here(text), encoding="utf-8")

    def here(self, text: str) -> str:
        for there, here in self.elsewhere.items():
            text = text.replace(there, here)
        return text

    def kill(self, arguments: list[str]) -> None:
        """`kill -9` as soon as the vendor has taken money for an answer."""
        before = self.paid()
        command = [sys.executable, "-c", "import sys; from seodang.commandline import main; main(sys.argv[1:])", *arguments]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while self.paid() == before and process.poll() is None:
                time.sleep(0.005)
            process.kill()
            assert process.wait() == -signal.SIGKILL, process.stderr.read().decode()
        self.killed += 1

    def visited(self, arguments: list[str], visitor: Callable[[str], None]) -> tuple[int, str]:
        """A command that serves a page, until its visitor has seen it and its owner presses Ctrl-C."""
        found: list[BaseException] = []
        out = io.StringIO()

        def visit() -> None:
            try:
                ends = time.monotonic() + 60
                while not ADDRESS.search(out.getvalue()):
                    assert time.monotonic() < ends, "no page is served"
                    time.sleep(0.02)
                visitor(ADDRESS.findall(out.getvalue())[-1])
            except BaseException as error:
                found.append(error)
            finally:
                time.sleep(0.1)
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        thread = threading.Thread(target=visit)
        thread.start()
        more = ["--port", "0"] + (["--no-browser"] if arguments[0] != "serve" else [])
        try:
            code, said = typed([*arguments, *more], out)
        finally:
            thread.join()
        if found:
            raise found[0]
        return code, said

    def compare(self, text: str) -> None:
        """Each line that is shown is printed, in this order; `…` stands for anything, blanks are not counted."""
        printed = [" ".join(line.split()) for line in self.said.splitlines()]
        at = 0
        for line in text.splitlines():
            wanted = " ".join(line.split())
            if wanted in ("", "…"):
                continue
            pattern = re.compile(".*".join(map(re.escape, wanted.split("…"))))
            while at < len(printed) and not pattern.fullmatch(printed[at]):
                at += 1
            assert at < len(printed), f"the page shows what is not printed (or not here): {line}\n\n{self.said}"
            at += 1
            self.shown += 1

    def write(self, mark: str, text: str) -> None:
        how, _, name = mark.partition(" ")
        name, _, before = name.partition(", before ")
        path = self.folder / name
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        text = self.here(text)
        if how == "write":
            path.write_text(text, encoding="utf-8")
        elif how == "append":
            path.write_text(old + text, encoding="utf-8")
        else:
            place = re.compile(r"\s+".join(map(re.escape, before.split())))
            assert how == "insert" and len(place.findall(old)) == 1, mark
            path.write_text(place.sub(lambda found: f"{text.strip()}\n\n{found[0]}", old), encoding="utf-8")


def typed(arguments: list[str], out: io.StringIO | None = None) -> tuple[int, str]:
    out = out or io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code or 0, out.getvalue()


def sent(address: str, verb: str, body: object) -> dict:
    """What the page of an address would get for this."""
    request = urllib.request.Request(
        address + verb,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Origin": re.match(r"http://[^/]+", address)[0]},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Reader]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "130")
    return Reader


@pytest.fixture
def tutorial() -> type[Tutorial]:
    return Tutorial


@pytest.fixture
def post() -> Callable[[str, str, object], dict]:
    return sent
