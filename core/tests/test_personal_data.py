"""Rows with personal data that is not masked reach no step that asks somebody else's computer."""

import sys
from pathlib import Path

import pytest
import seodang
from seodang.addresses import is_loopback
from seodang.commandline.plan import _print
from seodang.errors import RecipeError, TermsError
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.forecast import forecast
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import village

ROWS = '{"question": "제 번호는 010-1234-5678 입니다"}\n{"question": "번호가 없는 질문"}\n'
CLEAN = '{"question": "서당은 무엇인가요"}\n'
HEAD = '[recipe]\nname = "village"\nlanguage = "ko"\n'
SEEDS = '\n[[step]]\nseeds = "rows"\nname = "kin"\npersonal = true\n'
OTHERS = '\n[[step]]\nseeds = "rows"\nname = "clean"\npath = "clean.jsonl"\n'
MASK = '\n[[step]]\nfilter = "mask"\n'
TEACH = '\n[[step]]\nteach = "answering"\nteacher = "far"\n'


@pytest.fixture
def run(tmp_path):
    book = f'\n[teachers.far]\nuse = "far"\nbook = "{tmp_path / "asked.txt"}"\n'

    def run(*parts: str, base_url: str = "", **wishes):
        far = book + (f'base_url = "{base_url}"\n' if base_url else "")
        files = {"rows.jsonl": ROWS, "clean.jsonl": CLEAN}
        return run_in(tmp_path, HEAD + far + "".join(parts), plugins=[village], files=files, **wishes)

    run.asked = lambda: (tmp_path / "asked.txt").read_text(encoding="utf-8").splitlines()
    run.nobody = lambda: not (tmp_path / "asked.txt").exists()
    return run


