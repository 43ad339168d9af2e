"""Which label an answer is. One that says more than a label says none: 〈긍정이 아닙니다〉 has a label in it and means another."""

from __future__ import annotations

import re
from collections.abc import Sequence

import seodang

_AROUND = " \t\n.,!?;:。、*_`~'\"“”‘’「」『』〈〉《》()[]<>-–•"


def read_label(answer: str, labels: Sequence[str], locale: seodang.Locale) -> str | None:
    """The label that the answer is: alone, in quotation marks, behind the language's word for a label (〈분류: 긍정〉), or with what the language
    hangs on to a word (〈긍정입니다〉). None for everything else.
    """
    said = _bare(answer)
    for marker in sorted(locale.markers.get("label", ()), key=len, reverse=True):
        behind = re.match(rf"{re.escape(marker)}\s*[:：=]\s*", said, re.IGNORECASE)
        if behind:
            said = _bare(said[behind.end() :])
            break
    same = [label for label in labels if _bare(label).casefold() == said.casefold()]
    if same:
        return same[0]
    # No more words than the label has, so that nothing stands beside it which could turn its meaning round.
    worn = [label for label in labels if len(said.split()) == len(label.split()) and locale.mentions(said, [label])]
    return worn[0] if len(worn) == 1 else None


def _bare(text: str) -> str:
    return seodang.nfc(text).strip(_AROUND)
