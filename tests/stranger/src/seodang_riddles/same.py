"""Drop a riddle that was told before."""

from typing import Annotated

import msgspec
import seodang


class SameRiddle(seodang.Filter):
    """Compares the clauses of every riddle with those of all earlier ones, in the words of the recipe's language."""

    name = "same-riddle"
    revision = 1
    whole = True

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        splitter: Annotated[str, msgspec.Meta(description="Cuts a riddle into clauses.", extra=seodang.names("splitter"))] = (
            "clauses"
        )

    def sift(self, records, context):
        splitter = context.get("splitter", self.options.splitter)
        told = set()
        verdicts = []
        for record in records:
            clauses = tuple(
                tuple(context.locale.similarity_tokens(clause)) for clause in splitter.split(f"{record.question}\n{record.input}")
            )
            if clauses in told:
                verdicts.append(seodang.Drop("told-before", record.question[:40]))
            else:
                verdicts.append(seodang.Keep(tags={"clauses": len(clauses)}))
            told.add(clauses)
        return verdicts
