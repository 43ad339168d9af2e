"""Tells whether a text is English: many languages use the same letters, and so does most code.

By rule: English has its small words (the, of, to …), its neighbours have others, and code has more brackets than words. A text
without any small word is taken for English only while it is short and plain, as answers in one word and lists are; a short text
in another language that lacks its own small words passes, too. Where that matters, a detector of languages is needed.
"""

from __future__ import annotations

import re
from itertools import repeat

import seodang

FEW = 20
"""As many words need no small word among them."""

_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|https?://\S+|(?<![\w.-])[\w.-]++@[\w-]+\.[\w.-]+\b", re.DOTALL)
_QUOTATION = re.compile(r'"[^"\n]*"|“[^”\n]*”|‘[^’\n]*’')
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)?")
_CODE_SIGN = re.compile(r"[{}()\[\]<>;_\\$&]")
_DOT_INSIDE = re.compile(r"\.[A-Za-z]{2}")
_DOTTED = re.compile(r"[A-Za-z]\.[A-Za-z]{2}")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_ENGLISH = _words(
    "a i the and of to that it its this these those there their they them with you your yours have has had what which who",
    "whose whom how when where why from for by or not are were been be being our ours us my her his him she he will would",
    "can could should shall may might must do does did done than then if into onto about because while after before between",
    "through during without under over out up down all any each every some many much more most other such only also very",
    "just here one two three four first give write make list name find explain describe please using use tell let say is as",
    "at but we me so no on in an was",
)
_SHARED = _words(
    "a i is as at in an so no on was me we us do had he her him over be been may must list name also much all first up"
)
"""English words that a neighbour has, too: they count for English, but only half."""

# Small words of the neighbours that are no English words: no German 'die' and 'hat', no French 'plus', no Dutch 'van'.
_FOREIGN = _words(
    "der das und ist nicht ein eine einen einem einer ich wir sie auf für dem des von zu zum zur sich auch wird wurde wie",
    "wo wenn oder aber noch nur kann sind im aus nach über le la les une est et dans pour que qui pas vous je tu il elle",
    "nous du aux avec sont ce cette où el una por para con es más pero sus este esta muy qué di che è sono della nel gli",
    "dei alla anche questo het een en niet zijn dat voor ook maar deze wordt naar uma não dos você isso och att det som på",
    "av är inte jag ett yang untuk dengan ini itu tidak dari",
)


_WEIGHTS = {word: 0.5 if word in _SHARED else 1.0 for word in _ENGLISH}


def _code_marks(prose: str) -> int:
    """How many marks and dotted names of code there are; no sign belongs to both."""
    dotted = _DOTTED.findall(prose) if _DOT_INSIDE.search(prose) else ()
    return len(_CODE_SIGN.findall(prose)) + len(dotted)


def is_english(text: str) -> bool:
    """Whether the small words, the letters and the marks of the text are those of English.

    Code, addresses and quotations do not count.
    """
    prose = seodang.nfc(text)
    # Most texts have none of these, and looking for a sign costs a hundredth of looking for a pattern.
    if "`" in prose or "@" in prose or "http" in prose:
        prose = _NO_PROSE.sub(" ", prose)
    if '"' in prose or "“" in prose or "‘" in prose:
        without_quotations = _QUOTATION.sub(" ", prose)
        prose = without_quotations if _LATIN_WORD.search(without_quotations) else prose
    words = [word for word in _LATIN_WORD.findall(prose.casefold()) if len(word) > 1 or word in "ai"]
    # A Chinese character is about as much as a word.
    other_letters = 0 if prose.isascii() else sum(sign.isalpha() and sign >= "ɐ" for sign in prose)
    if other_letters >= len(words) or 2 * _code_marks(prose) >= len(words):
        return False
    english = sum(map(_WEIGHTS.get, words, repeat(0.0)))
    foreign = sum(map(_FOREIGN.__contains__, words))
    if foreign >= english and foreign:
        return False
    if len(words) > FEW:
        return english >= len(words) / 20
    return bool(english) or all(word.isascii() for word in words)
