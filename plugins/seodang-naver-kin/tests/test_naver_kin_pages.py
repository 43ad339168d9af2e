"""Saved pages: every layout as Markdown, what they are written in, and pages that mean harm."""

from pathlib import Path

import pytest
import seodang
from seodang_naver_kin.layouts import LAYOUTS

QUESTION = """김칫독을 어디에 묻어야 하나요?

마당이 **북향**입니다.
물은 잘 빠집니다.

- 독은 두 개
- 뚜껑은 하나

연락은 <이메일_1> 로 주세요."""
ANSWER = """북쪽 처마 밑이 좋습니다.

1. 깊이는 독의 **8할**
2. 둘레에 짚

```python
depth = 0.8 * height
if depth < 60:
    dig(more=True)
```

<이메일_1> 로 사진 보내 주세요. 여기 [그림](https://seodang.example/dok)"""


def test_the_newest_layout_keeps_lists_code_and_line_breaks(read, page):
    (record,), context = read({"detail.html": page("detail")})
    assert record.question == QUESTION and record.columns["answer"] == ANSWER and not context.quarantined
    assert record.tags == {
        "url": "https://kin.naver.com/qna/detail.naver?d1id=11&dirId=1108&docId=700000001",
        "d1id": "11", "dirId": "1108", "docId": "700000001", "category": "음식, 요리", "date": "2024-11-03",
        "answered": "2024-11-05", "answers": 2, "adopted": True, "layout": "detail", "masked": {"email": 2},
    }  # fmt: skip


def test_the_layout_before_it_and_the_address_that_the_browser_noted(read, page):
    (record,), _ = read({"heading.html": page("heading")}, answers="adopted")
    assert record.messages == (
        seodang.Message("user", "참새가 처마에 집을 지었어요\n\n내쫓지 않고\n같이 살 수 있을까요?"),
        seodang.Message("assistant", "네, 둥지 아래에 판자를 대 주세요.\n\n> 새는 사람을 해치지 않습니다."),
    )
    assert record.tags["url"] == "https://kin.naver.com/qna/detail.naver?d1id=8&dirId=80101&docId=345000002"
    assert (record.tags["date"], record.tags["answers"], record.tags["layout"]) == ("2020-05-17", 1, "heading")


def test_the_oldest_layout_in_cp949_with_syllables_that_euc_kr_lacks(read, page):
    (record,), _ = read({"classic.htm": page("classic").encode("cp949")}, answers="all")
    assert record.question == "연실에 풀을 먹이는 법\n\n방패연인데 자꾸 *끊어져*요 똠방각하"
    assert [(each.message.text, each.rank) for each in record.candidates] == [
        ("사금파리 가루를 **곱게** 섞으세요.", 1),
        ("풀은 묽게 쑵니다.", 2),
    ]
    assert (record.tags["date"], record.tags["category"], record.tags["docId"]) == ("2008-02-03", "취미", "45000003")


def test_a_list_gives_its_questions_once_each(read, page):
    records, context = read({"list.html": page("list")})
    assert [each.question for each in records] == ["가게 장부를 처음 씁니다", "외상값은 어디에 적나요"]
    assert [each.tags["docId"] for each in records] == ["800000004", "800000005"]
    assert [(each.where, each.code) for each in context.quarantined] == [("list.html[2]", "repeated")]


def test_every_layout_has_its_page():
    pages = {path.stem for path in (Path(__file__).parent / "pages").glob("*.html")}
    assert {layout.name for layout in LAYOUTS} == pages - {"unknown"}


def test_a_layout_that_nobody_knows_is_not_guessed_at(read, page):
    records, context = read({"unknown.html": page("unknown")})
    assert not records and [(each.where, each.code) for each in context.quarantined] == [("unknown.html", "unknown-layout")]
    assert context.quarantined[0].detail.endswith("(tried: detail, heading, classic, list)")


