"""Options, splitting, messages, and a whole run."""

import json

import msgspec
import pytest
import seodang
from seodang.testing import SeedsContract, make_context
from seodang.wording import render
from seodang_sharegpt import ShareGPTSeeds
from seodang_sharegpt.splitting import counter

ROWS = [
    {"id": "a", "conversations": [{"from": "human", "value": "안녕"}, {"from": "gpt", "value": "<p>안녕하세요</p>"}]},
    {"conversations": [{"from": "user", "value": "둘"}, {"from": "assistant", "value": "2"}]},
]
LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)


class TestRepaired(SeedsContract):
    seeds = ShareGPTSeeds
    options = {"path": "*.jsonl", "licence": "CC0-1.0", "identity": {"name": "서당이", "author": "마을", "repeat": 2}}
    files = {"a.jsonl": LINES, "b.jsonl": LINES.replace("안녕", "잘 가")}
    language = "ko"


class TestFaithful(SeedsContract):
    seeds = ShareGPTSeeds
    options = {"path": "rows.jsonl", "mode": "faithful", "max_tokens": 200}
    files = {"rows.jsonl": LINES.replace("안녕", "안녕하십니까, 여러분")}


@pytest.fixture
def split(tmp_path):
    def split(texts, **options):
        turns = [{"from": ("human", "gpt")[place % 2], "value": text} for place, text in enumerate(texts)]
        row = {"id": "long", "system": options.pop("system", ""), "conversations": turns}
        (tmp_path / "rows.json").write_text(json.dumps([row], ensure_ascii=False), encoding="utf-8")
        made = msgspec.convert({"path": "rows.json", **options}, ShareGPTSeeds.Options)
        context = make_context(tmp_path, options=made, language="ko")
        return list(ShareGPTSeeds(made).read(context)), [*context.quarantined, *context.dropped]

    return split


def test_every_round_is_in_exactly_one_piece_the_last_one_too(split):
    texts = [f"{number}{'가' * 9}" for number in range(10)]
    records, asides = split(texts, max_tokens=70)
    assert [message.text for record in records for message in record.messages] == texts and not asides
    assert [len(record.messages) for record in records] == [4, 4, 2]
    assert [(record.tags["dialogue"], record.tags["part"], record.tags["parts"]) for record in records] == [
        ("long", 1, 3), ("long", 2, 3), ("long", 3, 3)
    ]  # fmt: skip
    assert [record.columns["id"] for record in records] == ["long_0", "long_4", "long_8"]


def test_a_dialogue_that_fits_is_no_piece(split):
    (record,), _ = split(["a", "b"], max_tokens=70)
    assert record.columns["id"] == "long" and "part" not in record.tags


def test_every_piece_begins_with_the_system(split):
    records, _ = split(["a" * 20, "b" * 20] * 2, max_tokens=80, system="짧게 답하세요.")
    assert [record.messages[0].text for record in records] == ["짧게 답하세요."] * 2


def test_a_round_that_is_too_long_is_set_aside_or_stands_alone(split):
    texts = ["하나", "1", "둘", "나" * 90, "셋", "3"]
    records, asides = split(texts, max_tokens=50)
    assert [record.messages[0].text for record in records] == ["하나", "셋"]
    assert [(aside.code, aside.where, aside.detail) for aside in asides] == [
        ("too-long", "rows.json[0]", "turns 3 to 4 are one round of more than 50")
    ]
    records, asides = split(texts, max_tokens=50, long_rounds="keep")
    assert [record.tags.get("too_long", False) for record in records] == [False, True, False] and not asides


def test_tokens_are_counted_by_a_tokenizer_of_this_machine(split, tmp_path):
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    (tmp_path / "model").mkdir()
    made.save(str(tmp_path / "model" / "tokenizer.json"))
    texts = ["말 " * 10, "답 " * 10, "말 " * 10, "답 " * 10]
    records, _ = split(texts, max_tokens=40, tokenizer_path="model/tokenizer.json")
    assert [len(record.messages) for record in records] == [2, 2]
    (record,), _ = split(texts, max_tokens=64, tokenizer_path="model/tokenizer.json")
    assert len(record.messages) == 4


def test_a_tokenizer_that_is_not_there_is_named(tmp_path):
    pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(seodang.DataError) as refused:
        counter("characters", [tmp_path / "tokenizer.json"], special=False)
    assert refused.value.code == "seodang_sharegpt:no-tokenizer" and str(tmp_path) in str(refused.value)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"tokenizer": "gpt2"}, "without max_tokens"),
        ({"tokenizer_path": "t.json"}, "without max_tokens"),
        ({"tokenizer": "gpt2", "tokenizer_path": "t.json", "max_tokens": 9}, "two tokenizers"),
        ({"mode": "fast"}, "Invalid enum value"),
        ({"identity": {"name": "x"}}, "author"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options, problem):
    with pytest.raises(msgspec.ValidationError, match=problem):
        msgspec.convert({"path": "a", **options}, ShareGPTSeeds.Options)


def test_only_a_tokenizer_of_the_hub_needs_the_network():
    assert ShareGPTSeeds(ShareGPTSeeds.Options(path="a")).network == ()
    assert ShareGPTSeeds(ShareGPTSeeds.Options(path="a", tokenizer="gpt2", max_tokens=9)).network == ("huggingface.co",)


@pytest.mark.parametrize(
    ("code", "facts", "english", "korean"),
    [
        (
            "not-faithful",
            {"options": ["html", "blocked"]},
            "mode = 'faithful' knows no html, blocked",
            "mode = 'faithful'에는 html, blocked 옵션이 없습니다",
        ),
        (
            "nothing-to-count",
            {},
            "a tokenizer counts nothing without max_tokens",
            "max_tokens가 없으면 토크나이저로 셀 것이 없습니다",
        ),
        (
            "two-tokenizers",
            {},
            "tokenizer and tokenizer_path name two tokenizers",
            "tokenizer와 tokenizer_path가 서로 다른 토크나이저를 가리킵니다",
        ),
        (
            "needs-detector",
            {},
            "mode = 'faithful' decides about languages with pycld2, which is not installed. Run: pip install "
            "'seodang-sharegpt[faithful]'",
            "mode = 'faithful'는 pycld2로 언어를 판별하는데 설치되어 있지 않습니다. 다음 명령을 실행하세요: pip install "
            "'seodang-sharegpt[faithful]'",
        ),
        (
            "needs-transformers",
            {"tokenizer": "gpt2"},
            "Counting with the tokenizer 'gpt2' needs transformers. Run: pip install 'seodang-sharegpt[tokenizer]', or write "
            "tokenizer = 'characters'.",
            "토크나이저 gpt2로 세려면 transformers가 필요합니다. pip install 'seodang-sharegpt[tokenizer]'를 실행하거나 "
            "tokenizer = 'characters'라고 적으세요.",
        ),
        (
            "no-tokenizer",
            {"tokenizer": "model", "detail": "no such file"},
            "The tokenizer 'model' cannot be loaded: no such file. Name a model of the hub in tokenizer = …, or a file of its "
            "directory in tokenizer_path = …",
            "토크나이저 model을 불러올 수 없습니다: no such file. tokenizer = …에 허브의 모델 이름을 적거나, "
            "tokenizer_path = …에 토크나이저 디렉터리 안의 파일을 적으세요.",
        ),
    ],
)
def test_what_it_says(code, facts, english, korean):
    assert render(f"seodang_sharegpt:{code}", facts, "en") == english
    assert render(f"seodang_sharegpt:{code}", facts, "ko") == korean
