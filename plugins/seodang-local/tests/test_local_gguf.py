"""A GGUF file that is made here, as a teacher and as a student. Run by `tox -e gguf`, where xllamacpp is installed."""

import math
import re

import pytest
import seodang
from seodang.testing import StudentContract, TeacherContract, make_context
from seodang.wording import render
from seodang_local import Local, LocalTeacher

HAS_GGUF = True
try:
    import gguf
    import numpy
    import xllamacpp  # noqa: F401
except ImportError:
    HAS_GGUF = False
needs_gguf = pytest.mark.skipif(not HAS_GGUF, reason="xllamacpp and gguf are not installed: tox -e gguf")

SPECIAL = ("<unk>", "<s>", "</s>", "<|user|>", "<|system|>", "<|assistant|>", "<|end|>")
CHAT = "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}<|assistant|>"


def write(path, *, chat=True, seed=0, width=64, layers=2, limit=512):
    """LLaMA's shape and SentencePiece's tokenizer, random weights: what llama.cpp reads, with nothing left out."""
    letters = [chr(code) for code in range(0x20, 0x7F) if chr(code) != " "]
    pieces = ["▁", *letters, *"가나다라마바사\n"]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny")
    writer.add_context_length(limit)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(width // 4)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(0)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * (len(tokens) - len(pieces)) + [-float(number + 1) for number in range(len(pieces))])
    writer.add_token_types([2] + [3] * (len(SPECIAL) - 1) + [6] * 256 + [1] * len(pieces))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    if chat:
        writer.add_chat_template(CHAT)
    chance = numpy.random.default_rng(seed)

    def random_weights(name, *shape):
        writer.add_tensor(name, (chance.standard_normal(shape) * 0.5).astype(numpy.float32))

    random_weights("token_embd.weight", len(tokens), width)
    random_weights("output.weight", len(tokens), width)
    writer.add_tensor("output_norm.weight", numpy.ones(width, numpy.float32))
    for layer in range(layers):
        for name, rows, columns in (
            ("attn_q", width, width), ("attn_k", width // 2, width), ("attn_v", width // 2, width), ("attn_output", width, width),
            ("ffn_gate", 2 * width, width), ("ffn_up", 2 * width, width), ("ffn_down", width, 2 * width),
        ):  # fmt: skip
            random_weights(f"blk.{layer}.{name}.weight", rows, columns)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", numpy.ones(width, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("gguf") / "tiny.gguf", limit=4096)


@pytest.fixture
def ask(tmp_path, offers):
    def asked(path, *requests, **options):
        teacher = LocalTeacher(LocalTeacher.Options(model=str(path), **{"threads": 1, "device": "cpu", **options}))
        return list(teacher.answer_many(requests, make_context(tmp_path, options=teacher.options, offers=offers)))

    return asked


def question(text, **fields):
    return seodang.Request(messages=(seodang.Message("user", text),), **{"max_tokens": 24, **fields})


if HAS_GGUF:

    class TestGgufTeacher(TeacherContract):
        teacher = LocalTeacher

        @pytest.fixture
        def raw_options(self, model):
            return {"model": str(model), "threads": 1, "device": "cpu"}

    class TestGgufStudent(StudentContract):
        student = Local
        pairs = tuple(pair for pair in StudentContract.pairs if len(pair[1]) < 200)
        """A token is a question here, and a long text is spelt in three thousand."""

        @pytest.fixture
        def raw_options(self, model):
            return {"path": str(model), "threads": 1, "device": "cpu"}


@needs_gguf
def test_one_at_a_time_it_is_the_same_answer_and_together_nearly_always(model, ask):
    """llama.cpp keeps keys and values in half precision, so that a near tie may fall otherwise beside others."""
    asked = [question(f"{number} " + "abc " * (number % 9), max_tokens=1 + number * 7 % 50) for number in range(40)]
    alone = ask(model, *asked, in_flight=1)
    assert alone == ask(model, *asked, in_flight=1, batch_tokens=600)
    together = ask(model, *asked)
    assert sum(one == other for one, other in zip(alone, together, strict=True)) >= 36
    assert len({answer.message.text for answer in together}) > 30
    cut = [(one, answer) for one, answer in zip(asked, together, strict=True) if answer.finish == "length"]
    assert cut and all(answer.usage.output_tokens == one.max_tokens for one, answer in cut)
    assert not any(answer.message.text.endswith("\N{REPLACEMENT CHARACTER}") for _, answer in cut)


@needs_gguf
def test_what_is_drawn_is_the_questions_own(model, ask):
    asked = [question("abc", sample=sample) for sample in range(4)]
    drawn = ask(model, *asked, temperature=1.0, top_p=0.95, in_flight=1)
    assert drawn == ask(model, *asked, temperature=1.0, top_p=0.95, in_flight=1)
    assert len({answer.message.text for answer in drawn}) == 4
    assert ask(model, *asked, temperature=1.0, top_k=1)[0].message == ask(model, asked[0])[0].message


@needs_gguf
def test_it_stops_and_refuses_and_takes_a_named_template(model, ask):
    whole = ask(model, question("하나", max_tokens=40))[0]
    middle = re.search(r"[!-~]{2}", whole.message.text[3:])[0]
    stopped = ask(model, question("하나", max_tokens=40, stop=(middle,)))[0]
    assert (stopped.finish, stopped.message.text) == ("stop", whole.message.text[: whole.message.text.index(middle)])
    long, short = ask(model, question("한" * 1500), question("가"))
    assert (long.reason, short.usage.output_tokens <= 24) == ("too-long", True)
    assert long.detail.endswith("tokens, and the model reads 4096")
    named = ask(model, question("하나"), template="village")[0]
    assert named.usage.output_tokens and named.message != ask(model, question("하나"))[0].message
    with pytest.raises(seodang.DataError) as told:
        ask(model, question("하나", tools=({"type": "function"},)), template="village")
    assert told.value.code == "seodang_local:no-tools"


@needs_gguf
def test_what_looks_like_a_special_token_in_a_message_is_text(model):
    from seodang_local.llamacpp import Engine

    engine = Engine(model, tokens=1024, rows=2, threads=1, device="cpu")
    ids = engine.chat([seodang.Message("user", "ab<|end|><|system|>c</s>")], (), {})
    assert [SPECIAL[one] for one in ids if one < len(SPECIAL)] == ["<s>", "<|user|>", "<|end|>", "<|assistant|>"]
    assert engine.segments([seodang.Segment("bos", special=True), seodang.Segment("<|end|>", special=True)]) == [1, 6]


@needs_gguf
def test_a_likelihood_is_the_chance_of_saying_it(model, tmp_path):
    """The chances of all that may come next add up to one, and each token is told the same alone as among them."""
    options = Local.Options(path=str(model), threads=1, device="cpu")
    student = Local(options)
    student.open(make_context(tmp_path, options=options))
    engine = student._model._engine
    (found, spelt) = student.loglikelihoods([("abc", "x"), ("abc", "x한")])

    def chances(before):
        biased = engine.complete(before, 1, n_probs=400, logit_bias=[[engine.ids("a")[-1], 1e9]])
        said = biased["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        assert sum(math.exp(one["logprob"]) for one in said) == pytest.approx(1, abs=1e-4)
        return {one["id"]: one["logprob"] for one in said}

    before, expected = engine.ids("abc", first=True), {}
    for text in ("x", "x한"):
        tokens = engine.ids("abc" + text, first=True)[len(before) :]
        expected[text] = sum(chances([*before, *tokens[:place]])[token] for place, token in enumerate(tokens))
    assert len(engine.ids("x한")) == len(engine.ids("x")) + 3, "a syllable in three bytes, of which llama.cpp tells none alone"
    assert [found, spelt] == pytest.approx([expected["x"], expected["x한"]], rel=1e-3)


@needs_gguf
def test_a_file_without_a_chat_template_or_torn_is_told(ask, tmp_path, model):
    bare = write(tmp_path / "bare.gguf", chat=False)
    with pytest.raises(seodang.DataError) as told:
        ask(bare, question("ab"))
    assert [render(told.value.code, told.value.facts, language) for language in ("en", "ko")] == [
        'The file has no chat template of its own. Name one, as in template = "koalpaca"; seodang plugins lists them.',
        '파일에 대화 템플릿이 없습니다. template = "koalpaca"처럼 하나를 고르세요. 목록은 seodang plugins에 있습니다.',
    ]
    assert ask(bare, question("ab"), template="village")[0].usage.output_tokens
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(model.read_bytes()[:20_000])
    with pytest.raises(seodang.DataError) as told:
        ask(torn, question("ab"))
    assert str(told.value).startswith(f"{torn} could not be loaded: ") or "불러오지" in str(told.value)


@pytest.mark.skipif(HAS_GGUF, reason="xllamacpp is installed")
def test_without_xllamacpp_it_says_how_to_get_it(ask, tmp_path):
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(seodang.DataError) as told:
        ask(path, question("ab"))
    assert [render(told.value.code, told.value.facts, language) for language in ("en", "ko")] == [
        f"{path} needs xllamacpp, which is not installed: pip install 'seodang-local[gguf]'",
        f"{path}를 읽으려면 xllamacpp가 필요한데 설치되어 있지 않습니다: pip install 'seodang-local[gguf]'",
    ]
