"""What a teacher's next question costs."""

from __future__ import annotations

from seodang.capabilities import Teacher
from seodang.requests import Price


def price_of(teacher: Teacher, *, in_batches: bool = True) -> Price | None:
    """That of a question alone, or in a batch where the teacher hands its questions in. None where nobody knows."""
    service = teacher.batches if in_batches and teacher.in_batches else None
    return service.price() if service is not None else teacher.price()


def is_free(price: Price) -> bool:
    return not (price.input_micro_per_million or price.output_micro_per_million)
