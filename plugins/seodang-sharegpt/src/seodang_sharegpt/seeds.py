"""The seeds `sharegpt`: dialogues out of ShareGPT files, cleaned, sifted and split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import seodang
from msgspec import Meta, Struct
from seodang.wording import render

from seodang_sharegpt.faithful_way import FaithfulWay
from seodang_sharegpt.identity import Identity, identity_records
from seodang_sharegpt.repaired_way import RepairedWay
from seodang_sharegpt.splitting import counter

_REPAIRED_ONLY = {"html": "auto", "blocked": "tag", "blocked_words": (), "restarting_lists": "tag", "long_rounds": "drop"}
"""Options that FastChat's rules leave no room for, and their defaults."""


class ShareGPTSeeds(seodang.Seeds):
    """Reads dialogues of `conversations[{from, value}]` in all the shapes in which ShareGPT is passed on.

    What was cut is told in the tags `cut_turns`, `repairs`, `part`; what is left out is quarantined with its place.
    """

    name = "sharegpt"
    revision = 1

    class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, Meta(min_length=1, description="The file, or a pattern of several.", extra=seodang.FILES)]
        licence: Annotated[str, Meta(min_length=1, description="The terms of the rows, as an SPDX name.")] = "LicenseRef-unstated"
        encoding: Annotated[str, Meta(description="The files' encoding where it is not UTF-8, such as cp949.")] = ""
        mode: Annotated[
            Literal["repaired", "faithful"],
            Meta(description="`faithful` keeps FastChat's rules with their quirks; `repaired` mends what they get wrong."),
        ] = "repaired"
        html: Annotated[
            Literal["auto", "never"], Meta(description="Whether answers that are a page's HTML become Markdown (repaired).")
        ] = "auto"
        keep_languages: Annotated[tuple[str, ...], Meta(description="Only dialogues in these languages.")] = ()
        skip_languages: Annotated[tuple[str, ...], Meta(description="No dialogues in these languages.")] = ()
        blocked: Annotated[
            Literal["tag", "drop", "keep"], Meta(description="What becomes of dialogues with a blocked word (repaired).")
        ] = "tag"
        blocked_words: Annotated[
            tuple[str, ...], Meta(description="Blocked words beside the locale's names of vendors (repaired).")
        ] = ()
        restarting_lists: Annotated[
            Literal["tag", "drop", "keep"], Meta(description="What becomes of answers whose list lost its numbers (repaired).")
        ] = "tag"
        repeated_digits: Annotated[bool, Meta(description="Leave out dialogues with nine equal digits in a row.")] = False
        max_tokens: Annotated[int, Meta(ge=0, description="Split dialogues that are longer; 0 splits none.")] = 0
        tokenizer: Annotated[
            str, Meta(min_length=1, description="What counts: `characters`, or the name of a model on the hub.")
        ] = "characters"
        tokenizer_path: Annotated[
            str, Meta(description="A file of a tokenizer's directory, such as model/tokenizer.json.", extra=seodang.FILES)
        ] = ""
        long_rounds: Annotated[
            Literal["drop", "keep"], Meta(description="What becomes of one round that is longer than max_tokens (repaired).")
        ] = "drop"
        identity: Annotated[Identity | None, Meta(description="Adds questions about who the model is: name, author, repeat.")] = (
            None
        )

        def __post_init__(self) -> None:
            changed = [name for name, default in _REPAIRED_ONLY.items() if getattr(self, name) != default]
            if self.mode == "faithful" and changed:
                raise ValueError(render("seodang_sharegpt:not-faithful", {"options": changed}))
            if not self.max_tokens and (self.tokenizer != "characters" or self.tokenizer_path):
                raise ValueError(render("seodang_sharegpt:nothing-to-count", {}))
            if self.tokenizer_path and self.tokenizer != "characters":
                raise ValueError(render("seodang_sharegpt:two-tokenizers", {}))

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.options.licence,)

    @property
    def network(self) -> tuple[str, ...]:
        return () if self.options.tokenizer == "characters" else ("huggingface.co",)

    def pieces(self) -> list[seodang.Piece]:
        """The tokenizer that counts, which reads as a file once it lies beside the recipe."""
        if self.options.tokenizer == "characters":
            return []
        settings = {"tokenizer": "characters", "tokenizer_path": "{folder}/tokenizer.json"}
        files = ("tokenizer*", "special_tokens_map.json", "*.model", "vocab.*", "merges.txt")
        return [
            seodang.Piece(
                option="tokenizer",
                name=self.options.tokenizer,
                carrier="hub",
                files=files,
                needs=("tokenizer.json",),
                settings=settings,
            )
        ]

    def read(self, context: seodang.Context) -> Iterator[seodang.Record]:
        options: Any = self.options
        files = context.files("tokenizer_path") if options.tokenizer_path else []
        faithful = options.mode == "faithful"
        count = counter(options.tokenizer, files, special=faithful) if options.max_tokens else None
        way = FaithfulWay(options, count) if faithful else RepairedWay(options, count, context)
        for path in context.files("path"):
            for row in context.rows(path, encoding=options.encoding or None, lists=("conversations", "items")):
                yield from way.records(row, context)
        if options.identity is not None:
            yield from identity_records(options.identity, context.locale)
