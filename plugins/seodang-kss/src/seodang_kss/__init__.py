"""Korean sentences by morphemes, with kss: for blogs, chats and questions, where no full stop tells where a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_kss import loading

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
# A sign with the vowels, finals and accents behind it, which are written as one with it.
_COMPOSED = re.compile(r".[\u0300-\u036f\u1160-\u11ff\u3099\u309a]*", re.DOTALL)


class Kss(seodang.Splitter):
    """kss 6 with mecab. Code fences are left whole, which kss does not do, and no text is changed."""

    name = "kss"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        backend: Annotated[
            Literal["mecab", "pecab", "fast"],
            msgspec.Meta(
                description="What finds the morphemes. mecab is right most often; pecab is as good and 40 times slower (it needs "
                "no compiled part); fast knows endings only, and is worse than a rule on quotations."
            ),
        ] = "mecab"

    def split(self, text: str) -> Sequence[str]:
        sentences = loading.splitter(self.options.backend)
        parts: list[str] = []
        for number, piece in enumerate(_FENCE.split(text)):
            if piece.strip():
                parts += [piece] if number % 2 else _cut(piece, sentences(seodang.nfc(piece)))
            elif piece:
                parts.append(piece)
        return parts


def _cut(text: str, sentences: Sequence[str]) -> list[str]:
    """The text cut where kss cuts it, with the blanks behind each sentence: kss gives its sentences without them."""
    signs = [(cluster, sum(1 for sign in seodang.nfc(cluster) if not sign.isspace())) for cluster in _clusters(text)]
    cuts: list[str] = []
    place = 0
    for sentence in sentences:
        wanted = sum(1 for sign in sentence if not sign.isspace())
        begin = place
        while place < len(signs) and (wanted > 0 or not signs[place][1]):
            wanted -= signs[place][1]
            place += 1
        cuts.append("".join(cluster for cluster, _ in signs[begin:place]))
    rest = "".join(cluster for cluster, _ in signs[place:])
    return [*cuts[:-1], cuts[-1] + rest] if cuts else [text]


def _clusters(text: str) -> Iterable[str]:
    """The signs of the text; of a decomposed one each with what belongs to it, as kss is given composed syllables."""
    return text if seodang.nfc(text) == text else _COMPOSED.findall(text)


@seodang.hookimpl
def register_splitters(register: Callable[[type[seodang.Splitter]], None]) -> None:
    register(Kss)
