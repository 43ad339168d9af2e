"""A training is tried: what a stranger's trainer may say before it, and what the core makes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import seodang
from seodang.commandline.training_shown import print_training
from seodang.plugins.offers import offers_of
from seodang.runs.training_rehearsal import TrainingRehearsal, rehearse_training
from seodang.testing.recipes import run_in
from seodang.wording import render

sys.path.insert(0, str(Path(__file__).parent))
import village

HEAD = '[recipe]\nname = "village"\nlanguage = "ko"\nseed = 7\n'
SEEDS = '\n[[step]]\nseeds = "rows"\n'


class Careful(village.Paper):
    """Looks at its rows first."""

    name = "careful"

    def rehearse(self, dataset, base, output, context):
        (output / "scratch").write_text("gone afterwards", encoding="utf-8")
        example = (seodang.Segment("물음\x1b[31m"), seodang.Segment("답" * 3000, trained=True))
        return seodang.Rehearsal(
            examples=(example,), findings=(seodang.Finding("runs.no-such-step", {"step": len(dataset), "steps": "a"}),)
        )


class Careless(village.Paper):
    name = "careless"

    def rehearse(self, dataset, base, output, context):
        return "all is well"


@pytest.fixture
def tried(tmp_path: Path) -> Callable[..., TrainingRehearsal]:
    (tmp_path / "rows.jsonl").write_text(
        '{"question": "하나", "answer": "둘"}\n{"question": "셋", "answer": "넷"}\n', encoding="utf-8"
    )

    def tried(trainer: str, **wishes) -> TrainingRehearsal:
        path = tmp_path / "recipe.toml"
        path.write_text(HEAD + SEEDS + f'\n[[step]]\ntrain = "{trainer}"\n', encoding="utf-8")
        offers = offers_of(village, sys.modules[__name__])
        return rehearse_training(path, tmp_path / "run", step=trainer, offers=offers, **wishes)

    return tried


@seodang.hookimpl
def register_trainers(register):
    register(Careful)
    register(Careless)


def test_a_strangers_trainer_says_what_it_found_in_words(tried, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    found = tried("careful")
    rows = found.findings[0].facts["step"]
    assert found.rows == "all" and rows > 1
    assert found.findings[0].text == render("runs.no-such-step", {"step": rows, "steps": "a"})
    assert tried("careful", rows=1).findings[0].facts["step"] == 1
    print_training(found)
    shown = capsys.readouterr().out
    assert "물음" in shown and "\x1b" not in shown, "what stands in the data steers no terminal"
    assert "⟦답답" in shown and "답답⟧" in shown and len(shown) < 2500, "a long part is shown at its ends"
    assert not list((tmp_path / "run").rglob("scratch")), "the folder of a rehearsal is gone afterwards"


def test_all_rows_of_the_run_are_taken_where_they_stand(tried, tmp_path: Path):
    done = run_in(tmp_path, HEAD + SEEDS, plugins=[village, sys.modules[__name__]], run_directory=tmp_path / "run")
    assert done.ok, done.error
    assert tried("careful").rows == "run"


@pytest.mark.parametrize(
    ("trainer", "english", "korean"),
    [
        ("paper", "offers no rehearsal, so nothing can be tried before its training.", "예행연습이 없어 학습 전에 시험해 볼 것이 없습니다."),
        ("careless", "rehearse() must return seodang.Rehearsal, not str.", "rehearse()는 seodang.Rehearsal을 돌려주어야 하는데 str을"),
    ],
)  # fmt: skip
def test_a_trainer_that_cannot_be_tried_is_told(tried, trainer: str, english: str, korean: str):
    with pytest.raises(seodang.StepError) as told:
        tried(trainer)
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")


def test_on_a_terminal_the_trained_part_is_in_colour(monkeypatch: pytest.MonkeyPatch):
    from seodang.commandline import training_shown

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert (
        training_shown._shown((seodang.Segment("물음 "), seodang.Segment("답", trained=True))) == "물음 \x1b[32m\x1b[1m답\x1b[0m"
    )
