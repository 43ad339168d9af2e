"""Filters that know no language: what is particular to one they ask the locale for. One module a filter."""

from __future__ import annotations

import seodang

from seodang_filters.answer_fit import AnswerFit
from seodang_filters.balance import Balance
from seodang_filters.contradictions import Contradictions
from seodang_filters.decontaminate import Decontaminate
from seodang_filters.duplicates import Duplicates
from seodang_filters.format import Format
from seodang_filters.keywords import Keywords
from seodang_filters.language import Language
from seodang_filters.length import Length
from seodang_filters.marks import PromptInjection, Unsafe
from seodang_filters.mix import Mix
from seodang_filters.novelty import Novelty
from seodang_filters.personal import Pii
from seodang_filters.refusals import Refusals
from seodang_filters.repetition import Repetition
from seodang_filters.reviewed import Reviewed
from seodang_filters.sample import Sample
from seodang_filters.score import Score

FILTERS: tuple[type[seodang.Filter], ...] = (
    AnswerFit,
    Balance,
    Contradictions,
    Decontaminate,
    Duplicates,
    Format,
    Keywords,
    Language,
    Length,
    Mix,
    Novelty,
    Pii,
    PromptInjection,
    Refusals,
    Repetition,
    Reviewed,
    Sample,
    Score,
    Unsafe,
)
"""Every filter of this plugin."""


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    for offered in FILTERS:
        register(offered)
