"""Style against substance: the evaluation `study`."""

from __future__ import annotations

import seodang

from seodang_study.study import Study


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(Study)


__all__ = ["Study"]
