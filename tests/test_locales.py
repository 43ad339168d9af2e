"""What holds between the languages that the product itself ships."""

from seodang_locale_en import English
from seodang_locale_ko import Korean


def test_english_and_korean_have_the_same_texts():
    english, korean = English(), Korean()
    assert set(english.prompts) == set(korean.prompts)
    assert set(english.markers) == set(korean.markers)
    assert set(english.patterns) == set(korean.patterns)


def test_a_prompt_has_the_same_places_to_fill_in_every_language():
    for name, text in English().prompts.items():
        for place in ("{examples}", "{question}", "{answer}"):
            assert (place in text) == (place in Korean().prompts[name]), name
