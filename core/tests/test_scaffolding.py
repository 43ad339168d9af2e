"""A stranger begins a plugin: what is written installs, passes its contract at once, and is checked before it is published."""

import json
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree

import pytest
from click.testing import CliRunner
from seodang.commandline.plugin import command
from seodang.errors import PluginError
from seodang.plugins.scaffolding import KINDS, write_package


def run_pytest(place, sources, *arguments):
    """Runs the tests under `place` in a process of its own, as somebody who has only installed seodang would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join(map(str, sources))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", "outcomes.xml", *map(str, arguments)],
        cwd=place, env={**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip


def passed_by_class(place):
    counts = {}
    for case in xml.etree.ElementTree.parse(place / "outcomes.xml").iter("testcase"):
        assert len(case) == 0, (case.attrib, [trouble.attrib for trouble in case])
        name = case.attrib["classname"].rpartition(".")[2]
        counts[name] = counts.get(name, 0) + 1
    return counts


def test_one_package_of_every_kind_installs_and_passes(tmp_path):
    written = write_package("everything", KINDS, tmp_path / "everything")
    installed = tmp_path / "installed"
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
    done = subprocess.run([*pip, "--target", installed, written.directory], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    entry_points = (installed / "seodang_everything-0.1.0.dist-info" / "entry_points.txt").read_text(encoding="utf-8")
    assert entry_points == "[seodang]\neverything = seodang_everything\n"

    # Not the sources but what was installed is tested.
    (written.directory / "src").rename(tmp_path / "sources-put-away")
    done = run_pytest(written.directory, [installed])
    assert done.returncode == 0, done.stdout
    counts = passed_by_class(written.directory)
    assert set(counts) == {f"TestEverything{kind.capitalize()}" for kind in KINDS}
    assert min(counts.values()) >= 7


def test_the_installed_package_offers_every_kind(tmp_path):
    written = write_package("everything", KINDS, tmp_path / "everything")
    (tmp_path / "place").mkdir()
    information = tmp_path / "place" / "seodang_everything-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.4\nName: seodang-everything\nVersion: 0.1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text("[seodang]\neverything = seodang_everything\n", encoding="utf-8")
    script = (
        "from seodang.plugins.loading import load_plugins\n"
        "offers = load_plugins()\n"
        "print(sorted(offer.kind for offer in offers.all() if offer.distribution == 'seodang-everything'))\n"
        "print([str(broken.reason) for broken in offers.broken if broken.distribution == 'seodang-everything'])\n"
    )
    path = os.pathsep.join([str(tmp_path / "place"), str(written.directory / "src")])
    environment = {**os.environ, "PYTHONPATH": path, "SEODANG_PLUGINS": "seodang-everything"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(sorted(KINDS)), "[]"], done.stdout


def test_every_kind_alone_passes_at_once(tmp_path):
    """Written one by one, run together: a process for each would take longer than it tells."""
    sources = []
    for kind in KINDS:
        written = write_package(f"a-{kind}", [kind], tmp_path / kind)
        sources.append(written.directory / "src")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    done = run_pytest(tmp_path, sources, "--import-mode=importlib", *(tmp_path / kind / "tests" for kind in KINDS))
    assert done.returncode == 0, done.stdout
    counts = passed_by_class(tmp_path)
    # A trainer comes with the student that opens what it makes, and their classes say which is which.
    alone = {f"TestA{kind.capitalize()}" for kind in KINDS if kind != "trainer"}
    assert set(counts) == alone | {"TestATrainerTrainer", "TestATrainerStudent"}
    assert min(counts.values()) >= 7


def test_a_filter_is_this_much_and_no_more(tmp_path):
    written = write_package("short-answers", ["filter"], tmp_path / "short")
    assert written.files == (
        ".github/workflows/release.yml",
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/seodang_short_answers/__init__.py",
        "tests/test_short_answers.py",
    )
    found = sorted(path.relative_to(written.directory).as_posix() for path in written.directory.rglob("*") if path.is_file())
    assert tuple(found) == written.files
    lines = {name: (written.directory / name).read_text(encoding="utf-8").splitlines() for name in written.files}
    assert len(lines["src/seodang_short_answers/__init__.py"]) <= 31
    assert len([line for line in lines["pyproject.toml"] if line]) <= 14
    assert [line for line in lines["tests/test_short_answers.py"] if line] == [
        "from seodang.testing import FilterContract",
        "from seodang_short_answers import ShortAnswers",
        "class TestShortAnswers(FilterContract):",
        "    filter = ShortAnswers",
    ]
    project = tomllib.loads("\n".join(lines["pyproject.toml"]))["project"]
    assert project["name"] == "seodang-short-answers" and project["license"] == "Apache-2.0"
    assert project["dependencies"] == ["seodang>=0.1,<0.2"]
    assert project["entry-points"]["seodang"] == {"short-answers": "seodang_short_answers"}


def test_a_release_is_published_without_a_token_and_attested(tmp_path):
    written = write_package("x", ["filter"], tmp_path / "x")
    workflow = (written.directory / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "id-token: write" in workflow and "attestations: true" in workflow and "environment: pypi" in workflow
    assert "secrets." not in workflow and "password" not in workflow
    assert workflow.index("python -m pytest") < workflow.index("gh-action-pypi-publish")


def test_nothing_of_a_template_is_left_open(tmp_path):
    written = write_package("everything", KINDS, tmp_path / "everything")
    for name in written.files:
        text = (written.directory / name).read_text(encoding="utf-8")
        assert not re.search(r"\$[a-z_{]", text), name
        if name.endswith(".py"):
            compile(text, name, "exec")
            assert max(map(len, text.splitlines())) <= 110, name


def test_a_locale_takes_its_language_from_its_name(tmp_path):
    japanese = write_package("locale-ja", ["locale"], tmp_path / "ja")
    assert 'language = "ja"' in (japanese.directory / "src/seodang_locale_ja/__init__.py").read_text(encoding="utf-8")
    dialect = write_package("my-dialect", ["locale"], tmp_path / "dialect")
    assert 'language = "qaa"' in (dialect.directory / "src/seodang_my_dialect/__init__.py").read_text(encoding="utf-8")


def test_the_prefix_may_be_written_or_left_out(tmp_path):
    assert write_package("seodang-short", ["filter"], tmp_path / "one").distribution == "seodang-short"
    assert write_package("short", ["filter"], tmp_path / "two").distribution == "seodang-short"


@pytest.mark.parametrize("name", ["Short Answers", "short--answers", "-short", "3-words", "짧은-답", "seodang-", "a/../b"])
def test_a_bad_name_is_refused_with_a_better_one(tmp_path, name):
    with pytest.raises(PluginError) as refused:
        write_package(name, ["filter"], tmp_path / "x")
    assert re.fullmatch(r"[a-z][a-z0-9-]*", refused.value.facts["better"])
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "mine.txt").write_text("my work", encoding="utf-8")
    with pytest.raises(PluginError, match=r"exists already and is not empty|비어 있지 않습니다"):
        write_package("short", ["filter"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def invoke(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)))


def test_plugin_new_says_what_it_wrote_and_what_comes_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    said = invoke("new", "short", "--kind", "filter", "--kind", "seeds")
    assert said.exit_code == 0, said.output
    assert "  seodang-short/src/seodang_short/filter.py\n" in said.output
    assert "Wrote seodang-short (seeds, filter).\n" in said.output
    assert "Next: cd seodang-short && pip install -e . pytest && pytest." in said.output
    assert (tmp_path / "seodang-short" / "tests" / "test_seeds.py").is_file()


def test_plugin_new_speaks_json(tmp_path):
    said = invoke("new", "short", "--kind", "filter", "--directory", tmp_path / "here", "--json")
    told = json.loads(said.output)
    assert told["distribution"] == "seodang-short" and told["module"] == "seodang_short" and told["kinds"] == ["filter"]
    assert all((tmp_path / "here" / name).is_file() for name in told["files"])


def test_plugin_new_wants_a_kind(tmp_path):
    assert invoke("new", "short").exit_code == 2
    said = invoke("new", "short", "--kind", "sieve")
    assert said.exit_code == 2 and "'splitter'" in said.output
