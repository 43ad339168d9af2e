"""What is known of a model is data: layers, template, licence, how its students have to be called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Lora, Sft
from seodang_train.profiles import completed, find_profile, profile_of, profiles

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@pytest.mark.parametrize(
    ("model_type", "name", "profile", "layers", "template", "licence"),
    [
        ("gpt_neox", "EleutherAI/polyglot-ko-5.8b", "polyglot-ko", ("query_key_value",), "koalpaca", "Apache-2.0"),
        ("gpt_neox", "pythia-1b", "gpt-neox", ("query_key_value",), "koalpaca", ""),
        ("llama", "models/llama-7b", "llama-1", ATTENTION, "alpaca", "LicenseRef-LLaMA-1-research"),
        ("llama", "meta-llama/Llama-3.2-1B", "llama-3", ATTENTION, "chat", "LicenseRef-Llama-3-Community"),
        ("llama", "somebody/some-model", "llama", ATTENTION, "vicuna", ""),
        ("qwen3", "Qwen/Qwen3-0.6B", "qwen-3", ATTENTION, "chat", "Apache-2.0"),
        ("gemma3_text", "google/gemma-3-1b-it", "gemma", ATTENTION, "chat", "LicenseRef-Gemma-Terms"),
        ("exaone4", "LGAI-EXAONE/EXAONE-4.0-1.2B", "exaone-4", ATTENTION, "chat", "LicenseRef-EXAONE-1.2-NC"),
        ("exaone", "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct", "exaone-3", ("q_proj", "c_fc_0"), "chat", "LicenseRef-EXAONE-1.1-NC"),
        ("llama", "kakaocorp/kanana-1.5-2.1b-base", "kanana", ATTENTION, "chat", "Apache-2.0"),
        ("llama", "naver-hyperclovax/HyperCLOVAX-SEED-Text-Instruct-0.5B", "hyperclovax-seed", ATTENTION, "chat", "LicenseRef-HyperCLOVAX-SEED"),
    ],
)  # fmt: skip
def test_a_model_is_known_by_its_name_or_by_its_type(
    model_type: str, name: str, profile: str, layers: tuple, template: str, licence: str
):
    found = profile_of(model_type, name)
    assert (found.name, found.template, found.licence) == (profile, template, licence)
    assert set(layers) <= set(found.lora)


SMALL = {
    "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16,
    "intermediate_size": 64, "max_position_embeddings": 128, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
EYE = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 28,
    "patch_size": 14,
}


# Of the type exaone the class comes with the repository.
FAMILIES = sorted({one for profile in profiles().values() for one in profile.types} - {"exaone"})
OFTEN = {"gpt2", "gemma2", "exaone4"}
"""One whose matrices lie the other way round, one that caps its head, one with windows. The two of our own shape train in every test."""


def made(model_type: str) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    several = {"text_config": SMALL, "vision_config": EYE} if model_type == "gemma3" else SMALL
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **several))


@pytest.mark.parametrize("model_type", FAMILIES)
def test_the_layers_of_a_profile_are_all_matrices_of_attention_and_feed_forward(model_type: str):
    """In transformers' own class, without its weights."""
    import torch

    with torch.device("meta"):
        model = made(model_type)
    named = [(name, type(module).__name__) for name, module in model.named_modules() if "vision" not in name]
    matrices = {name.rpartition(".")[2] for name, kind in named if kind in ("Linear", "Conv1D")}
    assert matrices - {"lm_head", "embed_out"} == set(profile_of(model_type).lora)


