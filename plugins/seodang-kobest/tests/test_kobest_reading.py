"""Where the items are read from, and files that are not as they should be."""

import json
import shutil

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render
from seodang_kobest import Kobest
from seodang_kobest.reading import documents
from seodang_kobest.tasks import TASKS


def read(place, task, split="test", **options):
    options = Kobest.Options(**({"path": str(place)} | options))
    return documents(options, TASKS[task], split, make_context(place, options=options))


@pytest.fixture
def spoilt(items, tmp_path):
    """A copy whose file can be changed: told in both languages what is wrong."""

    def told(name, change, task=None):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(items, copy)
        file = copy / name
        file.write_bytes(change(file.read_bytes()))
        with pytest.raises(seodang.DataError) as error:
            read(copy, task or file.parent.name.lower())
        return [render(error.value.code, error.value.facts, language).replace(str(copy), "…") for language in ("en", "ko")]

    return told


def test_blanks_stay_and_line_ends_do_not(items):
    rows = [row for task in TASKS for row in read(items, task, "train")]
    assert len(rows) == 300
    texts = [text for row in rows for text in row.values.values()]
    assert any(text.endswith(" ") for text in texts) and not any("\r" in text or "\n" in text for text in texts)
    assert {row.label for row in read(items, "boolq", "train")} == {0, 1}, "TRUE, True, FALSE and False"
    assert {row.label for row in read(items, "copa", "train")} == {0, 1}, "written 1 and 2"


def test_columns_count_by_their_names(items):
    header = (items / "SentiNeg" / "dev.tsv").read_text(encoding="utf-8").partition("\n")[0]
    assert header.split() == ["Label", "Text"], "the other order"
    assert all(row.values["sentence"] and row.label in (0, 1) for row in read(items, "sentineg", "validation"))


