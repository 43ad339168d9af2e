import shutil
import sys
import tempfile
from pathlib import Path

import pytest
import seodang
import seodang_run
from seodang.testing import SeedsContract, make_context
from seodang.testing.recipes import run_in
from seodang_run import Run

sys.path.insert(0, str(Path(__file__).parent))
import small_school

HEAD = '[recipe]\nname = "school"\nlanguage = "ko"\nseed = 7\n'
SEEDS = '\n[[step]]\nseeds = "questions"\n'
SHORT = '\n[[step]]\nfilter = "short"\n'
TWINS = '\n[[step]]\nteach = "twins"\nteacher = "nobody"\n'
TRAIN = '\n[[step]]\ntrain = "paper"\n'
READ = '\n[[step]]\nseeds = "run"\npath = "first"\n'
QUESTIONS = "".join(f"질문 {number}{'.' if number == 3 else '?'}\n" for number in range(6))


def first_run(directory: Path, *parts: str, questions: str = QUESTIONS, name: str = "first"):
    return run_in(
        directory,
        HEAD + "".join(parts),
        plugins=[small_school],
        files={"questions.txt": questions},
        run_directory=directory / name,
    )


def made_run() -> dict[str, bytes]:
    """The files of a finished run."""
    with tempfile.TemporaryDirectory() as place:
        assert first_run(Path(place), SEEDS, SHORT).ok
        files = [file for file in (Path(place) / "first").rglob("*") if file.is_file()]
        return {str(file.relative_to(place)): file.read_bytes() for file in files}


class TestRun(SeedsContract):
    seeds = Run
    options = {"path": "first", "step": "short"}
    files = made_run()


@pytest.fixture
def read(tmp_path):
    def read(*parts: str):
        return run_in(tmp_path, HEAD + "".join(parts), plugins=[small_school, seodang_run], run_directory=tmp_path / "second")

    return read


def test_records_come_as_they_are(tmp_path, read):
    other = first_run(tmp_path, SEEDS, SHORT, TWINS)
    done = read(READ)
    assert done.ok, done.error
    theirs, ours = other.records("twins"), done.records("run")
    assert len(ours) == 10
    assert [(r.id, r.parents, r.tags, r.terms, r.messages) for r in ours] == [
        (r.id, r.parents, r.tags, r.terms, r.messages) for r in theirs
    ]
    assert {record.source for record in ours} == {"run"} and ours[0].terms == ("CC-BY-4.0",)
    assert done.manifest("run").terms == ("CC-BY-4.0",)


def test_a_step_is_named_and_others_are_told_apart(tmp_path, read):
    first_run(tmp_path, SEEDS, SHORT)
    done = read(READ + 'step = "questions"\n', TWINS)
    assert len(done.records("run")) == 6 and done.records("run")[3].tags == {"line": 3}
    assert len(read(READ).records("run")) == 5, "without a step it is what flows out of the last: one was dropped"


def test_what_the_other_run_held_out_stays_out(tmp_path, read):
    other = first_run(tmp_path, SEEDS + "hold_out = 2\n", questions="".join(f"{n}가 {n}나 {n}다\n" for n in range(9)))
    assert other.manifest("questions").dropped == {"held-out": 2}
    assert len(read(READ).records("run")) == 7


def test_the_step_is_made_again_for_other_records_and_for_nothing_else(tmp_path, read):
    first_run(tmp_path, SEEDS, SHORT)
    before = read(READ).manifest("run")
    shutil.copytree(tmp_path / "first", tmp_path / "moved")
    assert read(READ.replace("first", "moved")).manifest("run").fingerprint == before.fingerprint
    shutil.rmtree(tmp_path / "first")
    first_run(tmp_path, SEEDS, SHORT)
    assert read(READ).manifest("run").fingerprint == before.fingerprint, "the same records, made anew"
    first_run(tmp_path, SEEDS, SHORT, questions=QUESTIONS + "질문 9?\n")
    after = read(READ)
    assert after.manifest("run").fingerprint != before.fingerprint and len(after.records("run")) == 6


