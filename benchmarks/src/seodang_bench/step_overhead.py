"""What a step of the trainer costs besides its arithmetic: the same steps by it and by bare torch, around a model that is almost free."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

WARM = 30
"""So many steps go before the first that counts."""
ROUNDS = 5


class Overhead(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of CPU for a step: the median of rounds that take turns."""

    seodang_ms: float
    bare_ms: float
    overhead_ms: float
    steps: int


def overhead(steps: int) -> Overhead:
    """In a process of its own with one thread, as all that is measured here."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    ran = subprocess.run([sys.executable, __file__, str(steps)], check=True, stdout=subprocess.PIPE, env=environment)
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=Overhead)


def measured(steps: int, rounds: int = ROUNDS) -> dict[str, Any]:
    import torch
    from seodang import single_turn

    torch.set_num_threads(1)
    records = [single_turn(f"{number % 7} 다음은?", f"{number % 7 + 1}입니다.") for number in range(64)]
    pairs = [(_ours(records, steps), _bare(records, steps)) for _ in range(rounds)]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    between = statistics.median(one - other for one, other in pairs)
    return {"seodang_ms": ours, "bare_ms": bare, "overhead_ms": between, "steps": steps}


def _options(steps: int) -> Any:
    from seodang_train import Sft

    return Sft.Options(
        width=32, layers=1, heads=2, shape="llama", template="koalpaca", batch_rows=16, max_steps=WARM + steps,
        precision="float32", threads=1, checkpoint_steps=10**6,
    )  # fmt: skip


def _ours(records: list[Any], steps: int) -> float:
    """Between the thirtieth step and the last, as it tells them: without what comes before and after all steps."""
    from seodang.testing import make_context
    from seodang_train import Sft

    options = _options(steps)
    told: list[float] = []
    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        output = Path(directory)
        context = make_context(output, options=options)
        context.progress = lambda *_, **__: told.append(time.process_time())
        Sft(options).train(records, None, output, context)
    return 1000 * (told[-1] - told[WARM - 1]) / steps


def _bare(records: list[Any], steps: int) -> float:
    """What anybody would write: a batch, its loss, the gradient, its length, a step."""
    import torch
    from seodang.testing import make_context
    from seodang_train.batches import Plan
    from seodang_train.feeding import padded
    from seodang_train.losing import Losing
    from seodang_train.rows import encode_rows
    from seodang_train.saving import made
    from seodang_train.schedule import rate

    options = _options(steps)
    template = make_context(Path("."), options=options).get("template", "koalpaca")
    torch.manual_seed(1)
    tokenizer, model = made(options, records, template)
    rows = encode_rows(records, template, tokenizer, options)
    losing = Losing(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, fused=True)
    model.train()
    began = 0.0
    for step in Plan(options, rows.lengths, rows.trained, 1).steps(0):
        if step.number == WARM:
            began = time.process_time()
        for group in optimizer.param_groups:
            group["lr"] = rate(options, step.number, WARM + steps)
        optimizer.zero_grad(set_to_none=True)
        for part in step.parts:
            (losing(padded([rows.rows[place] for place in part], tokenizer.pad_token_id, "cpu")) / step.total).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip)
        optimizer.step()
    return 1000 * (time.process_time() - began) / steps


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(int(sys.argv[1]))) + "\n")
