"""Likelihoods: what pairs share is computed once, only what is scored meets the vocabulary, and nothing changes by it."""

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render
from seodang_local import Local
from seodang_local.borders import Bordered, Borders
from seodang_local.branches import rows_of
from seodang_local.tiny import write_tiny

PAIRS = [
    (context, f" {choice}")
    for context in ("서당에서는 글을 배웠다", "아이들이 글을", "가나다라 마바사")
    for choice in ("글", "아이", "배웠다가")
] + [("아이들이", " 글을"), ("", "서당"), ("서당", ""), ("아이들이 ", "글을")]


@pytest.fixture
def open_student(tmp_path, offers):
    def opened(place, **options):
        student = Local(Local.Options(path=str(place), **{"threads": 1, "device": "cpu", **options}))
        student.open(make_context(tmp_path, options=student.options, offers=offers))
        return student

    return opened


def alone(student, pair):
    """The pair's log-likelihood as transformers computes it, without anything of ours but the border."""
    import torch

    loaded = student._model._loaded
    (bordered,) = Borders(loaded.tokenizer, loaded.limit).encode([pair])
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([bordered.ids])).logits[0].log_softmax(-1)
    return sum(float(logits[place - 1, bordered.ids[place]]) for place in range(bordered.start, len(bordered.ids)))


@pytest.mark.parametrize("kind", ["llama-bytes", "llama-pieces", "gpt-neox-bytes", "gpt-neox-pieces"])
def test_each_likelihood_is_that_of_the_pair_alone(models, open_student, kind):
    student = open_student(models[kind])
    expected = [alone(student, pair) for pair in PAIRS]
    assert student.loglikelihoods(PAIRS) == pytest.approx(expected, abs=2e-4, rel=1e-5)
    assert student._model._scorer._together is True
    assert student.figures == {"dtype": "float32", "device": "cpu", "reads": 512, "cut": 0, "merged": student.figures["merged"]}
    narrow = open_student(models[kind], batch_tokens=1)
    assert narrow.loglikelihoods(PAIRS) == pytest.approx(expected, abs=2e-4, rel=1e-5)


def test_a_model_with_windows_is_scored_with_its_windows(tmp_path, open_student):
    from seodang_local.tiny import _byte_level, _wrapped
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    fast = _wrapped(_byte_level(), chat=False)
    config = Gemma3TextConfig(
        vocab_size=len(fast), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1, head_dim=8,
        intermediate_size=48, max_position_embeddings=512, sliding_window=16, initializer_range=0.5, query_pre_attn_scalar=8,
        layer_types=["sliding_attention", "full_attention"], bos_token_id=0, eos_token_id=1, pad_token_id=None,
    )  # fmt: skip
    Gemma3ForCausalLM(config).save_pretrained(tmp_path / "model")
    fast.save_pretrained(tmp_path / "model")
    student = open_student(tmp_path / "model")
    found = student.loglikelihoods(PAIRS)
    assert found == pytest.approx([alone(student, pair) for pair in PAIRS], abs=2e-4, rel=1e-5)
    assert student._model._scorer._together is True, "longer than the window, and still what is shared is computed once"


def test_a_model_that_takes_no_such_mask_is_scored_pair_by_pair(models, open_student):
    student = open_student(models["llama-bytes"])
    expected = student.loglikelihoods(PAIRS)
    other = open_student(models["llama-bytes"])
    side = other._model._scorer._sides[0]
    right = side._mask
    side._mask = lambda seen: right(seen | True)
    assert other.loglikelihoods(PAIRS) == pytest.approx(expected, abs=2e-4)
    assert other._model._scorer._together is False, "branches that see each other give other numbers, and that was noticed"


def test_only_what_is_scored_meets_the_vocabulary(models, open_student):
    student = open_student(models["gpt-neox-bytes"])
    student.loglikelihoods(PAIRS[:1])
    seen = []
    head = student._model._loaded.model.get_output_embeddings()
    head.register_forward_hook(lambda module, given, out: seen.append(out.shape[-2]))
    pairs = [("아이들이 글을 배웠다 " * 5, choice) for choice in ("a", "b", "c", "dd")]
    student.loglikelihoods(pairs)
    encoded = Borders(student._model._loaded.tokenizer, 512).encode(pairs)
    (row,) = rows_of(encoded, together=True)
    # Each choice begins with the blank that stood before it: one place foretells it for all four, then each letter its own.
    assert sum(seen) == len({place for place, _, _ in row.wanted}) == 1 + 1 + 1
    assert len(row) == encoded[0].start + 2, "the blank once, and one letter of the last choice"


