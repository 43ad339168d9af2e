"""Rows in which an evaluation's items stand do not come through, and the figures tell which items and how much of them."""

import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import FilterContract, make_context
from seodang_filters import Decontaminate
from seodang_filters.bare import Baring, barings
from seodang_filters.overlap import Overlap

ITEM = "광복절은 일제 강점기에서 벗어난 날을 기념하는 국경일인가요?"
CHANGED = "광복절이 일제 강점기에 벗어난 날도 기념하는 국경일인가요"
SHORT = "컵에 얼음을 가득 담았다."
LONG = (
    "한강은 태백산맥에서 시작하여 서해로 흘러드는 강이다. 길이는 오백 킬로미터에 가깝고, 유역에는 나라 인구의 절반이 산다. "
    "예로부터 뱃길로 쓰였으며 지금은 여러 댐이 물을 가두어 전기를 만든다."
)
BENCHMARK = "".join(json.dumps({"question": text, "label": "맞음"}, ensure_ascii=False) + "\n" for text in (ITEM, SHORT, LONG))


class TestDecontaminate(FilterContract):
    filter = Decontaminate
    options = {"against": ["benchmark.jsonl"]}
    files = {"benchmark.jsonl": BENCHMARK}


class TestDecontaminateInKorean(TestDecontaminate):
    language = "ko"
    records = (seodang.single_turn(ITEM, "네, 그렇습니다.", id="1"), seodang.single_turn("시를 써 주세요.", id="2"))


@pytest.fixture
def sift(tmp_path):
    """The verdicts on texts and the figures, against the items of an evaluation."""

    def sift(*rows, texts=(ITEM, SHORT, LONG), held_out=(), language="ko", files=None, **options):
        for name, content in (files or {}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        capability = Decontaminate(msgspec.convert(options, Decontaminate.Options))
        context = make_context(
            tmp_path,
            language=language,
            options=capability.options,
            step="decontaminate",
            held_out=held_out,
            evaluation_texts=[("exam", text) for text in texts],
        )
        records = [row if isinstance(row, seodang.Record) else seodang.single_turn(row) for row in rows]
        return list(capability.sift(records, context)), context.figures

    return sift


def told(verdicts):
    """Which item each row was dropped for, and how much of it stands there."""
    return [
        f"{verdict.other.partition(': ')[0]} ({verdict.detail})" if isinstance(verdict, seodang.Drop) else ""
        for verdict in verdicts
    ]


@pytest.mark.parametrize(
    "row",
    [
        ITEM,
        f"다음 질문에 답하세요: {ITEM}",
        CHANGED,
        ITEM.replace(" ", ""),
        "광복절은 일제 강점기에서 벗어난 날을 기념하는",
        "ｇ " + ITEM.replace("?", "？"),
        f"  {ITEM[:12]}\n\n{ITEM[12:]} ",
        seodang.single_turn("아래에 답하세요.", "네.", input=ITEM),
        seodang.single_turn("퀴즈를 내 주세요.", f"좋습니다. {ITEM}"),
    ],
)
def test_an_item_is_found_whole_cut_and_with_other_particles(sift, row):
    (verdict,), _ = sift(row)
    assert isinstance(verdict, seodang.Drop) and verdict.code == "contaminated"
    assert 0.5 <= float(verdict.detail) <= 1 and verdict.other == f"exam 1: {ITEM}"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (SHORT, True),
        ("컵이 얼음도 가득 담았다", True),
        ("어제 컵에 얼음을 가득 담았다. 그리고 마셨다.", True),  # whole, between words
        ("컵에 얼음을 가득 담았다고 한다.", False),
        ("컵에 얼음을 가득", True),  # a clause of its own that lacks its end
        ("컵에 얼음을 가득 담아 두면 금방 차가워진다.", False),
    ],
)
def test_a_short_item_stands_there_whole_or_as_a_clause(sift, row, found):
    verdicts, _ = sift(row)
    assert told(verdicts) == ["exam 2 (1.00)" if found and "담았다" in row else "exam 2 (0.70)" if found else ""]


def test_a_very_short_item_stands_alone(sift):
    verdicts, _ = sift(
        "배가 고프다.",
        "나는 배가 고프다고 했다.",
        "그는 배가 고프다 싶었다.",
        "그는 말했다. “배가 고프다.”",
        texts=["배가 고프다."],
    )
    assert told(verdicts) == ["exam 1 (1.00)", "", "", "exam 1 (1.00)"]


