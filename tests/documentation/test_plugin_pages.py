"""The pages for authors of plugins are true: their examples are loaded, tested and run as they stand there, in both languages."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import seodang
from seodang.plugins.offers import offers_of
from seodang.plugins.scaffolding import KINDS, write_package
from seodang.testing import Reaction, wire_server

ROOT = Path(__file__).parents[2]
PAGES = ("plugins.md", "plugins.ko.md")
PACKAGES = ("seodang-ferry", "seodang-gate", "seodang-polite", "seodang-twice", "seodang-village")
CODE = re.compile(r"<!-- (plugin|recipe): (\S+) -->\n```(?:python|toml)\n(.*?)```\n", re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n", re.MULTILINE)

ROWS = '{"instruction": "하나", "output": "하나예요."}\n{"instruction": "둘", "output": "둘입니다."}\n{"instruction": "셋"}\n'
UNANSWERED = '{"instruction": "one"}\n{"instruction": "two"}\n'
ENGLISH = '{"instruction": "Name {three} colours.", "language": "en"}\n{"instruction": "넷", "language": "ko"}\n'


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def examples(name):
    """Every marked block of a page: (what it is, its file or name) and its text."""
    found = [((kind, place), text) for kind, place, text in CODE.findall(page(name))]
    assert len(dict(found)) == len(found), "two examples have one name"
    return dict(found)


def recipe(name):
    return examples("plugins.md")["recipe", name]


def source(place):
    return examples("plugins.md")["plugin", place]


def code_lines(text):
    return [line for line in text.splitlines() if line.strip()]


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """The packages of the page, written where Python finds them; the modules leave again with the test."""
    home = tmp_path / "packages"
    for (kind, place), text in examples("plugins.md").items():
        if kind == "plugin":
            (home / place).parent.mkdir(parents=True, exist_ok=True)
            (home / place).write_text(text, encoding="utf-8")
    assert tuple(sorted(folder.name for folder in home.iterdir())) == PACKAGES
    before = set(sys.modules)
    for package in PACKAGES:
        monkeypatch.syspath_prepend(home / package / "src")
    yield home
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {package.replace("-", "_") for package in PACKAGES}:
            del sys.modules[name]


@pytest.fixture
def module(packages):
    return importlib.import_module


def ours(*modules):
    """What a recipe of the page needs, and nothing else that happens to be installed."""
    names = ("seodang_handcrafted", "seodang_answer", "seodang_echo", "seodang_locale_ko")
    return [*(importlib.import_module(name) for name in names), *modules]


# The pages


def test_both_languages_show_the_same_examples():
    english, korean = (examples(name) for name in PAGES)
    assert len(english) > 12
    assert list(english) == list(korean)
    assert english == korean


@pytest.mark.parametrize("name", PAGES)
def test_no_example_escapes_the_tests(name):
    """Only the shell commands at the top stand without a mark."""
    languages = [language for language in BLOCK.findall(page(name)) if language]
    assert len(languages) == len(examples(name))
    assert set(languages) == {"python", "toml"}


def test_both_languages_have_the_same_chapters_and_tables():
    shapes = []
    for name in PAGES:
        lines = re.sub(r"^```.*?^```$", "", page(name), flags=re.DOTALL | re.MULTILINE).splitlines()
        headings = [line.partition(" ")[0] for line in lines if line.startswith("#")]
        shapes.append((headings, [line.count("|") for line in lines if line.startswith("|")]))
    assert shapes[0] == shapes[1]
    assert len(shapes[0][0]) == 14


@pytest.mark.parametrize("name", PAGES)
def test_its_links_lead_somewhere(name):
    text = page(name)
    anchors = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("##")
    }
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 10
    generated = {"catalogue.md", "hooks.md", "commands.md", "options.md", "names.md"}
    for link in links:
        file, _, anchor = link.partition("#")
        assert anchor in anchors if anchor else file in generated or (ROOT / "docs" / file).is_file(), link


@pytest.mark.parametrize("name", PAGES)
def test_every_kind_is_named(name):
    assert [kind for kind in KINDS if f"`{kind}`" not in page(name)] == []


# How short they are


def test_a_whole_filter_is_short():
    assert 10 < len(code_lines(source("seodang-polite/pyproject.toml"))) <= 14
    assert len(source("seodang-polite/src/seodang_polite/__init__.py").splitlines()) <= 32
    assert len(source("seodang-polite/tests/test_polite.py").splitlines()) == 6


@pytest.mark.parametrize("place", [f"{name}/src/{name.replace('-', '_')}/__init__.py" for name in PACKAGES])
def test_every_plugin_is_under_forty_lines(place):
    assert 15 < len(code_lines(source(place))) < 40


def test_the_package_is_what_plugin_new_writes(tmp_path):
    write_package("polite", ["filter"], tmp_path / "seodang-polite")
    written = (tmp_path / "seodang-polite" / "pyproject.toml").read_text(encoding="utf-8")
    assert source("seodang-polite/pyproject.toml") == written


# The plugins


@pytest.mark.parametrize("package", ["seodang-ferry", "seodang-twice", "seodang-village"])
def test_their_own_tests_pass(packages, package):
    """The contracts, run by pytest as the author would."""
    path = os.pathsep.join([str(packages / package / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            ".",
            "-c",
            os.devnull,
            "tests",
        ],
        cwd=packages / package,
        env={**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed.group(1)) >= 8 and "skipped" not in done.stdout, done.stdout


def test_the_filter_may_be_published(packages):
    from seodang.plugins.checking import check_package

    checked = check_package(packages / "seodang-polite")
    assert checked.ok, checked.checks
    assert checked.distribution == "seodang-polite"
    tests = next(check for check in checked.checks if check.name == "tests")
    assert re.match(r"\d\d passed", tests.details[0]), tests


def test_a_distribution_may_offer_a_second_module(module):
    offers = offers_of(module("seodang_village"), module("seodang_village.paid"))
    assert [offer.id for offer in offers.all("teacher")] == ["seodang-village:paid-village", "seodang-village:village"]


def test_the_filter_sifts(run_recipe, module):
    run = run_recipe(recipe("polite"), plugins=ours(module("seodang_polite")), files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    assert [record.question for record in run.records("polite")] == ["하나", "셋"]
    assert [record.tags["level"] for record in run.records("polite")] == ["해요", ""]
    assert run.manifest("polite").dropped == {"other-level": 1}


def test_a_name_that_two_offer_is_chosen_by_its_distribution(run_recipe, module):
    class Other:
        distribution = "seodang-other"
        register_filters = staticmethod(module("seodang_polite").register_filters)

    plugins = ours(module("seodang_polite"), Other())
    files = {"rows.jsonl": ROWS}
    run = run_recipe(recipe("polite"), plugins=plugins, files=files)
    assert run.exit_code == 3 and "'seodang-other:polite' or 'seodang-polite:polite'" in str(run.error)
    chosen = recipe("polite").replace('"polite"\nlevel', '"seodang-polite:polite"\nlevel')
    assert run_recipe(chosen, plugins=plugins, files=files).ok


def test_the_lesson_asks_twice(run_recipe, module, echo):
    plugins = [
        importlib.import_module("seodang_handcrafted"),
        importlib.import_module("seodang_locale_ko"),
        echo,
        module("seodang_twice"),
    ]
    run = run_recipe(recipe("twice"), plugins=plugins, files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    again = module("seodang_twice").AGAIN["ko"]
    assert [record.answer for record in run.records("twice")] == ["하나예요.", "둘입니다.", again]
    assert [[message.text for message in request.messages] for request in echo.requests] == [["셋"], ["셋", "셋", again]]


class Breathless(seodang.Teacher):
    """A teacher whose answers to long conversations are cut."""

    name = "echo"

    async def answer(self, request, context):
        finish = "length" if len(request.messages) > 1 else "stop"
        return seodang.Answer(message=seodang.Message("assistant", "an answer"), finish=finish)


class BreathlessPlugin:
    @seodang.hookimpl
    def register_teachers(self, register):
        register(Breathless)


def test_the_lesson_sets_aside_what_was_cut(run_recipe, module):
    plugins = [importlib.import_module("seodang_handcrafted"), BreathlessPlugin(), module("seodang_twice")]
    run = run_recipe(recipe("twice"), plugins=plugins, files={"rows.jsonl": ROWS}, quarantine_limit=1.0)
    assert run.ok, run.error
    assert run.manifest("twice").quarantined == {"length": 1}
    assert len(run.records("twice")) == 2


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The lesson 'twice' has no words in the language 'fr'. Use it with en, ko, or add yours to AGAIN."),
        ("ko", "수업 'twice'에는 'fr'로 쓴 문구가 없습니다. en, ko 가운데 하나로 쓰거나 AGAIN에 문구를 더하세요."),
    ],
)
def test_the_lesson_says_what_it_lacks(run_recipe, module, echo, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    plugins = [importlib.import_module("seodang_handcrafted"), echo, module("seodang_twice")]
    run = run_recipe(recipe("twice"), plugins=plugins, files={"rows.jsonl": UNANSWERED}, settings=["recipe.language=fr"])
    assert str(run.error) == message


class School:
    """The village's server. Says first what it was told to, to each question, then answers."""

    def __init__(self, *first):
        self._first = first

    def __call__(self, received):
        if received.attempt <= len(self._first):
            return self._first[received.attempt - 1]
        asked = json.loads(received.body)["messages"]
        said = {"text": f"answer to {asked[-1][1]}", "tokens": [3, 5]}
        return Reaction(body=json.dumps(said).encode(), charge={"answers": 1})


