"""Another language is told by its script; code, names and quotations are in none."""

import sys

import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang.wording import render
from seodang_filters import Language


class TestLanguage(FilterContract):
    filter = Language


class TestLanguageInKorean(FilterContract):
    filter = Language
    language = "ko"
    options = {"languages": ["ko", "en"], "correct": True}


@pytest.mark.parametrize(
    "answer",
    [
        "글방입니다.",
        "Docker container에서 port 3000 열기",
        "```python\ndef school():\n    return 'a long line of code in which nothing is Korean'\n```",
        "def mean(numbers):\n    return sum(numbers) / len(numbers)",
        "42",
        "Paris",
        "New York, Los Angeles, San Francisco",
        "https://example.org/a-long-address-with-many-words-in-it",
        "“Actions speak louder than words, and a good deal slower too.” 말보다 행동이 중요하다는 뜻입니다.",
        "참고 도서: The History of Korean Village Schools in the Joseon Dynasty",
        "단어 목록: apple, monkey, river, mountain, school, teacher, village, window, garden",
        "철자는 o-p-h-t-h-a-l-m-o-l-o-g-i-s-t입니다.",
    ],
)
def test_what_is_korean_or_in_no_language_is_kept(code, answer):
    assert code(Language, "설명하세요.", answer) == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It is a school in a village.", "wrong-language"),
        ("これは村の学校です。子どもたちが通います。", "wrong-language"),
        ("这是一所乡村学校，孩子们在这里读书写字。", "wrong-language"),
        ("Это деревенская школа для детей.", "wrong-language"),
        ("글방입니다. These may include a review of the whole text and many other things.", "mixed-language"),
        ("글방입니다. 这是一所乡村学校孩子们在这里读书写字他们每天都来学习汉字和经典", "mixed-language"),
    ],
)
def test_other_languages_are_found(code, answer, expected):
    assert code(Language, "설명하세요.", answer) == expected


def test_the_question_is_looked_at_as_well(row, sifted, code):
    assert code(Language, "What is a village school?", "글방입니다.") == "wrong-language"
    assert code(Language, "What is a village school?", "글방입니다.", fields=["answer"]) == ""
    (verdict,) = sifted(Language, [row("설명하세요.", "It is a school in a village.")])
    assert verdict == seodang.Drop("wrong-language", "answer: It is a school in a village.")


def test_several_languages_may_be_allowed(row, codes):
    rows = [
        row("What is it?", "It is a school in a village."),
        row("무엇인가요?", "글방입니다."),
        row("それは何ですか。", "村の学校です。"),
    ]
    assert codes(Language, rows, languages=["ko", "en"]) == ["", "", "wrong-language"]


def test_the_language_of_a_record_is_corrected_on_request(row, sifted):
    record = row("What is it?", "It is a school in a village.", id="a")
    (verdict,) = sifted(Language, [record], languages=["ko", "en"], correct=True)
    assert (verdict.record.language, verdict.record.id) == ("en", "a")
    assert sifted(Language, [record], languages=["ko", "en"]) == [seodang.Keep()]


def test_short_texts_are_in_no_language(code):
    assert code(Language, "번역하세요.", "had taken") == ""
    assert code(Language, "번역하세요.", "had taken", least_letters=5) == "wrong-language"


def test_mixing_can_be_allowed(code):
    answer = "글방입니다. These may include a review of the whole text and many other things."
    assert code(Language, "설명하세요.", answer, mixed_words=0) == ""


def test_the_script_of_latin_languages_is_told_too(code):
    english = "It is a school in a village, and all the children came to it to read and to write, and to learn what is right."
    answer = f"{english} {english} 마을 아이들이 모여서 글을 읽고 쓰는 법을 함께 배우던 곳입니다."
    assert code(Language, "Explain it.", answer, language="en") == "mixed-language"
    german = "Das ist eine Schule in einem Dorf, und sie ist nicht neu."
    assert code(Language, "Explain it.", german, language="en") == "wrong-language"


def test_a_long_row_takes_no_time_worth_speaking_of(code):
    assert code(Language, "설명하세요.", "한국어 낱말과 English words " * 20_000) == ""


