"""Contracts are worth what they catch: each promise is broken by a plugin in `broken_promises`, and its test has to notice."""

import importlib.util
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree
from importlib.resources import files
from pathlib import Path

import pytest
import seodang
import seodang.testing
from seodang.plugins.declarations import VERBS
from seodang.testing.language import LIMITS, MARKERS, PATTERNS, PROMPTS, TEMPLATES

PROMISES = Path(__file__).parent / "broken_promises"
MODULES = sorted(path.stem for path in PROMISES.glob("broken_*.py"))


def classes_of(module, monkeypatch):
    """The test classes of one module of broken promises, by name."""
    monkeypatch.syspath_prepend(PROMISES)
    monkeypatch.delitem(sys.modules, "kss", raising=False)  # the small stand-in is meant, whatever other tests have imported
    spec = importlib.util.spec_from_file_location(module, PROMISES / f"{module}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    monkeypatch.delitem(sys.modules, "kss", raising=False)
    return {name: value for name, value in vars(loaded).items() if name.startswith("Test")}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What failed, by class and test, in one run of pytest as a stranger would start it."""
    place = tmp_path_factory.mktemp("promises")
    (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", place / "pytest.ini", "--rootdir", PROMISES),
            *("-p", "no:cacheprovider", "--basetemp", place / "temporary", f"--junitxml={place / 'outcomes.xml'}"),
            *(PROMISES / f"{module}.py" for module in MODULES),
        ],
        env={**environment, "PYTHONPATH": str(PROMISES), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found = {}
    for case in xml.etree.ElementTree.parse(place / "outcomes.xml").iter("testcase"):
        messages = [trouble.attrib.get("message", "") or "failed" for trouble in case if trouble.tag in ("failure", "error")]
        tests = found.setdefault(case.attrib["classname"].rpartition(".")[2], {})
        tests.setdefault(case.attrib["name"].partition("[")[0], []).extend(messages)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_broken_promise_fails_its_test_and_no_other(outcomes, module, monkeypatch):
    classes = classes_of(module, monkeypatch)
    assert len(classes) > 3
    wrong = []
    for name, cls in classes.items():
        failed = {test for test, messages in outcomes[name].items() if messages}
        expected = set(outcomes[name]) if cls.breaks == "all" else cls.breaks
        if failed - getattr(cls, "may_break", set()) != expected:
            wrong.append(f"{name}: { ({test: outcomes[name][test] for test in failed} or 'nothing') }, not {cls.breaks}")
    assert not wrong, "\n".join(wrong)


def test_every_test_of_every_contract_has_been_seen_to_fail(monkeypatch):
    """A test that nothing can fail proves nothing."""
    seen = {
        (base.__name__, test)
        for module in MODULES
        for cls in classes_of(module, monkeypatch).values()
        for base in cls.__mro__[1:]
        if cls.breaks != "all"
        for test in cls.breaks & set(vars(base))
    }
    others = [seodang.testing.BatchServiceContract, seodang.testing.StudentLayoutContract]
    contracts = [seodang.testing.CapabilityContract, *others, *map(contract_of, VERBS)]
    written = {(contract.__name__, test) for contract in contracts for test in vars(contract) if test.startswith("test_")}
    assert len(written) > 50
    assert written - seen == set()


def contract_of(kind):
    return getattr(seodang.testing, f"{kind.capitalize()}Contract")


def test_whoever_forgets_to_name_the_plugin_is_told(outcomes):
    told = " ".join(message for messages in outcomes["TestNothing"].values() for message in messages)
    assert "TestNothing does not say which filter it is for: add `filter = …`" in told


def test_a_contract_says_what_to_do(outcomes):
    told = {name: " ".join(message for messages in tests.values() for message in messages) for name, tests in outcomes.items()}
    assert "importing it imports kss: import these in the method that needs them" in told["TestPlain"]
    assert "The argument 'again' of the hook register_filters() in broken_declarations has a default." in told["TestPlain"]
    assert "The option 'teacher' of Undocumented has no help." in told["TestUndocumented"]
    assert "batches of 1 are judged differently" in told["TestNeighbourly"]


def test_there_is_a_contract_for_each_kind():
    for kind in VERBS:
        contract = contract_of(kind)
        assert contract.kind == kind and contract.__doc__
        assert contract.__test__ is False
        assert contract.__name__ in seodang.testing.__all__


def test_a_new_locale_begins_with_the_texts_that_the_contract_asks_for():
    """The lists are for strangers: neither may fall behind the other."""
    template = files("seodang.plugins") / "templates" / "locale" / "texts.toml.template"
    begun = tomllib.loads(template.read_text(encoding="utf-8"))
    assert {*begun["prompt"]} == {*PROMPTS} and {*begun["template"]} == {*TEMPLATES}
    assert {*begun["markers"]} == {*MARKERS} and {*begun["limits"]} == {*LIMITS} and {*begun["patterns"]} == {*PATTERNS}


def test_everything_public_is_there_and_in_order():
    assert list(seodang.testing.__all__) == sorted(seodang.testing.__all__, key=lambda name: (name.islower(), name))
    assert all(getattr(seodang.testing, name).__name__ == name for name in seodang.testing.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = seodang.testing.no_such_name