@pytest.fixture
def ask_the_village(run_recipe, module, monkeypatch):
    monkeypatch.setenv("VILLAGE_KEY", "a-key")

    def ask(school, *settings, **more):
        with wire_server(school) as server:
            plugins = ours(module("seodang_village"), module("seodang_village.paid"))
            address = f"teachers.village.base_url={server.url}/answer"
            files = {"rows.jsonl": UNANSWERED}
            run = run_recipe(recipe("village"), plugins=plugins, files=files, settings=[address, *settings], **more)
            return run, server.counts()

    return ask


def test_the_teacher_is_asked_once_per_row(ask_the_village):
    run, counts = ask_the_village(School())
    assert run.ok, run.error
    assert [record.answer for record in run.records("answer")] == ["answer to one", "answer to two"]
    assert "LicenseRef-Village" in run.manifest("answer").terms
    assert counts.payments == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_passing_failure_is_asked_again(ask_the_village, status):
    run, counts = ask_the_village(School(Reaction(status=status, headers=(("Retry-After", "0"),), body=b"not now")))
    assert run.ok, run.error
    assert counts.statuses == {str(status): 2, "200": 2} and counts.payments == 2


@pytest.mark.parametrize(("status", "exit_code"), [(401, 5), (402, 6)])
def test_what_concerns_every_question_stops_the_run(ask_the_village, status, exit_code):
    run, counts = ask_the_village(School(*[Reaction(status=status, body=b"no")] * 9))
    assert run.exit_code == exit_code, run.error
    assert counts.payments == 0 and counts.requests <= 2


