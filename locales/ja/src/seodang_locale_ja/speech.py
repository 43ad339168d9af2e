"""The speech level of Japanese sentences, by their endings: 敬体 (です・ます) and 常体 (だ・である).

By rule, so it errs where only the meaning tells. Sentences that end in a noun, list items and code have no level.
"""

from __future__ import annotations

import re
from collections import Counter

from seodang_locale_ja.sentences import split

_FENCE = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_QUOTATION = re.compile(r"「[^「」]*」|『[^『』]*』")
_TAIL = re.compile(r"(（[^（）]*）)?[^ぁ-ゖァ-ヺー一-鿿A-Za-z0-9]*$")
_PARTICLES = r"(か|かね|ね|よ|よね|けど|けれど|が|から|ので|の|な)?$"
_POLITE = re.compile(
    r"(です|ます|でした|ました|ません|ませんでした|でしょう|ましょう|ください|下さい|くださいませ|ございます|なさい)" + _PARTICLES
)
# 〜い nouns such as お祝い and 扱い end like adjectives; the frequent ones are listed.
_NO_PREDICATE = re.compile(
    r"(祝い|占い|扱い|思い|匂い|違い|願い|買い物|手伝い|支払い|問い|戦い|使い|狙い|争い|救い|笑い|くらい|ぐらい|こと|もの)$"
)
_PLAIN = re.compile(
    r"(である|であった|だろう|であろう|[うくぐすつぬぶむる]|[んいっ]だ|だ|た|ない|い|よう|まい|せよ|しろ)(か|ね|よ|な|ぞ|わ|さ|が)?$"
)


def levels(text: str) -> Counter[str]:
    """How many sentences have each level. Code and quotations do not count: they are somebody else's words."""
    own_words = _QUOTATION.sub("", _FENCE.sub("", text))
    return Counter(found for sentence in split(own_words) if (found := sentence_level(sentence)))


def sentence_level(sentence: str) -> str:
    ending = _TAIL.sub("", sentence)
    if _POLITE.search(ending):
        return "敬体"
    if not ending or _NO_PREDICATE.search(ending):
        return ""
    return "常体" if _PLAIN.search(ending) else ""
