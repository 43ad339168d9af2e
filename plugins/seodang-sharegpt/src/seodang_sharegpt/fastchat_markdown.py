"""HTML to Markdown as FastChat had it from markdownify 0.11.6, which no other library may bring along any more.

Only for `mode = "faithful"`: what it does to code, stars and underscores is among the things that the repaired way mends. It is
checked against the original, tag by tag and on made-up pages, wherever FastChat is at hand.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

_BLANKS = re.compile(r"[\t ]+")
_LINE_START = re.compile(r"^", re.MULTILINE)
_HEADING = re.compile(r"h(\d+)")
_INLINE_HEADING = re.compile(r"h[1-6]")
_NESTED = frozenset(("ol", "ul", "li", "table", "thead", "tbody", "tfoot", "tr", "td", "th"))
_CELLS = ("td", "th")
_AROUND = {
    "b": "**", "strong": "**", "em": "*", "i": "*", "del": "~~", "s": "~~",
    "code": "`", "kbd": "`", "samp": "`", "sub": "", "sup": "",
}  # fmt: skip
_BULLETS = "*+-"


def fastchat_markdown(page: str) -> str:
    """The page as Markdown. Raises what BeautifulSoup raises at markup that it rejects."""
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        if page.lstrip().startswith("<?xml"):
            warnings.simplefilter("ignore")
        # As a file: handed a short text, BeautifulSoup warns that it looks like the name of a file.
        tree = BeautifulSoup(io.StringIO(page), "html.parser")
    return _children(tree, inline=False)


def _children(node: Any, *, inline: bool) -> str:
    from bs4 import Comment, Doctype, NavigableString

    if node.name in _NESTED:
        # The next child is passed over after one was taken out, as in the original.
        for child in node.contents:
            if isinstance(child, NavigableString) and not child.strip() and _at_an_edge(child):
                child.extract()
    parts = []
    for child in node.contents:
        if isinstance(child, Comment | Doctype):
            continue
        parts.append(_said(child) if isinstance(child, NavigableString) else _element(child, inline=inline))
    return "".join(parts)


def _at_an_edge(blank: Any) -> bool:
    before, after = blank.previous_sibling, blank.next_sibling
    return not before or not after or before.name in _NESTED or after.name in _NESTED


def _said(node: Any) -> str:
    text, parent = str(node), node.parent
    if parent.name != "pre" and not (parent.name == "code" and parent.parent.name == "pre"):
        text = _BLANKS.sub(" ", text)
    if parent.name not in ("code", "pre"):
        text = text.replace("*", r"\*").replace("_", r"\_")
    if parent.name == "li" and (not node.next_sibling or node.next_sibling.name in ("ul", "ol")):
        text = text.rstrip()
    return text


def _element(node: Any, *, inline: bool) -> str:
    name = node.name
    text = _children(node, inline=inline or name in _CELLS or _INLINE_HEADING.match(name) is not None)
    if (mark := _AROUND.get(name)) is not None:
        if mark == "`" and node.parent.name == "pre":
            return text
        before, inner, after = _chomped(text)
        return f"{before}{mark}{inner}{mark}{after}" if inner else ""
    if heading := _HEADING.match(name):
        return text if inline else _heading(int(heading[1]), text.rstrip())
    made = _ELEMENTS.get(name)
    return made(node, text, inline) if made is not None else text


def _chomped(text: str) -> tuple[str, str, str]:
    return " " if text.startswith(" ") else "", text.strip(), " " if text.endswith(" ") else ""


def _heading(level: int, text: str) -> str:
    if level > 2:
        return f"{'#' * level} {text}\n\n"
    return f"{text}\n{('=' if level == 1 else '-') * len(text)}\n\n" if text else ""


def _link(node: Any, text: str, inline: bool) -> str:
    before, inner, after = _chomped(text)
    address, title = node.get("href"), node.get("title")
    if not inner or not address:
        return inner
    if inner.replace(r"\_", "_") == address and not title:
        return f"<{address}>"
    return f"{before}[{inner}]({address}{_title(title)}){after}"


def _image(node: Any, text: str, inline: bool) -> str:
    shown, source = node.get("alt") or "", node.get("src") or ""
    return shown if inline else f"![{shown}]({source}{_title(node.get('title'))})"


def _title(title: str | None) -> str:
    quoted = (title or "").replace('"', r"\"")
    return f' "{quoted}"' if title else ""


def _quotation(node: Any, text: str, inline: bool) -> str:
    if inline or not text:
        return text
    return f"\n{_LINE_START.sub('> ', text)}\n\n"


def _list(node: Any, text: str, inline: bool) -> str:
    if any(parent.name == "li" for parent in node.parents):
        return f"\n{_LINE_START.sub(chr(9), text).rstrip()}" if text else "\n"
    following = node.next_sibling
    return f"{text}\n" if following and following.name not in ("ul", "ol") else text


def _item(node: Any, text: str, inline: bool) -> str:
    parent = node.parent
    if parent is not None and parent.name == "ol":
        start = parent.get("start")
        # Counted among all that the list holds, blanks that were not taken out included.
        bullet = f"{(int(start) if start else 1) + parent.index(node)}."
    else:
        depth = sum(1 for above in node.parents if above.name == "ul") - 1
        bullet = _BULLETS[depth % len(_BULLETS)]
    return f"{bullet} {text.strip()}\n"


def _row(node: Any, text: str, inline: bool) -> str:
    cells = node.find_all(_CELLS)
    first, parent = not node.previous_sibling, node.parent
    rule = f"| {' | '.join(['---'] * len(cells))} |\n"
    if first and all(cell.name == "th" for cell in cells):
        return f"|{text}\n{rule}"
    if first and (parent.name == "table" or (parent.name == "tbody" and not parent.previous_sibling)):
        return f"| {' | '.join([''] * len(cells))} |\n{rule}|{text}\n"
    return f"|{text}\n"


_ELEMENTS: dict[str, Callable[[Any, str, bool], str]] = {
    "a": _link,
    "blockquote": _quotation,
    "br": lambda node, text, inline: "" if inline else "  \n",
    "hr": lambda node, text, inline: "\n\n---\n\n",
    "img": _image,
    "li": _item,
    "list": _list,
    "ol": _list,
    "p": lambda node, text, inline: text if inline or not text else f"{text}\n\n",
    "pre": lambda node, text, inline: f"\n```\n{text}\n```\n" if text else "",
    "table": lambda node, text, inline: f"\n\n{text}\n",
    "td": lambda node, text, inline: f" {text} |",
    "th": lambda node, text, inline: f" {text} |",
    "tr": _row,
    "ul": _list,
}
