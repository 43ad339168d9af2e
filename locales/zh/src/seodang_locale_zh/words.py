"""Words in Chinese texts, which have no blanks between them: what is compared, and whether a word stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seodang_locale_zh.writing import HAN, normal

_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_HAN = re.compile(rf"[{HAN}]")
_LATIN = re.compile(r"[A-Za-z0-9]")

LONGER = (
    *("图画书", "刻画出", "描画出", "勾画出", "音乐家", "音乐会", "音乐厅", "音乐剧", "音乐课", "音乐节", "音乐学院", "音乐老师"),
    *("地图学", "图像学", "图表格式", "录音机", "录音棚", "录音笔", "视频会议", "附件炎", "照片墙", "图片社", "链接词"),
)
"""Words in which a shorter one is only a part: a musician is no music, and a novelist's portrait in words no drawing."""


def tokens(text: str) -> list[str]:
    """Pairs of neighbouring characters, and whole words of other scripts: without a dictionary nobody knows where a word ends."""
    found: list[str] = []
    for run in _RUN.findall(normal(text).casefold()):
        pairs = len(run) > 1 and _HAN.match(run)
        found += [run[place : place + 2] for place in range(len(run) - 1)] if pairs else [run]
    return found


def mentioned(text: str, words: Iterable[str]) -> list[str]:
    """Which of the words stand in the text, and not only as a part of one of `LONGER`.

    Words of Latin letters have to stand alone, as in English.
    """
    plain = normal(text).casefold()
    return [word for word in words if _stands_in(plain, normal(word).casefold())]


def _stands_in(text: str, word: str) -> bool:
    if word not in text:
        return False
    left = r"(?<![a-z0-9])" if _LATIN.match(word) else ""
    right = r"(?![a-z0-9])" if _LATIN.match(word[-1:]) else ""
    longer = [other for other in LONGER if word in other and other != word]
    covered = [found.span() for other in longer for found in re.finditer(re.escape(other), text)]
    return any(
        not any(begin <= found.start() and found.end() <= end for begin, end in covered)
        for found in re.finditer(left + re.escape(word) + right, text)
    )
