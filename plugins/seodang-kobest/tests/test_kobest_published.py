"""The published files, where they lie beside the repository: nothing of them is copied into it."""

from pathlib import Path

import pytest
from seodang.testing import make_context
from seodang_kobest import Kobest
from seodang_kobest.figures import Scored, constants
from seodang_kobest.reading import documents
from seodang_kobest.tasks import TASKS

DATA = Path(__file__).parents[4] / "shared" / "data" / "kobest_v1"
ROWS = {
    "boolq": (3665, 700, 1404), "copa": (3076, 500, 1000), "hellaswag": (2029, 500, 500), "sentineg": (3649, 400, 397),
    "wic": (3318, 610, 1260),
}  # fmt: skip
CONSTANTS = {
    "boolq": [0.3324, 0.3343], "copa": [0.3408, None], "sentineg": [0.3316, 0.3350], "wic": [0.3386, 0.3280],
}  # fmt: skip


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the published KoBEST is not beside the repository")
def test_all_rows_are_read_and_the_constant_answers_are_those_of_the_tables():
    options = Kobest.Options(path=str(DATA))
    context = make_context(DATA, options=options)
    for name, task in TASKS.items():
        found = [documents(options, task, split, context) for split in ("train", "validation", "test")]
        assert tuple(map(len, found)) == ROWS[name]
        golds = [Scored(row.index, row.label, (0.0,) * task.size, (1,) * task.size) for row in found[2]]
        for constant, expected in zip(constants(golds, task.size), CONSTANTS.get(name, ()), strict=False):
            assert expected is None or round(constant.f1, 4) == pytest.approx(expected, abs=1e-4)
    originated = Kobest.Options(path=str(DATA), tasks=("sentineg",), split="test_originated")
    assert len(documents(originated, TASKS["sentineg"], "test_originated", context)) == 397
