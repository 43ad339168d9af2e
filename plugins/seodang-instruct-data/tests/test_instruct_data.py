"""The source: rows in any file, the format told, map, and what becomes of rows that cannot be used."""

import json
import os
import subprocess
import sys

import pytest
from seodang import Message, Record
from seodang.errors import DataError, PluginError
from seodang.testing import SeedsContract, make_context
from seodang.wording import render
from seodang_instruct_data import FORMATS, InstructData

ALPACA = '{"instruction": "하나", "input": "", "output": "일"}\n{"instruction": "둘", "input": "", "output": "이"}\n'


class TestInstructData(SeedsContract):
    seeds = InstructData
    options = {"path": "rows.jsonl"}
    files = {"rows.jsonl": ALPACA}


class TestInstructDataRepeated(SeedsContract):
    seeds = InstructData
    options = {"path": "rows.jsonl", "repeat": 3, "licence": "CC-BY-4.0"}
    files = {"rows.jsonl": ALPACA}


@pytest.fixture
def read(tmp_path):
    def read(content, name="rows.jsonl", *, language="ko", **options):
        if isinstance(content, list):
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        given = InstructData.Options(**({"path": name} | options))
        context = make_context(tmp_path, options=given, language=language)
        return list(InstructData(given).read(context)), context

    return read


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_each_format_is_recognised_by_its_example_and_no_other_claims_it(read, known):
    records, context = read([dict(known.example)], language="ko")
    assert records and not context.quarantined and not context.dropped
    assert context.figures["formats"] == {"rows.jsonl": known.name}


def test_rows_that_drift_are_set_aside_with_their_place(read):
    good = {"instruction": "하나", "input": "", "output": "일"}
    records, context = read(
        [
            good,
            {**good, "output": ["일", "이"]},
            {**good, "input": 3},
            {**good, "instruction": None},
            {"other": 1},
            {**good, "input": None},
        ]
    )
    assert [record.question for record in records] == ["하나", "하나"]
    assert [(aside.where, aside.code) for aside in context.quarantined] == [
        ("rows.jsonl:2", "not-text"),
        ("rows.jsonl:3", "not-text"),
        ("rows.jsonl:4", "no-question"),
        ("rows.jsonl:5", "no-question"),
    ]


def test_unknown_columns_come_along(read):
    (record,), _ = read(
        [{"instruction": "하나", "output": "일", "url": "https://example.org/1", "views": 3, "deep": {"a": [None]}}]
    )
    assert record.columns == {"views": 3, "deep": {"a": [None]}} and record.tags == {"url": "https://example.org/1"}


def test_a_table_in_cp949_and_one_with_a_mark(read):
    text = "Q,A,label\n12시 땡!,하루가 또 가네요.,0\n"
    plain = [Record(messages=(Message("user", "12시 땡!"), Message("assistant", "하루가 또 가네요.")), tags={"label": "0"})]
    assert read(text.encode("cp949"), "rows.csv", encoding="cp949")[0] == plain
    assert read("\ufeff" + text, "rows.csv")[0] == plain
    assert read(text.replace(",", "\t"), "rows.tsv")[0] == plain


def test_map_gives_columns_the_names_of_a_format(read):
    rows = [{"물음": "하나", "대꾸": "일", "id": 7}]
    (record,), context = read(rows, map={"물음": "instruction", "대꾸": "output"})
    assert (record.question, record.answer, record.columns) == ("하나", "일", {"id": 7})
    assert context.figures["formats"] == {"rows.jsonl": "koalpaca"}


def test_a_format_can_be_named_and_has_options(read):
    rows = [{"text": "### 명령어:\n요약하세요.\n\n### 입력:\n긴 글\n\n### 응답:\n짧은 글"}]
    kullm = {"user": "### 명령어:\n", "input": "### 입력:\n", "assistant": "### 응답:\n", "end": ""}
    (record,), _ = read(rows, format="text", options=kullm)
    assert (record.question, record.input, record.answer) == ("요약하세요.", "긴 글", "짧은 글")
    (question,), _ = read([{"instruction": "물음만"}], format="alpaca")
    assert not question.answered


def test_repeat_makes_a_share_of_a_mixture(read):
    records, _ = read(ALPACA, repeat=3)
    assert [record.question for record in records] == ["하나"] * 3 + ["둘"] * 3


def test_several_files_have_each_their_format(read, tmp_path):
    (tmp_path / "a.jsonl").write_text(ALPACA, encoding="utf-8")
    records, context = read([{"prompt": "셋", "completion": "삼"}], "b.jsonl", path="*.jsonl")
    assert len(records) == 3
    assert context.figures["formats"] == {"a.jsonl": "alpaca", "b.jsonl": "prompt-completion"}


