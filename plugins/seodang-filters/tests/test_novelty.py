"""Novelty as a recipe has it: Self-Instruct's rule on rows in order, what it is compared with, and what it refuses."""

import json
import sys
from pathlib import Path

import pytest
import seodang
from seodang.errors import SeodangError
from seodang.testing import FilterContract, PlainLocale, make_context
from seodang.verdicts import Stage
from seodang.wording import render
from seodang_filters import Novelty
from seodang_filters.tokens import bigrams, rouge_tokens, words

SHARED = Path(__file__).parents[4] / "shared" / "data"


SEEDS = Stage(1, "seeds", "seeds", "handcrafted", "seodang-handcrafted", (), (), (), (), False)


class TestNovelty(FilterContract):
    filter = Novelty


class TestNoveltyAsPublished(FilterContract):
    filter = Novelty
    options = {"tokens": "rouge", "threshold": 0.7}


class TestNoveltyOfWordsAgainstSeeds(FilterContract):
    filter = Novelty
    options = {"tokens": "words", "against": ["seeds.jsonl"], "with_input": True, "ties": "integer"}
    files = {"seeds.jsonl": '{"instruction": "What is the capital of France?"}\n'}


@pytest.fixture
def drops(sifted):
    """The numbers of the rows that go."""

    def of(questions, *, language="ko", **options):
        rows = [seodang.single_turn(question, id=str(number), source="test") for number, question in enumerate(questions)]
        verdicts = sifted(Novelty, rows, language=language, **options)
        return [number for number, verdict in enumerate(verdicts) if isinstance(verdict, seodang.Drop)]

    return of


def steps_after(context, steps=()):
    context.steps = tuple(steps)
    return context


@pytest.fixture
def context_of(tmp_path, installed):
    def make(filter, language="ko", **changes):
        return steps_after(make_context(tmp_path, language=language, options=filter.options, offers=installed), **changes)

    return make


def test_a_row_goes_when_it_is_like_one_that_stayed_and_names_it(row, sifted):
    records = [
        row("서울의 유명한 관광지를 추천해 주세요.", id="a"),
        row("부산의 날씨를 알려 주세요.", id="b"),
        row("서울의 유명한 관광지를 추천해 주세요!", id="c"),
        row("서울의 유명한 관광지를 두 곳 추천해 주세요.", id="d"),
    ]
    kept_a, kept_b, same, near = sifted(Novelty, records)
    assert kept_a == kept_b == seodang.Keep()
    assert same == seodang.Drop("too-similar", "1.000", other="a")
    assert (near.code, near.other) == ("too-similar", "a") and 0.7 < float(near.detail) < 1


def test_only_rows_that_stayed_are_compared_with(drops):
    """The third is like the second, which is gone; so it stays."""
    first, second, third = "a b c d e f g h i j", "a b c d e f g h x y", "a b c d e f z z x y"
    assert drops([first, second, third], language="en") == [1]


def test_at_the_threshold_a_row_goes_as_rounding_falls_or_stays(drops):
    """F1 is 0.7 of 10 and 10 tokens, and of 7 and 13; of these, rounding makes 0.7000000000000001."""
    ten, seven = "a b c d e f g h i j", "a b c d e f g"
    assert drops([ten, "a b c d e f g x y z"], language="en", tokens="rouge", threshold=0.7) == []
    thirteen = "a b c d e f g 1 2 3 4 5 6"
    assert drops([seven, thirteen], language="en", tokens="rouge", threshold=0.7) == [1]
    assert drops([seven, thirteen], language="en", tokens="rouge", threshold=0.7, ties="integer") == []


def test_the_instruction_is_compared_and_the_input_where_that_is_wanted(row, sifted):
    records = [
        row("다음 문장을 영어로 옮기세요.", input="봄이 왔습니다. 꽃이 핍니다.", id="a"),
        row("다음 문장을 영어로 옮기세요.", input="기차는 아홉 시에 부산으로 떠났다.", id="b"),
    ]
    assert [type(verdict) for verdict in sifted(Novelty, records)] == [seodang.Keep, seodang.Drop]
    assert [type(verdict) for verdict in sifted(Novelty, records, with_input=True)] == [seodang.Keep, seodang.Keep]


