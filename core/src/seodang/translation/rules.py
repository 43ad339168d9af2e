"""The rules of inline protection, in their order: what has a program, a formula or an address behind it, and how it is told.

A rule is asked only where one of its signs stands in the text, because a search for signs costs a hundredth of a search for a
pattern, and most prose has none of them. Plain numbers are not protected: languages write them in their own way, so they are checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from seodang.translation.payloads import MOST_TRIES, json_end

Spans = Callable[[str], Iterable[tuple[int, int]]]
Asked = Callable[[str], Any]


LEAST_HASH = 16
"""Letters and digits in a row: no word is as long that has digits in it."""


SIGNS = re.compile(r"[`{\[$\\<&%@/_]")
"""What has a part of one of the kinds of `SIGNED` has one of these. Most prose has none, and is asked for once."""
SIGNED = frozenset({"code", "json", "formula", "token", "tag", "e-mail", "entity", "placeholder", "path", "mention"})


class Rule(NamedTuple):
    """`asked` says whether a text may have such parts, `find` where they begin and end."""

    kind: str
    asked: Asked
    find: Spans


def _any_of(*signs: str) -> Asked:
    def has_one(text: str) -> bool:
        for sign in signs:  # noqa: SIM110  # a generator would cost more than all the searches
            if sign in text:
                return True
        return False

    return has_one


def _found(pattern: str) -> Asked:
    return re.compile(pattern).search


_ENDS = ".,;:!?…。，、；：！？)]}>\"'”’»」』》〉"
_TOP = r"(?:com|org|net|edu|gov|mil|int|info|io|ai|dev|app|co|kr|jp|cn|uk|de|fr|eu|us|ca|au|tv|me|wiki|xyz|biz|blog|shop|site|online)"
_FILES = (
    r"(?:py|ipynb|js|ts|jsx|tsx|java|kt|c|h|cc|cpp|hpp|cs|go|rs|rb|php|pl|sh|bat|ps1|sql|html?|css|scss|json|jsonl|ya?ml|toml|ini|cfg|conf|xml|csv|tsv|"
    r"txt|md|rst|tex|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp[34]|wav|zip|tar|gz|log|lock|exe|dll|so|jar|env|db|sqlite|parquet|hwp)"
)
_UNITS = (
    r"(?:(?!pm)[munpkMGT]?(?:m|g|s|W|V|A|Hz|B|b|bit|bps|J|N|Pa|L|l|eV|Ω|F|mol|cal)|cm[²³23]?|dm[²³23]?|k?m[²³23]|mm[²³23]?|Wh|[kMG]Wh|mAh|Ah|dB|px|pt|em|rem|ppm|"
    r"ppb|rpm|mph|km/h|m/s[²2]?|[KMGT]iB|mmHg|hPa|kcal|°[CFK]?|℃|℉|%|‰)"
)
_OPERAND = r"(?:\d+(?:[.,]\d+)*(?:\^\d+|[a-zA-Z](?:\^\d+|[²³])?)?|[a-zA-Z](?:\^\d+|[²³]|\d)?|\([^()\n]{1,40}\))"


def _spans(pattern: str, flags: int = 0) -> Callable[[str], Iterable[tuple[int, int]]]:
    # ASCII, because in some languages a particle stands right behind a word of a program: config.yaml을.
    finditer = re.compile(pattern, flags | re.ASCII).finditer
    return lambda text: (found.span() for found in finditer(text))


def _spans_at(first: str, pattern: str) -> Callable[[str], Iterable[tuple[int, int]]]:
    """The same for a pattern that begins with one of a few signs, and first looks behind: looking for these signs alone passes over the
    rest of the text ten times as fast."""
    begins, match = re.compile(first, re.ASCII).search, re.compile(pattern, re.ASCII).match

    def spans(text: str) -> Iterator[tuple[int, int]]:
        place = 0
        while (begin := begins(text, place)) is not None:
            place = begin.end()
            if (found := match(text, begin.start())) is not None:
                yield found.span()
                place = found.end()

    return spans


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Addresses without the full stop or the bracket that belongs to the sentence around them."""
    for found in _ADDRESS.finditer(text):
        address = _PARTICLE.sub("", found[0])
        while address and address[-1] in _ENDS:
            opening = {")": "(", "]": "[", "}": "{"}.get(address[-1])
            if opening and address.count(opening) >= address.count(address[-1]):
                break
            address = address[:-1]
        if address:
            yield found.start(), found.start() + len(address)


