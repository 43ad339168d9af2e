"""`seodang ledger` and `seodang retry`, as they are typed."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from seodang.commandline.ledger import command as ledger_command
from seodang.commandline.retry import command as retry_command
from seodang.errors import DataError
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import RUN, buy, intent, key_of


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that bought three answers, was refused one and was cut off in the middle of another."""
    run = tmp_path / "koalpaca"
    run.mkdir()
    (run / "lock.toml").write_text(f'format = 1\nid = "{RUN}"\n')
    with Ledger.open(run / "ledger.sqlite", run=RUN, now=lambda: 1_680_652_800.0) as ledger:

        async def ask():
            await buy(ledger, "첫째", cost=1_500_000, record="r1", worst=2_000_000)
            await buy(ledger, "둘째", finish="length", cost=500_000, worst=2_000_000)
            await buy(ledger, "셋째", step="judge", cost=300_000_000, currency="KRW", worst=300_000_000)
            refused = intent("넷째", record="r4")
            await ledger.fail(await ledger.intend(refused), outcome="unpaid", detail="no")
            await ledger.give_up(refused.key, intent=refused, reason="http-400", detail="too\x1b[31m long")
            await ledger.intend(intent("다섯째", worst=250_000))

        asyncio.run(ask())
    Ledger.open(run / "ledger.sqlite", run=RUN).close()
    return run


def call(command, *arguments) -> str:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def table(output: str) -> list[list[str]]:
    return [line.split("\t") for line in output.splitlines() if "\t" in line]


def test_the_table_of_a_run(run):
    output = call(ledger_command, run)
    head, *rows = table(output)
    assert head[:5] == ["step", "teacher", "model", "requests", "answers"]
    who = ["seodang-openai:openai", "gpt-4o-mini"]
    assert rows == [
        ["answer", *who, "4", "2", "0", "20", "40", "2 USD", "0", "0.25 USD", "0.75 USD"],
        ["judge", *who, "1", "1", "0", "10", "20", "300 KRW", "0", "0", "0"],
        ["total", "", "", "5", "3", "0", "30", "60", "300 KRW + 2 USD", "0", "0.25 USD", "0.75 USD"],
    ], "what was cut off was paid for, and what is in doubt may have been: neither was of use"
    assert "  answer: answers that ended with length 1\n" in output
    assert "  answer: final failures: http-400 1\n" in output
    assert "1 attempt in doubt, counted at worst case (0.25 USD)" in output


def test_one_step_and_several_runs_and_json(run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "lock.toml").write_text('format = 1\nid = "other"\n')
    assert f"{other} has not asked anybody anything yet." in call(ledger_command, run, other)
    told = json.loads(call(ledger_command, run, other, "--step", "judge", "--json"))
    assert [each["run"] for each in told["runs"]] == [str(run), str(other)]
    assert told["runs"][0]["totals"]["settled_micro"] == {"KRW": 300_000_000}
    assert [line["step"] for line in told["runs"][0]["lines"]] == ["judge"]
    assert told["runs"][1]["ledger"] is None


def test_what_was_sent_where_and_when(run):
    head, *rows = table(call(ledger_command, run, "--sent"))
    assert [row[head.index("state")] for row in rows] == ["answered", "answered", "answered", "unpaid", "in-doubt"]
    first = dict(zip(head, rows[0], strict=True))
    assert (first["time (UTC)"], first["host"], first["record"]) == ("2023-04-05 00:00:00", "api.openai.com", "r1")
    assert (first["request"], first["cost"]) == (key_of("첫째").hex()[:12], "1.5 USD")
    assert rows[4][head.index("cost")] == "≤ 0.25 USD"

    lines = [json.loads(line) for line in call(ledger_command, "--sent", "--json", run).splitlines()]
    assert len(lines) == 5
    assert lines[0]["request"]["messages"][0]["text"] == "첫째"
    assert (lines[0]["teacher"], lines[0]["options"]) == ("seodang-openai:openai", {"model": "gpt-4o-mini"})
    assert lines[0]["sent"] == "2023-04-05T00:00:00+00:00" and lines[0]["key"] == key_of("첫째").hex()


def test_what_is_in_doubt_and_what_failed(run):
    assert [row[7] for row in table(call(ledger_command, run, "--in-doubt"))] == ["state", "in-doubt"]
    output = call(ledger_command, run, "--failures")
    assert table(output)[1][6:] == ["http-400", "1", "too[31m long"], "no control character reaches the terminal"
    (failure,) = [json.loads(line) for line in call(ledger_command, run, "--failures", "--json").splitlines()]
    assert (failure["reason"], failure["record"], failure["key"]) == ("http-400", "r4", key_of("넷째").hex())


def test_a_shared_book_can_be_shown_itself(run):
    with Ledger.open(run / "ledger.sqlite", run="another") as ledger:
        asyncio.run(buy(ledger, "elsewhere"))
    assert json.loads(call(ledger_command, run / "ledger.sqlite", "--json"))["runs"][0]["totals"]["requests"] == 6
    assert json.loads(call(ledger_command, run, "--json"))["runs"][0]["totals"]["requests"] == 5


def test_importing_and_the_form_that_sent_shows(run, tmp_path):
    """A question as `--sent --json` shows it, with an answer added, is a line that `import` takes."""
    sent = [json.loads(line) for line in call(ledger_command, run, "--sent", "--json").splitlines()]
    answer = {"message": {"role": "assistant", "text": "bought elsewhere"}}
    shown = ("teacher", "identity", "model", "options", "request")
    lines = [{**{name: line[name] for name in shown}, "answer": answer} for line in sent]
    file = tmp_path / "bought.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    output = call(ledger_command, "import", run, file)
    assert output == "5 answers imported, 0 known already, 0 lines refused.\n"
    assert call(ledger_command, "import", run, file) == "0 answers imported, 5 known already, 0 lines refused.\n"

    file.write_text("{torn\n")
    result = CliRunner().invoke(ledger_command, ["import", str(run), str(file)], standalone_mode=False)
    assert result.return_value == 4
    assert "bought.jsonl:1" in result.stderr
    assert "0 answers imported, 0 known already, 1 line refused." in result.stdout


def test_retry_marks_and_tells(run):
    output = call(retry_command, run, "--reason", "length", "--reason", "http-400")
    assert output == f"2 questions of {run} will be asked again: run its recipe once more. What they cost stays counted.\n"
    with Book.open(run / "ledger.sqlite") as book:
        assert book.find(key_of("둘째")) is None and book.find(key_of("넷째")) is None
        assert book.find(key_of("첫째")) is not None
        assert book.totals(RUN).settled_micro["USD"] == 2_000_000
    assert json.loads(call(retry_command, run, "--reason", "in-doubt", "--json"))["questions"] == 1


def test_retry_names_what_there_is_when_nothing_fits(run):
    with pytest.raises(DataError) as told:
        call(retry_command, run, "--reason", "lenght")
    assert str(told.value) == f"Nothing in {run} ended with 'lenght'. What there is: http-400 (1), length (1), stop (2)."


def test_retry_needs_a_reason(run):
    result = CliRunner().invoke(retry_command, [str(run)])
    assert result.exit_code == 2 and "--reason" in result.output
