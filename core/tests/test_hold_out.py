"""Rows that are set aside are never taught or trained on, whatever else is in the file, and evaluations see them."""

import json
import random
import sys
from pathlib import Path

import msgspec
import pytest
import seodang
from click.testing import CliRunner
from seodang.commandline.show import command as show
from seodang.commandline.why import command as why
from seodang.errors import DataError
from seodang.records import Record, single_turn
from seodang.runs.holding_out import HoldingOut, Near, Text
from seodang.runs.opened import open_run
from seodang.testing import make_context
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import village

HEAD = '[recipe]\nname = "village"\nlanguage = "ko"\nseed = 7\n'
SEEDS = '\n[[step]]\nseeds = "rows"\nhold_out = 5\n'
TEACH = '\n[[step]]\nteach = "answering"\nteacher = "far"\n'
TRAIN = '\n[[step]]\ntrain = "paper"\n'
EXAM = '\n[[step]]\nevaluate = "exam"\n'
WORDS = "가나다라마바사아자차카타파하거너더러머버"


def question(number: int) -> str:
    """Ten words that share few with another number's."""
    return f"{number} " + " ".join(random.Random(number).sample(WORDS, 3)) + "".join(f" {number}-{part}" for part in range(8))


PLAIN = [{"question": question(number)} for number in range(60)]


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def run(tmp_path):
    book = f'\n[teachers.far]\nuse = "far"\nbook = "{tmp_path / "asked.txt"}"\nbase_url = "localhost"\n'

    def run(*parts: str, rows=PLAIN, seed: int = 7, files=None, **wishes):
        head = HEAD.replace("seed = 7", f"seed = {seed}") + book
        return run_in(
            tmp_path, head + "".join(parts), plugins=[village], files={"rows.jsonl": lines(rows), **(files or {})}, **wishes
        )

    run.asked = lambda: (tmp_path / "asked.txt").read_text(encoding="utf-8").splitlines()
    return run


def held(done, code: str = "held-out", step: str = "rows") -> list[str]:
    return [line["record"]["messages"][0]["text"] for line in done.lines(step, "dropped.jsonl") if line["code"] == code]


def test_rows_are_set_aside_and_evaluations_see_them(run):
    done = run(SEEDS, TEACH, TRAIN, EXAM)
    assert done.ok, done.error
    assert done.manifest("rows").rows["in"] == 60 and done.manifest("rows").rows["kept"] == 55
    assert done.manifest("rows").dropped == {"held-out": 5}
    apart = held(done)
    assert len(apart) == 5 and not set(apart) & set(run.asked())
    assert [item["values"]["question"] for item in done.lines("exam", "items.jsonl")] == apart
    (score,) = open_run(done.run).scores("exam")
    assert (score.value, score.count) == (0, 5)
    assert done.manifest("rows").figures["held_out"]["rows"] == 5


def test_show_and_why_tell_of_them(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    done = run(SEEDS)
    record = done.lines("rows", "dropped.jsonl")[0]["record"]["id"]
    assert "rows: dropped held-out 5" in CliRunner().invoke(show, [str(done.run)]).output
    assert record in CliRunner().invoke(show, [str(done.run), "rows", "--dropped"]).output
    assert CliRunner().invoke(why, [str(done.run), record]).output == "rows: dropped  held-out\n"


def test_the_choice_hangs_on_content_and_seed_and_not_on_the_order(run, tmp_path):
    first = held(run(SEEDS))
    shuffled = random.Random(1).sample(PLAIN, len(PLAIN))
    assert held(run(SEEDS, rows=shuffled, run_directory=tmp_path / "shuffled")) == first
    assert held(run(SEEDS, seed=8, run_directory=tmp_path / "seed")) != first
    renamed = run(SEEDS + 'name = "other"\n', run_directory=tmp_path / "renamed")
    assert held(renamed, step="other") == first


@pytest.mark.parametrize("number", range(1000, 1012))
def test_an_inserted_row_changes_one_place_at_most(run, number):
    first = set(held(run(SEEDS)))
    more = set(held(run(SEEDS, rows=[{"question": question(number)}, *PLAIN])))
    assert len(more) == 5 and len(first - more) <= 1 and more - first <= {question(number)}


def test_an_interrupted_run_ends_as_an_uninterrupted_one(run, tmp_path):
    def folder(done) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in sorted(next(done.run.glob("01-*")).iterdir())}

    whole = folder(run(SEEDS, run_directory=tmp_path / "whole"))
    place = tmp_path / "torn"
    stopped = run(SEEDS, run_directory=place)
    partial = place / f"01-seeds-rows.partial-{stopped.manifest('rows').fingerprint[:12]}"
    next(place.glob("01-*")).rename(partial)
    (partial / "manifest.json").unlink()
    (partial / "read-00000.jsonl").write_text("torn", encoding="utf-8")
    (partial / "read-00007.jsonl").write_text("torn", encoding="utf-8")
    assert folder(run(SEEDS, run_directory=place)) == whole
    assert sorted(whole) == ["dropped.jsonl", "manifest.json", "part-00000.jsonl"]


