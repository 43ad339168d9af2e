"""Whole runs over the real SDK against the mock: money, quotas, stops, and kills at any moment."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest
import seodang
from seodang.ledger.book import Book
from seodang.testing.recipes import run_in
from seodang.testing.wire_faults import Faults, Latency
from seodang_deepl.mock import key_of_text, mock_deepl, translation_of
from seodang_deepl.mock_damage import DAMAGES

RECIPE = """
[recipe]
name = "runs"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
translate = "deepl"
name = "translate"
languages = ["en"]
server_url = "{url}"
price = 20.0
currency = "EUR"
{more}
"""


def sentence(number: int) -> str:
    return f"Describe the village school of pupil {number} in a few plain words."


def rows(count: int, answer: str = "") -> str:
    made = [{"instruction": sentence(number)} | ({"output": answer} if answer else {}) for number in range(count)]
    return "".join(json.dumps(row) + "\n" for row in made)


@pytest.fixture
def run(tmp_path):
    def run_of(url, count=10, *, more="", settings=(), files=None, **wishes):
        return run_in(
            tmp_path,
            RECIPE.format(url=url, more=more),
            files={"rows.jsonl": rows(count)} | (files or {}),
            settings=settings,
            **{"quarantine_limit": 1.0} | wishes,
        )

    return run_of


def test_a_run_translates_packs_and_books_what_was_billed(run):
    with mock_deepl() as (server, _):
        done = run(server.url, 120)
        counts = server.counts()
        again = run(server.url, 125)
        after = server.counts()
    assert done.ok and again.ok
    assert [record.question for record in done.records("translate")][:120] == [translation_of(sentence(n)) for n in range(120)]
    assert counts.requests == 3, "120 texts are three requests"
    with Book.open(done.run) as book:
        # 20 EUR a million are 20 millionths a character.
        assert book.totals().total_micro("EUR") == 20 * after.charged["characters"]
    assert (after.payments, after.requests) == (125, 4), "five more rows buy five more texts"
    assert set(after.paid.values()) == {1}


MISUSED = [
    {
        "instruction": "Set `count_of` to 12 in https://example.org/a today. Then send {name} to the school.",
        "output": "It is 40 years old.",
    },
    {"instruction": "Explain this poem", "input": "The river runs\nbehind the old mill,\nand nobody comes."},
    {
        "instruction": "Run `git status` and then `git push` in ~/site/main now.",
        "output": "# The result\n\n- It has 3 parts.\n- Brazil",
    },
    {
        "instruction": "Tell me about the bridge in 1899. It was built by 25 people. Why did it fall?",
        "output": "Because of the wind.",
    },
    {"instruction": "Call `run()` with 7 names, as `stop()` says.", "output": "Done."},
]


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_the_mock_damages_is_never_kept_without_a_word(tmp_path, kind):
    written = "".join(json.dumps(row) + "\n" for row in MISUSED)

    def run_with(name, **behaviour):
        (tmp_path / name).mkdir()
        with mock_deepl(**behaviour) as (server, mock):
            recipe = RECIPE.format(url=server.url, more='language_tasks = "translate"')
            done = run_in(tmp_path / name, recipe, files={"rows.jsonl": written}, quarantine_limit=1.0)
        return done, mock.damager.done

    sound, _ = run_with("sound")
    whole = {record.id: record for record in sound.records("translate")}
    damaged, done = run_with("damaged", damages={kind: 1.0})
    kept = damaged.records("translate")
    assert len(whole) == len(MISUSED) and done, "nothing was damaged"
    # Each text was spoilt, also when it was asked for again: what is kept was whole in a narrower form, or says what is wrong.
    wrong = [record for record in kept if record != whole[record.id] and "translation_warnings" not in record.tags]
    assert wrong == []


def test_a_run_that_needs_more_than_is_left_is_refused_before_anything_is_sent(run):
    with mock_deepl(quota=10_000, used=9_900) as (server, mock):
        done = run(server.url)
        assert not mock.asked
    assert done.exit_code == 6 and "100" in str(done.error)


def test_a_quota_that_ends_in_the_middle_stops_the_run_which_goes_on_from_there(run):
    with mock_deepl(faults=Faults(scripts={"pupil 70 ": ("456", "ok")})) as (server, _):
        done = run(server.url, 100, more="in_flight = 1")
        assert (done.exit_code, done.error.code) == (6, "remote.exhausted")
        paid = server.counts().payments
        assert paid == 50, "the first request was translated and kept"
        again = run(server.url, 100, more="in_flight = 1")
        assert again.ok and server.counts().payments == 100 and set(server.counts().paid.values()) == {1}


@pytest.mark.parametrize("fault", ["429", "503"])
def test_patience_is_the_cores(run, fault):
    with mock_deepl(faults=Faults(rates={fault: 0.4}), retry_after=0.05) as (server, _):
        done = run(server.url, 150, more="in_flight = 2")
        counts = server.counts()
    assert done.ok and counts.requests > 3 and set(counts.paid.values()) == {1}


def test_formality_for_korean_is_a_problem_of_the_recipe_with_its_line(run):
    with mock_deepl() as (server, mock):
        done = run(server.url, more='formality = "prefer_more"')
        assert not mock.asked
    assert done.exit_code == 3 and "recipe.toml:10" in str(done.error)
    assert "DeepL has no formality for the target language 'ko'" in str(done.error) and "register = '합쇼'" in str(done.error)


def test_a_wrong_key_stops_the_run(run):
    with mock_deepl(key="right") as (server, _):
        done = run(server.url)
    assert (done.exit_code, done.error.code) == (5, "remote.unauthorized")


def test_a_text_that_the_service_refuses_sets_its_row_aside_and_costs_the_others_nothing(run):
    with mock_deepl(faults=Faults(scripts={"pupil 7 ": ("400", "…")})) as (server, _):
        done = run(server.url)
        counts = server.counts()
    assert done.ok and len(done.records("translate")) == 9
    (line,) = done.lines("translate", "quarantined.jsonl")
    assert line["code"] == "http-400"
    assert set(counts.paid.values()) == {1} and key_of_text(sentence(7)) not in counts.paid


def test_with_the_vendor_and_without_a_key_nothing_is_sent(run, monkeypatch, no_network):
    monkeypatch.delenv("DEEPL_API_KEY", raising=False)
    done = run("", 1)
    assert (done.exit_code, done.error.code) == (5, "runs.missing-secret")
    assert "DEEPL_API_KEY" in str(done.error) and not no_network.attempts


WORDS = [
    "the",
    "quiet",
    "wooden",
    "bridge",
    "near",
    "an",
    "old",
    "village",
    "school",
    "was",
    "built",
    "by",
    "many",
    "careful",
    "people",
]
ENTITIES = "Tom &amp; Jerry run &lt;b&gt;fast&lt;/b&gt; &#39;here&#39; if a < b & c > d &bogus; and that is the end."
RIGHT_TO_LEFT = "The words \u0645\u0631\u062d\u0628\u0627 and \u05e9\u05dc\u05d5\u05dd stand in this \u202eplain\u202c sentence."
LIST = "1.\n2. A bridge near the river.\n3.\n\n|a||c|\n|-|-|-|\n|the bridge|| |"


def test_bad_input_is_translated_or_told_of_row_by_row(run):
    """A turn of 100,000 characters, one without any full stop that no request holds, a lone surrogate, entities, right-to-left text,
    and empty strings between the texts of a request. The mock refuses what is over its limits or is no XML."""
    draw = random.Random(20261121)
    sentences = "\n\n".join(" ".join([*draw.sample(WORDS, 12)]).capitalize() + "." for _ in range(1_400))
    endless = " ".join(draw.choice(WORDS) for _ in range(26_000))
    assert len(sentences) > 90_000 and len(endless) > 131_072
    texts = {
        "long": sentences,
        "endless": endless,
        "entities": ENTITIES,
        "right to left": RIGHT_TO_LEFT,
        "list": LIST,
        "empty": "",
    }
    lines = [{"instruction": f"Describe the {name} text of the school.", "output": text} for name, text in texts.items()]
    lines.append({"instruction": "A lone \ud83d surrogate.", "output": "It stands here."})
    recipe = {"rows.jsonl": "".join(json.dumps(line) + "\n" for line in lines)}
    with mock_deepl() as (server, mock):
        done = run(server.url, files=recipe, more='language_tasks = "translate"\nwithout_checks = ["repetition", "doubled"]')
        counts = server.counts()
    assert done.ok and {*counts.statuses} == {"200"}, counts.statuses
    assert [line["code"] for line in done.lines("handcrafted", "quarantined.jsonl")] == ["surrogate"]
    said = [record.answer for record in done.records("translate")]
    assert len(said) == len(texts), done.lines("translate", "quarantined.jsonl")
    long, endless, entities, right_to_left, listed, empty = said
    assert long.count("\n\n") == 1_399 and len(endless) > 50_000 and empty == ""
    kept = ("&amp;", "&lt;b&gt;", "&lt;/b&gt;", "&#39;", " < ", " & ", " > ", "&bogus;")
    assert [part for part in kept if part not in entities] == []
    assert right_to_left.count("\u202e") == right_to_left.count("\u202c") == 1
    assert listed.startswith("1.\n2. ") and listed.splitlines()[5:] == ["|-|-|-|", listed.splitlines()[6]] and "|| |" in listed
    assert not [text for asked in mock.asked for text in asked.text if not text.strip()], "nothing empty is sent"


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ("en", "does not translate into eo. It offers: ar, bg, cs,"),
        ("ko", "eo로 번역하지 않습니다. 제공하는 언어 쌍: ar, bg, cs,"),
    ],
)
def test_a_language_that_the_service_does_not_have_is_told_with_those_that_it_has(tmp_path, monkeypatch, spoken, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", spoken)
    with mock_deepl() as (server, mock):
        recipe = RECIPE.replace('language = "ko"', 'language = "eo"').replace('languages = ["en"]\n', "")
        done = run_in(tmp_path, recipe.format(url=server.url, more=""), files={"rows.jsonl": rows(1)})
        assert not mock.asked
    assert done.exit_code == 3 and said in str(done.error) and len(str(done.error)) < 500


def test_a_dialogue_carries_its_earlier_turns_as_context(run):
    turns = ["What is a village school?", "A school in a village.", "Who paid for the stove?", "The families paid for it."]
    row = {"messages": [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(turns)]}
    with mock_deepl() as (server, mock):
        done = run(server.url, files={"rows.jsonl": json.dumps(row) + "\n"})
    assert done.ok
    contexts = {text: asked.context for asked in mock.asked for text in asked.text}
    assert turns[0] in contexts[turns[2]] and contexts[turns[0]] == ""


def _process(directory, *arguments):
    command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet", *arguments]
    return subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _made(run) -> dict[str, bytes]:
    files = sorted(run.glob("[0-9][0-9]-*/*"))
    return {str(file.relative_to(run)): file.read_bytes() for file in files}


def _lost(run) -> int:
    """How often a text was sent whose answer did not arrive: what a kill has put in doubt."""
    with Book.open(run) as book:
        return sum(attempt.state != "answered" for attempt in book.sent())


def kill_and_compare(tmp_path, kills: int, seed: int, count: int = 1_500) -> None:
    """Kills a run at random moments. What is billed twice was in flight at a kill, and the files are those of a run that was not."""
    chance = random.Random(seed)
    with mock_deepl(latency=Latency(0.02, 0.12)) as (server, _):
        for name in ("killed", "whole"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "rows.jsonl").write_text(rows(count), encoding="utf-8")
            (tmp_path / name / "recipe.toml").write_text(RECIPE.format(url=server.url, more="in_flight = 4"), encoding="utf-8")
        for _ in range(kills):
            seen = server.counts().requests + chance.randint(0, 5)
            with _process(tmp_path / "killed") as process:
                while server.counts().requests < seen and process.poll() is None:
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.15))
                process.send_signal(signal.SIGKILL)
                said, _ = process.communicate()
            assert process.returncode == -signal.SIGKILL, f"it ended before it was killed: {process.returncode}\n{said}"
        with _process(tmp_path / "killed") as process:
            said, _ = process.communicate()
            assert process.returncode == 0, said
        counts = server.counts()
        twice = sum(times - 1 for times in counts.paid.values())
        assert len(counts.paid) == count, "every text was translated"
        assert twice <= _lost(tmp_path / "killed" / "run") <= kills * 6 * 50, "nothing was billed twice that was not in flight"
        with _process(tmp_path / "whole") as process:
            said, _ = process.communicate()
            assert process.returncode == 0, said
    killed, whole = _made(tmp_path / "killed" / "run"), _made(tmp_path / "whole" / "run")
    assert killed.keys() == whole.keys() and len(killed) > 3
    assert all(killed[name] == whole[name] for name in killed)


@pytest.mark.faults
def test_kills_cost_at_most_what_is_in_flight_and_change_no_file(tmp_path):
    kill_and_compare(tmp_path, kills=4, seed=1)


@pytest.mark.faults
@pytest.mark.nightly
def test_forty_kills(tmp_path):
    for seed in range(8):
        (tmp_path / str(seed)).mkdir()
        kill_and_compare(tmp_path / str(seed), kills=5, seed=seed)


def test_the_shipped_recipe_runs_against_the_mock(tmp_path):
    from seodang.recipes.shipped import find_shipped, shipped_recipes

    shipped = find_shipped("deepl-korean", shipped_recipes())
    files = {path.name: path.read_bytes() for path in shipped.path.with_suffix("").iterdir()}
    with mock_deepl() as (server, mock):
        done = run_in(
            tmp_path,
            shipped.path.read_text(encoding="utf-8"),
            files=files,
            settings=[f"translate.server_url={server.url}"],
        )
        counts = server.counts()
    assert done.ok and len(done.records("translate")) == 6
    assert counts.requests == 1 and mock.glossaries.made == 1
    texts = "\n".join(record.question + record.answer for record in done.records("translate"))
    assert "서당" in texts and "def add(first, second):\n    return first + second" in texts
    assert "https://example.org/letters" in texts and "{name}" in texts
    assert all(isinstance(record, seodang.Record) for record in done.records("translate"))
