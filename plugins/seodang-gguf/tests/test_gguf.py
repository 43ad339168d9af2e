"""A student as GGUF: what llama.cpp reads out of it is what transformers reads out of its folder. The second half runs in `tox -e gguf`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import seodang
from seodang.testing import StudentLayoutContract
from seodang.wording import render
from seodang_gguf import Gguf
from seodang_templates import Dolly, KoAlpaca, Vicuna

try:
    import xllamacpp  # noqa: F401

    HAS_LLAMA = True
except ImportError:
    HAS_LLAMA = False

TEXTS = ["서당에서는 아이들이 글을 배웠다.", "가나다 가나다 abc, 12!", "### 질문: 하나  둘\n\n### 답변: ", "뷁 é 😀", " 빈칸 앞"]


def byte_level(place: Path) -> None:
    """GPT-2's kind with merges that it learned, in the place of a tokenizer that has none."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|endoftext|>", "### End"]
    trainer = trainers.BpeTrainer(vocab_size=330, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(TEXTS * 3, trainer)
    assert len(json.loads(made.to_str())["model"]["merges"]) > 40
    PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|endoftext|>", additional_special_tokens=special[1:]
    ).save_pretrained(place)


def pieces(place: Path) -> None:
    """SentencePiece's kind, as LLaMA's tokenizer.json has it: ▁ before a text, merges in their order, bytes for the rest."""
    from tokenizers import Tokenizer, decoders, models, normalizers
    from transformers import PreTrainedTokenizerFast

    bytes_of = [f"<0x{byte:02X}>" for byte in range(256)]
    letters = list(dict.fromkeys("▁서당에는아이들글을배웠다가나abc.,12!#질문답변:하둘\n"))
    merges = [
        ("가", "나"),
        ("▁", "가나"),
        ("가나", "다"),
        ("▁", "가"),
        ("#", "#"),
        ("##", "#"),
        ("▁", "###"),
        ("a", "b"),
        ("ab", "c"),
    ]
    whole = list(dict.fromkeys("".join(merge) for merge in merges))
    vocabulary = {token: place for place, token in enumerate(["<unk>", "<s>", "</s>", *bytes_of, *letters, *whole])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    strip = decoders.Strip(content=" ", left=1)
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), strip])
    PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>").save_pretrained(place)


def own(place: Path) -> None:
    """What the trainer makes from scratch: a token a character, none for a blank but itself, and whole words that are said often."""
    from tokenizers import AddedToken, Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    tokens = ["<pad>", "<unk>", "<eos>", *(f"<0x{byte:02X}>" for byte in range(256)), *sorted({*"".join(TEXTS[:4])})]
    made = Tokenizer(
        models.BPE(vocab={token: n for n, token in enumerate(tokens)}, merges=[], unk_token="<unk>", byte_fallback=True)
    )
    made.add_tokens([AddedToken(word, normalized=False) for word in ("### 질문: ", "\n\n### 답변: ", " 아이들이")])
    made.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>").save_pretrained(place)


KINDS = {"gpt-neox": (byte_level, KoAlpaca), "llama": (pieces, Vicuna), "own": (own, KoAlpaca)}


def make_student(place: Path, kind: str, template: type[seodang.Template] | None = None) -> seodang.StudentFiles:
    """Random weights behind a tokenizer with merges; wide enough that two tokens hardly ever tie."""
    import torch
    from transformers import AutoTokenizer, GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM

    tokenizer, used = KINDS[kind]
    tokenizer(place)
    made = AutoTokenizer.from_pretrained(place)
    common = {
        "vocab_size": len(made) + 5, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128,
        "max_position_embeddings": 512, "bos_token_id": made.bos_token_id, "eos_token_id": made.eos_token_id, "initializer_range": 0.3,
    }  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        if kind == "llama":
            model = LlamaForCausalLM(LlamaConfig(**common, num_key_value_heads=2))
        else:
            rope = {"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 0.5}
            model = GPTNeoXForCausalLM(GPTNeoXConfig(**common, rope_parameters=rope))
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):  # zeros would hide one in the wrong place
                torch.nn.init.normal_(parameter, std=0.3)
    for place_of_token in range(common["vocab_size"]):
        if place_of_token >= len(made) or "\N{REPLACEMENT CHARACTER}" in made.decode([place_of_token]):
            # Half a character is never likely, so that two ways of spelling it make no difference in what is said.
            model.get_output_embeddings().weight.data[place_of_token] *= 0.01
    model.save_pretrained(place)
    return seodang.StudentFiles(
        name="village",
        path=place,
        template=(template or used)(),
        language="ko",
        terms=("Apache-2.0",),
        card="---\nlanguage:\n- ko\n---\n",
    )


