"""How an answer is laid out: code fences that are never closed, lists that break off, sentences that end in the middle."""

from __future__ import annotations

import re

import seodang

from seodang_filters.parts import excerpt

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)", re.MULTILINE)
_FENCED = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*(\d{1,3})[.)](?:[ \t]+(\S?)|[ \t]*$)", re.MULTILINE)
_UNFINISHED = re.compile(r"[,，、:：(\[{「『《〈“‘·&+-]$")
_COMPLETE = re.compile(r"[.!?。！？…~♪\"'”’」』》〉)\]}】|>*`_:;%℃°]$")
_ENDING = re.compile(r"(?<!\d)[.!?。！？…][\"'”’」』)\]]*(?:\s|$)")
_INNER_ITEM = re.compile(r"(?:^|[\s.])\d{1,2}[.)]\s?\S|:\s|\\")
_ADDED = re.compile(r"[-–—#*(/]|https?:")
"""What stands behind a last sentence without being one: whose words these are, keywords, a source."""
_LIST_LINE = re.compile(r"\s*(?:[-*•·○●▶►◆■□※→+>#|]|\d{1,3}[.)]|[①-⑳㉠-㉻]|\([0-9가-힣a-z]\)|[가-하][.)])")

LONG_LINE = 30
"""A last line of so many signs is prose and not a name, a title or an item."""


def open_fence(text: str) -> str:
    """Where a code fence opens and never closes, or nothing."""
    if "```" not in text and "~~~" not in text:
        return ""
    opened = ""
    at = 0
    for fence in _FENCE.finditer(text):
        mark = fence.group(1)
        if not opened:
            opened, at = mark, fence.start()
        elif mark[0] == opened[0] and len(mark) >= len(opened):
            opened = ""
    return excerpt(text, at, at + 3) if opened else ""


def broken_list(text: str) -> str:
    """Where a numbered list begins again, leaves a number out, or ends with a number and nothing behind it."""
    if not any(f"2{mark}" in text for mark in ".)"):
        return ""
    prose = _FENCED.sub("", text) if "```" in text else text
    # Lists within lists count from one as often as they like: only the outermost is looked at.
    found_items = list(_ITEM.finditer(prose))
    margins = [found.start(1) - found.start() for found in found_items]
    outermost = [found for found, margin in zip(found_items, margins, strict=True) if margin == min(margins)]
    items = [(int(found.group(1)), found.start(), found.end()) for found in outermost]
    if len(items) < 2:
        return ""
    last, start, end = items[-1]
    if last > 1 and not prose[end - 1 :].strip(" \t\n0123456789.)"):
        return excerpt(prose, start, end)
    numbers = [number for number, _, _ in items]
    for place in range(1, len(items)):
        before, number = numbers[place - 1], numbers[place]
        between = prose[items[place - 1][2] : items[place][1]]
        # A second list may follow under a heading of its own: then lines of prose stand between.
        if number == 1 and before >= 2 and "\n\n" not in between and "\n" not in between.strip("\n"):
            return excerpt(prose, items[place][1], items[place][2])
        if number > before + 1 and before + 1 not in numbers and numbers[0] == 1 and number <= before + 5:
            return excerpt(prose, items[place][1], items[place][2])
    return ""


def cut_off(text: str, locale: seodang.Locale) -> str:
    """The end of an answer that stops in the middle of a sentence, or nothing.

    A last line that other sentences stand before, that is as long as prose and ends in no mark is cut, unless the locale knows its
    ending: in Korean the full stop may be missing behind 〈…습니다〉. Lists, titles, code and short answers have no end to miss.
    """
    stripped = text.rstrip()
    line = stripped[stripped.rfind("\n") + 1 :]
    if not line or "```" in stripped[-4:]:
        return ""
    if _UNFINISHED.search(line) and len(stripped) > LONG_LINE and not _LIST_LINE.match(line):
        return excerpt(stripped, len(stripped) - 1, len(stripped), 60)
    if len(line) < LONG_LINE or _COMPLETE.search(line) or _LIST_LINE.match(line) or not _is_letter(line[-1]):
        return ""
    ends = list(_ENDING.finditer(line))
    if not ends and not _ENDING.search(stripped):
        return ""
    rest = line[ends[-1].end() :] if ends else line
    if (
        len(rest.strip()) < LONG_LINE // 2
        or _ADDED.match(rest)
        or "#" in rest
        or rest.count(",") > 2
        or _INNER_ITEM.search(rest)
        or locale.speech_counts(rest)
    ):
        return ""
    return excerpt(stripped, len(stripped) - 1, len(stripped), 60)


def _is_letter(sign: str) -> bool:
    return sign.isalnum()