def test_a_file_without_rows_is_no_error(read):
    assert read("")[0] == []


MISTAKES = {
    "unknown-format": ([{"instruction": "하나", "input": "", "response": "일"}], {}),
    "unknown-columns": ([{"물음": "하나", "n": 1}], {}),
    "no-columns": ([{}], {}),
    "ambiguous": ([{"instruction": "가", "input": "", "output": "나", "messages": [{"role": "user", "content": "가"}]}], {}),
    "sharegpt": ([{"conversations": [{"from": "human", "value": "안녕"}]}], {}),
    "no-such-column": ([{"물음": "하나"}], {"map": {"무름": "instruction"}}),
    "column-taken": ([{"물음": "하나", "instruction": "둘"}], {"map": {"물음": "instruction"}}),
}  # fmt: skip
KNOWN = ", ".join(known.name for known in FORMATS)
ENGLISH = {
    "unknown-format": "rows.jsonl: no format fits the columns instruction, input, response. Nearest, with the columns they still need: "
    'alpaca (output), koalpaca (output), dolly (context). Say which column is which, as in map = { "response" = "output" }, '
    f'or name the format, as in format = "alpaca". Known are {KNOWN}.',
    "unknown-columns": "rows.jsonl: no format has any of its columns (물음, n). Say which column is which, as in "
    f'map = {{ "물음" = "instruction" }}, or name the format, as in format = "alpaca". Known are {KNOWN}.',
    "no-columns": "rows.jsonl: no format has any of its columns (the rows have none). Say which column is which, as in "
    f'map = {{ "question" = "instruction" }}, or name the format, as in format = "alpaca". Known are {KNOWN}.',
    "ambiguous": 'rows.jsonl: the columns fit several formats: alpaca, messages. Say which one is meant: format = "alpaca", or '
    'format = "messages".',
    "sharegpt": 'rows.jsonl holds ShareGPT dialogues (conversations of from and value). Read them with seeds = "sharegpt".',
    "no-such-column": "rows.jsonl: map names the column '무름', which is not there. The file has 물음. Correct map = ….",
    "column-taken": "rows.jsonl: map calls the column '물음' 'instruction', but the file has a column of that name. Map that one to "
    "another name too.",
}
KOREAN = {
    "unknown-format": "rows.jsonl: 열 instruction, input, response에 맞는 형식이 없습니다. 가장 가까운 형식과 모자라는 열: "
    "alpaca (output), koalpaca (output), dolly (context). map = { \"response\" = \"output\" }처럼 어느 열이 무엇인지 적거나, "
    f"format = \"alpaca\"처럼 형식을 적으세요. 아는 형식: {KNOWN}.",
    "unknown-columns": "rows.jsonl: 아는 열이 하나도 없습니다(있는 열: 물음, n). map = { \"물음\" = \"instruction\" }처럼 어느 열이 "
    f"무엇인지 적거나, format = \"alpaca\"처럼 형식을 적으세요. 아는 형식: {KNOWN}.",
    "no-columns": "rows.jsonl: 아는 열이 하나도 없습니다(있는 열: 없음). map = { \"question\" = \"instruction\" }처럼 어느 열이 무엇인지 "
    f"적거나, format = \"alpaca\"처럼 형식을 적으세요. 아는 형식: {KNOWN}.",
    "ambiguous": "rows.jsonl: 열이 여러 형식에 맞습니다: alpaca, messages. format = \"alpaca\" 또는 format = \"messages\"처럼 어느 "
    "형식인지 적으세요.",
    "sharegpt": "rows.jsonl에는 ShareGPT 대화(from과 value로 된 conversations)가 들어 있습니다. seeds = \"sharegpt\"로 읽으세요.",
    "no-such-column": "rows.jsonl: map에 적힌 '무름' 열이 없습니다. 파일의 열: 물음. map = …을 고치세요.",
    "column-taken": "rows.jsonl: map이 '물음' 열에 붙인 이름(instruction)의 열이 파일에 이미 있습니다. 그 열에도 다른 이름을 붙이세요.",
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_told_is_asked_with_what_to_do(read, name):
    rows, options = MISTAKES[name]
    with pytest.raises(DataError) as told:
        read(rows, **options)
    assert told.value.code == f"seodang_instruct_data:{name.replace('no-columns', 'unknown-columns')}"
    assert render(told.value.code, told.value.facts, "en") == ENGLISH[name]
    assert render(told.value.code, told.value.facts, "ko") == KOREAN[name]


def test_two_formats_that_fit_can_be_chosen_between(read):
    (rows, _) = MISTAKES["ambiguous"]
    assert read(rows, format="alpaca")[0][0].answer == "나"
    assert not read(rows, format="messages")[0][0].answered


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "exactly one of path and dataset says where the rows are"),
        ({"path": "a", "dataset": "b/c"}, "exactly one of path and dataset says where the rows are"),
        ({"path": "a", "split": "test"}, "split, config and revision belong to dataset, not to path"),
        ({"dataset": "b/c", "encoding": "cp949"}, "encoding belongs to path, not to dataset"),
        ({"dataset": "./c", "revision": "abc"}, "revision is a commit of the hub, and a directory has none"),
        ({"path": "a", "map": {"x": "output", "y": "output"}}, "map puts two columns under one name"),
        ({"path": "a", "format": "hc3", "options": {"answers": "all"}}, "with = … does not fit hc3: Invalid enum value 'all'"),
    ],
)
def test_options_that_disagree_are_refused_before_anything_runs(options, said):
    with pytest.raises(ValueError, match=said):
        InstructData.Options(**options)


