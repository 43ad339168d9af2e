"""A row on the repaired way: mended, sifted by language, words and lists, told apart from its like, split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import seodang

from seodang_sharegpt.dialogues import Dialogue, Turn, Unusable, columns_of, dialogue_of, messages_of, set_aside
from seodang_sharegpt.faithful import has_repeated_digits
from seodang_sharegpt.languages import Languages
from seodang_sharegpt.lists import lost_its_numbers
from seodang_sharegpt.repairing import Mended, mended
from seodang_sharegpt.splitting import Count, Piece, pieces_of

_encode = msgspec.json.Encoder().encode


class RepairedWay:
    """Makes records of rows one after the other. Remembers a mark of every dialogue, and drops only what is wholly the same."""

    def __init__(self, options: Any, count: Count | None, context: seodang.Context) -> None:
        self._options = options
        self._count = count
        self._languages = Languages(context, options.keep_languages, options.skip_languages)
        words = dict.fromkeys((*context.locale.vendors, *options.blocked_words)) if options.blocked != "keep" else ()
        self._blocked = {word: word.casefold() for word in words}
        small = set(self._blocked.values())
        # "chatgpt" can only stand where "gpt" does: most dialogues have none of the shortest words, and are done with.
        self._roots = [word for word in sorted(small) if not any(other in word for other in small - {word})]
        self._seen: dict[bytes, str] = {}
        self._ids: set[str] = set()

    def records(self, row: seodang.Row, context: seodang.Context) -> Iterator[seodang.Record]:
        try:
            dialogue = dialogue_of(row.values)
            whole = mended(dialogue, html=self._options.html == "auto")
            record = self._record(dialogue, whole, context)
            mark = self._unseen(record, dialogue)
        except Unusable as problem:
            set_aside(context, row.where, problem.code, problem.detail, str(row.values))
            return
        self._seen[mark] = row.where
        yield from [record] if self._count is None else self._parts(record, dialogue, whole, row.where, context)

    def _record(self, dialogue: Dialogue, whole: Mended, context: seodang.Context) -> seodang.Record:
        texts = [turn.text or "" for turn in whole.turns]
        language = self._languages.of("\n".join(texts))
        if refusal := self._languages.refuses(language):
            raise Unusable("language", refusal)
        if self._options.repeated_digits and has_repeated_digits(texts):
            raise Unusable("repeated-digits", "nine equal digits stand in a row")
        tags = dict(whole.tags)
        if words := self._blocked_words(texts, context):
            if self._options.blocked == "drop":
                raise Unusable("blocked-word", f"the dialogue has {', '.join(words)}")
            tags["blocked_words"] = words
        if self._options.restarting_lists != "keep" and any(
            lost_its_numbers(turn.text or "") for turn in whole.turns if turn.role == "assistant"
        ):
            if self._options.restarting_lists == "drop":
                raise Unusable("restarting-list", "a list starts again at its second item")
            tags["restarting_list"] = True
        if dialogue.columns.get("plugins"):
            tags["plugins"] = True
        if speakers := sorted({turn.speaker for turn in whole.turns if turn.role == "assistant"} - {"gpt", "assistant"}):
            tags["answered_by"] = speakers
        return seodang.Record(
            messages=messages_of(whole.turns),
            language=language,
            tools=dialogue.tools,
            tags=tags,
            columns=columns_of(dialogue, whole.turns),
        )

    def _blocked_words(self, texts: Sequence[str], context: seodang.Context) -> list[str]:
        folded = "\n".join(texts).casefold()
        if not any(root in folded for root in self._roots):
            return []
        # A plain search finds parts of other words too: about what is found the locale decides.
        candidates = [word for word, small in self._blocked.items() if small in folded]
        return context.locale.mentions("\n".join(texts), candidates) if candidates else []

    def _unseen(self, record: seodang.Record, dialogue: Dialogue) -> bytes:
        """The mark of the dialogue's words. Raises Unusable where they have come before; an id that has is told in a tag."""
        mark = blake2b(_encode((record.messages, record.tools)), digest_size=16).digest()
        if before := self._seen.get(mark):
            raise Unusable("repeated", f"every turn is as in {before}")
        known = "" if dialogue.id is None else str(dialogue.id)
        if known and known in self._ids:
            record.tags["repeated_id"] = True
        self._ids.add(known)
        record.tags["dialogue"] = known or mark.hex()
        return mark

    def _parts(
        self, record: seodang.Record, dialogue: Dialogue, whole: Mended, where: str, context: seodang.Context
    ) -> Iterator[seodang.Record]:
        assert self._count is not None
        pieces = pieces_of(whole.rounds, self._options.max_tokens, self._count, whole.system)
        if len(pieces) == 1 and not pieces[0].too_long:
            yield record
            return
        turns = [turn for one in whole.rounds for turn in one]
        for part, piece in enumerate(pieces, 1):
            if piece.too_long and self._options.long_rounds == "drop":
                detail = f"turns {piece.start + 1} to {piece.end} are one round of more than {self._options.max_tokens}"
                set_aside(context, where, "too-long", detail, str([turn.text for turn in turns[piece.start : piece.end]]))
                continue
            yield _part(record, dialogue, whole.system, turns, piece, {"part": part, "parts": len(pieces)})


def _part(
    record: seodang.Record, dialogue: Dialogue, system: Sequence[Turn], turns: Sequence[Turn], piece: Piece, tags: dict[str, int]
) -> seodang.Record:
    """A piece as a record of its own, with the system's turns before it and an id as FastChat makes them."""
    own = (*system, *turns[piece.start : piece.end])
    columns = columns_of(dialogue, own)
    if "id" in columns:
        columns["id"] = f"{columns['id']}_{piece.start}"
    long = {"too_long": True} if piece.too_long else {}
    return msgspec.structs.replace(record, messages=messages_of(own), columns=columns, tags={**record.tags, **tags, **long})
