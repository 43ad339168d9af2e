"""The block is YAML with the keys of axolotl's schema; what axolotl would stop at or misread is left out."""

import os
import subprocess
import sys

import pytest
import seodang
import yaml
from seodang import Call, Message, Record
from seodang.testing import LayoutContract
from seodang.wording import render
from seodang_axolotl import Axolotl

KEYS = {
    "path", "ds_type", "type", "split", "field", "field_messages", "field_tools", "field_thinking", "template_thinking_key",
    "field_chosen", "field_rejected", "message_property_mappings", "roles", "roles_to_train", "train_on_eos",
}  # fmt: skip
"""Of axolotl's schema (`utils/schemas/datasets.py`, July 2026), those that are used here."""


def shape(name: str, *columns: str) -> seodang.Format:
    return type("Shape", (seodang.Format,), {"name": name, "columns": columns, "example": dict.fromkeys(columns, "글")})()


class Messages(seodang.Format):
    """A format to lay out."""

    name = "messages"
    columns = ("messages",)
    example = {"messages": [{"role": "user", "content": "서당이란?"}, {"role": "assistant", "content": "마을 학교"}]}


class TestAxolotl(LayoutContract):
    layout = Axolotl
    format = Messages


def written(place, format: seodang.Format, *extras: str) -> tuple[dict, dict]:
    """The configuration and its one dataset."""

    def write_rows(path, most=None):
        path.write_text("{}\n")
        return 1

    Axolotl().write(
        seodang.Dataset(
            name="lessons", format=format, columns=tuple(format.columns), language="ko", terms=(), card="", write_rows=write_rows,
            extras=frozenset(extras),
        ),
        place,
    )  # fmt: skip
    whole = yaml.safe_load((place / "axolotl.yml").read_text(encoding="utf-8"))
    (block,) = whole["datasets"]
    assert block.keys() <= KEYS and (place / block["path"]).is_file()
    return whole, block


CHAT = {
    "path": "rows.jsonl", "ds_type": "json", "type": "chat_template", "field_messages": "messages",
    "message_property_mappings": {"role": "role", "content": "content"},
    "roles": {"system": ["system"], "user": ["user"], "assistant": ["assistant"], "tool": ["tool"]},
    "roles_to_train": ["assistant"], "train_on_eos": "turn",
}  # fmt: skip
BLOCKS = [
    (shape("alpaca", "instruction", "input", "output"), {"path": "rows.jsonl", "ds_type": "json", "type": "alpaca"}),
    (shape("koalpaca", "instruction", "output"), {"path": "rows.jsonl", "ds_type": "json", "type": "alpaca"}),
    (Messages(), CHAT),
    (shape("messages", "messages", "tools"), {**CHAT, "path": "rows.parquet", "ds_type": "parquet", "field_tools": "tools"}),
    (shape("sharegpt", "id", "conversations"),
     {**CHAT, "field_messages": "conversations", "message_property_mappings": {"role": "from", "content": "value"},
      "roles": {"system": ["system"], "user": ["human"], "assistant": ["gpt"]}}),
    (shape("text", "text"), {"path": "rows.jsonl", "ds_type": "json", "type": "completion", "field": "text"}),
]  # fmt: skip


@pytest.mark.parametrize(("format", "expected"), BLOCKS, ids=[format.name for format, _ in BLOCKS])
def test_the_block_of_each_format(tmp_path, format, expected):
    whole, block = written(tmp_path, format)
    assert block == expected and set(whole) == {"datasets"}


def test_preferences_are_for_dpo(tmp_path):
    whole, block = written(tmp_path, shape("preference", "prompt", "chosen", "rejected"))
    assert whole["rl"] == "dpo" and block["type"] == "chat_template.default"
    assert [block[key] for key in ("field_messages", "field_chosen", "field_rejected")] == ["prompt", "chosen", "rejected"]


def test_thinking_goes_where_templates_look_for_it(tmp_path):
    _, block = written(tmp_path, Messages(), "thinking")
    assert block["message_property_mappings"]["reasoning_content"] == block["field_thinking"] == "thinking"
    assert block["template_thinking_key"] == "reasoning_content"


