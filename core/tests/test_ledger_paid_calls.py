"""A paid call, from its intent to the day somebody asks again."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError, OutOfBudget
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger
from seodang.ledger.money import Cap

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent, key_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "ledger.sqlite"


def test_a_question_is_asked_once_and_answered_from_the_book_ever_after(path):
    with Ledger.open(path, run=RUN) as ledger:
        assert ledger.find(key_of("서당이 뭐예요?")) is None
        attempt = asyncio.run(buy(ledger, "서당이 뭐예요?", "옛 마을 학교입니다.", cost=321))

    with Ledger.open(path, run=RUN) as ledger:
        entry = ledger.find(key_of("서당이 뭐예요?"))
        assert entry.body.decode() == "옛 마을 학교입니다."
        assert (entry.reason, entry.attempts, entry.attempt, entry.settled) == ("", 1, attempt, True)
        assert (entry.cost_micro, entry.currency) == (321, "USD")
        assert ledger.find(key_of("다른 질문")) is None


def test_an_answer_is_in_the_file_before_store_returns(path):
    """Another process would see it: a reader with a connection of its own does."""
    with Ledger.open(path, run=RUN) as ledger, Book.open(path) as book:

        async def ask():
            attempt = await ledger.intend(intent("q"))
            assert [sent.state for sent in book.sent()] == ["open"]
            await ledger.store(attempt, b"bought")
            assert book.find(key_of("q")).body == b"bought"

        asyncio.run(ask())


def test_money_is_the_worst_case_until_the_usage_is_known(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            first, second, third, fourth = [await ledger.intend(intent(name, worst=1000)) for name in "abcd"]
            assert ledger.totals().reserved_micro == {"USD": 4000}
            await ledger.store(first, b"with usage")
            ledger.settle(first, cost_micro=70, finish="stop", input_tokens=5, output_tokens=9)
            await ledger.store(second, b"without usage")
            ledger.settle(second, cost_micro=None, finish="stop", input_tokens=0, output_tokens=0)
            await ledger.fail(third, outcome="unpaid", detail="429")
            await ledger.fail(fourth, outcome="in-doubt", detail="the connection was reset")
            return ledger.totals()

        totals = asyncio.run(ask())
    assert totals.settled_micro == {"USD": 70}
    assert totals.reserved_micro == {"USD": 1000}
    assert totals.in_doubt_micro == {"USD": 1000}
    assert totals.total_micro("USD") == 2070
    assert (totals.requests, totals.answers, totals.unpaid, totals.in_doubt) == (4, 2, 1, 1)
    assert (totals.input_tokens, totals.output_tokens, totals.finishes) == (5, 9, {"stop": 2})
    with Book.open(path) as book:
        assert book.totals(RUN) == totals, "what was counted along the way and what the tables say must be the same"


def test_an_answer_that_was_not_settled_can_be_settled_when_it_is_read_again(path):
    with Ledger.open(path, run=RUN) as ledger:
        asyncio.run(buy(ledger, "q", cost=None))
    with Ledger.open(path, run=RUN) as ledger:
        entry = ledger.find(key_of("q"))
        assert not entry.settled and entry.cost_micro == 1000
        ledger.settle(entry.attempt, cost_micro=42, finish="stop", input_tokens=10, output_tokens=20)
        ledger.settle(entry.attempt, cost_micro=42, finish="stop", input_tokens=10, output_tokens=20)
    with Ledger.open(path, run=RUN) as ledger, Book.open(path) as book:
        assert ledger.totals().settled_micro == {"USD": 42} and ledger.totals().reserved_micro == {"USD": 0}
        assert ledger.totals() == book.totals(RUN)
        assert ledger.totals().finishes == {"stop": 1} and ledger.totals().output_tokens == 20


@pytest.mark.parametrize(("cost", "tokens"), [(-5, 1), (1, -1), (2**70, 1), (1, 2**70)])
def test_a_usage_that_cannot_be_keeps_the_worst_case_and_is_noted(path, cost, tokens):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            attempt = await ledger.intend(intent("q", worst=1000))
            await ledger.store(attempt, b"{}")
            ledger.settle(attempt, cost_micro=cost, finish="stop", input_tokens=tokens, output_tokens=0)

        asyncio.run(ask())
    with Book.open(path) as book:
        assert book.totals().total_micro("USD") == 1000 and book.totals().input_tokens == 0
        assert "impossible usage" in next(book.sent()).detail


def test_a_final_failure_is_told_again_without_asking(path):
    with Ledger.open(path, run=RUN, redact=lambda text: text.replace("sk-secret", "***")) as ledger:

        async def ask():
            wanted = intent("q", record="r1")
            for _ in range(2):
                await ledger.fail(await ledger.intend(wanted), outcome="unpaid", detail="key sk-secret: 400 \udcff")
            await ledger.give_up(wanted.key, intent=wanted, reason="http-400", detail="sk-secret is no good")

        asyncio.run(ask())
        entry = ledger.find(key_of("q"))
        assert (entry.body, entry.reason, entry.detail, entry.attempts) == (None, "http-400", "*** is no good", 2)
        assert ledger.totals().failures == {"http-400": 1}
    with Book.open(path) as book:
        assert [(failure.record, failure.reason) for failure in book.failures(RUN)] == [("r1", "http-400")]
        assert [sent.detail for sent in book.sent()] == ["key ***: 400 ?", "key ***: 400 ?"]


def test_a_second_answer_to_one_question_displaces_nothing(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            slow, fast = await ledger.intend(intent("q")), await ledger.intend(intent("q"))
            await ledger.store(fast, b"first")
            await ledger.store(slow, b"second")

        asyncio.run(ask())
        assert ledger.find(key_of("q")).body == b"first"
        assert ledger.find(key_of("q")).attempts == 2
        assert ledger.totals().total_micro("USD") == 2000


def test_a_caller_that_is_cancelled_before_it_could_send_reserves_nothing(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            tasks = [asyncio.create_task(ledger.intend(intent(f"q{number}"))) for number in range(20)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

        results = asyncio.run(ask())
        assert sum(isinstance(result, int) for result in results) == 10
    with Book.open(path) as book:
        assert book.totals().reserved_micro == {"USD": 10_000}


def test_intents_that_are_entered_together_are_each_told_their_number_or_why_they_have_none(path):
    with Ledger.open(path, run=RUN, caps=[Cap("USD", 2_000)]) as ledger:

        async def ask():
            first, refused, second = await ledger.intend_each([intent("a"), intent("dear", worst=5_000), intent("b")])
            assert isinstance(refused, OutOfBudget) and first < second
            # Begun in this order, each is on disk when its future is done.
            await asyncio.gather(ledger.storing(first, b"1"), ledger.storing(second, b"2"))

        asyncio.run(ask())
        assert [ledger.find(key_of(question)).body for question in ("a", "b")] == [b"1", b"2"]
        assert ledger.find(key_of("dear")) is None


def test_intents_that_are_entered_together_by_one_who_is_cancelled_reserve_nothing(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            together = asyncio.create_task(ledger.intend_each([intent(f"q{number}") for number in range(50)]))
            await asyncio.sleep(0)
            together.cancel()
            with pytest.raises(asyncio.CancelledError):
                await together

        asyncio.run(ask())
    with Book.open(path) as book:
        assert book.totals().reserved_micro.get("USD", 0) == 0


def test_a_caller_that_is_cancelled_while_its_answer_is_stored_loses_nothing(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            attempt = await ledger.intend(intent("q"))
            task = asyncio.create_task(ledger.store(attempt, b"paid for"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(ask())
    with Book.open(path) as book:
        assert book.find(key_of("q")).body == b"paid for"


def test_a_mistake_of_one_caller_is_told_to_that_caller_only(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            wrong = asyncio.create_task(ledger.store(4711, b"nobody asked"))
            right = asyncio.create_task(buy(ledger, "q"))
            await right
            with pytest.raises(ValueError, match="4711"):
                await wrong

        asyncio.run(ask())
        assert ledger.find(key_of("q")) is not None


def test_many_at_once_share_a_few_commits(path):
    """Group commit is what makes two durable commits a request affordable."""
    with Ledger.open(path, run=RUN) as ledger:
        commits = []
        post = ledger._posting.post
        ledger._posting.post = lambda operations: commits.append(len(operations)) or post(operations)

        async def ask():
            await asyncio.gather(*(buy(ledger, f"q{number}") for number in range(300)))

        asyncio.run(ask())
        assert ledger.totals().answers == 300
    assert sum(commits) == 900
    assert len(commits) < 60


def test_one_event_loop_after_another_may_use_it(path):
    """As cells of a notebook do, and as a loop that was abandoned in the middle does."""
    with Ledger.open(path, run=RUN) as ledger:
        loop = asyncio.new_event_loop()
        task = loop.create_task(ledger.intend(intent("abandoned")))
        loop.call_soon(loop.stop)
        loop.run_forever()
        asyncio.run(buy(ledger, "q"))
        loop.run_until_complete(task)
        loop.close()
        assert ledger.totals().requests == 2


def test_the_sums_are_by_step_and_teacher(path):
    with Ledger.open(path, run=RUN) as ledger:

        async def ask():
            await buy(ledger, "a", step="answer", cost=10)
            await buy(ledger, "b", step="judge", cost=20, currency="KRW")
            await buy(ledger, "c", step="answer", cost=30, finish="length")

        asyncio.run(ask())
    with Ledger.open(path, run="another") as ledger:
        assert ledger.totals().requests == 0
        asyncio.run(buy(ledger, "d", step="answer", cost=40))
    with Book.open(path) as book:
        lines = {line.step: line.totals for line in book.lines(RUN)}
        assert list(lines) == ["answer", "judge"]
        assert lines["answer"].settled_micro == {"USD": 40} and lines["answer"].finishes == {"length": 1, "stop": 1}
        assert lines["judge"].settled_micro == {"KRW": 20}
        assert book.totals().settled_micro == {"KRW": 20, "USD": 80}
        assert book.totals(step="judge").requests == 1
        assert book.average_output_tokens("seodang-openai:openai") == 20.0
        assert book.average_output_tokens("unknown") is None


def test_another_runs_answers_cost_nothing_and_stay_when_it_is_gone(path, tmp_path):
    other = tmp_path / "other"
    with Ledger.open(other / "ledger.sqlite", run="other") as ledger:
        asyncio.run(buy(ledger, "shared", "bought by the other", finish="length", record="r9"))
    (other / "lock.toml").write_text('id = "other"\n')

    with Ledger.open(path, run=RUN, reuse=[other], caps=[Cap("USD", 0)]) as ledger:
        assert ledger.find(key_of("new")) is None
        for _ in range(3):
            assert ledger.find(key_of("shared")).body == b"bought by the other"
    with Ledger.open(path, run=RUN) as ledger, Book.open(path) as book:
        assert ledger.find(key_of("shared")).cost_micro == 0
        totals = ledger.totals()
        assert (totals.reused, totals.requests, totals.settled_micro) == (1, 0, {})
        assert totals == book.totals(RUN)
        assert list(book.sent()) == [], "nothing was sent in this run"
        assert book.reasons(RUN) == {"length": 1}, "how the answer ended came along"


def test_ten_thousand_reused_answers_do_not_pile_up_in_memory(path, tmp_path):
    other = tmp_path / "other.sqlite"
    with Ledger.open(other, run="other") as ledger:

        async def fill():
            await asyncio.gather(*(buy(ledger, f"q{number}") for number in range(3000)))

        asyncio.run(fill())
    with Ledger.open(path, run=RUN, reuse=[other]) as ledger:
        assert all(ledger.find(key_of(f"q{number}")) for number in range(3000))
    with Book.open(path) as book:
        assert book.totals(RUN).reused == 3000


def test_files_are_for_their_owner_alone(path):
    with Ledger.open(path, run=RUN) as ledger:
        asyncio.run(buy(ledger, "q"))
        names = sorted(file.name for file in path.parent.iterdir())
        assert names == ["ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal", "ledger.sqlite.lock"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert sorted(file.name for file in path.parent.iterdir()) == ["ledger.sqlite", "ledger.sqlite.lock"]


def test_a_finished_book_can_be_read_where_nothing_may_be_written(path):
    with Ledger.open(path, run=RUN) as ledger:
        asyncio.run(buy(ledger, "q"))
    path.parent.chmod(0o500)
    try:
        with Book.open(path) as book:
            assert book.totals().answers == 1
    finally:
        path.parent.chmod(0o700)


def test_a_closed_ledger_takes_nothing(path):
    ledger = Ledger.open(path, run=RUN)
    ledger.close()
    ledger.close()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(ledger.intend(intent("q")))


@pytest.mark.parametrize("change", [{"key": b"short"}, {"worst_micro": -1}, {"worst_micro": 2**60}, {"record": "\udcff"}])
def test_what_the_writer_could_not_take_is_refused_where_it_is_made(change):
    import msgspec

    good = msgspec.structs.asdict(intent("q"))
    with pytest.raises(ValueError):
        type(intent("q"))(**{**good, **change})


def test_budget_errors_reach_only_the_one_who_asked(path):
    with Ledger.open(path, run=RUN, caps=[Cap("USD", 2500)]) as ledger:

        async def ask():
            return await asyncio.gather(*(buy(ledger, f"q{number}", cost=1000) for number in range(5)), return_exceptions=True)

        results = asyncio.run(ask())
    assert [type(result) for result in results] == [int, int, OutOfBudget, OutOfBudget, OutOfBudget]
    assert not isinstance(results[2], DataError)