def test_rows_of_one_url_or_dialogue_stay_together(run):
    rows = [{"question": question(number), "url": f"https://example.org/{number // 3}"} for number in range(30)]
    rows += [{"question": question(number), "dialogue": f"d{number // 4}"} for number in range(30, 70)]
    done = run(SEEDS, rows=rows)
    kept = {record.question for record in done.records("rows")}
    apart = set(held(done))
    assert 5 <= len(apart) < 10 and not kept & apart
    of = {row["question"]: row.get("url") or row["dialogue"] for row in rows}
    assert {of[each] for each in kept}.isdisjoint({of[each] for each in apart})
    assert all(
        "url https://example.org/" in line["detail"] or "dialogue d" in line["detail"]
        for line in done.lines("rows", "dropped.jsonl")
    )


def test_a_row_that_shares_the_url_of_another_group_stays_out(run):
    rows = [{"question": question(number), "dialogue": f"d{number}"} for number in range(20)]
    rows += [{"question": question(number + 100), "url": f"u{number}", "dialogue": f"d{number}"} for number in range(20)]
    done = run(SEEDS, rows=rows)
    near = [line for line in done.lines("rows", "dropped.jsonl") if line["code"] == "near-held-out"]
    apart = {tag for line in done.lines("rows", "dropped.jsonl") for tag in [line["record"]["tags"]["dialogue"]]}
    assert len(near) == 5 and {line["record"]["tags"]["dialogue"] for line in near} <= apart
    assert not apart & {record.tags["dialogue"] for record in done.records("rows")}


def test_what_is_too_near_to_a_held_out_question_is_left_out(run):
    apart = held(run(SEEDS))
    almost = " ".join([*apart[0].split()[:-1], "다른"])
    same, half = apart[1] + " 좀", " ".join([*apart[2].split()[:6], "전혀", "딴", "말이", "여기", "있네"])
    done = run(SEEDS, rows=[*PLAIN, {"question": almost}, {"question": same}, {"question": half}])
    assert held(done) == apart
    assert sorted(held(done, "near-held-out")) == sorted([almost, same])
    assert half in {record.question for record in done.records("rows")}
    details = {line["code"]: line["detail"] for line in done.lines("rows", "dropped.jsonl")}
    assert details["near-held-out"].split(" % ")[0] in ("91", "95", "96")
    assert details["near-held-out"].split(" % ")[1] in {line["record"]["id"] for line in done.lines("rows", "dropped.jsonl")}


def test_one_instruction_with_different_inputs_is_as_many_questions(run):
    rows = [{"question": "요약하세요", "input": question(number)} for number in range(60)]
    done = run(SEEDS, rows=rows)
    assert done.manifest("rows").dropped == {"held-out": 5}


def test_equal_questions_are_one_group_even_without_a_word(run):
    done = run(SEEDS, rows=[*PLAIN, *[{"question": "???"}] * 4], seed=21)
    questions = [record.question for record in done.records("rows")] if done.ok else []
    assert questions.count("???") in (0, 4)


def near_by_trying_all(texts: list[list[str]], tokens: list[str], percent: int) -> set[int]:
    found = set()
    for place, text in enumerate(texts):
        shared = sum(min(text.count(token), tokens.count(token)) for token in set(tokens))
        if 200 * shared >= percent * (len(text) + len(tokens)) and shared:
            found.add(place)
    return found


@pytest.mark.parametrize("percent", [30, 50, 70, 90, 100])
def test_the_index_finds_exactly_what_trying_all_pairs_finds(percent):
    chance = random.Random(percent)
    texts = [[chance.choice("abcdefghij") for _ in range(chance.randrange(12))] for _ in range(60)]
    near = Near([Text(str(place), place, text) for place, text in enumerate(texts)], percent)
    hits = 0
    for _ in range(400):
        tokens = [chance.choice("abcdefghijkl") for _ in range(chance.randrange(12))]
        found = {text.group for text, _ in near.all(tokens)}
        assert found == near_by_trying_all(texts, tokens, percent)
        hits += len(found)
    assert hits > 10


def test_what_another_source_holds_out_is_not_taught_from_this_one(run):
    first = run(SEEDS)
    apart = held(first)
    others = {"more.jsonl": lines([{"question": apart[0]}, {"question": apart[1] + " 좀"}, {"question": question(500)}])}
    more = '\n[[step]]\nseeds = "rows"\nname = "more"\npath = "more.jsonl"\n'
    done = run(SEEDS, more, TRAIN, EXAM, files=others)
    assert [record.question for record in done.records("more")] == [question(500)]
    assert done.manifest("more").dropped == {"near-held-out": 2}
    assert open_run(done.run).scores("exam")[0].count == 5


