"""Keep of each source as many rows as a mixture wants."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_filters.drawing import Lots, share_quotas

_Share = Annotated[float, msgspec.Meta(gt=0)]
_Quota = Annotated[int, msgspec.Meta(ge=0)]


class Mix(seodang.Filter):
    """Keeps of each source as many rows as `shares` or `quotas` say; the others are dropped as `over-quota`.

    `shares` are parts of what is kept: { kin = 3, sharegpt = 1 } keeps three rows of kin for each of sharegpt, and as many in all as
    the scarcest source allows, or `rows`. `quotas` are the most rows of a source. Sources are named as their seeds steps are; one that
    is not named makes the filter refuse unless `others` says what becomes of its rows (dropped: `not-in-mixture`). Who stays is drawn
    by lot as `sample` draws. A filter adds no rows: a source that shall come five times is repeated where it is read (`repeat = 5` of
    its seeds step, as in Koala's mixtures), and a mixture that lacks rows tells by how much.
    """

    name = "mix"
    revision = 1
    whole = True
    deterministic = False

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        shares: Annotated[
            dict[str, _Share], msgspec.Meta(description="Source and its part of the mixture, as in { kin = 3 }.")
        ] = {}
        quotas: Annotated[
            dict[str, _Quota], msgspec.Meta(description="Source and the most rows of it, as in { kin = 10000 }.")
        ] = {}
        rows: Annotated[
            int, msgspec.Meta(ge=0, description="So many rows in all, in these shares; 0: as many as there can be.")
        ] = 0
        others: Annotated[
            Literal["refuse", "keep", "drop"], msgspec.Meta(description="What becomes of the rows of sources that are not named.")
        ] = "refuse"

        def __post_init__(self) -> None:
            if bool(self.shares) == bool(self.quotas):
                raise ValueError("exactly one of shares and quotas says what is in the mixture")
            if self.rows and not self.shares:
                raise ValueError("rows belongs to shares")

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        lots = Lots(records, "source", context.random)
        sizes = lots.sizes
        if not sizes:
            return
        named = self.options.shares or self.options.quotas
        self._check(named, sizes, context.step)
        quotas = self._quotas(sizes, context.step)
        if self.options.others == "drop":
            quotas = {**dict.fromkeys(sizes, 0), **quotas}
        keep = seodang.Keep()
        for number, drawn in enumerate(lots.drawn(quotas)):
            source = lots.name_of(number)
            if drawn:
                yield keep
            elif source in named:
                yield seodang.Drop("over-quota", f"{source}: {quotas[source]:,} / {sizes[source]:,}")
            else:
                yield seodang.Drop("not-in-mixture", source)

    def _check(self, named: Mapping[str, float], sizes: Mapping[str, int], step: str) -> None:
        missing = [name for name in named if name not in sizes]
        if missing:
            raise seodang.DataError("seodang_filters:no-such-source", step=step, missing=missing, known=list(sizes))
        others = [name for name in sizes if name not in named]
        if others and self.options.others == "refuse":
            raise seodang.DataError("seodang_filters:not-in-mixture", step=step, others=others)

    def _quotas(self, sizes: Mapping[str, int], step: str) -> Mapping[str, int]:
        shares = self.options.shares
        if not shares:
            return self.options.quotas
        total = sum(shares.values())
        # The scarcest source bounds the rest.
        scarcest = min(shares, key=lambda name: sizes[name] / shares[name])
        possible = int(sizes[scarcest] * total / shares[scarcest] + 1e-9)
        rows = self.options.rows or possible
        if rows > possible:
            wanted = math.ceil(rows * shares[scarcest] / total)
            raise seodang.DataError(
                "seodang_filters:too-few-rows",
                step=step,
                source=scarcest,
                wanted=wanted,
                present=sizes[scarcest],
                rows=rows,
                factor=math.ceil(wanted / sizes[scarcest]),
                possible=possible,
            )
        return share_quotas(sizes, shares, rows)
