"""A page becomes the Markdown it was made from, and Markdown that speaks of HTML stays as it is, byte for byte."""

import html
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seodang_sharegpt.dialogues import Dialogue, Turn, Unusable
from seodang_sharegpt.pages import TooDeep, is_page, markdown_of
from seodang_sharegpt.remnants import without_remnants
from seodang_sharegpt.repairing import mended

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "sharegpt"


def page(inner: str) -> str:
    return f'<div class="markdown prose w-full break-words dark:prose-invert light">{inner}</div>'


def block(code: str, heading: str = "python", classes: str = "!whitespace-pre hljs language-python") -> str:
    said = f'<div class="flex items-center"><span>{heading}</span><button class="flex"><svg><path d="M1"></path></svg>Copy code</button></div>'
    return (
        f'<pre><div class="bg-black rounded-md">{said if heading else ""}<div class="p-4 overflow-y-auto">'
        f'<code class="{classes}">{html.escape(code, quote=False)}</code></div></div></pre>'
    )


MARKDOWN = [
    "제네릭 <T>는 a < b 인 값만 받습니다.",
    "Use `<div>` like this:\n\n```html\n<div class=\"markdown prose\">\n  <p>Hi</p>\n</div>\n```",
    "<div>\n  <p>안녕</p>\n</div>",
    '<div class="prose">\n  <h1>제목</h1>\n</div>',
    "<ul>\n  <li>하나</li>\n</ul>",
    "<p>Hello <custom-element></custom-element></p>",
    "<html><body><p>x</p></body></html>",
    "<form><input></form>",
    '<div class="flex p-4"><p>Tailwind</p></div>',
    "<p>문단</p> 그리고 설명이 뒤따릅니다.",
    "1 / 2 cup of sugar, <b>not</b> more",
    "if (a<b && c>d) return;",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_that_speaks_of_html_stays_byte_for_byte(text):
    assert not is_page(text)
    dialogue = Dialogue("1", (Turn("user", text), Turn("assistant", text)))
    assert [turn.text for turn in mended(dialogue).turns] == [text, text]


@pytest.mark.parametrize(
    "text", ["<p>하나</p><ul><li>둘</li></ul>", page("<p>x</p>"), f"2 / 2{page('<p>x</p>')}", "\n<h1>x</h1>\n"]
)
def test_a_page_is_known_by_its_wrapper_or_by_having_nothing_but_what_markdown_makes(text):
    assert is_page(text)


def test_a_question_that_is_source_is_never_converted_and_one_with_the_pages_wrapper_is():
    source, wrapped = "<p>이 HTML을 고쳐 줘</p>", '<div class="whitespace-pre-wrap">a &lt; b\n  둘째 *줄*</div>'
    made = mended(Dialogue("1", (Turn("user", source), Turn("assistant", "네"), Turn("user", wrapped), Turn("assistant", "네"))))
    assert [turn.text for turn in made.turns] == [source, "네", "a < b\n  둘째 *줄*", "네"]
    assert made.tags["repairs"] == {"html": 1}


def test_code_has_its_language_and_neither_button_nor_heading():
    text = markdown_of(page(f"<p>이렇게:</p>{block('x = 1')}<p>끝</p>"))
    assert text == "이렇게:\n\n```python\nx = 1\n```\n\n끝"
    assert markdown_of(page(block("a", heading="", classes="hljs language-c++"))) == "```c++\na\n```"
    assert markdown_of(page("<pre><code>a &lt;b&gt;</code></pre>")) == "```\na <b>\n```"


def test_highlighting_is_not_text():
    spans = '<span class="hljs-keyword">try</span> {\n  <span class="hljs-comment">// a_b *c*</span>\n}'
    assert (
        markdown_of(page(f'<pre><div><code class="hljs language-js">{spans}</code></div></pre>'))
        == "```js\ntry {\n  // a_b *c*\n}\n```"
    )


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<p>오늘은 2024. 3. 5.입니다.</p>", "오늘은 2024. 3. 5.입니다."),
        ("<p>2024. 3. 5.</p><p>1. 하나</p><p># 수</p>", "2024. 3. 5.\n\n1. 하나\n\n# 수"),
        (r"<p>\(x_1\) \[y\] C:\new\_x 5 * 3</p>", r"\(x_1\) \[y\] C:\new\_x 5 * 3"),
        ("<p>a &#92; b &lt;T&gt; &amp;amp;</p>", "a \\ b <T> &amp;"),
        ("<ol start=\"3\"><li>가<ul><li>나</li></ul></li><li>다</li></ol>", "3. 가\n   - 나\n4. 다"),
        ("<table><thead><tr><th>이름</th><th>값</th></tr></thead><tbody><tr><td>a</td><td><code>x|y</code></td></tr></tbody></table>",
         "| 이름 | 값 |\n| --- | --- |\n| a | `x\\|y` |"),
        ("<p>H<sub>2</sub>O x<sup>2</sup></p>", "H<sub>2</sub>O x<sup>2</sup>"),
        ('<p>식 <span class="katex"><span class="katex-mathml"><math><semantics><mrow></mrow><annotation encoding="application/x-tex">x^2'
         '</annotation></semantics></math></span><span class="katex-html" aria-hidden="true">x2</span></span> 끝</p>', "식 $x^2$ 끝"),
        ("<blockquote><p>인용</p></blockquote><p><strong>굵게</strong>와 <em>기울임</em></p><hr>", "> 인용\n\n**굵게**와 *기울임*\n\n---"),
    ],
)  # fmt: skip
def test_what_a_page_shows_is_what_the_markdown_says(inner, text):
    assert markdown_of(page(inner)) == text


