"""Answers that were bought elsewhere."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.asking.bodies import read_answer
from seodang.asking.keys import request_key
from seodang.errors import DataError
from seodang.ledger.book import Book
from seodang.ledger.importing import import_answers
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, intent


class Vendor(seodang.Teacher):
    name = "vendor"
    identity = "api.vendor.example"

    class Options(seodang.Teacher.Options, frozen=True, kw_only=True):
        model: Annotated[str, msgspec.Meta(description="The model.")] = "large"
        temperature: Annotated[float | None, msgspec.Meta(description="The temperature.")] = None


TEACHER = "seodang-vendor:vendor"
QUESTION = seodang.Request(messages=(seodang.Message("user", "서당이 뭐예요?"),))


def line(question: str = "서당이 뭐예요?", answer: str = "옛 학교입니다.", **changes) -> str:
    row = {
        "teacher": TEACHER,
        "identity": "api.vendor.example",
        "model": "large",
        "request": {"messages": [{"role": "user", "text": question}]},
        "answer": {"message": {"role": "assistant", "text": answer}, "finish": "stop"},
    }
    return json.dumps({**row, **changes}, ensure_ascii=False)


@pytest.fixture
def write(tmp_path: Path):
    def write(*lines: str) -> Path:
        file = tmp_path / "bought.jsonl"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    return write


def test_an_imported_answer_is_found_under_the_key_that_a_recipe_asks_with(tmp_path, write):
    path = tmp_path / "ledger.sqlite"
    report = import_answers(path, write(line(), line("둘째"), line()), run=RUN)
    assert (report.imported, report.known, report.bad) == (2, 1, ())

    teacher = Vendor(Vendor.Options(in_flight=3))
    key, canonical = request_key(TEACHER, teacher, QUESTION)
    with Ledger.open(path, run=RUN) as ledger:
        entry = ledger.find(key)
        assert read_answer(teacher, entry.body).message.text == "옛 학교입니다."
        assert (entry.cost_micro, entry.settled) == (0, True)
        totals = ledger.totals()
        assert (totals.reused, totals.requests) == (2, 0)
    with Book.open(path) as book:
        assert list(book.sent()) == []
        assert book._connection.execute("SELECT body FROM requests").fetchone()[0] == canonical


def test_options_that_shape_the_answer_are_part_of_the_key(tmp_path, write):
    path = tmp_path / "ledger.sqlite"
    import_answers(path, write(line(options={"temperature": 0.3})))
    cold, default = (request_key(TEACHER, Vendor(Vendor.Options(temperature=value)), QUESTION)[0] for value in (0.3, None))
    with Book.open(path) as book:
        assert book.find(cold) is not None
        assert book.find(default) is None


def test_what_cannot_be_taken_in_is_named_with_its_line(tmp_path, write):
    file = write(line(), "{torn", json.dumps({"teacher": TEACHER}), line("넷째", answer=""), line("다섯째", request="text"))
    report = import_answers(tmp_path / "ledger.sqlite", file)
    assert report.imported == 2
    assert [bad.where.partition(":")[0] for bad in report.bad] == ["bought.jsonl"] * 3
    assert [int(bad.where.split(":")[1]) for bad in report.bad] == [2, 3, 5]
    assert "identity" in report.bad[1].detail
    with Book.open(tmp_path / "ledger.sqlite") as book:
        assert book.reasons() == {"empty": 1, "stop": 1}, "an answer without a word is what it is"


def test_an_import_answers_what_had_failed_for_good(tmp_path, write):
    path = tmp_path / "ledger.sqlite"
    key, _ = request_key(TEACHER, Vendor(), QUESTION)
    with Ledger.open(path, run=RUN) as ledger:
        wanted = msgspec.structs.replace(intent("x"), key=key)
        asyncio.run(ledger.give_up(key, intent=wanted, reason="http-400", detail=""))
    assert import_answers(path, write(line())).imported == 1
    with Book.open(path) as book:
        assert book.find(key).body is not None and book.totals().failures == {}


def test_a_file_that_is_not_there_makes_no_book(tmp_path):
    with pytest.raises(DataError):
        import_answers(tmp_path / "ledger.sqlite", tmp_path / "nothing.jsonl")
    assert not (tmp_path / "ledger.sqlite").exists()
