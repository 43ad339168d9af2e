"""A language of a few lines, so that masking is tested by what it does and not by what a locale happens to know."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render
from seodang_naver_kin import NaverKin

SEARCH_KEYS = {
    "NAVER_CLIENT_ID": "ident-7f3aQz19",
    "NAVER_CLIENT_SECRET": "gahoi+dong/42=",
    "NCP_APIGW_API_KEY_ID": "hub-ident-11",
    "NCP_APIGW_API_KEY": "hub-secret-22",
}
PAGES = Path(__file__).parent / "pages"


class SmallKorean(seodang.Locale):
    """Korean with two kinds of personal data."""

    name = "ko"
    language = "ko"

    def __init__(self, options=None):
        super().__init__(options)
        self.personal = (
            seodang.PersonalPattern(kind="email", pattern=r"[\w.+-]+@[\w-]+\.[\w.-]*\w", placeholder="이메일"),
            seodang.PersonalPattern(kind="mobile", pattern=r"(?<!\d)01\d[-. ]?\d{3,4}[-. ]?\d{4}(?!\d)", placeholder="전화번호"),
        )


@pytest.fixture
def small_korean():
    return SmallKorean()


@pytest.fixture
def read(tmp_path, no_network):
    """Reads the source "files" in a folder with these files. Gives the records and the context, which knows what was quarantined."""

    def read_files(files: dict[str, str | bytes], **options):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        kin = NaverKin(NaverKin.Options(**{"path": "*", **options}))
        context = make_context(tmp_path, options=kin.options, language="ko", locale=SmallKorean())
        return list(kin.read(context)), context

    return read_files


@pytest.fixture
def page():
    """A page of our own making in one of the layouts."""
    return lambda name: (PAGES / f"{name}.html").read_text(encoding="utf-8")


class QuickClock:
    """A clock on which nobody waits. `slept` is how long it would have been."""

    def __init__(self):
        self.slept = 0.0

    def monotonic(self):
        return self.slept

    def now(self):
        return datetime.datetime.now(datetime.UTC)

    async def sleep(self, seconds):
        self.slept += seconds


@pytest.fixture
def search_keys(monkeypatch, no_network):
    """Keys for both gateways, by the names of their variables, which must not be seen again."""
    for name, value in SEARCH_KEYS.items():
        monkeypatch.setenv(name, value)
    return SEARCH_KEYS


@pytest.fixture
def search(tmp_path, small_korean, search_keys):
    """Searches at a URL. Gives the records and the context; the context's clock says how long was waited."""

    def search_at(url, *queries, **options):
        stopping = options.pop("stopping", lambda: False)
        kin = NaverKin(NaverKin.Options(source="search", base_url=url, queries=queries or ("김치",), **options))
        context = make_context(
            tmp_path, options=kin.options, language="ko", locale=small_korean, clock=QuickClock(), stopping=stopping
        )

        async def all_of():
            return [record async for record in kin.read(context)]

        return asyncio.run(all_of()), context

    return search_at


@pytest.fixture
def said():
    """The message of an error in English and in Korean."""
    return lambda error: (render(error.code, error.facts, "en"), render(error.code, error.facts, "ko"))
