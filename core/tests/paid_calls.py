"""Questions to put into a ledger, for the tests of the ledger."""

import hashlib

from seodang.ledger.entries import Intent
from seodang.ledger.ledger import Ledger

RUN = "6b1f0c2d9a3e4f50"


def key_of(question: str) -> bytes:
    return hashlib.sha256(question.encode()).digest()


def intent(question: str, *, worst: int = 1000, currency: str = "USD", step: str = "answer", record: str = "") -> Intent:
    return Intent(
        key=key_of(question),
        teacher="seodang-openai:openai",
        identity="api.openai.com",
        model="gpt-4o-mini",
        host="api.openai.com",
        step=step,
        record=record,
        worst_micro=worst,
        currency=currency,
        request=b'{"identity":"api.openai.com","options":{"model":"gpt-4o-mini"},"plugin":"seodang-openai:openai","request":'
        + b'{"messages":[{"role":"user","text":"'
        + question.encode()
        + b'"}]}}',
    )


async def buy(ledger: Ledger, question: str, answer: str = "", *, cost: int | None = 100, finish: str = "stop", **wanted) -> int:
    """One paid call from its intent to its settlement."""
    attempt = await ledger.intend(intent(question, **wanted))
    await ledger.store(attempt, (answer or f"answer to {question}").encode())
    ledger.settle(attempt, cost_micro=cost, finish=finish, input_tokens=10, output_tokens=20)
    return attempt