def test_rows_without_tokens_are_compared_as_texts_and_empty_ones_with_nothing(drops):
    assert drops(["ㅋㅋ", "??", "!!", "??", "", ""], tokens="words") == [3]
    assert drops(["??", "??"], tokens="words", threshold=1.0) == []
    # rouge_score gives a text without tokens 0 against everything, itself included.
    assert drops(["서당이란?", "서당이란?", "what is it", "what is it"], tokens="rouge") == [3]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("", [1, 2]), ("words", [2]), ("bigrams", [1, 2]), ("rouge", [])],
)
def test_the_tokens_decide_what_is_alike(drops, kind, expected):
    """A changed particle is another word and nearly the same bigrams."""
    questions = ["조선의 서당을 설명하세요", "조선 서당에 설명하세요", "조선의 서당을 설명하세요.", "고려청자는 무엇인가요?"]
    assert drops(questions, tokens=kind, threshold=0.6) == expected


def test_what_the_kinds_make_of_a_text():
    assert rouge_tokens("Don't  PANIC_3, 서당!") == ["don", "t", "panic", "3"]
    assert words("Don't PANIC·서당 ＡＢ") == ["don", "t", "panic", "서당", "ａｂ"]
    assert bigrams("서당에서 a bc") == ["서당", "당에", "에서", "a", "bc"]
    assert words("") == bigrams(" ?! ") == rouge_tokens("서당") == []


def test_rows_of_files_and_of_seeds_count_before_the_first(row, context_of, tmp_path):
    (tmp_path / "seeds.jsonl").write_text(
        '{"instruction": "서울의 명소를 세 곳 알려 주세요."}\n'
        '{"messages": [{"role": "system", "content": "간단히"}, {"role": "user", "content": "김치찌개를 끓이는 순서는?"}]}\n',
        encoding="utf-8",
    )
    records = [
        row("김치찌개를 끓이는 순서는요?", id="a", source="taught"),
        row("겨울 바다에 관한 시를 쓰세요.", id="b", source="taught"),
        row("겨울 바다에 관한 시를 쓰세요!", id="c", source="seeds"),
        row("겨울 바다에 관한 시를 쓰세요?", id="d", source="seeds"),
    ]
    novelty = Novelty(Novelty.Options(against=("seeds.jsonl",), standing=("seeds",)))
    context = context_of(novelty, steps=[SEEDS])
    first, second, third, fourth = novelty.sift(records, context)
    assert first.code == "too-similar" and first.other == "seeds.jsonl:2: 김치찌개를 끓이는 순서는?"
    assert second == seodang.Drop("too-similar", "1.000", other="c")
    assert third == fourth == seodang.Keep()
    assert context.figures == {"tokenizer": f"ko {type(context.locale).revision}", "compared_with": 4, "without_tokens": 0}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "has no instruction to compare with: no column instruction, question, prompt or messages. Its columns: answer."),
        ("ko", "에 비교할 지시문이 없습니다. instruction, question, prompt, messages 열이 없습니다. 있는 열: answer."),
    ],
)
def test_a_file_without_instructions_is_refused(context_of, tmp_path, language, said):
    (tmp_path / "seeds.jsonl").write_text('{"answer": "42"}\n', encoding="utf-8")
    novelty = Novelty(Novelty.Options(against=("seeds.jsonl",)))
    with pytest.raises(SeodangError) as caught:
        list(novelty.sift([], context_of(novelty)))
    assert render(caught.value.code, caught.value.facts, language).endswith(said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Step test: standing names seed, and no seeds step is called so. Seeds steps: seeds."),
        ("ko", "test 단계: standing에 적힌 seed 이름의 seeds 단계가 없습니다. seeds 단계: seeds."),
    ],
)
def test_a_seeds_step_that_is_not_there_is_named(context_of, language, said):
    novelty = Novelty(Novelty.Options(standing=("seed",)))
    with pytest.raises(SeodangError) as caught:
        list(novelty.sift([], context_of(novelty, steps=[SEEDS])))
    assert render(caught.value.code, caught.value.facts, language) == said


