"""Writes golden.json: what lm-evaluation-harness 0.4.13 says of the made-up items and models. Run by hand, in a Python that has it:

python golden_harness.py golden.json
"""

import csv
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}

import datasets
import torch
from kobest_items import write_items
from kobest_models import KINDS, write_model
from lm_eval.evaluator import simple_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

SHOTS = (0, 5, 10, 50)
TRUTH = {"TRUE": 1, "True": 1, "FALSE": 0, "False": 0}
NAMES = {
    "boolq": ({"Text": "paragraph", "Question": "question"}, lambda row: TRUTH[row["Answer"]]),
    "copa": (
        {"sentence": "premise", "question": "question", "1": "alternative_1", "2": "alternative_2"},
        lambda row: int(row["Answer"]) - 1,
    ),
    "hellaswag": (
        {"context": "context", **{f"choice{number}": f"ending_{number}" for number in range(1, 5)}},
        lambda row: int(row["label"]),
    ),
    "sentineg": ({"Text": "sentence"}, lambda row: int(row["Label"])),
    "wic": ({"Target": "word", "SENTENCE1": "context_1", "SENTENCE2": "context_2"}, lambda row: TRUTH[row["ANSWER"]]),
}


def rows(place, task):
    folder = next(one for one in place.iterdir() if one.name.lower() == task)
    names, label = NAMES[task]
    found = {}
    for split, file in (("train", "train"), ("validation", "dev"), ("test", "test")):
        with (folder / f"{file}.tsv").open(encoding="utf-8", newline="") as lines:
            read = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            made = [{**{to: row[of] for of, to in names.items()}, "label": label(row)} for row in read]
        found[split] = datasets.Dataset.from_list(made)
    return datasets.DatasetDict(found)


def main(out):
    torch.set_num_threads(1)
    golden = {}
    with tempfile.TemporaryDirectory() as directory:
        items = write_items(Path(directory) / "items")
        sets = {task: rows(items, task) for task in NAMES}
        datasets.load_dataset = lambda path, name=None, **more: sets[name]
        manager = TaskManager()
        for kind in KINDS:
            model = HFLM(pretrained=str(write_model(Path(directory) / kind, kind)), dtype="float32", device="cpu", batch_size=8)
            for task in NAMES:
                for shots in SHOTS:
                    name = f"kobest_{task}"
                    found = simple_evaluate(model=model, tasks=[name], num_fewshot=shots, bootstrap_iters=0, task_manager=manager)
                    said = sorted(found["samples"][name], key=lambda item: item["doc_id"])
                    figures = {
                        key[:-5]: value
                        for key, value in found["results"][name].items()
                        if key in ("acc,none", "f1,none", "acc_norm,none")
                    }
                    likely = [[round(one[0], 5) for one in item["filtered_resps"]] for item in said]
                    golden[f"{kind} {task} {shots}"] = {"loglikelihoods": likely, "figures": figures}
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in golden.items()]
    Path(out).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
