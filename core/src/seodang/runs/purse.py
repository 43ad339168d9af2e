"""What a run has spent while it goes on, and what it will have spent when its step is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seodang.ledger.book import Book
from seodang.ledger.money import MICRO, format_amounts
from seodang.runs.costs import summed
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.ledger.ledger import Ledger
    from seodang.runs.session import Session


class Purse:
    """Counts what is settled; where nothing ever is, because the other side tells no usage, what is reserved.

    What a step will cost is what it has cost so far, in all invocations of the run, for each row that it is done with: rows that the
    ledger answers for nothing when a run is resumed have been paid for too.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._step = ""
        self._before: Mapping[str, int] | None = None
        self._of_step: Mapping[str, int] = {}

    def begin(self, step: str) -> None:
        """A step begins. What was spent for it before is looked up when somebody wants to know: most steps ask nobody."""
        self._step = step
        self._before = None

    def line(self, done: int, total: int | None) -> str:
        """`0.42 USD, about 1.9 USD in the end`; nothing where all is free."""
        ledger = self._session.opened_ledger
        if ledger is None:
            return ""
        if self._before is None:
            with Book.open(self._session.run.ledger) as book:
                self._of_step = book.totals(self._session.run.id, self._step).settled_micro
            self._before = spent(ledger)
        now = spent(ledger)
        if not any(now.values()):
            reserved = format_amounts({currency: micro for currency, micro in ledger.totals().reserved_micro.items() if micro})
            return "" if reserved == "0" else render("progress.reserved", {"money": reserved})
        money = format_amounts(_shown(now))
        of_step = summed([self._of_step, {currency: micro - self._before.get(currency, 0) for currency, micro in now.items()}])
        if not total or not done or done >= total or not of_step:
            return render("progress.spent", {"money": money})
        ahead = {currency: micro * (total - done) // done for currency, micro in of_step.items()}
        return render("progress.projected", {"money": money, "whole": format_amounts(_shown(summed([now, ahead])))})


def spent(ledger: Ledger) -> dict[str, int]:
    return dict(ledger.totals().settled_micro)


def _shown(micro: Mapping[str, int]) -> dict[str, int]:
    """Amounts to three figures or so: a line that changes four times a second is no bill. Rounded up."""
    return {currency: _rounded(value) for currency, value in micro.items() if value}


def _rounded(value: int) -> int:
    step = MICRO // 100 if value >= MICRO else MICRO // 10_000 if value >= MICRO // 100 else 1
    return -(-value // step) * step
