"""Tells, before a run spends anything, that its cap will likely not be enough."""

from __future__ import annotations

from seodang.ledger.book import Book
from seodang.ledger.money import format_amounts, tightest
from seodang.recipes.resolving import resolve
from seodang.runs.costs import summed
from seodang.runs.engine import standing
from seodang.runs.forecast import estimates_of, look_ahead, preview
from seodang.runs.session import Session
from seodang.wording import render


async def tell_of_caps(session: Session) -> None:
    """Looks ahead as `seodang plan` does, with plugins of its own: what these saw is not what the run begins with.

    Nothing depends on it: the cap holds, and whoever reads this may stop, raise it, or buy for what is there.
    """
    limits = tightest(session.wishes.caps)
    session.progress.say(render("runs.looking-ahead", {}))  # all sources are read once more: with many rows that takes a while
    try:
        spent, ahead = _spent(session), await _ahead(session)
    except Exception as error:  # a stranger's code, and the run itself meets what is wrong with its recipe and says so
        session.log.traceback(error)
        session.warn(render("runs.not-foreseen", {"detail": str(error) or type(error).__name__, "log": str(session.log.path)}))
        return
    for currency, limit in limits.items():
        likely = ahead.get(currency, 0)
        if spent.get(currency, 0) + likely > limit:
            facts = {"likely": likely, "spent": spent.get(currency, 0), "cap": limit}
            session.warn(render("runs.over-cap", {name: format_amounts({currency: micro}) for name, micro in facts.items()}))


def _spent(session: Session) -> dict[str, int]:
    if not session.run.ledger.is_file():
        return {}
    with Book.open(session.run.ledger) as book:
        totals = book.totals(session.run.id)
    return summed([totals.settled_micro, totals.reserved_micro, totals.in_doubt_micro])


async def _ahead(session: Session) -> dict[str, int]:
    """The likely money of the steps that this invocation will come to, by currency."""
    steps = resolve(session.recipe, session.offers)[: len(session.steps)]
    looking = preview(session.recipe, steps, session.offers, session.run.path, session.wishes)
    looking.stages = session.stages
    found = await look_ahead(looking, standing(looking))
    return summed({one.currency: one.likely_micro} for one in estimates_of(found))
