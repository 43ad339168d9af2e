"""Which plugins of this repository name what lies elsewhere, and how the recipe reads when it lies beside it."""

from __future__ import annotations

import tomllib

import pytest
from seodang.fetching.bringing import prepared
from seodang.fetching.rewriting import rewritten
from seodang.plugins.loading import load_plugins
from seodang.recipes.options import build_options

COMMIT = "1" * 40


@pytest.mark.parametrize(
    ("kind", "plugin", "options", "expected"),
    [
        ("trainer", "sft", {"model": f"EleutherAI/polyglot-ko-1.3b@{COMMIT}"}, [("EleutherAI/polyglot-ko-1.3b", "hub", COMMIT, "model")]),
        ("trainer", "sft", {"model": "./models/base"}, [("./models/base", "", "", "model")]),
        ("trainer", "sft", {"model": "step:first"}, []),
        ("trainer", "sft", {}, []),
        ("trainer", "distill", {"model": "a/small", "teacher_model": f"a/large@{COMMIT}"},
         [("a/small", "hub", "", "model"), ("a/large", "hub", COMMIT, "model")]),
        ("teacher", "local", {"model": "a/teacher", "revision": COMMIT}, [("a/teacher", "hub", COMMIT, "model")]),
        ("teacher", "local", {"model": "./model-00001-of-00002.gguf"}, [("./model-00001-of-00002.gguf", "", "", "model")]),
        ("student", "local", {"path": "models/base"}, [("models/base", "", "", "model")]),
        ("filter", "novelty-embedding", {"encoder": "a/encoder", "revision": COMMIT}, [("a/encoder", "hub", COMMIT, "model")]),
        ("filter", "novelty-embedding", {"encoder": "./encoder"}, [("./encoder", "", "", "model")]),
        ("seeds", "instruct-data", {"dataset": "a/rows", "revision": COMMIT}, [("a/rows", "hub", COMMIT, "dataset")]),
        ("seeds", "instruct-data", {"path": "rows.jsonl"}, []),
        ("seeds", "run", {"path": "runs/other"}, [("runs/other", "", "", "dataset")]),
        ("seeds", "sharegpt", {"path": "a.json", "max_tokens": 9, "tokenizer": "a/tokenizer"}, [("a/tokenizer", "hub", "", "model")]),
        ("evaluation", "kobest", {"hub": "skt/kobest_v1", "revision": COMMIT}, [("skt/kobest_v1", "hub", COMMIT, "dataset")]),
        ("evaluation", "kobest", {"path": "kobest"}, []),
    ],
)  # fmt: skip
def test_a_plugin_says_what_its_options_name(kind, plugin, options, expected, tmp_path):
    cls = load_plugins().find(kind, plugin).cls
    built = build_options(cls, options)
    assert not built.problems, built.problems
    capability = cls(built.options)
    capability.directory = tmp_path
    found = capability.pieces()
    assert [(piece.name, piece.carrier, piece.revision, piece.holds) for piece in found] == expected
    assert all(piece.option in options for piece in found)


def test_a_tokenizer_of_a_hub_reads_as_a_file_of_the_folder(hub, tmp_path, monkeypatch):
    """One option of the recipe becomes another one."""
    monkeypatch.setenv("SEODANG_PLUGINS", "seodang-hub,seodang-sharegpt,seodang-locale-ko,seodang-locale-en")
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "recipe.toml").write_text(
        '[recipe]\nname = "t"\nlanguage = "ko"\n[[step]]\nseeds = "sharegpt"\npath = "a.json"\nmax_tokens = 9\ntokenizer = "village/tiny"\n'
    )
    work = prepared(tmp_path / "recipe.toml", (), tmp_path / "inside", load_plugins())
    step = tomllib.loads(rewritten(work.text, dict(work.plan.changes)))["step"][0]
    assert step["tokenizer"] == "characters" and step["tokenizer_path"] == "models/village/tiny/tokenizer.json"
    assert [*work.plan.sources[0].listing.files] == ["tokenizer.json"]