SIGNS = st.sampled_from(
    ["a", "\n", "    ", "\t", "`", "```", "~~~", "*", "_", "\\", "\\(", "\\|", "|", "<T>", "</code>", "&amp;", "# x", "1. z", "가", "\u00a0", "\ue000", "$"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(SIGNS, min_size=1, max_size=12).map("".join).filter(str.strip))
def test_code_comes_out_letter_for_letter(code):
    lines = markdown_of(page(block(code))).split("\n")
    fence = lines[0].removesuffix("python")
    assert set(fence) == {"`"} and lines[-1] == fence
    assert "\n".join(lines[1:-1]).strip("\n") == code.strip("\n")


WORDS = st.sampled_from(
    [
        "a",
        "가 ",
        "`",
        "*",
        "_",
        "\\",
        "\\(x_1\\)",
        "<T>",
        "&",
        "# ",
        "- ",
        "1. ",
        "|",
        "~~",
        '"',
        "[a](b)",
        "$x$",
        "{",
        "> ",
        "---",
        "\ue000",
        "😀",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=10).map("".join).map(lambda text: " ".join(text.split())).filter(bool))
def test_text_gains_and_loses_no_sign(text):
    assert markdown_of(page(f"<p>{html.escape(text, quote=False)}</p><p>z</p>")) == f"{text}\n\nz"


@pytest.mark.parametrize("element", ["div", "blockquote", "b", "ul"])
def test_a_bomb_of_elements_is_set_aside_at_once(element):
    bomb = page(f"<pre><code>x</code></pre>{f'<{element}>' * 100_000}")
    with pytest.raises(TooDeep):
        markdown_of(bomb)
    with pytest.raises(Unusable) as refused:
        mended(Dialogue("1", (Turn("user", "?"), Turn("assistant", bomb))))
    assert refused.value.code == "bad-html"


@pytest.mark.parametrize(
    ("copied", "mended_text"),
    [
        ("```pythonCopy codeprint(1)\n```", "```python\nprint(1)\n```"),
        ("```\npythonCopy codeprint(1)\n```", "```python\nprint(1)\n```"),
        ("```\nCopy code\nprint(1)\n```", "```\nprint(1)\n```"),
        ("```python\nprint('Copy code')\n```", "```python\nprint('Copy code')\n```"),
        ("설명\nCopy code\n다음", "설명\n다음"),
        ("끝.\nCopy12 chars / 3 words\n", "끝.\n"),
        ("2 / 2네, 그렇습니다.", "네, 그렇습니다."),
        ("1 / 2\n\n네", "네"),
        ("1 / 2 cup of sugar", "1 / 2 cup of sugar"),
        ("3 / 4", "3 / 4"),
        ("Press “Copy code” to copy.", "Press “Copy code” to copy."),
    ],
)
def test_buttons_and_counters_are_no_answer(copied, mended_text):
    assert without_remnants(copied) == mended_text


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
def test_real_pages_keep_their_code():
    rows = json.loads((SHARED / "chatgpt_html_two_answers.json").read_text(encoding="utf-8"))
    first, second = (markdown_of(row["conversations"][1]["value"]) for row in rows)
    assert '```javascript\nconsole.log("Hello, World!");\n```' in first
    assert "  let x = y; // y is not defined\n} catch (error) {" in first
    assert "Copy code" not in second and "<span" not in second
    assert "setInterval(addOne, 3000);\n```" in second and second.endswith("```python\n1\n2\n3\n...\n```")
