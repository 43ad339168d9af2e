"""What holds between the languages that the product itself ships, and how a fifth one is added."""

import importlib.util
import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path
from time import process_time

import msgspec
import pytest
import seodang
from click.testing import CliRunner
from seodang.commandline.plugin import command
from seodang.plugins.loading import load_plugins
from seodang.plugins.scaffolding import write_package
from seodang.testing import CapabilityContract, LocaleContract
from seodang.testing.language import PROMPTS
from seodang.texts import TranslationNote

PAGE = Path(__file__).parents[1] / "docs" / "locales.md"
PROMISES = {name for name in vars(LocaleContract) if name.startswith("test_")}


# Four languages


@pytest.fixture(scope="module")
def locales():
    offers = load_plugins().all("locale")
    return {offer.name: offer.cls() for offer in offers if offer.distribution == f"seodang-locale-{offer.name}"}


def test_four_languages_come_with_the_product(locales):
    assert {*locales} == {"en", "ja", "ko", "zh"}
    for language, locale in locales.items():
        assert locale.language == language and locale.package == f"seodang_locale_{language}"


def test_they_have_the_same_markers_and_limits(locales):
    for names in ("markers", "limits"):
        assert len({frozenset(getattr(locale, names)) for locale in locales.values()}) == 1, names


def test_each_shows_a_teacher_as_many_examples_as_self_instruct(locales):
    for locale in locales.values():
        shots = locale.shots
        assert [sum(shot.is_classification is answer for shot in shots.classification) for answer in (True, False)] == [12, 19]
        assert (len(shots.output_first), len(shots.input_first)) == (16, 11), locale.language


def test_korean_and_english_have_a_hundred_and_seventy_five_seeds(locales):
    assert [len(locales[language].seeds) for language in ("ko", "en")] == [175, 175]
    native = [task for task in locales["ko"].seeds if task.culture == "native"]
    assert len(native) > 100, "most of the Korean ones could come from nowhere else"


def test_no_word_of_one_language_is_looked_for_in_another(locales):
    """Names of models are the same everywhere; what a text may not speak of is not."""
    for one, other in itertools.combinations(locales.values(), 2):
        for words in ("refusals", "unsuitable"):
            shared = {*getattr(one, words)} & {*getattr(other, words)}
            # Japanese and Chinese share characters, and some words that are written with them.
            assert not shared or {one.language, other.language} == {"ja", "zh"}, shared


def test_each_language_is_told_from_the_others(locales):
    for own, other in itertools.permutations(locales.values(), 2):
        asked = [shot.instruction for shot in other.shots.classification]
        assert [text for text in asked if own.is_written_in(text)] == [], f"{other.language} taken for {own.language}"


def test_an_address_is_masked_in_every_language(locales):
    for locale in locales.values():
        mask = seodang.Pseudonyms(locale).mask
        assert re.fullmatch(r"<[^<>]+_1>", mask("gildong@example.org")), locale.language
        assert mask("3.14 @ 2023-05-01") == "3.14 @ 2023-05-01"


