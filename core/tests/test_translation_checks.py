"""The checks on a translation: what each says of a damage, and that it says nothing of what languages may do."""

import re

import pytest
import seodang
from seodang.texts import LengthRatio, MistakenWord, NumberWords, TranslationNote
from seodang.translation import checks
from seodang.translation.checks import Pair


class Runes(seodang.Locale):
    """A language that nobody speaks: written in Greek letters, with two speech levels and tens of thousands."""

    name = language = "runes"
    speech_levels = ("high", "higher")
    polite_levels = ("high",)
    patterns = {"script": "[α-ω]"}
    number_words = NumberWords(words={"3": "τρια"}, scales={"10000": "(?<=[0-9])μ"})
    translation = TranslationNote(
        lengths={"plain": LengthRatio(least=0.5, most=2, too_short=0.3, counts_from=10)},
        mistaken=(MistakenWord(language="plain", source=r"\bodd one out\b", target="περιττος", unless="odd number"),),
    )

    def sentences(self, text):
        return re.findall(r"[^.!?]+[.!?]*\s*", text) or [text]

    def speech_counts(self, text):
        counts: dict[str, int] = {}
        for sentence in self.sentences(text):
            for ending, level in (("ηι.", "high"), ("ηι", "high"), ("ωι.", "higher"), ("ωι", "higher")):
                if sentence.strip().endswith(ending):
                    counts[level] = counts.get(level, 0) + 1
                    break
        return counts


class Plain(seodang.Locale):
    name = language = "plain"
    patterns = {"script": "[a-z]"}
    number_words = NumberWords(
        words={"3": r"\bthree\b", "20": r"\btwenty\b", "5": r"\bfive\b"}, scales={"1000": r"\bthousand\b"}, between=r"[\s-]?"
    )

    def sentences(self, text):
        return re.findall(r"[^.!?]+[.!?]*\s*", text) or [text]


def said(source, target, *, whole=False, **facts):
    pair = Pair(
        source=source,
        target=target,
        source_language="plain",
        target_language="runes",
        source_locale=Plain(),
        target_locale=Runes(),
        **facts,
    )
    return {finding.code: (finding.severity, finding.detail) for finding in checks.findings(pair, whole=whole)}


GOOD = "λογος και λογος και τελος ητι αλλο."


def test_a_sound_translation_passes_every_check():
    assert said("A word and another word and an end, or so.", GOOD) == {}
    assert said("A word.\n\n- one\n- two", "λογος.\n\n- α\n- β", whole=True) == {}


@pytest.mark.parametrize(
    ("name", "source", "target", "facts"),
    [
        ("literals", "Press <b>this</b> now.", "<b>λογος τελος.", {}),
        ("literals", "Press OK now.", "λογος τελος.", {"kept": ("OK",)}),
        ("literals", "It is 5 cm.", "λογος 15 cm.", {"kept": ("5 cm",)}),
        ("addresses", "See https://example.org/a.", "λογος https://example.org/b.", {}),
        ("addresses", "Ask a@example.org.", "λογος.", {}),
        ("code", "Run `ls -a` now.", "λογος `ls α` τωρα.", {}),
        ("code", "arr = [1, 2]", "λογος = [1, 2]", {}),
        ("numbers", "He has 23 cats.", "λογος 32 γατες.", {}),
        ("numbers", "He has 23 cats.", "λογος γατες.", {}),
        ("numbers", "He has five cats.", "λογος 8 γατες.", {}),
        ("numbers", "He has cats.", "λογος 7 γατες.", {}),
        ("numbers", "Of 3 and 5 things three are here.", "λογος 3 και 5, 4 ητι.", {}),
        ("length", "word " * 40, "λογος τελος", {}),
        (
            "sentences",
            "One thing is said here. Another is said. A third is said. A fourth is said here.",
            "λογος λογος λογος τελος.",
            {},
        ),
        ("sentences", "One is here. Two is here.", "λογος τελος.", {}),
        ("cut-end", "The end is here.", "το τελος ωι", {}),
        ("residue", "He said: go home now please then", 'λογος "go home "now please then', {}),
        ("echo", "The word is here", "the  word is here", {}),
        ("residue", "He said that the cat and the dog were here", "λογος that the cat and the dog", {}),
        ("script", "The cat, the dog, the cow; the hen!", "the cat; the dog; τελος; the hen!", {}),
        ("repetition", "A word.", "λογος α β γ " * 5, {}),
        ("repetition", "A word.", "λα" * 12, {}),
        ("cut-end", "The end is here.", "το τελος ειν", {}),
        ("brackets", "A word (or two) here", "λογος (η δυο", {}),
        ("brackets", 'The "word" here', 'ο "λογος', {}),
        ("wrong-sense", "Find the odd one out", "ο περιττος", {}),
    ],
)
def test_a_damage_fails_the_check_of_its_name(name, source, target, facts):
    found = said(source, target, **facts)
    assert name in found and found[name][0] == "fail", found


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [
        ("structure", "- one\n- two", "- α"),
        ("structure", "# Head\nword", "λογος\nλογος"),
        ("structure", "word", "λογος\nλογος\nλογος"),
        ("structure", "```\ncode\n```\nword", "``\ncode\n```\nλογος"),
        ("code", "```\ncode = here()\n```\nword", "```\nλογος = here()\n```\nλογος"),
    ],
)
def test_a_damage_to_the_shape_of_a_turn_fails(name, source, target):
    found = said(source, target, whole=True)
    assert name in found and found[name][0] == "fail", found


