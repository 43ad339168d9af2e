"""Which token comes next: the likeliest, or one that is drawn by numbers of the question's own."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import msgspec
import torch


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How one answer is put together. `temperature` 0 is the likeliest token, again and again."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    penalty: float = 1.0


class Chooser:
    """The next tokens of one answer. What it draws depends on its seed and on nothing beside it."""

    def __init__(
        self,
        manner: Manner,
        seed: int,
        prompt: Sequence[int],
        mark: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        self.manner = manner
        self.mark = mark
        self._random = random.Random(seed)
        self._prompt = prompt
        self._seen: torch.Tensor | None = None

    def penalised(self, scores: torch.Tensor, said: Sequence[int]) -> torch.Tensor:
        """The model's rule against repetition (CTRL): what stands there already becomes less likely."""
        if self._seen is None:
            self._seen = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
            self._seen[torch.tensor(self._prompt, device=scores.device)] = True
        elif said:
            self._seen[said[-1]] = True
        lower = torch.where(scores < 0, scores * self.manner.penalty, scores / self.manner.penalty)
        return torch.where(self._seen, lower, scores)

    def marked(self, scores: torch.Tensor, said: Sequence[int]) -> torch.Tensor:
        """With the watermark, whose lists are drawn from the token before, on the CPU."""
        assert self.mark is not None, "who asks for it has looked"
        return self.mark(torch.tensor([[said[-1] if said else self._prompt[-1]]]), scores[None])[0]

    def draw(self) -> float:
        return self._random.random()


def drawn(scores: torch.Tensor, choosers: Sequence[Chooser]) -> torch.Tensor:
    """One token a row: in the order of likelihood, the one in which the number drawn falls."""

    def column(values: Sequence[float]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=scores.device)[:, None]

    manners = [chooser.manner for chooser in choosers]
    ranked, tokens = (scores / column([manner.temperature for manner in manners])).sort(dim=-1, descending=True, stable=True)
    chances = ranked.softmax(dim=-1)
    before = chances.cumsum(dim=-1) - chances
    ranks = torch.arange(scores.shape[-1], device=scores.device)[None]
    most = column([manner.top_k or scores.shape[-1] for manner in manners])
    # The likeliest always stays, whatever top_p says.
    kept = ((before < column([manner.top_p for manner in manners])) & (ranks < most)) | (ranks == 0)
    chances = chances * kept
    reached = chances.cumsum(dim=-1)
    point = column([chooser.draw() for chooser in choosers]) * reached[:, -1:]
    place = (reached > point).int().argmax(dim=-1, keepdim=True)
    return tokens.gather(-1, place).squeeze(-1)
