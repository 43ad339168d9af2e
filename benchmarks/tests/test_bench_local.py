"""The benchmark of the teacher on this machine, in small: it compares the same answers, and says so in both languages."""

import json

import pytest
from seodang.commandline import main


@pytest.fixture
def printed(capsys, monkeypatch):
    pytest.importorskip("seodang_local", reason="the teacher is a distribution of its own")

    def run(*arguments, language="en"):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            main(["bench", "speed", "local", "--questions", "12", "--rounds", "1", *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    return run


def test_both_sides_say_the_same_in_float32_and_together_is_faster(printed):
    figures = json.loads(printed("--json"))
    assert [(one["model"], one["dtype"]) for one in figures] == [
        ("llama-bytes", "float32"),
        ("gpt-neox-pieces", "float32"),
        ("llama-bytes", "bfloat16"),
    ]
    for one in figures[:2]:
        assert one["differ"] == 0 and one["tokens"] > 100
        # A dozen questions on a busy machine; the figure of docs/figures.md is for 128.
        assert one["ratio"] > 1


def test_it_is_told_in_both_languages(printed, tmp_path):
    from seodang_local.tiny import write_tiny

    model = write_tiny(tmp_path / "own", ends=0)
    assert "own in float32: 12 questions, " in printed("--model", str(model))
    assert "own (float32): 질문 12개, " in printed("--model", str(model), language="ko")