@pytest.mark.parametrize(
    ("name", "source", "target", "whole"),
    [
        ("numbers", "He has 20,000 cats.", "λογος 2μ γατες.", False),
        ("numbers", "He has cats.", "λογος 1 γατες.", False),
        ("length", "Nothing but words.", "αλλος λογος και μυθος και τελος εις τον οικον του φιλου μου.", False),
        ("doubled", "Word: one", "λογος: λογος: α", False),
        ("untranslated", "Lion", "Lion", True),
        ("untranslated", "Lion", "Lion", False),
        ("mixed-register", "One. Two.", "λογος ηι. λογος ωι.", True),
    ],
)
def test_what_may_be_right_is_a_warning(name, source, target, whole):
    found = said(source, target, whole=whole)
    assert found[name][0] == "warn" and all(severity == "warn" for severity, _ in found.values()), found


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("He has three cats.", "λογος 3 γατες."),
        ("He has 3 cats.", "λογος τρια γατες."),
        ("He has twenty-five cats.", "λογος 25 γατες."),
        ("He has 1,000 cats.", "λογος １０００ γατες."),
        ("See https://example.org/a", "λογος https://example.org/aμε"),
        ("Find the odd one out, no odd number", "ο περιττος τελος αριθμος λογος"),
        ("The end is here.", "το τελος ηι"),  # the locale knows how a sentence ends
    ],
)
def test_what_languages_may_do_is_no_damage(source, target):
    assert said(source, target) == {}


def test_the_register_that_was_asked_for_is_looked_for_in_words_that_somebody_says():
    assert said("One. Two.", "λογος ηι. λογος ηι.", whole=True, register="high", role="user") == {}
    found = said("One. Two.", "λογος ηι. λογος ηι.", whole=True, register="higher style", role="user")
    assert found == {"register": ("fail", "higher → high")}
    assert said("One. Two.", "λογος ηι. λογος ηι.", whole=True, register="higher", role="columns.title") == {}


def test_of_sentences_that_were_sent_one_by_one_none_was_cut_off():
    found = said("One is here. Two is here.", "λογος και λογος τελος.", apart=True)
    assert found == {"sentences": ("warn", "2 → 1")}
    # A level that is not polite ends in what may stand inside of a word; where it was asked for, it ends a sentence.
    assert "cut-end" not in said("The end is here.", "το τελος ωι", register="higher")


def test_a_check_is_switched_off_by_its_name_and_nothing_is_said_without_locales():
    pair = Pair(source="He has 23 cats.", target="λογος 32 γατες.", source_language="plain", target_language="runes")
    assert [finding.code for finding in checks.findings(pair, whole=False)] == ["numbers"]
    assert checks.findings(pair, whole=False, without=["numbers"]) == []
    assert {"numbers", "structure", "wrong-sense", "register"} <= {*checks.names()}


@pytest.mark.parametrize("unit", ["a ", "(", "1", "1,", "`", "<", "α", "- \n", "| \n", "a@", "x = [", "\n"])
def test_no_check_takes_long_for_a_long_text(unit):
    import time

    text = unit * (40_000 // len(unit))
    begun = time.process_time()
    said(text, text), said(text, text, whole=True)
    assert time.process_time() - begun < 3
