"""What was left in the source's language: a phrase, most of a text, all of it."""

from __future__ import annotations

import re
from functools import cache

from seodang.locales import Locale
from seodang.translation.checks.pairs import Finding, Pair, word_places, words_of
from seodang.translation.checks.verbatim import ASSIGNMENT

PHRASE = 5
"""So many words in a row are no name and no term."""
LOWER = 3
"""So many of them have to begin with a small letter, where the script has such: titles are quoted as they are."""
LEAST_SHARE = 0.3
LEAST_WORDS = 5
_CLASS = re.compile(r"\[(?![\^-])(?:[^\[\]\\]|\\u[0-9a-fA-F]{4})+(?<!-)\]")
"""A plain class of signs, as a locale writes its script."""
_BETWEEN = re.compile(r"[\s,\d]+|\s[\"“‘]")


def residue(pair: Pair) -> Finding | None:
    """Five words in a row that are not in the target's script, or that are the source's own, outside what was protected."""
    own = _script(pair)
    if own is not None and not _may_have_foreign(pair, PHRASE):
        return None
    source = " " + " ".join(words_of(pair.source)).casefold() + " " if own is None else ""
    for run in _runs(pair.open_target, own):
        if sum(not word[0].isupper() for word in run) < min(LOWER, len(run)):
            continue
        if own is not None:
            return Finding("residue", " ".join(run))
        for start in range(len(run) - PHRASE + 1):
            phrase = " ".join(run[start : start + PHRASE])
            if f" {phrase.casefold()} " in source:
                return Finding("residue", phrase)
    return None


def _runs(text: str, own: re.Pattern[str] | None) -> list[list[str]]:
    """Five and more words with blanks and commas between them; with a script, only of words that are not in it."""
    runs: list[list[str]] = [[]]
    end = 0
    for place in word_places(text):
        if not _BETWEEN.fullmatch(text, end, place.start()) and runs[-1]:
            runs.append([])
        end = place.end()
        if own is None or not own.search(place[0]):
            runs[-1].append(place[0])
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) >= PHRASE]


def script(pair: Pair) -> Finding | None:
    """Under three in ten letters are of the target's script, outside what was protected."""
    own = _script(pair)
    if own is None or not _may_have_foreign(pair, 1):
        return None
    words = [word for word in words_of(pair.open_target) if len(word) > 1]
    if len(words) < LEAST_WORDS:
        return None
    letters = "".join(words)
    share = len(own.findall(letters)) / len(letters)
    return Finding("script", f"{share:.2f}") if share < LEAST_SHARE else None


def echo(pair: Pair) -> Finding | None:
    """The translation is the source. Names and terms may be: what is only these begins with capitals, or is no word at all."""
    said = _echoed(pair)
    small = [word for word in said if word[:1].islower() or not word.isascii()]
    return Finding("echo", " ".join(said)) if small else None


def untranslated(pair: Pair) -> Finding | None:
    """A text that is the source, of words with capitals only: a name, or a word that was left. It is told of, because nobody can say."""
    said = _echoed(pair)
    return Finding("untranslated", " ".join(said), "warn") if said and echo(pair) is None else None


def _echoed(pair: Pair) -> list[str]:
    """The words of the source where the translation is the same but for blanks and capitals; none where it is not."""
    source, target = _without_assignments(pair.open_source), _without_assignments(pair.open_target)
    # The first letter tells nearly all apart, and looking at it costs a tenth of looking at all.
    if _first(source) != _first(target) or _normal(source) != _normal(target):
        return []
    return [word for word in words_of(source) if len(word) > 2]


def _without_assignments(text: str) -> str:
    return ASSIGNMENT.sub("", text) if "=" in text else text


def _first(text: str) -> str:
    return text.lstrip()[:1].casefold()[:1]


def _normal(text: str) -> str:
    return "".join(text.split()).casefold()


def _script(pair: Pair) -> re.Pattern[str] | None:
    """A letter of the target's script, where the source's has another."""
    written = _written(pair.target_locale)
    return None if not written or written == _written(pair.source_locale) else _letter(written)


def _may_have_foreign(pair: Pair, least: int) -> bool:
    """Whether so many letters of the translation are not in the target's script: most translations have none, and need no counting."""
    other, text = _other_letter(_written(pair.target_locale)), pair.open_target
    return other.search(text) is not None and (least == 1 or len(other.findall(text)) >= least)


@cache
def _letter(written: str) -> re.Pattern[str]:
    return re.compile(written)


@cache
def _other_letter(written: str) -> re.Pattern[str]:
    if _CLASS.fullmatch(written):
        return re.compile(rf"[^\W\d_{written[1:-1]}]")  # one class is looked for four times as fast as one after a look ahead
    return re.compile(rf"(?!{written})[^\W\d_]")


def _written(locale: Locale | None) -> str:
    return "" if locale is None else locale.patterns.get("script", "")
