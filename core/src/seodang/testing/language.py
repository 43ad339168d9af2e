"""The contracts of what is particular to a language."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import ClassVar

import pytest

from seodang.capabilities import Locale, Splitter
from seodang.testing.contract import CapabilityContract
from seodang.testing.samples import TEXTS

PROMPTS = {"answer-system": (), "grade": ("question", "answer"), "new-instruction": ("examples",)}
"""What plugins ask every locale for, and what they fill in. A plugin that needs other texts brings them itself."""

MARKERS = ("grade", "input", "instruction", "no-input", "output")
"""The words by which the parts of an answer to these prompts are told apart."""


def check_parts(text: str, parts: Sequence[str]) -> None:
    """Splitting loses nothing and invents nothing."""
    assert "".join(parts) == text, f"the parts joined are not the text: {parts!r} for {text!r}"
    assert all(parts) or not text, f"a part is empty: {parts!r} for {text!r}"


class SplitterContract(CapabilityContract):
    """A splitter is lossless: the parts joined are the text, whatever the text is."""

    __test__ = False
    kind = "splitter"
    splitter: ClassVar[type[Splitter]]
    texts: ClassVar[Sequence[str]] = TEXTS

    @pytest.mark.parametrize("number", range(len(TEXTS)))
    def test_it_loses_nothing(self, make: Callable[[], Splitter], number: int) -> None:
        check_parts(TEXTS[number], make().split(TEXTS[number]))

    def test_it_splits_something(self, make: Callable[[], Splitter]) -> None:
        """A splitter that never splits is lossless too. `texts` are given where it knows a language that the samples lack."""
        splitter = make()
        for text in self.texts:
            check_parts(text, splitter.split(text))
        assert any(len(splitter.split(text)) > 1 for text in self.texts), "none of `texts` was split"

    def test_it_splits_the_same_way_again(self, make: Callable[[], Splitter]) -> None:
        splitter = make()
        assert [list(splitter.split(text)) for text in TEXTS] == [list(make().split(text)) for text in TEXTS]


class LocaleContract(CapabilityContract):
    """A locale has every text that plugins ask it for, and its functions keep their promises on any text."""

    __test__ = False
    kind = "locale"
    locale: ClassVar[type[Locale]]
    texts: ClassVar[Sequence[str]] = TEXTS
    words: ClassVar[Sequence[str]] = ("school", "서당", "7", "LLaMA", "")
    choices: ClassVar[Sequence[str]] = ("을/를", "이/가", "은/는")

    def test_it_is_found_by_its_language(self) -> None:
        """A recipe says `language = "ko"`; that is the name under which the locale is looked for."""
        assert re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", self.locale.language), "language is a code, as in 'ko' or 'pt-br'"
        assert self.locale.name == self.locale.language, "name and language of a locale are one"

    def test_its_texts_are_there(self, make: Callable[[], Locale]) -> None:
        locale = make()
        missing = sorted({*PROMPTS} - {*locale.prompts} | {*MARKERS} - {*locale.markers})
        assert not missing, f"these prompts or markers are missing: {', '.join(missing)}"
        for name, places in PROMPTS.items():
            filled = {field for _, field, _, _ in string.Formatter().parse(locale.prompts[name]) if field is not None}
            assert filled == {*places}, f"prompt {name!r} has to be filled with {places}, not with {sorted(filled)}"
        empty = [name for name, text in locale.prompts.items() if not isinstance(text, str) or not text.strip()]
        empty += [name for name, texts in locale.markers.items() if isinstance(texts, str) or not all(texts)]
        assert not empty, f"these prompts or markers have no text: {', '.join(empty)}"
        assert not isinstance(locale.refusals, str) and all(locale.refusals), "refusals is a sequence of texts"

    def test_its_patterns_and_limits_can_be_used(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for name, pattern in locale.patterns.items():
            try:
                re.compile(pattern)
            except re.error as error:
                pytest.fail(f"pattern {name!r} is no regular expression: {error}")
        wrong = [
            name for name, limit in locale.limits.items() if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0
        ]
        assert not wrong, f"limits are whole numbers, but not these: {', '.join(wrong)}"

    def test_its_sentences_lose_nothing(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for text in (*TEXTS, *self.texts):
            check_parts(text, locale.sentences(text))
        assert any(len(locale.sentences(text)) > 1 for text in self.texts), "none of `texts` has two sentences"

    def test_its_tokens_are_words_to_compare(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for text in (*TEXTS, *self.texts):
            tokens = locale.similarity_tokens(text)
            assert not isinstance(tokens, str) and all(isinstance(token, str) and token for token in tokens)
            assert list(tokens) == list(locale.similarity_tokens(text))
        assert any(locale.similarity_tokens(text) for text in self.texts), "no text has a token"

    def test_registers_and_particles_are_texts(self, make: Callable[[], Locale]) -> None:
        """A language without speech levels or particles says nothing and changes nothing; with them, the word stays in front."""
        locale = make()
        for text in (*TEXTS, *self.texts):
            assert isinstance(locale.speech_level(text), str)
        for word in self.words:
            for choice in self.choices:
                attached = locale.particle(word, choice)
                assert isinstance(attached, str) and attached.startswith(word)
                assert locale.particle(word, choice) == attached
