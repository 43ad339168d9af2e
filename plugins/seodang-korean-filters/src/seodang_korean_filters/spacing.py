"""Texts without blanks between words, and with blanks inside words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_korean_filters.fields import FaultOptions, parts, require_korean, without_code

TAG = "spacing"

_SINGLE = re.compile(r"(?<!\S)[가-힣](?:[ \t\u00a0]+[가-힣]){4,}(?![^\s.!?,])")
# The longest verbs have twelve: 데이터베이스화되었습니다.
_SENTENCE = re.compile(r"(?<![가-힣])[가-힣]{11,60}(?:니다|니까|[어아해세네에예]요|죠|[는했었았한이]다)(?![가-힣])")
_LONG_RUN = re.compile(r"[가-힣]{13}")
_TWO_SINGLES = re.compile(r"[ \t\u00a0][가-힣][ \t\u00a0]+[가-힣][ \t\u00a0]")
"""What stands in every `_SENTENCE` and in every `_SINGLE`, and is found faster."""
_SERIES = (
    "가나다라마바사아자차카타파하", "월화수목금토일", "도레미파솔라시도", "일이삼사오육칠팔구십", "갑을병정무기경신임계",
    "자축인묘진사오미신유술해", "수금지화목토천해", "아야어여오요우유으이",
)  # fmt: skip
_LAUGHTER, _SHOWN = 3, 40


class Spacing(seodang.Filter):
    """Leaves out texts that were written without blanks, and words that a PDF or a careless split has taken apart.

    〈오늘은날씨가좋아서공원에갔습니다〉 and 〈안 녕 하 세 요〉. The longest names of laws and authorities have 15 syllables, verbs that
    end a sentence twelve, and natural Korean has at most five words of one syllable in a row. Small slips (〈할수 있다〉) need morphology
    and are not looked for.
    """

    name = "spacing"
    revision = 1

    class Options(FaultOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        longest: Annotated[
            int, msgspec.Meta(ge=10, description="More syllables than this without a blank are several words.")
        ] = 17
        singles: Annotated[
            int, msgspec.Meta(ge=5, description="More words of one syllable than this in a row are a word taken apart.")
        ] = 5

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        require_korean(self.name, context)
        runs = re.compile(rf"[가-힣]{{{self.options.longest + 1},}}")
        return [self._verdict(record, runs) for record in records]

    def _verdict(self, record: seodang.Record, runs: re.Pattern[str]) -> seodang.Keep | seodang.Drop:
        for part in parts(record, self.options.fields):
            text = without_code(part.text)
            if _LONG_RUN.search(text) or self.options.longest < 12:
                joined = (run for run in runs.finditer(text) if len(set(run.group())) > _LAUGHTER)
                if run := next(joined, None) or _SENTENCE.search(text):
                    return self._fault("no-blanks", run.group())
            for singles in _SINGLE.finditer(text) if _TWO_SINGLES.search(text) else ():
                syllables = "".join(singles.group().split())
                if len(syllables) > self.options.singles and not any(syllables[:4] in series for series in _SERIES):
                    return self._fault("blanks-in-words", singles.group())
        return seodang.Keep()

    def _fault(self, code: str, place: str) -> seodang.Keep | seodang.Drop:
        return seodang.Keep(tags={TAG: code}) if self.options.action == "tag" else seodang.Drop(code, place[:_SHOWN])
