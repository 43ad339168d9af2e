"""`seodang plugin check`: what a package should hear before it is published, all of it, one line each."""

import json
import os
import shutil

import pytest
from click.testing import CliRunner
from seodang.commandline.plugin import command
from seodang.plugins.scaffolding import write_package

PYPROJECT = """
[project]
name = "short-answers"
version = "1"
dependencies = ["msgspec"]

[project.entry-points.seodang]
short = "short_things"
"""

MODULE = '''
import socket
import kss
import msgspec
import seodang


class Short(seodang.Filter):
    name = "Short Answers"
    revision = 0

    class Options(msgspec.Struct):
        name: str = 3

    def sift(self, records, context):
        return []


class Unfinished(seodang.Filter):
    """Has no method."""

    name = "unfinished"


@seodang.hookimpl
def register_filters(register, again=True):
    register(Short)
    register(Unfinished)


@seodang.hookimpl
def register_filter(register):
    register(Short)


@seodang.hookimpl
async def run_started(run):
    pass


try:
    socket.create_connection(("127.0.0.1", 9), timeout=0.2)
except OSError:
    open("traces.txt", "w").close()
'''


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")


@pytest.fixture
def package(tmp_path):
    return write_package("short", ["filter"], tmp_path / "short").directory


def check(directory, *options):
    said = CliRunner().invoke(command, ["check", str(directory), *options])
    assert said.exception is None or isinstance(said.exception, SystemExit), said.output
    return said


def test_a_good_package_is_ready(package):
    before = sorted(package.rglob("*"))
    said = check(package)
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert lines[:5] == [
        "ok    names",
        "ok    offers: filter short",
        "ok    declarations and options",
        "ok    hooks",
        "ok    light import",
    ]
    assert lines[5].startswith("ok    tests: 10 passed in ")
    assert lines[6:] == ["seodang-short is ready to be published."]
    assert sorted(package.rglob("*")) == before, "checking leaves nothing behind"


def test_everything_that_is_wrong_is_told_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "bad"
    place.mkdir()
    (place / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (place / "short_things.py").write_text(MODULE, encoding="utf-8")
    (place / "kss.py").write_text("", encoding="utf-8")
    said = check(place)
    assert said.exit_code == 3
    for sentence in (
        "FAIL  names: The distribution is called 'short-answers'. Let its name begin with 'seodang-', so that people find it.",
        "The entry point 'short' leads to 'short_things', which belongs to another distribution's names. "
        "Call the module 'short_answers'.",
        "'short-answers' does not say which seodang it was written for. Add \"seodang>=0.1,<0.2\" to its dependencies.",
        "FAIL  declarations and options: Short is called 'Short Answers'.",
        "The revision of Short is 0.",
        "Short has no docstring.",
        "The Options of Short can be changed.",
        "Short has an option 'name', which a recipe keeps for the step or its teacher.",
        "The option 'name' of Short has no help.",
        "The default of the option 'name' of Short breaks its own rule: Expected `str`, got `int`.",
        "Unfinished has no method sift(), which is what its kind is for.",
        "FAIL  hooks: ",
        "The hook run_started() in short_things is no plain function.",
        "short_things implements a hook 'register_filter', which does not exist. Did you mean 'register_filters'?",
        "The argument 'again' of the hook register_filters() in short_things has a default.",
        "FAIL  light import: Importing short_things imports kss.",
        "Importing short_things does more than define and register: network.",
        "Importing short_things does more than define and register: writes traces.txt.",
        "FAIL  tests: There are no tests in ",
        "short-answers is not ready yet: repair the first line that failed",
    ):
        assert sentence in said.output, f"{sentence}\n\n{said.output}"


def test_a_module_that_cannot_be_loaded_is_told_and_its_tests_are_not_run(package):
    module = package / "src" / "seodang_short" / "__init__.py"
    module.write_text("import libcudart_missing\n", encoding="utf-8")
    said = check(package)
    assert said.exit_code == 3
    assert "FAIL  offers: seodang_short cannot be loaded: ModuleNotFoundError: No module named 'libcudart_missing'" in said.output
    assert "tests" not in said.output


def test_a_module_that_offers_nothing_is_told(package):
    (package / "src" / "seodang_short" / "__init__.py").write_text('"""Nothing."""\n', encoding="utf-8")
    said = check(package)
    assert said.exit_code == 3 and "FAIL  offers: " in said.output


def test_tests_that_fail_are_named(package):
    test = package / "tests" / "test_short.py"
    test.write_text(
        test.read_text(encoding="utf-8") + "\n    def test_of_mine(self):\n        raise ValueError\n", encoding="utf-8"
    )
    said = check(package)
    assert said.exit_code == 3
    assert f"FAIL  tests: the tests in {package} do not pass" in said.output
    assert "      FAILED tests/test_short.py::TestShort::test_of_mine - ValueError" in said.output


def test_json_says_the_same(package):
    shutil.rmtree(package / "tests")
    said = check(package, "--json")
    assert said.exit_code == 3
    told = json.loads(said.output)
    assert told["distribution"] == "seodang-short" and told["ok"] is False
    assert [(one["name"], one["ok"]) for one in told["checks"]] == [
        ("names", True), ("loads", True), ("declarations", True), ("hooks", True), ("imports", True), ("tests", False),
    ]  # fmt: skip


def test_a_folder_without_a_project_is_an_error_with_a_remedy(tmp_path):
    said = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert said.exception.exit_code == 3
    assert str(said.exception).startswith(f"{tmp_path}{os.sep}pyproject.toml cannot be read: ")
    assert "Give the folder of a plugin, where its pyproject.toml is." in str(said.exception)
