"""Keep some of the rows, drawn by lot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.drawing import LOTS, Lots, check_name, equal_quotas


class Sample(seodang.Filter):
    """Keeps `rows` rows or a `share` of them, drawn by lot; the others are dropped as `not-sampled`.

    The lot of a row comes from its id and the seed of the run: another seed draws others, but a row that is added or taken away
    changes nothing for the rest, but for one that stands on the border of `rows`. Without `by`, `share` is the chance of every row,
    and so about their share. With `by` equally many rows of each value are drawn, as far as there are so many.
    """

    name = "sample"
    revision = 1
    whole = True
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        rows: Annotated[int, msgspec.Meta(ge=0, description="Keep so many rows; 0 where share says how many.")] = 0
        share: Annotated[
            float, msgspec.Meta(ge=0, le=1, description="Keep this share of the rows; 0 where rows says how many.")
        ] = 0
        by: Annotated[
            str, msgspec.Meta(description="Tag or column (or source, language) of whose values equally many rows are drawn.")
        ] = ""

        def __post_init__(self) -> None:
            if bool(self.rows) == bool(self.share):
                raise ValueError("exactly one of rows and share says how many rows are kept")

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        lots = Lots(records, self.options.by, context.random)
        if self.options.by:
            check_name(lots, self.options.by, records)
        keep = seodang.Keep()
        for number, drawn in enumerate(self._drawn(lots)):
            yield keep if drawn else seodang.Drop("not-sampled", lots.name_of(number))

    def _drawn(self, lots: Lots) -> Sequence[bool]:
        if self.options.share and not self.options.by:
            limit = int(self.options.share * LOTS)
            return [lot < limit for lot in lots.lots]
        rows = self.options.rows or round(self.options.share * len(lots))
        return lots.drawn(equal_quotas(lots.sizes, rows))
