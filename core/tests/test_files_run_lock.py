"""One process on one run. The second is told who holds it; when the first is killed, the lock is free."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.files.run_lock import RunLock

HOLDER = """
import os, sys, time
from pathlib import Path
from seodang.files.run_lock import RunLock

with RunLock(Path(sys.argv[1])):
    if sys.argv[2] == "with-a-child":
        if os.fork() == 0:
            os.close(1)
            time.sleep(60)
    print(os.getpid(), flush=True)
    time.sleep(60)
"""

SECOND = """
import sys
from pathlib import Path
from seodang.errors import DataError
from seodang.files.run_lock import RunLock

try:
    with RunLock(Path(sys.argv[1])):
        print("mine")
except DataError as error:
    print(error.exit_code, error)
"""


@pytest.fixture
def holder(tmp_path):
    """Starts a process that holds the run; it is gone when the test is."""
    started = []

    def hold(kind: str = "alone") -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path), kind], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == f"{process.pid}\n"
        return process

    yield hold
    for process in started:
        with contextlib.suppress(ProcessLookupError):  # nobody of the group is left
            os.killpg(process.pid, 9)
        process.wait()
        process.stdout.close()


def second(run: Path, language: str = "en") -> str:
    done = subprocess.run(
        [sys.executable, "-c", SECOND, str(run)],
        capture_output=True,
        text=True,
        env={**os.environ, "SEODANG_LANGUAGE": language},
        timeout=60,
    )
    assert not done.stderr
    return done.stdout


def test_a_second_process_is_told_who_holds_the_run(tmp_path, holder):
    process = holder()
    told = second(tmp_path)
    assert told.startswith(f"4 {tmp_path} is in use by another process (pid {process.pid} on {os.uname().nodename}, since 20")
    assert told.endswith("Wait for it or stop it; there is nothing to remove.\n")
    assert f"pid {process.pid}, 20" in second(tmp_path, "ko") and "다른 프로세스가 쓰고 있습니다" in second(tmp_path, "ko")


@pytest.mark.parametrize("kind", ["alone", "with-a-child"])
def test_when_the_first_is_killed_the_lock_is_free(tmp_path, holder, kind):
    """A child that was forked outlives its parent here and must not keep the run."""
    process = holder(kind)
    assert second(tmp_path).startswith("4 ")
    process.kill()
    process.wait()
    assert second(tmp_path) == "mine\n"


def test_the_lock_is_free_after_the_block_and_cannot_be_had_twice(tmp_path):
    for _ in range(2):
        with RunLock(tmp_path), pytest.raises(DataError) as told, RunLock(tmp_path):
            pass
        assert told.value.code == "files.locked" and told.value.facts["pid"] == os.getpid()
    assert (tmp_path / "run.lock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("note", [b"", b"\xff", b"[]", b'{"pid": 1}' + b" " * 200])
def test_a_note_that_cannot_be_read_makes_the_message_poorer_and_nothing_else(tmp_path, note):
    with RunLock(tmp_path):
        (tmp_path / "run.lock").write_bytes(note)
        with pytest.raises(DataError) as told, RunLock(tmp_path):
            pass
        assert told.value.facts["host"] == "?" and str(tmp_path) in str(told.value)
    with RunLock(tmp_path):
        assert f'"pid":{os.getpid()}'.encode() in (tmp_path / "run.lock").read_bytes()


def test_a_run_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(FileNotFoundError), RunLock(tmp_path / "none"):
        pass
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError) as told, RunLock(tmp_path / "file"):
        pass
    assert told.value.code == "files.unusable-place"
