"""Damage to texts: each kind is found, what only looks like it is not, and mending loses nothing."""

import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang_filters import Format


def misread(text, written="utf-8", read="latin-1"):
    return text.encode(written).decode(read)


LATIN = misread("서당은 글방입니다.")
WINDOWS = misread("’quoted’ – café", read="cp1252")
CODE_PAGE = misread("안녕하세요 반갑습니다", written="cp949")
AS_CODE_PAGE = "안녕하세요, 서당에 다녀왔습니다.".encode().decode("cp949", "replace").replace("\ufffd", "?")
HALF_WIDTH = "ﾡￂﾤￂ"  # the letters ㄱㅏㄴㅏ at half their width


class TestFormat(FilterContract):
    filter = Format


class TestFormatInKorean(FilterContract):
    filter = Format
    language = "ko"
    options = {"fix": True, "tag": ["cut-off"], "ignore": ["bad-beginning"]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (LATIN, "mojibake"),
        ("It is called " + WINDOWS, "mojibake"),
        (CODE_PAGE, "mojibake"),
        (AS_CODE_PAGE, "mojibake"),
        ("서당은 글\ufffd입니다.", "replacement-sign"),
        ("서당은\x07 글방입니다.", "control-sign"),
        ("서당은 \u202e글방\u202c입니다.", "bidi-sign"),
        ("서당은\u200b 글방입니다.", "zero-width"),
        ("서당은\u3164글방입니다.", "zero-width"),
        (HALF_WIDTH, "half-width"),
        ("서당은 \u1112\u1112 글방입니다.", "lone-jamo"),
        ("서당은<br>글방입니다.", "html"),
        ("서당은 <b>글방</b>입니다.", "html"),
        ("서당&nbsp;글방 &amp; 학교", "html"),
        ("ㅋㅋㅋㅋ 글방이죠.", "jamo-run"),
        ("ㅠ ㅠ ㅠ ㅠ 글방이죠.", "jamo-run"),
        ("이렇게 씁니다.\n\n```python\nprint('서당')\n", "open-code-fence"),
        ("1. 사과\n2. 배\n3.", "broken-list"),
        ("1. 사과\n2. 배\n1. 감\n2. 귤", "broken-list"),
        ("1. 사과\n2. 배\n4. 감", "broken-list"),
        ("서당은 마을의 글방입니다. 아이들은 이곳에서 천자문을 배우고 나서 다음으로는 동몽선습을 배우기", "cut-off"),
        ("서당은 마을의 글방이었고 훈장이 아이들을 가르쳤으며 비용은 마을이 함께 냈고,", "cut-off"),
    ],
)
def test_damage_is_found(code, answer, expected):
    assert code(Format, "설명하세요.", answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "서당은 글방입니다. ‘글방’ – 『천자문』 · 학교… ①㎏ １２３",
        "Café Zürich costs £5 © 2020, naïve and ångström.",
        "Ça va très bien, señor Müller à l'école.",
        "뷁이라는 글자가 있습니다. 펲시, 똠얌꿍도 먹습니다.",
        "가족 이모지 👩‍👩‍👧 하나입니다.",
        "می‌خواهم بروم",
        "עברית \u200f(טקסט) היא שפה.",
        "하하, ㅋㅋㅋ 글방이죠.",
        '`<br>`은 줄을 바꿉니다.\n\n```html\n<p class="a">서당 &amp; 글방</p>\n```',
        "<!DOCTYPE html>\n<html><body><p>서당</p></body></html>",
        "a < b이고 b > c이며 x & y입니다.",
        "이렇게 씁니다.\n\n```python\nprint('서당')\n```\n\n끝입니다.",
        "1. 사과\n2. 배\n3. 감",
        "봄:\n1. 진달래\n2. 개나리\n\n가을:\n1. 국화\n2. 코스모스",
        "1. 과일\n   1. 사과\n   2. 배\n2. 채소\n   1. 무\n   2. 배추",
        "2019년에 열었습니다.\n3. 참고",
        "서당은 마을의 글방입니다. 아이들은 이곳에서 천자문을 배우고 동몽선습을 배웠습니다",
        "서당은 마을의 글방입니다. 아이들이 배운 책은 다음과 같습니다.\n- 천자문과 동몽선습과 격몽요결과 명심보감과 소학",
        "사과, 배, 감",
        "\u1112\u1161\u11ab글은 한글입니다.",
    ],
)
def test_what_only_looks_damaged_is_kept(code, answer):
    assert code(Format, "설명하세요.", answer) == ""


