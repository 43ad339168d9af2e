"""`stranger/` is a plugin by somebody who has never seen this repository. When it breaks, we have broken the API."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import seodang
import seodang.testing
from seodang.plugins.declarations import VERBS

STRANGER = Path(__file__).parent / "stranger"
SOURCES = sorted(STRANGER.rglob("*.py"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The stranger's package, built and installed for itself."""
    place = tmp_path_factory.mktemp("installed")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*pip, "--target", place, STRANGER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


def run(*command, installed, **more):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "SEODANG_LANGUAGE": "en"}
    return subprocess.run(
        [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, check=False, timeout=280, **more
    )


def test_the_stranger_uses_only_what_is_public():
    """By name: `seodang.X` and `from seodang.testing import X` are in the lists that we promise to keep."""
    used = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {("import", alias.name) for alias in node.names if alias.name.partition(".")[0] == "seodang"}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "seodang":
                used |= {(node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "seodang":
                used.add(("seodang", node.attr))
    assert len(used) > 30
    promised = {("import", "seodang")}
    promised |= {("seodang", name) for name in seodang.__all__}
    promised |= {("seodang.testing", name) for name in seodang.testing.__all__}
    assert used - promised == set()


def test_the_stranger_offers_one_of_every_kind(installed):
    done = run("seodang", "plugins", "--json", installed=installed)
    assert done.returncode == 0, done.stderr
    listed = [plugin for plugin in json.loads(done.stdout) if plugin["distribution"] == "seodang-riddles"]
    assert len(listed) == 1 and listed[0]["state"] == "ok", listed
    assert {offered["kind"] for offered in listed[0]["capabilities"]} == set(VERBS)


def test_the_strangers_tests_pass_against_what_is_installed(installed):
    done = run(
        "pytest", "-q", "-p", "no:cacheprovider", "-c", str(STRANGER / "pyproject.toml"), "--rootdir", str(STRANGER),
        str(STRANGER / "tests"), installed=installed,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed in " in done.stdout and "skipped" not in done.stdout


def test_the_stranger_may_publish(installed):
    done = run("seodang", "plugin", "check", str(STRANGER), installed=installed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "seodang-riddles is ready to be published."