def test_an_unfinished_run_is_told(tmp_path, read, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert first_run(tmp_path, SEEDS, SHORT, '\n[[step]]\nfilter = "broken"\n', TRAIN).failed
    stopped = read(READ)
    place = tmp_path / "first"
    assert str(stopped.error) == (
        f"The run {place} is not finished: broken has yet to be made. Finish it with `seodang run`, or name a finished step "
        'with step = "…".'
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(read(READ).error) == (
        f'{place} 실행이 아직 끝나지 않았습니다. 남은 단계: broken. `seodang run`으로 마치거나, 끝난 단계를 step = "…"으로 지정하세요.'
    )
    assert len(read(READ + 'step = "short"\n').records("run")) == 5


def test_a_run_whose_later_steps_are_older_than_its_earlier_ones_is_unfinished(tmp_path, read):
    """As it is while a changed recipe is run again."""
    first_run(tmp_path, SEEDS, SHORT, TWINS)
    first_run(tmp_path, SEEDS, SHORT, TWINS, name="other", questions=QUESTIONS + "질문 9?\n")
    for folder in ("01-seeds-questions", "02-filter-short"):
        shutil.rmtree(tmp_path / "first" / folder)
        shutil.copytree(tmp_path / "other" / folder, tmp_path / "first" / folder)
    stopped = read(READ)
    assert stopped.error.code == "seodang_run:unfinished" and stopped.error.facts["steps"] == ["twins"]


def test_a_step_without_records_or_none_at_all_is_told(tmp_path, read, monkeypatch):
    first_run(tmp_path, SEEDS, SHORT, TRAIN)
    place = tmp_path / "first"
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(read(READ + 'step = "paper"\n').error) == (
        f"Step 'paper' of the run {place} (train) leaves no records. Name a step of seeds, translate, teach or filter."
    )
    assert str(read(READ + 'step = "novelty"\n').error) == "There is no step 'novelty' here. Steps: questions, short, paper."
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(read(READ + 'step = "paper"\n').error) == (
        f"{place} 실행의 'paper' 단계(train)는 레코드를 남기지 않습니다. seeds, translate, teach, filter 단계를 지정하세요."
    )
    assert str(read(READ + 'step = "novelty"\n').error) == "'novelty' 단계가 없습니다. 단계: questions, short, paper."
    assert read(READ.replace("first", "nowhere")).error.code == "runs.not-a-run"


def test_a_run_that_changes_in_between_is_no_mixture(tmp_path, monkeypatch):
    first_run(tmp_path, SEEDS, SHORT)
    seeds = Run(Run.Options(path="first"))
    planned = list(seeds.contents(tmp_path))
    assert len(list(seeds.read(make_context(tmp_path, options=seeds.options)))) == 5
    first_run(tmp_path, SEEDS, SHORT, questions=QUESTIONS + "질문 9?\n")
    with pytest.raises(seodang.DataError) as raised:
        list(seeds.read(make_context(tmp_path, options=seeds.options)))
    assert seeds.contents(tmp_path) != planned
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(raised.value) == (
        f"The run {tmp_path / 'first'} was changed after this run was planned. Run the same command again to read it as it is now."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(raised.value) == (
        f"이 실행을 계획한 뒤에 {tmp_path / 'first'} 실행이 바뀌었습니다. 같은 명령을 다시 실행하면 지금 내용을 읽습니다."
    )


def test_a_damaged_file_is_not_read_in_silence(tmp_path, read):
    first_run(tmp_path, SEEDS)
    shard = tmp_path / "first" / "01-seeds-questions" / "part-00000.jsonl"
    shard.write_bytes(shard.read_bytes().replace("답".encode(), "닭".encode()))
    assert read(READ).error.code == "files.altered"


def test_the_page_says_what_works(tmp_path, read):
    page = (Path(seodang_run.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = page.split("```toml")[1].split("```")[0].replace("runs/answers", "first").replace("novelty", "short")
    first_run(tmp_path, SEEDS, SHORT)
    assert len(read(example).records("run")) == 5


def test_one_record_does_not_come_twice(tmp_path, read):
    first_run(tmp_path, SEEDS, SHORT, TWINS)
    twice = read(READ + 'step = "questions"\n', READ + 'step = "short"\nname = "again"\n')
    assert twice.error.code == "runs.record-twice" and twice.error.facts["step"] == "again"
    apart = read(READ + 'step = "questions"\n', READ + 'step = "twins"\nname = "again"\n')
    assert apart.ok and len(apart.records("again")) == 10