def _data(text: str) -> Iterator[tuple[int, int]]:
    """Objects and lists of JSON inside a line."""
    tries, seen = 0, 0
    for found in _DATA.finditer(text):
        if found.start() < seen or tries >= MOST_TRIES:
            continue
        tries += 1
        end = json_end(text, found.start())
        if end > found.start():
            seen = end
            yield found.start(), end


_ADDRESS = re.compile(
    r"(?:(?:https?|ftps?|sftp|file|wss?|ssh|git|s3|redis|postgres(?:ql)?|mysql|mongodb)://|www\.)[^\s<>\"'`|\\^{}⟦⟧]+",
    re.IGNORECASE,
)
# What stands behind a letter or digit is a particle; what stands behind a stroke is the name of a page.
_PARTICLE = re.compile(r"(?<=[A-Za-z0-9])[가-힣ぁ-ゖァ-ヺ一-鿿]+$")
_DATA = re.compile(r"[\[{]\s*[\[{\"]")
_CAMEL = re.compile(r"[A-Z](?<=[a-z0-9].)")  # looking for the capital first passes over all that is none
_DIGIT = re.compile(r"[0-9]")
_JOINS = re.compile(r"[=+*/^×÷·<>≤≥≠]")
_CALL = re.compile(r"\w\(")


def _has_long_word(text: str) -> bool:
    """Each has a digit, but for one of letters with four strokes."""
    if "0x" in text:
        return True
    return bool(_DIGIT.search(text) or text.count("-") >= 4) and max(map(len, text.split()), default=0) >= LEAST_HASH


def _has_sum(text: str) -> Any:
    return _JOINS.search(text) or " - " in text or " − " in text or " – " in text


def _has_joined_word(text: str) -> Any:
    return "_" in text or "-" in text or ("(" in text and _CALL.search(text)) or _CAMEL.search(text)


