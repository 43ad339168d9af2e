"""Blocks: what of a text is never sent to a translator (code, formulas, data, markup), and where the paragraphs between them lie.

Read as people write in chats, which is Markdown as it comes and not as it should be: a fence that nobody closes goes to the end,
and code stands without any fence. Every line is looked at a few times and none often, however hostile the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seodang.translation import codelike, payloads
from seodang.translation.parts import Block, kept

ROLES = "human|user|assistant|system|ai|bot|gpt|instruction|response"
_FENCE = re.compile(r"\s*(?:>\s*)*(`{3,}|~{3,})")
_RULE = re.compile(r"\s*([-=*_~#+.])(?:\s*\1){2,}\s*")
_MARKERS = re.compile(
    r"(?:[ \t]*>)*[ \t]*"
    r"(?:(?:[-*+•▪◦·‣–]|\d{1,3}[.)]|[A-Ha-h][.)]|[ivxIVX]{1,4}[.)]|\((?:\d{1,2}|[A-Za-z])\)|[①-⑳])[ \t]+)?"
    r"(?:\[[ xX]\][ \t]+)?(?:#{1,6}[ \t]+)?"
    rf"(?:(?i:{ROLES})[ \t]*:(?:[ \t]+|$))?"
)
_BULLETED = re.compile(r"[^\s>]")
_SPANS = ((re.compile(r"\$\$"), "$$"), (re.compile(r"(?<!\\)\\\["), "\\]"), (re.compile(r"\\begin\{([A-Za-z]+\*?)\}"), ""))
_MARKUP = re.compile(
    r"\s*(?:<!doctype|<\?|</?(address|article|aside|audio|blockquote|body|button|canvas|caption|center|col|colgroup|dd|"
    r"details|div|dl|dt|fieldset|figure|figcaption|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|img|input|label|legend|"
    r"li|link|main|menu|meta|nav|ol|optgroup|option|p|param|picture|section|select|source|summary|table|tbody|td|"
    r"template|tfoot|th|thead|title|tr|track|ul|video)(?=[\s/>])|</?([a-z][\w:.-]*)(?:\s[^<>]*)?>\s*$)",
    re.IGNORECASE,
)
_VERBATIM = re.compile(r"\s*<(pre|script|style|textarea|svg|code|!--)", re.IGNORECASE)
_DELIMITERS = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_SPECIAL = re.compile(r"[\n\t`~<|{}\[\]$\\]")
"""A text without any of these, and without two blanks in a row, is one line, and all that can be before its words is a marker. Most texts are such."""
_CELL = re.compile(r"(`+[^`]*`+|\\.|[^|`\\]+|`+|\\)|(\|)")


def blocks_of(text: str) -> list[Block]:
    """The blocks in their order; joined they are the text."""
    if not may_have_code(text) and not _RULE.fullmatch(text):
        return list(_line(text))
    return list(_Reading(text).blocks())


def may_have_code(text: str) -> bool:
    """False where no block of the text can be one that is never sent, but for a rule: telling that costs less than reading it."""
    return _SPECIAL.search(text) is not None or "  " in text or bool(codelike.unfenced((text,), 0))


class _Reading:
    def __init__(self, text: str) -> None:
        # Only these are line ends here: others, such as U+2028, stay inside a text and are its translator's business.
        self._lines = [line + "\n" for line in text.split("\n")]
        self._lines[-1] = self._lines[-1][:-1]
        self._at = 0
        self._unclosed: set[str] = set()
        self._payloads = payloads.Payloads()
        self._after_blank = True
        self._in_list = False
        self._prose_before = 0

    def blocks(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                yield self._take(1, "blank")
                self._after_blank = True
                continue
            yield from self._next(line)
            self._after_blank = False

    def _take(self, lines: int, kind: str) -> Block:
        """The next lines, as they are."""
        block = kept("".join(self._lines[self._at : self._at + lines]), kind)
        self._at += lines
        return block

    def _next(self, line: str) -> Iterator[Block]:
        never = self._fence(line) or self._markup(line) or self._payload() or self._code(line)
        if never is not None:
            self._in_list = False
            yield never
        elif _RULE.fullmatch(line):
            yield self._take(1, "rule")
        elif self._is_table(line):
            yield from self._table()
        elif (span := self._span(line)) is not None:
            yield from self._formula(*span)
        else:
            yield from self._paragraph()

    def _fence(self, line: str) -> Block | None:
        opened = _FENCE.match(line)
        if opened is None or ("`" in line[opened.end() :] and opened[1][0] == "`"):
            return None
        closing = re.compile(rf"\s*(?:>\s*)*{re.escape(opened[1][0])}{{{len(opened[1])},}}\s*")
        end = self._at + 1
        while end < len(self._lines) and not closing.fullmatch(self._lines[end]):
            end += 1
        return self._take(end + 1 - self._at, "code")

    def _markup(self, line: str) -> Block | None:
        """A line that begins with a tag of a document, to the line that closes it; code in tags also where it begins alone."""
        if "<" not in line:
            return None
        verbatim = _VERBATIM.match(line)
        if verbatim:
            closing = "-->" if verbatim[1] == "!--" else f"</{verbatim[1].lower()}>"
            if closing in line[verbatim.end() :].lower() and verbatim[1].lower() in ("code", "!--"):
                return None
            return self._take(self._closing_line(closing, line[verbatim.end() :].lower(), lower=True) + 1 - self._at, "markup")
        found = _MARKUP.match(line)
        return self._take(self._markup_end(found[1] or found[2]) + 1 - self._at, "markup") if found else None

    def _markup_end(self, name: str | None) -> int:
        """The line where the tag is closed that opens this one, or this line."""
        if not name or name.lower() in self._unclosed:
            return self._at
        tags = re.compile(rf"<(/?){re.escape(name)}(?![\w:-])[^<>]*?(/?)>", re.IGNORECASE)
        depth = 0
        for number in range(self._at, len(self._lines)):
            for found in tags.finditer(self._lines[number]):
                depth += -1 if found[1] else 0 if found[2] else 1
            if depth <= 0:
                return number
        self._unclosed.add(name.lower())
        return self._at

    def _closing_line(self, closing: str, rest: str, *, lower: bool = False) -> int:
        """The line with the closing mark, or this one where there is none. What was sought in vain is not sought again."""
        if closing in rest or closing in self._unclosed:
            return self._at
        for number in range(self._at + 1, len(self._lines)):
            line = self._lines[number]
            if closing in (line.lower() if lower else line):
                return number
        self._unclosed.add(closing)
        return self._at

    def _payload(self) -> Block | None:
        lines, kind = self._payloads.lines(self._lines, self._at)
        return self._take(lines, kind) if lines else None

    def _code(self, line: str) -> Block | None:
        if line[0] in " \t" and self._after_blank and not self._in_list and self._at >= self._prose_before:
            lines, seen = codelike.indented(self._lines, self._at)
            if lines:
                return self._take(lines, "code")
            self._prose_before = self._at + seen
        lines = codelike.unfenced(self._lines, self._at)
        return self._take(lines, "code") if lines else None

    def _is_table(self, line: str) -> bool:
        if "|" not in line or self._at + 1 >= len(self._lines):
            return False
        below = self._lines[self._at + 1]
        return "-" in below and "|" in below and bool(_DELIMITERS.fullmatch(below))

    def _table(self) -> Iterator[Block]:
        header = True
        while self._at < len(self._lines) and "|" in self._lines[self._at] and self._lines[self._at].strip():
            line = self._lines[self._at]
            self._at += 1
            yield from _cells(line)
            if header:
                yield self._take(1, "table")
                header = False

    def _span(self, line: str) -> tuple[int, str] | None:
        """Where a formula begins that does not end on this line, and what ends it."""
        if "$$" not in line and "\\" not in line:
            return None
        for opening, closing in _SPANS:
            found = list(opening.finditer(line))
            if not found or (closing == "$$" and len(found) % 2 == 0):
                continue
            last = found[-1]
            closed_by = closing or f"\\end{{{last[1]}}}"
            if closed_by in line[last.end() :]:
                continue
            if self._closing_line(closed_by, "") > self._at:
                return last.start(), closed_by
        return None

    def _formula(self, start: int, closing: str) -> Iterator[Block]:
        """What stands before it, and the formula. What stands behind it on its last line is read as a line of its own."""
        line = self._lines[self._at]
        if line[:start].strip():
            yield from _line(line[:start])
            head = ""
        else:
            head = line[:start]
        end = self._closing_line(closing, "")
        last = self._lines[end]
        cut = last.index(closing) + len(closing)
        yield kept(head + line[start:] + "".join(self._lines[self._at + 1 : end]) + last[:cut], "formula")
        self._at = end
        if last[cut:].strip():
            self._lines[end] = last[cut:]
        else:
            if last[cut:]:
                yield kept(last[cut:], "blank")
            self._at += 1

    def _paragraph(self) -> Iterator[Block]:
        """The line, and those that go on with it: plain ones under a plain one, indented ones under an item of a list."""
        line = self._lines[self._at]
        marker, words, tail = _divided(line)
        bulleted = bool(_BULLETED.search(marker))
        quoted = marker.strip() if ">" in marker and not bulleted else ""
        self._in_list = bulleted or (self._in_list and line[0] in " \t")
        self._at += 1
        lines, glue = [words], []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            below, more, end = _divided(line)
            if not more or self._begins_something(line) or (bulleted and not below) or _BULLETED.search(below) or not words:
                break
            if (">" in below) != bool(quoted) or "#" in marker:
                break
            glue.append(tail + below)
            lines.append(more)
            tail = end
            self._at += 1
        if marker:
            yield kept(marker, "marker")
        if words:
            yield Block(tuple(lines), tuple(glue))
        if tail:
            yield kept(tail, "blank")

    def _begins_something(self, line: str) -> bool:
        return bool(
            _FENCE.match(line)
            or _RULE.fullmatch(line)
            or ("<" in line and (_MARKUP.match(line) or (_VERBATIM.match(line) and "</code" not in line and "-->" not in line)))
            or self._is_table(line)
            or self._payloads.lines(self._lines, self._at)[0]
            or codelike.unfenced(self._lines, self._at)
            or self._span(line)
        )


def _divided(line: str) -> tuple[str, str, str]:
    """What stands before the words of a line, the words, and what stands behind them."""
    found = _MARKERS.match(line)
    marker = found[0] if found else ""
    rest = line[len(marker) :]
    words = rest.strip()
    if not words:
        return line, "", ""
    start = rest.index(words)
    return marker + rest[:start], words, rest[start + len(words) :]


def _line(line: str) -> Iterator[Block]:
    """The blocks of one line of words."""
    if line and not line.strip():
        yield kept(line, "blank")
        return
    marker, words, tail = _divided(line)
    if marker:
        yield kept(marker, "marker")
    if words:
        yield Block((words,))
    if tail:
        yield kept(tail, "blank")


def _cells(line: str) -> Iterator[Block]:
    """The cells of a row of a table, and what stands between them."""
    between, cell = "", ""
    for found in _CELL.finditer(line):
        if found[2]:
            yield from _cell(between, cell)
            between, cell = "|", ""
        else:
            cell += found[1]
    yield from _cell(between, cell)


def _cell(between: str, cell: str) -> Iterator[Block]:
    words = cell.strip()
    start = cell.index(words) if words else len(cell)
    if between or start:
        yield kept(between + cell[:start], "table")
    if words:
        yield Block((words,), (), "cell")
        if cell[start + len(words) :]:
            yield kept(cell[start + len(words) :], "table")
