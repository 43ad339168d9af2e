"""`seodang bench kobest`: tables, files and a picture for two small models, and what is kept between two calls."""

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import msgspec
import pytest
from seodang.commandline import main
from seodang_bench.kobest import _names
from seodang_bench.kobest_items import write_items
from seodang_bench.kobest_tables import Table, _escaped, picture, published, table_of, written


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Made-up items and two models of random weights."""
    pytest.importorskip("seodang_local", reason="models on this machine are a distribution of their own")
    from seodang_local.tiny import write_tiny

    place = tmp_path_factory.mktemp("kobest")
    write_items(place / "data", test=6, train=8)
    write_tiny(place / "base", limit=256, chat=False)
    write_tiny(place / "mine", shape="gpt-neox", tokenizer="pieces", limit=256, chat=False)
    return place


@pytest.fixture
def bench(place, capsys, monkeypatch, tmp_path):
    def run(*arguments, language="en", code=0):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        monkeypatch.chdir(tmp_path)
        models = ["--model", str(place / "base"), "--model", str(place / "mine")]
        with pytest.raises(SystemExit) as ended:
            main(["bench", "kobest", *models, "--data", str(place / "data"), "--cells", str(place / "cells"), *arguments])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.out if code == 0 else said.err

    return run


def test_a_table_with_its_files_and_its_picture(bench, tmp_path):
    wanted = ["--task", "copa", "--task", "hellaswag", "--shots", "0,2", "--limit", "5", "--dtype", "float32"]
    said = bench(*wanted, "--json", "out.json", "--items", "items.jsonl", "--picture", "out.svg")
    assert said.startswith("KoBEST · protocol lmeval-1.0 · chat template none · float32\n")
    assert re.search(r"^COPA \(f1\), n=5 +0-shot +2-shot$", said, re.MULTILINE)
    assert re.search(r"^base-2 +0\.\d{4}=? \[0\.\d{3}, \d\.\d{3}\]", said, re.MULTILINE), "base is the recipe's own word"
    assert "HellaSwag (f1)" in said and "HellaSwag (f1_norm)" in said and "one answer always, the best" in said
    assert "published" not in said and "use --protocol polyglot-2023 for figures that may stand beside them" in said
    assert "COPA 0-shot: f1 of mine less base-2's: " in said and "McNemar's p = " in said

    items = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(items) == 2 * 2 * 2 * 5
    one = next(item for item in items if item["task"] == "hellaswag")
    assert len(one["loglikelihoods"]) == 4 and {"task", "index", "gold", "prediction", "model", "protocol", "shots"} <= one.keys()
    figures = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {score["facts"]["dtype"] for score in figures["scores"]} == {"float32"} and figures["students"]["mine"]["reads"] == 256
    drawn = (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg ") and "<style>" in drawn and drawn.count("<polyline") == 3 * 3 and "base-2" in drawn


def test_what_is_finished_is_found_again(bench, place):
    wanted = ["--task", "wic", "--shots", "0", "--dtype", "float32"]
    first = bench(*wanted)
    kept = {file.name: os.stat(file).st_mtime_ns for file in (place / "cells").iterdir()}
    assert bench(*wanted) == first
    assert {file.name: os.stat(file).st_mtime_ns for file in (place / "cells").iterdir()} == kept


def test_a_table_a_protocol_and_every_form(bench, tmp_path):
    both = ["--protocol", "lmeval-1.0", "--protocol", "polyglot-2023", "--task", "sentineg", "--shots", "0", "--dtype", "float32"]
    rows = bench(*both, "--format", "csv", "--picture", "out.svg", "--json", "out.json").strip().split("\n\n")
    read = [list(csv.DictReader(io.StringIO(text))) for text in rows]
    assert [{row["protocol"] for row in table} for table in read] == [{"lmeval-1.0"}, {"polyglot-2023"}]
    assert [sum(row["kind"] == "published" for row in table) for table in read] == [0, 7]
    assert {file.name for file in tmp_path.glob("*.svg")} == {"out-lmeval-1.0.svg", "out-polyglot-2023.svg"}
    figures = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    _, cards = msgspec.convert(figures["tables"], type=list[Table])
    assert "| polyglot-ko-12.8b (published) | 0.9117 |" in written(cards, "markdown")
    latex = written(cards, "latex")
    assert latex.count("\\begin{tabular}{lr}") == 1 and "kogpt 6B (published) & 0.3747 \\\\" in latex


def test_it_is_told_in_korean_too(bench):
    said = bench("--task", "copa", "--shots", "0", "--protocol", "polyglot-2023", "--dtype", "float32", language="ko")
    assert said.startswith("KoBEST · 프로토콜 polyglot-2023 · 대화 템플릿 none · float32")
    assert "늘 같은 답, 가장 나은 것" in said and "polyglot-ko-1.3b (발표값)" in said
    assert "Polyglot-ko 모델 카드의 것으로 polyglot-2023 방식으로 쟀고" in said


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "'0,many': write numbers from 0 to 200 with commas between, as in 0,5,10,50"),
        ("ko", "'0,many': 0부터 200까지의 수를 쉼표로 이어 적으세요. 예: 0,5,10,50"),
    ],
)
def test_shots_that_are_no_numbers_are_told(bench, language, message):
    assert message in bench("--shots", "0,many", language=language, code=2)


@pytest.fixture
def refused(place, capsys, monkeypatch, tmp_path):
    """What the command says of one model and one folder of items, in both languages, and its exit code."""

    def run(model, *arguments, data=None):
        monkeypatch.chdir(tmp_path)
        said = []
        for language in ("en", "ko"):
            monkeypatch.setenv("SEODANG_LANGUAGE", language)
            with pytest.raises(SystemExit) as ended:
                main(["bench", "kobest", "--model", str(model), "--data", str(data or place / "data"), "--quiet", *arguments])
            said.append(capsys.readouterr().err)
        for told in re.findall(r"/\S+/run/log\.jsonl", "".join(said)):
            assert os.path.isfile(told), "the log that an error names is there"
            shutil.rmtree(Path(told).parents[1])
        return ended.value.code, *said

    return run


def test_a_model_that_tells_no_log_probabilities_is_refused(refused):
    code, english, korean = refused("https://api.openai.com/v1#gpt-4o", "--task", "copa")
    assert code == 3 and "gpt-4o" in english and "gpt-4o" in korean and "log-probabilities" in english and "로그 확률" in korean


def test_numbers_that_are_none_are_never_scored(refused, place, tmp_path):
    from safetensors.torch import load_file, save_file

    shutil.copytree(place / "mine", tmp_path / "broken")
    weights = load_file(tmp_path / "broken" / "model.safetensors")
    next(one for name, one in weights.items() if "embed_in" in name)[:] = float("nan")
    save_file(weights, tmp_path / "broken" / "model.safetensors", metadata={"format": "pt"})
    code, english, korean = refused(tmp_path / "broken", "--task", "copa", "--items", "items.jsonl")
    assert code == 4 and "copa, 0 shots, item 0: the log-likelihoods are nan, nan, which are no numbers." in english
    assert "copa, 0샷, 0번 문항: 로그 가능도가 nan, nan여서 수가 아닙니다." in korean
    assert not (tmp_path / "items.jsonl").exists() and not list((tmp_path / "kobest-cells").glob("*.json"))


def test_mixed_labels_and_swapped_columns_are_told_with_their_place(refused, place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    file = tmp_path / "data" / "SentiNeg" / "test.tsv"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("Text\tLabel", "Label\tText"), encoding="utf-8")
    code, english, korean = refused(place / "mine", "--task", "sentineg", data=tmp_path / "data")
    assert code == 4 and "the column 'Label' holds texts and 'Text' holds the labels." in english
    assert "'Label' 열에 글이, 'Text' 열에 정답이 들어 있습니다." in korean
    lines = whole.splitlines()
    file.write_text("\n".join([*lines[:3], lines[3][:-1] + "긍정", *lines[4:]]) + "\n", encoding="utf-8")
    code, english, korean = refused(place / "mine", "--task", "sentineg", data=tmp_path / "data")
    assert (
        code == 4
        and "test.tsv:4: the column 'Label' says '긍정'" in english
        and "test.tsv:4: 'Label' 열의 값이 '긍정'입니다." in korean
    )


def test_questions_longer_than_the_model_are_cut_counted_and_told(place, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    wanted = ["--task", "boolq", "--shots", "8", "--limit", "2", "--json", "out.json"]
    with pytest.raises(SystemExit) as ended:
        main(["bench", "kobest", "--model", str(place / "base"), "--data", str(place / "data"), *wanted])
    assert ended.value.code == 0
    said = capsys.readouterr().err
    assert "base-2, boolq 8-shot: 4 of 4 questions with a choice are longer than the model reads. Each lost its beginning" in said
    scores = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["scores"]
    assert {score["facts"]["cut"] for score in scores} == {4}


def test_an_option_that_no_model_takes_is_refused(refused):
    for options in (["--dtype", "float32"], ["--devices", "cuda:0,cuda:1"]):
        code, english, korean = refused("model.gguf", "--task", "copa", *options)
        assert code == 2 and f"{options[0]}: none of these models takes it." in english
        assert f"{options[0]}: 이 모델들에는 쓸 수 없는 옵션입니다." in korean


def test_names_are_made_of_the_paths():
    assert list(_names(["a/mine", "b/mine/", "c/base", "한글 모델.gguf", "http://h:1/v1#org/name"])) == [
        "mine", "mine-2", "base-2", "한글-모델.gguf", "name",
    ]  # fmt: skip


def test_a_name_may_have_signs_that_mean_something_to_latex():
    assert _escaped("my_model~50%^2\\") == "my\\_model\\textasciitilde{}50\\%\\textasciicircum{}2\\textbackslash{}"


def test_the_published_table_is_whole():
    cards = published()
    assert cards["protocol"] == "polyglot-2023" and cards["shots"] == [0, 5, 10, 50]
    for task in ("boolq", "copa", "hellaswag", "sentineg", "wic"):
        assert len(cards[task]) == 7 and all(len(values) == 4 for values in cards[task].values())
    empty = table_of("lmeval-1.0", [], ["mine"], [0])
    assert empty.sections == () and written(empty, "csv").count("\n") == 1 and picture(empty).startswith("<svg")


@pytest.mark.nightly
def test_the_harness_says_the_same(tmp_path):
    """With lm-eval where SEODANG_LMEVAL_PYTHON names a Python that has it; else seodang's side alone."""
    from seodang_bench.kobest_speed import race

    found = race(
        tmp_path,
        data=None,
        model=None,
        shape="llama",
        tasks=("copa", "wic"),
        shots=(0, 2),
        limit=8,
        batch_tokens=2048,
        rounds=1,
        lmeval_python=os.environ.get("SEODANG_LMEVAL_PYTHON", ""),
    )
    assert len(found.cells) == 4 and all(cell.seodang_seconds > 0 for cell in found.cells)
    for cell in found.cells:
        if cell.largest_difference is not None:
            assert cell.largest_difference <= 1e-3 and cell.same_answers and cell.same_figures
