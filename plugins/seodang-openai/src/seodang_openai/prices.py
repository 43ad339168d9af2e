"""What the vendor's models cost, from the table beside this module; and prices as integers, never below the bill."""

from __future__ import annotations

import math
import re
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec
import seodang

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}\Z")


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """USD for a million tokens."""

    input: float
    output: float
    cached: float | None = None


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, as it is. `batch` is the share of a price that the Batch API takes."""

    date: str
    source: str
    read: str
    currency: str
    batch: float
    models: dict[str, Listed]

    @property
    def version(self) -> str:
        return f"seodang-openai {self.date}"

    def find(self, model: str) -> Listed | None:
        """The price of a model or of a dated snapshot of it. Nothing is guessed: an unknown model has none."""
        return self.models.get(model) or self.models.get(_SNAPSHOT.sub("", model))


@cache
def table() -> Table:
    return msgspec.convert(tomllib.loads(files("seodang_openai").joinpath("prices.toml").read_text(encoding="utf-8")), Table)


def listed_price(model: str, *, batch: bool = False) -> seodang.Price | None:
    """What the vendor takes for the model, as far as the table knows it."""
    prices = table()
    found = prices.find(model)
    if found is None:
        return None
    share = _share(batch)
    return seodang.Price(
        currency=prices.currency,
        input_micro_per_million=micro(found.input, share),
        output_micro_per_million=micro(found.output, share),
        cached_micro_per_million=None if found.cached is None else micro(found.cached, share),
        source=f"{prices.version}, batch" if batch else prices.version,
    )


def stated_price(input_price: float, output_price: float, *, batch: bool = False) -> seodang.Price:
    """What the recipe says."""
    return seodang.Price(
        input_micro_per_million=micro(input_price, _share(batch)),
        output_micro_per_million=micro(output_price, _share(batch)),
        source="recipe, batch" if batch else "recipe",
    )


def _share(batch: bool) -> Decimal:
    return Decimal(str(table().batch)) if batch else Decimal(1)


def micro(usd_per_million: float, share: Decimal = Decimal(1)) -> int:
    """Rounded up, so that the ledger is never below the bill; by way of the decimal that was written, not of the binary one."""
    return math.ceil(Decimal(str(usd_per_million)) * share * 1_000_000)
