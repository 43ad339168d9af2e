"""What the pytest plugin of seodang gives to a test, and that it stays out of the way of everybody else's."""

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request

import pytest
import seodang
from pytest_seodang import NetworkForbidden
from seodang.errors import PluginError
from seodang.records import single_turn
from seodang.testing import Echo, PlainLocale, Reaction, asking, make_context, wire_server

ELSEWHERE = "192.0.2.1"  # kept for examples: nobody lives there


def pytest_in(place, *, settings="", **files):
    """Runs a small project of somebody else's in a process of its own."""
    (place / "pytest.ini").write_text(f"[pytest]\n{settings}\n", encoding="utf-8")
    for name, text in files.items():
        (place / f"{name}.py").write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"{name}.py" for name in files)],
        cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_pytest_plugin_imports_nothing_of_seodang():
    """Coverage begins after it, and would miss every line that is read at import."""
    script = "import sys, pytest_seodang; print([name for name in sys.modules if name.split('.')[0] == 'seodang'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_asking_for_a_contract_needs_pytest_but_serving_does_not():
    script = "import sys; sys.modules['pytest'] = None; from seodang.testing import wire_server; print('served')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "served"


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((ELSEWHERE, 80), timeout=0.1),
        lambda: socket.socket().connect_ex((ELSEWHERE, 80)),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=0.1),
        lambda: asyncio.run(asyncio.open_connection(ELSEWHERE, 80)),
    ],
    ids=["connect", "connect_ex", "lookup", "urllib", "asyncio"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nobody_outside_is_reached(no_network, reach):
    with pytest.raises(NetworkForbidden, match="only loopback is allowed"):
        reach()
    assert no_network.attempts
    no_network.attempts.clear()


def test_loopback_is_reached(no_network):
    with wire_server(lambda received: Reaction(body=b"here")) as server:
        assert urllib.request.urlopen(server.url, timeout=5).read() == b"here"
        assert urllib.request.urlopen(server.url.replace("127.0.0.1", "localhost"), timeout=5).read() == b"here"
    assert no_network.attempts == []


SWALLOWS = """
import socket
def test_it(no_network):
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except RuntimeError:
        pass
"""

MINDS_ITS_OWN_BUSINESS = """
import socket
def test_it():
    assert socket.create_connection.__module__ == "socket"
    assert socket.getaddrinfo.__module__ == "socket"
"""


def test_a_refusal_that_is_swallowed_fails_the_test(tmp_path):
    done = pytest_in(tmp_path, test_swallows=SWALLOWS)
    assert done.returncode == 1 and "something tried to reach 192.0.2.1:80" in done.stdout


def test_other_projects_are_left_alone_unless_they_want_it(tmp_path):
    assert pytest_in(tmp_path, test_own=MINDS_ITS_OWN_BUSINESS).returncode == 0
    done = pytest_in(tmp_path, settings="seodang_no_network = true", test_own=MINDS_ITS_OWN_BUSINESS)
    assert done.returncode == 1 and "pytest_seodang" in done.stdout


def test_echo_is_a_plugin_that_remembers(plugins, echo, context):
    offers = plugins(echo)
    teacher = offers.find("teacher", "echo").cls()
    request = seodang.Request(messages=(seodang.Message("user", "Hello?"),))
    answer = asyncio.run(teacher.answer(request, context))
    assert answer.message.text == "Hello?" and echo.requests == [request]
    translator = offers.find("translator", "echo").cls()
    assert translator.translate([seodang.Text("school")], context)[0].text == "[en] school"
    assert echo.texts == [seodang.Text("school")]


def test_plugins_offer_what_they_are_given_and_nothing_else(plugins, echo):
    assert plugins().all() == []
    assert {offer.kind for offer in plugins(echo).all()} == {"teacher", "translator"}


def test_a_loose_context_keeps_what_is_told(context, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\nno JSON\n', encoding="utf-8")
    rows = list(context.rows(tmp_path / "rows.jsonl"))
    context.quarantine("rows.jsonl:1", "odd", "the number is odd")
    context.progress(1, 2)
    assert [row.values for row in rows] == [{"a": 1}]
    assert [one.code for one in context.quarantined][1:] == ["odd"] and len(context.quarantined) == 2
    assert context.progressed == [(1, 2)]
    assert context.random.random() == make_context(tmp_path).random.random()


def test_a_plain_locale_knows_nothing_and_loses_nothing(locale):
    assert isinstance(locale, PlainLocale)
    assert "".join(locale.sentences("One.\nTwo.")) == "One.\nTwo."
    assert locale.similarity_tokens("One two") == ["one", "two"]


def test_a_context_speaks_the_installed_language(tmp_path, plugins):
    class Korean(seodang.Locale):
        """Korean."""

        name = "ko"
        language = "ko"

        def sentences(self, text):
            return [text]

        def similarity_tokens(self, text):
            return list(text)

    class Offering:
        @seodang.hookimpl
        def register_locales(self, register):
            register(Korean)

    context = make_context(tmp_path, language="ko", offers=plugins(Offering()))
    assert isinstance(context.locale, Korean)
    assert isinstance(make_context(tmp_path, language="qaa").locale, PlainLocale)


def test_asking_twice_in_one_place_asks_once(context, tmp_path):
    echo = Echo()
    lesson_asks = seodang.Request(messages=(seodang.Message("user", "Who?"),))

    async def ask():
        return (await context.ask(lesson_asks)).message.text

    for _ in range(2):
        with asking(context, echo.teacher(), tmp_path):
            assert asyncio.run(ask()) == "Who?"
    assert len(echo.requests) == 1


def test_what_a_lesson_cannot_read_is_set_aside(context, tmp_path):
    echo = Echo()

    async def each():
        async def records():
            yield single_turn("", id="blank")

        lesson = seodang.Lesson()
        return [pair async for pair in context.ask.each(records(), lesson.request)]

    with asking(context, echo.teacher(), tmp_path) as set_aside:
        assert asyncio.run(each()) == []
    assert [(record.id, code) for record, code, _ in set_aside] == [("blank", "empty")]


RECIPE = """
[recipe]
name = "tiny"
language = "en"

[[step]]
seeds = "two"

[[step]]
teach = "answer"
teacher = "echo"
"""


class Two:
    """Two questions, and a lesson."""

    @seodang.hookimpl
    def register_seeds(self, register):
        class TwoQuestions(seodang.Seeds):
            """Two questions."""

            name = "two"
            terms = ("CC0-1.0",)

            def read(self, context):
                yield seodang.single_turn("One?")
                context.quarantine("here:2", "odd", "this row is odd")
                yield seodang.single_turn("Two?")

        register(TwoQuestions)

    @seodang.hookimpl
    def register_lessons(self, register):
        class Answer(seodang.Lesson):
            """Asks, and keeps the answer."""

            name = "answer"

            async def teach(self, records, context):
                async for record, answer in context.ask.each(records, self.request):
                    yield seodang.single_turn(record.question, answer.message.text, id=record.id, source=record.source)

        register(Answer)


def test_run_recipe_tells_what_became_of_a_recipe(run_recipe, echo):
    run = run_recipe(RECIPE, plugins=[Two(), echo], files={"notes.txt": "kept"}, quarantine_limit=1.0)
    assert run.ok and not run.failed and run.exit_code == 0 and run.error is None
    assert [record.answer for record in run.records("answer")] == ["One?", "Two?"]
    assert run.manifest("two").rows["quarantined"] == 1
    assert [line["code"] for line in run.lines("two", "quarantined.jsonl")] == ["odd"]
    assert run.lines("answer", "dropped.jsonl") == []
    assert (run.run.parent / "notes.txt").read_text(encoding="utf-8") == "kept"
    assert len(echo.requests) == 2

    again = run_recipe(RECIPE, plugins=[Two(), echo], quarantine_limit=1.0)
    assert again.ok and len(echo.requests) == 2


def test_run_recipe_returns_what_a_person_would_be_told(run_recipe, echo):
    run = run_recipe(RECIPE.replace("two", "three"), plugins=[Two(), echo])
    assert run.failed and run.exit_code == 3 and "three" in str(run.error)
    over = run_recipe(RECIPE, plugins=[Two(), echo], quarantine_limit=0.0)
    assert over.exit_code == 8 and over.failed and over.error is None


def test_options_of_a_test_that_no_recipe_could_have_are_refused(tmp_path, plugins, echo):
    context = make_context(tmp_path, offers=plugins(echo))
    with pytest.raises(PluginError, match="modell"):
        context.get("teacher", "echo", modell="x")
