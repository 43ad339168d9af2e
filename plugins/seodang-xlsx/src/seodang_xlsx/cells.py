"""What stands in a cell: the names of columns, texts as the file escapes them, days as numbers."""

from __future__ import annotations

import datetime
import re
from functools import cache
from xml.sax.saxutils import escape

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767
"""Excel's own limits."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BUILT_IN_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_DAYS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hHmMsS]+\])[^\]]*\]')


def letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def place_of(text: str) -> tuple[int, int] | None:
    """Row and column of `B7`, the row as people count it and the column from 0; None where it is no place in a sheet."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(match[2])
    return (row, column - 1) if column <= MOST_COLUMNS and 1 <= row <= MOST_ROWS else None


def escaped(text: str) -> str:
    """The text as XML. What XML cannot hold, a line feed before a return among it, is written as `_x000D_`."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: f"_x005F_{match[0][1:]}", text)
    return _NOT_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", escape(text))


def unescaped(text: str) -> str:
    """The text that `_x000D_` and `_x005F_` stand for. Half a character stays as it is written."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: match[0] if 0xD800 <= int(match[1], 16) < 0xE000 else chr(int(match[1], 16)), text)


@cache
def days_of(number: int, form: str) -> str:
    """What a number format shows: `day`, `moment`, `time`, `duration`, or nothing where it shows a number."""
    if not form:
        if number not in _BUILT_IN_DAYS:
            return ""
        return (
            "duration" if number == 46 else "time" if number in (18, 19, 20, 21, 45, 47) else "moment" if number == 22 else "day"
        )
    plain = _NOT_DAYS.sub("", form.partition(";")[0]).lower()
    if plain == "general":
        return ""
    if re.search(r"\[[hms]+\]", plain):
        return "duration"
    day, time = bool(re.search("[yd]", plain)), bool(re.search("[hs]", plain))
    if not day and not time:
        return "day" if "m" in plain else ""
    return ("moment" if day else "time") if time else "day"


def day_text(serial: float, shown: str, *, since_1904: bool) -> str:
    """The day, the moment or the time as ISO 8601. Raises ValueError or OverflowError for what is none."""
    milliseconds = round(serial * 86_400_000)
    if shown == "duration":
        hours, rest = divmod(milliseconds, 3_600_000)
        return f"{hours}:{rest // 60_000:02}:{rest // 1000 % 60:02}"
    # Excel believes in a 29 February 1900; before it, its days are one off.
    begin = datetime.datetime(1899, 12, 30) if serial >= 60 else datetime.datetime(1899, 12, 31)
    epoch = datetime.datetime(1904, 1, 1) if since_1904 else begin
    if serial < 0:
        raise ValueError("before the calendar begins")
    moment = epoch + datetime.timedelta(milliseconds=milliseconds)
    if shown == "time" and serial < 1:
        return moment.time().isoformat()
    if shown == "day" and moment.time() == datetime.time():
        return moment.date().isoformat()
    return moment.isoformat()
