"""Evaluations by a judge: pairs in both orders (`alpaca-eval`), grades by turn (`mt-bench`), and answers that lie in a file (`answers`)."""

from __future__ import annotations

import seodang

from seodang_alpaca_eval.answers import Answers
from seodang_alpaca_eval.graded import Graded
from seodang_alpaca_eval.pairwise import Pairwise


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(Pairwise)
    register(Graded)


@seodang.hookimpl
def register_students(register: seodang.Register) -> None:
    register(Answers)


__all__ = ["Answers", "Graded", "Pairwise"]
