"""The small parts under a recipe: settings, line numbers, nearest words, versions."""

import pytest
from seodang.recipes.lines import key_lines
from seodang.recipes.nearest import did_you_mean, nearest
from seodang.recipes.settings import setting_value
from seodang.recipes.versions import fits_version, read_requirement


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("true", True),
        ('["a", 1]', ["a", 1]),
        ("gpt-4o", "gpt-4o"),
        ("'q'", "q"),
        ("1\nother = 2", "1\nother = 2"),
        ("", ""),
    ],
)
def test_a_setting_is_toml_or_else_a_word(text, value):
    assert setting_value(text) == value


def test_lines_are_counted_past_strings_brackets_and_dotted_keys():
    text = (
        '# [[step]]\n[recipe]\nname = """\n[[step]]\nseeds = 1\n"""\nrequires = [\n  "a]", # ]\n]\n[[step]]\na.b '
        '= {c = [\n1]}\n[step.sub]\nd = 1\n[["step"]]\n'
    )
    assert key_lines(text) == {
        ("recipe",): 2,
        ("recipe", "name"): 3,
        ("recipe", "requires"): 7,
        ("step", 0): 10,
        ("step", 0, "a"): 11,
        ("step", 0, "a", "b"): 11,
        ("step", 0, "sub"): 13,
        ("step", 0, "sub", "d"): 14,
        ("step", 1): 15,
    }


def test_the_nearest_word_is_found_and_no_word_is_forced():
    assert nearest("levle", ["level", "label"]) == "level"
    assert nearest("temp", ["temperature", "model"]) == "temperature"
    assert nearest("in-flight", ["in_flight"]) == "in_flight"
    assert nearest("zzz", ["level"]) is None
    assert str(did_you_mean("zzz", [])) == ""


@pytest.mark.parametrize(
    ("version", "clauses", "fits"),
    [
        ("0.2.1", ">=0.2,<0.3", True),
        ("0.3", ">=0.2,<0.3", False),
        ("0.10", ">=0.9", True),
        ("1.0rc1", ">=1.0", False),
        ("1.0", "==1.0.0", True),
        ("1.4.2", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("1.4.9", "==1.4.*", True),
        ("1.5", "!=1.5", False),
        ("1.5", "", True),
    ],
)
def test_versions_are_compared_by_their_numbers(version, clauses, fits):
    assert fits_version(version, clauses) is fits


def test_a_requirement_is_a_distribution_with_versions():
    assert read_requirement("seodang-deepl>=0.2,<0.3").met_by("0.2.5")
    assert read_requirement("seodang-deepl[extra] >= 0.2").name == "seodang-deepl"
    assert read_requirement("seodang deepl") is None and read_requirement("x>=") is None