@pytest.mark.parametrize(
    ("name", "facts", "korean"),
    [
        ("one-place", {}, "path와 dataset 가운데 하나만 적어 행이 어디 있는지 알려야 합니다"),
        ("of-dataset", {}, "split, config, revision은 path가 아니라 dataset에 쓰는 옵션입니다"),
        ("of-path", {}, "encoding은 dataset이 아니라 path에 쓰는 옵션입니다"),
        ("revision-of-directory", {}, "revision은 허브의 커밋이므로 폴더에는 쓸 수 없습니다"),
        ("one-name-twice", {}, "map이 두 열에 같은 이름을 붙입니다"),
        ("bad-with", {"format": "hc3", "detail": "x"}, "with = …의 값이 hc3 형식에 맞지 않습니다: x"),
    ],
)
def test_the_same_in_korean(name, facts, korean):
    assert render(f"seodang_instruct_data:{name}", facts, "ko") == korean


@pytest.mark.parametrize("option", ["top_k", "name", "kind"])
def test_a_recognised_format_has_no_options_of_another(read, option):
    with pytest.raises(PluginError):
        read(ALPACA, options={option: 1})


def test_only_the_hub_is_a_network():
    assert InstructData(InstructData.Options(dataset="owner/name")).network == ("huggingface.co",)
    assert InstructData(InstructData.Options(dataset="./here")).network == ()
    assert InstructData(InstructData.Options(path="rows.jsonl")).network == ()


def test_importing_the_source_imports_no_datasets():
    code = "import sys, seodang_instruct_data; sys.exit('datasets' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


RECIPE = """
[recipe]
name = "mixture"
language = "ko"

[[step]]
name = "koalpaca"
seeds = "instruct-data"
path = "rows.jsonl"
licence = "CC-BY-NC-4.0"
repeat = 2

[[step]]
name = "trees"
seeds = "instruct-data"
path = "trees.jsonl"
with = { languages = ["ko"] }
"""


def test_a_run_tells_the_format_and_accounts_for_every_row(run_recipe):
    message = {"message_id": "a", "role": "prompter", "lang": "ko", "text": "왜?"}
    answer = {"message_id": "b", "parent_id": "a", "role": "assistant", "lang": "ko", "text": "그래서.", "replies": []}
    trees = [
        {"message_tree_id": "a", "tree_state": "ready_for_export", "prompt": {**message, "replies": [answer]}},
        {
            "message_tree_id": "c",
            "tree_state": "ready_for_export",
            "prompt": {**message, "lang": "en", "message_id": "c", "replies": []},
        },
        {"message_tree_id": "d", "tree_state": "ready_for_export", "prompt": {"message_id": "d"}},
    ]
    files = {"rows.jsonl": ALPACA, "trees.jsonl": "".join(json.dumps(tree) + "\n" for tree in trees)}
    outcome = run_recipe(RECIPE, files=files, quarantine_limit=1.0)
    assert outcome.ok, outcome.error
    assert outcome.manifest("koalpaca").figures == {"formats": {"rows.jsonl": "alpaca"}}
    assert outcome.manifest("koalpaca").rows["kept"] == 4 and outcome.manifest("koalpaca").terms == ("CC-BY-NC-4.0",)
    assert len({record.id for record in outcome.records("koalpaca")}) == 4
    trees = outcome.manifest("trees")
    shown = subprocess.run(
        [sys.executable, "-m", "seodang", "show", str(outcome.run)],
        capture_output=True, text=True, timeout=120, env={**os.environ, "SEODANG_LANGUAGE": "en"},
    )  # fmt: skip
    assert "koalpaca: formats rows.jsonl alpaca" in shown.stdout and "trees: dropped language 1" in shown.stdout
    assert trees.figures["formats"] == {"trees.jsonl": "oasst-trees"}
    assert (trees.rows["in"], trees.rows["kept"], trees.dropped, trees.quarantined) == (3, 1, {"language": 1}, {"bad-tree": 1})