def test_a_source_that_is_marked_reaches_no_teacher_elsewhere(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    stopped = run(SEEDS, TEACH)
    assert stopped.exit_code == TermsError.exit_code and run.nobody()
    assert not list(stopped.run.glob("01-*")), "the plan was stopped before the first step"
    assert str(stopped.error) == (
        "Stopped before anything was spent. Step answering: the rows of kin hold personal data that is not masked, and this step "
        "speaks to api.example.com. Mask it before it gets there: with mask = true on the seeds step where its plugin has that, or "
        "with a filter that masks in between (installed: later-mask, mask, whole-mask). Say personal = false on the seeds step only "
        "if the rows were masked before they came here."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(run(SEEDS, TEACH).error) == (
        "돈을 쓰기 전에 멈췄습니다. answering 단계: kin의 행에 가리지 않은 개인 정보가 있는데, 이 단계는 api.example.com에 접속합니다. 그 전에 "
        "가리세요. 플러그인에 있으면 seeds 단계에 mask = true를 적거나, 그 사이에 개인 정보를 가리는 필터를 두세요 (설치됨: later-mask, mask, "
        "whole-mask). 이미 가린 행을 가져온 것일 때만 seeds 단계에 personal = false를 적으세요."
    )


@pytest.mark.parametrize("mask", ["mask", "whole-mask", "later-mask"])
def test_a_mask_takes_the_terms_away_in_the_plan_and_in_the_records(run, mask):
    done = run(SEEDS, f'\n[[step]]\nfilter = "{mask}"\n', TEACH)
    assert done.ok, done.error
    assert sorted(run.asked()) == ["번호가 없는 질문", "제 번호는 <phone> 입니다"]
    assert done.manifest("kin").terms == (seodang.PERSONAL_DATA,)
    assert done.manifest(mask).terms == () and done.manifest(mask).rows["changed"] == 2
    assert all(record.terms == () for record in done.records("answering"))


def test_a_lesson_that_masks_takes_them_from_what_it_keeps_and_what_it_makes(run):
    done = run(SEEDS, '\n[[step]]\nteach = "masking-lesson"\nteacher = "far"\n', base_url="127.0.0.1:8000")
    assert done.ok, done.error
    assert done.manifest("masking-lesson").rows["made"] == 1 and done.manifest("masking-lesson").terms == ()


def test_a_translator_is_somebody_elses_computer_too(run):
    stopped = run(SEEDS, '\n[[step]]\ntranslate = "abroad"\n')
    assert isinstance(stopped.error, TermsError) and "translate.example.com" in str(stopped.error)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:11434", "::1"])
def test_this_machine_is_nobody_elses(run, host):
    done = run(SEEDS, TEACH, base_url=host)
    assert done.ok, done.error
    assert len(run.asked()) == 2


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost.example.com", "[fe80::1]:80", "0.0.0.0:80", "api.example.com:443"])
def test_other_hosts_are(host):
    assert not is_loopback(host)


def test_rows_that_pass_a_step_by_are_no_objection_to_it(run):
    done = run(SEEDS, OTHERS, TEACH.replace("teach", 'only = ["clean"]\nteach', 1))
    assert done.ok, done.error
    assert run.asked() == ["서당은 무엇인가요"]
    assert {record.source: record.terms for record in done.records("answering")} == {"kin": (seodang.PERSONAL_DATA,), "clean": ()}


def test_a_mask_for_other_rows_helps_nobody(run):
    stopped = run(SEEDS, OTHERS, MASK.replace("filter", 'only = ["clean"]\nfilter'), TEACH)
    assert "the rows of kin hold" in str(stopped.error) and run.nobody()


def test_the_plugin_says_it_and_its_mask_unsays_it(run):
    seeds = SEEDS.replace('"rows"', '"confidential"').replace("personal = true\n", "")
    assert isinstance(run(seeds, TEACH).error, TermsError)
    assert run(seeds + "mask = true\n", TEACH).ok


def test_the_recipe_has_the_last_word(run):
    done = run(SEEDS.replace('"rows"', '"confidential"').replace("true", "false"), TEACH)
    assert done.ok and done.manifest("kin").terms == ()


def test_terms_that_only_the_rows_know_are_seen_before_the_step(run):
    stopped = run(SEEDS.replace('"rows"', '"carrier"').replace("personal = true\n", ""), TEACH)
    assert isinstance(stopped.error, TermsError) and "the rows of kin hold" in str(stopped.error)
    assert run.nobody() and list(stopped.run.glob("01-*/manifest.json")), "the seeds were read, and nothing was asked"


def test_marking_a_source_makes_the_step_again(run):
    unmarked = run(SEEDS.replace("personal = true\n", ""))
    marked = run(SEEDS)
    assert unmarked.manifest("kin").fingerprint and marked.manifest("kin").terms == (seodang.PERSONAL_DATA,)
    assert len(list((marked.run / "set-aside").iterdir())) == 1


def test_an_evaluation_elsewhere_is_not_shown_what_was_held_out(run):
    held = SEEDS + "hold_out = 1\n"
    train = '\n[[step]]\ntrain = "paper"\n'
    stopped = run(held, MASK, train, '\n[[step]]\nevaluate = "far-exam"\n')
    assert "exam.example.com" in str(stopped.error) and "Step far-exam" in str(stopped.error)
    assert run(held, MASK, train, '\n[[step]]\nevaluate = "exam"\n').ok


def test_a_student_of_masked_rows_does_not_carry_the_terms(run):
    train = '\n[[step]]\ntrain = "paper"\n'
    assert run(SEEDS, MASK, train).manifest("paper").terms == ()
    assert run(SEEDS, train).manifest("paper").terms == (seodang.PERSONAL_DATA,)


def test_the_plan_shows_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(HEAD + SEEDS + "hold_out = 1\n" + TEACH + MASK, encoding="utf-8")
    offers = offers_of(village)
    recipe = read_recipe(tmp_path / "recipe.toml")
    found = forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run")
    assert [stage.personal for stage in found.plan.stages] == [(), ("kin",), ("kin",)]
    assert found.plan.stages[1].input_terms == (seodang.PERSONAL_DATA,)
    assert len(found.problems) == 1 and "the rows of kin hold personal data" in found.problems[0]
    assert not (tmp_path / "run").exists()
    _print(found)
    shown = capsys.readouterr().out
    assert "kin: sets 1 row aside for evaluations" in shown
    assert "answering: rows of kin reach it with personal data that is not masked" in shown
    assert f"mask: takes away {seodang.PERSONAL_DATA}" in shown


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('personal = "yes"', "personal"),
        ("hold_out = 0", "hold_out"),
        ("hold_out = true", "hold_out"),
    ],
)
def test_what_makes_no_sense_is_told(run, written, told):
    wrong = run(SEEDS.replace("personal = true", written))
    assert isinstance(wrong.error, RecipeError) and told in str(wrong.error)


def test_the_keys_belong_to_seeds(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    wrong = run(SEEDS, MASK + "hold_out = 3\npersonal = true\n")
    assert len(wrong.error.problems) == 2 and "hold_out" in str(wrong.error) and "seeds" in str(wrong.error)
