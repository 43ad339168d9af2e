"""The faithful way and FastChat decide alike, where FastChat is at hand; the benchmark counts what it measures in any case."""

import json
import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from seodang.testing import make_context
from seodang.wording import render
from seodang_bench import fastchat_side
from seodang_bench.commandline import command
from seodang_bench.dialogues import write_dialogues
from seodang_bench.processes import child_environment
from seodang_bench.sharegpt import Comparison, compare, differences, kept_by_fastchat
from seodang_sharegpt import ShareGPTSeeds

FASTCHAT = os.environ.get("SEODANG_FASTCHAT_PYTHON", "")
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sharegpt"

needs_fastchat = pytest.mark.skipif(not FASTCHAT, reason="SEODANG_FASTCHAT_PYTHON names no Python with FastChat in it")


def their_pieces(rows: Path, most: int, skipped: str) -> list[tuple[str, ...]]:
    out = rows.with_suffix(".pieces.json")
    arguments = [FASTCHAT, fastchat_side.__file__, str(rows), str(out), str(most), skipped]
    done = subprocess.run(arguments, capture_output=True, text=True, env=child_environment({"PYTHONUTF8": "1"}), check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return kept_by_fastchat(out)


def our_pieces(rows: Path, most: int, skipped: str) -> tuple[list[tuple[str, ...]], list[str]]:
    options = ShareGPTSeeds.Options(
        path=rows.name, mode="faithful", max_tokens=most, skip_languages=(skipped,) if skipped else ()
    )
    context = make_context(rows.parent, options=options, language="ko")
    records = list(ShareGPTSeeds(options).read(context))
    pieces = [(str(record.columns["id"]), *(message.text for message in record.messages)) for record in records]
    return pieces, [aside.code for aside in context.quarantined]


@needs_fastchat
@pytest.mark.parametrize(("most", "skipped"), [(100_000, ""), (2_000, ""), (700, "ko")])
def test_every_rule_of_the_pipeline_decides_alike_on_made_up_dialogues(tmp_path, most, skipped):
    rows = tmp_path / "dialogues.json"
    write_dialogues(rows, 250)
    ours, asides = our_pieces(rows, most, skipped)
    theirs = their_pieces(rows, most, skipped)
    assert ours == theirs and len(theirs) > 100
    expected = {"blocked-word", "too-short", "wrong-order", "repeated-id", "plugins", "restarting-list"}
    assert expected <= set(asides)
    assert ("language" in asides) == bool(skipped)
    assert ("last-round-lost" in asides) == (most < 100_000)


@needs_fastchat
@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
def test_every_rule_decides_alike_on_real_dialogues(tmp_path):
    compared = 0
    for path in sorted(SHARED.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        content = content if isinstance(content, list) else [content]
        # FastChat stops with an error at a row without an id, and at one that is no dialogue.
        dialogues = [{"id": f"row{number}", **row} for number, row in enumerate(content) if "conversations" in row]
        if not dialogues:
            continue
        rows = tmp_path / path.name
        rows.write_text(json.dumps(dialogues, ensure_ascii=False), encoding="utf-8")
        ours, _ = our_pieces(rows, 2_048, "")
        assert ours == their_pieces(rows, 2_048, ""), path.name
        compared += len(dialogues)
    assert compared == 568


def test_the_benchmark_measures_both_ways_and_says_what_is_missing():
    result = CliRunner().invoke(command, ["speed", "sharegpt", "--dialogues", "40"], env={"SEODANG_LANGUAGE": "en"})
    assert result.exit_code == 0, result.output
    assert "seodang repaired" in result.output and "seodang faithful" in result.output
    assert "Only seodang was measured" in result.output and "pip install fschat" in result.output


@needs_fastchat
def test_the_benchmark_compares_speed_and_decisions(tmp_path):
    figures = compare(tmp_path, 60, FASTCHAT)
    assert figures.different == () and figures.fastchat is not None
    assert figures.fastchat.kept == figures.faithful.kept > 40
    assert figures.ratio == pytest.approx(figures.repaired.per_cpu_second / figures.fastchat.per_cpu_second)


def test_a_dialogue_that_one_side_tells_differently_is_named():
    ours = [("a", "1", "2"), ("b", "1", "2"), ("c", "1", "2")]
    assert differences(ours, [("a", "1", "2"), ("b", "1", "other"), ("d", "1", "2")]) == ("b", "c", "d")
    assert differences(ours, ours) == ()


def test_made_up_dialogues_are_the_same_again_and_broken_in_every_way(tmp_path):
    for name in ("first.json", "second.json"):
        write_dialogues(tmp_path / name, 300)
    assert (tmp_path / "first.json").read_bytes() == (tmp_path / "second.json").read_bytes()
    rows = json.loads((tmp_path / "first.json").read_text(encoding="utf-8"))
    assert len(rows) == 300
    assert any("plugins" in row for row in rows) and any(row["conversations"][0]["from"] == "gpt" for row in rows)
    assert any(not turn["value"] for row in rows for turn in row["conversations"])


SIDE = {"name": "FastChat".ljust(16), "kept": 4420, "seconds": 11.5, "cpu_seconds": 20.31, "per_cpu_second": 246.2}


@pytest.mark.parametrize(
    ("name", "facts", "english", "korean"),
    [
        (
            "sharegpt-title",
            {"dialogues": 5000, "megabytes": 31.5},
            "5,000 dialogues, 31.5 MB, Korean and English, as a page's HTML; whole processes",
            "대화 5,000건, 31.5MB, 한국어와 영어, 웹 페이지 HTML, 프로세스 전체 기준",
        ),
        (
            "cleaning",
            SIDE,
            "  FastChat             246 dialogues per CPU second    20.31 s CPU    11.50 s  4,420 kept",
            "  FastChat         CPU 1초에 대화     246건  CPU   20.31초    11.50초  남은 대화 4,420건",
        ),
        (
            "cleaning-ratio",
            {"ratio": 4.25},
            "repaired does 4.2 times what FastChat does in a second of CPU",
            "CPU 1초에 repaired는 FastChat의 4.2배를 처리합니다",
        ),
        (
            "decisions",
            {"different": 2, "names": "a b"},
            "faithful and FastChat decide differently about 2 dialogues a b",
            "faithful과 FastChat의 판단이 다른 대화: 2건 a b",
        ),
        (
            "no-fastchat",
            {},
            "Only seodang was measured. For the comparison: python -m venv fastchat, fastchat/bin/pip install fschat "
            "markdownify==0.11.6 tqdm, then --fastchat-python fastchat/bin/python",
            "seodang만 쟀습니다. 견주려면 python -m venv fastchat, fastchat/bin/pip install fschat markdownify==0.11.6 tqdm을 "
            "실행한 뒤 --fastchat-python fastchat/bin/python을 붙이세요",
        ),
        (
            "sharegpt-help",
            {},
            "Clean made-up ShareGPT dialogues, and let FastChat clean the same ones where it is installed.",
            "지어낸 ShareGPT 대화를 정리하고, FastChat이 설치되어 있으면 같은 대화를 정리하게 해 견줍니다.",
        ),
    ],
)
def test_what_it_prints(name, facts, english, korean):
    assert render(f"seodang_bench:{name}", facts, "en") == english
    assert render(f"seodang_bench:{name}", facts, "ko") == korean


def test_the_figures_can_be_read_again():
    result = CliRunner().invoke(command, ["speed", "sharegpt", "--dialogues", "12", "--json"])
    figures = msgspec.json.decode(result.output, type=Comparison)
    assert figures.dialogues == 12 and figures.fastchat is None and figures.repaired.kept > 5
