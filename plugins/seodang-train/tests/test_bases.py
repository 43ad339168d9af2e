"""What is asked of a base before it is loaded: each thing that is wrong with it is told in both languages, within a moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import seodang
from safetensors.torch import load_file, save_file
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Sft
from seodang_train.bases import checked, commit_of, place_of
from seodang_train.identity import identity_of
from small_training import TINY, rows, train

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bases")
    train(place / "made", "llama", steps=1)
    return place / "made" / "student"


@pytest.fixture
def base(tmp_path: Path, sound: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "base"))


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def only_bin(base: Path) -> None:
    (base / "model.safetensors").rename(base / "pytorch_model.bin")


def adapters(base: Path) -> None:
    (base / "config.json").unlink()
    (base / "adapter_config.json").write_text('{"base_model_name_or_path": "EleutherAI/polyglot-ko-1.3b"}', encoding="utf-8")


def half(base: Path) -> None:
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def pointer(base: Path) -> None:
    (base / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", encoding="utf-8"
    )


def lost_shard(base: Path) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (base / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def without_end(base: Path) -> None:
    change(base / "tokenizer_config.json", eos_token=None)


def too_many_tokens(base: Path) -> None:
    change(base / "tokenizer_config.json", additional_special_tokens=[f"<|{number}|>" for number in range(50)])


def holes(base: Path) -> None:
    """As many tokens as embeddings, but one of a higher number."""
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    last = max(vocabulary, key=vocabulary.get)
    vocabulary[last] = vocabulary[last] + 500
    (base / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")


def quantised(base: Path) -> None:
    change(base / "config.json", quantization_config={"quant_method": "gptq", "bits": 4})


def no_tokenizer(base: Path) -> None:
    (base / "tokenizer.json").unlink()


def torn_config(base: Path) -> None:
    (base / "config.json").write_text('{"model_type": "lla', encoding="utf-8")


def lost_weights(base: Path) -> None:
    kept = {name: tensor for name, tensor in load_file(base / "model.safetensors").items() if name != "lm_head.weight"}
    save_file(kept, base / "model.safetensors", {"format": "pt"})


def other_shape(base: Path) -> None:
    tensors = load_file(base / "model.safetensors")
    name = "model.layers.0.mlp.up_proj.weight"
    save_file({**tensors, name: tensors[name][:-1].clone()}, base / "model.safetensors", {"format": "pt"})


def unknown_type(base: Path) -> None:
    change(base / "config.json", model_type="abacus")


def torn_tokenizer(base: Path) -> None:
    (base / "tokenizer.json").write_text('{"model"', encoding="utf-8")


def own_tokenizer(base: Path) -> None:
    own = {"tokenizer_class": "Abacus", "auto_map": {"AutoTokenizer": ["tokenization_abacus.Abacus", None]}}
    change(base / "tokenizer_config.json", **own)
    (base / "tokenization_abacus.py").write_text("raise SystemExit('it was run')\n", encoding="utf-8")


def own_code(base: Path) -> None:
    change(base / "config.json", model_type="abacus", auto_map={"AutoModelForCausalLM": "modeling_abacus.Abacus"})
    (base / "modeling_abacus.py").write_text("raise SystemExit('it was run')\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "english", "korean"),
    [
        (shutil.rmtree, "is no directory. Give the base's directory", "디렉터리가 아닙니다. 베이스 모델의 디렉터리나"),
        (only_bin, "holds its weights only as pytorch_model.bin. Such files can run code", "가중치는 pytorch_model.bin 형식뿐입니다."),
        (adapters, "holds adapters without their base. Merge them into EleutherAI/polyglot-ko-1.3b", "베이스 없이 어댑터만 있습니다."),
        (half, "is not whole; missing or shorter than the header says: model.safetensors", "없거나 잘린 파일: model.safetensors"),
        (pointer, "or a pointer of git-lfs", "git-lfs 포인터"),
        (lost_shard, "header says: model-00002-of-00002.safetensors", "없거나 잘린 파일: model-00002-of-00002.safetensors"),
        (without_end, "has no end token, so a student could never stop", "끝 토큰이 없어 학생 모델이 멈출 수 없습니다."),
        (too_many_tokens, "tokens, more than the", "보다 많습니다. 모델에 맞는 토크나이저를"),
        (holes, "tokens, more than the", "보다 많습니다. 모델에 맞는 토크나이저를"),
        (quantised, "is quantised (gptq). Steps round to nothing in it", "양자화된 모델(gptq)입니다."),
        (no_tokenizer, "has no tokenizer (tokenizer.json or tokenizer.model)", "토크나이저(tokenizer.json 또는 tokenizer.model)가 없습니다."),
        (torn_config, "config.json cannot be read", "config.json을 읽을 수 없습니다"),
        (lost_weights, "lacks 1 weight that its config.json asks for", "가중치 1개가 없거나 모양이 다릅니다(예: lm_head.weight)"),
        (other_shape, "such as model.layers.0.mlp.up_proj.weight. They would begin as random numbers", "무작위 값으로 시작합니다."),
        (unknown_type, "cannot be read: The checkpoint you are trying to load has model type `abacus`", "읽을 수 없습니다: The checkpoint"),
        (torn_tokenizer, "cannot be read: Expecting ':' delimiter", "읽을 수 없습니다: Expecting"),
        (own_tokenizer, "brings code of its own (tokenization_abacus.py), which would be run", "tokenization_abacus.py"),
        (own_code, "brings code of its own (modeling_abacus.py), which would be run", "modeling_abacus.py"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)  # fmt: skip
def test_a_base_that_cannot_be_trained_is_told(base: Path, tmp_path: Path, spoil: Callable, english: str, korean: str):
    spoil(base)
    chosen = Sft.Options(**{**TINY, "model": str(base)})
    for verb in ("rehearse", "train"):
        with pytest.raises(seodang.DataError) as told:
            getattr(Sft(chosen), verb)(rows(9), None, tmp_path, make_context(tmp_path, options=chosen))
        assert english in render(told.value.code, told.value.facts, "en")
        assert korean in render(told.value.code, told.value.facts, "ko")
        assert told.value.exit_code == 4


def test_a_base_without_a_pad_is_trained_and_that_is_told(base: Path, tmp_path: Path):
    change(base / "tokenizer_config.json", pad_token=None)
    chosen = Sft.Options(**{**TINY, "model": str(base)})
    found = Sft(chosen).rehearse(rows(9), None, tmp_path, make_context(tmp_path, options=chosen))
    told = next(finding for finding in found.findings if finding.code == "seodang_train:found-no-pad")
    assert render(told.code, told.facts, "en").startswith("The tokenizer has no pad token, so '<eos>' pads.")
    assert render(told.code, told.facts, "ko").startswith("토크나이저에 패딩 토큰이 없어 '<eos>'로 채웁니다.")


def test_the_code_of_a_model_is_only_run_at_the_commit_that_was_named(base: Path, tmp_path: Path):
    own_code(base)
    other = "f" * 40
    for commit, said in (("main", "name its exact commit"), (COMMIT, "is not the commit that stands in")):
        with pytest.raises(seodang.DataError, match=said):
            checked(base, commit)
    snapshot = Path(shutil.copytree(base, tmp_path / "models--a--b" / "snapshots" / COMMIT))
    assert checked(snapshot, COMMIT).trusted
    with pytest.raises(seodang.DataError, match="is not the commit"):
        checked(snapshot, other)
    notes = base / ".cache" / "huggingface" / "download"
    notes.mkdir(parents=True)
    (notes / "config.json.metadata").write_text(f"{COMMIT}\nanetag\n1700000000.0\n", encoding="utf-8")
    assert commit_of(base) == COMMIT and checked(base, COMMIT).trusted
    (notes / "modeling_abacus.py.metadata").write_text(f"{other}\nanetag\n1700000000.0\n", encoding="utf-8")
    assert commit_of(base) == "", "files of two commits are of none"


def test_a_model_is_what_its_answers_depend_on_and_not_where_it_lies(base: Path, sound: Path):
    """The chat template lies in a file of its own, and another one makes another student."""
    assert identity_of(base) == identity_of(sound) != ""
    (base / "README.md").write_text("# 서당\n", encoding="utf-8")
    assert identity_of(base) == identity_of(sound)
    (base / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    assert identity_of(base) != identity_of(sound)
    assert identity_of(base / "nowhere") == ""


def test_what_a_training_begins_with_can_be_told_by_why(base: Path):
    trainer = Sft(Sft.Options(model="base"))
    before = trainer.contents(base.parent)
    assert before == (f"model {identity_of(base)[:32]}", "profile llama")
    change(base / "config.json", rope_theta=20_000.0)
    assert trainer.contents(base.parent)[0] != before[0] and trainer.contents(base.parent)[1] == before[1]
    assert Sft(Sft.Options(model="step:first")).contents(base.parent) == [], "core knows the students of the run itself"


def test_a_model_that_transformers_knows_runs_no_code_of_its_own(base: Path):
    change(base / "config.json", auto_map={"AutoModelForCausalLM": "modeling_abacus.Abacus"})
    assert not checked(base).trusted


def test_a_repository_is_found_among_what_was_downloaded(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    asked = []

    def downloaded(name: str, revision: str | None = None, *, local_files_only: bool) -> str:
        assert local_files_only, "nothing is downloaded here"
        asked.append((name, revision))
        return str(base)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", downloaded)
    context = make_context(tmp_path)
    assert place_of("EleutherAI/polyglot-ko-1.3b@main", context) == base == place_of("EleutherAI/polyglot-ko-1.3b", context)
    assert asked == [("EleutherAI/polyglot-ko-1.3b", "main"), ("EleutherAI/polyglot-ko-1.3b", None)]
    assert place_of("./base", context) == tmp_path / "base" and len(asked) == 2
