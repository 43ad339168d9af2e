"""What is there twice goes, and names what stays: equal texts, near ones in Korean and English, and who of several stays."""

import json
import random
from array import array
from pathlib import Path

import msgspec
import pytest
import seodang
from hypothesis import given, settings
from hypothesis import strategies as st
from seodang.testing import FilterContract, PlainLocale, make_context
from seodang.wording import render
from seodang_filters import Duplicates, duplicates, nearly
from seodang_filters.resemblance import Resemblance
from seodang_filters.values import moment_of

SHARED = Path(__file__).parents[4] / "shared" / "data" / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json"


class TestDuplicates(FilterContract):
    filter = Duplicates


class TestDuplicatesOfDialoguesByLength(FilterContract):
    filter = Duplicates
    options = {"of": "dialogue", "keep": "longest", "threshold": 0.6, "ignore": ["case", "spaces", "punctuation"]}


class TestDuplicatesByScore(FilterContract):
    filter = Duplicates
    options = {"of": "both", "keep": "best", "by": "row", "threshold": 1}


def survivors(records, verdicts):
    return {record.id for record, verdict in zip(records, verdicts, strict=True) if isinstance(verdict, seodang.Keep)}


def grams(text, size=2):
    plain = "".join(text.casefold().split())
    return {plain[place : place + size] for place in range(max(len(plain) - size + 1, 1))}


def jaccard(one, other, size=2):
    mine, others = grams(one, size), grams(other, size)
    return len(mine & others) / len(mine | others)


def test_equal_questions_are_one_whatever_their_case_and_blanks(row, sifted):
    records = [
        row("Python이란  무엇인가요?", "언어", id="a"),
        row("python이란 무엇인가요?", "다른 답", id="b"),
        row("서당은?", id="c"),
    ]
    assert sifted(Duplicates, records) == [
        seodang.Keep(),
        seodang.Drop("duplicate", other="a"),
        seodang.Keep(),
    ]


def test_what_makes_no_difference_can_be_chosen(codes, row):
    records = [row("네!"), row("네"), row("Yes"), row("yes"), row("a b c"), row("abc")]
    assert codes(Duplicates, records) == ["", "", "", "duplicate", "", "duplicate"]
    assert codes(Duplicates, records, ignore=["punctuation"]) == ["", "duplicate", "", "", "", ""]
    assert codes(Duplicates, records, ignore=[]) == [""] * 6


PLANTED = [
    ("우리나라의 전통 명절에 먹는 음식을 다섯 가지 알려 주세요.", "우리나라의 전통 명절에 먹는 음식은 다섯 가지 알려 주세요."),
    ("서당에서 아이들이 배우던 책의 이름과 내용을 설명해 주세요.", "서당에서 아이들이 배운 책의 이름과 내용을 설명해 주세요!"),
    ("지구가 태양 주위를 도는 데 걸리는 시간은 얼마인가요?", "지구는 태양 주위를 도는 데 걸리는 시간이 얼마인가요?"),
    (
        "Explain to a beginner how a bicycle stays upright while moving.",
        "Explain to a beginner how the bicycle stays upright while moving",
    ),
    (
        "Write a short story about a lighthouse keeper and his daughter.",
        "write a short story about a lighthouse keeper and her daughter.",
    ),
]


@pytest.mark.parametrize(("original", "copy"), PLANTED)
def test_copies_with_other_particles_are_found_and_name_their_original(row, sifted, original, copy):
    between = [
        row(f"{number}번 문제: 다음 가운데 {word}에 관한 글을 쓰세요.", id=word) for number, word in enumerate("봄여름가을겨울")
    ]
    verdicts = sifted(Duplicates, [row(original, id="first"), *between, row(copy, id="second")], threshold=0.65)
    size = 2 if "가" <= original[0] <= "힣" else 5
    assert verdicts[-1] == seodang.Drop("near-duplicate", f"{jaccard(original, copy, size):.2f}", other="first")
    assert sifted(Duplicates, [row(original), row(copy)], threshold=1) == [seodang.Keep(), seodang.Keep()]