def test_what_flows_already_is_not_held_out(run):
    """The first source has the very rows that the second would set aside."""
    second = '\n[[step]]\nseeds = "rows"\nname = "second"\nhold_out = 5\n'
    apart = held(run(second), step="second")
    before = {"before.jsonl": lines([{"question": apart[0]}, {"question": apart[1] + " 좀"}])}
    done = run('\n[[step]]\nseeds = "rows"\nname = "first"\npath = "before.jsonl"\n', second, files=before)
    now = held(done, step="second")
    assert len(now) == 5 and set(now) & set(apart) == set(apart[2:])


def test_too_few_are_told(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    first = '\n[[step]]\nseeds = "rows"\nname = "first"\n'
    stopped = run(first, '\n[[step]]\nseeds = "rows"\nname = "second"\nhold_out = 5\n')
    assert isinstance(stopped.error, DataError)
    assert str(stopped.error).startswith(
        "hold_out asks for 5 rows, but only 0 can be set aside: the others stand in earlier seeds"
    )


def test_nothing_left_to_teach_is_told(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    stopped = run(SEEDS.replace("5", "200"))
    assert str(stopped.error) == (
        "Step 1 (seeds rows): hold_out would set aside all 60 rows of the source, with those that are too near, and none would be left to teach. Lower it."
    )


def test_a_group_that_is_larger_than_what_is_wanted_is_no_sample(run):
    rows = [{"question": question(number), "url": "https://example.org/all"} for number in range(40)]
    done = run(SEEDS, rows=[*rows, *PLAIN[40:]])
    assert all(record not in held(done) for record in (row["question"] for row in rows))
    assert run(SEEDS, rows=rows).error.code == "runs.hold-out-finds-too-few"


def test_rehearsals_go_on_working(run, tmp_path):
    few = run(SEEDS, TEACH, limit=20, run_directory=tmp_path / "limit")
    assert few.ok and few.manifest("rows").rows == {**few.manifest("rows").rows, "in": 20, "kept": 16, "dropped": 4}
    assert run(SEEDS, limit=3, run_directory=tmp_path / "three").manifest("rows").rows["kept"] == 3
    sampled = run(SEEDS, TEACH, sample=7, run_directory=tmp_path / "sample")
    assert sampled.manifest("rows").rows["kept"] == 7 and len(held(sampled)) == 5
    assert not set(held(sampled)) & set(run.asked())


def test_the_number_makes_the_step_again_and_what_is_held_out_the_evaluation(run):
    first = run(SEEDS, TRAIN, EXAM).manifest("exam")
    assert run(SEEDS, TRAIN, EXAM).manifest("exam").fingerprint == first.fingerprint
    other = run(SEEDS.replace("5", "6"), TRAIN, EXAM)
    assert other.manifest("rows").dropped == {"held-out": 6}
    assert other.manifest("exam").ingredients["held_out"] != first.ingredients["held_out"]


def test_a_run_without_it_is_fingerprinted_as_before(run):
    done = run(SEEDS.replace("hold_out = 5\n", ""))
    assert set(done.manifest("rows").ingredients) == {
        "format",
        "verb",
        "name",
        "plugin",
        "class",
        "revision",
        "options",
        "language",
        "locale",
    }


def test_only_evaluations_may_look(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    stopped = run(SEEDS, '\n[[step]]\nfilter = "peeping"\n')
    assert (
        str(stopped.error)
        == "peeping 단계가 따로 떼어 둔 행을 달라고 합니다. 그 행은 평가와, sees_evaluations를 밝힌 필터만 볼 수 있습니다. 플러그인을 고쳐야 합니다."
    )


def test_a_test_of_an_evaluation_gives_it_what_it_likes(tmp_path):
    records = [single_turn("하나", id="1")]
    assert list(make_context(tmp_path, held_out=records).held_out) == records


def test_without_a_locale_it_says_so_before_it_reads(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    head = HEAD.replace('"ko"', '"eo"')
    stopped = run_in(tmp_path, head + SEEDS, plugins=[village], files={"rows.jsonl": lines(PLAIN)})
    assert (
        str(stopped.error)
        == "Step rows needs the locale 'eo', which is not installed. Install it with: pip install seodang-locale-eo"
    )


def test_memory_holds_what_is_chosen_and_not_what_is_offered():
    holding = HoldingOut(10, 7, village.Village())
    for number in range(5000):
        holding.offer([single_turn(question(number))])
    assert len(holding._groups) == len(holding._highest) == 40


def test_it_is_read_back_as_it_was(run):
    done = run(SEEDS, rows=[{**row, "url": f"u{number}", "answer": "답"} for number, row in enumerate(PLAIN)])
    first = msgspec.convert(done.lines("rows", "dropped.jsonl")[0]["record"], Record)
    assert first.answered and first.tags["url"] and first.source == "rows" and first.language == "ko"
    assert seodang.nfc(first.question) == first.question
