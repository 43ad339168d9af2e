"""The embedded default: a program that teaches checkable Korean (프로그램 교사, LLM 아님), its questions, a filter and its exam."""

from __future__ import annotations

import seodang

from seodang_demo.agreement import Agreement
from seodang_demo.checking import ProgramCheck
from seodang_demo.exam import Exam
from seodang_demo.questions import Questions
from seodang_demo.teacher import Program


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(Questions)


@seodang.hookimpl
def register_teachers(register: seodang.Register) -> None:
    register(Program)


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    register(Agreement)
    register(ProgramCheck)


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(Exam)
