"""Versions and requirements, as far as recipes need them: `seodang-deepl>=0.2,<0.3`."""

from __future__ import annotations

import re

import msgspec

_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(.*)", re.DOTALL)
_CLAUSE = re.compile(r"(>=|<=|==|!=|~=|>|<)\s*v?(\d+(?:\.\d+)*)(\.\*)?([A-Za-z0-9.+-]*)")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(.*)")


class Requirement(msgspec.Struct, frozen=True):
    """A distribution and the versions that will do."""

    name: str
    clauses: str

    def met_by(self, version: str) -> bool:
        return fits_version(version, self.clauses)


def read_requirement(text: str) -> Requirement | None:
    """The requirement, or None when the text is none."""
    found = _REQUIREMENT.fullmatch(text.strip())
    return Requirement(found.group(1), found.group(2).strip()) if found and is_clauses(found.group(2)) else None


def is_clauses(text: str) -> bool:
    return all(_CLAUSE.fullmatch(clause.strip()) for clause in text.split(",")) if text.strip() else True


def fits_version(version: str, clauses: str) -> bool:
    """Whether a version lies within `>=0.2,<0.3`. A pre-release counts as just before its release."""
    return all(_fits(version, clause.strip()) for clause in clauses.split(",") if clause.strip())


def _fits(version: str, clause: str) -> bool:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return False
    operator, wanted, any_below, suffix = found.groups()
    if operator == "~=" or (any_below and operator in ("==", "!=")):
        parts = wanted.split(".")
        prefix = parts if any_below else parts[:-1]
        inside = _release(version)[: len(prefix)] == _release(".".join(prefix))[: len(prefix)]
        return inside != (operator == "!=") and (operator != "~=" or _order(version) >= _order(wanted + suffix))
    have, want = _order(version), _order(wanted + suffix)
    return {">=": have >= want, "<=": have <= want, "==": have == want, "!=": have != want, ">": have > want, "<": have < want}[
        operator
    ]


def _release(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    numbers = tuple(int(part) for part in found.group(1).split(".")) if found else ()
    return (*numbers, *[0] * (6 - len(numbers)))


def _order(version: str) -> tuple[tuple[int, ...], int]:
    found = _VERSION.match(version)
    before = bool(found and re.match(r"[.-]?(a|b|rc|dev|alpha|beta|pre|c)\d*", found.group(2)))
    return _release(version), -1 if before else 0
