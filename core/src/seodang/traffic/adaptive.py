"""How many requests may be under way at once: as many as allowed, fewer while the other side asks for patience."""

from __future__ import annotations

SMALLEST_WINDOW = 20
"""Answers that are looked at together, at least. Fewer say little: one 429 among five is already 20 %."""


class AdaptiveLimit:
    """Answers are counted in windows of twice the limit.

    A window of which more than 20 % were throttled cuts the limit to three quarters. One with at most 10 % raises it: half the
    way back to where it was cut, then by one at a time, so that little is lost while what is allowed stays as it is.
    A limit cut at every 429 collapses: under a steady 10 % of them, which shared keys and gateways give to everybody, halving
    each time settles at 3.5 of 64. Under the same 10 % this one stays above half.

    Answers to requests that were sent before the last cut are not counted, or one burst would be punished many times.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = most
        self.epoch = 0
        """Raised by every cut; a request remembers under which one it was sent."""
        self._cut_at = 0
        self._answers = 0
        self._throttled = 0

    def narrow(self, most: int) -> None:
        """Allows fewer than was said at first: a teacher that answers in groups has fewer groups than questions under way."""
        self.most = min(self.most, max(1, most))
        self.now = min(self.now, self.most)

    def answered(self, epoch: int) -> None:
        if epoch == self.epoch:
            self._count()

    def throttled(self, epoch: int) -> None:
        if epoch == self.epoch:
            self._throttled += 1
            self._count()

    def _count(self) -> None:
        self._answers += 1
        if self._answers < max(SMALLEST_WINDOW, 2 * self.now):
            return
        share = self._throttled / self._answers
        if share > 0.2:
            self._cut_at = self.now
            self.now = max(1, self.now * 3 // 4)
            self.epoch += 1
        elif share <= 0.1:
            self.now = min(self.most, self.now + max(1, (self._cut_at - self.now) // 2))
        self._answers = self._throttled = 0
