"""The entry names every column and tag; what LLaMA-Factory would skip or misread is left out."""

import json
import os
import subprocess
import sys

import pytest
import seodang
from seodang import Call, Message, Record
from seodang.testing import LayoutContract
from seodang.wording import render
from seodang_llama_factory import LlamaFactory


def shape(name: str, *columns: str, written_as: str = "") -> seodang.Format:
    """A format of this name, to lay out."""

    class Options(seodang.Format.Options, frozen=True, kw_only=True):
        written_as: str = ""

    cls = type(
        "Shape",
        (seodang.Format,),
        {"name": name, "columns": columns, "example": dict.fromkeys(columns, "글"), "Options": Options},
    )
    return cls(Options(written_as=written_as))


class Alpaca(seodang.Format):
    """A format to lay out."""

    name = "alpaca"
    columns = ("instruction", "input", "output")
    example = {"instruction": "서당이란?", "input": "", "output": "마을 학교"}


class TestLlamaFactory(LayoutContract):
    layout = LlamaFactory
    format = Alpaca


def written(place, format: seodang.Format, *columns: str, name: str = "lessons") -> dict:
    def write_rows(path, most=None):
        path.write_text("{}\n")
        return 1

    LlamaFactory().write(
        seodang.Dataset(
            name=name, format=format, columns=columns or tuple(format.columns), language="ko", terms=(), card="", write_rows=write_rows
        ),
        place,
    )  # fmt: skip
    return json.loads((place / "dataset_info.json").read_text(encoding="utf-8"))


SPEAKERS = {
    "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt", "observation_tag": "observation",
    "function_tag": "function_call", "system_tag": "system",
}  # fmt: skip
ROLES = {
    "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "observation_tag": "tool",
    "function_tag": "function", "system_tag": "system",
}  # fmt: skip
QUESTION = {"prompt": "instruction", "query": "input", "response": "output"}
ENTRIES = [
    (shape("alpaca", "instruction", "input", "output"), {"formatting": "alpaca", "columns": QUESTION}),
    (shape("alpaca", "instruction", "input", "output", "system", "history"),
     {"formatting": "alpaca", "columns": {**QUESTION, "system": "system", "history": "history"}}),
    (shape("koalpaca", "instruction", "output", "url"),
     {"formatting": "alpaca", "columns": {"prompt": "instruction", "response": "output"}}),
    (shape("dolly", "instruction", "context", "response"),
     {"formatting": "alpaca", "columns": {"prompt": "instruction", "query": "context", "response": "response"}}),
    (shape("prompt-completion", "prompt", "completion", written_as="texts"),
     {"formatting": "alpaca", "columns": {"prompt": "prompt", "response": "completion"}}),
    (shape("text", "text"), {"formatting": "alpaca", "columns": {"prompt": "text"}}),
    (shape("sharegpt", "id", "conversations"), {"formatting": "sharegpt", "columns": {"messages": "conversations"}, "tags": SPEAKERS}),
    (shape("sharegpt", "id", "conversations", "tools"),
     {"formatting": "sharegpt", "columns": {"messages": "conversations", "tools": "tools"}, "tags": SPEAKERS}),
    (shape("messages", "messages"), {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": ROLES}),
    (shape("preference", "prompt", "chosen", "rejected", written_as="texts"),
     {"formatting": "alpaca", "ranking": True, "columns": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}}),
]  # fmt: skip


@pytest.mark.parametrize(("format", "entry"), ENTRIES, ids=[format.name for format, _ in ENTRIES])
def test_the_entry_of_each_format(tmp_path, format, entry):
    assert written(tmp_path, format) == {"lessons": {"file_name": "lessons.jsonl", **entry}}
    assert (tmp_path / "lessons.jsonl").is_file()


REFUSED = [
    shape("hc3", "question"),
    shape("preference", "prompt", written_as="turns"),
    shape("prompt-completion", "prompt", written_as="turns"),
]


@pytest.mark.parametrize("format", REFUSED, ids=[format.name for format in REFUSED])
def test_a_format_that_it_does_not_read_is_refused_with_those_that_it_does(tmp_path, format):
    with pytest.raises(seodang.DataError) as told:
        written(tmp_path, format)
    assert told.value.code == "seodang_llama_factory:format" and "sharegpt, messages, preference" in str(told.value)
    assert not list(tmp_path.iterdir())


def test_a_name_that_leads_elsewhere_or_parts_names_does_neither(tmp_path):
    assert list(written(tmp_path, Alpaca(), name="../한국어, v1.1/x")) == ["한국어-v1.1-x"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset_info.json", "한국어-v1.1-x.jsonl"]


def talk(*roles: str) -> Record:
    return Record(messages=tuple(Message(role, "말") for role in roles))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (talk("user", "assistant"), ""),
        (talk("system", "user", "assistant", "user", "assistant"), ""),
        (talk("user", "assistant", "tool", "assistant"), ""),
        (talk("user"), "unanswered"),
        (talk("assistant"), "seodang_llama_factory:turns"),
        (talk("user", "user", "assistant"), "seodang_llama_factory:turns"),
        (talk("user", "assistant", "system", "assistant"), "seodang_llama_factory:turns"),
        (talk("user", "assistant", "tool", "tool", "assistant"), "seodang_llama_factory:turns"),
    ],
)
def test_what_it_would_skip_is_left_out_with_its_reason(record, reason):
    assert LlamaFactory().refuses(record, shape("sharegpt")) == reason
    assert LlamaFactory().refuses(record, Alpaca()) == "", "the format itself decides"


