"""A data set read through the library `datasets`: here always from a directory, never from the hub."""

import datetime
import json

import pytest
from seodang.errors import DataError
from seodang.testing import make_context
from seodang.wording import render
from seodang_instruct_data import InstructData

datasets = pytest.importorskip("datasets", reason="the library datasets is not installed")

ROWS = [{"instruction": "하나", "input": "", "output": "일"}, {"instruction": "둘", "input": "", "output": "이"}]


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))

    def read(**options):
        given = InstructData.Options(**options)
        context = make_context(tmp_path, options=given, language="ko")
        return list(InstructData(given).read(context)), context

    return read


def test_a_directory_of_files_is_a_data_set(read, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    (tmp_path / "set" / "test.jsonl").write_text(json.dumps(ROWS[0]) + "\n", encoding="utf-8")
    records, context = read(dataset="./set")
    assert [record.question for record in records] == ["하나", "둘"]
    assert context.figures["formats"] == {"./set": "alpaca"}
    assert len(read(dataset="./set", split="test")[0]) == 1
    (tmp_path / "set" / "train.jsonl").write_text(json.dumps(ROWS[1]) + "\n", encoding="utf-8")
    assert [record.question for record in read(dataset="./set")[0]] == ["둘"], "the old rows lie in no cache"


def test_a_saved_data_set_is_opened_as_it_was_saved(read, tmp_path):
    whole = datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS), "test": datasets.Dataset.from_list(ROWS[:1])})
    whole.save_to_disk(str(tmp_path / "saved"))
    assert len(read(dataset="./saved")[0]) == 2 and len(read(dataset="./saved", split="test")[0]) == 1


def test_a_cell_that_is_no_json_is_told_or_set_aside(read, tmp_path):
    rows = [
        {"instruction": "하나", "input": "", "output": "일", "day": datetime.datetime(2024, 3, 2, tzinfo=datetime.UTC)},
        {"instruction": "둘", "input": "", "output": "이", "day": None},
    ]
    datasets.Dataset.from_list(rows).save_to_disk(str(tmp_path / "saved"))
    records, context = read(dataset="./saved")
    assert [record.columns["day"] for record in records] == ["2024-03-02T00:00:00Z", None] and not context.quarantined


def test_what_is_not_there_is_told_in_both_languages(read, tmp_path):
    with pytest.raises(DataError) as told:
        read(dataset="./nowhere")
    place = tmp_path / "nowhere"
    assert render(told.value.code, told.value.facts, "en") == (
        f'dataset = "./nowhere": there is no directory {place}. Correct the path; it is relative to the recipe.'
    )
    assert render(told.value.code, told.value.facts, "ko") == (
        f'dataset = "./nowhere": {place} 폴더가 없습니다. 경로를 고치세요. 경로는 레시피를 기준으로 합니다.'
    )


def test_a_split_that_is_not_there_is_told_in_both_languages(read, tmp_path):
    datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS)}).save_to_disk(str(tmp_path / "saved"))
    with pytest.raises(DataError) as told:
        read(dataset="./saved", split="dev")
    facts = {"dataset": "./saved", "split": "dev", "detail": "no such split."}
    assert told.value.code == "seodang_instruct_data:not-loaded" and told.value.facts.keys() == facts.keys()
    assert render(told.value.code, facts, "en") == (
        "The split 'dev' of the data set './saved' cannot be loaded: no such split. Correct dataset, split, config or revision."
    )
    assert render(told.value.code, facts, "ko") == (
        "데이터 집합 './saved'에서 split 'dev'를 불러올 수 없습니다: no such split. dataset, split, config, revision을 확인하세요."
    )


def test_what_a_saved_data_set_cannot_be_asked_for_is_not_passed_over(read, tmp_path):
    datasets.Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))
    assert len(read(dataset="./saved")[0]) == 2
    for options, said in (({"split": "test"}, "one split"), ({"config": "large"}, "no configurations")):
        with pytest.raises(DataError) as told:
            read(dataset="./saved", **options)
        assert told.value.code == "seodang_instruct_data:not-loaded" and said in told.value.facts["detail"]


def test_offline_means_offline(read, monkeypatch):
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    with pytest.raises(DataError) as told:
        read(dataset="owner/name")
    assert render(told.value.code, told.value.facts, "en") == (
        "SEODANG_OFFLINE=1 forbids loading 'owner/name' from the hub. Unset it, or download the data set and name its directory: "
        'dataset = "./…".'
    )
    assert render(told.value.code, told.value.facts, "ko") == (
        "SEODANG_OFFLINE=1이어서 허브에서 'owner/name'을 불러올 수 없습니다. 변수를 지우거나, 데이터를 내려받아 dataset = \"./…\"처럼 "
        "폴더를 적으세요."
    )


def test_the_library_is_named_where_it_is_missing():
    facts = {"dataset": "owner/name"}
    assert render("seodang_instruct_data:needs-datasets", facts, "en") == (
        "The data set 'owner/name' is read with the library datasets, which is not installed. "
        "Run: pip install 'seodang-instruct-data[hub]'"
    )
    assert render("seodang_instruct_data:needs-datasets", facts, "ko") == (
        "데이터 집합 'owner/name'을 읽으려면 datasets 라이브러리가 필요한데 설치되어 있지 않습니다. 다음을 실행하세요: "
        "pip install 'seodang-instruct-data[hub]'"
    )


def test_a_changed_directory_makes_the_step_run_again(run_recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    recipe = '[recipe]\nname = "r"\nlanguage = "ko"\n\n[[step]]\nname = "rows"\nseeds = "instruct-data"\ndataset = "./set"\n'
    line = json.dumps(ROWS[0]) + "\n"
    first = run_recipe(recipe, files={"set/train.jsonl": line})
    assert first.ok and len(first.records("rows")) == 1, first.error
    second = run_recipe(recipe, files={"set/train.jsonl": line * 2})
    assert second.ok and len(second.records("rows")) == 2
