"""Whatever happens in whatever order, the book says what a plain dict says."""

import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from seodang.errors import OutOfBudget
from seodang.ledger.asking_again import retry
from seodang.ledger.book import Book
from seodang.ledger.forgetting import forget
from seodang.ledger.ledger import Ledger
from seodang.ledger.money import Cap

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, intent, key_of

CAP = 5000
QUESTIONS = strategies.sampled_from([f"q{number}" for number in range(6)])


class PaidCalls(RuleBasedStateMachine):
    """`answers` and `failures` are what must be found, `money` what each attempt counts for: its cost, or its worst case."""

    @initialize()
    def begin(self):
        self.directory = Path(tempfile.mkdtemp())
        self.path = self.directory / "ledger.sqlite"
        self.loop = asyncio.new_event_loop()
        self.answers: dict[str, bytes] = {}
        self.finishes: dict[str, str] = {}
        self.failures: dict[str, str] = {}
        self.money: dict[int, int] = {}
        self.open: dict[int, str] = {}
        self.unsettled: dict[int, str] = {}
        self.doubts: Counter[str] = Counter()
        self.ledger = Ledger.open(self.path, run=RUN, caps=[Cap("USD", CAP)])

    def run(self, awaitable):
        return self.loop.run_until_complete(awaitable)

    @rule(question=QUESTIONS, worst=strategies.integers(0, 900))
    def intend(self, question, worst):
        try:
            attempt = self.run(self.ledger.intend(intent(question, worst=worst)))
        except OutOfBudget:
            assert sum(self.money.values()) + worst > CAP
            return
        assert not worst or sum(self.money.values()) + worst <= CAP
        assert attempt not in self.money
        self.money[attempt] = worst
        self.open[attempt] = question

    @precondition(lambda self: self.open)
    @rule(data=strategies.data())
    def store(self, data):
        attempt = data.draw(strategies.sampled_from(sorted(self.open)))
        question = self.open.pop(attempt)
        body = f"answer of {attempt}".encode()
        self.run(self.ledger.store(attempt, body))
        self.answers.setdefault(question, body)
        self.unsettled[attempt] = question

    @precondition(lambda self: self.unsettled)
    @rule(data=strategies.data(), share=strategies.floats(0, 1), finish=strategies.sampled_from(["stop", "length"]))
    def settle(self, data, share, finish):
        attempt = data.draw(strategies.sampled_from(sorted(self.unsettled)))
        question = self.unsettled.pop(attempt)
        cost = int(self.money[attempt] * share)
        self.ledger.settle(attempt, cost_micro=cost, finish=finish, input_tokens=1, output_tokens=1)
        self.money[attempt] = cost
        if self.answers.get(question) == f"answer of {attempt}".encode():
            self.finishes[question] = finish

    @precondition(lambda self: self.open)
    @rule(data=strategies.data(), outcome=strategies.sampled_from(["unpaid", "in-doubt"]))
    def fail(self, data, outcome):
        attempt = data.draw(strategies.sampled_from(sorted(self.open)))
        question = self.open.pop(attempt)
        self.run(self.ledger.fail(attempt, outcome=outcome, detail="as the other side said"))
        if outcome == "unpaid":
            self.money[attempt] = 0
        else:
            self.doubts[question] += 1

    @rule(question=QUESTIONS)
    def give_up(self, question):
        wanted = intent(question)
        self.run(self.ledger.give_up(wanted.key, intent=wanted, reason="http-400", detail=""))
        self.failures[question] = "http-400"

    @rule()
    def reopen(self):
        """As after a crash: what was open is in doubt now, and what was queued has been written or not."""
        self.ledger.close()
        for question in self.open.values():
            self.doubts[question] += 1
        self.open.clear()
        self.ledger = Ledger.open(self.path, run=RUN, caps=[Cap("USD", CAP)])

    @rule(reason=strategies.sampled_from(["length", "http_400", "in-doubt", "nothing"]))
    def retry(self, reason):
        self.reopen()
        self.ledger.close()
        expected = {
            "length": {question for question, finish in self.finishes.items() if finish == "length"},
            "http_400": set(self.failures),
            "in-doubt": {question for question, number in self.doubts.items() if number and question not in self.answers},
            "nothing": set(),
        }[reason]
        assert retry(self.path, run=RUN, reasons=[reason]) == len(expected)
        for question in expected:
            if reason == "length":
                del self.answers[question], self.finishes[question]
                # An attempt that was answered second stays where it is; only a new one can bring the next answer.
            self.failures.pop(question, None)
            self.doubts[question] = 0
        self.ledger = Ledger.open(self.path, run=RUN, caps=[Cap("USD", CAP)])

    @rule(question=QUESTIONS)
    def forget(self, question):
        self.reopen()
        self.ledger.close()
        forget(self.path, [key_of(question)])
        for known in (self.answers, self.finishes, self.failures, self.doubts):
            known.pop(question, None)
        for attempt in [attempt for attempt, asked in self.unsettled.items() if asked == question]:
            del self.unsettled[attempt]
        self.ledger = Ledger.open(self.path, run=RUN, caps=[Cap("USD", CAP)])

    @invariant()
    def the_book_says_the_same(self):
        if not hasattr(self, "ledger"):
            return
        for number in range(6):
            question = f"q{number}"
            entry = self.ledger.find(key_of(question))
            if question in self.answers:
                assert entry is not None and entry.body == self.answers[question]
            elif question in self.failures:
                assert entry is not None and entry.body is None and entry.reason == self.failures[question]
            else:
                assert entry is None
            assert self.ledger.in_doubt(key_of(question)) == self.doubts[question]

    def teardown(self):
        if not hasattr(self, "ledger"):
            return
        self.ledger.close()
        with Book.open(self.path) as book:
            assert book.totals(RUN) == self.ledger.totals(), "counted along the way and counted from the tables"
            assert book.totals(RUN).total_micro("USD") == sum(self.money.values())
        self.loop.close()
        shutil.rmtree(self.directory)


class TestPaidCalls(PaidCalls.TestCase):
    settings = settings(
        max_examples=30, stateful_step_count=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
