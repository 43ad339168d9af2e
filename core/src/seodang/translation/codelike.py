"""Code without a fence around it, as people paste it: told by its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STRONG = re.compile(
    r"""\s*(?:
      (?:async\s+)?(?:def|class)\s+\w+\s*[(:].*:\s*(?:\#.*)?$ | import\s+[\w.*{][^.!?]*;?\s*$ | from\s+[\w.]+\s+import\s
    | \#\s*include\s*[<"] | using\s+(?:namespace\s+)?[\w.]+;\s*$ | package\s+[\w.]+;?\s*$
    | (?:public|private|protected|static|final|void|int|float|double|char|bool|boolean|string|String|auto|unsigned)\s+[\w<>\[\],*&\s]+[({;=].*
    | (?:export\s+)?(?:const|let|var|val|function|fn|func|interface|struct|enum|impl)\s+[\w{\[<].*[={(;].*
    | (?:if|for|while|switch|catch|elif|else\s+if|foreach|match|with|try|else|finally|do)\b.*[:{]\s*$
    | (?:return|yield|await|raise|throw|print|echo|assert|del|break|continue|pass)\b(?:\s*[\w("'\[{$-].*)?[;)\]}\w"']\s*$
    | @\w+(?:\(.*\))?\s*$ | (?:>>>|\.\.\.|\$|C:\\[^>]*>|PS>)\s+[\w./"'(-]
    | (?:SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|CREATE\s+(?:TABLE|DATABASE|INDEX|VIEW)|ALTER\s+TABLE|DROP\s+TABLE|FROM|WHERE|(?:INNER\s|LEFT\s|RIGHT\s)?JOIN|
        GROUP\s+BY|ORDER\s+BY|HAVING|VALUES|LIMIT|SET|BEGIN|COMMIT)\b.*
    | [\])}]+[;,)]*\s*(?:else\b.*|while\b.*|catch\b.*)?[{]?\s*$ | .*[{}]\s*;?\s*$ | .*[=()\[\]{}<>].*;\s*(?://.*)?$
    | [\w.]+\([^()]*(?:\([^()]*\)[^()]*)*\)\s*;?\s*(?:\#.*|//.*)?$
    | [A-Za-z_$][\w.$]*(?:\[[^\]]*\])*\s*(?:[-+*/%|&^]|//|\*\*|<<|>>|:)?=(?!=)\s*\S.*
    | </?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>.*>\s*$ | [.\#]?[\w-]+(?:\s*[,>+~]\s*[.\#]?[\w-]+)*\s*\{.*
    )""",
    re.VERBOSE,
)
_VERY = re.compile(
    r"""\s*(?:
      (?:async\s+)?def\s+\w+\s*\(.*\).*:\s*(?:\#.*)?$ | class\s+\w+\s*(?:\([^()]*\))?:\s*$ | \#\s*include\s*[<"] | >>>\s+\S
    | from\s+[\w.]+\s+import\s+[\w*(] | import\s+[\w.]+(?:\s+as\s+\w+)?\s*;?\s*$ | (?:const|let|var)\s+\w+\s*=\s*.*;\s*$
    | function\s+\w*\s*\([^)]*\)\s*\{ | [a-z_]\w*(?:\.\w+)*\((?:[^()]|\([^()]*\))*\);\s*$ | print\(.*\)\s*$ | console\.log\(.*\);?\s*$
    | (?:async\s+)?for\s+\w+(?:\s*,\s*\w+)*\s+in\s+[\w.()\[\], ]+:\s*$
    | SELECT\s.+\sFROM\s | INSERT\s+INTO\s+\w+ | CREATE\s+TABLE\s+\w+ | DELETE\s+FROM\s+\w+ | UPDATE\s+\w+\s+SET\s
    | (?:public|private|protected)\s+(?:static\s+)?[\w<>\[\]]+\s+\w+\s*[({=;] | (?:sudo|pip|npm|git|docker|curl|wget|apt-get|kubectl|brew)
      \s+(?:-\S+|install|clone|add|commit|push|pull|run|build|get|update)\b\s*[^.?!]*$
    )""",
    re.VERBOSE,
)
_THREE_WORDS = re.compile(r"(?<![\"'\w])[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
_COMMENT = re.compile(r"\s*(?://|#(?!#* )|--\s|/\*|\*(?!\*)|<!--|;)|\s*#\s")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|(?:#|//|--).*")
_PROSE = re.compile(r"[^{}()=<>\[\]\\`$#;|_]*[.!?…:,\"”’'][\"”’']?\s*")
_SIGNS = re.compile(r"[(){}\[\]=;<>#/@$*'\":|-]")
LEAST_WORDS = 6
LONGEST = 2_000
"""No line of code is longer that a person wrote; longer ones are data and need no look."""


def indented(lines: Sequence[str], at: int) -> tuple[int, int]:
    """How many lines of indented code begin here, none where it is an indented paragraph of prose; and how many were looked at."""
    end = at
    while end < len(lines) and (_depth(lines[end]) >= 4 or not lines[end].strip()):
        end += 1
    while end > at and not lines[end - 1].strip():
        end -= 1
    found = [line for line in lines[at:end] if line.strip()]
    return (0 if all(map(_is_prose, found)) else end - at), end - at


def unfenced(lines: Sequence[str], at: int) -> int:
    """How many lines of code begin here that no fence encloses."""
    if not _is_code(lines[at]):
        return 0
    end, strong = at + 1, 2 if _is_very(lines[at]) else 1
    while end < len(lines):
        ahead = end
        while ahead < len(lines) and ahead - end < 3 and not lines[ahead].strip():
            ahead += 1
        if ahead == len(lines) or not _goes_on(lines[ahead], over_blank=ahead > end):
            break
        strong += _is_code(lines[ahead])
        end = ahead + 1
    return end - at if strong >= 2 else 0


def _goes_on(line: str, *, over_blank: bool) -> bool:
    if _is_code(line) or (_depth(line) >= 2 and len(line) <= LONGEST and _STRONG.match(line)):
        return True
    if len(line) > LONGEST or _THREE_WORDS.search(_QUOTED.sub("", line)):
        return False
    if _depth(line) >= 2:
        return True
    return not over_blank and bool(_COMMENT.match(line))


def _is_code(line: str) -> bool:
    if len(line) > LONGEST:
        return False
    if (
        not _SIGNS.search(line)
        and "return" not in line
        and "import" not in line
        and not (line[:1].isupper() and line[1:2].isupper())
    ):
        return False  # without a sign only these words are code, and the words of SQL, which are written large
    if not _STRONG.match(line):
        return False
    return not _THREE_WORDS.search(_QUOTED.sub("", line)) or _is_very(line)


def _is_very(line: str) -> bool:
    return len(line) <= LONGEST and bool(_VERY.match(line))


def _is_prose(line: str) -> bool:
    return len(line.split()) >= LEAST_WORDS and bool(_PROSE.fullmatch(line)) and not _is_code(line)


def _depth(line: str) -> int:
    """How far a line is indented; a tab goes as far as code does."""
    depth = 0
    for sign in line:
        if sign == "\t":
            depth += 4
        elif sign == " ":
            depth += 1
        else:
            return depth
    return 0
