"""The published variant: its prompts to the byte, its figures, its filters in their order, and its quirks."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from pathlib import Path

import pytest
import seodang

sys.path.insert(0, str(Path(__file__).parent))
from seodang.testing import asking, make_context
from seodang_self_instruct import SelfInstruct
from seodang_self_instruct.cleaning import cleaned
from seodang_self_instruct.faithful import Published, exemplified, labelled, published
from seodang_self_instruct.found import Instance, Left, Task
from seodang_self_instruct.growth import Growth, Seed
from taught import Saying, says, seed_records, teach

GOLDEN = Path(__file__).parents[4] / "shared" / "data" / "self_instruct"
needs_golden = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not GOLDEN.is_dir(), reason="the shared data are not beside the repository"),
]
PROMPTS = ("clf_identification_prompt.txt", "input_first_prompt.txt", "output_first_prompt.txt")
SHA256 = {
    "clf_identification_prompt.txt": "a216fc1add00d4de762934b4c5d15b370bc2099e73ab16b2e64533e8413c4463",
    "input_first_prompt.txt": "f16bd050e44163a3030f65a6a4fff184e3e64a06ebe8c8c3a3ee426e0aad3fd8",
    "output_first_prompt.txt": "09f049afa99e87079878a67c909b83147696ad044cf4cda0bfb74a1201a82f5a",
}
TASK = Task(1, "Name the capital of France.", (), {})


def way(**options: object) -> Published:
    return Published(SelfInstruct(SelfInstruct.Options(variant="faithful", **options)))


def items(text: str, finish: str = "stop") -> list[str | Left]:
    return list(way().items(says(text, finish), 8))


@pytest.mark.parametrize("name", PROMPTS)
def test_the_shipped_prompts_are_those_that_were_published(name):
    assert hashlib.sha256(published(name).encode()).hexdigest() == SHA256[name]


class TestGolden:
    pytestmark = needs_golden

    @pytest.mark.parametrize("name", PROMPTS)
    def test_they_are_equal_to_the_byte(self, name):
        assert published(name).encode() == (GOLDEN / name).read_bytes()

    def test_the_question_of_kind_shows_the_published_examples(self):
        examples = [json.loads(line) for line in (GOLDEN / "clf_identification_examples.jsonl").read_text("utf-8").splitlines()]
        assert [sum(example["is_classification"] is kind for example in examples) for kind in (True, False)] == [12, 19]
        told = "".join(
            f"Task: {one['task']}\nIs it classification? {'Yes' if one['is_classification'] else 'No'}\n\n" for one in examples
        )
        assert published("clf_identification_prompt.txt").endswith(f"\n\n{told}Task:")

    def test_the_first_draws_are_those_of_the_published_seed(self, tmp_path):
        """The prompts that `random.seed(42)` gives in the published code: their hashes were taken from it."""
        seeds = [json.loads(line) for line in (GOLDEN / "seed_tasks.jsonl").read_text("utf-8").splitlines()]
        assert len(seeds) == 175
        context = make_context(tmp_path, language="en")
        with asking(context, Saying({}), tmp_path):
            known = [Seed(seed["id"], seed["instruction"]) for seed in seeds]
            growth = Growth(way(), known, _Pool(), context, random.Random(42))
            prompts = [growth.draw().request.messages[-1].text for _ in range(5)]
        assert [hashlib.sha256(prompt.encode()).hexdigest()[:16] for prompt in prompts] == DRAWN

    def test_it_runs_on_the_published_seeds(self, tmp_path):
        lines = (GOLDEN / "seed_tasks.jsonl").read_text("utf-8").splitlines()[:40]
        records = [
            seodang.single_turn(seed["instruction"], "-", id=seed["id"], tags={"classification": seed["is_classification"]})
            for seed in map(json.loads, lines)
        ]
        done = teach(tmp_path, Saying({}), records, language="en", variant="faithful", count=12)
        assert len({row.tags["number"] for row in done.rows}) >= 12
        assert all(set(row.parents) <= {record.id for record in records} and len(row.parents) >= 6 for row in done.rows)


DRAWN = ["0471aea8354a6128", "25459bc02f7b9ccf", "de5bd1bf659d1493", "120c342d63498fbb", "d129dced8a4f7c0a"]


class _Pool:
    def add(self, text: str, name: str) -> None:
        pass


def test_the_question_for_new_tasks_is_the_published_one():
    shown = ["Name three  fruits:", "Sum\nthem up"]
    request = way().question(shown)
    assert request.messages == (
        seodang.Message("user", "Come up with a series of tasks:\n1. Name three fruits\n2. Sum them up\n3."),
    )
    assert (request.max_tokens, request.temperature, request.stop) == (1024, 0.7, ("\n\n", "\n16", "16.", "16 ."))
    assert request.extra == {"top_p": 0.5, "frequency_penalty": 0, "presence_penalty": 2}
    first_line = "Come up with a series of classification tasks. Try to specify the possible output labels when possible.\n1. "
    assert way(classification_only=True).question(shown).messages[-1].text.startswith(first_line)


def test_the_questions_about_a_task_are_the_published_ones():
    faithful = way()
    (kind,), (inputs,), (labels,) = faithful.questions_about([TASK])
    assert kind.messages[-1].text == (
        f"{published('clf_identification_prompt.txt')} Name the capital of France.\nIs it classification?"
    )
    assert (kind.max_tokens, kind.temperature, kind.stop) == (3, 0.0, ("\n", "Task"))
    assert kind.extra == {"top_p": 0, "frequency_penalty": 0, "presence_penalty": 0}
    assert inputs.messages[-1].text == f"{published('input_first_prompt.txt')} Name the capital of France.\n"
    assert labels.messages[-1].text == f"{published('output_first_prompt.txt')} Name the capital of France.\n"
    assert (inputs.max_tokens, labels.max_tokens) == (350, 300)
    for request in (inputs, labels):
        assert (request.temperature, request.stop) == (0.0, ("Example 6", "Task:"))
        assert request.extra == {"top_p": 0, "frequency_penalty": 0, "presence_penalty": 1.5}
    assert way(max_instances=2)._instances(TASK, False, False).stop == ("Example 3", "Task:")


def test_one_classification_among_five_shortens_the_answers_of_all(tmp_path):
    teacher = Saying({r"Name the planet[\s\S]*Is it classification\?$": " Yes"})
    listed = " Name the planet that is largest\n10. Explain why it is cold\n11. Recommend a book to me\n12. Cook a soup for two"
    teacher._said["^Come up with a series"] = f"{listed}\n13. Count to seven in French"
    teach(tmp_path, teacher, language="en", variant="faithful", count=5, per_round=1)
    lengths = [request.max_tokens for request in teacher.asked if request.messages[-1].text.endswith("\n")]
    assert lengths == [300] * 5


def test_eight_new_tasks_are_seven_at_most():
    """The prompt ends with 9, and the answer before 16."""
    said = " ".join(f"\n{number}. Tell me about thing number {number}" for number in range(10, 16)).lstrip()
    assert len(items(f" Tell me about the first thing {said and chr(10) + said}")) == 7


def test_only_the_first_letter_stays_large():
    assert items(" Explain what NASA does in Florida") == ["Explain what nasa does in florida"]


def test_a_list_is_split_as_published():
    """A number at the very beginning belongs to its item; a bracket behind a number splits nothing; a blank before the dot does."""
    assert items("9. Say what a tree is\n10 . Say what a leaf is\n11) Say what a root is") == [
        "9. say what a tree is",
        "Say what a leaf is 11) say what a root is",
    ]


def test_an_answer_that_was_cut_off_is_thrown_away_whole():
    (left,) = items(" Say what a tree is\n10. Say what", "length")
    assert (left.code, left.text) == ("length", " Say what a tree is\n10. Say what")


@pytest.mark.parametrize(
    ("instruction", "code", "detail"),
    [
        ("Draw a map", "too-short", "3"),
        ("Explain this " + "very " * 149, "too-long", "151"),
        ("Say what this image of a tree shows", "unsuitable", "image"),
        ("Tell me how I go to school", "unsuitable", "go to"),
        ("Write a program that plots a graph", "unsuitable", "graph"),
        ("Write a program that adds two numbers", "asks-for-program", ""),
        ("(optional) say what a tree is", "bad-beginning", "("),
        ("Étienne asks what a tree is", "other-language", "É"),
    ],
)
def test_the_filters_give_the_first_reason_in_their_order(instruction, code, detail):
    (left,) = items(instruction)
    assert (left.code, left.detail) == (code, detail)


@pytest.mark.parametrize(
    "instruction",
    ["Draft some kind words", "Imagery is what I want", "Please write a program for me", "1) say what this is"],
)
def test_and_keep_what_the_published_ones_keep(instruction):
    assert items(instruction) == [instruction.capitalize()]


def test_examples_are_taken_apart_as_published():
    assert exemplified("Example 1\nList: [1]\nOutput: one\n\nExample 2.\nInput: [2]\nOutput 2: two\nInput: [3]") == [
        Instance("List: [1]", "one"),
        Instance("[2]", "two"),
    ]
    assert exemplified("Output: Paris") == [Instance("", "Paris")]
    assert exemplified("Paris, of course") == []
    assert exemplified("Paris, for Example") == [Instance("", "Paris, for")], "a quirk: any `Example` splits"


def test_labels_are_taken_apart_as_published():
    assert labelled(" Class label: good\nSentence: fine\nindeed\nClass label: bad") == [
        Instance("Sentence: fine\nindeed", "good"),
        Instance("", "bad"),
    ]
    assert labelled("good") == []


def test_invalid_and_contradictory_instances_go_with_their_reasons():
    found = [
        Instance("a", "a"),
        Instance("b", ""),
        Instance("List:", "c"),
        Instance("d", "1:"),
        Instance("e", "2"),
        Instance("e", "2"),
    ]
    kept, left = cleaned(TASK, found, random.Random(0), most=5)
    assert kept == [Instance("e", "2")]
    codes = ["input-is-output", "empty-output", "ends-with-colon", "ends-with-colon", "repeated-instance"]
    assert [one.code for one in left] == codes
    kept, left = cleaned(TASK, [*found, Instance("e", "3")], random.Random(0), most=5)
    assert kept == [] and [one.code for one in left][-3:] == ["contradictory"] * 3
    kept, left = cleaned(TASK, [Instance("", "1"), Instance("", "2")], random.Random(0), most=5)
    assert len(kept) == 2 and not left, "a quirk: without an input two outputs contradict nothing"


def test_five_instances_are_drawn():
    many = [Instance(str(number), f"{number}!") for number in range(9)]
    kept, left = cleaned(TASK, many, random.Random(0), most=5)
    assert len(kept) == 5 and {*kept} < {*many} and [one.code for one in left] == ["over-instances"] * 4
    assert {one.input for one in kept} | {one.input for one in left} == {str(number) for number in range(9)}


def test_the_last_instance_of_an_answer_that_was_cut_off_goes(tmp_path):
    teacher = Saying({"^Come up with examples": says("Example 1\nX: 1\nOutput: one\nExample 2\nX: 2\nOutput: tw", "length")})
    done = teach(tmp_path, teacher, language="en", variant="faithful", count=4, per_round=1)
    assert {row.answer for row in done.rows} == {"one"}
    assert done.codes["cut"] == len(done.rows) >= 4


def test_the_round_in_which_the_count_is_reached_is_kept_whole(tmp_path):
    done = teach(tmp_path, Saying({}), language="en", variant="faithful", count=1)
    assert len({row.tags["number"] for row in done.rows}) > 4


def test_rouge_l_above_seven_tenths_is_too_similar_and_what_is_not_latin_is_always_new(tmp_path):
    said = " Name five fruits that grow in Spain\n10. Name six fruits that grow in Spain\n11. One two three 네 번째"
    teacher = Saying({"^Come up with a series": f"{said}\n12. One two three 넷째 것\n13. a나 다라 마바 사아"})
    done = teach(tmp_path, teacher, language="en", variant="faithful", count=3, per_round=1)
    assert [drop for drop in done.drops if drop[0] == "too-similar"] == [
        ("too-similar", "0.857", "Name six fruits that grow in spain"),
        ("too-similar", "1.000", "One two three 넷째 것"),
    ]
    assert sorted({row.question for row in done.rows}) == [
        "A나 다라 마바 사아",
        "Name five fruits that grow in spain",
        "One two three 네 번째",
    ]


def test_options_that_only_the_repaired_variant_has_are_refused(monkeypatch):
    for language, said in {
        "en": 'variant = "faithful" has its own figures and prompts. Take out: batch, prompt.',
        "ko": 'variant = "faithful"은 발표된 수치와 프롬프트를 그대로 씁니다. 다음 옵션을 빼세요: batch, prompt.',
    }.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(ValueError, match=re.escape(said)):
            SelfInstruct.Options(variant="faithful", batch=4, prompt="mine.txt")


def test_seeds_may_be_few(tmp_path):
    done = teach(tmp_path, Saying({}), seed_records(3), language="en", variant="faithful", count=2)
    assert done.rows
