"""Every message of core stands in English and in Korean with the same places to fill, and every one is used."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import seodang
from seodang.wording.catalogues import read_catalogue
from seodang.wording.languages import locale_directory

CORE = Path(seodang.__file__).parent
ENGLISH = CORE / "wording" / "en"
KOREAN = (locale_directory("ko") or Path()) / "messages"
ROOMS = sorted(path.stem for path in ENGLISH.glob("*.toml"))
SPEAKING = {"Phrase", "Problem", "render"}


def placeholders(text: str) -> set[str]:
    return {name.partition("[")[0].partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def source_trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(CORE.rglob("*.py")):
        if "templates" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def error_classes() -> set[str]:
    """The names of all classes of core that are derived from SeodangError."""
    bases = {node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases} for _, tree in source_trees()
             for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}  # fmt: skip
    found = {"SeodangError"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found


def spoken() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every message that the source names: where, its code, and its facts where they can be read."""
    speaking = error_classes() | SPEAKING
    for path, tree in source_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in speaking:
                code = node.args[0]
                if (
                    isinstance(code, ast.Constant)
                    and isinstance(code.value, str)
                    and re.fullmatch(r"[a-z]+\.[a-z0-9-]+", code.value)
                ):
                    yield f"{path.relative_to(CORE)}:{node.lineno}", code.value, facts_of(node)
            named = isinstance(node, ast.AnnAssign | ast.Assign) and "message_code" in ast.unparse(node)
            if named and isinstance(node.value, ast.Constant):
                yield f"{path.relative_to(CORE)}:{node.lineno}", node.value.value, None


def facts_of(call: ast.Call) -> set[str] | None:
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in ("Phrase", "render"):
        facts = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
        literal = isinstance(facts, ast.Dict) and all(isinstance(key, ast.Constant) for key in facts.keys)
        return {key.value for key in facts.keys} if literal else None
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return {keyword.arg for keyword in call.keywords} | ({"place"} if name == "Problem" else set())


def test_the_source_speaks():
    """The tests below compare with what this walk finds; it must not be nothing."""
    assert len(list(spoken())) > 60
    assert {"RecipeError", "Problem", "OutOfBudget", "MissingSecret"} <= error_classes()


def test_every_message_that_core_names_is_in_the_catalogue():
    missing = [f"{where}: {code}" for where, code, _ in spoken() if code.partition(".")[2] not in english(code)]
    assert not missing, "\n".join(missing)


def test_every_message_is_given_the_facts_that_it_shows():
    lacking = [
        f"{where}: {code} lacks {', '.join(sorted(lacks))}"
        for where, code, facts in spoken()
        if facts is not None and (lacks := placeholders(english(code).get(code.partition(".")[2], "")) - facts)
    ]
    assert not lacking, "\n".join(lacking)


def test_every_message_of_the_catalogue_is_used():
    constants = {node.value for _, tree in source_trees() for node in ast.walk(tree)
                 if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    computed = set(computed_codes())
    unused = [f"{room}.{name}" for room in ROOMS for name in read_catalogue(ENGLISH / f"{room}.toml")
              if f"{room}.{name}" not in constants | computed]  # fmt: skip
    assert not unused, "\n".join(unused)


def computed_codes() -> Iterator[str]:
    """Codes that are put together: `render(f"commandline.{name}", …)` stands for every message of that beginning."""
    beginnings = set()
    for _, tree in source_trees():
        for node in ast.walk(tree):
            begun = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
            if isinstance(begun, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z0-9-]*", str(begun.value)):
                beginnings.add(begun.value)
    for room in ROOMS:
        for name in read_catalogue(ENGLISH / f"{room}.toml"):
            if f"{room}.{name}".startswith(tuple(beginnings)):
                yield f"{room}.{name}"


@pytest.mark.parametrize("room", ROOMS)
def test_korean_has_the_same_messages_with_the_same_places(room):
    ours, theirs = read_catalogue(ENGLISH / f"{room}.toml"), read_catalogue(KOREAN / f"{room}.toml")
    assert ours and set(ours) == set(theirs)
    different = [name for name in ours if placeholders(ours[name]) != placeholders(theirs[name])]
    assert not different, ", ".join(different)


def test_no_room_speaks_korean_only():
    assert sorted(path.stem for path in KOREAN.glob("*.toml")) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_korean_messages_choose_their_particles(room):
    """〈을(를)〉 after a fact is what a program writes that does not know its own words."""
    clumsy = [
        name
        for name, text in read_catalogue(KOREAN / f"{room}.toml").items()
        if re.search(r"\}'?(을|를|은|는|이|가|와|과)\(", text)
    ]
    assert not clumsy


def english(code: str) -> dict[str, str]:
    return dict(read_catalogue(ENGLISH / f"{code.partition('.')[0]}.toml"))
