"""A question of KiN and its answers, as every source hands it on; and what its address says."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

IDS = ("d1id", "dirId", "docId")
_HOSTS = ("kin.naver.com", "m.kin.naver.com")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[.\-/년]\s*(\d{1,2})\s*[.\-/월]\s*(\d{1,2})(?!\d)")


class Reply(msgspec.Struct, frozen=True):
    """One answer. `adopted` is None where the source does not say whether the asker chose it."""

    text: str
    adopted: bool | None = None
    date: str = ""


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """One question with what came along. `single` says that the source gives one answer, which is the one that counts."""

    title: str = ""
    body: str = ""
    replies: tuple[Reply, ...] = ()
    single: bool = False
    url: str = ""
    category: str = ""
    date: str = ""
    retrieved: str = ""
    tags: dict[str, Any] = {}
    columns: dict[str, Any] = {}

    @property
    def question(self) -> str:
        """Title and body. Many bodies begin with their title, which is then said once."""
        title, body = self.title.strip(), self.body.strip()
        if not title or body.startswith(title):
            return body
        return f"{title}\n\n{body}" if body else title

    @property
    def chosen(self) -> Reply | None:
        """The adopted answer, or the only one of a source that gives one."""
        adopted = next((reply for reply in self.replies if reply.adopted), None)
        if adopted is None and self.single and self.replies and self.replies[0].adopted is None:
            return self.replies[0]
        return adopted


class Link(msgspec.Struct, frozen=True):
    """An address: as it is compared, and the ids in it. `ids` is empty for one that is no question of KiN."""

    url: str
    ids: dict[str, str]


def link_of(url: str) -> Link:
    """The address without what a search, a mobile page or an older server has put into it: one question has one address."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return Link(url, {})
    if parts.hostname not in _HOSTS or not parts.path.rpartition("/")[2].startswith("detail."):
        return Link(url, {})
    given = parse_qs(parts.query)
    ids = {name: given[name][0] for name in IDS if name in given and re.fullmatch(r"[0-9]{1,20}", given[name][0])}
    if "docId" not in ids:
        return Link(url, {})
    path = parts.path.removeprefix("/mobile").rpartition("/")[0]
    return Link(f"https://kin.naver.com{path}/detail.naver?{urlencode(ids)}", ids)


def date_of(text: str) -> str:
    """The day as 2023-04-05 where the text names one; otherwise as it was written ("3시간 전"), because nobody knows since when."""
    text = " ".join(text.split())
    found = _DATE.search(text)
    if not found:
        return text
    year, month, day = (int(part) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}"
