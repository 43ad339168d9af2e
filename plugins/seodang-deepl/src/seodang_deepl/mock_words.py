"""A translation that means nothing and is checked easily: deterministic Hangul of half the length, numbers, signs and marks kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from xml.etree import ElementTree

_ALPHABETS = {
    "KO": "가나다라마바사아자하고노도로모보소오조호구누두루무부수우주기니디리미비시이지개내대래매배새애재거너더러머버서어저",
    "JA": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ",
    "ZH": "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而",
}
_LATIN = ["ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu"]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"([^\W\d_]+)([.!?])(?=[\s\"'”’)\]]|$)")
_ENDINGS = {"합쇼": ("합니다", "합니까"), "해요": ("해요", "해요"), "해라": ("한다", "하는가")}


class NotXml(Exception):
    """The text is no XML."""


class Manner:
    """How one request is to be translated."""

    def __init__(
        self, target: str, told: Sequence[str] = (), terms: Mapping[str, str] | None = None, ignored: Collection[str] = ()
    ) -> None:
        self.target = target.partition("-")[0].upper()
        self.ignored = frozenset(ignored)
        self._terms = {term.casefold(): meant for term, meant in (terms or {}).items()}
        self._find_terms = _any_of(self._terms)
        register = next((name for name in _ENDINGS for text in told if f"{name}체" in text), "합쇼")
        self._endings = _ENDINGS[register] if self.target == "KO" else None

    def words(self, text: str) -> str:
        """Plain text, translated. A term of the glossary becomes what the glossary says."""
        if self._find_terms is None:
            return self._sentences(text)
        pieces, end = [], 0
        for found in self._find_terms.finditer(text):
            pieces += [self._sentences(text[end : found.start()]), self._terms[found[0].casefold()]]
            end = found.end()
        return "".join([*pieces, self._sentences(text[end:])])

    def _sentences(self, text: str) -> str:
        translated = _WORD.sub(lambda found: word(found[0], self.target), text)
        if self._endings is None:
            return translated
        statement, question = self._endings
        return _SENTENCE_END.sub(lambda found: found[1][:1] + (question if found[2] == "?" else statement) + found[2], translated)


def word(source: str, target: str = "KO") -> str:
    """A word that is made of its hash: the same one for the same word."""
    digest = hashlib.blake2b(source.casefold().encode(), digest_size=16).digest()
    if target not in _ALPHABETS:
        return "".join(_LATIN[byte % len(_LATIN)] for byte in digest[: -(-len(source) // 2)])
    alphabet = _ALPHABETS[target]
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[: max(1, (len(source) + 1) // 2)])


def translated(text: str, manner: Manner, *, xml: bool) -> str:
    """The text in the target language. What stands in an ignored element stays as it is."""
    return _written(parsed(text), manner) if xml else manner.words(text)


def parsed(text: str) -> ElementTree.Element:
    """Strictly: what is not escaped or not closed is an error, as it is to DeepL's second version."""
    try:
        return ElementTree.fromstring(f"<t>{text}</t>")
    except (ElementTree.ParseError, ValueError) as error:
        raise NotXml(str(error)) from error


def _written(element: ElementTree.Element, manner: Manner, kept: bool = False) -> str:
    say = (lambda text: escaped(text)) if kept else (lambda text: escaped(manner.words(text)))
    pieces = [say(element.text or "")]
    for child in element:
        inside = _written(child, manner, kept or child.tag in manner.ignored)
        attributes = "".join(f' {name}="{escaped(value).replace(chr(34), "&quot;")}"' for name, value in child.attrib.items())
        pieces.append(f"<{child.tag}{attributes}>{inside}</{child.tag}>" if inside else f"<{child.tag}{attributes}/>")
        pieces.append(say(child.tail or ""))
    return "".join(pieces)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _any_of(terms: Collection[str]) -> re.Pattern[str] | None:
    if not terms:
        return None
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
