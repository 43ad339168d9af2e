"""A training on several devices: the step starts a process for each, listens to them, and ends all when one fails.

Only rank 0 writes into the step's folder, and only the process of the run speaks to the run. The workers find each other by a
file and talk over the loopback device alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

import seodang

LISTENING_SECONDS = 0.2
GRACE_SECONDS = 5.0
"""When one worker is gone the others fail a moment later; who was first is looked for among all that have ended by then."""


class Work(NamedTuple):
    """What a worker is told besides the task itself: where the rows and the model lie."""

    task: Any
    rows: Path
    base: Path
    tokens: tuple[str, ...]
    devices: int
    meeting: str = ""


class Wire:
    """A worker's side of the line to the run: it stands where a training has its context."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.stopping = False

    def progress(self, done: int, total: int | None = None, **facts: Any) -> None:
        """The run answers whether it wishes to stop, so that a step later than it said so none is begun."""
        self._line.send(("progress", (done, total, facts)))
        self.stopping = self._line.recv() or self.stopping

    def stop(self) -> None:
        self.stopping = True

    def warn(self, code: str, **facts: Any) -> None:
        self._line.send(("warn", (code, facts)))


def train_on_devices(work: Work, context: seodang.Context) -> Any:
    """What rank 0 has to say of the training when it is done. Raises what a worker raised."""
    # The server imports torch once and forks it for every worker; the process of the run may have threads and must not be forked.
    started = multiprocessing.get_context("forkserver")
    started.set_forkserver_preload(["seodang_train.loop"])
    with tempfile.TemporaryDirectory(prefix="seodang-devices-") as meeting:
        lines, workers = [], []
        try:
            for rank in range(work.devices):
                ours, theirs = started.Pipe()
                worker = started.Process(
                    target=_work, args=(work._replace(meeting=f"{meeting}/met"), rank, theirs), name=f"rank {rank}", daemon=True
                )
                worker.start()
                theirs.close()
                lines.append(ours)
                workers.append(worker)
            return _listen(lines, workers, context)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
            for line in lines:
                line.close()


def _listen(lines: Sequence[Connection], workers: Sequence[Any], context: seodang.Context) -> Any:
    failures: dict[int, BaseException] = {}
    results: dict[int, Any] = {}
    open_lines = {line: rank for rank, line in enumerate(lines)}
    deadline = 0.0
    while open_lines and not (deadline and time.monotonic() > deadline):
        for line in wait(list(open_lines), LISTENING_SECONDS):
            assert isinstance(line, Connection)
            rank = open_lines[line]
            try:
                kind, facts = line.recv()
            except (EOFError, OSError):
                del open_lines[line]
                if rank not in results and rank not in failures:
                    failures[rank] = _lost(workers[rank], rank)
                    deadline = deadline or time.monotonic() + GRACE_SECONDS
                continue
            if kind == "progress":
                context.progress(facts[0], facts[1], **facts[2])
                _answer(line, context.stopping)
            elif kind == "warn":
                context.warn(facts[0], **facts[1])
            elif kind == "done":
                results[rank] = facts
            else:
                failures[rank] = _raised(rank, *facts)
                deadline = deadline or time.monotonic() + GRACE_SECONDS
    if failures:
        raise min(failures.items(), key=lambda pair: (_weight(pair[1]), pair[0]))[1]
    return results[0]


def _answer(line: Connection, stopping: bool) -> None:
    try:
        line.send(stopping)
    except OSError:
        return  # it is gone, and what it said last or its end is read next


def _weight(error: BaseException) -> int:
    """What one has to know first: a worker that was killed or said what is wrong, not those that then could not reach it."""
    if isinstance(error, seodang.Interrupted):
        return 3
    if getattr(error, "code", "") == "seodang_train:worker-failed":
        return 2
    return 0 if getattr(error, "code", "") == "seodang_train:worker-lost" else 1


def _lost(worker: Any, rank: int) -> seodang.SeodangError:
    worker.join(GRACE_SECONDS)
    code = worker.exitcode
    how = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
    return seodang.StepError("seodang_train:worker-lost", rank=rank, how=how)


def _raised(rank: int, error: Any, trace: str) -> BaseException:
    if isinstance(error, BaseException):
        return error
    found = seodang.StepError("seodang_train:worker-failed", rank=rank, error=error)
    found.add_note(trace)
    return found


def _work(work: Work, rank: int, line: Connection) -> None:
    """A worker from its beginning to its end. Ctrl-C in a terminal reaches all processes: the run alone acts on it."""
    wire = Wire(line)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: wire.stop())
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    try:
        line.send(("done", _trained(work, rank, wire)))
    except BaseException as error:  # all of it has to reach the run: there is nobody else who could tell it
        line.send(("failed", (_travelling(error), traceback.format_exc())))
        line.close()
        os._exit(1)  # a library's own end could wait for the others for ever
    line.close()


def _travelling(error: BaseException) -> BaseException | str:
    """Our own errors as they are; of any other its words, because its class may not be known elsewhere."""
    return error if isinstance(error, seodang.SeodangError) else f"{type(error).__name__}: {error}"


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    assert run is not None
    wait([run.sentinel])
    os._exit(1)


def _trained(work: Work, rank: int, wire: Wire) -> Any:
    import torch
    import torch.distributed as distributed
    import transformers.utils.logging

    from seodang_train.loop import Run, opened
    from seodang_train.losing import inner
    from seodang_train.rows import Rows
    from seodang_train.stored_rows import StoredRows

    task = work.task
    os.environ.update({
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(work.devices), "LOCAL_WORLD_SIZE": str(work.devices),
        "MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": loopback(), "NCCL_SOCKET_IFNAME": loopback(),
    })  # fmt: skip
    transformers.utils.logging.disable_progress_bar()
    graphics = torch.cuda.is_available()
    threads = task.options.threads or max(1, (os.cpu_count() or 1) // work.devices)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    if graphics:
        torch.cuda.set_device(rank)
    place = torch.device("cuda", rank) if graphics else None
    distributed.init_process_group(
        "cpu:gloo,cuda:nccl" if graphics else "gloo",
        init_method=f"file://{work.meeting}", rank=rank, world_size=work.devices, device_id=place,
    )  # fmt: skip
    tokenizer, model = opened(task, work.base, work.tokens)
    method = task.method(task.options, task.output, wire)
    method.prepared = task.prepared
    learned = Run(task, method, tokenizer, inner(model), Rows(StoredRows(work.rows), {}), wire, rank, work.devices).train()
    distributed.destroy_process_group()  # not where it failed: it would wait for those that are gone
    return learned if rank == 0 else None


def loopback() -> str:
    """The name of the device that leads to this machine alone: `lo`, or `lo0` on macOS."""
    import socket

    return next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), "lo")