def test_a_page_of_a_single_file_archive_is_read(read, page):
    body = page("heading").replace("<!-- saved", "<!-- not saved").encode()
    import base64

    archive = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://kin.naver.com/qna/detail.naver?docId=9&dirId=8\r\n"
        b"Date: Wed, 5 Apr 2023 09:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="=edge="\r\n\r\n--=edge=\r\n'
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(body)
        + b"\r\n--=edge=\r\nContent-Type: image/png\r\n\r\nx\r\n--=edge=--\r\n"
    )
    (record,), _ = read({"saved.mhtml": archive})
    assert record.question.startswith("참새가") and (record.tags["docId"], record.tags["retrieved"]) == ("9", "2023-04-05")


@pytest.mark.parametrize(
    ("mark", "encoding", "declared"),
    [
        (b"\xef\xbb\xbf", "utf-8", "euc-kr"),
        (b"\xff\xfe", "utf-16-le", "utf-8"),
        (b"", "cp949", "ks_c_5601-1987"),
        (b"", "utf-8", "utf-16"),
    ],
)
def test_the_mark_of_byte_order_then_the_page_itself_say_what_it_is_written_in(read, page, mark, encoding, declared):
    text = page("heading").replace("utf-8", declared)
    (record,), context = read({"page.html": mark + text.encode(encoding)})
    assert record.question.startswith("참새가") and not context.quarantined


def test_a_page_that_does_not_say_it_is_read_as_the_recipe_says(read, page):
    silent = page("heading").replace("; charset=utf-8", "").encode("cp949")
    (record,), _ = read({"page.html": silent}, encoding="cp949")
    assert record.question.startswith("참새가")
    _, context = read({"page.html": silent})
    (bad,) = context.quarantined
    assert (bad.code, bad.detail) == ("encoding", "it is not utf-8; encoding = 'cp949' may be what is missing")


HOSTILE = {
    "empty": (b"", "not-a-page"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-page"),
    "words": ("그냥 글".encode(), "not-a-page"),
    "huge": (b"<html>" + b"x" * (4 * 1024 * 1024) + b"</html>", "too-long"),
    "deep": (b"<html><div class=endTitleSection>" + b"<div>" * 100_000 + b"</html>", "too-deep"),
    "bold": (b"<html><div class=endTitleSection>" + b"<b>" * 100_000 + b"</html>", "too-deep"),
    "comments": (b"<html>" + b"<!--" * 900_000 + b"</html>", "unknown-layout"),
    "scripts": (b"<html>" + b"<script" * 500_000 + b"</html>", "unknown-layout"),
    "open-tags": (b"<html>" + b"<x" * 1_800_000 + b"</html", "unknown-layout"),
    "answers": (
        b"<html><h3 class=_endTitleText>x</h3>" + b"<p class=_endContentsText>x</p>" * 2000 + b"</html>",
        "too-many-answers",
    ),
    "odd-encoding": (b'<html><meta charset="klingon"></html>', "encoding"),
    "codec-that-is-no-text": (b'<html><meta charset="zip"></html>', "encoding"),
    "no-title": (b"<html><div class=endTitleSection><i>x</i></div></html>", "no-question"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_page_ends_as_one_line_with_a_reason(read, name):
    content, code = HOSTILE[name]
    records, context = read({"page.html": content})
    assert not records and [(each.where, each.code) for each in context.quarantined] == [("page.html", code)]


def test_a_page_that_was_cut_off_is_not_taken_for_a_short_one(read, page):
    whole = page("detail")
    for end in (200, len(whole) // 2, len(whole) - 20):
        records, context = read({"detail.html": whole[:end]})
        assert not records and context.quarantined[0].code == "torn"


def test_scripts_and_handlers_do_not_come_along_and_code_about_them_does(read, page):
    harm = (
        "<p onclick='steal()'>글<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></svg>"
        "<style>p{background:url(//evil.example)}</style><iframe srcdoc='<script>4</script>'></iframe>"
        "<a href=' JavaScript:alert(5)'>누름</a><pre><code>&lt;script&gt;alert(6)&lt;/script&gt;</code></pre></p>"
    )
    (record,), _ = read({"page.html": page("heading").replace("내쫓지 않고", harm)})
    body = record.question.partition("\n\n")[2]
    assert body == "글누름\n\n```\n<script>alert(6)</script>\n```\n\n같이 살 수 있을까요?"
