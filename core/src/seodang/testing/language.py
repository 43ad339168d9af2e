"""The contracts of what is particular to a language."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from time import process_time
from typing import ClassVar

import pytest

from seodang.capabilities import Locale, Splitter
from seodang.personal import PersonalData, Pseudonyms
from seodang.testing.contract import CapabilityContract
from seodang.testing.samples import TEXTS
from seodang.texts import REVIEWED, DataNote, LocaleText, locale_texts

PROMPTS = {
    "answer-system": (),
    "identity-system": ("name", "author"),
    "new-instruction": ("examples",),
    "new-instructions": ("examples", "count", "first"),
    "is-classification": ("examples", "instruction"),
    "instances-input-first": ("examples", "instruction"),
    "instances-output-first": ("examples", "instruction"),
    "grounded": ("title", "body", "answer"),
    "evolve-deeper": ("instruction",),
    "evolve-broader": ("instruction",),
    "rewrite-level": ("text", "level"),
    "classify": ("text", "labels"),
    "translate": ("text", "source", "target"),
    "grade": ("question", "answer"),
    "grade-with-reference": ("question", "reference", "answer"),
    "compare": ("question", "first", "second"),
    "guard": ("canary",),
}
"""What plugins ask every locale for, and what they fill in. A plugin that needs other texts brings them itself."""

TEMPLATES = {"instruction": ("instruction",), "instruction-input": ("instruction", "input")}
"""How an instruction is put to a model without a chat template. Each ends where the answer begins."""

MARKERS = (*("first", "grade", "input", "instruction", "label", "no", "no-input", "output", "second", "tie", "yes"),)
"""The words by which the parts of an answer to these prompts are told apart."""

SHOWN = {
    "new-instruction": ("instruction", "input", "output", "no-input"),
    "new-instructions": ("instruction", "input", "output", "no-input"),
    "is-classification": ("instruction", "label", "yes", "no"),
    "instances-input-first": ("instruction", "input", "output"),
    "instances-output-first": ("instruction", "input", "label"),
    "grounded": ("instruction", "output"),
    "grade": ("grade",),
    "grade-with-reference": ("grade",),
    "compare": ("first", "second", "tie"),
}
"""The markers whose first word a prompt has to show, because its answer is read by them."""

LIMITS = ("answer-least", "answer-most", "input-most", "instruction-least", "instruction-most", "similarity-percent")
"""Lengths in the locale's `unit`, and the per cent of likeness from which an instruction is not new."""

PATTERNS = (
    "asks-for-program",
    "bad-beginning",
    "injection",
    "knowledge-limit",
    "language-task",
    "refusal",
    "script",
    "self-reference",
)
"""What filters look for in texts; `script` matches one letter of the language's writing."""

SHOTS = {"yes": 12, "no": 19, "output_first": 16, "input_first": 11}
"""How many worked examples of each sort there are at least: as many as Self-Instruct shows."""

NOTES = ("identity", "seeds", "shots", "words")
"""What says who has read it and under which licence it is, beside each prompt and template."""

CODE_ONLY = ("", "12,345 + 7", "```python\nprint('서당', '学校')\n```", "https://example.org/orders?id=7", "`result`")
"""Texts in no language."""

MONOTONOUS = ("a", "1-", "a.", "a_", "A b. ", "(", '"', "가", "시 ", "학", "あ", "4111 ", "a@", "\n")
"""What long texts are made of that make a careless regular expression go back and forth for minutes."""