def test_tool_calls_go_in_sharegpt_only():
    called = Record(messages=(Message("user", "?"), Message("assistant", "", calls=(Call("c", "f", "{}"),))))
    assert LlamaFactory().refuses(called, shape("messages")) == "seodang_llama_factory:calls"
    assert LlamaFactory().refuses(called, shape("sharegpt")) == ""
    assert LlamaFactory().ignores(shape("messages")) == ("thinking", "weight", "tools")
    assert LlamaFactory().ignores(shape("sharegpt")) == ("weight",) and LlamaFactory().ignores(Alpaca()) == ()


def read_as_llama_factory_does(place) -> list[list[tuple[str, str]]]:
    """What its converter makes of the directory: only what the entry names is looked at."""
    (entry,) = json.loads((place / "dataset_info.json").read_text(encoding="utf-8")).values()
    columns, tags = entry["columns"], entry.get("tags", {})
    found = []
    for line in (place / entry["file_name"]).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if entry["formatting"] == "sharegpt":
            turns = row[columns["messages"]]
            found.append([(turn[tags["role_tag"]], turn[tags["content_tag"]]) for turn in turns])
        else:
            asked = "\n".join(filter(None, (row[columns[name]] for name in ("prompt", "query") if name in columns)))
            found.append([("user", asked), ("assistant", row[columns["response"]])])
    return found


@pytest.mark.parametrize(
    ("format", "turns"),
    [
        ("alpaca", [("user", "요약하세요.\n긴 글"), ("assistant", "짧다.")]),
        ("koalpaca", [("user", "요약하세요.\n\n긴 글"), ("assistant", "짧다.")]),
        ("sharegpt", [("human", "요약하세요.\n\n긴 글"), ("gpt", "짧다.")]),
        ("messages", [("user", "요약하세요.\n\n긴 글"), ("assistant", "짧다.")]),
    ],
)
def test_from_a_run_to_what_it_reads(tmp_path, format, turns):
    for module in ("seodang_handcrafted", "seodang_instruct_data", "seodang_sharegpt"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    (tmp_path / "recipe.toml").write_text(
        '[recipe]\nname = "lessons"\nlanguage = "ko"\n\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\n'
    )
    (tmp_path / "rows.jsonl").write_text(
        '{"instruction": "요약하세요.", "input": "긴 글", "output": "짧다."}\n{"instruction": "아직?"}\n', encoding="utf-8"
    )

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "seodang", *map(str, arguments)], capture_output=True, text=True, timeout=120,
            env={**os.environ, "SEODANG_LANGUAGE": "en"},
        )  # fmt: skip

    assert command("run", tmp_path / "recipe.toml", "--run-dir", tmp_path / "run", "--quiet").returncode == 0
    place = tmp_path / "data"
    done = command("export", tmp_path / "run", "--to", format, "--layout", "llama-factory", place)
    assert done.stdout == f"1 row written to {place}.\nLeft out: 1 row (no answer).\n", done.stderr
    assert read_as_llama_factory_does(place) == [turns]


MESSAGES = [
    ("format", {"format": "hc3", "known": ["alpaca", "messages"]},
     "LLaMA-Factory does not read the format hc3 as it is written here. It reads: alpaca, messages. For preference and "
     "prompt-completion add --option written_as=texts.",
     "LLaMA-Factory는 hc3 형식을 여기 쓰이는 꼴로는 읽지 않습니다. 읽는 형식: alpaca, messages. preference와 prompt-completion에는 "
     "--option written_as=texts를 붙이세요."),
    ("turns", {}, "questions and answers that do not take turns, which LLaMA-Factory skips",
     "질문과 답이 번갈아 나오지 않아 LLaMA-Factory가 건너뜀"),
    ("calls", {}, "tool calls, which LLaMA-Factory reads in sharegpt only", "도구 호출이 있음. LLaMA-Factory는 sharegpt에서만 읽습니다"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_messages(code, facts, english, korean):
    assert render(f"seodang_llama_factory:{code}", facts, "en") == english
    assert render(f"seodang_llama_factory:{code}", facts, "ko") == korean
