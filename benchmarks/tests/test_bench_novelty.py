"""The benchmark of novelty: every side decides alike, the rows are the same again, and what is not installed is named."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_bench import novelty
from seodang_bench.commandline import command
from seodang_bench.novelty import Figures, Sifted, Stored, brute, compare, differing, sift, write_rows

SHARED = Path(__file__).parents[3] / "shared" / "data"
REAL = {
    "en": [SHARED / "stanford_alpaca" / "alpaca_sample_0000_0999.json", SHARED / "self_instruct" / "seed_tasks.jsonl"],
    "ko": [SHARED / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json"],
}


def test_all_sides_decide_alike_in_one_run():
    for name in ("rouge_score", "rapidfuzz"):
        pytest.importorskip(name)
    arguments = ["--rows", "1000", "--decided", "600", "--published", "120", "--language", "ko", "--json"]
    result = CliRunner().invoke(command, ["speed", "novelty", *arguments])
    assert result.exit_code == 0, result.output
    (one,) = msgspec.json.decode(result.output, type=Figures).comparisons
    assert (one.language, one.rows, one.decided, one.published_rows) == ("ko", 1000, 600, 120)
    assert one.published_differ == one.brute_differ == one.brute_differ_all == 0
    assert 500 < one.kept < 1000 and one.peak_mib > 10
    assert one.published_ratio > 50 and one.brute_ratio > 0
    assert one.us_per_row == pytest.approx(one.cpu_seconds / 1000 * 1e6)


def test_rows_are_made_up_the_same_way_again(tmp_path):
    for name in ("first", "second"):
        write_rows(tmp_path / name, "ko", 300)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    records = Stored(tmp_path / "first", 200)
    assert len(list(records)) == len(list(records)) == len(records) == 200
    verdicts = sift("ko", records, "").verdicts
    assert 5 < verdicts.count("d") < 60, "some rows are variants, most are not"


def test_files_with_real_rows_come_first_in_their_language(tmp_path):
    (tmp_path / "rows.json").write_text(
        json.dumps([{"instruction": "서당을 설명하세요."}, {"instruction": "Name a river."}, {"other": 1}], ensure_ascii=False),
        encoding="utf-8",
    )
    for language, first in (("ko", "서당을 설명하세요."), ("en", "Name a river.")):
        write_rows(tmp_path / language, language, 20, [tmp_path / "rows.json"])
        questions = [record.question for record in Stored(tmp_path / language, 20)]
        assert questions[0] == first and len(questions) == 20


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_real_rows_and_their_variants_are_decided_as_comparing_with_all_decides_them(tmp_path, language):
    pytest.importorskip("rapidfuzz")
    write_rows(tmp_path / "rows", language, 4000, REAL[language])
    records = Stored(tmp_path / "rows", 4000)
    ours, theirs = sift(language, records, novelty.TOKENS[language]), brute(language, records)
    assert differing(ours.verdicts, theirs.verdicts) == 0 and ours.verdicts.count("d") > 100


def test_pairs_are_those_of_the_published_loop():
    assert Sifted(seconds=1, verdicts="kkdk").pairs == 0 + 1 + 2 + 2
    assert differing("kkdk", "kdd") == 1


def test_what_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(novelty, "missing", lambda: ("rouge_score", "rapidfuzz", "kiwipiepy"))
    figures = compare(tmp_path, ("ko",), 1000, decided=200)
    (one,) = figures.comparisons
    assert one.published_ratio is one.brute_ratio is one.brute_differ is figures.morphemes is None
    facts = {"names": figures.missing}
    assert render("seodang_bench:novelty-missing", facts, "en") == (
        "Not installed, and not compared with: rouge_score, rapidfuzz, kiwipiepy. pip install 'seodang-bench[novelty]'"
    )
    assert render("seodang_bench:novelty-missing", facts, "ko") == (
        "설치되지 않아 견주지 못했습니다: rouge_score, rapidfuzz, kiwipiepy. pip install 'seodang-bench[novelty]'를 실행하세요"
    )


FACTS = {
    "language": "ko", "rows": 52000, "kept": 45619, "cpu_seconds": 5.21, "us_per_row": 100.2, "peak_mib": 71.4, "tenth_seconds": 0.4,
    "growth": 1.114, "published_rows": 2000, "published_seconds": 121.3, "published_differ": 0, "published_ratio": 13210.4,
    "decided": 10000, "brute_differ": 0, "brute_seconds": 61.2, "brute_ratio": 11.74, "brute_differ_all": 0, "most": 100000,
    "tokenizer_seconds": 2.94, "filter_seconds": 3.61, "ratio": 1.228,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "english", "korean"),
    [
        (
            "novelty",
            "ko: 52,000 rows, 45,619 kept, 5.2 s CPU, 100 µs a row, at most 71 MiB. A tenth of the rows took 0.4 s: time grows as the "
            "power 1.11 of the rows (all pairs: 2).",
            "ko: 52,000행, 남은 행 45,619, CPU 5.2초, 행마다 100µs, 최대 71MiB. 행이 십분의 일이면 0.4초: 시간은 행 수의 1.11제곱으로 "
            "늡니다(모든 쌍을 비교하면 2).",
        ),
        (
            "novelty-published",
            "  rouge_score's own loop: 121 s CPU for 2,000 rows, 0 decided differently. For 52,000 rows, extrapolated by pairs, novelty "
            "is 13,210 times as fast.",
            "  rouge_score의 반복문: 2,000행에 CPU 121초, 판단이 다른 행 0개. 52,000행으로 쌍의 수에 따라 늘려 보면 novelty가 13,210배 "
            "빠릅니다.",
        ),
        (
            "novelty-decisions",
            "  comparing everything with rapidfuzz: of 10,000 rows 0 decided differently",
            "  rapidfuzz로 모두 비교: 10,000행 가운데 판단이 다른 행 0개",
        ),
        (
            "novelty-brute",
            "  the same with 52,000 rows: 0 decided differently, 61.2 s CPU, novelty is 11.7 times as fast",
            "  52,000행으로 같은 비교: 판단이 다른 행 0개, CPU 61.2초, novelty가 11.7배 빠릅니다",
        ),
        (
            "novelty-no-brute",
            "  more than 100,000 rows are not compared with everything: that would take hours",
            "  100,000행이 넘으면 모두 비교하는 데 몇 시간이 걸려 하지 않습니다",
        ),
        (
            "novelty-morphemes",
            "ko by morphemes: 52,000 rows, the tokenizer alone 2.94 s CPU, the filter 3.61 s, 1.23 times that (without loading the model)",
            "형태소로 나눈 한국어: 52,000행, 분석기만 CPU 2.94초, 필터 3.61초, 1.23배(모델을 읽는 시간 제외)",
        ),
    ],
)
def test_what_it_prints(name, english, korean):
    assert render(f"seodang_bench:{name}", FACTS, "en") == english
    assert render(f"seodang_bench:{name}", FACTS, "ko") == korean
