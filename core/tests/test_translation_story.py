import sys
from pathlib import Path

import pytest
import seodang

sys.path.insert(0, str(Path(__file__).parent))
from translators import Mangling, School, dialogue, mangled, recipe, rows_of

made: list[Mangling] = []


def seen():
    """The translator of the last run: the recipe's own instance, which remembers what it was sent."""
    return made[-1]


class Remembered(Mangling):
    """Mangles every word."""

    name = "mangling"

    def __init__(self, options=None):
        super().__init__(options)
        made.append(self)


@pytest.fixture
def translated(run_recipe):
    def run(*records, keys="", translator=Remembered, language="ko", **wishes):
        return run_recipe(
            recipe(keys, translator.name, language),
            plugins=[School(translator)],
            files={"rows.jsonl": rows_of(*records)},
            quarantine_limit=1.0,
            **wishes,
        )

    return run


def only(outcome, step="mangling"):
    assert outcome.ok, outcome.error
    (record,) = outcome.records(step)
    return record


def test_code_and_formulas_stay_and_words_around_them_are_translated(translated):
    answer = "Use `sorted(x)` here:\n\n```python\nprint('hello')\n```\n\nThen $x^2$ is ready."
    record = only(translated(dialogue("Sort this list.", answer)))
    assert (
        record.answer
        == f"{mangled('Use')} `sorted(x)` {mangled('here')}:\n\n```python\nprint('hello')\n```\n\n{mangled('Then')} $x^2$ {mangled('is ready')}."
    )
    assert record.language == "ko" and record.question == mangled("Sort this list.")
    assert seen().texts == ["Sort this list.", "Use ⟦1⟧ here:", "Then ⟦1⟧ is ready."]


def test_the_step_counts_what_it_did(translated):
    outcome = translated(
        dialogue("Sort `x` at https://a.example/x.", "Sorted."),
        dialogue("이미 한국어입니다.", "네.", language="ko"),
        dialogue("What is this?", "이것은 책입니다."),
        dialogue("Find a rhyme for moon.", "June."),
    )
    figures = outcome.manifest("mangling").figures
    assert {name: figures[name] for name in ("passed", "translated", "already", "texts", "narrower", "left")} == {
        "passed": 1, "translated": 2, "already": 1, "texts": 3, "narrower": 0, "left": 0,
    }  # fmt: skip
    assert figures["protected"] == {"address": 1, "code": 1} and figures["language_tasks"] == {"rhyme": 1}
    assert outcome.manifest("mangling").dropped == {"language-task": 1}
    assert [(line["code"], line["detail"]) for line in outcome.lines("mangling", "dropped.jsonl")] == [("language-task", "rhyme")]


def test_a_text_that_is_in_the_target_language_already_is_passed_by(translated):
    record = only(translated(dialogue("What is this?", "이것은 책입니다.")))
    assert record.answer == "이것은 책입니다." and record.language == "ko" and seen().texts == ["What is this?"]


def test_a_field_plan_says_what_is_translated_and_what_is_not(translated):
    asked = dialogue(
        "Ask.", "Answer.", system="Be kind.", input="Given.", columns={"title": "A title", "other": "Another", "n": 1}
    )
    keys = 'fields = { system = "drop", user = "leave", assistant = "translate", input = "translate", "columns.title" = "translate" }'
    record = only(translated(asked, keys=keys))
    assert [(message.role, message.text) for message in record.messages] == [("user", "Ask."), ("assistant", mangled("Answer."))]
    assert record.input == mangled("Given.") and record.columns == {"title": mangled("A title"), "other": "Another", "n": 1}


def test_an_answer_that_is_written_anew_is_taken_away_and_kept_only_if_asked(translated):
    dialog = dialogue(
        "One.", "Two.", "Three.", "Four.", candidates=(seodang.Candidate(message=seodang.Message("assistant", "x")),)
    )
    record = only(translated(dialog, keys='fields = { assistant = "regenerate" }'))
    assert not record.answered and [message.text for message in record.messages] == [
        mangled(text) for text in ("One.", "Two.", "Three.")
    ]
    assert record.columns == {} and record.candidates == ()
    record = only(translated(dialog, keys='fields = { assistant = "regenerate" }\nkeep_answer_as = "answer_en"'))
    assert record.columns == {"answer_en": "Four."}


