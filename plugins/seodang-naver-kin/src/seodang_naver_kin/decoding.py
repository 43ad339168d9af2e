"""A saved page as text: which of the bytes in the file are the page, and what they are written in."""

from __future__ import annotations

import codecs
import email
import email.message
import email.policy
import email.utils
import re
from pathlib import Path

import msgspec

from seodang_naver_kin.rows import Unusable

MOST_BYTES = 4 * 1024 * 1024
"""Pages of KiN have some hundred thousand bytes. A parser is given no more than it can deal with in a second."""
_KOREAN = {
    "euc-kr",
    "euckr",
    "euc_kr",
    "ks_c_5601-1987",
    "ks_c_5601",
    "ksc5601",
    "ks_c_5601-1989",
    "windows-949",
    "ms949",
    "x-windows-949",
}
"""What pages call CP949. Browsers read all of these as CP949, which has the syllables that EUC-KR lacks."""
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000})\s*-->")


class Page(msgspec.Struct, frozen=True):
    """A page as it was saved. `url` is what the browser wrote beside it, if anything."""

    html: str
    url: str = ""
    saved: str = ""


def read_page(path: Path, encoding: str) -> Page:
    """Raises `Unusable` for a file that is no page, too large, or written in something that was not named."""
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unusable("too-long", f"more than {MOST_BYTES} bytes")
    if path.suffix.lower() in (".mhtml", ".mht"):
        return _from_archive(content, encoding)
    html = whole(decoded(content, encoding))
    found = _SAVED_FROM.search(html[:4096])
    return Page(html, found.group(1) if found else "")


def _from_archive(content: bytes, encoding: str) -> Page:
    """The page in a browser's single-file archive (MHTML), which is an e-mail."""
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            html = whole(decoded(body if isinstance(body, bytes) else b"", part.get_content_charset() or encoding))
            return Page(html, str(message.get("Snapshot-Content-Location", "")).strip(), _day(message))
    raise Unusable("not-a-page", "the archive has no page in it")


def _day(message: email.message.Message) -> str:
    try:
        return email.utils.parsedate_to_datetime(str(message["Date"] or "")).date().isoformat()
    except ValueError:
        return ""


def whole(html: str) -> str:
    """The page, if it has an end. Every browser writes one; what lacks it was cut off, perhaps in the middle of an answer."""
    if "<" not in html:
        raise Unusable("not-a-page", "there is not one tag in it")
    if "</html" not in html.lower():
        raise Unusable("torn", "the page has no end")
    return html


def decoded(content: bytes, encoding: str) -> str:
    """A mark of byte order counts, then what the page says itself, then what the recipe says, then UTF-8. Nothing is guessed."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], name)
    if not content.strip() or b"\0" in content[:1024]:
        raise Unusable("not-a-page", "it is empty, or no text")
    declared = _META.search(content[:4096])
    name = declared.group(1).decode().lower() if declared else ""
    if not name or name.startswith("utf-16"):  # a page in UTF-16 could not have said so in ASCII
        return _strictly(content, encoding or "utf-8")
    try:
        return _strictly(content, name)
    except Unusable:
        # A page that was saved again may be written in something else than its first writer said.
        if not encoding:
            raise
        return _strictly(content, encoding)


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode("cp949" if name.lower() in _KOREAN else name)
    except LookupError:
        raise Unusable("encoding", f"nobody knows the encoding {name!r}") from None
    except (UnicodeDecodeError, UnicodeError):
        raise Unusable("encoding", f"it is not {name}; encoding = 'cp949' may be what is missing") from None
