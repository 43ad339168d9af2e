"""HTML of questions and answers as Markdown: code, lists, tables and line breaks survive, scripts and pictures do not."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_GONE = ("script", "style", "iframe", "noscript", "template", "button", "input", "select", "textarea", "svg", "object", "embed")
_CODE_VIEWS = (".__se_code_view", ".se-code-source pre", ".se-module-code pre")
"""The editor writes code into a `div` whose line breaks only a style sheet keeps."""
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")


def markdown_of(html: str) -> str:
    """The text of a fragment. What it says is left as it is: nothing in it is escaped, nor is code in it cleaned."""
    # Imported here, because a source of rows needs none of it.
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all(_GONE):
        element.decompose()
    for selector in _CODE_VIEWS:
        for element in soup.select(selector):
            element.name = "pre"
    return _tidied(_converter()().convert_soup(soup))


def _tidied(text: str) -> str:
    """Blank lines by which people space their texts become one; the lines of code stay as they are."""
    lines: list[str] = []
    in_code = False
    for line in text.split("\n"):
        if line.startswith("```"):
            in_code = not in_code
        elif not in_code:
            line = _INVISIBLE.sub("", line).replace("\u00a0", " ").rstrip()
            if not line and lines and not lines[-1]:
                continue
        lines.append(line)
    return "\n".join(lines).strip()


@cache
def _converter() -> Any:
    from markdownify import MarkdownConverter

    class Converter(MarkdownConverter):  # type: ignore[misc]  # the library has no types
        class Options(MarkdownConverter.DefaultOptions):  # type: ignore[misc]
            heading_style = "atx"
            bullets = "-"
            escape_asterisks = False
            escape_underscores = False
            escape_misc = False
            autolinks = True
            code_language_callback = staticmethod(language_of)

        def convert_br(self, element: Any, text: str, parent_tags: Any) -> str:
            """A plain line break: two blanks at the end of a line are Markdown's, and nobody who writes an answer makes them."""
            return " " if "_inline" in parent_tags else "\n"

        def convert_img(self, element: Any, text: str, parent_tags: Any) -> str:
            return ""

        def convert_a(self, element: Any, text: str, parent_tags: Any) -> str:
            """Only addresses that a reader can open: a script in a link is no address."""
            href = str(element.get("href") or "").strip()
            if not href.lower().startswith(("http://", "https://", "mailto:")):
                return text
            return str(super().convert_a(element, text, parent_tags))

    return Converter


def language_of(element: Any) -> str:
    """The language of a code block from its class, where the editor has written one."""
    names = [*element.get("class", ()), *(name for code in element.find_all("code") for name in code.get("class", ()))]
    return next((name.partition("-")[2] for name in names if re.fullmatch(r"(language|lang)-[A-Za-z0-9+#]{1,20}", name)), "")
