"""A recipe, a run, what is in the directory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
import seodang
from seodang.runs.opened import open_run
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import school

HEAD = '[recipe]\nname = "school"\nlanguage = "ko"\nseed = 7\n'
SEEDS = '\n[[step]]\nseeds = "numbers"\n'
TEACH = '\n[[step]]\nteach = "answering"\nteacher = "counted"\n'
FILTER = '\n[[step]]\nfilter = "ending"\nletters = "3"\n'


@pytest.fixture
def run(tmp_path: Path):
    """Runs a recipe of the school in one directory, again and again."""
    book = f'\n[teachers.counted]\nuse = "counted"\nbook = "{tmp_path / "asked.txt"}"\n'

    def run(*parts: str, teacher: str = "", plugins=(school,), **wishes):
        return run_in(tmp_path, HEAD + book + teacher + "".join(parts), plugins=plugins, **wishes)

    run.asked = lambda: school.asked(tmp_path / "asked.txt")
    return run


def test_a_recipe_runs_from_seeds_to_records(run):
    done = run(SEEDS, TEACH, FILTER)
    assert done.ok, done.error
    assert done.manifest("numbers").rows["kept"] == 10
    assert [record.answer for record in done.records("ending")][:2] == ["답: 질문 0", "답: 질문 1"]
    assert done.manifest("ending").rows == {
        "in": 10, "kept": 9, "changed": 0, "made": 0, "used": 0, "dropped": 1, "quarantined": 0
    }  # fmt: skip
    assert done.lines("ending", "dropped.jsonl")[0]["code"] == "ending"
    assert sorted(folder.name for folder in done.run.iterdir() if folder.is_dir()) == [
        "01-seeds-numbers", "02-teach-answering", "03-filter-ending",
    ]  # fmt: skip


def test_running_again_asks_nothing_and_changes_nothing(run):
    first = run(SEEDS, TEACH, FILTER)
    before = {path: path.read_bytes() for path in first.run.glob("0*/*")}
    second = run(SEEDS, TEACH, FILTER)
    assert second.ok and run.asked() == 10
    assert {path: path.read_bytes() for path in second.run.glob("0*/*")} == before and len(before) > 5


def test_a_run_continues_where_it_stopped(run):
    first = run(SEEDS, TEACH, FILTER, teacher="dies_at = 6\nin_flight = 1\n")
    assert first.exit_code == 6 and run.asked() == 7
    second = run(SEEDS, TEACH, FILTER)
    assert second.ok, second.error
    assert run.asked() == 11, "six answers were bought the first time, the refused seventh is asked again"
    assert len(second.records("answering")) == 10


def test_an_interrupted_and_an_uninterrupted_run_end_in_identical_folders(run, tmp_path):
    run(SEEDS, TEACH, FILTER, teacher="dies_at = 4\n")
    resumed = run(SEEDS, TEACH, FILTER)
    whole = run(SEEDS, TEACH, FILTER, run_directory=tmp_path / "whole")
    assert resumed.ok and whole.ok

    def folders(path: Path) -> dict[str, bytes]:
        return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.glob("0*/*"))}

    assert folders(resumed.run) == folders(whole.run) and folders(whole.run)


def test_a_changed_filter_buys_nothing_and_sets_the_old_folder_aside(run):
    run(SEEDS, TEACH, FILTER)
    changed = run(SEEDS, TEACH, FILTER.replace('"3"', '"45"'))
    assert changed.ok and run.asked() == 10
    assert changed.manifest("ending").dropped == {"ending": 2}
    assert [folder.name.rsplit("-", 1)[0] for folder in (changed.run / "set-aside").iterdir()] == ["filter-ending"]
    back = run(SEEDS, TEACH, FILTER)
    assert back.manifest("ending").dropped == {"ending": 1}, "going back finds the folder that was set aside"


def test_an_inserted_step_orphans_none(run):
    first = run(SEEDS, TEACH)
    shard = (first.run / "02-teach-answering" / "part-00000.jsonl").stat().st_mtime_ns
    second = run(SEEDS, '\n[[step]]\nfilter = "ending"\n', TEACH)
    assert second.ok and run.asked() == 10
    moved = second.run / "03-teach-answering" / "part-00000.jsonl"
    assert moved.stat().st_mtime_ns == shard, "the rows that flow in are identical, so the step stands under its new number"


def test_identical_rows_stop_a_cascade(run):
    first = run(SEEDS, FILTER, TEACH)
    assert first.ok
    ending, answering = first.manifest("ending").fingerprint, first.manifest("answering").fingerprint
    second = run(SEEDS, FILTER.replace('"3"', '"33"'), TEACH)
    assert second.ok and run.asked() == 9
    assert second.manifest("answering").fingerprint == answering
    assert second.manifest("ending").fingerprint != ending


def test_twenty_more_seeds_buy_twenty_answers(run):
    run('\n[[step]]\nseeds = "numbers"\nrows = 20\n', TEACH)
    more = run('\n[[step]]\nseeds = "numbers"\nrows = 40\n', TEACH)
    assert more.ok and run.asked() == 40 and len(more.records("answering")) == 40


def test_new_rows_drops_and_used_parents_are_all_accounted_for(run):
    done = run(SEEDS, '\n[[step]]\nteach = "doubling"\nteacher = "counted"\n')
    assert done.ok, done.error
    rows = done.manifest("doubling").rows
    assert (rows["in"], rows["made"], rows["used"], rows["dropped"], rows["kept"]) == (10, 18, 9, 1, 0)
    made = done.records("doubling")
    assert len({record.id for record in made}) == 18 and all(record.source == "numbers" and record.parents for record in made)


def test_what_a_lesson_made_and_does_not_keep_is_accounted_for(run):
    done = run(SEEDS, '\n[[step]]\nteach = "choosing"\nteacher = "counted"\n')
    assert done.ok, done.error
    manifest = done.manifest("choosing")
    assert manifest.rows["in"] == manifest.rows["used"] == manifest.rows["made"] == manifest.rows["rejected"] == 10
    assert (manifest.rows["dropped"], manifest.dropped, manifest.figures) == (0, {"second": 10}, {"chosen": 10})
    rejected = [line["record"] for line in done.lines("choosing", "dropped.jsonl")]
    assert [record["messages"][0]["text"] for record in rejected] == [f"나 {number}" for number in range(10)]
    seeds = {record.id for record in done.records("numbers")}
    assert all(record["id"] not in seeds and {*record["parents"]} <= seeds for record in rejected), "so that forget finds them"
    assert len({record["id"] for record in rejected} | {record.id for record in done.records("choosing")}) == 20


def test_a_refused_question_is_quarantined_and_not_bought_again(run):
    first = run(SEEDS, TEACH, teacher='fails_at = "5"\n', quarantine_limit=0.5)
    assert first.ok, first.error
    assert first.manifest("answering").quarantined == {"http-400": 1}
    run(SEEDS, TEACH, FILTER, teacher='fails_at = "5"\n', quarantine_limit=0.5)
    assert run.asked() == 10


def test_too_many_quarantined_rows_end_with_eight(run):
    done = run(SEEDS, TEACH, teacher='fails_at = "5"\n')
    assert done.exit_code == 8 and done.outcome.over_limit == ("answering",)


def test_a_filter_that_fails_on_one_row_costs_only_that_row(run):
    done = run(SEEDS, '\n[[step]]\nfilter = "ending"\nfails_at = "6"\n', quarantine_limit=0.5)
    assert done.ok, done.error
    assert done.manifest("ending").quarantined == {"plugin-error": 1} and len(done.records("ending")) == 9
    assert "RuntimeError: this row is too much for me" in done.lines("ending", "quarantined.jsonl")[0]["detail"]


def test_a_filter_that_sees_everything_and_one_that_tags(run):
    done = run(SEEDS, '\n[[step]]\nfilter = "whole"\n', '\n[[step]]\nfilter = "tagging"\n')
    assert done.ok, done.error
    assert done.manifest("whole").dropped == {"last": 1}
    assert all(record.tags == {"seen": True} for record in done.records("tagging"))
    assert done.manifest("tagging").rows["changed"] == 9


def test_verdicts_have_to_be_as_many_as_records(run):
    done = run(SEEDS, '\n[[step]]\nfilter = "sloppy"\n')
    assert done.exit_code == 4
    assert "sift() gave 9 verdicts for 10 records" in str(done.error)


def test_a_source_that_breaks_names_the_plugin_and_the_row(run):
    done = run('\n[[step]]\nseeds = "numbers"\nfails_at = 3\n')
    assert done.exit_code == 4
    message = str(done.error)
    assert "Step 1 (numbers) stopped" in message and "ValueError: the source broke" in message
    assert "ValueError" in (done.run / "log.jsonl").read_text(encoding="utf-8")


def test_only_lets_other_records_pass(run):
    second = '\n[[step]]\nseeds = "numbers"\nname = "others"\nrows = 3\n'
    done = run(SEEDS, second, FILTER + 'only = ["others"]\nname = "sifted"\n'.replace("name", "name"))
    assert done.ok, done.error
    assert done.manifest("sifted").rows["in"] == 13 and done.manifest("sifted").rows["dropped"] == 0
    done = run(SEEDS, second, FILTER.replace('"3"', '"2"') + 'only = ["others"]\nname = "sifted"\n')
    assert done.manifest("sifted").rows["dropped"] == 1, "question 2 of the others; the seeds' own question 2 passes"


def test_limit_reads_so_many_rows_of_each_source(run):
    done = run(SEEDS, TEACH, limit=4)
    assert done.ok and len(done.records("answering")) == 4 and run.asked() == 4


def test_a_budget_is_never_passed(run):
    from seodang.ledger.money import parse_cap

    priced = "price_micro = 1000000\nin_flight = 8\n"
    done = run(SEEDS, TEACH, teacher=priced, caps=(parse_cap("0.00035USD"),))
    assert done.exit_code == 7
    assert run.asked() == 6, "each is reserved at 100 millionths and settled at 50: a seventh could have made it 400"
    more = run(SEEDS, TEACH, teacher=priced, caps=(parse_cap("1USD"),))
    assert more.ok and run.asked() == 10


def test_objections_stop_a_run_before_anything_happens(run):
    class Careful:
        @seodang.hookimpl
        def review_plan(self, plan):
            return [seodang.Objection(step="answering", reason="not with these terms")]

    done = run(SEEDS, TEACH, plugins=(school, Careful()))
    assert done.exit_code == 3 and run.asked() == 0
    assert str(done.error) == "Stopped before anything was spent. Step answering: not with these terms"


def test_observers_hear_the_run_and_cannot_stop_it(run):
    heard = []

    class Observer:
        @seodang.hookimpl
        def step_finished(self, run, step, report):
            heard.append((step, report["rows"]["in"]))
            raise RuntimeError("an observer's own trouble")

    done = run(SEEDS, FILTER, plugins=(school, Observer()))
    assert done.ok and heard == [("numbers", 10), ("ending", 10)]
    assert "an observer's own trouble" in (done.run / "log.jsonl").read_text(encoding="utf-8")


def test_a_run_is_read_and_made_inside_a_running_loop(run):
    async def notebook():
        return run(SEEDS, FILTER)

    done = asyncio.run(notebook())
    assert done.ok and len(list(open_run(done.run).records("ending"))) == 9
    assert len(list(seodang.open_run(done.run).records())) == 9


def test_the_lock_file_is_toml_whatever_stands_in_it(tmp_path):
    import tomllib

    from seodang.runs.directory import toml_of

    values = {
        "id": "a\"b\\c\n한글\x7f", "seed": 7, "settings": ["a.b=\"c\"", "d"], "nested": {"x-y": {"on": True, "odd key": "1"}}, "empty": [],
    }  # fmt: skip
    assert tomllib.loads(toml_of(values)) == values