def test_a_locale_without_a_script_is_named(code):
    with pytest.raises(seodang.SeodangError, match=r"patterns\['script'\]"):
        code(Language, "x", locale=PlainLocale("xx"), language="xx")


NEIGHBOURS = {
    "de": ("Wie kocht man Reis ohne Topf?", "Man nimmt eine flache Pfanne mit Deckel, gibt doppelt so viel Wasser dazu und wartet zwanzig Minuten."),
    "fr": ("Comment faire pousser des tomates ?", "Il faut beaucoup de soleil, une terre riche et un peu d'eau chaque matin, jamais sur les feuilles."),
    "es": ("¿Cómo se limpia una mesa de madera?", "Primero se quita el polvo con un paño seco y luego se pasa otro paño apenas mojado, sin jabón."),
    "it": ("Come si prepara una valigia leggera?", "Si scelgono pochi vestiti dello stesso colore, si arrotolano bene e si lasciano a casa i libri pesanti."),
    "nl": ("Hoe leer ik snel een gedicht?", "Lees elke ochtend een regel hardop voor, schrijf hem daarna zonder te kijken op en tel de fouten."),
    "pt": ("Como guardar o pão por mais tempo?", "Embrulhe o pão num pano limpo e deixe longe da janela; depois de dois dias, aqueça antes de comer."),
    "sv": ("Hur lagar man en cykel?", "Vänd cykeln upp och ner, lossa hjulet med en nyckel och leta efter hålet i slangen under vatten."),
}  # fmt: skip
ENGLISH = (
    "- 2 cups flour\n- 1 cup sugar\n- half a cup melted butter\n- baking soda, salt",
    "Monday: brisk walk, stretching. Tuesday: swimming, light weights. Wednesday: rest.",
    "1. Microsoft\n2. Google\n3. Nintendo\n4. Sony",
    "La Boqueria and the Rambla are worth a visit, and so is the Museu Picasso.",
    "```python\nfür = 'der die das'\n```\nPrints nothing.",
)
"""Lists without small words, names from elsewhere, code."""


@pytest.fixture
def detected(code):
    """What becomes of a row in an English recipe that asks the detector."""
    pytest.importorskip("pycld2", reason="the extra seodang-filters[languages] is not installed")
    return lambda question, answer: code(Language, question, answer, language="en", detector="cld2")


@pytest.mark.parametrize("language", NEIGHBOURS)
def test_a_detector_tells_english_from_its_neighbours(detected, language):
    question, answer = NEIGHBOURS[language]
    assert detected("Answer the question.", answer) == "wrong-language"
    assert detected(question, "Two minutes are enough for that.") == "wrong-language"


@pytest.mark.parametrize("answer", ENGLISH)
def test_the_detector_lets_lists_names_and_code_pass(detected, answer):
    assert detected("Answer the question.", answer) == ""


def test_the_detector_has_no_say_in_korean(code):
    pytest.importorskip("pycld2", reason="the extra seodang-filters[languages] is not installed")
    for _, answer in NEIGHBOURS.values():
        assert code(Language, "밥은 어떻게 짓나요?", answer, detector="cld2") == "wrong-language"
    assert code(Language, "밥은 어떻게 짓나요?", "Docker container에서 port 3000 열기", detector="cld2") == ""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "detector = \"cld2\" needs pycld2, which is not installed. pip install 'seodang-filters[languages]', or leave detector out: "
            "the locale then decides alone.",
        ),
        (
            "ko",
            "detector = \"cld2\"에는 pycld2가 필요한데 설치되어 있지 않습니다. pip install 'seodang-filters[languages]'를 실행하거나 "
            "detector를 빼세요. 그러면 로케일만으로 판단합니다.",
        ),
    ],
)
def test_a_detector_that_is_not_installed_is_named_with_its_line(code, monkeypatch, language, said):
    monkeypatch.setitem(sys.modules, "pycld2", None)
    with pytest.raises(seodang.SeodangError) as caught:
        code(Language, "Why?", "Because.", language="en", detector="cld2")
    assert render(caught.value.code, caught.value.facts, language).endswith(said)
