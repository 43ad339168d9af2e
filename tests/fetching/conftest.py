"""The real command line, a recipe with pieces on a hub on loopback, and that hub."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from seodang.commandline import main

sys.path.insert(0, str(Path(__file__).parent))  # so that the tests find `loopback_hub`
from loopback_hub import LoopbackHub, Repository, loopback_hub

ROWS = "".join(f'{{"instruction": "{number} 더하기 1은?", "output": "{number + 1}입니다."}}\n' for number in range(12))
OWN = '{"instruction": "서당이란?", "output": "마을 학교입니다."}\n'


FILES = {
    "config.json": b'{"model_type": "llama"}', "model.safetensors": bytes(range(256)) * 600, "tokenizer.json": b"{}",
    "pytorch_model.bin": b"pickle", "README.md": b"# tiny",
}  # fmt: skip
"""A model's files, with what has no business on the other side. Nothing here opens them."""
PLUGINS = "hub handcrafted instruct-data train local templates locale-ko openai answer"


@pytest.fixture
def tiny() -> dict[str, bytes]:
    return dict(FILES)


@pytest.fixture
def hub(tiny, monkeypatch) -> Iterator[LoopbackHub]:
    # Read when the library is first imported, which another test may have done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with loopback_hub() as there:
        there.models["village/tiny"] = Repository(tiny, card={"license": "apache-2.0"}, large=("model.safetensors",))
        card = b"---\nlicense: cc-by-4.0\n---\n"
        there.datasets["village/rows"] = Repository(
            {"README.md": card, "data/train-00000-of-00001.jsonl": ROWS.encode()}, card={"license": "cc-by-4.0"}
        )
        monkeypatch.setenv("HF_ENDPOINT", there.url)
        monkeypatch.setenv("SEODANG_PLUGINS", ",".join(f"seodang-{name}" for name in PLUGINS.split()))
        monkeypatch.setenv("HF_TOKEN", "hf_a-token-of-ours")
        yield there


@pytest.fixture
def recipe(tmp_path, hub) -> Path:
    """Rows of a hub and of ours, and a training that begins with a model of the hub at an exact commit."""
    place = tmp_path / "outside"
    (place / "own").mkdir(parents=True)
    (place / "own" / "a.jsonl").write_text(OWN, encoding="utf-8")
    path = place / "recipe.toml"
    path.write_text(
        f"""# What stands here stays here.
[recipe]
name = "inside"
language = "ko"

[[step]]
seeds = "instruct-data"
dataset = "village/rows"   # rows of the village
revision = "{hub.datasets["village/rows"].commit}"
format = "alpaca"
licence = "CC-BY-4.0"

[[step]]
seeds = "handcrafted"
path = "own/*.jsonl"

[[step]]
train = "sft"
model = "village/tiny@{hub.models["village/tiny"].commit}"   # the base
template = "koalpaca"
max_steps = 2
precision = "float32"
threads = 1

[scales.scratch]
sft.model = ""
sft.width = 16
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def fetch(recipe, tmp_path, monkeypatch, capsys):
    """`seodang fetch` of that recipe into `inside`."""
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    def fetched(*arguments: str, folder: str = "inside") -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["fetch", str(recipe), str(tmp_path / folder), *arguments])
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code or 0, out=said.out, err=said.err, folder=tmp_path / folder)

    fetched.json = lambda *arguments: json.loads(fetched(*arguments, "--json").out)
    return fetched