@pytest.fixture(scope="session")
def students(tmp_path_factory: pytest.TempPathFactory) -> dict[str, seodang.StudentFiles]:
    place = tmp_path_factory.mktemp("students")
    return {kind: make_student(place / kind, kind) for kind in KINDS}


def fields(path: Path) -> dict[str, object]:
    import gguf

    return {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}


class TestGguf(StudentLayoutContract):
    layout = Gguf

    @pytest.fixture
    def student(self, students: dict[str, seodang.StudentFiles]) -> seodang.StudentFiles:
        return students["gpt-neox"]


def written(student: seodang.StudentFiles, place: Path, **options: object) -> Path:
    place.mkdir()
    Gguf(Gguf.Options(**options)).write_student(student, place)
    return place / f"{student.name}.gguf"


def test_the_file_says_what_ends_an_answer_and_how_it_is_asked(students, tmp_path):
    found = fields(written(students["gpt-neox"], tmp_path / "out"))
    assert found["general.architecture"] == "gptneox" and found["tokenizer.ggml.pre"] == "gpt-2"
    assert found["tokenizer.ggml.tokens"][found["tokenizer.ggml.eos_token_id"]] == "<|endoftext|>"
    assert "### 질문: " in found["tokenizer.chat_template"] and found["tokenizer.ggml.add_bos_token"] is False
    assert (tmp_path / "out" / "README.md").read_text(encoding="utf-8").startswith("---\nlanguage:")
    vicuna = fields(written(students["llama"], tmp_path / "vicuna"))
    assert vicuna["tokenizer.ggml.add_bos_token"] is True and vicuna["tokenizer.ggml.add_space_prefix"] is True
    dolly = with_changes(students["gpt-neox"], template=Dolly())
    ended = fields(written(dolly, tmp_path / "dolly"))
    assert ended["tokenizer.ggml.tokens"][ended["tokenizer.ggml.eot_token_id"]] == "### End", (
        "its own stop beside the tokenizer's end"
    )


def with_changes(student: seodang.StudentFiles, **changes: object) -> seodang.StudentFiles:
    import msgspec

    return msgspec.structs.replace(student, **changes)


def test_the_modelfile_writes_a_conversation_as_it_was_trained(students, tmp_path):
    written(students["gpt-neox"], tmp_path / "out")
    template, *rest = (tmp_path / "out" / "Modelfile").read_text(encoding="utf-8").splitlines()[1:]
    assert rest == [
        'PARAMETER stop "<|endoftext|>"', 'PARAMETER stop "### 질문:"', "PARAMETER num_ctx 512", 'LICENSE """Apache-2.0"""',
    ]  # fmt: skip
    template = template.removeprefix('TEMPLATE """').removesuffix('"""')
    turns = [("user", '하나 "둘" {{x}}'), ("assistant", "셋"), ("user", "넷")]
    for system in ("", "친절히"):
        said = [seodang.Message(role, text) for role, text in (([("system", system)] if system else []) + turns)]
        record = seodang.Record(messages=tuple(said))
        expected = "".join("<|endoftext|>" if part.special else part.text for part in KoAlpaca().segments(record))
        assert as_ollama(template, system, turns) == expected


