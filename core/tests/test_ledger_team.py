"""`seodang ledger DIR…`: what a team has spent over all its runs."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from seodang.commandline.ledger import command
from seodang.errors import DataError
from seodang.ledger.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))
from paid_calls import buy, intent

APRIL, MAY = 1_680_652_800.0, 1_684_000_000.0


def make_run(place: Path, name: str, book: Path | None = None) -> Path:
    place.mkdir(parents=True)
    shared = f"ledger = {json.dumps(str(book))}\n" if book else ""
    (place / "lock.toml").write_text(f'format = 1\nid = "{name}"\n{shared}')
    return place


def spend(book: Path, run: str, *questions: str, when: float, cost: int = 1_000_000, **wanted) -> None:
    """The clock goes on by a second with every look at it."""
    moments = iter(range(10_000))
    with Ledger.open(book, run=run, now=lambda: when + next(moments)) as ledger:

        async def ask():
            for question in questions:
                await buy(ledger, question, cost=cost, worst=2_000_000, **wanted)

        asyncio.run(ask())


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Two runs that share a book, one with its own a folder deeper, one that was copied, and a lock file that is nobody's run."""
    team = tmp_path / "team"
    first, second = (make_run(team / name, name, team / "shared.sqlite") for name in ("first", "second"))
    spend(team / "shared.sqlite", "first", "하나", "둘", when=APRIL)
    spend(team / "shared.sqlite", "second", "셋", when=MAY, cost=500_000)
    third = make_run(team / "가나" / "third", "third")
    spend(third / "ledger.sqlite", "third", "넷", when=MAY, cost=300_000_000, currency="KRW")
    shutil.copytree(third, team / "copy")
    (team / "elsewhere").mkdir()
    (team / "elsewhere" / "lock.toml").write_text("[package]\nname = 'x'\n")
    assert first.is_dir() and second.is_dir()
    return team


def call(*arguments, language: str = "en") -> str:
    result = CliRunner(env={"SEODANG_LANGUAGE": language}).invoke(
        command, [str(one) for one in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_all_that_was_spent_by_run_teacher_and_month(team):
    told = json.loads(call(team, "--json"))
    spent = {share["name"]: share["spent_micro"] for share in told["runs"]}
    assert spent.pop(str(team / "first")) == {"USD": 2_000_000} and spent.pop(str(team / "second")) == {"USD": 500_000}
    assert sorted(map(str, spent.values())) == ["{'KRW': 300000000}", "{}"], "a copied run has bought nothing of its own"
    assert {share["name"]: share["spent_micro"] for share in told["months"]} == {
        "2023-04": {"USD": 2_000_000},
        "2023-05": {"KRW": 300_000_000, "USD": 500_000},
    }
    assert [share["name"] for share in told["teachers"]] == ["seodang-openai:openai gpt-4o-mini"]
    assert told["total"]["requests"] == 4 and told["total"]["answers"] == 4 and told["copied"] == 1


def test_the_tables_in_both_languages(team):
    said = call(team)
    assert "2023-05\t2\t2\t20\t40\t300 KRW + 0.5 USD\n" in said
    assert "total\trequests\tanswers\ttokens in\ttokens out\tspent\n4 runs\t4\t4\t40\t80\t300 KRW + 2.5 USD\n" in said
    assert said.endswith("Several books hold 1 attempt in common, as of a run that was copied: each is counted once.\n")
    korean = call(team, language="ko")
    assert "\n실행 4개\t4\t4\t40\t80\t300 KRW + 2.5 USD\n" in korean and "달 (UTC)" in korean
    assert korean.endswith("시도 1건은 복사된 실행처럼 여러 장부에 있어 한 번만 셌습니다.\n")


def test_several_directories_count_a_run_once_and_a_run_beside_them_too(team):
    told = json.loads(call(team, team / "가나", team / "first", "--json"))
    assert len(told["runs"]) == 4 and told["total"]["spent_micro"] == {"KRW": 300_000_000, "USD": 2_500_000}


def test_a_run_of_a_shared_book_that_lies_elsewhere_is_told_by_its_id(team, tmp_path):
    make_run(tmp_path / "other" / "first", "first", team / "shared.sqlite")
    told = json.loads(call(tmp_path / "other", "--json"))
    assert [share["name"] for share in told["runs"]] == [str(tmp_path / "other" / "first"), "second"]


def test_what_was_turned_away_costs_nothing_and_what_is_in_doubt_its_worst_case(tmp_path):
    run = make_run(tmp_path / "runs" / "one", "one")
    with Ledger.open(run / "ledger.sqlite", run="one", now=lambda: APRIL) as ledger:

        async def ask():
            refused = await ledger.intend(intent("넷째", worst=7_000_000))
            await ledger.fail(refused, outcome="unpaid", detail="no")
            await ledger.intend(intent("다섯째", worst=250_000))

        asyncio.run(ask())
    Ledger.open(run / "ledger.sqlite", run="one").close()
    assert json.loads(call(tmp_path / "runs", "--json"))["total"]["spent_micro"] == {"USD": 250_000}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "No run was found below {place}. A run is a directory with a lock.toml; give the directory that your runs lie in.",
        ),
        (
            "ko",
            "{place} 아래에서 실행을 찾지 못했습니다. 실행은 lock.toml이 있는 디렉터리입니다. 실행들이 들어 있는 디렉터리를 지정하세요.",
        ),
    ],
)
def test_a_directory_without_runs_says_so(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(DataError) as caught:
        CliRunner().invoke(command, [str(tmp_path)], catch_exceptions=False)
    assert str(caught.value) == said.format(place=tmp_path)
