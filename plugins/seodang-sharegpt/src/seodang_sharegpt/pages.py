"""Answers that were copied as a page's HTML: which ones they are, and the Markdown from which the page was made."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

# A page of ChatGPT wraps an answer into elements with classes. The counter of regenerated answers stands before them.
_WRAPPED = re.compile(
    r"""\s*(?:\d+\s*/\s*\d+\s*)?<(?:div|span|section|article)\s[^<>]*\bclass=["'][^"'<>]*"""
    r"""(?:\bmarkdown\b|\bprose\b|break-words|whitespace-pre-wrap|min-h-\[20px\])""",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(?:\d+\s*/\s*\d+\s*)?<(?:p|ol|ul|pre|table|blockquote|h[1-6])(?=[\s>])", re.IGNORECASE)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
_PRE = re.compile(r"<pre[\s>]", re.IGNORECASE)
_END_OF_PRE = re.compile(r"</pre\s*>", re.IGNORECASE)
_INDENTED_TAG = re.compile(r"\n[ \t]+</?[a-zA-Z]")
_MADE_OF_MARKDOWN = frozenset((
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "b", "img", "input",
    "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
    "annotation", "math", "mi", "mn", "mo", "mrow", "msub", "msup", "semantics",
))  # fmt: skip
"""The elements that a Markdown renderer writes. A page that somebody programs has others."""

_OPENED_OR_CLOSED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_ENDLESS = frozenset(("br", "hr", "img", "input", "path", "rect", "circle", "line", "wbr", "col"))
_MANY_TAGS, _DEEPEST = 5_000, 1_000

_COUNTER = re.compile(r"\s*\d+\s*/\s*\d+\s*(?=<)")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,24}")
# A backslash before a sign of Markdown. In tables `\|` has to stay: without it a cell would become two.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{}~])")


def is_page(text: str) -> bool:
    """Whether a text is a page's HTML as a whole, and not Markdown that speaks of HTML.

    Where no wrapper tells it, it has to begin with a block and end with a tag, have no element that Markdown does not make, and
    not be laid out as source is: an answer that *is* HTML source stays as it was written.
    """
    if "<" not in text:
        return False
    if _WRAPPED.match(text):
        return _INDENTED_TAG.search(_outside_pre(text)) is None
    if not _BARE.match(text) or not text.rstrip().endswith(">"):
        return False
    outside = _outside_pre(text)
    if "```" in outside or _INDENTED_TAG.search(outside):
        return False
    return {name.lower() for name in _TAG.findall(outside)} <= _MADE_OF_MARKDOWN


def _outside_pre(text: str) -> str:
    parts: list[str] = []
    place = 0
    while found := _PRE.search(text, place):
        parts.append(text[place : found.start()])
        end = _END_OF_PRE.search(text, found.end())
        if end is None:
            return "".join(parts)
        place = end.end()
    return "".join((*parts, text[place:]))


class TooDeep(ValueError):
    """Elements stand in each other so deeply that something of the page would be lost."""


def markdown_of(page: str) -> str:
    """The page as Markdown. Code comes out letter for letter, with the language that its block names. May raise TooDeep."""
    from html_to_markdown import WarningKind, convert

    _refuse_the_deep(page)
    if counter := _COUNTER.match(page):
        page = page[counter.end() :]
    # The converter takes no notice of a block's heading ("python", "Copy code"), nor of what formulas were written as.
    if "<pre" in page or "<button" in page or "katex" in page or "&#" in page:
        page = _unadorned(page)
    # It also protects signs that could be read as Markdown, as a page's own text has them: `\(x\)`, `2024. 3. 5.`
    # Afterwards nobody could tell whose backslashes they are, so those of the text are something else meanwhile.
    stand_in = _absent_sign(page)
    made = convert(page.replace("\\", stand_in), _options())
    if any(warning.kind == WarningKind.DEPTH_LIMIT_EXCEEDED for warning in made.warnings):
        raise TooDeep
    return _ESCAPED.sub(r"\1", made.content or "").replace(stand_in, "\\").strip("\n")


def _refuse_the_deep(page: str) -> None:
    """A parser takes the square of the depth. Only pages with very many tags are worth the look."""
    if page.count("<") < _MANY_TAGS:
        return
    depth = 0
    for tag in _OPENED_OR_CLOSED.finditer(page):
        depth = max(depth - 1, 0) if tag[1] else depth + (tag[2].lower() not in _ENDLESS)
        if depth > _DEEPEST:
            raise TooDeep


def words_of(page: str) -> str:
    """What a page shows of a question: people's words are shown as they were typed, and not as Markdown."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(page).body
    return body.text() if body is not None else ""


@cache
def _options() -> Any:
    import html_to_markdown as library

    # Every choice as a member: names of choices, defaults too, are looked up again for each page, and take a third of its time.
    return library.ConversionOptions(
        extract_metadata=False,
        autolinks=False,
        infer_dimensions=False,
        br_in_tables=True,
        compact_tables=True,
        preserve_tags=["sub", "sup"],
        heading_style=library.HeadingStyle.ATX,
        list_indent_type=library.ListIndentType.SPACES,
        highlight_style=library.HighlightStyle.DOUBLE_EQUAL,
        whitespace_mode=library.WhitespaceMode.NORMALIZED,
        newline_style=library.NewlineStyle.SPACES,
        code_block_style=library.CodeBlockStyle.BACKTICKS,
        inline_data_media=library.InlineDataMedia.KEEP,
        hidden_content=library.HiddenContent.DROP,
        url_escape_style=library.UrlEscapeStyle.ANGLE,
        link_style=library.LinkStyle.INLINE,
        output_format=library.OutputFormat.MARKDOWN,
        tier_strategy=library.TierStrategy.AUTO,
    )


def _absent_sign(text: str) -> str:
    """A sign of the private use area that the text does not have."""
    return next(sign for sign in map(chr, range(0xE000, 0xF8FF)) if sign not in text)


def _unadorned(page: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page)
    for block in tree.css("pre"):
        code = block.css("code")
        if len(code) == 1:
            language = _language(block, code[0])
            marked = f' class="language-{html.escape(language)}"' if language else ""
            # The first line end after <pre> is none to a parser.
            text = html.escape(code[0].text(), quote=False)
            block.inner_html = f"<code{marked}>{text}</code>"
    for button in tree.css("button"):
        button.decompose()
    for formula in tree.css(".katex"):
        source = formula.css_first("annotation")
        if source is not None:
            apart = formula.parent is not None and "katex-display" in (formula.parent.attributes.get("class") or "")
            formula.replace_with(f"$${source.text().strip()}$$" if apart else f"${source.text().strip()}$")
    return (tree.body.inner_html if tree.body is not None else None) or ""


def _language(block: Any, code: Any) -> str:
    """What the heading of the block says, which is what the answer said; else the class, which may be a highlighter's guess."""
    heading = block.css_first("div > span")
    if heading is not None and not heading.attributes.get("class"):
        said = heading.text().strip()
        if _LANGUAGE.fullmatch(said) and _comes_before(heading, code):
            return str(said)
    classes = (code.attributes.get("class") or "").split()
    return next((name.removeprefix("language-") for name in classes if name.startswith("language-")), "")


def _comes_before(heading: Any, code: Any) -> bool:
    """Spans inside the code are a highlighter's and no heading."""
    parent = heading.parent
    while parent is not None:
        if parent.tag == "code":
            return False
        parent = parent.parent
    return True
