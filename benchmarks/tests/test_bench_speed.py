"""The speed commands at a hundredth of their size: they run, they check every row, and they say what they measured."""

import json

import msgspec
import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_bench.commandline import command
from seodang_bench.generation import Comparison, Generation, Share, checked_rows
from seodang_bench.importing import Import, rows_of
from seodang_bench.processes import CommandFailed, run_measured
from seodang_bench.transports import KINDS, Cost
from seodang_bench.vendors import vendor


def test_generation_is_compared_in_one_run_and_every_row_is_checked():
    result = CliRunner().invoke(command, ["speed", "generate", "--rows", "24", "--in-flight", "8", "--latency", "20ms", "--json"])
    assert result.exit_code == 0, result.output
    figures = msgspec.json.decode(result.output, type=Generation)
    assert figures.rows == figures.faulty_rows == 24
    assert figures.ratio == pytest.approx(figures.seodang.rows_per_second / figures.bare.rows_per_second)
    assert figures.faulty_requests >= 24
    assert figures.seodang.peak_mib > figures.bare.peak_mib > 5
    assert figures.one_row_ratio > 1


def test_transports_are_compared_on_one_mock():
    result = CliRunner().invoke(command, ["speed", "transport", "--rows", "10", "--in-flight", "4", "--latency", "0ms", "--json"])
    assert result.exit_code == 0, result.output
    costs = msgspec.json.decode(result.output, type=list[Cost])
    assert [cost.kind for cost in costs] == list(KINDS)
    assert all(cost.rows_per_second > 0 and cost.cpu_per_1000 > 0 for cost in costs)


def test_importing_is_compared_in_processes_of_their_own():
    result = CliRunner().invoke(command, ["speed", "import", "--rows", "1000", "--rounds", "2", "--json"])
    assert result.exit_code == 0, result.output
    figures = msgspec.json.decode(result.output, type=Import)
    assert (figures.rows, figures.rounds) == (1000, 2) and 400 <= figures.bytes_per_row <= 600
    assert figures.lowest_ratio <= figures.ratio <= figures.highest_ratio
    assert figures.seodang_seconds > figures.bare_seconds > 0 and figures.peak_mib > 10


def test_rows_of_the_import_are_alpacas_in_two_languages():
    rows = list(rows_of(6))
    assert rows == list(rows_of(6)) and all(list(row) == ["instruction", "input", "output"] for row in rows)
    assert [row["instruction"].isascii() for row in rows] == [True, False] * 3
    assert [bool(row["input"]) for row in rows] == [True, False, False] * 2


def test_a_command_that_fails_has_no_figures(tmp_path):
    with pytest.raises(CommandFailed, match="no such recipe"):
        run_measured(["sh", "-c", "echo no such recipe; exit 3"], directory=tmp_path)
    assert run_measured(["sh", "-c", "exit 75"], directory=tmp_path, expected=(75,)).exit_code == 75


def test_another_rows_answer_is_an_error(tmp_path):
    with vendor(arguments=("--characters", "20")) as server, pytest.raises(CommandFailed, match="is another's"):
        Comparison(tmp_path, in_flight=4).seodang(server, 3)
    assert server.counts().payments == 3


def test_checked_rows_counts_what_is_there(tmp_path):
    with vendor() as server:
        Comparison(tmp_path, in_flight=4).seodang(server, 5)
        assert server.counts().payments == 5
    assert checked_rows(tmp_path / "001-seodang" / "run") == 5


SIDE = Share(rows_per_second=284.8, seconds=7.02, cpu_per_1000=0.37, peak_mib=26.0)
IMPORT = Import(
    rows=1_000_000,
    bytes_per_row=511,
    rounds=3,
    bare_seconds=2.1,
    seodang_seconds=8.6,
    ratio=4.1,
    lowest_ratio=4.0,
    highest_ratio=4.25,
    peak_mib=140.2,
)
COST = Cost(kind="aiohttp-bytes", in_flight=64, first_seconds=0.9, rows_per_second=285.0, cpu_per_1000=1.0, peak_mib=67.0)


@pytest.mark.parametrize(
    ("name", "facts", "english", "korean"),
    [
        (
            "side",
            {"name": "seodang run", **msgspec.structs.asdict(SIDE)},
            "  seodang run   284.8 rows/s    7.02 s  CPU  0.37 s per 1,000  peak    26 MiB",
            "  seodang run 초당   284.8행    7.02초  1,000건당 CPU  0.37초  최대 메모리    26MiB",
        ),
        (
            "import",
            msgspec.structs.asdict(IMPORT),
            "1,000,000 rows of 511 bytes: 8.60 s CPU against 2.10 s bare, 4.10 times (4.00 to 4.25 in 3 rounds), peak 140 MiB",
            "511바이트짜리 1,000,000행: 맨 처리 CPU 2.10초에 견주어 8.60초, 4.10배(3회 중 4.00~4.25), 최대 메모리 140MiB",
        ),
        ("ratio", {"ratio": 0.914}, "  share of the bare loop 0.91", "  맨 반복문 대비 0.91"),
        (
            "one-row",
            {"ratio": 4.2, "bare": 0.3, "seodang": 1.26},
            "One question, answered at once: 1.26 s against 0.30 s, 4.2 times",
            "바로 답하는 질문 하나: 0.30초에 견주어 1.26초, 4.2배",
        ),
        (
            "faulty",
            {"faults": "429:0.10", "rows": 2000, "requests": 2265, "seconds": 11.09, "ratio": 1.5},
            "With 429:0.10: 2,000 rows right, 2,265 requests, 11.09 s, 1.50 times the clean run",
            "429:0.10 상황: 옳은 행 2,000개, 요청 2,265건, 11.09초, 장애가 없을 때의 1.50배",
        ),
        (
            "machine",
            {"system": "Linux", "cores": 2, "python": "3.11.7"},
            "Linux, 2 cores, Python 3.11.7. Only ratios of one run mean anything.",
            "Linux, 코어 2개, Python 3.11.7. 한 번에 잰 값들 사이의 비율만 의미가 있습니다.",
        ),
        (
            "generate-title",
            {"rows": 2000, "in_flight": 64, "latency": "200ms"},
            "2,000 questions, 64 in flight, answers after 200ms; whole processes",
            "질문 2,000개, 동시 64개, 응답 200ms, 프로세스 전체 기준",
        ),
        (
            "transport",
            msgspec.structs.asdict(COST),
            "  aiohttp-bytes   64 in flight: first answer  0.90 s     285 rows/s  CPU  1.00 s per 1,000  peak   67 MiB",
            "  aiohttp-bytes 동시   64개: 첫 응답  0.90초  초당    285행  1,000건당 CPU  1.00초  최대 메모리   67MiB",
        ),
    ],
)
def test_what_it_prints(name, facts, english, korean):
    assert render(f"seodang_bench:{name}", facts, "en") == english
    assert render(f"seodang_bench:{name}", facts, "ko") == korean


def test_help_is_there_in_both_languages():
    for name in ("bench-help", "speed-help", "generate-help", "transport-help", "bare", "seodang"):
        assert render(f"seodang_bench:{name}", {}, "en") != render(f"seodang_bench:{name}", {}, "ko") or name == "seodang"
    assert "generate" in CliRunner().invoke(command, ["speed", "--help"]).output
    assert json.dumps(render("seodang_bench:bare", {}, "ko"), ensure_ascii=False) == '"맨 aiohttp 반복문"'
