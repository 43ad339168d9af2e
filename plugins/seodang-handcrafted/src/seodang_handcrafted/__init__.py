"""Seeds written by people: your own file, or the tasks that come with the recipe's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import seodang
from seodang.wording import render

from seodang_handcrafted.rows import Wrong, records_of

UNSTATED = "LicenseRef-unstated"


class Handcrafted(seodang.Seeds):
    """Reads your own file, or the seed tasks that come with the recipe's language.

    A row that cannot be used is quarantined with file, line and reason.
    """

    name = "handcrafted"
    revision = 2

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="Your file, or a pattern of several.", extra=seodang.FILES)] = ""
        shipped: Annotated[bool, msgspec.Meta(description="The seed tasks of the recipe's language, instead of a file.")] = False
        licence: Annotated[str, msgspec.Meta(min_length=1, description="The terms of your rows, as an SPDX name.")] = UNSTATED
        encoding: Annotated[str, msgspec.Meta(description="The files' encoding where it is not UTF-8, such as cp949.")] = ""

        def __post_init__(self) -> None:
            if self.shipped == bool(self.path):
                raise ValueError(render(f"seodang_handcrafted:{'both' if self.shipped else 'neither'}", {}))
            if self.shipped and self.licence != UNSTATED:
                raise ValueError(render("seodang_handcrafted:licence-of-shipped", {}))

    @property
    def terms(self) -> tuple[str, ...]:
        """Of your rows, what you say; each shipped record brings the licence that its language states."""
        return () if self.options.shipped else (self.options.licence,)

    def read(self, context: seodang.Context) -> Iterator[seodang.Record]:
        yield from shipped(context.locale) if self.options.shipped else self._own(context)

    def _own(self, context: seodang.Context) -> Iterator[seodang.Record]:
        for path in context.files("path"):
            for row in context.rows(path, encoding=self.options.encoding or None):
                records = records_of(row.values)
                if isinstance(records, Wrong):
                    context.quarantine(row.where, records.code, records.detail, str(sorted(row.values)))
                else:
                    yield from records


def shipped(locale: seodang.Locale) -> Iterator[seodang.Record]:
    """The seed tasks of a language, each under the licence that the language states for them."""
    if not locale.seeds:
        raise seodang.DataError("seodang_handcrafted:no-seeds", language=locale.language)
    licence = locale.notes["seeds"].licence if "seeds" in locale.notes else UNSTATED
    for task in locale.seeds:
        tags = {"classification": task.is_classification, "seed": task.id, "task": task.name, "culture": task.culture}
        if task.register:
            tags["register"] = task.register
        yield seodang.single_turn(task.instruction, task.output, input=task.input, terms=(licence,), tags=tags)


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(Handcrafted)
