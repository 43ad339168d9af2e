"""The benchmark of duplicates counts on its own what it planted, and says what is missing where rensa is not installed."""

import random

import msgspec
import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_bench import duplicates
from seodang_bench.commandline import command
from seodang_bench.duplicates import Comparison, changed, compare, jaccard, write_rows


def test_it_finds_nearly_all_that_it_planted(tmp_path):
    figures = compare(tmp_path, 3000)
    assert figures.planted > 200 and figures.recall >= 0.95
    assert figures.dropped >= figures.planted * figures.recall
    assert figures.peak_mib > 20 and figures.per_record_us == pytest.approx(figures.cpu_seconds / 3000 * 1e6)


def test_the_rows_are_the_same_again_and_copies_are_where_it_says(tmp_path):
    first, second = (write_rows(tmp_path / name, 500) for name in ("first.jsonl", "second.jsonl"))
    assert first == second and (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    questions = [record.question for record in duplicates.Stored(tmp_path / "first.jsonl")]
    assert len(questions) == 500 and len(first) > 20
    for copy in first:
        assert copy.original < copy.number
        assert jaccard(questions[copy.original], questions[copy.number]) == copy.likeness > 0.3


def test_copies_change_little():
    chance = random.Random(1)
    text = "서당에서 아이들이 배우던 책의 이름과 내용을 설명해 주세요."
    copies = {changed(text, chance) for _ in range(50)}
    assert len(copies) > 10 and all(jaccard(text, copy) > 0.4 for copy in copies)


def test_likeness_is_counted_as_the_filter_documents_it():
    assert jaccard("가나다라", "가나 다라") == 1
    assert jaccard("가나다", "가나라") == pytest.approx(1 / 3)
    assert jaccard("abcdef", "ABCDEG") == pytest.approx(1 / 3)


def test_without_rensa_only_seodang_is_measured(monkeypatch):
    monkeypatch.setattr(duplicates, "has_rensa", lambda: False)
    for language, said in (
        ("en", "Only seodang was measured. For the comparison: pip install 'seodang-bench[duplicates]'"),
        ("ko", "seodang만 쟀습니다. 견주려면 pip install 'seodang-bench[duplicates]'를 실행하세요"),
    ):
        result = CliRunner().invoke(command, ["speed", "duplicates", "--rows", "1000"], env={"SEODANG_LANGUAGE": language})
        assert result.exit_code == 0, result.output
        assert said in result.output


def test_the_figures_can_be_read_again():
    result = CliRunner().invoke(command, ["speed", "duplicates", "--rows", "1000", "--json"])
    figures = msgspec.json.decode(result.output, type=Comparison)
    assert figures.rows == 1000 and (figures.ratio is None) == (not duplicates.has_rensa())


FIGURES = {
    "rows": 1_000_000,
    "planted": 96_869,
    "recall": 0.99929,
    "dropped": 165_916,
    "partly": 110,
    "cpu_seconds": 24.31,
    "per_record_us": 24.31,
    "peak_mib": 1055.3,
    "threshold": 0.8,
    "rensa_seconds": 30.39,
    "rensa_hashing_seconds": 5.83,
    "ratio": 0.8,
    "hashing_ratio": 3.7,
}


@pytest.mark.parametrize(
    ("name", "english", "korean"),
    [
        (
            "duplicates",
            "1,000,000 records, read to verdicts: 24.3 s CPU, 24.3 µs each, peak 1055 MiB",
            "레코드 1,000,000개, 읽기부터 판정까지: CPU 24.3초, 하나에 24.3µs, 최대 메모리 1055MiB",
        ),
        (
            "duplicates-found",
            "96,869 planted copies with a Jaccard likeness of at least 0.8: 0.9993 of them found; 165,916 dropped in all, "
            "110 compared in part",
            "심어 둔 복사본 중 자카드 유사도 0.8 이상인 96,869개 가운데 찾은 비율 0.9993. 모두 165,916개를 버렸고 110개는 일부와만 견줌",
        ),
        (
            "duplicates-ratio",
            "0.80 times what n-grams and rensa's hashing of the same records take (30.4 s); 3.70 times its hashing alone (5.8 s), "
            "the reading left out",
            "같은 레코드를 n-그램으로 나눠 rensa로 해싱하는 시간(30.4초)의 0.80배, 읽기를 빼면 해싱만 하는 시간(5.8초)의 3.70배",
        ),
        (
            "duplicates-help",
            "Find near duplicates among short records: recall on planted ones, memory, and time beside rensa's hashing.",
            "짧은 레코드에서 거의 같은 것을 찾습니다. 심어 둔 것의 재현율, 메모리, rensa 해싱과 견준 시간을 잽니다.",
        ),
    ],
)
def test_what_it_prints(name, english, korean):
    assert render(f"seodang_bench:{name}", FIGURES, "en") == english
    assert render(f"seodang_bench:{name}", FIGURES, "ko") == korean
