"""The figures of translation checks and of sentence splitters: counted rightly, and as good as is promised."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from seodang_bench.commandline import command
from seodang_bench.sentences import compare, groups, splitters
from seodang_bench.translations import labels, measure, measure_damages

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_rows = pytest.mark.skipif(not (SHARED / labels().file).is_file(), reason="the published data sets are not there")


def test_at_least_a_hundred_rows_are_labelled_and_every_label_is_one_of_them():
    known = labels()
    assert known.last + 1 >= 100
    for table in (known.faults, known.rewritten, known.unseen, known.tasks):
        for name, rows in table.items():
            assert [*rows] == sorted({*rows}) and rows[-1] <= known.last, name


@pytest.mark.shared_data
@needs_rows
def test_the_checks_find_what_was_labelled_and_row_five():
    figures = {one.check: one for one in measure(SHARED)}
    assert 5 in figures["wrong-sense"].rows
    assert figures["code"].recall == figures["brackets"].recall == 1.0
    assert figures["numbers"].precision == 1.0
    assert figures["any"].precision >= 0.9


@pytest.mark.shared_data
@needs_rows
def test_damages_that_are_done_on_purpose_are_caught_and_sound_rows_are_not():
    figures = measure_damages(SHARED)
    assert {one.check: one.recall for one in figures} == {one.check: 1.0 for one in figures}
    assert all(one.labelled >= 20 and one.wrong <= 2 for one in figures)


@pytest.mark.shared_data
@needs_rows
@pytest.mark.parametrize(("language", "title"), [("en", "335 aligned rows that were read"), ("ko", "읽은 정렬 행 335개")])
def test_the_command_prints_precision_and_recall(monkeypatch, language, title):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    result = CliRunner().invoke(command, ["translations", "--shared", str(SHARED)])
    assert result.exit_code == 0, result.output
    assert title in result.output and "wrong-sense" in result.output and "truncated" in result.output


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "Name the directory of the published data sets: --shared DIR."),
        ("ko", "공개 데이터가 있는 디렉터리를 지정하세요: --shared DIR"),
    ],
)
def test_a_directory_without_the_rows_is_told(monkeypatch, tmp_path, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    result = CliRunner().invoke(command, ["translations", "--shared", str(tmp_path)])
    assert message in str(result.exception)


def test_the_built_in_rule_beats_one_regex_where_sentences_stand_in_sentences():
    found, _ = splitters()
    sides = {(one.splitter, one.group): one for one in compare({name: found[name] for name in ("one regex", "rule")})}
    assert sides["rule", "nested"].f1 > sides["one regex", "nested"].f1
    assert sides["rule", "code"].whole_code and not sides["one regex", "code"].whole_code
    assert all(one.lossless for one in sides.values())
    assert sum(len(group.texts) for group in groups()) >= 30


@pytest.mark.parametrize(("language", "word"), [("en", "exact"), ("ko", "일치")])
def test_the_table_of_splitters_is_printed(monkeypatch, language, word):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    from seodang_locale_ko import Korean

    monkeypatch.setattr("seodang_bench.sentences.splitters", lambda: ({"rule": Korean().sentences}, ["kss", "kiwi"]))
    result = CliRunner().invoke(command, ["sentences"])
    assert result.exit_code == 0 and word in result.output and "kss, kiwi" in result.output
    assert {one["splitter"] for one in json.loads(CliRunner().invoke(command, ["sentences", "--json"]).output)["sides"]} == {
        "rule"
    }
