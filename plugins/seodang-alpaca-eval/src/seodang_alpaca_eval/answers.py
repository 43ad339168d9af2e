"""A student whose answers lie in a file: whatever made them can be judged, and nothing is generated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_alpaca_eval.questions import LISTS, key_of, turns_of_answer

SHOWN = 3
SHOWN_CHARACTERS = 60


class Answers(seodang.Student):
    """Answers from a file of AlpacaEval's (`instruction`, `output`), of FastChat's (`question_id`, `choices`) or of Vicuna's evaluation
    (`question_id`, `text`). Found by the question's number where the file has numbers, else by its words.

    A question without an answer stops the evaluation: a share of wins over other questions than the baseline's would mean nothing.
    """

    name = "answers"
    revision = 1
    written = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="The file with the answers, or a pattern.", extra=seodang.FILES)]

    def open(self, context: seodang.Context) -> None:
        self._by_id: dict[str, tuple[str, ...]] = {}
        self._by_words: dict[str, tuple[str, ...]] = {}
        self._context_path = str(self.options.path)
        for row in context.rows(context.place(self.options.path), lists=LISTS):
            turns = turns_of_answer(row.values)
            if not turns:
                raise seodang.DataError("seodang_alpaca_eval:no-answer", where=row.where, columns=sorted(row.values))
            if (number := row.values.get("question_id", row.values.get("id"))) not in (None, ""):
                self._by_id[str(number)] = turns
            if isinstance(asked := row.values.get("instruction"), str):
                given = str(row.values.get("input") or "")
                self._by_words[key_of(f"{asked}\n\n{given}" if given.strip() else asked)] = turns

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        said, missing = [], []
        for record in conversations:
            asked = [message.text for message in record.messages if message.role == "user"]
            turns = self._by_id.get(record.id) or self._by_words.get(key_of(asked[0]), ())
            if len(turns) < len(asked):
                # By what the file itself names its questions.
                missing.append(record.id if self._by_id else asked[0][:SHOWN_CHARACTERS])
                continue
            said.append(turns[len(asked) - 1])
        if missing:
            raise seodang.DataError(
                "seodang_alpaca_eval:not-answered", path=self._context_path, count=len(missing), some=missing[:SHOWN]
            )
        return said

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        raise seodang.DataError("seodang_alpaca_eval:only-answers", path=self._context_path)