def test_the_hub_s_columns_in_files_and_through_datasets(items, tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    for split in ("train", "validation", "test"):
        (tmp_path / "hub" / "copa").mkdir(parents=True, exist_ok=True)
        rows = [{**row.values, "label": row.label} for row in read(items, "copa", split)]
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / "hub" / "copa" / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    paths = "".join(f"  - split: {split}\n    path: copa/{split}.jsonl\n" for split in ("train", "validation", "test"))
    (tmp_path / "hub" / "README.md").write_text(
        f"---\nconfigs:\n- config_name: copa\n  data_files:\n{paths}---\n", encoding="utf-8"
    )
    expected = read(items, "copa")
    assert read(tmp_path / "hub", "copa") == expected
    assert read(tmp_path, "copa", path="", hub="./hub") == expected
    with pytest.raises(seodang.DataError) as error:
        read(tmp_path, "wic", path="", hub="./hub")
    english, korean = (render(error.value.code, error.value.facts, language) for language in ("en", "ko"))
    assert english.startswith(f"{tmp_path}/hub (wic, test) could not be loaded: ")
    assert korean.startswith(f"{tmp_path}/hub(wic, test) 데이터를 불러오지 못했습니다: ")


def test_sentences_before_they_were_turned_round_are_a_split_of_their_own(items, tmp_path):
    shutil.copytree(items, tmp_path / "copy")
    lines = ["ID\tLabel_origin\tText_origin\tLabel\tText", "1\t0\t별로였다\t1\t별로가 아니었다"]
    (tmp_path / "copy" / "SentiNeg" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (origin,) = read(tmp_path / "copy", "sentineg", "test_originated")
    (turned,) = read(tmp_path / "copy", "sentineg")
    assert (origin.values["sentence"], origin.label) == ("별로였다", 0)
    assert (turned.values["sentence"], turned.label) == ("별로가 아니었다", 1)


def test_swapped_columns_are_found_out(spoilt):
    swap = lambda content: content.replace(b"Text\tLabel", b"Label\tText")  # noqa: E731
    assert spoilt("SentiNeg/test.tsv", swap) == [
        "…/SentiNeg/test.tsv: the column 'Label' holds texts and 'Text' holds the labels. Their names are swapped: mend the header.",
        "…/SentiNeg/test.tsv: 'Label' 열에 글이, 'Text' 열에 정답이 들어 있습니다. 열 이름이 뒤바뀌었으니 머리글을 고치세요.",
    ]


def test_labels_of_two_kinds_are_refused(spoilt):
    def change(content):
        head, *lines = content.decode().split("\r\n")
        lines[1] = lines[1].rpartition("\t")[0] + "\t0"
        return "\r\n".join([head, *lines]).encode()

    assert spoilt("COPA/test.tsv", change) == [
        "…/COPA/test.tsv:3: the column 'Answer' says '0', and so or otherwise wrong in 1 row, while other rows have one of 1, 2. Labels of "
        "two kinds cannot be told apart: use one.",
        "…/COPA/test.tsv:3: 'Answer' 열의 값이 '0'입니다. 이렇게 어긋난 행이 1개이고 다른 행에는 1, 2 가운데 하나가 있습니다. 정답 "
        "표기가 섞이면 구별할 수 없으니 하나로 맞추세요.",
    ]


@pytest.mark.parametrize(
    ("name", "change", "english", "korean"),
    [
        (
            "COPA/test.tsv",
            lambda content: content + b"7\t8\r\n",
            "…/COPA/test.tsv:6: 2 cells, and the header has 5. A benchmark that lacks an item is another one: mend the line.",
            "…/COPA/test.tsv:6: 칸이 2개인데 머리글은 5개입니다. 문항이 하나라도 빠지면 다른 평가가 되므로 줄을 고치세요.",
        ),
        (
            "COPA/test.tsv",
            lambda content: content.replace(b"\t1\t2\tAnswer", b"\ta\tb\tAnswer"),
            "…/COPA/test.tsv lacks columns of copa: 1, 2. It has sentence, question, a, b, Answer.",
            "…/COPA/test.tsv에 copa 과제의 1, 2 열이 없습니다. 있는 열: sentence, question, a, b, Answer.",
        ),
        (
            "COPA/test.tsv",
            lambda content: content.replace("결과".encode(), "효과".encode()).replace("원인".encode(), "까닭".encode()),
            "…/COPA/test.tsv:2: the column 'question' says '{}'. It should be one of 원인, 결과.",
            "…/COPA/test.tsv:2: 'question' 열의 값이 '{}'입니다. 원인, 결과 가운데 하나여야 합니다.",
        ),
        (
            "BoolQ/test.tsv",
            lambda content: b"Text\tQuestion\tAnswer\r\n \ta?\tTrue\r\n",
            "…/BoolQ/test.tsv:2: the column 'Text' is empty.",
            "…/BoolQ/test.tsv:2: 'Text' 열이 비어 있습니다.",
        ),
        (
            "BoolQ/test.tsv",
            lambda content: content.partition(b"\r\n")[0] + b"\r\n",
            "…/BoolQ/test.tsv has no items.",
            "…/BoolQ/test.tsv에 문항이 없습니다.",
        ),
        (
            "HellaSwag/test.tsv",
            lambda content: content.decode().encode("cp949"),
            "…/HellaSwag/test.tsv is not UTF-8: ",
            "…/HellaSwag/test.tsv 파일이 UTF-8이 아닙니다: ",
        ),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_told(spoilt, name, change, english, korean):
    for said, expected in zip(spoilt(name, change), (english, korean), strict=True):
        head, _, tail = expected.partition("{}")
        assert said.startswith(head) and said.endswith(tail), said


def test_what_is_not_there_is_told(items, tmp_path):
    with pytest.raises(seodang.DataError) as error:
        read(tmp_path / "nowhere", "copa")
    assert [render(error.value.code, error.value.facts, language) for language in ("en", "ko")] == [
        f"There is no folder {tmp_path}/nowhere. KoBEST is looked for as BoolQ/test.tsv, COPA/test.tsv and so on in it.",
        f"{tmp_path}/nowhere 폴더가 없습니다. KoBEST는 그 안의 BoolQ/test.tsv, COPA/test.tsv 등에서 찾습니다.",
    ]
    with pytest.raises(seodang.DataError) as error:
        read(tmp_path, "sentineg", "validation")
    assert [render(error.value.code, error.value.facts, language) for language in ("en", "ko")] == [
        f"{tmp_path} has no items of sentineg for 'validation'. Expected: SentiNeg/dev.tsv, SentiNeg/validation.tsv.",
        f"{tmp_path}에 sentineg 과제의 'validation' 문항이 없습니다. 있어야 할 파일: SentiNeg/dev.tsv, SentiNeg/validation.tsv.",
    ]