def test_one_instruction_with_two_inputs_is_two_tasks(codes, row):
    ask = "다음 문장을 영어로 번역하세요."
    records = [row(ask, input="서당에서 글을 배웁니다."), row(ask, input="기차가 늦게 도착했습니다."), row(ask), row(ask)]
    assert codes(Duplicates, records) == ["", "", "", "duplicate"]


def test_answers_both_and_dialogues_are_compared_each_in_their_way(row, codes):
    records = [
        row("하나는?", "같은 답입니다."),
        row("둘은 무엇인가요?", "같은 답입니다."),
        row("하나는?", "다른 말씀을 드립니다."),
    ]
    assert codes(Duplicates, records) == ["", "", "duplicate"]
    assert codes(Duplicates, records, of="answer") == ["", "duplicate", ""]
    assert codes(Duplicates, records, of="both") == ["", "", ""]
    turns = [("user", "안녕하세요?"), ("assistant", "네."), ("user", "서당이 무엇인가요?"), ("assistant", "글방입니다.")]
    long = seodang.Record(messages=tuple(seodang.Message(*turn) for turn in turns))
    short = seodang.Record(messages=long.messages[:2])
    assert codes(Duplicates, [long, short]) == ["", "duplicate"]
    assert codes(Duplicates, [long, short, long], of="dialogue") == ["", "", "duplicate"]


def test_rows_without_the_text_pass(row, codes):
    assert codes(Duplicates, [row("질문"), row("질문 둘"), row("셋", "답"), row("넷", "답")], of="answer") == [
        "",
        "",
        "",
        "duplicate",
    ]
    assert codes(Duplicates, [row("  "), row(""), row("\u200b"), row("?")], ignore=["spaces", "punctuation"]) == [""] * 4


def test_one_sign_and_a_hundred_thousand(row, codes):
    chance = random.Random(1)
    long = "".join(chr(0xAC00 + chance.randrange(3000)) for _ in range(100_000))
    records = [
        row("가"),
        row("나"),
        row("가"),
        row(long),
        row(long[:95_000]),
        row(long[:60_000]),
        row("x" * 100_000),
        row("x" * 90_000),
    ]
    assert codes(Duplicates, records) == ["", "", "duplicate", "", "near-duplicate", "", "", "near-duplicate"]


def test_scripts_without_blanks_are_compared_too(row, codes):
    japanese = [
        "東京から京都まで新幹線でどのくらいかかりますか。",
        "東京から京都まで新幹線ではどのくらいかかりますか?",
        "京都の名物を教えてください。",
    ]
    chinese = ["请写一篇关于春天的短文，不少于三百字。", "请写一篇关于春天的短文,不少于三百字", "请解释什么是光合作用。"]
    assert codes(Duplicates, [row(text) for text in japanese], locale=PlainLocale("ja")) == ["", "near-duplicate", ""]
    assert codes(Duplicates, [row(text) for text in chinese], locale=PlainLocale("zh"), threshold=0.75) == [
        "",
        "near-duplicate",
        "",
    ]


@pytest.mark.parametrize(
    ("keep", "by", "stays"),
    [("first", "", "a"), ("longest", "", "b"), ("newest", "written", "c"), ("best", "score", "d"), ("best", "scores.judge", "a")],
)
def test_who_of_several_stays(row, sifted, keep, by, stays):
    records = [
        row("같은 질문", "짧다", id="a", tags={"scores": {"judge": 9}}, columns={"written": "2021-05-01"}),
        row("같은 질문", "이 답이 가장 깁니다.", id="b", tags={"score": 3}, columns={"written": "2021.4.30."}),
        row("같은 질문", "답", id="c", tags={"score": "2.5"}, columns={"written": "2021년 12월 3일"}),
        row("같은 질문", "답", id="d", tags={"score": 8, "scores": {"judge": 2}}, columns={"written": "unknown"}),
    ]
    verdicts = sifted(Duplicates, records, keep=keep, by=by)
    assert survivors(records, verdicts) == {stays}
    assert {verdict.other for verdict in verdicts if isinstance(verdict, seodang.Drop)} == {stays}