@pytest.mark.parametrize(("tokens", "code"), [("rouge", "no-tokens-rouge"), ("words", "no-tokens-other")])
def test_rows_that_cannot_be_compared_are_told_loudly(row, context_of, tokens, code):
    rows = [row("서당이란?" if tokens == "rouge" else "?!", id=str(number)) for number in range(3)] + [row("a b c", id="z")]
    novelty = Novelty(Novelty.Options(tokens=tokens, threshold=0.7))
    context = context_of(novelty)
    list(novelty.sift(rows, context))
    assert context.figures["without_tokens"] == 3
    facts = {"step": "test", "rows": 4, "without": 3, "language": "ko"}
    assert context.warned == [render(f"seodang_filters:{code}", facts)]


@pytest.mark.parametrize(
    ("code", "english", "korean"),
    [
        (
            "no-tokens-rouge",
            'Step novelty: 4,850 of 5,710 rows have no token, because tokens = "rouge" knows Latin letters and digits only. Such a row '
            'is like no other, so it was kept unseen. For \'ko\' leave tokens out, or use "words" or "bigrams".',
            'novelty 단계: 5,710행 가운데 4,850행에 토큰이 없습니다. tokens = "rouge"는 로마자와 숫자만 알기 때문입니다. 그런 행은 무엇과도 '
            '비슷하지 않다고 보므로 비교 없이 남았습니다. 언어가 \'ko\'이면 tokens를 빼거나 "words", "bigrams"를 쓰세요.',
        ),
        (
            "no-tokens-other",
            "Step novelty: 4,850 of 5,710 rows have no token, so they were compared for equality only. Are these the rows that were "
            "meant, and is 'ko' their language?",
            "novelty 단계: 5,710행 가운데 4,850행에 토큰이 없어 똑같은지만 비교했습니다. 이 행들이 맞는지, 행의 언어가 'ko'인지 확인하세요.",
        ),
    ],
)
def test_what_is_told(code, english, korean):
    facts = {"step": "novelty", "rows": 5710, "without": 4850, "language": "ko"}
    assert render(f"seodang_filters:{code}", facts, "en") == english
    assert render(f"seodang_filters:{code}", facts, "ko") == korean


def test_rows_in_another_language_are_words_and_do_no_harm(drops):
    questions = [
        "서울은 어디인가요?",
        "Where is Seoul on the map?",
        "Where is Seoul on a map?",
        "首尔在哪里？",
        "ソウルはどこですか。",
    ]
    assert drops(questions) == [2]
    assert drops([]) == []
    assert drops(["서", "서", "a", "A", "b"]) == [1, 3]


def test_a_row_of_a_hundred_thousand_tokens_passes(drops):
    long = " ".join(f"낱말{number % 3000}" for number in range(50_000))
    assert drops([long, f"{long} 끝", "낱말 하나"]) == [1]


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_out_of_range_is_no_option(threshold):
    from seodang.recipes.options import build_options

    (problem,) = build_options(Novelty, {"threshold": threshold}).problems
    assert "threshold" in str(problem)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The filter novelty needs limits['similarity-percent'] of the locale 'xx', which it does not have."),
        ("ko", "novelty 필터에는 로케일 'xx'의 limits['similarity-percent']"),
    ],
)
def test_a_locale_without_the_limit_is_refused_unless_the_step_names_one(sifted, row, language, said):
    with pytest.raises(SeodangError) as caught:
        sifted(Novelty, [row("a")], language="xx", locale=PlainLocale("xx"))
    assert render(caught.value.code, caught.value.facts, language).startswith(said)
    assert sifted(Novelty, [row("a")], language="xx", locale=PlainLocale("xx"), threshold=0.7) == [seodang.Keep()]