@pytest.mark.parametrize("question", ["3. 강을 하나 말하세요.", "입력: 서당", "- 설명하세요."])
def test_instructions_that_begin_badly_are_found(code, question):
    assert code(Format, question) == "bad-beginning"


@pytest.mark.parametrize(
    "question", ["“서당”의 뜻은?", "<나라 이름>의 수도를 말하세요.", "2024년의 일을 쓰세요.", "ㅋㅋㅋㅋㅋ 이게 뭐예요?"]
)
def test_instructions_may_begin_so(code, question):
    assert code(Format, question) == ""


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        (LATIN, "서당은 글방입니다."),
        ("It is called " + WINDOWS, "It is called ’quoted’ – café"),
        (CODE_PAGE, "안녕하세요 반갑습니다"),
        ("서당은\u200b 글\ufeff방\x07입니다.", "서당은 글방입니다."),
        ("서당은 \u202e글방\u202c입니다.", "서당은 글방입니다."),
        (HALF_WIDTH, "가나"),
        ("서당은<br>글방 &amp; 학교&nbsp;&#39;모두&#39;입니다.", "서당은\n글방 & 학교 '모두'입니다."),
        ("`&amp;`은 &amp;입니다.", "`&amp;`은 &입니다."),
    ],
)
def test_what_can_be_mended_without_loss_is_mended(row, sifted, damaged, mended):
    before = row("설명하세요.", damaged, id="a")
    (verdict,) = sifted(Format, [before], fix=True)
    assert isinstance(verdict, seodang.Keep) and verdict.record.answer == mended
    assert (verdict.record.id, verdict.record.question) == ("a", before.question)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("서당은 글\ufffd입니다.", "replacement-sign"),
        ("서당은 <b>글방</b>입니다.", "html"),
        ("```python\nprint('서당')", "open-code-fence"),
        ("서당은 \u1112\u1112 글방입니다.", "lone-jamo"),
    ],
)
def test_what_is_lost_stays_a_reason_to_drop(code, answer, expected):
    assert code(Format, "설명하세요.", answer, fix=True) == expected


def test_a_sound_row_is_handed_on_as_it_is(row, sifted):
    assert sifted(Format, [row("설명하세요.", "글방입니다.")], fix=True) == [seodang.Keep()]


def test_a_mended_row_counts_as_changed(run_recipe):
    recipe = """
[recipe]
name = "mended"
language = "ko"
[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
[[step]]
filter = "format"
fix = true
"""
    rows = '{"instruction": "설명하세요.", "output": "글방\\u200b입니다."}\n{"instruction": "설명하세요.", "output": "글\\ufffd입니다."}\n'
    run = run_recipe(recipe, files={"rows.jsonl": rows})
    assert run.ok, run.error
    manifest = run.manifest("format")
    assert (manifest.rows["changed"], manifest.rows["dropped"]) == (1, 1)
    assert [record.answer for record in run.records("format")] == ["글방입니다."]


def test_codes_can_mark_instead_of_dropping(row, sifted, code):
    (verdict,) = sifted(Format, [row("설명하세요.", "ㅋㅋㅋㅋ 1. 사과\n2.")], tag=["jamo-run", "broken-list"])
    assert verdict == seodang.Keep(tags={"format": ["jamo-run"]})
    assert code(Format, "설명하세요.", "ㅋㅋㅋㅋ", ignore=["jamo-run"]) == ""
    with pytest.raises(Exception, match="jamo-runs: mojibake"):
        code(Format, "설명하세요.", "ㅋㅋㅋㅋ", ignore=["jamo-runs"])


def test_the_detail_names_the_field(row, sifted):
    (verdict,) = sifted(Format, [row("설명하세요.", "글방입니다.", input="글\ufffd방")])
    assert verdict == seodang.Drop("replacement-sign", "input: 글\ufffd방")


def test_a_long_row_is_read_quickly(code):
    assert code(Format, "설명하세요.", "한국어 낱말 &lt; 글방 " * 20_000) == "html"
    assert code(Format, "설명하세요.", "1. 서당\n" * 20_000) == ""


def test_a_locale_without_the_pattern_is_named_unless_it_is_not_wanted(code):
    with pytest.raises(seodang.SeodangError, match="bad-beginning"):
        code(Format, "x", locale=PlainLocale("xx"))
    assert code(Format, "x", locale=PlainLocale("xx"), ignore=["bad-beginning"]) == ""
