"""Seeds from Naver KiN (지식iN): a team's own exports and saved pages, or topics from Naver's official search API.

There is no crawler in here: pages are read from files that somebody has the right to use, and nothing is fetched but the answers
of the search API, with a key of one's own.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import msgspec
import seodang
from seodang.wording import render

from seodang_naver_kin.server import Server

TERMS = "LicenseRef-naver-kin"
SOURCES_OF = {
    **dict.fromkeys(("path", "encoding", "map", "answers", "retrieved"), "files"),
    **dict.fromkeys(
        (
            "queries",
            "queries_path",
            "mode",
            "display",
            "most_per_query",
            "sort",
            "descriptions",
            "base_url",
            "requests_per_second",
            "timeout_seconds",
        ),
        "search",
    ),
}
"""The source that each option belongs to; those of neither stand for both."""


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class NaverKin(seodang.Seeds):
    """Questions of Naver KiN, from your own files (`source = "files"`) or as topics from the search API (`source = "search"`)."""

    name = "naver-kin"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        source: Annotated[Literal["files", "search"], described("Your own files, or Naver's search API.")] = "files"
        mask: Annotated[
            bool, described("Mask personal data on entry, by the patterns of the recipe's language. Without, the rows stay here.")
        ] = True
        licence: Annotated[str, described("Terms of the rows beside the writers' own rights, as an SPDX name.")] = ""
        rights: Annotated[str, described("A note on why you may use the rows; it goes along with each of them.")] = ""

        path: Annotated[str, described("The files, or a pattern of several: *.jsonl, *.csv, *.html.", extra=seodang.FILES)] = ""
        encoding: Annotated[str, described("The files' encoding where neither UTF-8 nor named in the page, such as cp949.")] = ""
        map: Annotated[dict[str, str], described("Our name = your column, as in { question = 'Q', answer = 'A' }.")] = {}
        answers: Annotated[
            Literal["none", "adopted", "all"],
            described(
                "What becomes of people's answers: 'none' leaves the question open and keeps the adopted one in the columns, "
                "'adopted' makes it the assistant's turn, 'all' also keeps every answer as a ranked candidate."
            ),
        ] = "none"
        retrieved: Annotated[str, described("The day on which the files were saved, where they do not say it.")] = ""

        queries: Annotated[tuple[str, ...], described("What to search for.")] = ()
        queries_path: Annotated[str, described("A text file with one query a line.", extra=seodang.FILES)] = ""
        mode: Annotated[
            Literal["legacy", "hub"], described("Which of Naver's two gateways your key is for: developers' centre, or API HUB.")
        ] = "legacy"
        display: Annotated[int, described("Results in one request.", ge=1, le=100)] = 100
        most_per_query: Annotated[int, described("The most results of one query.", ge=1, le=1099)] = 100
        sort: Annotated[Literal["sim", "date", "point"], described("By likeness, by date, or by points.")] = "sim"
        descriptions: Annotated[
            bool, described("Keep the fragment of a question, or of somebody's answer, in columns.description.")
        ] = False
        base_url: Annotated[
            str, described("Where the API is, without path: a mock on this machine. Unset: Naver's.", extra=seodang.CONDUCT)
        ] = ""
        requests_per_second: Annotated[float, described("The fastest pace.", gt=0, le=50, extra=seodang.CONDUCT)] = 8.0
        timeout_seconds: Annotated[float, described("How long one answer may take.", gt=0, extra=seodang.CONDUCT)] = 30.0

        def __post_init__(self) -> None:
            foreign = [
                field.name
                for field in msgspec.structs.fields(self)
                if SOURCES_OF.get(field.name, self.source) != self.source and getattr(self, field.name) != default_of(field)
            ]
            if foreign:
                facts = {"options": foreign, "source": self.source}
                raise ValueError(render("seodang_naver_kin:other-source", facts))
            if self.source == "files" and not self.path:
                raise ValueError(render("seodang_naver_kin:needs-path", {}))
            if self.source == "search" and not (self.queries or self.queries_path):
                raise ValueError(render("seodang_naver_kin:needs-queries", {}))

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._server = Server(self.options.mode, self.options.base_url) if self.options.source == "search" else None

    @property
    def network(self) -> tuple[str, ...]:
        return (self._server.host,) if self._server else ()

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._server.secrets if self._server else ()

    @property
    def terms(self) -> tuple[str, ...]:
        return (TERMS, self.options.licence) if self.options.licence else (TERMS,)

    @property
    def personal(self) -> bool:
        return not self.options.mask

    def read(self, context: seodang.Context) -> Iterator[seodang.Record] | AsyncIterator[seodang.Record]:  # type: ignore[override]
        from seodang_naver_kin.intake import Intake

        intake = Intake(self.options, context)
        if self._server is None:
            from seodang_naver_kin.files import read_files

            return read_files(self.options, context, intake)
        from seodang_naver_kin.search import read_search

        return read_search(self.options, self._server, context, intake)


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(NaverKin)
