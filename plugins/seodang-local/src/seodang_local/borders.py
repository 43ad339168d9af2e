"""Where one text ends and the next begins, in tokens: the rule of lm-evaluation-harness, so that its figures can be told again.

The two texts are tokenised as one. As many tokens as the first has alone are taken for it, and what comes after them is scored as the
second's. A tokenizer that merges over the border so moves a token from one text to the other, which is counted: see `merged`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import seodang


class Bordered(msgspec.Struct, frozen=True):
    """The tokens of a pair. Those from `start` on are scored; `cut` tokens were left out before the first, because not all would fit.

    `merged`: the tokens of the first text alone are not those that both texts together begin with.
    """

    ids: list[int]
    start: int
    cut: int = 0
    merged: bool = False


class Borders:
    """Pairs of texts to tokens, for one tokenizer and a model that reads at most `limit` tokens."""

    def __init__(self, tokenizer: Any, limit: int) -> None:
        self._tokenizer = tokenizer
        self._limit = limit
        self._first = int(tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id)
        self._opening = tokenizer.decode([self._first])

    def encode(self, pairs: Sequence[tuple[str, str]]) -> list[Bordered]:
        """In the order of the pairs. A first text is tokenised once, however many follow it."""
        parted = [moved(before, after) for before, after in pairs]
        firsts = list(dict.fromkeys(before for before, _ in parted))
        heads = dict(zip(firsts, self._ids(firsts), strict=True))
        wholes = self._ids([before + after for before, after in parted])
        return [
            self._bordered(heads[before], whole, after) if before else self._alone(after)
            for (before, after), whole in zip(parted, wholes, strict=True)
        ]

    def _bordered(self, head: list[int], whole: list[int], after: str) -> Bordered:
        scored = whole[len(head) :]
        if after and not scored:
            raise seodang.DataError("seodang_local:merged-away", text=after)
        return self._fitting(head, scored, merged=whole[: len(head)] != head)

    def _alone(self, after: str) -> Bordered:
        """After nothing: what begins every text is read, and the text is scored after it."""
        ids = self._tokenizer.encode(after, add_special_tokens=False)
        return self._fitting([self._first], ids[1:] if ids[:1] == [self._first] else ids, merged=False)

    def _fitting(self, head: list[int], scored: list[int], *, merged: bool) -> Bordered:
        """Cut from the left, each pair on its own. The last token is foretold and never read, so that one more than the limit fits."""
        if len(scored) > self._limit:
            raise seodang.DataError("seodang_local:too-long", tokens=len(scored), limit=self._limit)
        cut = max(0, len(head) + len(scored) - self._limit - 1)
        return Bordered([*head[cut:], *scored], len(head) - cut, cut, merged)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        """With the special tokens that the tokenizer adds by itself, unless the text spells out the first of them."""
        found: dict[str, list[int]] = {}
        for spelt in (False, True):
            some = [text for text in dict.fromkeys(texts) if bool(self._opening and text.startswith(self._opening)) is spelt]
            if some:
                encoded = self._tokenizer(
                    some, add_special_tokens=not spelt, return_attention_mask=False, return_token_type_ids=False, verbose=False
                )
                found.update(zip(some, encoded["input_ids"], strict=True))
        return [found[text] for text in texts]


def moved(before: str, after: str) -> tuple[str, str]:
    """Blanks at the end of the first text belong to the second: tokenizers write a blank with the word that it stands before."""
    kept = before.rstrip()
    return kept, before[len(kept) :] + after
