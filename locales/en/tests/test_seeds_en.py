"""The seed tasks: their number and shares, and that what can be computed in them is right."""

import datetime
import itertools
import json
import re
import shutil
import sqlite3
import statistics
import subprocess
from collections import Counter
from fractions import Fraction

import pytest
from seodang_locale_en import English

SEEDS = {task.name: task for task in English().seeds}


def code_of(name, language="python"):
    (code,) = re.findall(rf"```{language}\n(.*?)```", SEEDS[name].output, re.DOTALL)
    return code


def run(code):
    names = {}
    exec(compile(code, "seed", "exec"), names)
    return names


def in_any_order(left, right):
    return (Counter(left) & Counter(right)).total()


def longest_common(left, right):
    lengths = [0] * (len(right) + 1)
    for word in left:
        before = 0
        for place, other in enumerate(right, 1):
            before, lengths[place] = lengths[place], before + 1 if word == other else max(lengths[place], lengths[place - 1])
    return lengths[-1]


def test_there_are_175_of_which_some_have_labels_and_most_an_input():
    tasks = English().seeds
    assert len(tasks) == len(SEEDS) == 175
    assert [task.id for task in tasks] == [f"en-{number:03}" for number in range(1, 176)]
    assert 26 <= sum(task.is_classification for task in tasks) <= 40
    assert 100 <= sum(bool(task.input) for task in tasks) <= 125
    assert {task.culture for task in tasks} == {"native", "shared"}
    assert all(len(task.output.split()) <= 3 for task in tasks if task.is_classification)


def test_no_two_are_alike():
    english = English()
    tokens = [(task.id, english.similarity_tokens(f"{task.instruction} {task.input}")) for task in english.seeds]
    limit = english.limits["similarity-percent"] / 100
    alike = [
        (one, other)
        for (one, left), (other, right) in itertools.combinations(tokens, 2)
        # What they share in any order is the most that they can share in the same order, and quicker to count.
        if all(2 * shared(left, right) > limit * (len(left) + len(right)) for shared in (in_any_order, longest_common))
    ]
    assert alike == []


def test_none_asks_for_what_a_model_of_texts_cannot_do_or_names_anybody():
    english = English()
    for task in english.seeds:
        whole = f"{task.instruction}\n{task.input}\n{task.output}"
        assert not english.mentions(task.instruction, english.unsuitable), task.id
        assert not english.mentions(whole, english.vendors), task.id
        assert not english.personal_data(whole), task.id
        assert not re.search(english.patterns["bad-beginning"], task.instruction), task.id


def hours(text):
    hour, minute = map(int, text.split(":"))
    return datetime.timedelta(hours=hour, minutes=minute)


COMPUTED = {
    "cheaper_per_weight": [f"{3.50 / 2.5:.2f}", f"{5.20 / 4:.2f}", "jar B is cheaper by 0.10"],
    "split_the_bill": [f"{(18 + 7.5) / 3 + dish:.2f}" for dish in (16, 11, 8)] + [f"{18 + 7.5 + 16 + 11 + 8:.2f}"],
    "change_of_trains": [str(hours("8:47") + hours("1:35") + hours("0:18") + hours("0:52"))[:5]],
    "reduced_twice": [str(int(120 * 0.75 * 0.9)), f"{(120 - 81) / 120:.1%}"[:-1] + " percent"],
    "two_cyclists_meet": [str(45 / (16 + 14)) + " hours", str(int(14 * 1.5)) + " km"],
    "mean_and_median": [str(statistics.mean([12, 7, 3, 14, 9, 21])), str(statistics.median([12, 7, 3, 14, 9, 21]))],
    "marbles_in_a_bag": [str(Fraction(5, 8) * Fraction(4, 7))],
    "ages_of_two_sisters": ["Bess is 8 and Ada is 14"],
    "continue_the_sequence": [str(2 * 33 - 1), str(2 * (2 * 33 - 1) - 1)],
    "binary_numbers": [f"{number} = {number:b}" for number in (5, 18, 100)],
    "marathon_in_miles": [f"{distance:g} km = {distance / 1.609:.1f} miles" for distance in (5, 10)] + [f"{42.195 / 1.609:.1f}"],
    "solve_for_x": ["x = 8", str(3 * (8 - 4) + 5), str(2 * 8 + 1)],
    "floor_of_a_room": [f"{6 * 4 - 2 * 1.5:g} m²"],
    "exchange_at_a_given_rate": [f"{euros} euros = {round(float(euros) * 1.08)} dollars" for euros in ("15", "49.90", "120")],
    "scale_a_recipe": [f"{300 * 6 // 4} g", f"{2 * 6 // 4} onions", f"{6 / 4} litres", f"{4 * 6 // 4} teaspoons"],
    "weekday_of_a_deadline": [f"{datetime.date(2022, 3, 1) + datetime.timedelta(days=45):%A}", "15 April"],
    "compound_interest": ["121"],
    "adding_up_to_a_hundred": [str(sum(range(1, 101)))],
    "breaths_in_a_day": [f"{60 * 24:,}", f"{15 * 60 * 24:,}"],
    "seven_with_two_dice": [str(Fraction(sum(one + two == 7 for one in range(1, 7) for two in range(1, 7)), 36))],
    "percentage_points": [f"{4 * 1.02:.2f} percent"],
    "roman_numerals": ["9 = IX", "44 = XLIV", "199 = CXCIX", "2026 = MMXXVI"],
    "prime_or_composite": ["Composite" if 91 % 7 == 0 else "Prime"],
    "higher_temperature": ["A" if 20 > (64 - 32) * 5 / 9 else "B"],
    "kind_of_triangle": ["Obtuse" if 6**2 + 8**2 < 11**2 else "Acute"],
}


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_right(name):
    missing = [text for text in COMPUTED[name] if text.casefold() not in SEEDS[name].output.casefold()]
    assert missing == []


