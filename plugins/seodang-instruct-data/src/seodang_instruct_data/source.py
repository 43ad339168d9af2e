"""The seeds `instruct-data`: instruction data in files or in a hub's data set, in whatever format it is exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated, Any

import msgspec
import seodang
from seodang import Record, Row
from seodang.wording import render

from seodang_instruct_data.formats import BY_NAME, LISTS
from seodang_instruct_data.hub import dataset_rows, is_directory
from seodang_instruct_data.recognising import check_map, recognised

_OWN = "seodang-instruct-data"
ROWS_LOOKED_AT = 100
"""The format is told from so many rows. More would only be read to be held."""


class InstructData(seodang.Seeds):
    """Reads rows of any format of instruction data. The format is recognised where the recipe names none.

    The revision stands for that of the formats too: which one reads a file is not known before it is opened.
    """

    name = "instruct-data"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="The file, or a pattern of several.", extra=seodang.FILES)] = ""
        dataset: Annotated[
            str,
            msgspec.Meta(
                description="A data set of the hub (owner/name), or a directory that begins with ./",
                extra={**seodang.FILES, "elsewhere": True},
            ),
        ] = ""
        split: Annotated[str, msgspec.Meta(min_length=1, description="The split of the data set.")] = "train"
        config: Annotated[str, msgspec.Meta(description="The configuration of the data set, where it has several.")] = ""
        revision: Annotated[str, msgspec.Meta(description="The commit of the hub's data set; without one, what is newest.")] = ""
        format: Annotated[
            str, msgspec.Meta(description="The rows' format; recognised where none is named.", extra=seodang.names("format"))
        ] = ""
        options: Annotated[dict[str, Any], msgspec.Meta(description="Options of the format, as in `with = { top_k = 1 }`.")] = (
            msgspec.field(default_factory=dict, name="with")
        )
        map: Annotated[
            dict[str, str], msgspec.Meta(description="The file's columns under the format's names: { question = 'instruction' }.")
        ] = {}
        encoding: Annotated[str, msgspec.Meta(description="The files' encoding where it is not UTF-8, such as cp949.")] = ""
        licence: Annotated[str, msgspec.Meta(min_length=1, description="The terms of the rows, as an SPDX name.")] = (
            "LicenseRef-unstated"
        )
        repeat: Annotated[
            int, msgspec.Meta(ge=1, le=1000, description="How often each record comes: its share in a mixture.")
        ] = 1

        def __post_init__(self) -> None:
            if bool(self.path) == bool(self.dataset):
                raise ValueError(_told("one-place"))
            if self.path and (self.config or self.revision or self.split != "train"):
                raise ValueError(_told("of-dataset"))
            if self.dataset and self.encoding:
                raise ValueError(_told("of-path"))
            if self.revision and is_directory(self.dataset):
                raise ValueError(_told("revision-of-directory"))
            if len({*self.map.values()}) < len(self.map):
                raise ValueError(_told("one-name-twice"))
            if self.format in BY_NAME:
                try:
                    msgspec.convert(self.options, BY_NAME[self.format].Options)
                except msgspec.ValidationError as error:
                    raise ValueError(_told("bad-with", format=self.format, detail=str(error))) from error

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.options.licence,)

    @property
    def network(self) -> tuple[str, ...]:
        return ("huggingface.co",) if self.options.dataset and not is_directory(self.options.dataset) else ()

    def pieces(self) -> list[seodang.Piece]:
        options = self.options
        if not options.dataset:
            return []
        if is_directory(options.dataset):
            return [seodang.Piece(option="dataset", name=options.dataset, holds="dataset")]
        settings = {"revision": ""}
        return [
            seodang.Piece(
                option="dataset",
                name=options.dataset,
                carrier="hub",
                holds="dataset",
                revision=options.revision,
                settings=settings,
            )
        ]

    def read(self, context: seodang.Context) -> Iterator[Record]:
        told: dict[str, str] = {}
        for place, rows in self._sources(context):
            first = list(islice(rows, ROWS_LOOKED_AT))
            if not first:
                continue
            if self.options.map:
                check_map(self.options.map, first, place)
                renamed = self._renamed(chain(first, rows), context)
                first = list(islice(renamed, ROWS_LOOKED_AT))
                rows = renamed
            name = self.options.format or f"{_OWN}:{recognised(first, place)}"
            told[place] = name.removeprefix(f"{_OWN}:")
            context.tell(formats=dict(told))
            records = context.get("format", name, **self.options.options).read(chain(first, rows), context)
            yield from records if self.options.repeat == 1 else self._repeated(records)

    def _sources(self, context: seodang.Context) -> Iterator[tuple[str, Iterator[Row]]]:
        """Each file, or the data set, with its name for people."""
        options = self.options
        if options.dataset:
            place = context.place(options.dataset)
            yield (
                options.dataset,
                dataset_rows(
                    options.dataset, place, config=options.config, split=options.split, revision=options.revision, context=context
                ),
            )
            return
        for path in context.files("path"):
            yield path.name, context.rows(path, encoding=options.encoding or None, lists=LISTS)

    def _renamed(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Row]:
        names = self.options.map
        for row in rows:
            values = {names.get(name, name): value for name, value in row.values.items()}
            if len(values) == len(row.values):
                yield Row(values, row.where)
            else:
                context.quarantine(row.where, "column-taken", "map puts a column where this row has another one")

    def _repeated(self, records: Iterator[Record]) -> Iterator[Record]:
        """Each record several times, as Koala's mixtures repeat theirs. The core tells equal records apart by their occurrence."""
        for record in records:
            for _ in range(self.options.repeat):
                yield record


def _told(name: str, **facts: str) -> str:
    """Why options do not go together, in the reader's language."""
    return render(f"seodang_instruct_data:{name}", facts)