def as_ollama(template: str, system: str, turns: list[tuple[str, str]]) -> str:
    """What Go makes of the few words that our templates use; anything else is an error."""
    import re

    parts = re.findall(r'\{\{ ("(?:[^"\\]|\\.)*"|(?:(?!\}\}).)*?) \}\}', template)
    assert "".join(f"{{{{ {part} }}}}" for part in parts) == template, "nothing stands outside of quotation marks"

    def run(place: int, end: int, turn: int | None) -> str:
        out = ""
        while place < end:
            part = parts[place]
            if part.startswith('"'):
                out += json.loads(part)
            elif part in (".System", "$m.Content"):
                out += system if part == ".System" else turns[turn][1]
            else:
                branches = block(place)
                if part.startswith("range"):
                    out += "".join(run(branches[0][1], branches[0][2], number) for number in range(len(turns)))
                else:
                    out += next((run(start, stop, turn) for test, start, stop in branches if holds(test, turn)), "")
                place = branches[-1][2]
            place += 1
        return out

    def holds(test: str, turn: int | None) -> bool:
        if test in ("else", "if .System"):
            return test == "else" or bool(system)
        if test == "if gt (len (slice $.Messages $i)) 1":
            return turn + 1 < len(turns)
        return turns[turn][0] == re.fullmatch(r'(?:else )?if eq \$m\.Role "(\w+)"', test)[1]

    def block(place: int) -> list[tuple[str, int, int]]:
        """The branches of what begins here, each with its first part and the one behind its last."""
        found, depth, test, start = [], 0, parts[place], place + 1
        for here in range(place + 1, len(parts)):
            if depth == 0 and (parts[here] == "end" or parts[here].startswith("else")):
                found.append((test, start, here))
                test, start = parts[here], here + 1
                if test == "end":
                    return found
            else:
                depth += parts[here].startswith(("if ", "range ")) - (parts[here] == "end")
        raise AssertionError("a block without an end")

    return run(0, len(parts), None)


def test_weights_are_read_without_torch_in_any_numbers(tmp_path):
    import torch
    from safetensors.torch import save_file
    from seodang_gguf.weights import Weights

    kept = torch.randn(3, 5)
    save_file({"a": kept, "b": kept.bfloat16(), "c": kept.half()}, tmp_path / "model.safetensors")
    weights = Weights(tmp_path)
    assert weights.shape("b") == (3, 5)
    for name, same in (("a", kept), ("b", kept.bfloat16().float()), ("c", kept.half().float())):
        assert np.array_equal(weights.read(name), same.numpy())


def changed(student: seodang.StudentFiles, place: Path, file: str, **changes: object) -> seodang.StudentFiles:
    import shutil

    shutil.copytree(student.path, place)
    content = json.loads((place / file).read_text(encoding="utf-8"))
    (place / file).write_text(json.dumps({**content, **changes}), encoding="utf-8")
    return with_changes(student, path=place)


@pytest.mark.parametrize(
    ("file", "changes", "english", "korean"),
    [
        ("config.json", {"model_type": "gpt2"},
         "Students of the type 'gpt2' cannot be written as GGUF here, only gpt_neox, llama.",
         "'gpt2' 유형의 학생 모델은 GGUF로 쓸 수 없습니다(가능한 유형: gpt_neox, llama)."),
        ("config.json", {"hidden_act": "relu"},
         "The activation 'relu' is not what llama.cpp computes for a model of the type 'gpt_neox'",
         "llama.cpp는 활성화 함수 'relu'"),
        ("config.json", {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}},
         "Positions of the type 'yarn' are not written here", "'yarn' 유형의 위치 표현은"),
        ("config.json", {"quantization_config": {"quant_method": "gptq"}},
         "The student's weights are quantised already.", "이미 양자화되어 있습니다."),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}},
         "llama.cpp knows no tokenizer with these steps (Whitespace)", "이런 단계(Whitespace)"),
    ],
)  # fmt: skip
def test_what_llama_cpp_would_do_otherwise_is_refused(students, tmp_path, file, changes, english, korean):
    with pytest.raises(seodang.DataError) as told:
        written(changed(students["gpt-neox"], tmp_path / "student", file, **changes), tmp_path / "out")
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")


