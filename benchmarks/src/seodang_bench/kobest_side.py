"""One side of KoBEST's speed benchmark, in a process of its own: `python kobest_side.py JOB.json`. Prints what it took as JSON.

It imports nothing of the benchmarks, so that lm-eval's side runs in a Python where seodang is not installed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(path: str) -> None:
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    import torch

    torch.set_num_threads(1)
    # Both libraries print what they like: the answer goes where nothing else does.
    Path(job["out"]).write_text(json.dumps({"lm-eval": lm_eval, "seodang": seodang}[job["side"]](job)), encoding="utf-8")


def lm_eval(job: dict) -> list:
    """The harness itself. Its index of tasks, the data and the model are loaded before the clock starts."""
    import datasets
    from lm_eval.evaluator import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    sets = {
        task: datasets.DatasetDict(
            {
                split: datasets.Dataset.from_list(
                    [json.loads(line) for line in _lines(Path(job["hub"]) / task / f"{split}.jsonl")]
                )
                for split in ("train", "validation", "test")
            }
        )
        for task in job["tasks"]
    }
    datasets.load_dataset = lambda path, name=None, **more: sets[name]
    model = HFLM(pretrained=job["model"], dtype="float32", device="cpu", batch_size=1)
    manager = TaskManager()

    def cell(task: str, shots: int, limit: int) -> dict:
        name = f"kobest_{task}"
        found = simple_evaluate(
            model=model, tasks=[name], num_fewshot=shots, limit=limit, bootstrap_iters=0, task_manager=manager, verbosity="ERROR"
        )
        items = sorted(found["samples"][name], key=lambda item: item["doc_id"])
        figures = {key.partition(",")[0]: value for key, value in found["results"][name].items() if key.endswith(",none")}
        return {"loglikelihoods": [[one[0] for one in item["filtered_resps"]] for item in items], "figures": figures}

    def widest(tokens: int) -> None:
        # As many rows as there is room for, of the longest: the same tokens at once as the other side has.
        model.batch_size_per_gpu = max(1, job["batch_tokens"] // tokens)

    return _measured(job, cell, widest)


def seodang(job: dict) -> list:
    """seodang's evaluation over its own student. Reading the files and drawing intervals are counted."""
    from seodang.testing import make_context
    from seodang_kobest import Kobest
    from seodang_local import Local

    place = Path(job["data"])
    student = Local(Local.Options(path=job["model"], dtype="float32", device="cpu", threads=1, batch_tokens=job["batch_tokens"]))
    student.open(make_context(place, options=student.options))

    def cell(task: str, shots: int, limit: int) -> dict:
        options = Kobest.Options(path=str(place), tasks=(task,), shots=(shots,), limit=limit)
        found = list(Kobest(options).evaluate(student, make_context(place, options=options)))
        items = sorted((one for one in found if hasattr(one, "index")), key=lambda item: item.index)
        figures = {one.name.rpartition(" ")[2]: one.value for one in found if not hasattr(one, "index")}
        return {"loglikelihoods": [item.values["loglikelihoods"] for item in items], "figures": figures}

    return _measured(job, cell, lambda tokens: None)


def _measured(job: dict, cell, widest) -> list:
    """The fastest of some rounds for each cell, with the CPU seconds of this process and its memory beyond what was held before."""
    # What is loaded at the first call only is not what a benchmark is about.
    widest(job["batch_tokens"])
    cell(job["tasks"][0], 0, 2)
    found = []
    for shots in job["shots"]:
        for task in job["tasks"]:
            widest(job["longest"][f"{task} {shots}"])
            seconds, peaks = [], []
            for _ in range(job["rounds"]):
                held = _forget_peak()
                began = time.process_time()
                told = cell(task, shots, job["limit"])
                seconds.append(time.process_time() - began)
                peaks.append(_kib("VmHWM") - held)
            found.append({"task": task, "shots": shots, "cpu_seconds": min(seconds), "peak_mib": min(peaks) / 1024, **told})
    return found


def _forget_peak() -> int:
    """Starts the high-water mark of memory anew where Linux lets us, after free memory was given back; returns what is held."""
    import ctypes
    import gc

    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except (OSError, AttributeError):
        return 0
    return _kib("VmRSS")


def _kib(name: str) -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0
    return int(status.partition(f"{name}:")[2].split()[0])


def _lines(path: Path) -> list[str]:
    # Not splitlines(): a text may hold what Unicode calls a line end.
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


if __name__ == "__main__":
    main(sys.argv[1])