def test_thinking_is_left_translated_or_dropped(translated):
    thought = seodang.Record(
        messages=(seodang.Message("user", "Ask."), seodang.Message("assistant", "Say.", thinking="I think."))
    )
    for wish, found in (("leave", "I think."), ("translate", mangled("I think.")), ("drop", "")):
        assert only(translated(thought, keys=f'fields = {{ thinking = "{wish}" }}')).messages[1].thinking == found


def test_language_tasks_are_kept_for_a_lesson_where_the_recipe_says_so(translated):
    record = only(translated(dialogue("Which is the odd one out?", "The cat."), keys='language_tasks = "regenerate"'))
    assert (record.language, record.answered, record.tags) == ("en", False, {"language_task": "odd-one-out"})
    assert record.question == "Which is the odd one out?" and seen().requests == []
    record = only(translated(dialogue("Which is the odd one out?", "The cat."), keys='language_tasks = "translate"'))
    assert record.question == mangled("Which is the odd one out?")


def test_only_a_dialogue_has_context_and_its_code_is_not_part_of_it(translated):
    translated(
        dialogue("First.", "A `b` c.\n\n```\ncode\n```\n", "Second.", "Last.\n\nParagraph."), dialogue("Alone.", "Single.")
    )
    texts = {text.text: text.before for request in seen().requests for text in request}
    assert texts == {
        "First.": "", "A ⟦1⟧ c.": "First.", "Second.": "First.\n\nA `b` c.", "Last.": "First.\n\nA `b` c.\n\nSecond.",
        "Paragraph.": "First.\n\nA `b` c.\n\nSecond.", "Alone.": "", "Single.": "",
    }  # fmt: skip
    translated(dialogue("First word.", "Second.", "Third."), keys="context_characters = 12", language="ko")
    assert [text.before for request in seen().requests for text in request] == ["", "First word.", "Second."]


def test_register_and_glossary_reach_the_translator_and_names_stay(run_recipe):
    outcome = run_recipe(
        recipe('register = "합쇼체"\nglossary = "terms.csv"'),
        plugins=[School(Remembered)],
        files={
            "rows.jsonl": rows_of(dialogue("Ask the teacher of Docker.", "Done.")),
            "terms.csv": "source,target,note\nDocker,Docker,a name\nteacher,훈장,\n",
        },
    )
    assert only(outcome).question == f"{mangled('Ask the teacher of')} Docker."
    assert seen().registers == {"합쇼체"} and seen().glossaries == [{"Docker": "Docker", "teacher": "훈장"}]
    assert seen().texts == ["Ask the teacher of ⟦1⟧.", "Done."]


def test_equal_texts_are_paid_once_over_the_whole_run_and_never_again(translated):
    records = [dialogue(f"Question {number % 7}.", "Yes.") for number in range(300)]
    outcome = translated(*records)
    assert sorted(seen().texts) == sorted([*(f"Question {number}." for number in range(7)), "Yes."])
    assert len(outcome.records("mangling")) == 300
    again = translated(*records, dialogue("New.", "Yes."))
    assert again.ok and seen().texts == ["New."]


def test_a_record_goes_no_further_when_its_language_is_not_offered(translated):
    class FromGerman(Remembered):
        """Knows one pair."""

        name = "german"
        pairs = (("de", "ko"),)

    outcome = translated(dialogue("Hello."), translator=FromGerman)
    assert [(line["code"], line["detail"]) for line in outcome.lines("german", "quarantined.jsonl")] == [
        ("pair-not-offered", "en → ko")
    ]


def test_a_recipe_that_names_the_possible_languages_has_records_told_apart(translated):
    mislabelled = dialogue("This is English.", "Yes.", language="ko")
    assert only(translated(mislabelled)).question == "This is English."
    assert only(translated(mislabelled, keys='languages = ["en"]')).question == mangled("This is English.")


# What comes back damaged


class Behaving(Remembered):
    """Does what the test says."""

    name = "behaving"
    does = staticmethod(mangled)

    def said(self, text):
        return type(self).does(text)


@pytest.fixture
def behaving(translated):
    def run(does, *records, keys="", **declared):
        cls = type("Behaving", (Behaving,), {"does": staticmethod(does), "__doc__": "Does it.", **declared})
        return translated(*records, keys=keys, translator=cls)

    return run


def set_aside(outcome):
    return [(line["code"], line["detail"]) for line in outcome.lines("behaving", "quarantined.jsonl")]


TWO_SENTENCES = "Call `one` now. Then call `two` again."


