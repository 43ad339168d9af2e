"""`seodang bench watermark` and `seodang bench report`, in small: what they measure, and how they say it."""

import json

import pytest
from seodang.commandline import main


@pytest.fixture
def bench(capsys, monkeypatch):
    def run(*arguments, language="en"):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            main(["bench", *map(str, arguments)])
        assert ended.value.code == 0
        return capsys.readouterr().out

    return run


def test_marked_and_unmarked_answers_and_texts_by_people(bench, tmp_path):
    """On a model of bytes, which shows the figures and is no measure of the watermark: that of docs/figures.md has 2,600 tokens."""
    pytest.importorskip("seodang_local", reason="the watermark is the student's of another distribution")
    from seodang_local.tiny import write_tiny

    model = write_tiny(tmp_path / "model", tokenizer="pieces", ends=0.0)
    texts = tmp_path / "people.tsv"
    texts.write_text("ID\tText\n1\t서당은 옛날 마을 학교였습니다.\n2\t훈장이 아이들을 가르쳤습니다.\n3\t\n", encoding="utf-8")
    small = ("watermark", "--model", model, "--answers", 2, "--tokens", 30, "--texts", texts, "--column", "Text")
    found = json.loads(bench(*small, "--json"))
    assert found["limit"] == 1e-4 and found["too_short"] == 0
    assert [found[side]["texts"] for side in ("marked", "plain", "human")] == [2, 2, 2]
    assert found["human"]["detected"] == 0 and found["human"]["worst_p"] <= found["human"]["median_p"]
    assert found["marked"]["worst_p"] >= found["marked"]["median_p"], "the marked text that is nearest to being missed"
    told = bench(*small[:-4], language="ko")
    assert told.startswith("워터마크가 있는 답: 2개 가운데 ") and "\n워터마크가 없는 답: " in told and told.count("\n") == 3, (
        "nothing of people without texts"
    )


def test_the_report_of_a_run_stays_small(bench, tmp_path):
    found = json.loads(bench("report", "--rows", 400, "--keep", tmp_path / "kept", "--json"))
    page = tmp_path / "kept" / "run" / "report.html"
    assert found["rows"] == 400 and found["bytes"] == page.stat().st_size < 100_000 and found["seconds"] > 0
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(" in text and "<script" not in text