def test_pairs_that_are_too_long_lose_their_beginning_each_on_its_own(models, open_student):
    student = open_student(models["llama-bytes"])
    context = "서당에서는 아이들이 글을 배웠다 " * 20
    pairs = [(context, " 글"), (context, " 아이들")]
    found = student.loglikelihoods(pairs)
    assert student.figures["cut"] == 2
    assert found == pytest.approx([alone(student, pair) for pair in pairs], abs=2e-4, rel=1e-5)
    encoded = Borders(student._model._loaded.tokenizer, 512).encode(pairs)
    assert [len(one.ids) for one in encoded] == [513, 513], "the last token is foretold and not read"
    assert [row.is_straight for row in rows_of(encoded, together=True)] == [True, True], "they begin at other places"


def test_a_token_across_the_border_is_counted(models, open_student):
    student = open_student(models["llama-pieces"])
    student.loglikelihoods([("서당", " 글")])
    before = student.figures["merged"]

    class Merging:
        """A tokenizer that writes a colon and the blank after it as one token."""

        bos_token_id, eos_token_id = 0, 1

        def decode(self, ids):
            return "<s>"

        def encode(self, text, add_special_tokens=True):
            return [ord(sign) for sign in text.replace(": ", "\u2236")]

        def __call__(self, texts, **wishes):
            return {"input_ids": [self.encode(text) for text in texts]}

    encoded = Borders(Merging(), 100).encode([("답:", " 예"), ("답", " 예"), ("답: ", "예요")])
    assert [one.merged for one in encoded] == [True, False, True] and before == 0
    assert encoded[0] == Bordered([ord("답"), ord(":"), ord("예")], 2, 0, True), "as the harness: the blank is lost"
    with pytest.raises(seodang.DataError) as error:
        Borders(Merging(), 100).encode([("답:", " ")])
    assert [render(error.value.code, error.value.facts, language) for language in ("en", "ko")] == [
        "The tokenizer merges ' ' into the text before it, so that no token of it is left to score. Another tokenizer, or another wording "
        "of the choice, is needed.",
        "토크나이저가 ' ' 부분을 앞 글에 합쳐 버려 채점할 토큰이 남지 않습니다. 다른 토크나이저나 다른 표현이 필요합니다.",
    ]


def test_a_text_that_is_longer_than_the_model_is_refused(models, open_student):
    with pytest.raises(seodang.DataError) as error:
        open_student(models["llama-bytes"]).loglikelihoods([("a", "b" * 600)])
    assert [render(error.value.code, error.value.facts, language) for language in ("en", "ko")] == [
        "A text of 600 tokens is to be scored, and the model reads 512. Only what stands before a scored text may be cut.",
        "채점할 글이 600토큰인데 모델은 512토큰까지 읽습니다. 자를 수 있는 것은 채점할 글의 앞부분뿐입니다.",
    ]


def test_several_devices_share_the_work_and_change_nothing(models, open_student):
    one = open_student(models["llama-bytes"])
    two = open_student(models["llama-bytes"], device="", devices=("cpu", "cpu"), batch_tokens=64)
    assert two.loglikelihoods(PAIRS) == pytest.approx(one.loglikelihoods(PAIRS), abs=2e-4)
    with pytest.raises(ValueError, match="device and devices"):
        Local.Options(path="a", device="cpu", devices=("cpu",))


def test_a_base_model_needs_no_template_to_be_scored(tmp_path, open_student):
    student = open_student(write_tiny(tmp_path / "base", chat=False))
    assert student.loglikelihoods([("서당", " 글")])[0] < 0
    with pytest.raises(seodang.SeodangError):
        student.generate([seodang.single_turn("안녕")], 4)


def test_a_student_is_known_by_its_files(models, tmp_path):
    student = Local(Local.Options(path=str(models["llama-bytes"])))
    assert student.identity.startswith("sha256:") and student.figures == {}
    assert student.identity != Local(Local.Options(path=str(models["gpt-neox-bytes"]))).identity
