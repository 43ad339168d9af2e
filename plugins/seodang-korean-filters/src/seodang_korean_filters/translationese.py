"""How much a text reads like a translation: marks for every hundred sentences, and where in the batch that stands."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated

import msgspec
import seodang

from seodang_korean_filters.fields import FieldOptions, parts, require_korean, without_code, without_quotations

TAG, PERCENTILE_TAG = "translationese", "translationese-percentile"

MARKERS = {
    "당신": r"당신(?:[은이의을도과]|에게)?(?![가-힣])",
    "그것·그녀·그들": r"(?<![가-힣])(?:그것|이것들|그녀|그들|그것들)(?:[은는이가을를의도]|에게)?(?![가-힣])",
    "에 의해": r"에 ?의(?:해|하여|한)(?![가-힣])|에 의해서",
    "에 대한·대해": r"에 ?대(?:한|해|하여|해서)(?![가-힣])",
    "하는 것이다": r"[는은할될한된] 것(?:입니다|이다|이에요)",
    "되어지다": r"되어(?:지|진|졌|질)|보여(?:지|진|졌)|쓰여(?:지|진|졌)|불려(?:지|진|졌)",
    "을 가지고 있다": r"[을를] 가지고 있|[을를] 가진다|[을를] 갖고 있",
    "(으)로부터": r"로부터",
    "중 하나": r"(?<![가-힣])중(?:의)? 하나",
    "겹친 복수": r"(?<![가-힣])(?:많은|여러|모든|다양한|몇몇|일부|수많은|두|세|네|다섯) (?:[가-힣]{1,6} )?[가-힣]{1,6}들(?:[은이을의과도]|에게|에)?(?![가-힣])",
    "그리고·그러나": r"(?:^|(?<=[.!?] ))(?:그리고|그러나|하지만),? ",
}
"""What Korean grown from other languages has more of than Korean. None of it is wrong by itself."""

_NEEDED = {
    "당신": ("당신",),
    "그것·그녀·그들": ("그것", "이것들", "그녀", "그들"),
    "에 의해": ("의해", "의하여", "의한"),
    "에 대한·대해": ("대한", "대해", "대하여"),
    "하는 것이다": (" 것입니다", " 것이다", " 것이에요"),
    "되어지다": ("되어", "보여", "쓰여", "불려"),
    "을 가지고 있다": ("가지고 있", "가진다", "갖고 있"),
    "(으)로부터": ("로부터",),
    "중 하나": ("중 하나", "중의 하나"),
    "겹친 복수": ("많은 ", "여러 ", "모든 ", "다양한 ", "몇몇 ", "일부 ", "두 ", "세 ", "네 ", "다섯 "),
    "그리고·그러나": ("그리고", "그러나", "하지만"),
}
"""One of these stands in every mark of its kind. Looking for them first is five times as fast, because a text has few kinds."""
_ANY_NEEDED = re.compile("|".join(word for words in _NEEDED.values() for word in words))
_SHOWN = 4


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"({MARKERS[name]})" for name in names) or "(?!)", re.MULTILINE)


class Translationese(seodang.Filter):
    """Tags texts with the number of marks of translated Korean for 100 sentences, and with its percentile in the batch.

    The percentile is the share of the texts that have a lower rate. Nothing is left out unless a threshold is set, and then only texts of
    some length: one mark in one sentence says nothing. Frequent marks stand in good Korean too, so a single one is no fault.
    """

    name = "translationese"
    revision = 1
    whole = True

    class Options(FieldOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        threshold: Annotated[
            float,
            msgspec.Meta(ge=0, description="Leave out texts with more marks than this for 100 sentences; 0 leaves out none."),
        ] = 0
        min_sentences: Annotated[int, msgspec.Meta(ge=1, description="A text of fewer sentences is never left out.")] = 3

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        require_korean(self.name, context)
        locale = context.locale
        rates = array("d", (self._read(record, locale).rate for record in records))
        ranked = array("d", sorted(rate for rate in rates if not math.isnan(rate)))
        for record, rate in zip(records, rates, strict=True):
            if math.isnan(rate):
                yield seodang.Keep()
                continue
            if 0 < self.options.threshold < rate:
                reading = self._read(record, locale)
                if reading.sentences >= self.options.min_sentences:
                    yield seodang.Drop("translationese", f"{rate:.0f}: {reading.told()}")
                    continue
            percentile = 100 * bisect_left(ranked, rate) // len(ranked)
            yield seodang.Keep(tags={TAG: round(rate, 1), PERCENTILE_TAG: percentile})

    def _read(self, record: seodang.Record, locale: seodang.Locale) -> Reading:
        marks: Counter[str] = Counter()
        sentences = 0
        for part in parts(record, self.options.fields):
            text = without_quotations(without_code(part.text))
            sentences += sum(1 for sentence in locale.sentences(text) if not sentence.isspace())
            if not _ANY_NEEDED.search(text):
                continue
            names = tuple(name for name, words in _NEEDED.items() if any(word in text for word in words))
            marks.update(names[found.lastindex - 1] for found in _any_of(names).finditer(text))  # type: ignore[operator]  # each match is of a group
        return Reading(sentences, marks)


class Reading(msgspec.Struct, frozen=True):
    """What was counted in the texts of one record."""

    sentences: int
    marks: Counter[str]

    @property
    def rate(self) -> float:
        """Marks for 100 sentences; not a number where there is no sentence."""
        return 100 * self.marks.total() / self.sentences if self.sentences else math.nan

    def told(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in self.marks.most_common(_SHOWN))
