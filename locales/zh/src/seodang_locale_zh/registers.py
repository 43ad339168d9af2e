"""How the person who asks is addressed: 您, 你, or neither.

Chinese verbs show no speech level; the address is what there is. A sentence without one shows none and is not counted.
"""

from __future__ import annotations

import re
from collections import Counter

from seodang_locale_zh.sentences import split

POLITE, FAMILIAR = "您", "你"

_FENCE = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_QUOTATION = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|\"[^\"\n]*\"")
# Set phrases in which nobody is spoken to.
_NO_ADDRESS = re.compile(
    r"迷你|你死我活|你追我赶|你来我往|你争我夺|你一言我一语|你情我愿|你中有我|我中有你|你推我搡|你我他|你好我好大家好"
)


def counts(text: str) -> Counter[str]:
    """How many sentences address somebody in each way. Code and quotations do not count: they are somebody else's words."""
    own_words = _NO_ADDRESS.sub("", _QUOTATION.sub("", _FENCE.sub("", text)))
    return Counter(address for sentence in split(own_words) for address in (POLITE, FAMILIAR) if address in sentence)