def test_half_of_a_long_item_is_enough_and_less_is_reported(sift):
    words = LONG.split()
    half, third = " ".join(words[: len(words) * 6 // 10]), " ".join(words[:6])
    verdicts, figures = sift(half, third, "강을 건너는 다리를 놓아 주세요.")
    assert [isinstance(verdict, seodang.Drop) for verdict in verdicts] == [True, False, False]
    assert figures["contaminated"] == {"exam": 1} and figures["compared"] == {"exam": 3}
    assert figures["reached"] == {"exam": {"any": 1, "0.3": 1, "0.5": 1, "0.8": 0, "1": 0}}
    _, alone = sift(third)
    assert alone["contaminated"] == {"exam": 0} and alone["reached"]["exam"]["any"] == 1
    assert (
        list(alone["items"]) == ["exam 3"]
        and alone["items"]["exam 3"]["rows"] == 0
        and 0 < alone["items"]["exam 3"]["share"] < 0.5
    )


def test_thresholds_are_the_recipes(sift):
    cut = " ".join(LONG.split()[:15])
    assert told(sift(cut, threshold=0.3)[0]) != [""] and told(sift(cut, threshold=0.9)[0]) == [""]
    assert sift(cut, threshold=0.3)[1]["reached"]["exam"].keys() >= {"0.3"}
    for wrong in (0, 1.5):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"threshold": wrong}, Decontaminate.Options)


def test_labels_and_prompts_of_a_file_are_no_items(sift):
    """What stands in many rows of a column is said by everybody; the answer 〈False.〉 is no theft."""
    asked = [f"{number}번 문제에서 {letter}는 무엇을 하는 사람인가요?" for number, letter in enumerate("가나다라마바사")]
    lines = [["ID", "Prompt", "Question", "Answer"], *([str(number), ITEM, text, "False"] for number, text in enumerate(asked))]
    files = {"BoolQ/test.tsv": "\r\n".join("\t".join(line) for line in lines) + "\r\n"}
    verdicts, figures = sift(ITEM, "False.", asked[3], texts=(), files=files, against=["*/test.tsv"])
    assert told(verdicts) == ["", "", "BoolQ/test.tsv:5 Question (1.00)"]
    assert figures["compared"] == {"BoolQ/test.tsv": 7} and figures["too-short"] == {"BoolQ/test.tsv": 2}


def test_columns_and_places_of_files(sift):
    rows = [["ID", "Text", "Question"], ["1", LONG, ITEM], ["2", "다른 문단이 여기에 조금 길게 적혀 있습니다.", SHORT]]
    files = {"BoolQ/test.tsv": "".join("\t".join(row) + "\n" for row in rows)}
    verdicts, figures = sift(ITEM, SHORT, LONG, texts=(), files=files, against=["*/test.tsv"], columns=["Question"])
    assert told(verdicts) == ["BoolQ/test.tsv:2 Question (1.00)", "BoolQ/test.tsv:3 Question (1.00)", ""]
    assert verdicts[0].other == f"BoolQ/test.tsv:2 Question: {ITEM}"
    assert figures["items"]["BoolQ/test.tsv:3 Question"] == {"rows": 1, "share": 1.0}


