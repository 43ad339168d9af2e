"""How far a student's distribution over the next token is from the teacher's: against all of it, or against what was kept of it.

Every function returns the sum over the rows, in natural logarithms.
"""

from __future__ import annotations

import math

import torch
from torch.nn.functional import kl_div, log_softmax


def generalised_jsd(student: torch.Tensor, teacher: torch.Tensor, beta: float, temperature: float = 1.0) -> torch.Tensor:
    """Both are logits. `beta` 0 is KL(teacher, student), 1 is KL(student, teacher), and between them
    beta KL(teacher, mixture) + (1 - beta) KL(student, mixture), where the mixture is beta teacher + (1 - beta) student.
    """
    ours, theirs = log_softmax(student / temperature, dim=-1), log_softmax(teacher / temperature, dim=-1)
    if beta == 0:
        return _kl(theirs, ours)
    if beta == 1:
        return _kl(ours, theirs)
    mixture = torch.logaddexp(theirs + math.log(beta), ours + math.log1p(-beta))
    return beta * _kl(theirs, mixture) + (1 - beta) * _kl(ours, mixture)


def _kl(of: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
    """KL(of, to) of logarithms."""
    return kl_div(to, of, reduction="sum", log_target=True)


def kept(logits: torch.Tensor, count: int, temperature: float = 1.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What is kept of a teacher: the likeliest tokens, their log-probabilities, and the logarithm of all that the others have."""
    said = log_softmax(logits.float() / temperature, dim=-1)
    likeliest, ids = said.topk(min(count, said.shape[-1]), dim=-1)
    if likeliest.shape[-1] == said.shape[-1]:
        return ids, likeliest, torch.full_like(said[:, 0], -math.inf)
    # From the others themselves: one minus the sum of the likeliest would be rounding where that is nearly one.
    return ids, likeliest, said.scatter(1, ids, -math.inf).logsumexp(dim=-1)


def forward_kl(
    student: torch.Tensor, ids: torch.Tensor, likeliest: torch.Tensor, tail: torch.Tensor, temperature: float = 1.0
) -> torch.Tensor:
    """KL(teacher, student) over the kept tokens and, as one more, all others together.

    It never exceeds the whole KL, and is that where all tokens are kept. Without the tail a student that puts all its mass on
    tokens that were not kept could look better than one that agrees.
    """
    logits = student / temperature
    whole = logits.logsumexp(dim=-1, keepdim=True)
    ours = logits.gather(1, ids) - whole
    lost = (likeliest.exp() * (likeliest - ours)).sum()
    if ids.shape[-1] == logits.shape[-1]:
        return lost
    others = logits.scatter(1, ids, -math.inf).logsumexp(dim=-1) - whole[:, 0]
    # Where nothing is left, as in short numbers, there is nothing to lose; 0 times infinity would be no number.
    left = tail > -math.inf
    return lost + (tail[left].exp() * (tail[left] - others[left])).sum()
