"""Keep at most so many rows of a kind, so that no kind drowns the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.drawing import Lots, check_name


class Balance(seodang.Filter):
    """Keeps at most `most` rows of each value of a tag, a column, the source or the language; the others are dropped as `over-quota`.

    Without `most` all have as many rows as the rarest; values with fewer than `least` rows stay as they are and are no measure. Who
    stays is drawn by lot as `sample` draws. Rows without a value are a kind of their own.
    """

    name = "balance"
    revision = 1
    whole = True
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        by: Annotated[str, msgspec.Meta(min_length=1, description="Tag or column; `source` and `language` are the record's own.")]
        most: Annotated[
            int, msgspec.Meta(ge=0, description="At most so many rows of each value; 0: as many as the rarest has.")
        ] = 0
        least: Annotated[
            int, msgspec.Meta(ge=0, description="Values with fewer rows stay as they are and are not taken for the rarest.")
        ] = 0

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        lots = Lots(records, self.options.by, context.random)
        check_name(lots, self.options.by, records)
        sizes = lots.sizes
        measured = [size for size in sizes.values() if size >= self.options.least]
        most = self.options.most or min(measured, default=0)
        quotas = {name: most for name, size in sizes.items() if size >= self.options.least}
        keep = seodang.Keep()
        for number, drawn in enumerate(lots.drawn(quotas)):
            if drawn:
                yield keep
            else:
                name = lots.name_of(number)
                yield seodang.Drop("over-quota", f"{self.options.by} = {name}: {most:,} / {sizes[name]:,}")
