"""A row on FastChat's way: cleaned, sifted by language, split, sifted by lists that start again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import seodang

from seodang_sharegpt.dialogues import Unusable, set_aside
from seodang_sharegpt.faithful import Cleaned, Cleaner, detected_language, has_repeated_digits
from seodang_sharegpt.lists import starts_again
from seodang_sharegpt.splitting import AROUND_A_TURN, Count, Piece, fastchat_pieces

_ROLES = {"human": "user", "gpt": "assistant"}


class FaithfulWay:
    """Makes records of rows one after the other. A dialogue that was kept keeps later ones like it out."""

    def __init__(self, options: Any, count: Count | None) -> None:
        self._options = options
        self._count = count
        self._cleaner = Cleaner()

    def records(self, row: seodang.Row, context: seodang.Context) -> Iterator[seodang.Record]:
        try:
            cleaned = self._cleaner.clean(row.values)
            language = self._language([text for _, text in cleaned.turns])
        except Unusable as problem:
            set_aside(context, row.where, problem.code, problem.detail, str(row.values))
            return
        for piece in self._pieces(cleaned, row.where, context):
            turns = cleaned.turns[piece.start : piece.end]
            if any(starts_again(text) for _, text in turns):
                detail = f"in turns {piece.start + 1} to {piece.end} a list starts again"
                set_aside(context, row.where, "restarting-list", detail, str(row.values))
            else:
                yield self._record(row.values, cleaned, piece, language)

    def _language(self, texts: Sequence[str]) -> str:
        keep, skip = self._options.keep_languages, self._options.skip_languages
        language = detected_language("\n".join(texts)) if keep or skip else ""
        if (keep and language not in keep) or language in skip:
            raise Unusable("language", f"the dialogue is in {language}")
        if self._options.repeated_digits and has_repeated_digits(texts):
            raise Unusable("repeated-digits", "nine equal digits stand in a row")
        return "und" if language in ("unknown", "un") else language

    def _pieces(self, cleaned: Cleaned, where: str, context: seodang.Context) -> list[Piece]:
        turns = cleaned.turns
        if self._count is None:
            return [Piece(0, len(turns))]
        sizes = [self._count(text) + AROUND_A_TURN for _, text in turns]
        pieces = fastchat_pieces(sizes, self._options.max_tokens)
        if (end := pieces[-1].end) < len(turns):
            detail = f"turns {end + 1} to {len(turns)} do not fit, and FastChat loses a last round that does not"
            set_aside(context, where, "last-round-lost", detail, str(turns[end:]))
        return [piece for piece in pieces if piece.end > piece.start]

    def _record(self, values: Any, cleaned: Cleaned, piece: Piece, language: str) -> seodang.Record:
        messages = tuple(seodang.Message(_ROLES[speaker], text) for speaker, text in cleaned.turns[piece.start : piece.end])
        columns = {name: value for name, value in values.items() if name != "conversations"}
        tags: dict[str, Any] = {"dialogue": str(values["id"])}
        if cleaned.cut:
            tags["cut_turns"] = cleaned.cut
        record = seodang.Record(messages=messages, language=language, columns=columns, tags=tags)
        if self._count is None:
            return record
        named = columns | {"id": f"{values['id']}_{piece.start}"}
        return msgspec.structs.replace(record, columns=named, tags=tags | {"part": piece.start})
