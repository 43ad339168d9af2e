"""Saved pages as threads: finds the layout, and reads from it what its table names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seodang_naver_kin.decoding import Page, read_page
from seodang_naver_kin.layouts import LAYOUTS, Layout
from seodang_naver_kin.markdown import markdown_of
from seodang_naver_kin.rows import Unusable
from seodang_naver_kin.threads import Reply, Thread, date_of

DEEPEST = 256
"""Browsers nest up to 512 elements, people's pages some forty. Beyond, parsers take quadratic time or all of the stack."""
MOST_ANSWERS = 1000
_NESTING = re.compile(
    # Every alternative takes all that is left when its end is missing: looking for it again from each place would be quadratic.
    r"<!--(?:.*?-->|.*)"
    r"|<(script|style)\b(?:.*?</\1|.*)"
    r"|<(/?)(?!(?:a|area|base|br|button|col|dd|dt|embed|hr|img|input|li|link|meta|option"
    r"|p|source|tbody|td|tfoot|th|thead|tr|track|wbr)\b)"
    r"([a-z])[^>]*+>?",
    re.DOTALL | re.IGNORECASE,
)
"""What nests. Elements that have no content, or end where the next of their kind begins, nest only in something that does."""
_ADOPTED = re.compile(r"(질문자|지식iN|네티즌)\s*채택|채택\s*(된|한)\s*답변|^채택(\s*답변)?$")
_ANSWER_ID = re.compile(r"answer_\d+")
_LABELS = re.compile(r"^(작성일|등록일|질문일|답변일)\s*:?\s*")


def threads_of_page(path: Path, encoding: str) -> Iterator[tuple[Thread | Unusable, str]]:
    """The question of a page, or all those that a list names."""
    try:
        page = read_page(path, encoding)
        _refuse_what_is_too_deep(page.html)
        # Imported here, because a source of rows needs none of it.
        from selectolax.lexbor import LexborHTMLParser

        tree = LexborHTMLParser(page.html)
        layout = next((layout for layout in LAYOUTS if any(tree.css_first(proof) for proof in layout.proof)), None)
        if layout is None:
            tried = ", ".join(layout.name for layout in LAYOUTS)
            raise Unusable("unknown-layout", f"no layout of KiN that is known fits this page (tried: {tried})")
        found = _entries(tree, layout, path.name, page) if layout.entries else [(_thread(tree, layout, page), path.name)]
        # All of it here, where a problem in the middle still sets the whole page aside.
        threads = list(found)
    except Unusable as problem:
        yield problem, path.name
        return
    yield from threads


def _refuse_what_is_too_deep(html: str) -> None:
    """Counts what is open. Not a parser: it may be wrong about a page that is odd, and is fast about one that is deep."""
    depth = 0
    for _, slash, letter in _NESTING.findall(html):
        if not letter:
            continue
        depth = max(0, depth - 1) if slash else depth + 1
        if depth > DEEPEST:
            raise Unusable("too-deep", f"more than {DEEPEST} elements inside one another")


def _thread(tree: Any, layout: Layout, page: Page) -> Thread:
    title = _first(tree, layout.title)
    if title is not None:
        # "질문" and icons are there for screen readers.
        for label in title.css(".blind, .mark, i, button"):
            label.decompose()
    return Thread(
        title=_line(title),
        body=_markdown(_first(tree, (*layout.body, *((layout.texts,) if layout.texts else ())))),
        replies=tuple(_replies(tree, layout)),
        url=_url(tree, page),
        category=_line(_first(tree, layout.category)).lstrip("#").strip(),
        date=_date(tree, layout.date),
        retrieved=page.saved,
        tags={"layout": layout.name},
    )


def _replies(tree: Any, layout: Layout) -> Iterator[Reply]:
    for answer, body in _answers(tree, layout):
        text = _markdown(body)
        if not text:
            continue  # deleted, or shown to the asker alone
        badges = [_line(badge) for selector in layout.answer_badge for badge in answer.css(selector)]
        yield Reply(text, any(_ADOPTED.search(badge) for badge in badges), _date(answer, layout.answer_date))


def _answers(tree: Any, layout: Layout) -> Iterator[tuple[Any, Any]]:
    """Each answer with everything that belongs to it, and its text."""
    if not layout.texts:
        answers = [answer for answer in tree.css(layout.answer) if _ANSWER_ID.fullmatch(answer.id or "")]
        for answer in _not_too_many(answers):
            yield answer, _first(answer, layout.answer_body)
        return
    for text in _not_too_many(tree.css(layout.texts)[1:]):
        around = text
        while around.parent is not None and len(around.parent.css(layout.texts)) == 1:
            around = around.parent
        yield around, text


def _not_too_many(answers: list[Any]) -> list[Any]:
    if len(answers) > MOST_ANSWERS:
        raise Unusable("too-many-answers", f"{len(answers)} answers, where {MOST_ANSWERS} are more than anybody got")
    return answers


def _entries(tree: Any, layout: Layout, name: str, page: Page) -> Iterator[tuple[Thread, str]]:
    for place, link in enumerate(tree.css(layout.entries)):
        href = str(link.attributes.get("href") or "")
        url = f"https://kin.naver.com{href}" if href.startswith("/") else href
        thread = Thread(title=_line(link), url=url, retrieved=page.saved, tags={"layout": layout.name})
        yield thread, f"{name}[{place}]"


def _first(node: Any, selectors: Sequence[str]) -> Any:
    return next((found for selector in selectors if (found := node.css_first(selector)) is not None), None)


def _line(node: Any) -> str:
    return "" if node is None else " ".join(node.text().replace("\u200b", "").split())


def _markdown(node: Any) -> str:
    return "" if node is None else markdown_of(node.html or "")


def _date(node: Any, selectors: Sequence[str]) -> str:
    """The first of these texts that names a day, or else the first that is called one: other figures stand beside them."""
    lines = [_line(found) for selector in selectors for found in node.css(selector)]
    dated = next((line for line in lines if date_of(line) != line or re.fullmatch(r"\d{4}-\d\d-\d\d", line)), None)
    labelled = next((line for line in lines if _LABELS.match(line)), "")
    return _LABELS.sub("", dated or labelled)


def _url(tree: Any, page: Page) -> str:
    """What the page says its address is, or what the browser wrote when it saved it."""
    for selector, attribute in (("link[rel=canonical]", "href"), ("meta[property='og:url']", "content")):
        found = tree.css_first(selector)
        if found is not None and (url := str(found.attributes.get(attribute) or "")).startswith("http"):
            return url
    return page.url