def test_a_format_that_it_does_not_read_is_refused_with_those_that_it_does(tmp_path):
    with pytest.raises(seodang.DataError) as told:
        written(tmp_path, shape("dolly", "instruction"))
    assert str(told.value).endswith("alpaca, koalpaca, messages, sharegpt, preference, text.") and not list(tmp_path.iterdir())


def talk(*roles: str, calls: tuple[Call, ...] = ()) -> Record:
    return Record(messages=tuple(Message(role, "말", calls=calls if role == "assistant" else ()) for role in roles))


@pytest.mark.parametrize(
    ("format", "record", "reason"),
    [
        ("messages", talk("user", "assistant"), ""),
        ("messages", talk("user"), "unanswered"),
        ("messages", talk("user", "assistant", "tool", "assistant", calls=(Call("c", "f", '{"a": 1}'),)), ""),
        ("messages", talk("user", "assistant", calls=(Call("c", "f", "not json"),)), "seodang_axolotl:arguments"),
        ("sharegpt", talk("user", "assistant", calls=(Call("c", "f", "{}"),)), "seodang_axolotl:calls"),
        ("sharegpt", talk("user", "assistant", "tool", "assistant"), "seodang_axolotl:calls"),
        ("sharegpt", talk("system", "user", "assistant"), ""),
        ("alpaca", talk("system", "user", "assistant"), "system"),
        ("alpaca", talk("user", "assistant", "user", "assistant"), "several-turns"),
        ("alpaca", talk("user", "assistant"), ""),
        ("text", talk("user"), ""),
    ],
)
def test_what_it_would_stop_at_or_misread_is_left_out_with_its_reason(format, record, reason):
    assert Axolotl().refuses(record, shape(format)) == reason


def test_shares_in_the_loss_are_not_read():
    assert Axolotl().ignores(Messages()) == ("weight",) and Axolotl().ignores(shape("alpaca")) == ()


def test_from_a_run_to_the_rows_and_the_block(tmp_path):
    for module in ("seodang_handcrafted", "seodang_instruct_data"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    (tmp_path / "recipe.toml").write_text(
        '[recipe]\nname = "lessons"\nlanguage = "ko"\n\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\n'
    )
    (tmp_path / "rows.jsonl").write_text(
        '{"instruction": "서당이란?", "output": "학교"}\n{"instruction": "아직?"}\n', encoding="utf-8"
    )

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "seodang", *map(str, arguments)], capture_output=True, text=True, timeout=120,
            env={**os.environ, "SEODANG_LANGUAGE": "ko"},
        )  # fmt: skip

    assert command("run", tmp_path / "recipe.toml", "--run-dir", tmp_path / "run", "--quiet").returncode == 0
    place = tmp_path / "data"
    done = command("export", tmp_path / "run", "--to", "messages", "--layout", "axolotl", place)
    assert done.stdout == f"1행을 {place}에 썼습니다.\n뺀 행: 1행(답이 없음).\n", done.stderr
    assert yaml.safe_load((place / "axolotl.yml").read_text(encoding="utf-8"))["datasets"] == [CHAT]
    assert (place / "rows.jsonl").read_text(encoding="utf-8") == (
        '{"messages":[{"role":"user","content":"서당이란?"},{"role":"assistant","content":"학교"}]}\n'
    )


MESSAGES = [
    ("format", {"format": "hc3", "known": ["alpaca", "messages"]}, "axolotl does not read the format hc3. It reads: alpaca, messages.",
     "axolotl은 hc3 형식을 읽지 않습니다. 읽는 형식: alpaca, messages."),
    ("calls", {}, "tool calls, which axolotl reads in messages only", "도구 호출이 있음. axolotl은 messages에서만 읽습니다"),
    ("arguments", {}, "a tool call whose arguments are no JSON, at which axolotl stops", "인자가 JSON이 아닌 도구 호출이 있어 axolotl이 멈춤"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "english", "korean"), MESSAGES, ids=[message[0] for message in MESSAGES])
def test_messages(code, facts, english, korean):
    assert render(f"seodang_axolotl:{code}", facts, "en") == english
    assert render(f"seodang_axolotl:{code}", facts, "ko") == korean
