"""What exists once per invocation of a run and is passed to every step of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seodang.asking.ask import Ask
from seodang.asking.stop import Stop
from seodang.capabilities import Capability, Locale, Teacher, Translator
from seodang.context import Context
from seodang.files.manifests import Manifest
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger
from seodang.ledger.money import Cap
from seodang.plugins.offers import Offers
from seodang.recipes.options import capability_of
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.recipes.roles import Role
from seodang.runs.directory import RunDirectory
from seodang.runs.log import Log
from seodang.runs.progress import Progress
from seodang.runs.redaction import Redactor
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.breaker import Breaker
from seodang.traffic.clock import Clock
from seodang.traffic.lane import Lane
from seodang.traffic.retry import RetryPolicy
from seodang.verdicts import Rehearsal, Stage


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the person asks of this invocation; none of it is part of the recipe."""

    caps: Sequence[Cap] = ()
    reuse: Sequence[Path] = ()
    ledger: Path | None = None
    until: str = ""
    limit: int | None = None
    sample: int | None = None
    rehearse: bool = False
    """The last step is a training, and is only tried."""
    allow_unknown_price: bool = False
    quarantine_limit: float = 0.05
    locked: bool = False
    commercial: bool = False
    """What comes out is to be used commercially, whatever the recipe says."""
    workers: int | None = None


@dataclass
class Session:
    recipe: Recipe
    steps: Sequence[Step]
    offers: Offers
    run: RunDirectory
    wishes: Wishes
    clock: Clock
    stop: Stop
    log: Log
    progress: Progress
    redact: Redactor
    locale: tuple[str, Locale] | None
    installed: bool = True
    """Whether the plugins are those that another process finds too, rather than handed in by a test or a notebook."""
    evaluations: Sequence[Step] = ()
    """All evaluate steps of the recipe, also those behind the step at which this invocation stops."""
    flow: list[Path] = field(default_factory=list)
    rehearsal: Rehearsal | None = None
    stages: Sequence[Stage] = ()
    """The steps of the recipe as the plan sees them; every context shows them to its plugin."""
    manifests: dict[str, tuple[Path, Manifest]] = field(default_factory=dict)
    _ledger: Ledger | None = None
    _lanes: dict[tuple[str, ...], Lane] = field(default_factory=dict)

    @cached_property
    def retried(self) -> dict[str, int]:
        """How often questions of each step were marked to be asked again: a step that was is not the step that stands."""
        if not self.run.ledger.is_file():
            return {}
        with Book.open(self.run.ledger) as book:
            return book.retried(self.run.id)

    @property
    def ledger(self) -> Ledger:
        """The book of paid calls, opened when the first step needs it."""
        if self._ledger is None:
            self._ledger = Ledger.open(
                self.run.ledger, run=self.run.id, caps=self.wishes.caps, reuse=self.wishes.reuse, redact=self.redact
            )
        return self._ledger

    @property
    def opened_ledger(self) -> Ledger | None:
        """The book, if a step has needed it in this invocation."""
        return self._ledger

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
        self.log.close()

    def random(self, step: str, part: str = "") -> random.Random:
        """A stream of its own for every step, so that a step that is inserted changes no other's draws."""
        return random.Random(random_seed(self.recipe.seed, step, part))

    def find(self, kind: str, name: str, options: Mapping[str, Any]) -> Capability:
        """Another capability, for a plugin that asks its context for one."""
        return capability_of(self.offers, kind, name, options, self.recipe.path.parent)

    def context(
        self,
        step: Step,
        *,
        on_quarantine: Callable[[str, str, str, str], None],
        on_drop: Callable[[str, str, str, str], None] | None = None,
        source_language: str = "",
    ) -> Context:
        return Context(
            step=step.entry.name,
            language=self.recipe.language,
            source_language=source_language,
            register=step.translation.register if step.translation else "",
            glossary=step.translation.glossary if step.translation else {},
            locale=self.locale[1] if self.locale else None,
            random=self.random(step.entry.name),
            clock=self.clock,
            options=step.capability.options,
            directory=self.recipe.path.parent,
            steps=self.stages,
            find=self.find,
            on_quarantine=on_quarantine,
            on_drop=on_drop,
            on_progress=self.progress.tell,
            on_secret=self.redact.learn,
            on_warning=self.warn,
            stopping=lambda: self.stop.requested,
            student_at=self.student_at,
        )

    def student_at(self, step: str) -> Path:
        """The directory of the student that a step of this name has trained."""
        folder, manifest = self.manifests[step]
        assert manifest.trained is not None
        return folder / str(manifest.trained.options["path"])

    def warn(self, text: str) -> None:
        """A sentence for people, on the screen and in the log."""
        self.progress.warn(text)
        self.log.write("warning", text=text)

    def lane(self, identity: str, capability: Teacher | Translator) -> Lane:
        """One lane per plugin, endpoint and model: what slows one down is not the others' business."""
        options = capability.options
        key = (identity, capability.identity, str(getattr(options, "model", "")), str(getattr(options, "base_url", "")))
        if key not in self._lanes:
            limit = AdaptiveLimit(getattr(options, "in_flight", 8))
            # The intents of a pack take as long as those of fifty questions: half of the packs have theirs written ahead.
            share = 2 if isinstance(capability, Translator) and capability.max_texts > 1 else 8
            self._lanes[key] = Lane(
                self.clock, limit, Breaker(self.clock), RetryPolicy(random.Random()), ahead=limit.most, one_ahead_of=share
            )
            self.progress.watch(self._lanes[key])
        return self._lanes[key]

    @asynccontextmanager
    async def asking(self, step: Step, context: Context, on_quarantine: Callable[[Any, str, str], None]) -> AsyncIterator[None]:
        """Meanwhile the context asks the teacher and the judge that the step names; afterwards all that was sent is stored."""
        context._judge = self._ask(step, step.judge, context, on_quarantine) if step.judge else None
        context._ask = self._ask(step, step.teacher, context, on_quarantine) if step.teacher else context._judge
        try:
            yield
        finally:
            try:
                if context._ask is not None:
                    await context._ask.close()
            finally:
                if context._judge is not None and context._judge is not context._ask:
                    await context._judge.close()

    def _ask(self, step: Step, role: Role, context: Context, on_quarantine: Callable[[Any, str, str], None]) -> Ask:
        offer, teacher = role
        ask = Ask(
            teacher=teacher,
            teacher_id=offer.id,
            ledger=self.ledger,
            lane=self.lane(offer.id, teacher),
            context=context,
            stop=self.stop,
            on_quarantine=on_quarantine,
            step=step.entry.name,
            host=",".join(teacher.network),
            allow_unknown_price=self.wishes.allow_unknown_price,
            in_batches=self.wishes.sample is None,  # who tries a recipe does not wait a day for five rows
        )
        if ask.batches is not None:
            self.progress.watch(ask.batches)
        return ask


def random_seed(seed: int, step: str, part: str = "") -> int:
    digest = hashlib.sha256(f"{seed}\0{step}\0{part}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
