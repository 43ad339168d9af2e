"""Made-up items in KoBEST's shape and lengths, for those who have no KoBEST at hand: they measure speed and nothing else."""

from __future__ import annotations

import random
from pathlib import Path

LENGTHS = {"boolq": 190, "copa": 22, "hellaswag": 42, "sentineg": 30, "wic": 22}
"""Characters of an item's main text, about as KoBEST has them."""
TRAIN, TEST = 200, 100


def write_items(place: Path, *, test: int = TEST, train: int = TRAIN, seed: int = 11) -> Path:
    """A folder with the five tasks as TSVs."""
    from seodang_locale_ko import Korean

    sentences = [
        sentence.strip() for task in Korean().seeds for sentence in task.output.replace("\n", " ").split(". ") if sentence.strip()
    ]
    chance = random.Random(seed)

    def text(length: int) -> str:
        wanted = int(length * chance.uniform(0.6, 1.5))
        found = chance.choice(sentences)
        while len(found) < wanted:
            found += ". " + chance.choice(sentences)
        return found[:wanted].replace("\t", " ").strip() or "서당"

    def row(task: str) -> list[str]:
        size, two = LENGTHS[task], chance.choice
        return {
            "boolq": lambda: [text(size), text(20), two(["TRUE", "False"])],
            "copa": lambda: [text(size), two(["원인", "결과"]), text(size), text(size), two("12")],
            "hellaswag": lambda: [text(size), *(text(size) for _ in range(4)), two("0123")],
            "sentineg": lambda: [text(size), two("01")],
            "wic": lambda: [text(4), text(size), text(size), two(["True", "FALSE"])],
        }[task]()

    headers = {
        "BoolQ": "Text Question Answer",
        "COPA": "sentence question 1 2 Answer",
        "HellaSwag": "context choice1 choice2 choice3 choice4 label",
        "SentiNeg": "Text Label",
        "WiC": "Target SENTENCE1 SENTENCE2 ANSWER",
    }
    for folder, header in headers.items():
        (place / folder).mkdir(parents=True, exist_ok=True)
        for split, count in (("train", train), ("dev", 10), ("test", test)):
            rows = ["\t".join(header.split()), *("\t".join(row(folder.lower())) for _ in range(count))]
            (place / folder / f"{split}.tsv").write_text("".join(f"{one}\r\n" for one in rows), encoding="utf-8", newline="")
    return place
