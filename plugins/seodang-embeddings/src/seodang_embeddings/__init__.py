"""Drop instructions that ask for the same as an earlier one in other words, by the nearness of their embeddings."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Annotated

import msgspec
import seodang

ROWS_AT_ONCE = 256


class NoveltyEmbedding(seodang.Filter):
    """Drops a row whose instruction has a cosine above the threshold with any row kept before it: `same-meaning`.

    Catches what `novelty` cannot, the same task in other words, as well as the model knows the language; and drops what only speaks
    of the same things. Every kept row is compared, so the time grows with the square of their number: fit for tens of thousands. A row's
    embedding is the mean of its tokens' last states, at unit length; four bytes a number are kept of it.
    """

    name = "novelty-embedding"
    revision = 1
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        encoder: Annotated[
            str,
            msgspec.Meta(
                min_length=1,
                description="The model: a directory that begins with ./, ../, / or ~, or a name on the hub.",
                extra={**seodang.FILES, "elsewhere": True},
            ),
        ]
        revision: Annotated[str, msgspec.Meta(description="The commit of the hub's model; without one, what is newest.")] = ""
        threshold: Annotated[float, msgspec.Meta(ge=-1, le=1, description="Drop what has a higher cosine.")] = 0.9
        longest: Annotated[int, msgspec.Meta(ge=8, le=8192, description="What is read of an instruction.")] = 256
        prefix: Annotated[str, msgspec.Meta(description="What the model wants before a text, such as 'query: '.")] = ""
        batch_size: Annotated[int, msgspec.Meta(ge=1, description="Texts at once.", extra=seodang.CONDUCT)] = 32

    @property
    def network(self) -> tuple[str, ...]:
        return () if is_directory(self.options.encoder) else ("huggingface.co",)

    def pieces(self) -> list[seodang.Piece]:
        """The weights that torch opens without running anything, and the tokenizer."""
        options = self.options
        hub = (
            {}
            if is_directory(options.encoder)
            else {"carrier": "hub", "revision": options.revision, "settings": {"revision": ""}}
        )
        files = ("*.safetensors", "*.json", "*.txt", "*.model")
        return [seodang.Piece(option="encoder", name=options.encoder, files=files, needs=("*.safetensors",), **hub)]

    def sift(self, records: Collection[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        # Here, because they load torch.
        from seodang_embeddings.model import Embedder
        from seodang_embeddings.pool import Pool

        options = self.options
        place = str(context.place(options.encoder)) if is_directory(options.encoder) else options.encoder
        embed = Embedder(place, options.revision, options.longest, options.batch_size)
        pool = Pool(options.threshold)
        waiting = iter(records)
        while some := list(islice(waiting, ROWS_AT_ONCE)):
            vectors = embed([options.prefix + record.question for record in some])
            for record, vector in zip(some, vectors, strict=True):
                if near := pool.nearest(vector):
                    yield seodang.Drop("same-meaning", f"{near.cosine:.3f}", other=near.name)
                else:
                    pool.add(vector, record.id)
                    yield seodang.Keep()


def is_directory(model: str) -> bool:
    return model.startswith(("./", "../", "~", os.sep))


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    register(NoveltyEmbedding)