@pytest.mark.parametrize(
    "model_type", [one if one in OFTEN else pytest.param(one, marks=pytest.mark.nightly) for one in FAMILIES]
)
def test_every_family_is_trained_as_it_is(model_type: str):
    """The head and packing pass their tests, and every adapter gets a gradient. What Gemma 2's head says is capped: seen and refused."""
    from array import array

    import torch
    from seodang_train.feeding import packed
    from seodang_train.lora import with_adapters
    from seodang_train.losing import Losing, inner
    from seodang_train.rows import Row
    from seodang_train.selftest import check_head, check_packing

    torch.manual_seed(0)
    model = made(model_type)
    rows = [Row(array("i", range(3, 3 + length)), b"\0" + b"\1" * (length - 1)) for length in (20, 31)]
    if model_type == "gemma2":
        with pytest.raises(seodang.DataError, match="scales or caps what its head says"):
            check_head(model, rows, 0)
        return
    check_head(model, rows, 0)
    check_packing(model, rows, 0)
    profile = profile_of(model_type)
    adapted = inner(with_adapters(model, Sft.Options(lora=Lora(rank=2, targets=profile.lora))))
    Losing(adapted)(packed(rows, "cpu")).backward()
    learning = {
        name: parameter.grad for name, parameter in adapted.named_parameters() if "lora_B" in name and "vision" not in name
    }
    assert {name.split(".lora_B")[0].rpartition(".")[2] for name in learning} == set(profile.lora)
    assert all(bool(gradient.any()) for gradient in learning.values())


def test_a_licence_and_its_rule_for_names_stand_in_the_plan(tmp_path: Path):
    sft = Sft(Sft.Options(model="LGAI-EXAONE/EXAONE-4.0-1.2B"))
    sft.directory = tmp_path
    assert sft.terms == ("LicenseRef-EXAONE-1.2-NC",)
    english, korean = ([render(note.code, note.facts, language) for note in sft.notes()] for language in ("en", "ko"))
    assert english[1:] == [
        "LicenseRef-EXAONE-1.2-NC allows no commercial use, neither of the student nor of what it says.",
        "LicenseRef-EXAONE-1.2-NC wants the student's name to begin with 'EXAONE'.",
    ]
    assert korean[2] == "LicenseRef-EXAONE-1.2-NC에 따라 학생 모델의 이름은 'EXAONE'로 시작해야 합니다."
    assert Sft(Sft.Options()).terms == () and Sft(Sft.Options()).notes() == []


def test_a_directory_is_known_by_its_config(tmp_path: Path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "config.json").write_text('{"model_type": "gpt_neox"}', encoding="utf-8")
    options = completed(Sft.Options(model="ours", lora=Lora(rank=2)), None, make_context(tmp_path))
    assert options.template == "koalpaca" and options.lora.targets[0] == "query_key_value"
    chosen = Sft.Options(model="ours", template="kullm", lora=Lora(targets=("dense",)))
    assert completed(chosen, None, make_context(tmp_path)) == chosen, "what the recipe says stands"
    assert completed(Sft.Options(), None, make_context(tmp_path)).template == "koalpaca"


def test_a_team_describes_its_own_model(tmp_path: Path):
    """With the file that README.md shows."""
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = next(part for part in readme.split("```") if "[house]" in part)
    (tmp_path / "ours.toml").write_text(shown.removeprefix("toml\n"), encoding="utf-8")
    sft = Sft(Sft.Options(model="models/house-7b", profile="ours.toml", lora=Lora(rank=2)))
    sft.directory = tmp_path
    assert sft.terms == ("LicenseRef-House",)
    options = completed(sft.options, None, make_context(tmp_path))
    assert (options.template, options.lora.targets) == ("kullm", ("q_proj", "k_proj", "v_proj", "o_proj"))
    assert Sft.Options.__struct_fields__ and find_profile("llama", "models/house-7b", {}).name == "llama"


def test_profiles_that_cannot_be_read_are_told(tmp_path: Path):
    (tmp_path / "bad.toml").write_text('[house]\ntemplate = "kullm"\n', encoding="utf-8")
    with pytest.raises(seodang.DataError) as told:
        completed(Sft.Options(model="house", profile="bad.toml"), None, make_context(tmp_path))
    assert "bad.toml cannot be read: Object missing required field `lora`" in render(told.value.code, told.value.facts, "en")
    assert "bad.toml의 프로필을 읽을 수 없습니다" in render(told.value.code, told.value.facts, "ko")


def test_a_tokenizer_does_not_make_what_the_model_refuses(tmp_path: Path):
    """GPT-NeoX fails on token_type_ids, and tokenizers of its time make them."""
    from seodang_train.bases import checked, load_tokenizer
    from small_training import train

    train(tmp_path / "made", "gpt-neox", steps=1)
    student = tmp_path / "made" / "student"
    config = json.loads((student / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
    (student / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    assert list(load_tokenizer(checked(student))("안녕")) == ["input_ids", "attention_mask"]