def test_what_stays_for_an_equal_row_may_be_one_that_is_nearly_the_same(row, sifted):
    texts = [PLANTED[0][0], PLANTED[0][1], PLANTED[0][1]]
    records = [row(text, id=str(number), tags={"score": -number}) for number, text in enumerate(texts)]
    verdicts = sifted(Duplicates, records, keep="best", by="score")
    assert [type(verdict) for verdict in verdicts] == [seodang.Keep, seodang.Drop, seodang.Drop]
    assert verdicts[1] == verdicts[2] and verdicts[1].code == "near-duplicate" and verdicts[1].other == "0"


WORDS = ["서당", "아이", "글방", "훈장", "천자문", "아침", "소리", "공부", "마을", "언덕", "문방사우", "붓글씨", "이야기"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_where_scores_decide(tmp_path_factory, texts, chance):
    records = [seodang.single_turn(text, id=str(number), tags={"score": number}) for number, text in enumerate(texts)]
    shuffled = chance.sample(records, len(records))
    capability = Duplicates(Duplicates.Options(keep="best", by="score"))
    context = make_context(Path("."), locale=PlainLocale())
    stay = survivors(records, capability.sift(records, context))
    verdicts = list(capability.sift(shuffled, context))
    assert survivors(shuffled, verdicts) == stay and str(len(texts) - 1) in stay
    for record, verdict in zip(shuffled, verdicts, strict=True):
        if isinstance(verdict, seodang.Drop):
            assert verdict.other in stay and jaccard(texts[int(verdict.other)], record.question) >= 0.8


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=30), st.data())
def test_how_rows_are_cut_into_batches_does_not_matter(texts, data):
    cut = data.draw(st.integers(1, len(texts) - 1))
    whole, parts = Resemblance(0.8, 0, ("spaces",)), Resemblance(0.8, 0, ("spaces",))
    whole.add(texts)
    parts.add(texts[:cut])
    parts.add(texts[cut:])
    wanted = array("d", [0.0] * len(texts))
    assert whole.find(wanted).kept.tolist() == parts.find(wanted).kept.tolist()


def test_nearly_all_planted_copies_are_found_among_thousands(row, codes):
    chance = random.Random(7)
    vocabulary = ["".join(chr(0xAC00 + chance.randrange(0, 11172, 7)) for _ in range(chance.choice((2, 3)))) for _ in range(3000)]
    originals = [" ".join(chance.choices(vocabulary, k=10)) for _ in range(3000)]
    copies = []
    for text in originals[:1500]:
        words = text.split()
        place = chance.randrange(len(words))
        words[place] = words[place][:-1] + chance.choice("은는이가")
        copies.append(" ".join(words))
    meant = [number for number, copy in enumerate(copies) if jaccard(originals[number], copy) >= 0.8]
    found = codes(Duplicates, [row(text) for text in originals + copies])
    assert set(found[:3000]) == {""} and len(meant) > 1000
    assert sum(1 for number in meant if found[3000 + number]) >= 0.97 * len(meant)


def test_rows_of_one_template_are_bounded_and_those_compared_in_part_are_told(row, tmp_path, monkeypatch):
    monkeypatch.setattr(nearly, "CROWDED", 4)
    chance = random.Random(3)
    records = [
        row(
            "다음 낱말로 짧은 글을 지어 보세요: " + "".join(chr(0xAC00 + chance.randrange(11172)) for _ in range(9)),
            id=str(number),
        )
        for number in range(600)
    ]
    context = make_context(tmp_path, locale=PlainLocale("ko"))
    verdicts = list(Duplicates().sift([*records, *records[:50]], context))
    assert [verdict.code for verdict in verdicts[600:]] == ["duplicate"] * 50
    assert 0 < context.figures["partly_compared"] <= 600


def test_a_thousand_variants_of_one_text_leave_one(row, codes):
    chance = random.Random(5)
    base = "서당에서 글을 배우는 아이들은 아침마다 소리 내어 책을 읽고 저녁에는 붓으로 글씨를 씁니다"
    texts = []
    for _ in range(1000):
        signs = list(base)
        signs[chance.randrange(len(signs))] = chr(0xAC00 + chance.randrange(11172))
        texts.append("".join(signs))
    assert sum(1 for code in codes(Duplicates, [row(base), *map(row, texts)]) if not code) == 1


