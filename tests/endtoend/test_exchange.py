"""What came in from a file goes out into any other type of file and comes back the same, through the real command line."""

from __future__ import annotations

import json

import pytest

SEEDS = '[recipe]\nname = "exchange"\nlanguage = "ko"\n\n[[step]]\nseeds = "{seeds}"\npath = "{path}"\n'
TURNS = [
    {"role": "user", "content": '그는 "가자."라고\n말했다, 맞나요?'},
    {"role": "assistant", "content": "=네", "thinking": "생각 😀"},
]
ROWS = {
    "messages": [{"messages": TURNS}, {"messages": [{"role": "system", "content": "s"}, *TURNS, *TURNS]}],
    "alpaca": [
        {"instruction": "요약", "input": "본문,\t탭", "output": '"따옴표"'},
        {"instruction": "둘", "input": "", "output": "2"},
    ],
    "hc3": [{"question": "q", "human_answers": ["하나", "둘"], "chatgpt_answers": ["셋"], "source": "여기"}],
    "preference": [
        {"prompt": "어디?", "chosen": "서울", "rejected": "부산", "score_chosen": 1.5, "score_rejected": -2.0, "id": "가"},
        {"prompt": "언제?", "chosen": "내일", "rejected": "몰라", "score_chosen": None, "score_rejected": None, "id": "나"},
    ],
    "koala": [
        {"human_0": "안녕", "gpt_1": "네"},
        {"human_0": "안녕", "gpt_1": "네", "human_2": "또?", "gpt_3": "네, 또요.", "fields": "[human_0],gpt_1,[human_2],[gpt_3]"},
    ],
    "logickor": [{"id": "1", "category": "추론", "questions": ["셋에서 하나를 빼면?", "하나 더?"], "references": ["둘", None]}],
    "seed-tasks": [
        {
            "id": "s1",
            "name": "n",
            "instruction": "고르세요.",
            "instances": [{"input": "가", "output": "나"}],
            "is_classification": False,
        },
    ],
    "sharegpt": [
        {"id": "a", "conversations": [{"from": "human", "value": "안녕\n"}, {"from": "gpt", "value": "네, 안녕하세요!"}]}
    ],
}
FILES = ("jsonl", "json", "csv", "tsv", "xlsx", "parquet", "jsonl.gz", "csv.zst")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("format", ROWS)
def test_any_format_comes_back_out_of_any_type_of_file(shell, format, file):
    seeds = "sharegpt" if format == "sharegpt" else "instruct-data"
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS[format])
    (shell.folder / "first.jsonl").write_text(lines, encoding="utf-8")
    out = f"second.{file}"
    for name, path in (("first", "first.jsonl"), ("second", out)):
        (shell.folder / f"{name}.toml").write_text(SEEDS.format(seeds=seeds, path=path), encoding="utf-8")
        ran = shell("run", f"{name}.toml", "--run-dir", f"run-{name}")
        assert ran.code == 0, ran.err
        written = shell("export", f"run-{name}", "--to", format, out if name == "first" else "third.jsonl")
        assert written.code == 0, written.err
    reference = shell("export", "run-first", "--to", format, "reference.jsonl")
    assert reference.code == 0
    rows = (shell.folder / "reference.jsonl").read_text(encoding="utf-8")
    assert rows.count("\n") == len(ROWS[format])
    assert (shell.folder / "third.jsonl").read_text(encoding="utf-8") == rows


@pytest.mark.parametrize("file", ["csv", "xlsx", "parquet"])
def test_answers_that_were_written_as_turns_come_back_as_turns(shell, file):
    """In a cell of texts they stand as JSON, and an answer is not that JSON."""
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS["preference"])
    (shell.folder / "first.jsonl").write_text(lines, encoding="utf-8")
    for name, path in (("first", "first.jsonl"), ("second", f"turns.{file}")):
        (shell.folder / f"{name}.toml").write_text(SEEDS.format(seeds="instruct-data", path=path), encoding="utf-8")
        assert shell("run", f"{name}.toml", "--run-dir", f"run-{name}").code == 0
        out = ("turns." + file, "--option", "written_as=turns") if name == "first" else ("texts.jsonl",)
        assert shell("export", f"run-{name}", "--to", "preference", *out).code == 0
    written = [json.loads(line) for line in (shell.folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["prompt"], row["chosen"], row["rejected"]) for row in written] == [
        ("어디?", "서울", "부산"),
        ("언제?", "내일", "몰라"),
    ]


def test_an_export_that_cannot_be_is_told_in_one_line(shell):
    assert shell("run", "recipe.toml", "--run-dir", "run", "--quiet").code == 0
    for name in ("new/out.jsonl", "new/out.csv.gz", "new/out.parquet"):
        refused = shell("export", "run", "--to", "messages", name)
        assert refused.code == 4 and "Traceback" not in refused.err
        assert f"{name} cannot be written, because there is no folder new." in refused.err
    assert not (shell.folder / "new").exists()


@pytest.mark.parametrize("place", [("out.jsonl",), ("--layout", "axolotl", "folder")])
def test_allow_terms_is_refused_where_there_is_nothing_to_allow(shell, place):
    assert shell("run", "recipe.toml", "--run-dir", "run", "--quiet").code == 0
    refused = shell("export", "run", "--to", "messages", "--allow-terms", *place)
    assert refused.code == 2 and "--allow-terms is for a layout that publishes" in refused.err
    assert not (shell.folder / place[-1]).exists()


def test_a_file_that_nobody_reads_is_named(shell):
    (shell.folder / "kin").mkdir()
    for name in ("a.jsonl", "b.odt"):
        (shell.folder / "kin" / name).write_text('{"instruction": "하나", "input": "", "output": "일"}\n', encoding="utf-8")
    (shell.folder / "many.toml").write_text(SEEDS.format(seeds="instruct-data", path="kin/*"), encoding="utf-8")
    refused = shell("run", "many.toml", "--run-dir", "run")
    assert refused.code == 3 and "No installed plugin offers" in refused.err
    assert "b.odt: the end of its name says which plugin reads it." in refused.err