RULES: tuple[Rule, ...] = (
    Rule("code", _any_of("`"), _spans(r"(?<!`)(?:``(?!`)[^\n]{1,400}?(?<!`)``(?!`)|`[^`\n]{1,1000}`(?!`))")),
    Rule("mark", _found(r"[⟦⟧\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]"), _spans(r"[⟦⟧\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]+")),
    Rule("json", _any_of("{", "["), _data),
    Rule(
        "formula",
        _any_of("$", "\\"),
        _spans(
            r"\$\$[^$]{1,2000}\$\$|\\\([^\n]{1,600}?\\\)|\\\[[^\n]{1,600}?\\\]|\\begin\{([A-Za-z]+\*?)\}.{0,2000}?\\end\{\1\}"
            r"|(?<![\w$\\])\$(?![\s$])[^$\n]{0,300}[^\s$\\]\$(?![\d$])|(?<![\w:\\])\\[A-Za-z]+(?:\{[^{}\n]{0,200}\})*",
            re.DOTALL,
        ),
    ),
    Rule("token", _any_of("<|", "[/", "[INST", "<<"), _spans(r"<\|[\w-]{1,40}\|>|\[/?INST\]|<</?SYS>>")),
    Rule(
        "tag",
        _any_of("<"),
        _spans(
            r"<(code|kbd|samp|var|pre|script|style)\b[^<>]{0,200}>.{0,2000}?</\1>"
            r"|</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>]{0,400})?/?>|<!--.{0,1000}?-->",
            re.DOTALL,
        ),
    ),
    Rule("address", _any_of("://", "www.", "WWW."), _addresses),
    Rule("e-mail", _any_of("@"), _spans(r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")),
    Rule(
        "entity",
        _any_of("&lt;"),  # a tag as it stands in a page that shows it
        _spans(
            r"&lt;(?:/[A-Za-z][\w:.-]{0,40}\s?|[A-Za-z][\w:.-]{0,40}(?:\s{1,3}[\w:-]{1,40}=(?:&quot;[^<>&\n]{0,200}&quot;|\"[^<>\"\n]{0,200}\"|'[^<>'\n]{0,200}'"
            r"|[\w.#/-]{1,80})){0,8}\s?/?)&gt;"
        ),
    ),
    Rule("entity", _any_of("&"), _spans(r"&(?!(?:#39|#x27|apos|rsquo|lsquo);\w)(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")),
    Rule(
        "placeholder",
        _any_of("{", "%", "[", "__"),
        _spans(
            r"\{\{[^{}\n]{1,80}\}\}|\$?\{[A-Za-z_0-9][\w.:!,\[\]-]{0,60}\}|\{\}|%\([A-Za-z_]\w{0,60}\)[sdifrxgeG]|%\d\$[sd@]"
            r"|%[-+0#]?\d*(?:\.\d+)?l{0,2}[sdifxXgeGcu@](?![A-Za-z가-힣])"
            r"|\[[A-Z][A-Z0-9_]{1,30}\]|_{2,}"
        ),
    ),
    Rule(
        "path",
        _any_of("/", "\\"),
        _spans(
            r"(?<![\w/.:<])(?:~|\.{1,2})?/[\w.@%+-]+(?:/[\w.@%+*-]+)+/?|(?<![\w/.])(?:~|\.{1,2})/[\w.@%+-]+/?|(?<!\w)[A-Za-z]:\\[^\s<>\"'|?*]+"
            rf"|(?<![\w/.])[\w.-]+(?:/[\w.-]+)+\.{_FILES}\b|(?<![\w/])/(?:etc|usr|var|tmp|home|opt|dev|bin|api|v\d)\b"
        ),
    ),
    Rule("mention", _any_of("@"), _spans(r"(?<![\w@.])@[A-Za-z_][\w-]{0,38}(?:/[\w.-]+)?")),
    Rule("file", _found(r"\.[A-Za-z0-9]"), _spans(rf"(?<![\w.@/-])[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*\.{_FILES}(?![\w-])(?!\.\w)")),
    Rule(
        "address",
        _found(r"\.[a-z]"),
        _spans(
            rf"(?<![\w.@/-])[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{{1,63}})*\.{_TOP}(?![\w.-]*\w)"
            r"(?:/[\w./%~?=&#+-]*\w)?"
        ),
    ),
    Rule(
        "hash",
        _has_long_word,
        _spans(
            r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
            r"|(?<![\w+/])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{16,}(?!\w)|0x[0-9a-fA-F]{2,}\b"
            r"|(?<![\w+/])(?=[A-Za-z+/]*[0-9])(?=[A-Z0-9+/]*[a-z])(?=[a-z0-9+/]*[A-Z])[A-Za-z0-9+/]{24,}={0,2}(?![\w+/])"
        ),
    ),
    Rule(
        "identifier",
        _has_joined_word,
        _spans(
            r"(?<![\w.])(?:[A-Za-z]\w*\.)*[A-Za-z_]\w*\((?!e?s\)|\d+ ?[a-z]+\))[\w\"', =.-]{0,60}\)|(?<![\w.])[A-Za-z]\w*(?:\.[A-Za-z_]\w+)+(?=[_(\[])"
            r"|(?<![\w])[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?![\w])|(?<![\w])_[A-Za-z][A-Za-z0-9_]*(?=\b)"
            r"|(?<![\w])[a-z]+[0-9]*(?:[A-Z][a-z0-9]*)+(?![\w])|(?<![\w])(?:[A-Z][a-z0-9]+){3,}(?![\w])|(?<![^\s(\[])(?:--[a-z][\w-]+(?:=[^\s,;]+)?|-[a-zA-Z])(?![\w-])"
        ),
    ),
    Rule(
        "number",
        _found(r"[0-9]"),
        _spans_at(
            r"[0-9v]",
            r"(?:(?<![\w.-])\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\w-])"
            r"|(?<![\w.:])\d{1,2}:\d{2}(?::\d{2})?(?![\w:])|(?<![\w.])v?\d+(?:\.\d+){2,}(?:-[\w.]+)?(?![\w])|(?<!\w)v\d+(?:\.\d+)*(?!\w)"
            rf"|(?<![\w.,])(?!(?:\d\d)?\d0s\b)\d+(?:[.,]\d+)*[ \u00a0]?{_UNITS}(?![\w/]))"  # the 1990s are no seconds
        ),
    ),
    Rule(
        "number",
        _has_sum,
        _spans(
            rf"(?<![\w.,$€£₩¥])(?=[^\n]{{0,40}}\d){_OPERAND}(?: *[=+*/^×÷·<>≤≥≠] *-?{_OPERAND}| [-−–] {_OPERAND})+(?![\w])"
        ),
    ),
)  # fmt: skip
