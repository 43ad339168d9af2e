"""What a page left in texts that were copied from it: buttons, counters, the page's own error messages."""

from __future__ import annotations

import re

# "```python" and the button "Copy code" become one line, sometimes with the first line of the code behind it.
_GLUED = re.compile(r"^([ \t]*`{3,})[ \t]*\n?[ \t]*([A-Za-z0-9_+#.-]{0,24}?)Copy code[ \t]*\n?", re.MULTILINE)
_BUTTON = re.compile(r"[ \t]*Copy code[ \t]*")
_COUNTED = re.compile(r"[ \t]*Copy\d+ chars / \d+ words[ \t]*")
# "2 / 2" and then the answer without a blank. "1 / 2 cup of sugar" is an answer.
_COUNTER = re.compile(r"\A\s*(\d+) / (\d+)(?=\n|[^\s\d.,;:)%/*+=-])")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"

PAGE_ERRORS = (
    "Too many requests in 1 hour. Try again later.",
    "!Too many requests in 1 hour. Try again later.",
    "Something went wrong. If this issue persists please contact us",
    "An error occurred. If this issue persists please contact us",
    "An error occurred. Either the engine you requested does not exist",
    "There was an error generating a response",
)
"""How the page begins when it has no answer. It says so in English, whatever the dialogue is in."""


def is_page_error(text: str) -> bool:
    return text.lstrip().startswith(PAGE_ERRORS)


def is_silent(text: str) -> bool:
    """Whether nothing can be seen of the text."""
    return not text.strip().strip(_INVISIBLE).strip()


def without_remnants(answer: str) -> str:
    """The answer without what the page put into it. Inside code only the button at its head is looked for."""
    counter = _COUNTER.match(answer)
    if counter and 1 <= int(counter[1]) <= int(counter[2]) and int(counter[2]) > 1:
        answer = answer[counter.end() :].lstrip("\n")
    if "Copy" not in answer:
        return answer
    answer = _GLUED.sub(r"\1\2\n", answer)
    if "Copy" not in answer:
        return answer
    return "\n".join(_spoken_lines(answer))


def _spoken_lines(answer: str) -> list[str]:
    lines: list[str] = []
    fence = ""
    for line in answer.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == mark[1] and mark[1].startswith(fence):
            fence = ""
        elif not fence and (_BUTTON.fullmatch(line) or _COUNTED.fullmatch(line)):
            continue
        lines.append(line)
    return lines
