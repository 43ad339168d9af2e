import re

import seodang
from seodang.testing import LocaleContract
from seodang.texts import REVIEWED
from seodang_locale_en import English


class TestEnglish(LocaleContract):
    locale = English


def test_abbreviations_and_initials_end_no_sentence():
    text = "Dr. J. Kim paid 3.14 dollars, e.g. for tea. Was it much? “No.” He took bus No. 7."
    assert English().sentences(text) == [
        "Dr. J. Kim paid 3.14 dollars, e.g. for tea. ",
        "Was it much? ",
        "“No.” ",
        "He took bus No. 7.",
    ]


def test_code_stays_whole():
    text = "Run it.\n```python\na = 1. \nB = 2\n```\nDone."
    assert English().sentences(text) == ["Run it.\n", "```python\na = 1. \nB = 2\n```\n", "Done."]


def test_words_are_compared_without_case_and_marks():
    assert English().similarity_tokens("Don't PANIC, it's fine!") == ["don't", "panic", "it's", "fine"]


def test_english_has_no_speech_level_and_no_particles():
    assert English().speech_level("Go!") == ""
    assert English().particle("school", "을/를") == "school"


def test_every_prompt_says_who_has_reviewed_it():
    for prompt in seodang.locale_texts("seodang_locale_en").prompt.values():
        assert prompt.reviewed in REVIEWED and prompt.licence


def test_the_patterns_find_what_they_are_for():
    patterns = English().patterns
    assert re.search(patterns["self-reference"], "As an AI language model, I have no body.")
    assert re.search(patterns["refusal"], "I'm sorry, but no.")
    assert not re.search(patterns["refusal"], "The school has one room.")