def places_of(text: str) -> set[str]:
    """The names in braces."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def check_places(what: str, text: str, places: Sequence[str]) -> None:
    assert text.strip(), f"{what} has no text"
    filled = places_of(text)
    assert filled == {*places}, f"{what} has to be filled with {places}, not with {sorted(filled)}"


def check_names(what: str, needed: Iterable[str], given: Iterable[str]) -> None:
    missing = sorted({*needed} - {*given})
    assert not missing, f"{what} lack {', '.join(missing)}"


def outside(text: str, places: Iterable[PersonalData]) -> str:
    """The text without what stands at these places."""
    parts, end = [], 0
    for place in places:
        parts.append(text[end : place.start])
        end = place.end
    return "".join((*parts, text[end:]))


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
    """A locale has every text that plugins ask it for, and its rules keep their promises on any text.

    What it finds is shown by the test class: for each pattern, each kind of personal data and each speech level a text that has it,
    and for the first two one that looks alike and has it not. So no pattern is untried, and none was written for another language.
    """

    __test__ = False
    kind = "locale"
    locale: ClassVar[type[Locale]]
    own: ClassVar[Sequence[str]] = ()
    """Texts in the language; one of them at least has two sentences."""
    foreign: ClassVar[Sequence[str]] = ()
    """Texts in other languages, as near to this one as there are."""
    pattern_examples: ClassVar[Mapping[str, tuple[str, str]]] = {}
    personal_examples: ClassVar[Mapping[str, tuple[str, str]]] = {}
    unsuitable_examples: ClassVar[tuple[str, str]] = ("", "")
    level_examples: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[Sequence[str]] = ("school", "서당", "7", "LLaMA", "")
    choices: ClassVar[Sequence[str]] = ("을/를", "이/가", "은/는")

    def test_it_is_found_by_its_language(self) -> None:
        """A recipe says `language = "ko"`; that is the name under which the locale is looked for."""
        assert re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", self.locale.language), "language is a code, as in 'ko' or 'pt-br'"
        assert self.locale.name == self.locale.language, "name and language of a locale are one"

    def test_it_has_every_prompt(self, make: Callable[[], Locale]) -> None:
        locale = make()
        check_names("prompts", PROMPTS, locale.prompts)
        for name, places in PROMPTS.items():
            check_places(f"prompt {name!r}", locale.prompts[name], places)
        for name, markers in SHOWN.items():
            hidden = [locale.markers[marker][0] for marker in markers if locale.markers[marker][0] not in locale.prompts[name]]
            assert not hidden, f"prompt {name!r} does not show the markers its answer is read by: {', '.join(hidden)}"
        assert all(mark in locale.prompts["guard"] for mark in ("<material ", "</material ")), "prompt 'guard' tells of the marks"

    def test_it_has_every_template(self, make: Callable[[], Locale]) -> None:
        locale = make()
        check_names("templates", TEMPLATES, locale.templates)
        for name, places in TEMPLATES.items():
            check_places(f"template {name!r}", locale.templates[name], places)
            assert not locale.templates[name].endswith(("}", "\n")), f"template {name!r} does not end where the answer begins"

    def test_it_has_every_marker_limit_and_word(self, make: Callable[[], Locale]) -> None:
        """An empty list would make a filter that finds nothing, and nobody would notice."""
        locale = make()
        check_names("markers", MARKERS, locale.markers)
        check_names("limits", LIMITS, locale.limits)
        check_names("patterns", PATTERNS, locale.patterns)
        lists = {f"marker {name}": words for name, words in locale.markers.items()}
        lists |= {"refusals": locale.refusals, "vendors": locale.vendors, "unsuitable": locale.unsuitable}
        wrong = [name for name, words in lists.items() if isinstance(words, str) or not words or not all(map(str.strip, words))]
        wrong += [name for name, words in lists.items() if len({*words}) < len(words)]
        assert not wrong, f"these are no lists of different words: {', '.join(wrong)}"

    def test_its_limits_leave_room(self, make: Callable[[], Locale]) -> None:
        locale = make()
        wrong = [name for name, limit in locale.limits.items() if type(limit) is not int or limit < 1]
        assert not wrong, f"limits are whole numbers above 0, but not these: {', '.join(wrong)}"
        assert locale.unit in ("characters", "words")
        assert locale.limits["instruction-least"] < locale.limits["instruction-most"]
        assert locale.limits["answer-least"] < locale.limits["answer-most"]
        assert locale.limits["similarity-percent"] <= 100
        lengths = [locale.length(task.instruction) for task in locale.seeds] or [locale.limits["instruction-least"]]
        assert locale.limits["instruction-least"] <= min(lengths) and max(lengths) <= locale.limits["instruction-most"], (
            f"its own seeds, of {min(lengths)} to {max(lengths)} {locale.unit}, break its limits"
        )

    def test_its_patterns_find_what_they_are_for(self, make: Callable[[], Locale]) -> None:
        locale = make()
        check_names("pattern_examples", locale.patterns, self.pattern_examples)
        for name, pattern in locale.patterns.items():
            found, not_found = self.pattern_examples[name]
            assert re.search(pattern, found), f"pattern {name!r} does not find {found!r}"
            assert not re.search(pattern, not_found), f"pattern {name!r} finds {not_found!r}"

    def test_its_personal_patterns_find_what_they_are_for(self, make: Callable[[], Locale]) -> None:
        locale = make()
        kinds = {pattern.kind for pattern in locale.personal}
        assert kinds, "there is no pattern for personal data; an e-mail address is the same everywhere"
        check_names("personal_examples", kinds, self.personal_examples)
        shown = {(pattern.kind, pattern.placeholder, pattern.token) for pattern in locale.personal}
        assert len(shown) == len(kinds) and all(placeholder for _, placeholder, _ in shown), "one placeholder for each kind"
        for kind, (with_it, without) in self.personal_examples.items():
            assert kind in {place.kind for place in locale.personal_data(with_it)}, f"no {kind} is found in {with_it!r}"
            assert kind not in {place.kind for place in locale.personal_data(without)}, f"{kind} is found in {without!r}"

    def test_what_it_masks_is_gone_and_nothing_else(self, make: Callable[[], Locale]) -> None:
        locale = make()
        assert self.personal_examples, "`personal_examples` has a text for every kind of personal data"
        for with_it, without in self.personal_examples.values():
            kept = outside(with_it, locale.personal_data(with_it))
            masked = Pseudonyms(locale).mask(with_it)
            assert masked != with_it and re.sub(r"<[^<>]+_\d+>", "", masked) == kept
            assert not locale.personal_data(masked), f"masked once, there is personal data left: {masked!r}"
            known = outside(without, locale.personal_data(without))
            assert re.sub(r"<[^<>]+_\d+>", "", Pseudonyms(locale).mask(without)) == known

    def test_its_seeds_can_be_drawn_from(self, make: Callable[[], Locale]) -> None:
        """Self-Instruct shows eight at a time; of those in the product's own languages a sixth ask for a label."""
        locale = make()
        seeds = locale.seeds
        assert len(seeds) >= 8, "there are too few seeds to show eight"
        assert len({task.id for task in seeds}) == len(seeds), "two seeds have one id"
        assert len({task.instruction + task.input for task in seeds}) == len(seeds), "two seeds are equal"
        blank = [task.id for task in seeds if not (task.instruction.strip() and task.output.strip() and task.name.strip())]
        assert not blank, f"these seeds have no name, instruction or output: {', '.join(blank)}"
        assert 0.05 <= sum(task.is_classification for task in seeds) / len(seeds) <= 0.4, (
            "a few seeds ask for a label, most do not"
        )
        assert {bool(task.input) for task in seeds} == {True, False}, "some seeds have an input and some have none"
        assert {task.register for task in seeds} <= {"", *locale.speech_levels}, "a register is one of the speech levels"
        foreign = [task.id for task in seeds if not locale.is_written_in(task.instruction)]
        assert not foreign, f"these seeds are not in the language: {', '.join(foreign)}"

    def test_its_shots_are_enough(self, make: Callable[[], Locale]) -> None:
        shots = make().shots
        counts = {
            "yes": sum(shot.is_classification for shot in shots.classification),
            "no": sum(not shot.is_classification for shot in shots.classification),
            "output_first": len(shots.output_first),
            "input_first": len(shots.input_first),
        }
        few = {name: count for name, count in counts.items() if count < SHOTS[name]}
        assert not few, f"there are too few worked examples: {few} of {SHOTS}"
        asked = [shot.instruction for shot in shots.classification]
        asked += [shot.instruction for shot in (*shots.output_first, *shots.input_first)]
        assert all(map(str.strip, asked)) and len({*asked}) == len(asked), "an instruction is empty or there twice"
        assert all(shot.output.strip() for shot in (*shots.output_first, *shots.input_first)), "an output is empty"
        assert any(shot.input for shot in shots.input_first) and any(shot.input for shot in shots.output_first)

    def test_its_identity_can_be_filled_in(self, make: Callable[[], Locale]) -> None:
        groups = make().identity.group
        assert groups and all(group.questions and group.answers for group in groups), "a group has no question or no answer"
        answers = [answer for group in groups for answer in group.answers]
        used = {place for text in answers for place in places_of(text)}
        assert used == {"name", "author"}, f"the answers fill in {sorted(used)}, not name and author"
        named = [answer.format(name="서당지기", author="seodang") for answer in answers]
        assert all("{" not in answer for answer in named)

    def test_a_translator_can_be_told(self, make: Callable[[], Locale]) -> None:
        note = make().translation
        assert note.codes and note.codes[0].partition("-")[0].lower() == self.locale.language.partition("-")[0]
        assert (note.formality == "instruction") == bool(note.instruction), (
            "an instruction, where formality is asked for in words"
        )

    def test_everything_says_who_has_read_it(self, make: Callable[[], Locale]) -> None:
        locale = make()
        assert locale.package, "`package` names the package with texts.toml in it"
        check_names("[data.…] of texts.toml", NOTES, locale.notes)
        texts = locale_texts(locale.package)
        notes: dict[str, LocaleText | DataNote] = {**texts.prompt, **texts.template, **locale.notes}
        unmarked = [name for name, note in notes.items() if note.reviewed not in REVIEWED or not note.licence.strip()]
        assert not unmarked, f"these do not say who has read them, or their licence: {', '.join(unmarked)}"

    def test_its_sentences_lose_nothing(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for text in (*TEXTS, *self.own):
            check_parts(text, locale.sentences(text))
        assert any(len(locale.sentences(text)) > 1 for text in self.own), "none of `own` has two sentences"

    def test_its_tokens_are_words_to_compare(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for text in (*TEXTS, *self.own):
            tokens = locale.similarity_tokens(text)
            assert not isinstance(tokens, str) and all(isinstance(token, str) and token for token in tokens)
            assert list(tokens) == list(locale.similarity_tokens(text))
        assert self.own and all(locale.similarity_tokens(text) for text in self.own), "one of `own` has no token"

    @pytest.mark.parametrize("unit", MONOTONOUS)
    def test_its_rules_take_a_long_text(self, make: Callable[[], Locale], unit: str) -> None:
        """Input files are hostile. Two seconds are a hundred times what a rule needs that looks at every sign a few times."""
        locale = make()
        text = unit * (40_000 // len(unit))
        begun = process_time()
        locale.sentences(text), locale.similarity_tokens(text), locale.is_written_in(text), locale.normal(text)
        locale.mentions(text, locale.unsuitable), locale.speech_level(text), locale.personal_data(text)
        found = [name for name, pattern in locale.patterns.items() if re.search(pattern, text)]
        assert process_time() - begun < 2, f"rules of {locale.language!r} need too long for {unit!r} many times: see {found}"

    def test_it_knows_its_own_language(self, make: Callable[[], Locale]) -> None:
        """Code, addresses and numbers are in no language."""
        locale = make()
        assert self.own and self.foreign, "`own` and `foreign` are texts to tell apart"
        assert [text for text in self.own if not locale.is_written_in(text)] == []
        assert [text for text in (*CODE_ONLY, *self.foreign) if locale.is_written_in(text)] == []
        assert {locale.is_written_in(text) for text in TEXTS} <= {True, False}

    def test_it_finds_words_and_not_parts_of_words(self, make: Callable[[], Locale]) -> None:
        locale = make()
        with_it, without = self.unsuitable_examples
        assert locale.mentions(with_it, locale.unsuitable), f"none of `unsuitable` is found in {with_it!r}"
        assert without and not locale.mentions(without, locale.unsuitable), f"one of `unsuitable` is found in {without!r}"
        for text in TEXTS:
            assert {*locale.mentions(text, locale.vendors)} <= {*locale.vendors}
            assert list(locale.mentions(text, ())) == []

    def test_normal_text_stays_as_it_is(self, make: Callable[[], Locale]) -> None:
        locale = make()
        for text in (*TEXTS, *self.own):
            normal = locale.normal(text)
            assert unicodedata.is_normalized("NFC", normal) and locale.normal(normal) == normal
            assert locale.length(text) >= 0

    def test_numbers_money_and_dates_are_texts(self, make: Callable[[], Locale]) -> None:
        """Two values are never written alike, and none is written as nothing."""
        locale = make()
        numbers = (0, 7, 10_000, 12_345, 120_000_000, -3, 0.5, Decimal("1234.50"))
        currencies = ("KRW", "USD", "EUR", "XTS")
        days = (date(2024, 1, 2), date(2024, 2, 1), date(1999, 12, 31), date(2024, 2, 29))
        for texts in (
            [locale.number(number) for number in numbers],
            [locale.money(number, currency) for number in numbers for currency in currencies],
            [locale.date(day) for day in days],
            [locale.time(time(hour, minute)) for hour in (0, 2, 12, 14) for minute in (0, 5, 50)],
        ):
            assert all(isinstance(text, str) and text.strip() == text != "" for text in texts)
            assert len({*texts}) == len(texts), f"two values are written alike: {texts}"

    def test_its_speech_levels_are_told_apart(self, make: Callable[[], Locale]) -> None:
        """A language without speech levels says nothing."""
        locale = make()
        assert {*locale.polite_levels} <= {*locale.speech_levels}, "a polite level is one of the speech levels"
        assert bool(locale.polite_levels) == bool(locale.speech_levels), "somebody who asks is answered in a polite level"
        check_names("level_examples", locale.speech_levels, self.level_examples)
        told = {level: locale.speech_level(text) for level, text in self.level_examples.items()}
        assert told == {level: level for level in locale.speech_levels}
        possible = {"", locale.mixed, *locale.speech_levels} if locale.speech_levels else {""}
        assert {locale.speech_level(text) for text in (*TEXTS, *self.own)} <= possible

    def test_particles_follow_their_word(self, make: Callable[[], Locale]) -> None:
        """A language without particles changes nothing; with them, the word stays in front."""
        locale = make()
        for word in self.words:
            for choice in self.choices:
                attached = locale.particle(word, choice)
                assert isinstance(attached, str) and attached.startswith(word)
                assert locale.particle(word, choice) == attached