# A locale that breaks one promise


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A new locale as `seodang plugin new` writes it, and the test class that comes with it."""
    written = write_package("locale-qab", ["locale"], tmp_path_factory.mktemp("begun") / "package")
    sys.path.insert(0, str(written.directory / "src"))
    try:
        spec = importlib.util.spec_from_file_location("test_begun", written.directory / "tests" / "test_locale_qab.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module.LocaleQab, module.TestLocaleQab
    finally:
        sys.path.remove(str(written.directory / "src"))


def broken(locale, contract):
    """The promises that this locale breaks."""
    examined = type("Examined", (contract,), {"locale": type(locale), "__test__": False})()
    found = set()
    for name in PROMISES:
        taken = inspect.signature(getattr(examined, name)).parameters
        given = {"make": lambda: locale, "unit": "a"}
        try:
            getattr(examined, name)(**{parameter: given[parameter] for parameter in taken})
        except (AssertionError, pytest.fail.Exception):
            found.add(name)
    return found


def without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


def replaced(patterns, number, **changes):
    return tuple(msgspec.structs.replace(one, **changes) if place == number else one for place, one in enumerate(patterns))


def at_length(text):
    """Like a pattern that tries every way of parting a long text, but not until tomorrow."""
    begun = process_time()
    while len(text) > 10_000 and process_time() - begun < 2.1:
        pass
    return seodang.nfc(text)


BREAKS = {
    "a prompt is missing": ("test_it_has_every_prompt", lambda it: {"prompts": without(it.prompts, "compare")}),
    "a prompt has no place": (
        "test_it_has_every_prompt",
        lambda it: {"prompts": {**it.prompts, "grade": "Grade {answer}"}},
    ),
    "a prompt hides its marker": (
        "test_it_has_every_prompt",
        lambda it: {"prompts": {**it.prompts, "compare": "{question} {first} {second}"}},
    ),
    "a template goes on": (
        "test_it_has_every_template",
        lambda it: {"templates": {**it.templates, "instruction": "{instruction}"}},
    ),
    "a list is empty": ("test_it_has_every_marker_limit_and_word", lambda it: {"refusals": ()}),
    "a list is one text": ("test_it_has_every_marker_limit_and_word", lambda it: {"refusals": "I cannot"}),
    "a limit is missing": (
        "test_it_has_every_marker_limit_and_word",
        lambda it: {"limits": without(it.limits, "input-most")},
    ),
    "its own seeds are too long": ("test_its_limits_leave_room", lambda it: {"limits": {**it.limits, "instruction-most": 4}}),
    "a pattern finds everything": (
        "test_its_patterns_find_what_they_are_for",
        lambda it: {"patterns": {**it.patterns, "refusal": ""}},
    ),
    "a pattern has no example": (
        "test_its_patterns_find_what_they_are_for",
        lambda it: {"patterns": {**it.patterns, "other": "x"}},
    ),
    "a number is not checked": (
        "test_its_personal_patterns_find_what_they_are_for",
        lambda it: {"personal": replaced(it.personal, 1, check="")},
    ),
    "a placeholder is an address": (
        "test_what_it_masks_is_gone_and_nothing_else",
        lambda it: {"personal": replaced(it.personal, 0, placeholder="a@b.cc")},
    ),
    "a seed is there twice": ("test_its_seeds_can_be_drawn_from", lambda it: {"seeds": (*it.seeds, it.seeds[0])}),
    "there are no shots": ("test_its_shots_are_enough", lambda it: {"shots": seodang.Shots((), (), ())}),
    "an answer names nobody": (
        "test_its_identity_can_be_filled_in",
        lambda it: {"identity": seodang.IdentityQuestions((seodang.IdentityGroup(("Who?",), ("I am {name}.",)),))},
    ),
    "the code is another's": (
        "test_a_translator_can_be_told",
        lambda it: {"translation": TranslationNote(codes=("xx",))},
    ),
    "nobody is named who has read it": ("test_everything_says_who_has_read_it", lambda it: {"notes": {}}),
    "white space is lost": ("test_its_sentences_lose_nothing", lambda it: {"sentences": str.split}),
    "tokens are one text": ("test_its_tokens_are_words_to_compare", lambda it: {"similarity_tokens": str.upper}),
    "a rule goes back and forth": (
        "test_its_rules_take_a_long_text",
        lambda it: {"normal": at_length},
    ),
    "a number is a language": (
        "test_it_knows_its_own_language",
        lambda it: {"is_written_in": lambda text: "가" not in text and "学" not in text},
    ),
    "parts of words are found": (
        "test_it_finds_words_and_not_parts_of_words",
        lambda it: {"mentions": lambda text, words: [word for word in words if word in text]},
    ),
    "normal text changes again": ("test_normal_text_stays_as_it_is", lambda it: {"normal": lambda text: text + " "}),
    "two numbers are written alike": (
        "test_numbers_money_and_dates_are_texts",
        lambda it: {"number": lambda number: f"{number:,.0f}"},
    ),
    "a level is not known": ("test_its_speech_levels_are_told_apart", lambda it: {"speech_level": lambda text: "formal"}),
    "a particle takes the word's place": (
        "test_particles_follow_their_word",
        lambda it: {"particle": lambda word, choice: choice},
    ),
}


def test_a_new_locale_keeps_every_promise(begun):
    locale, contract = begun
    assert issubclass(contract, CapabilityContract) and broken(locale(), contract) == set()


@pytest.mark.parametrize("break_", BREAKS)
def test_a_broken_promise_is_noticed_and_no_other_is_blamed(begun, break_):
    locale, contract = begun
    promise, changes = BREAKS[break_]
    spoilt = locale()
    for name, value in changes(spoilt).items():
        setattr(spoilt, name, value)
    assert broken(spoilt, contract) == {promise}


def test_every_promise_has_been_broken_once(begun):
    locale, contract = begun
    misnamed = type("Misnamed", (locale,), {"name": "xx"})
    assert broken(misnamed(), contract) == {"test_it_is_found_by_its_language"}
    assert {promise for promise, _ in BREAKS.values()} | {"test_it_is_found_by_its_language"} == PROMISES


# A fifth language, as docs/locales.md says


def blocks(language):
    """The blocks of the page that say what to write into a file, by the file."""
    found = re.findall(rf"```{language}\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return dict(found)


def test_the_page_lists_the_prompts_that_every_locale_has():
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: tuple(re.findall(r"`\{(\w+)\}`", places)) for name, places in rows} == PROMPTS


def put_in_place(text, new):
    """The lines of `new` in place of those that say the same in English; a table of a prompt as a whole."""
    for part in re.split(r"\n(?=\[)", new.strip("\n")):
        header = part.partition("\n")[0] if part.startswith("[") else ""
        if header.startswith("[prompt."):
            text, count = re.subn(
                rf"{re.escape(header)}\n.*?(?=\n\[[a-z-]+[.\]])", lambda _, part=part: part.rstrip() + "\n", text, flags=re.DOTALL
            )
            assert count == 1, header
            continue
        for line in part.splitlines():
            key = re.match(r'\s*"?[\w-]+"?(?= =|:)', line)
            if key:
                text, count = re.subn(
                    rf"^{re.escape(key.group())}(?: =|:) .*$", lambda _, line=line: line, text, flags=re.MULTILINE
                )
                assert count == 1, line
    return text


def test_a_fifth_language_is_added_as_the_page_says(tmp_path, monkeypatch):
    page = PAGE.read_text(encoding="utf-8")
    (shell,) = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    begin, enter, install, check = shell.splitlines()
    assert begin.startswith("seodang plugin ") and install == "python -m pip install -e ." and check == "python -m pytest"

    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, begin.removeprefix("seodang plugin ").split())
    assert done.exit_code == 0, done.output
    place = tmp_path / enter.removeprefix("cd ")
    run = [sys.executable, *check.removeprefix("python ").split(), "-q", "-p", "no:cacheprovider"]
    environment = {"PYTHONPATH": str(place / "src"), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    before = subprocess.run(run, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert before.returncode == 0, before.stdout

    changed = {**blocks("toml"), **blocks("python")}
    assert len(changed) == 3
    for path, new in changed.items():
        text = (place / path).read_text(encoding="utf-8")
        if path.endswith("__init__.py"):
            text = text.replace("\n\n@seodang.hookimpl", f"{new}\n\n@seodang.hookimpl")
            assert "def mentions" in text
        else:
            text = put_in_place(text, new)
        (place / path).write_text(text, encoding="utf-8")
    after = subprocess.run(run, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert after.returncode == 0, after.stdout
    assert "Taksu la respondon" in (place / "src/seodang_locale_eo/texts.toml").read_text(encoding="utf-8")
    assert "finiĝis" in (place / "tests/test_locale_eo.py").read_text(encoding="utf-8")
