"""A directory as the Hugging Face hub takes it: a dataset card, and the rows in numbered files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_hub.cards import front_matter, licence_page
from seodang_hub.carrying import Hub as HubCarrier


class Hub(seodang.Layout):
    """`README.md` with the card, the rows as `data/train-00000-of-00001.parquet`, and `LICENSE.md` for terms without a name there.

    Nothing is uploaded. Data whose terms nobody knows, and data with unmasked personal data, are refused unless allowed.
    """

    name = "hub"
    revision = 1
    publishes = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        file: Annotated[Literal["parquet", "jsonl"], msgspec.Meta(description="The type of the files with the rows.")] = "parquet"
        rows_per_file: Annotated[int, msgspec.Meta(ge=1, description="The most rows that one file has.")] = 250_000

    def write(self, dataset: seodang.Dataset, place: Path) -> None:
        parts: list[Path] = []
        rows = 0
        while True:
            part = place / "data" / f"part-{len(parts):05}.{self.options.file}"
            count = dataset.write_rows(part, most=self.options.rows_per_file)
            rows += count
            if count:
                parts.append(part)
            else:
                part.unlink(missing_ok=True)
                break
        if not parts:
            raise seodang.DataError("seodang_hub:no-rows", format=dataset.format.name)
        # How many there are is in every name, and known only now.
        for number, part in enumerate(parts):
            part.rename(part.with_name(f"train-{number:05}-of-{len(parts):05}.{self.options.file}"))
        example = f'## datasets\n\n```python\nfrom datasets import load_dataset\n\nrows = load_dataset("{dataset.name}", split="train")\n```\n'
        card = "\n".join([front_matter(dataset, rows, f"data/train-*.{self.options.file}"), dataset.card, example])
        (place / "README.md").write_text(card, encoding="utf-8")
        if page := licence_page((dataset.license, *dataset.terms) if dataset.license else dataset.terms):
            (place / "LICENSE.md").write_text(page, encoding="utf-8")


@seodang.hookimpl
def register_layouts(register: seodang.Register) -> None:
    register(Hub)


@seodang.hookimpl
def register_carriers(register: seodang.Register) -> None:
    register(HubCarrier)
