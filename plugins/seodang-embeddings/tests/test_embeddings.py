"""Novelty by meaning, with a real model that is made here: a few hundred weights, and a vocabulary of words."""

import numpy
import pytest
import seodang
from seodang.testing import FilterContract, make_context
from seodang.wording import render
from seodang_embeddings import NoveltyEmbedding
from seodang_embeddings.pool import Pool

WORDS = (
    "[PAD]",
    "[UNK]",
    "서당",
    "학교",
    "무엇",
    "입니까",
    "마을",
    "의",
    "수도",
    "는",
    "어디",
    "what",
    "is",
    "a",
    "school",
    "a",
    "village",
    "where",
    "입",
    "니다",
)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A tiny encoder whose words lie where they fell: equal texts have equal vectors, others have others."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    place = tmp_path_factory.mktemp("model")
    words = Tokenizer(models.WordLevel({word: number for number, word in enumerate(dict.fromkeys(WORDS))}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(place)
    torch.manual_seed(7)
    shape = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(shape).save_pretrained(place)
    return place


class TestNoveltyEmbedding(FilterContract):
    filter = NoveltyEmbedding

    @pytest.fixture
    def raw_options(self, model):
        return {"encoder": str(model), "longest": 32}


def sifted(model, texts, tmp_path, **options):
    made = NoveltyEmbedding.Options(encoder=str(model), longest=32, **options)
    records = [seodang.single_turn(text, id=f"r{number}") for number, text in enumerate(texts)]
    return list(NoveltyEmbedding(made).sift(records, make_context(tmp_path, options=made)))


def test_a_row_is_dropped_for_the_one_that_it_is_like(model, tmp_path):
    verdicts = sifted(model, ["서당 은 무엇 입니까", "수도 는 어디", "서당 은 무엇 입니까"], tmp_path, threshold=0.999)
    assert verdicts[:2] == [seodang.Keep(), seodang.Keep()]
    assert (verdicts[2].code, verdicts[2].other, verdicts[2].detail) == ("same-meaning", "r0", "1.000")


def test_how_many_are_read_at_once_changes_no_verdict(model, tmp_path):
    texts = [" ".join(WORDS[2 + (number * step) % 14] for step in range(1, 2 + number % 5)) for number in range(60)]
    one, many = (sifted(model, texts, tmp_path, threshold=0.97, batch_size=size) for size in (1, 16))
    assert one == many and {type(verdict) for verdict in one} == {seodang.Keep, seodang.Drop}


def test_texts_without_a_word_and_long_ones_are_read_too(model, tmp_path):
    assert len(sifted(model, ["", "🙂", "서당 " * 5000], tmp_path)) == 3


def test_a_directory_needs_no_network_and_the_hub_is_named():
    assert NoveltyEmbedding(NoveltyEmbedding.Options(encoder="./model")).network == ()
    assert NoveltyEmbedding(NoveltyEmbedding.Options(encoder="owner/model")).network == ("huggingface.co",)


def test_a_directory_without_a_model_is_told_in_both_languages(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(seodang.DataError) as refused:
        sifted(tmp_path / "empty", ["서당"], tmp_path)
    facts = {"model": "./m", "detail": "why"}
    assert refused.value.code == "seodang_embeddings:no-model"
    assert render(refused.value.code, facts, "en") == (
        "The filter novelty-embedding cannot load the model ./m (why). Give a directory (beginning with ./) with config.json, a "
        "tokenizer and .safetensors, or the name of such a model on the hub."
    )
    assert render(refused.value.code, facts, "ko") == (
        "novelty-embedding 필터가 모델 ./m을 불러올 수 없습니다(why). config.json, 토크나이저, .safetensors가 있는 폴더(./로 시작)나 "
        "허브의 그런 모델 이름을 지정하세요."
    )


def test_the_pool_gives_the_nearest_as_a_search_through_all_does():
    chance = numpy.random.default_rng(3)
    vectors = chance.normal(size=(3000, 8)).astype(numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    pool = Pool(0.8)
    for number, vector in enumerate(vectors):
        cosines = vectors[:number] @ vector if number else numpy.zeros(0)
        near = pool.nearest(vector)
        if number and cosines.max() > 0.8:
            assert near is not None and near.name == str(int(cosines.argmax()))
        else:
            assert near is None
        pool.add(vector, str(number))
