"""How much of an answer stands in another, in Korean and in English, and how much that is by chance."""

import json
import random
import re
from pathlib import Path

import pytest
from seodang.testing import make_context
from seodang_grounded import Grounded
from seodang_grounded.copying import Copying
from seodang_grounded.leftovers import Leftovers
from seodang_grounded.texts import own_texts

pytest.importorskip("seodang_locale_ko", reason="the answers are Korean")

SHARED = Path(__file__).parents[4] / "shared" / "data"
THRESHOLD = Grounded.Options().copied
shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")


@pytest.fixture
def locale(tmp_path):
    return lambda language="ko": make_context(tmp_path, language=language).locale


def rows(name: str) -> list[dict]:
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def test_a_copy_is_a_copy_whatever_blanks_marks_and_particles_it_has(locale):
    copying = Copying(locale())
    source = "배추는 소금물에 하룻밤 절인 다음 찬물로 세 번 헹구어 물기를 뺍니다."
    assert copying.share(source, f"앞말. {source} 뒷말.").share == 1.0
    assert copying.share("배추를 소금물로 하룻밤 절인다음, 찬물에 세 번 헹구어 물기는 뺍니다", source).share == 1.0
    assert copying.share("무는 굵게 채를 쳐서 고춧가루에 버무립니다.", source).share == 0.0
    half = copying.share("배추는 소금물에 하룻밤 절인 다음 고춧가루와 젓갈을 섞은 양념을 켜켜이 바릅니다.", source)
    assert 0.3 < half.share < 0.6 and half.longest.startswith("배추소금물하룻밤")


def test_in_a_language_of_words_a_run_is_longer(locale):
    copying = Copying(locale("en"))
    source = "Soak the cabbage in salt water over night and rinse it three times."
    assert copying.share("You should soak the cabbage in salt water over night.", source).share > 0.7
    assert copying.share("Rinse it three times, then mix the radish with chilli powder.", source).share == 0.0


@pytest.mark.parametrize("text", ["", "?!", "가"])
def test_texts_without_letters_copy_nothing(locale, text):
    assert Copying(locale()).share(text, "").share == 0.0
    assert not Copying(locale()).same("?!", "...")


@pytest.mark.shared_data
@shared_data
def test_two_answers_to_one_question_are_no_copies(locale):
    copying = Copying(locale())
    pairs = rows("koalpaca_v1_1/vaiv_koalpaca_preference_00_49.json")
    shares = sorted(copying.share(pair["chosen"], pair["rejected"]).share for pair in pairs)
    assert len(shares) == 50 and shares[-1] < THRESHOLD, shares[-5:]


@pytest.mark.shared_data
@shared_data
def test_copies_with_their_sentences_in_another_order_are_found(locale):
    copying = Copying(locale())
    answers = [row["output"] for row in rows("koalpaca_v1_0/ko_alpaca_head_00000_05709.json") if len(row["output"]) > 200][:300]
    draw = random.Random(0)
    for answer in answers:
        sentences = re.split(r"(?<=[.!?])\s+", answer)
        draw.shuffle(sentences)
        assert copying.share(" ".join(sentences), answer).share > THRESHOLD


@pytest.mark.shared_data
@shared_data
def test_ordinary_rows_have_hardly_any_leftovers_and_published_ones_are_found(locale):
    leftovers = Leftovers(locale(), own_texts("ko").leftovers)
    ordinary = rows("koalpaca_v1_0/ko_alpaca_head_00000_05709.json")
    found = [found.code for row in ordinary if (found := leftovers.find(row["instruction"], row["output"]))]
    assert len(found) <= 20 and found.count("link") >= len(found) / 2, found
    first = json.loads(
        (SHARED / "koalpaca_v1_1" / "KoAlpaca_v1.1_first_2_rows.jsonl").read_text(encoding="utf-8").splitlines()[0]
    )
    assert leftovers.find(first["instruction"], first["output"]).code == "appended-answer"