def test_choices_and_dialogues_in_a_file_are_texts_too(sift):
    rows = [
        {"id": "a-1", "choices": [SHORT, "서울"], "turns": [{"role": "user", "text": ITEM}], "link": "https://example.org/one"}
    ]
    files = {"questions.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)}
    verdicts, figures = sift(ITEM, SHORT, "서울", texts=(), files=files, against=["questions.jsonl"])
    assert [bool(each) for each in told(verdicts)] == [True, True, False]
    assert sum(figures["too-short"].values()) == 3  # 서울, user, a-1


def test_what_was_held_out_is_looked_for(sift):
    held = seodang.single_turn(ITEM, "네, 그렇습니다. 기념식이 열립니다.", id="h1")
    verdicts, figures = sift(CHANGED, "네, 그렇습니다. 기념식이 열립니다.", texts=(), held_out=[held])
    assert told(verdicts) == ["held-out h1 (1.00)", ""]
    assert figures["compared"] == {"held-out": 1}


def test_languages_without_endings_are_compared_as_they_are(sift):
    item = "The capital of Iceland was founded by a man whose name means smoke."
    verdicts, _ = sift(
        "the CAPITAL of Iceland -- was founded by a man whose name",
        "A man whose name means smoke is rare.",
        texts=[item],
        language="en",
    )
    assert [bool(each) for each in told(verdicts)] == [True, False]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (
            "en",
            "Step decontaminate has nothing to compare with: no evaluation of the recipe names its texts, no file is named in",
        ),
        (
            "ko",
            "decontaminate 단계에 비교할 것이 없습니다. 문항을 밝히는 평가도, against에 적힌 파일도, 따로 떼어 둔 행도 없습니다.",
        ),
    ],
)
def test_nothing_to_compare_with_is_an_error(sift, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as error:
        sift(ITEM, texts=())
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("language", "options", "content", "message"),
    [
        ("en", {"against": ["gone.tsv"]}, BENCHMARK, 'against = "gone.tsv" matches no file in'),
        ("ko", {"against": ["gone.tsv"]}, BENCHMARK, "gone.tsv"),
        ("en", {"against": ["b.jsonl"], "columns": ["queston"]}, BENCHMARK, "has no column queston. It has: label, question."),
        ("ko", {"against": ["b.jsonl"], "columns": ["queston"]}, BENCHMARK, "queston 열이 없습니다. 있는 열: label, question."),
        ("en", {"against": ["b.jsonl"]}, '{"n": 1}\n', "has no text to compare with"),
        ("ko", {"against": ["b.jsonl"]}, "\n", "비교할 글이 없습니다"),
    ],
)
def test_files_that_do_not_fit_are_told(sift, monkeypatch, language, options, content, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as error:
        sift(ITEM, files={"b.jsonl": content}, **options)
    assert message in str(error.value)


def test_rows_of_every_size_come_through(sift):
    many = "가나다라 마바사 " * 12_500
    verdicts, _ = sift("", seodang.Record(messages=()), "네", many, f"{many} {ITEM} {many}")
    assert told(verdicts) == ["", "", "", "", "exam 1 (1.00)"]


def test_batches_find_what_rows_find_alone():
    """The search over many rows at once is the search over each: nothing runs from one row into the next."""
    from seodang_locale_ko import Korean

    overlap = Overlap([ITEM, SHORT, LONG, "배가 고프다."], barings(Korean()), long=13)
    rows = [ITEM[:15], ITEM[15:], SHORT, "", LONG[:60], "배가", "고프다", "배가 고프다", CHANGED]
    together = [(hit.row, hit.item, hit.share) for hit in overlap.find([(row,) for row in rows])]
    alone = [(place, hit.item, hit.share) for place, row in enumerate(rows) for hit in overlap.find([(row,)])]
    assert together == alone and {row for row, _, share in alone if share >= 0.5} == {2, 7, 8}
    assert overlap.find([]) == [] and overlap.find([()]) == []


def test_shares_are_those_of_a_plain_count():
    """The numpy search gives what sets of n-grams give."""
    from seodang_locale_ko import Korean

    baring = Baring(Korean().patterns["word-ending"])
    texts = [" ".join(pair) for pair in pairwise(LONG.split(". "))] + [LONG, ITEM]
    rows = [LONG[start : start + 45] for start in range(0, len(LONG), 7)]

    def signs(text):
        return "".join(map(chr, baring.batch([text]).signs))

    def grams(text, size):
        bare = signs(text)
        return {bare[place : place + size] for place in range(len(bare) - size + 1)}

    found = {(hit.row, hit.item): hit.share for hit in Overlap(texts, [baring], long=13).find([(row,) for row in rows])}
    for item, text in enumerate(texts):
        size = min(13, max(5, len(signs(text)) // 2))
        for place, row in enumerate(rows):
            share = len(grams(text, size) & grams(row, size)) / len(grams(text, size))
            assert found.get((place, item), 0.0) == pytest.approx(share), (text, row)


SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared data is not at {SHARED}")
def test_kobest_is_read_as_it_is_published_and_real_rows_are_not_taken_for_it(tmp_path):
    """All five tasks beside 5,710 rows of KoAlpaca, of which none was copied: eight are dropped, for common remarks."""
    rows = json.loads((SHARED / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json").read_text(encoding="utf-8"))
    records = [seodang.single_turn(row["instruction"], row["output"], input=row["input"]) for row in rows]
    planted = "다음 글의 감정을 판단하세요: 택배사 정말 마음에 안들음"
    capability = Decontaminate(Decontaminate.Options(against=(str(SHARED / "kobest_v1" / "*" / "test.tsv"),)))
    context = make_context(tmp_path, language="ko", options=capability.options)
    *real, found = capability.sift([*records, seodang.single_turn(planted)], context)
    assert found.other == "SentiNeg/test.tsv:2 Text_origin: 택배사 정말 마음에 안들음"
    assert 0 < sum(isinstance(verdict, seodang.Drop) for verdict in real) <= 0.003 * len(real)
    compared = context.figures["compared"]
    assert list(compared) == [f"{task}/test.tsv" for task in ("BoolQ", "COPA", "HellaSwag", "SentiNeg", "WiC")]
    assert compared["BoolQ/test.tsv"] == 2807 and compared["HellaSwag/test.tsv"] == 2500
    assert context.figures["reached"]["COPA/test.tsv"].keys() == {"any", "0.3", "0.5", "0.8", "1"}
    assert sum(context.figures["contaminated"].values()) <= 0.003 * len(real) + 1
