"""The hard cap: decides in the writer's thread, one intent after the other, whether it may be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seodang.errors import OutOfBudget
from seodang.ledger.entries import Intent
from seodang.ledger.figures import Figures
from seodang.ledger.money import Cap, format_amount, tightest


class Budget:
    """Compares what may have been spent, worst cases included, with the caps. Integers only, no rates.

    A currency without a cap beside one that has a cap is refused: a run that is meant to cost five dollars at most must not spend
    any number of won.
    """

    def __init__(self, caps: Sequence[Cap], figures: Figures) -> None:
        self._limits = tightest(caps)
        self._figures = figures

    def room(self, currency: str) -> int | None:
        """What may still be spent in this currency; None where there is no cap on it."""
        limit = self._limits.get(currency)
        return None if limit is None else limit - self._figures.account(currency).total

    def refusal(self, intent: Intent, in_flight_micro: Callable[[str], int]) -> OutOfBudget | None:
        """Why the intent must not be sent, or None. What costs nothing is never refused.

        `in_flight_micro` tells the worst case of what this process is waiting for. It is handed on as a fact: as those calls
        settle, room may come free.
        """
        if not self._limits or not intent.worst_micro:
            return None
        limit = self._limits.get(intent.currency)
        if limit is None:
            caps = sorted(self._limits)
            return OutOfBudget("ledger.currency-without-cap", currency=intent.currency, caps=caps, step=intent.step)
        account = self._figures.account(intent.currency)
        if account.total + intent.worst_micro <= limit:
            return None
        return OutOfBudget(
            "ledger.out-of-budget",
            step=intent.step,
            spent=format_amount(account.total, intent.currency),
            settled=format_amount(account.settled, intent.currency),
            cap=format_amount(limit, intent.currency),
            worst=format_amount(intent.worst_micro, intent.currency),
            in_flight_micro=in_flight_micro(intent.currency),
        )
