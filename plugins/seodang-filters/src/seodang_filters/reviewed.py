"""What people decided with `seodang review`, as a step: rows are kept, dropped or written anew by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
import seodang


class Reviewed(seodang.Filter):
    """Drops what was dropped by hand and puts the edited texts in place. The file is part of the step's fingerprint: another decision, another run.

    A decision on a row that is not here, or that had other texts when it was made, is told and has no effect: the rows were made anew
    since, and what was decided about the old ones is not taken for the new.
    """

    name = "reviewed"
    revision = 1
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        decisions: Annotated[str, msgspec.Meta(description="The file that `seodang review` writes.", extra=seodang.FILES)]
        undecided: Annotated[Literal["keep", "drop"], msgspec.Meta(description="What becomes of rows that nobody decided.")] = (
            "keep"
        )

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        decided = {
            decision.id: decision for path in context.files("decisions") for decision in seodang.read_decisions(path).values()
        }
        verdicts: list[seodang.Keep | seodang.Drop] = []
        met = 0
        for record in records:
            decision = decided.get(record.id)
            if decision is None or not decision.fits(record):
                verdicts.append(seodang.Keep() if self.options.undecided == "keep" else seodang.Drop("not-reviewed"))
                continue
            met += 1
            if decision.decision == "drop":
                verdicts.append(seodang.Drop("dropped-by-hand", decision.note))
            else:
                verdicts.append(seodang.Keep(decision.applied(record) if decision.decision == "edit" else None))
        if met < len(decided):
            context.warn("seodang_filters:decisions-left", count=len(decided) - met, of=len(decided))
        context.tell(reviewed=met)
        return verdicts
