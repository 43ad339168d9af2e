"""Which language a person is spoken to in, and where the texts of a language lie."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FALLBACK = "en"


def language(environ: Mapping[str, str] | None = None) -> str:
    """The code of the language (`ko`, `en` …): what `SEODANG_LANGUAGE` says, else the locale of the environment."""
    environ = os.environ if environ is None else environ
    for variable in ("SEODANG_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable, "").strip():
            # "C" and "POSIX" are no languages, and what is no code must not become part of a path.
            code = re.match(r"[a-z]{2,3}(?![a-z])", value.lower())
            return code.group() if code else FALLBACK
    return FALLBACK


def locale_directory(code: str) -> Path | None:
    """Where the package of a language lies. It is not imported: a broken one must not spoil the message about it."""
    return package_directory(f"seodang_locale_{code}")


@cache
def package_directory(module: str) -> Path | None:
    """The directory of an installed top-level package, without importing it."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", module):
        return None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):  # ValueError: a module in sys.modules without a spec, as a test may leave one
        return None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None