def test_memory_is_asked_for_by_the_batch(row, monkeypatch, tmp_path):
    monkeypatch.setattr(duplicates, "BATCH_SIGNS", 50)
    context = make_context(tmp_path, locale=PlainLocale("ko"))
    records = [row("가" * 30 + str(number), id=str(number)) for number in range(10)]
    list(Duplicates(Duplicates.Options(threshold=1)).sift(records, context))
    assert len(context.progressed) == 5


def test_a_run_that_is_asked_to_stop_stops(row, tmp_path):
    context = make_context(tmp_path, locale=PlainLocale("ko"), stopping=lambda: True)
    with pytest.raises(seodang.Interrupted):
        list(Duplicates().sift([row("하나")], context))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2021-05-01", 1619827200.0),
        ("2021.5.1", 1619827200.0),
        ("2021. 5. 1. 09:30", 1619861400.0),
        ("2021년 5월 1일", 1619827200.0),
        ("2021-05-01T09:00:00+09:00", 1619827200.0),
        (1619827200, 1619827200.0),
    ],
)
def test_dates_are_read_as_people_write_them(value, expected):
    assert moment_of(value) == expected


@pytest.mark.parametrize("value", ["yesterday", "2021.13.40", "", None, ["2021"], float("nan")])
def test_what_is_no_date_comes_last(value):
    assert moment_of(value) != moment_of(value)


def test_a_misspelt_name_is_refused_with_the_names_there_are(row, sifted):
    with pytest.raises(seodang.DataError) as raised:
        sifted(Duplicates, [row("하나", tags={"score": 1}, columns={"written": "2021-05-01"})], keep="best", by="socre")
    facts = raised.value.facts
    assert render(raised.value.code, facts, "en") == (
        "No row says anything that can be used under 'socre'. Tags and columns of the first rows: source, language, score, written. "
        "Correct the name."
    )
    assert render(raised.value.code, facts, "ko") == (
        "'socre' 이름으로 쓸 수 있는 값을 가진 행이 없습니다. 처음 행들의 태그와 열: source, language, score, written. 이름을 고치세요."
    )
    assert sifted(Duplicates, [], keep="best", by="socre") == []


def test_by_belongs_to_newest_and_best():
    for options in ({"keep": "best"}, {"by": "score"}):
        with pytest.raises(msgspec.ValidationError, match="belongs to these two only"):
            msgspec.convert(options, Duplicates.Options)


RECIPE = """
[recipe]
name = "twins"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
filter = "duplicates"
keep = "longest"
"""


def test_a_run_counts_its_drops_and_shows_whom_they_collided_with(run_recipe):
    rows = [{"instruction": PLANTED[0][0], "output": "떡국"}, {"instruction": PLANTED[0][1], "output": "떡국, 송편, 전"}]
    run = run_recipe(RECIPE, files={"rows.jsonl": "\n".join(json.dumps(row) for row in rows * 2)})
    assert run.ok, run.error
    assert [record.answer for record in run.records("duplicates")] == ["떡국, 송편, 전"]
    assert run.manifest("duplicates").dropped == {"duplicate": 1, "near-duplicate": 2}


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_file(), reason=f"the shared data is not at {SHARED}")
def test_what_koalpaca_has_twice(row, sifted):
    rows = json.loads(SHARED.read_text(encoding="utf-8"))
    records = [row(each["instruction"], each["output"], input=each["input"], id=str(number)) for number, each in enumerate(rows)]
    drops = {number: drop for number, drop in enumerate(sifted(Duplicates, records)) if isinstance(drop, seodang.Drop)}
    assert drops[4454] == seodang.Drop("near-duplicate", "0.83", other="12")
    # A limit that is documented: one long input under two short instructions.
    assert set(drops) == {1222, 4454} and (drops[1222].detail, drops[1222].other) == ("0.87", "1216")
    answers = [
        verdict.code for verdict in sifted(Duplicates, records, of="answer", threshold=1) if isinstance(verdict, seodang.Drop)
    ]
    assert answers == ["duplicate"] * len(answers) and len(answers) == 18