def test_a_lost_mark_is_asked_for_once_more_around_the_parts(behaving):
    outcome = behaving(lambda text: mangled(text).replace("⟦1⟧", ""), dialogue(TWO_SENTENCES))
    assert (
        only(outcome, "behaving").question
        == f"{mangled('Call')} `one` {mangled('now')}. {mangled('Then call')} `two` {mangled('again')}."
    )
    assert seen().texts == ["Call ⟦1⟧ now. Then call ⟦2⟧ again.", "Call", "now.", "Then call", "again."]
    assert outcome.manifest("behaving").figures["narrower"] == 1


def test_what_cannot_be_made_narrower_is_set_aside_or_left_as_the_recipe_says(behaving):
    nothing = lambda text: "" if "fail" in text else mangled(text)  # noqa: E731
    outcome = behaving(nothing, dialogue("Try.", "We fail."), dialogue("Well.", "Good."))
    assert set_aside(outcome) == [("empty", "assistant: ")] and len(outcome.records("behaving")) == 1
    outcome = behaving(nothing, dialogue("Try.", "We fail.\n\nWe try."), keys='on_failed_check = "leave"')
    record = only(outcome, "behaving")
    assert record.answer == f"We fail.\n\n{mangled('We try.')}" and record.tags == {"translation_left": ["assistant: empty"]}
    assert outcome.manifest("behaving").figures["left"] == 1


def test_a_row_that_is_lost_is_not_asked_for_any_further(behaving):
    """Each of forty paragraphs comes back damaged. Which of them is the first does not matter: the row is set aside with it."""
    damaged = lambda text: mangled(text).replace("⟦1⟧", "") if "⟦" in text or "Well" in text else ""  # noqa: E731
    names = [f"{first}{second}" for first in "bcdfg" for second in ("an", "el", "im", "or", "um", "ay", "ee", "ow")]
    outcome = behaving(damaged, dialogue("Well.", "\n\n".join(f"Call `it` {name}. Then rest." for name in names)))
    assert [code for code, _ in set_aside(outcome)] == ["empty"]
    assert len(seen().texts) == 41 + len(("Call", "ban.", "Then rest.")), "the other thirty-nine were asked for once"


def test_who_only_stands_in_for_a_translator_is_not_checked(behaving):
    repeating = lambda text: f"[ko] {text}"  # noqa: E731
    words = dialogue("Name the seven longest rivers of the north.")
    assert [code for code, _ in set_aside(behaving(repeating, words))] == ["residue"]
    assert (
        only(behaving(repeating, words, keys="context_characters = 9", stands_in=True), "behaving").question
        == "[ko] Name the seven longest rivers of the north."
    )


def test_another_order_of_parts_is_told_and_not_refused(behaving):
    def swap(text):
        return mangled(text).replace("⟦1⟧", "⟦0⟧").replace("⟦2⟧", "⟦1⟧").replace("⟦0⟧", "⟦2⟧")

    outcome = behaving(swap, dialogue("Turn `a` into `b`."))
    assert only(outcome, "behaving").tags == {"translation_warnings": ["user: mark-order: `a` → `b`"]}
    assert outcome.manifest("behaving").figures["warnings"] == {"mark-order": 1}
    outcome = behaving(swap, dialogue("Print %s and %d."))
    assert only(outcome, "behaving").question == f"{mangled('Print')} %s {mangled('and')} %d.", "there the order means something"


def test_lost_lines_are_asked_for_line_by_line(behaving):
    outcome = behaving(lambda text: mangled(text).replace("\n", " "), dialogue("Roses are red.\nViolets are blue."))
    assert only(outcome, "behaving").question == f"{mangled('Roses are red.')}\n{mangled('Violets are blue.')}"
    assert seen().texts == ["Roses are red.\nViolets are blue.", "Roses are red.", "Violets are blue."]


def test_marks_in_xml_show_words_and_hide_addresses(behaving):
    outcome = behaving(mangled, dialogue("If a < b & c, open main.py at https://a.example/very/long."), marks="xml")
    assert seen().texts == ['If a &lt; b &amp; c, open <x id="1">main.py</x> at <x id="2"/>.']
    question = only(outcome, "behaving").question
    assert " < " in question and " & " in question and "main.py" in question and question.endswith("https://a.example/very/long.")


