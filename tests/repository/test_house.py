"""The rules of the house, read off the tree: lists agree with folders, modules stay small, imports stay light."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "datasets", "pyarrow", "openai", "deepl", "kss", "accelerate", "numpy")
DISTRIBUTIONS = sorted(
    [ROOT / "core", ROOT / "benchmarks", *(ROOT / "locales").glob("*/"), *(ROOT / "plugins").glob("*/")], key=str
)


def project(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def modules() -> list[Path]:
    found = []
    for folder in (*DISTRIBUTIONS, ROOT / "tests"):
        found += [path for path in folder.rglob("*.py") if "templates" not in path.parts]
    return found


APART = {"seodang-kss": "kss brings 670 MB and a package under the GPL"}
"""What is installed by its extra of the root, tested by an environment of tox, and otherwise left out; and why."""


def test_every_distribution_is_in_the_root_and_in_the_requirements():
    root, extras = project(ROOT)["dependencies"], project(ROOT)["optional-dependencies"]
    requirements = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for folder in DISTRIBUTIONS:
        place = folder.relative_to(ROOT).as_posix()
        name = project(folder)["name"]
        uri = f"{name} @ {{root:uri}}/{place}"
        if name in APART:
            assert extras == {name.removeprefix("seodang-"): [uri]} and uri not in root
            continue
        assert uri in root, f"add {name} to the dependencies of pyproject.toml"
        assert f"-e ./{place}" in requirements, f"add -e ./{place} to tests/requirements.txt"
    assert len(root) == len(DISTRIBUTIONS) - len(APART)
    assert sum(line.startswith("-e ") for line in requirements) == len(DISTRIBUTIONS) - len(APART)


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_a_distribution_is_named_as_its_folder_and_module_say(folder: Path):
    facts = project(folder)
    name = facts["name"]
    expected = {"core": "seodang", "benchmarks": "seodang-bench"}.get(folder.name) or (
        f"seodang-locale-{folder.name}" if folder.parent.name == "locales" else folder.name
    )
    assert name == expected
    assert (folder / "src" / name.replace("-", "_") / "__init__.py").is_file()
    assert facts["license"] == "Apache-2.0" and facts["requires-python"] == ">=3.11" and (folder / "README.md").is_file()
    if name != "seodang":
        assert "seodang>=0.1,<0.2" in facts["dependencies"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_one_subject_and_at_most_400_lines(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert not re.fullmatch(r"(utils?|helpers?|common|misc|manager)", path.stem)
    if path.name.startswith("test_") or path.parent.name == "tests" or not text.strip():
        return
    assert text.lstrip().startswith(('"""', "#!")), "a module begins with one sentence on what it is for"


def modules_of_plugins() -> list[str]:
    found = []
    for folder in DISTRIBUTIONS:
        if project(folder)["name"] not in APART:
            found += list(project(folder).get("entry-points", {}).get("seodang", {}).values())
    return sorted(found)


@pytest.mark.parametrize("module", ["seodang", "seodang.testing", "seodang.runs.engine", *modules_of_plugins()])
def test_importing_it_imports_nothing_heavy(module: str):
    code = f"import {module}, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["plugins", "--json"]])
def test_the_command_line_imports_nothing_heavy(arguments: list[str]):
    code = (
        "import sys\nfrom seodang.commandline import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules if name.startswith('seodang_')}), file=sys.stderr)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    heavy, plugins = out.stderr.strip().splitlines()[-2:]
    assert heavy == "[]"
    if arguments == ["--help"]:
        assert plugins == "[]", "help imports no plugin"


def test_core_knows_no_vendor_no_model_and_no_language():
    """Their names stand in plugins and locales; in core they would be an `if` that belongs into a declaration."""
    words = re.compile(r"\b(deepl|llama|polyglot|gpt|anthropic|hangul|korean)\b", re.IGNORECASE)
    guilty = []
    for path in (ROOT / "core" / "src" / "seodang").rglob("*.py"):
        if "testing" in path.parts or "templates" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.split("#")[0]
            if words.search(code) and re.match(r"\s*(if|elif|match|case)\b", code):
                guilty.append(f"{path.relative_to(ROOT)}:{number}")
    assert not guilty


def test_the_two_readmes_name_the_same_commands():
    def commands(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return [block for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) if not kind]

    assert commands("README.md") == commands("README.ko.md") and len(commands("README.md")) == 4


def test_the_links_of_the_documents_lead_somewhere():
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_ci_runs_the_command_that_the_readme_names():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script and os.access(ROOT / ".ci" / "run", os.X_OK)


def test_what_git_keeps_is_small_and_ours():
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for line in listed.stdout.splitlines():
        path = ROOT / line.split("\t", 1)[1]
        if path.is_file():
            assert path.stat().st_size <= 1024 * 1024, f"{path.name} is over 1 MiB"