@pytest.mark.parametrize(
    ("code", "facts", "english", "korean"),
    [
        ("numbers", {"tensor": "a", "numbers": "I8"}, "The tensor a is written in I8", "텐서 a가 I8 형식이라"),
        ("tensors", {"tensors": ["a", "b"]}, "no place for these tensors of the student: a, b.", "텐서가 있습니다: a, b"),
        ("tokenizer", {"kind": "Unigram"}, "A tokenizer of the kind Unigram cannot", "Unigram 종류의 토크나이저는"),
        ("blanks", {}, "both blanks and ▁ as tokens", "빈칸과 ▁가 둘 다"),
        ("pieces", {"count": 2, "tokens": ["가나", "다라"]}, "2 tokens of the tokenizer (such as 가나, 다라)", "토큰 2개(가나, 다라 등)"),
        ("too-large", {"tensor": "a"}, "A weight in a is too large for 16 bits.", "a의 가중치가 16비트에"),
    ],
)  # fmt: skip
def test_messages(code, facts, english, korean):
    assert english in render(f"seodang_gguf:{code}", facts, "en") and korean in render(f"seodang_gguf:{code}", facts, "ko")


needs_llama = pytest.mark.skipif(not HAS_LLAMA, reason="xllamacpp is not installed: tox -e gguf")


@needs_llama
@pytest.mark.parametrize("kind", KINDS)
def test_llama_cpp_reads_and_says_what_transformers_does(students, tmp_path, kind):
    import torch
    from seodang_local.llamacpp import Engine
    from transformers import AutoModelForCausalLM, AutoTokenizer

    student = students[kind]
    tokenizer = AutoTokenizer.from_pretrained(student.path)
    model = AutoModelForCausalLM.from_pretrained(student.path, dtype=torch.float32)
    engine = Engine(written(student, tmp_path / "out", numbers="f32"), tokens=1024, rows=1, threads=1, device="cpu")
    for text in TEXTS:
        assert engine.ids(text) == tokenizer.encode(text, add_special_tokens=False), text
    question = seodang.Record(messages=(seodang.Message("system", "친절히"), *seodang.single_turn("서당이란?").messages))
    ids = seodang.encode(student.template.segments(question), tokenizer).ids
    assert engine.segments(student.template.segments(question)) == ids
    chat = engine.chat(question.messages, (), {})
    if kind != "llama":  # pieces put a blank before every text, and whoever writes all as one text puts fewer
        assert chat == ids
    assert tokenizer.decode(chat).split() == tokenizer.decode(ids).split()
    compared = 0
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False)
        for _ in range(6):
            with torch.no_grad():
                chances = model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
            told = engine.complete(ids, 1, n_probs=5)["choices"][0]["logprobs"]["content"]
            ids = [*ids, int(chances.argmax())]
            if told:  # llama.cpp keeps half a character to itself
                said = {one["id"]: one["logprob"] for one in told[0]["top_logprobs"]}
                assert said == pytest.approx({one: float(chances[one]) for one in said}, abs=0.05)
                assert float(chances.max() - chances[max(said, key=said.get)]) < 0.05, "the likeliest here is the likeliest there"
                compared += 1
    assert compared >= 25


@needs_llama
@pytest.mark.parametrize("numbers", ["f16", "bf16", "q8_0"])
def test_shorter_numbers_say_nearly_the_same(students, tmp_path, numbers):
    from seodang_local.llamacpp import Engine

    def chances(path: Path) -> dict[int, float]:
        engine = Engine(path, tokens=512, rows=1, threads=1, device="cpu")
        told = engine.complete(engine.ids("abc"), 1, n_probs=400)["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return {one["id"]: one["logprob"] for one in told}

    whole = written(students["llama"], tmp_path / "f32", numbers="f32")
    short = written(students["llama"], tmp_path / numbers, numbers=numbers)
    assert short.stat().st_size < whole.stat().st_size
    exact, rounded = chances(whole), chances(short)
    likely = sorted(exact, key=exact.get)[-10:]
    assert [rounded[one] for one in likely] == pytest.approx([exact[one] for one in likely], abs=0.5)
