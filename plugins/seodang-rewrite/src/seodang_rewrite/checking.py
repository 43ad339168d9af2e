"""What may not have changed in a rewritten text, and whether it is what was asked for."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
import seodang

SHOWN = 5

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'가-힣]+|(?<![\w.-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


class Checks(msgspec.Struct, frozen=True, kw_only=True):
    """What a text is held against."""

    locale: seodang.Locale
    level: str
    min_share: float
    shortest: float
    longest: float

    def fits(self, text: str) -> bool:
        """Whether there is nothing to do: a text in which no level shows is at any. A style cannot be told by rule: none has it yet."""
        return bool(self.level) and self.share(text, nothing=1.0) >= self.min_share

    def share(self, text: str, *, nothing: float = 0.0) -> float:
        """How much of the text is at the level; `nothing` where none of its sentences shows one."""
        counts = self.locale.speech_counts(text)
        return counts.get(self.level, 0) / total if (total := sum(counts.values())) else nothing


class Reason(msgspec.Struct, frozen=True):
    code: str
    detail: str


def reason_against(old: str, new: str, checks: Checks) -> Reason | None:
    """The first thing that is wrong with the new text."""
    if _CODE.findall(old) != _CODE.findall(new):
        return Reason("code-changed", _difference(_CODE.findall(old), _CODE.findall(new)))
    old_words, new_words = _CODE.sub(" ", old), _CODE.sub(" ", new)
    if wrong := _difference(_addresses(old_words), _addresses(new_words)):
        return Reason("address-changed", wrong)
    if wrong := _difference(numbers(_ADDRESS.sub(" ", old_words)), numbers(_ADDRESS.sub(" ", new_words))):
        return Reason("numbers-changed", wrong)
    before, after = checks.locale.length(old), checks.locale.length(new)
    if not checks.shortest * before <= after <= checks.longest * before:
        return Reason("length-changed", f"{before} -> {after}")
    if checks.level and checks.share(new) < checks.min_share:
        return Reason("level-not-reached", f"{checks.share(new):.0%}: {new}")
    return None


def numbers(text: str) -> list[str]:
    """The numbers in figures; 1,000 and 1000 are the same."""
    return [found.replace(",", "") for found in _NUMBER.findall(text)]


def _addresses(text: str) -> list[str]:
    # A sentence may end behind one.
    return [found.rstrip(".,;:!?") for found in _ADDRESS.findall(text)]


def _difference(old: list[str], new: list[str]) -> str:
    """What is gone and what is new, or nothing."""
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    shown = [f"-{found}" for found in [*gone.elements()][:SHOWN]] + [f"+{found}" for found in [*come.elements()][:SHOWN]]
    return " ".join(shown)
