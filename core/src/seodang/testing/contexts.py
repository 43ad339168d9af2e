"""A context without a run, and asking without one: what a plugin's verbs need when a test calls them directly."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from seodang.capabilities import Capability, Locale, Teacher
from seodang.context import Context
from seodang.errors import PluginError
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.recipes.options import build_options
from seodang.records import Record
from seodang.traffic.clock import Clock, SystemClock
from seodang.verdicts import Quarantine


class PlainLocale(Locale):
    """A locale that knows nothing of its language: for tests of plugins where the language does not matter."""

    name = "plain"

    def __init__(self, language: str = "en") -> None:
        super().__init__()
        self.language = language  # type: ignore[misc]  # one class stands in for every language

    def sentences(self, text: str) -> list[str]:
        return text.splitlines(keepends=True)

    def similarity_tokens(self, text: str) -> list[str]:
        return text.casefold().split()


class LooseContext(Context):
    """A context that belongs to no run.

    `quarantined` is what was set aside, `dropped` what a source left out, `progressed` how far the work was told to be, `warned` what
    people were warned of.
    """

    quarantined: list[Quarantine]
    dropped: list[Quarantine]
    progressed: list[tuple[int, int | None]]
    warned: list[str]


def make_context(
    directory: Path,
    *,
    language: str = "en",
    source_language: str = "",
    register: str = "",
    glossary: Mapping[str, str] = {},
    locale: Locale | None = None,
    options: Any = None,
    seed: int = 0,
    step: str = "test",
    clock: Clock | None = None,
    offers: Offers | None = None,
    stopping: Callable[[], bool] = lambda: False,
    held_out: Collection[Record] = (),
    evaluation_texts: Iterable[tuple[str, str]] = (),
    trained_on: Collection[Record] = (),
    items: Mapping[str, Sequence[dict[str, Any]]] = {},
) -> LooseContext:
    """A context for calling a verb in a test. Files named by `options` are looked for in `directory`.

    `context.get` finds what is in `offers`, then what is installed. `locale` is that of the language from the same places, or one
    that knows nothing of the language. `held_out` is what an evaluation sees under that name, `evaluation_texts` what a filter
    sees that `sees_evaluations`; `trained_on` and `items`, by step, what an evaluation sees that `sees_run`.
    """
    quarantined: list[Quarantine] = []
    dropped: list[Quarantine] = []
    progressed: list[tuple[int, int | None]] = []
    warned: list[str] = []
    available = _Available(offers)
    context = LooseContext(
        step=step,
        language=language,
        source_language=source_language,
        register=register,
        glossary=glossary,
        locale=locale or available.locale(language),
        random=random.Random(seed),
        clock=clock or SystemClock(),
        options=options,
        directory=directory,
        find=available.find,
        on_quarantine=lambda where, code, detail, text: quarantined.append(Quarantine(code, detail, "", where)),
        on_drop=lambda where, code, detail, text: dropped.append(Quarantine(code, detail, "", where)),
        on_progress=lambda done, total, facts: progressed.append((done, total)),
        on_warning=warned.append,
        stopping=stopping,
    )
    context._held_out = held_out
    context._trained_on = trained_on
    context._items = lambda step: iter(items[step])
    told = tuple(evaluation_texts)
    context._evaluation_texts = lambda: iter(told)
    context.quarantined = quarantined
    context.dropped = dropped
    context.progressed = progressed
    context.warned = warned
    return context


@lru_cache(maxsize=4)
def _installed(limits: str, places: tuple[str, ...]) -> Offers:
    """Loading takes a third of a second, and a test may make a thousand contexts."""
    return load_plugins()


class _Available:
    """What a context without a run finds: the offers it was given and, when those do not help, everything that is installed."""

    def __init__(self, own: Offers | None) -> None:
        self._own = own
        self._installed: Offers | None = None

    def _holding(self, kind: str, name: str) -> Offers:
        if self._own is not None and any(name in (offer.name, offer.id) for offer in self._own.all(kind)):
            return self._own
        if self._installed is None:
            self._installed = _installed(os.environ.get("SEODANG_PLUGINS", ""), tuple(sys.path))
        return self._installed

    def find(self, kind: str, name: str, options: Mapping[str, Any]) -> Capability:
        return build(self._holding(kind, name).find(kind, name).cls, options)

    def locale(self, language: str) -> Locale:
        offers = self._holding("locale", language)
        if not any(offer.name == language for offer in offers.all("locale")):
            return PlainLocale(language)
        found = offers.find("locale", language).cls()
        assert isinstance(found, Locale)
        return found


def build(cls: type[Capability], raw: Mapping[str, Any]) -> Capability:
    """An instance with options as a recipe would write them, checked as a recipe's are."""
    options, problems = build_options(cls, raw)
    if problems:
        raise PluginError(
            "scaffolding.bad-test-options", plugin=cls.__name__, problems="; ".join(str(problem) for problem in problems)
        )
    return cls(options)


@contextmanager
def asking(
    context: LooseContext, teacher: Teacher, directory: Path, *, offer: str = "", judge: Teacher | None = None
) -> Iterator[list[tuple[Record, str, str]]]:
    """Gives the context a teacher, and a judge beside it, behind a real ledger in `directory`. Yields what is quarantined meanwhile.

    Used again with the same directory it is as if a run was resumed: answers that are there are not asked for again.
    """
    from seodang.asking.ask import Ask
    from seodang.asking.stop import Stop
    from seodang.ledger.ledger import Ledger
    from seodang.traffic.adaptive import AdaptiveLimit
    from seodang.traffic.breaker import Breaker
    from seodang.traffic.lane import Lane
    from seodang.traffic.retry import RetryPolicy

    set_aside: list[tuple[Record, str, str]] = []
    clock = context.clock
    ledger = Ledger.open(directory / "ledger.sqlite", run="test")

    def ask_of(asked: Teacher, asked_id: str) -> Ask:
        limit = AdaptiveLimit(getattr(asked.options, "in_flight", 8))
        return Ask(
            teacher=asked,
            teacher_id=asked_id,
            ledger=ledger,
            lane=Lane(clock, limit, Breaker(clock), RetryPolicy(random.Random(0))),
            context=context,
            stop=Stop(),
            on_quarantine=lambda record, code, detail: set_aside.append((record, code, detail)),
            step=context.step,
            host=",".join(asked.network),
            allow_unknown_price=True,
        )

    try:
        context._ask = ask_of(teacher, offer or f"test:{teacher.name}")
        context._judge = context._ask if judge is teacher else ask_of(judge, f"test:{judge.name}") if judge else None
        yield set_aside
    finally:
        context._ask = context._judge = None
        ledger.close()
