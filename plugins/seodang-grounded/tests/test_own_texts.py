"""The lesson's own texts in four languages; these need no locale."""

import re

import pytest
from seodang_grounded.texts import own_texts


@pytest.mark.parametrize("language", ["ko", "en", "ja", "zh"])
def test_every_language_has_its_own_texts(language):
    texts = own_texts(language)
    assert "{count}" in texts.several and "###" in texts.several
    assert set(texts.leftovers) == {"asks-for-votes", "appended-answer", "refers-to-post", "advertising"}
    assert language == "en" or texts != own_texts("en")


def test_a_language_without_own_texts_has_the_english_ones():
    assert own_texts("xx") == own_texts("en")


@pytest.mark.parametrize(
    ("language", "code", "found", "not_found"),
    [
        ("ko", "asks-for-votes", "도움이 되셨다면 채택 부탁드립니다.", "안건이 만장일치로 채택되었습니다."),
        ("ko", "advertising", "카톡 문의 환영합니다.", "카톡은 널리 쓰입니다."),
        ("en", "refers-to-post", "As the asker says, it is cold.", "Ask whoever is near."),
        ("ja", "asks-for-votes", "ベストアンサーをお願いします。", "これが答えです。"),
        ("zh", "refers-to-post", "楼主说得对。", "他住在三楼。"),
    ],
)
def test_its_patterns_find_what_they_are_for(language, code, found, not_found):
    pattern = own_texts(language).leftovers[code]
    assert re.search(pattern, found) and not re.search(pattern, not_found)