def test_morphemes_drop_what_differs_in_endings_only(drops):
    pytest.importorskip("kiwipiepy")
    questions = [
        "서울의 유명한 관광지를 추천해 주세요.",
        "서울에서 유명한 관광지는 어디인지 추천해 줄래?",
        "프랑스의 수도는 무엇인가요?",
        "다음 관용구의 의미는 무엇인가요?",
    ]
    assert drops(questions, tokens="morphemes") == [1]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "novelty: tokens = \"morphemes\" needs kiwipiepy, which is not installed. pip install 'seodang-filters[morphemes]', or "
            "leave tokens out: the locale's own need nothing.",
        ),
        (
            "ko",
            "novelty: tokens = \"morphemes\"에는 kiwipiepy가 필요한데 설치되어 있지 않습니다. pip install 'seodang-filters[morphemes]'를 "
            "실행하거나 tokens를 빼세요. 로케일의 토큰에는 아무것도 필요 없습니다.",
        ),
    ],
)
def test_without_kiwipiepy_it_is_said_what_to_install(monkeypatch, sifted, row, language, said):
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(SeodangError) as caught:
        sifted(Novelty, [row("서당")], tokens="morphemes")
    assert render(caught.value.code, caught.value.facts, language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            'novelty: tokens = "morphemes" takes Korean apart, and the recipe\'s language is \'en\'. Use "words" or "bigrams", or '
            "leave tokens out for what the locale counts.",
        ),
        (
            "ko",
            'novelty: tokens = "morphemes"는 한국어를 나누는데 레시피의 언어는 \'en\'입니다. "words"나 "bigrams"를 쓰거나, tokens를 빼서 '
            "로케일의 토큰을 쓰세요.",
        ),
    ],
)
def test_morphemes_of_other_languages_are_refused(sifted, row, language, said):
    with pytest.raises(SeodangError) as caught:
        sifted(Novelty, [row("school")], tokens="morphemes", language="en")
    assert render(caught.value.code, caught.value.facts, language) == said


def test_a_lesson_asks_and_adds_one_by_one(context_of):
    context = context_of(Novelty())
    pool = context.get("filter", "novelty", tokens="rouge", threshold=0.7).pool(context)
    assert pool.nearest("Write a poem about the sea") is None and len(pool) == 0
    pool.add("Write a poem about the sea")
    pool.add("Name three rivers of Korea", "seed_7")
    near = pool.nearest("Write a poem about the red sea")
    assert (near.name, round(near.score, 3)) == ("Write a poem about the sea", 0.923)
    assert pool.nearest("Explain how bread is made") is None and len(pool) == 2


def test_the_mean_and_the_most_similar_are_those_that_self_instruct_keeps(context_of):
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"], use_stemmer=False)
    numpy = pytest.importorskip("numpy")
    context = context_of(Novelty())
    pool = context.get("filter", "novelty", tokens="rouge").pool(context)
    assert pool.similarity("anything").mean == 0.0 and pool.similarity("anything").nearest == ()
    said = [f"{verb} {noun} of {place}{end}" for verb in ("name", "describe") for noun in ("the rivers", "a bridge near the sea")
            for place in ("korea", "the north") for end in ("", " in ten words", " and " + "so on " * 70)]  # fmt: skip
    for text in said:
        pool.add(text)
    for asked in ("name a river of the north", "describe the sea", "so on " * 90, "서당"):
        scores = [scorer.score(other, asked)["rougeL"].fmeasure for other in said]
        found = pool.similarity(asked)
        assert found.mean == float(numpy.mean(scores))
        assert [near.score for near in found.nearest] == sorted(scores, reverse=True)[:10]
        assert [said.index(near.name) for near in found.nearest] == numpy.argsort(scores)[-10:][::-1].tolist()


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
def test_real_rows_are_decided_as_rouge_score_decides_them(drops):
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"], use_stemmer=False)
    path = SHARED / "stanford_alpaca" / "alpaca_sample_0000_0999.json"
    seeds = [
        json.loads(line) for line in (SHARED / "self_instruct" / "seed_tasks.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    texts = [row["instruction"] for row in [*json.loads(path.read_text(encoding="utf-8"))[:250], *seeds[:60]]]
    texts += [text.replace("the", "this").replace("following", "next") for text in texts[::2]]
    kept, gone = [], []
    for number, text in enumerate(texts):
        if max((scorer.score(other, text)["rougeL"].fmeasure for other in kept), default=0) > 0.7:
            gone.append(number)
        else:
            kept.append(text)
    assert drops(texts, language="en", tokens="rouge", threshold=0.7) == gone
    assert len(gone) > 20


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
@pytest.mark.parametrize(
    ("kind", "expected"), [("rouge", (200, 300)), ("words", (30, 45)), ("", (60, 130)), ("bigrams", (60, 130))]
)
def test_real_korean_rows_are_hardly_seen_by_latin_words(drops, kind, expected):
    path = SHARED / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json"
    texts = [row["instruction"] for row in json.loads(path.read_text(encoding="utf-8"))[:3000]]
    assert expected[0] <= len(drops(texts, tokens=kind)) <= expected[1]