@pytest.mark.parametrize(
    ("damage", "detail"),
    [
        (lambda text: text.replace("main.py", "주.py"), "main.py → 주.py"),
        (lambda text: text.replace('<x id="2"/>', ""), "https://a.example/x × 0"),
        (lambda text: text.replace('<x id="2"/>', '<x id="2"/><x id="2"/>'), "https://a.example/x × 2"),
        (lambda text: text.replace('id="1"', 'id="3"'), '<x id="3">main.py</x>?'),
        (lambda text: text.replace("</x>", "</y>"), '<x id="1">main.py</y> 아'),
        (lambda text: text + " & ", "&"),
    ],
)
def test_every_damage_of_marks_in_xml_is_named(behaving, damage, detail):
    kept = 'on_failed_check = "leave"'
    damaging = lambda text: damage(mangled(text)) if "<x" in text else ""  # noqa: E731
    outcome = behaving(damaging, dialogue("Open main.py at https://a.example/x now."), keys=kept, marks="xml")
    assert only(outcome, "behaving").question == "Open main.py at https://a.example/x now.", "nothing is repaired in silence"
    assert len(seen().requests) == 2


def test_a_translator_without_marks_is_given_the_words_between(behaving):
    outcome = behaving(mangled, dialogue("Open `x` and `y`!"), marks="none")
    assert only(outcome, "behaving").question == f"{mangled('Open')} `x` {mangled('and')} `y`!" and seen().texts == [
        "Open",
        "and",
    ]


def test_a_text_longer_than_a_request_is_cut_at_lines_then_sentences_then_blanks(behaving):
    lines = "\n".join(f"Line {number} is here. And more of it." for number in range(40))
    endless = "word " * 300
    outcome = behaving(mangled, dialogue(lines, endless, "x" * 900), max_bytes=200)
    record = only(outcome, "behaving")
    assert record.messages[0].text == mangled(lines) and record.messages[1].text == mangled(endless)
    assert all(len(text) <= 200 for text in seen().texts) and max(map(len, seen().texts)) > 150
    assert all(not text.startswith("ine") for text in seen().texts)


def test_a_request_with_one_context_holds_the_texts_of_one_turn(behaving):
    talk = dialogue("One.", "Two.\n\nTwo again.", "Three.", "Four.\n\nFour again.")
    behaving(mangled, talk, dialogue("Five.", "Six."), one_before=True)
    sent = sorted([text.text for text in request] for request in seen().requests)
    assert sent == [["Four.", "Four again."], ["One.", "Five.", "Six."], ["Three."], ["Two.", "Two again."]]
    behaving(mangled, talk, heeds=())
    assert [text.before for request in seen().requests for text in request] == [""] * 5, (
        "and the one text without context was paid for"
    )


def test_texts_of_many_records_and_languages_fill_the_requests(behaving):
    records = [dialogue(f"Number {number}.", language=("en", "fr")[number % 2]) for number in range(1000)]
    outcome = behaving(mangled, *records)
    assert len(seen().requests) == 20 and len(outcome.records("behaving")) == 1000
    assert [record.question for record in outcome.records("behaving")] == [mangled(f"Number {number}.") for number in range(1000)]


def test_more_than_the_account_has_left_is_refused_before_anything_is_sent(behaving):
    async def left(self, context):
        return 10

    outcome = behaving(mangled, dialogue("Five."), dialogue("Six six."), left=left)
    assert outcome.exit_code == 6 and seen().requests == []
    assert str(outcome.error).startswith("Step 2 (behaving) would translate 13 characters, and the account has 10 left.")
    assert behaving(mangled, dialogue("Five."), left=left).ok


def test_hostile_texts_come_through(behaving):
    texts = [
        "", "   \n ", "Tom &amp; Jerry said &quot;no&quot;.", "שלום \u202eabc\u202c world", "a\x00b \x1b[31mred\x1b[0m",
        "⟦1⟧ stands here", '<x id="1"/> stands here', "A sentence of words. " * 5_000, "word" * 25_000, "\u2028line\u2029", "e\u0301te\u0301",
    ]  # fmt: skip
    for marks in ("xml", "brackets", "none"):
        outcome = behaving(mangled, *(dialogue("Look.", text) for text in texts), marks=marks)
        answers = [record.messages[1].text for record in outcome.records("behaving")]
        assert len(answers) == len(texts), outcome.lines("behaving", "quarantined.jsonl")
        assert (
            answers[:2] == texts[:2]
            and "&amp;" in answers[2]
            and "\x1b" in answers[4]
            and "⟦1⟧" in answers[5]
            and "<x" in answers[6]
        )
        assert answers[7].count(". ") == 5_000