def test_a_refused_question_is_set_aside(ask_the_village):
    run, counts = ask_the_village(School(*[Reaction(status=422, body=b"such a question!")] * 9), quarantine_limit=1.0)
    assert run.ok, run.error
    assert run.manifest("answer").quarantined == {"http-422": 2}
    assert counts.requests == 2


def test_an_unreadable_answer_was_paid_and_is_kept(ask_the_village):
    broken = [Reaction(body=b"[]", charge={"answers": 1})] * 9
    run, counts = ask_the_village(School(*broken), quarantine_limit=1.0)
    assert run.ok, run.error
    assert run.manifest("answer").quarantined == {"bad-answer": 2}
    assert counts.payments == 2


def test_the_paid_teacher_keeps_to_a_budget(ask_the_village):
    from seodang.ledger.money import Cap

    # A question reserves 19 tokens at 0.15 and 512 at 0.60, which is 311 millionths, and costs 4: then 315 would pass 312.
    cap = Cap("USD", 312)
    run, counts = ask_the_village(School(), "teachers.village.use=paid-village", caps=[cap])
    assert run.exit_code == 7, run.error
    assert counts.payments == 1
    run, counts = ask_the_village(School(), "teachers.village.use=paid-village", caps=[Cap("USD", 400)])
    assert run.ok, run.error
    assert counts.payments == 1


def test_the_translator_carries_what_is_not_korean(run_recipe, module):
    def river(received):
        asked = json.loads(received.body)
        texts = [f"({asked['to']}) {text}" for text in asked["texts"]]
        return Reaction(body=json.dumps(texts).encode(), charge={"characters": sum(map(len, asked["texts"]))})

    with wire_server(river) as server:
        run = run_recipe(
            recipe("ferry"),
            plugins=ours(module("seodang_ferry")),
            files={"english.jsonl": ENGLISH},
            settings=[f"ferry.base_url={server.url}"],
        )
        counts = server.counts()
    assert run.ok, run.error
    assert [record.question for record in run.records("ferry")] == ["(ko) Name {three} colours.", "넷"]
    assert counts.charged == {"characters": len("Name ⟦1⟧ colours.")}, "what stays is not sent"


def test_the_gate_objects_before_anything_is_sent(run_recipe, module, monkeypatch):
    monkeypatch.setenv("VILLAGE_KEY", "a-key")
    plugins = ours(module("seodang_village"), module("seodang_gate"))
    run = run_recipe(recipe("gate"), plugins=plugins, files={"rows.jsonl": UNANSWERED})
    assert run.exit_code == 3
    assert "internal documents would go to api.village.example" in str(run.error)


def test_the_gate_lets_a_server_of_ours_pass_and_keeps_its_diary(run_recipe, module, monkeypatch, tmp_path):
    monkeypatch.setenv("VILLAGE_KEY", "a-key")
    monkeypatch.setenv("GATE_DIARY", str(tmp_path / "diary.jsonl"))
    plugins = ours(module("seodang_village"), module("seodang_gate"))
    with wire_server(School()) as server:
        settings = [f"teachers.village.base_url={server.url}/answer"]
        run = run_recipe(recipe("gate"), plugins=plugins, files={"rows.jsonl": UNANSWERED}, settings=settings)
    assert run.ok, run.error
    diary = [json.loads(line) for line in (tmp_path / "diary.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["step"] for entry in diary] == ["handcrafted", "answer"]
    assert diary[1]["terms"] == ["LicenseRef-Village", "LicenseRef-internal"] and diary[1]["rows"]["kept"] == 2
