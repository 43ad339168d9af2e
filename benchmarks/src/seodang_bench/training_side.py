"""One side of the training benchmark, in a process of its own: `python training_side.py JOB.json`. Prints what it took as JSON.

It imports nothing of the benchmarks, so that TRL's side runs in a Python where seodang is not installed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def main(path: str) -> None:
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    import torch

    torch.set_num_threads(1)
    sys.stdout.write(json.dumps({"trl": trl, "seodang": seodang}[job["side"]](job)) + "\n")


def trl(job: dict) -> dict:
    """TRL's SFTTrainer over prompts and completions. Only `train()` is counted, not what it prepares before."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    rows = [json.loads(line) for line in Path(job["rows"]).read_text(encoding="utf-8").splitlines()]
    data = Dataset.from_list([{"prompt": row["prompt"], "completion": row["completion"]} for row in rows])
    mode = {"default": {}, "packing": {"packing": True}}[job["mode"]]
    per_device = 2 if job["mode"] == "packing" else 8  # two packed rows of 512 are about as many tokens as eight of these
    config = SFTConfig(
        output_dir=job["output"], per_device_train_batch_size=per_device, gradient_accumulation_steps=2, num_train_epochs=1,
        learning_rate=1e-4, max_length=job["max_length"], bf16=False, fp16=False, gradient_checkpointing=False, use_cpu=True,
        report_to="none", save_strategy="no", logging_steps=1, disable_tqdm=True, **mode,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(job["model"], dtype=torch.float32)
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=data, processing_class=AutoTokenizer.from_pretrained(job["model"])
    )
    began = time.process_time()
    trainer.train()
    cpu = time.process_time() - began
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"cpu_seconds": cpu, "peak_mib": peak_mib(), "first_loss": losses[0], "last_loss": losses[-1]}


def seodang(job: dict) -> dict:
    """seodang's own trainer. All of it is counted: reading the model, encoding, the tests before, the steps, writing the student."""
    import seodang_train.loop  # noqa: F401  # what TRL's side imports is not counted either
    from seodang import single_turn
    from seodang.testing import make_context
    from seodang_train import Sft

    rows = [json.loads(line) for line in Path(job["rows"]).read_text(encoding="utf-8").splitlines()]
    records = [single_turn(row["question"], row["completion"]) for row in rows]
    options = Sft.Options(
        model=job["model"], template="koalpaca", epochs=1, learning_rate=1e-4, batch_rows=16, max_length=job["max_length"],
        micro_tokens=1024, packing=job["mode"] == "packing", checkpoint_steps=10**9, threads=1,
    )  # fmt: skip
    output = Path(job["output"])
    output.mkdir()
    began = time.process_time()
    trained = Sft(options).train(records, None, output, make_context(output, options=options))
    cpu = time.process_time() - began
    figures = trained.figures
    return {
        "cpu_seconds": cpu,
        "peak_mib": peak_mib(),
        "first_loss": figures["first_loss"],
        "last_loss": figures["last_loss"],
        "real_share": figures["real_share"],
    }


def peak_mib() -> float:
    """The high-water mark of this process alone, as `seodang_bench.processes` reads it: `ru_maxrss` would begin at the parent's."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
