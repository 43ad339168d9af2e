"""Terms as SPDX expressions: which names stand in them, what is an alternative, what is no SPDX name at all."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any


class NoExpression(ValueError):
    """The text is no SPDX expression; `nearest` is a name that may be meant."""

    def __init__(self, text: str, nearest: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.nearest = nearest


@cache
def alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """`MIT OR (Apache-2.0 AND CC-BY-4.0)` is `(("MIT",), ("Apache-2.0", "CC-BY-4.0"))`: one of the groups has to be kept, all of it.

    Names are spelt as SPDX spells them. Exceptions (`WITH`) only allow more and are left out. A name of one's own is `LicenseRef-…`.
    """
    from license_expression import ExpressionError

    library = _library()
    try:
        parsed = library.parse(text)
    except ExpressionError as error:
        raise NoExpression(text, _nearest(text)) from error
    if parsed is None:
        raise NoExpression(text)
    for name in library.unknown_license_keys(parsed):
        if not name.lower().startswith(("licenseref-", "documentref-")):
            raise NoExpression(text, _nearest(name))
    return tuple(_groups(parsed))


def _groups(parsed: Any) -> list[tuple[str, ...]]:
    from boolean import boolean

    if isinstance(parsed, boolean.OR):
        return [group for part in parsed.args for group in _groups(part)]
    if isinstance(parsed, boolean.AND):
        found: list[tuple[str, ...]] = [()]
        for part in parsed.args:
            found = [(*before, *group) for before in found for group in _groups(part)]
        return found
    return [(str(getattr(parsed, "license_symbol", parsed).key),)]


@cache
def _library() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _nearest(name: str) -> str:
    names: Sequence[str] = [str(key) for key in _library().known_symbols]
    spelt = {known.lower(): known for known in names}
    tidied = "-".join(name.lower().replace("_", " ").split())
    return next((spelt[found] for found in get_close_matches(tidied, spelt, 1, 0.75)), "")
