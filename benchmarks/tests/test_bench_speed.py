"""The speed commands at a hundredth of their size: they run, they check every row, and they say what they measured."""

import json
import sys

import msgspec
import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_bench.again import Again
from seodang_bench.commandline import command
from seodang_bench.generation import Comparison, Generation, Share, checked_rows
from seodang_bench.importing import Import, rows_of
from seodang_bench.peers import PEERS, script_of
from seodang_bench.processes import CommandFailed, run_measured
from seodang_bench.transports import KINDS, Cost
from seodang_bench.vendors import vendor


def test_generation_is_compared_in_one_run_and_every_row_is_checked():
    peers = ["--peer", f"distilabel={sys.executable}", "--peer", "curator=/nowhere/python"]
    sizes = ["--rows", "24", "--in-flight", "8", "--latency", "20ms"]
    result = CliRunner().invoke(command, ["speed", "generate", *sizes, *peers, "--json"])
    assert result.exit_code == 0, result.output
    figures = msgspec.json.decode(result.output, type=Generation)
    assert figures.rows == figures.faulty_rows == 24
    assert figures.ratio == pytest.approx(figures.seodang.rows_per_second / figures.bare.rows_per_second)
    assert figures.faulty_requests >= 24
    assert figures.seodang.peak_mib > figures.bare.peak_mib > 5
    assert figures.one_row_ratio > 1
    assert [(peer.name, peer.side) for peer in figures.peers] == [("distilabel", None), ("curator", None)]
    assert figures.peers[0].skipped == "ModuleNotFoundError: No module named 'distilabel'", "left out, with its reason"
    assert figures.peers[1].skipped.startswith("FileNotFoundError")


@pytest.mark.parametrize("given", ["distilabel", "langchain=/usr/bin/python3", "curator="])
def test_a_peer_is_named_with_its_python(given):
    result = CliRunner().invoke(command, ["speed", "generate", "--peer", given])
    assert result.exit_code == 2 and "write NAME=PYTHON, where NAME is distilabel, curator, data-designer" in result.output


def test_every_peer_has_its_script_which_imports_nothing_of_seodang():
    for peer in PEERS:
        assert "seodang" not in script_of(peer).read_text(encoding="utf-8")


def test_transports_are_compared_on_one_mock():
    result = CliRunner().invoke(command, ["speed", "transport", "--rows", "10", "--in-flight", "4", "--latency", "0ms", "--json"])
    assert result.exit_code == 0, result.output
    costs = msgspec.json.decode(result.output, type=list[Cost])
    assert [cost.kind for cost in costs] == list(KINDS)
    assert all(cost.rows_per_second > 0 and cost.cpu_per_1000 > 0 for cost in costs)


def test_the_second_run_of_the_same_asks_nobody_and_is_quick():
    result = CliRunner().invoke(command, ["speed", "again", "--rows", "30", "--rounds", "1", "--json"])
    assert result.exit_code == 0, result.output
    figures = msgspec.json.decode(result.output, type=Again)
    assert (figures.rows, figures.requests) == (30, 0) and 0 < figures.seconds < figures.first_seconds


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
        (
            "batches",
            {"kills": 50, "hit_uploads": 20, "hit_creates": 21, "questions": 500, "batches": 31, "orphans": 0, "billed_twice": 0}
            | {"missing_answers": 0, "billed_micro": 102486, "counted_micro": 102486},
            "50 kills with -9 (20 just after the file was taken, 21 just after the batch was): 500 questions in 31 batches; 0 orphaned, "
            "0 billed twice, 0 without an answer; billed 102,486, counted 102,486 millionths of a dollar",
            "kill -9 50번(파일이 올라간 직후 20번, 배치가 만들어진 직후 21번): 질문 500건, 배치 31개. 주인 없는 배치 0개, 두 번 청구된 질문 "
            "0건, 답이 없는 질문 0건. 청구 102,486, 장부 102,486 (백만분의 1달러)",
        ),
        ("ratio", {"ratio": 0.914}, "  share of the bare loop 0.91", "  맨 반복문 대비 0.91"),
        (
            "peer",
            {"ratio": 0.431, "right": 1999, "rows": 2000, "one_row": 4.5},
            "  share of the bare loop 0.43; 1,999 of 2,000 rows right; one question 4.50 s",
            "  맨 반복문 대비 0.43, 옳은 행 2,000개 중 1,999개, 질문 하나 4.50초",
        ),
        (
            "peer-skipped",
            {"name": "curator", "why": "No module named 'bespokelabs'"},
            "  curator was left out: No module named 'bespokelabs'",
            "  curator는 제외: No module named 'bespokelabs'",
        ),
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
            "again",
            {"rows": 2000, "first_seconds": 4.43, "seconds": 0.8, "requests": 0},
            "2,000 rows bought in 4.4 s; the same command again: 0.80 s, 0 requests",
            "2,000행을 사는 데 4.4초, 같은 명령을 다시 실행하면 0.80초, 요청 0건",
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
    for name in ("bench-help", "speed-help", "generate-help", "transport-help", "again-help", "batches-help", "bare", "seodang"):
        assert render(f"seodang_bench:{name}", {}, "en") != render(f"seodang_bench:{name}", {}, "ko") or name == "seodang"
    assert "generate" in CliRunner().invoke(command, ["speed", "--help"]).output
    assert json.dumps(render("seodang_bench:bare", {}, "ko"), ensure_ascii=False) == '"맨 aiohttp 반복문"'