def test_the_age_riddle_and_the_seats_have_one_solution():
    ages = [(ada, bess) for ada in range(100) for bess in range(100) if ada == bess + 6 and 2 * (ada + 4) == 3 * (bess + 4)]
    assert ages == [(14, 8)]
    rows = [
        row
        for row in itertools.permutations(("Ann", "Bob", "Cleo", "Dan"))
        if row.index("Cleo") in (1, 2) and row.index("Dan") + 1 == row.index("Ann") and row[3] == "Bob"
    ]
    assert rows == [("Dan", "Ann", "Cleo", "Bob")] and "Dan, Ann, Cleo, Bob" in SEEDS["who_sits_where"].output


def test_the_python_in_the_answers_does_what_it_says():
    assert run(code_of("repair_the_function"))["largest"]([-5, -2, -9]) == -2
    assert run(code_of("telling_names"))["count_above_price"]([{"price": 3}, {"price": 9}], 4) == 1
    assert run(code_of("loop_to_comprehension"))["squares"] == [1, 9, 25, 49, 81]
    palindrome = run(code_of("palindrome_in_python"))["is_palindrome"]
    assert palindrome("No lemon, no melon") and not palindrome("lemon")
    assert run(code_of("most_frequent_words"))["frequent_words"]("a b a c b a d b c") == ["a", "b", "c"]
    find = run(code_of("binary_search"))["find"]
    assert [find([1, 3, 5, 8], wanted) for wanted in (1, 8, 4)] == [0, 3, -1]
    calls = [run(code_of("counting_game"))["call"](number) for number in range(1, 13)]
    assert ", ".join(calls) in SEEDS["counting_game"].output


def test_the_python_in_the_questions_does_what_the_answers_say(capsys):
    exec(SEEDS["what_is_printed"].input, {})
    assert capsys.readouterr().out.strip() == SEEDS["what_is_printed"].output
    with pytest.raises(IndexError):
        exec(SEEDS["python_error_kind"].input, {})
    mystery = run(SEEDS["what_it_returns"].input)["mystery"]
    assert mystery("abcba") == "b" and mystery("abc") is None
    pattern = SEEDS["regular_expression_for_codes"].output.split("`")[1]
    assert all(re.match(pattern, code) for code in ("AB-12", "XY-7", "QQ-345"))
    assert not any(re.match(pattern, code) for code in ("ab-12", "A-12", "AB12", "AB-1234"))


def test_the_json_and_the_sql_in_the_answers_can_be_read():
    assert json.loads(code_of("details_into_json", "json"))["seats"] == 12
    assert json.loads(code_of("csv_to_json", "json"))[1] == {"item": "hinges", "amount": 8}
    with sqlite3.connect(":memory:") as book:
        book.executescript(code_of("tables_for_a_choir", "sql"))
        book.executescript("CREATE TABLE loans(id, member_id, book_id, lent_on, returned_on); CREATE TABLE members(id, name);")
        book.execute("INSERT INTO members VALUES (1, 'Ines'), (2, 'Olaf')")
        book.executemany("INSERT INTO loans VALUES (?, ?, ?, 'd', ?)", [(number, 1, number, None) for number in range(4)])
        book.executemany("INSERT INTO loans VALUES (?, ?, ?, 'd', ?)", [(number, 2, number, "d") for number in range(4, 9)])
        assert book.execute(code_of("sql_for_a_question", "sql")).fetchall() == [("Ines", 4)]
    book.close()


@pytest.mark.skipif(not shutil.which("node"), reason="node, which runs the JavaScript of one seed task, is not installed")
def test_the_javascript_in_an_answer_does_what_it_says():
    script = code_of("group_by_in_javascript", "javascript") + (
        'const groups = groupBy([{town: "Ayr"}, {town: "Bath"}, {town: "Ayr"}], "town");'
        "console.log(groups.Ayr.length, groups.Bath.length);"
    )
    assert subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.split() == ["2", "1"]


def test_lengths_that_are_asked_for_are_kept():
    def words(name):
        return len(SEEDS[name].output.split())

    assert words("subject_line") <= 8 and words("headline_for_a_report") <= 10 and words("answer_a_complaint") < 80
    assert 70 <= words("retirement_toast") <= 90 and 90 <= words("fable_with_a_moral") <= 120
    assert [len(line.split()) - 1 for line in SEEDS["stories_of_six_words"].output.splitlines()] == [6, 6, 6]
    assert len(SEEDS["commit_message"].output.splitlines()[0]) <= 50
    assert "".join(line[0] for line in SEEDS["acrostic_on_bread"].output.splitlines()) == "BREAD"
