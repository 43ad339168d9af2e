"""Style against substance: students of whom it is known what they took over, and what the evaluation says of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import seodang
from seodang.plugins.loading import load_plugins
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.forecast import forecast
from seodang.testing import EvaluationContract, make_context
from seodang.wording import render
from seodang_study import Study
from seodang_study.asking import chosen, is_right
from seodang_study.questions import Closed

sys.path.insert(0, str(Path(__file__).parent))
from study_school import CHOICES, CLOSED, PROMPTS, Letters, Pupil, Village, Weighing, Written, in_style, lines


def test_a_student_that_only_sounds_like_its_teacher_is_told_of(study):
    scores, items, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)})
    style, index = scores["newest", "style closure"], scores["newest", "imitation index"]
    assert style.value == pytest.approx(1.0) and style.low > 0.9
    assert scores["newest", "capability closure"].value == 0 == scores["newest", "capability gain"].value
    assert index.value == pytest.approx(1.0) and index.low > 0.5
    assert context.warned == [render("seodang_study:only-style", {"student": "newest", "style": style.value, "gain": 0.0})]
    assert index.facts == {"only style moved": True}, "whoever reads the scores later has to know as well"
    assert scores["base", "capability"].value == scores["newest", "capability"].value == 8 / 40
    assert scores["teacher", "capability"].value == 1 and scores["teacher", "style"].value == scores["newest", "style"].value
    assert style.protocol == "study-1: likeness to test:village; ceiling: its own second answers"
    assert {item.task for item in items} == {"style", "capability"} and len(items) == 2 * (len(PROMPTS) + len(CLOSED))


def test_a_student_that_learned_is_not_warned_of(study):
    scores, _, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 36)})
    assert scores["newest", "capability closure"].value == pytest.approx((36 - 8) / (40 - 8))
    gain = scores["newest", "capability gain"]
    assert gain.value == 28 / 40 and 0.5 < gain.low < gain.value < gain.high
    assert gain.facts == {"only student": 28, "only base": 0, "p": pytest.approx(2 / 2**28)}
    index = scores["newest", "imitation index"]
    assert index.value == pytest.approx(1 - 28 / 32) and index.facts == {"only style moved": False}
    assert context.warned == []


def test_style_is_seen_measure_by_measure(study):
    scores, items, _ = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)})
    for name in ("length", "endings", "openings", "boilerplate", "overlap", "length correlation", "lists"):
        assert scores["newest", f"style closure {name}"].value > 0.9, name
    assert ("newest", "style closure headings") not in scores, "nobody writes any: there is no way to have come"
    facts = scores["newest", "style"].facts
    assert facts["levels"] == facts["teacher levels"] == {"합쇼": 1.0} and facts["teacher has"]["lists"] == 0.5
    assert scores["base", "style"].facts["levels"] != {"합쇼": 1.0}
    own = next(item.values for item in items if item.student == "base" and item.task == "style")
    assert own["likeness"]["openings"] == 0 and own["teacher"].startswith("물론입니다")


def test_a_teacher_is_asked_once_for_each_sample_and_a_file_is_as_good(study, tmp_path):
    Village.asked = 0
    students = {"base": Pupil(False, 8), "newest": Pupil(True, 8)}
    asked, _, _ = study(students)
    study(students)
    assert Village.asked == 2 * len(PROMPTS) + len(CLOSED), "the second time all lies in the ledger"
    for name, sample in (("first", 0), ("second", 1)):
        lines(tmp_path / f"{name}.jsonl", [{"id": row["id"], "output": in_style(n, sample)} for n, row in enumerate(PROMPTS)])
    read, _, _ = study(students, teacher=None, answers="first.jsonl", again="second.jsonl")
    assert read["newest", "style closure"].value == asked["newest", "style closure"].value
    one, _, _ = study(students, teacher=None, answers="first.jsonl")
    assert one["newest", "style closure"].value < 1 and one["newest", "style"].protocol.endswith(
        "ceiling: 1, for lack of second answers"
    )
    assert ("teacher", "style") not in one and one["newest", "capability"].protocol.endswith("ceiling: all right")


def test_rows_that_were_held_out_bring_their_own_answers(study):
    rows = [seodang.single_turn(row["instruction"], in_style(n), id=row["id"]) for n, row in enumerate(PROMPTS)]
    scores, _, _ = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, teacher=None, questions="", held_out=rows)
    assert scores["newest", "style"].count == len(PROMPTS) and "the rows' own answers" in scores["newest", "style"].protocol


def test_what_lies_near_the_training_data_is_told_apart(study, tmp_path):
    seen = [
        seodang.single_turn(row["question"], "외웠습니다.", id=f"seen-{n}") for n, row in enumerate(CLOSED) if n < 10 or n >= 30
    ]
    far = [{**row, "question": row["question"].replace("은 얼마입니까?", " 값을 구해서 숫자로만 적어 보세요.")} for row in CLOSED]
    closed = CLOSED[:10] + far[10:30] + CLOSED[30:]

    class Memory(Pupil):
        def _said(self, text):
            return super()._said(text) if "얼마" in text or "번" in text else "0"

    options = {"closed": "mixed.jsonl", "trained_on": seen, "near": 0.9, "gram": 6}
    lines(tmp_path / "mixed.jsonl", closed)
    scores, items, _ = study({"base": Pupil(False, 0), "newest": Memory(True, 40)}, **options)
    assert scores["base", "support capability"].value == 0.5
    assert scores["newest", "capability gain near"].value == 1 and scores["newest", "capability gain far"].value == 0
    apart = scores["newest", "capability gain near less far"]
    assert apart.value == 1 and apart.low > 0
    near = next(item.values for item in items if item.task == "capability" and item.index == 3)
    assert near["near"] == 1 and near["nearest"] == "seen-3"


def test_the_items_of_another_step_are_closed_questions_too(study):
    def item(student, index, values):
        return {"task": "numbers", "index": index, "student": student, "values": values}

    exam = [item("base", n, {"question": "몇입니까?", "right": n < 5}) for n in range(30)]
    exam += [item("newest", n, {"question": "몇입니까?", "right": n < 25}) for n in range(29)]
    kobest = [item(role, n, {"gold": n % 2, "prediction": 0}) for role in ("base", "newest") for n in range(10)]
    students = {"base": Pupil(False, 8), "newest": Pupil(True, 8)}
    scores, _, context = study(students, closed="", items=["exam", "kobest"], steps={"exam": exam, "kobest": kobest})
    assert scores["newest", "capability exam"].value == 25 / 29 and scores["newest", "capability kobest"].value == 0.5
    assert scores["newest", "capability gain"].value == pytest.approx(20 / 39)
    assert context.warned == [render("seodang_study:not-common", {"step": "exam", "left_out": 1, "items": 30})]


def test_choices_are_taken_by_likelihood_where_all_tell_one_and_else_by_what_all_say(study, tmp_path):
    lines(tmp_path / "choices.jsonl", CHOICES)
    said = lines(
        tmp_path / "said.jsonl", [{"instruction": row["instruction"], "output": in_style(n)} for n, row in enumerate(PROMPTS)]
    )
    for base, newest, way in ((Weighing, Weighing, "likelihood"), (Letters, Weighing, "words"), (Weighing, Written, "words")):
        students = {"base": base(False, 0), "newest": newest(True, 0)}
        scores, _, _ = study(students, teacher=None, closed="choices.jsonl", answers=said)
        for role in students:
            assert scores[role, "capability"].value == {"likelihood": 2 / 3, "words": 1 / 3}[way], (base, newest, role)
            expected = f"; choices {'by likelihood' if way == 'likelihood' else 'in words'}"
            assert scores[role, "capability"].protocol.endswith(expected)


@pytest.mark.parametrize(
    ("choices", "said", "meant"),
    [
        (("고양이", "사자"), "B", "사자"),
        (("고양이", "사자"), "(B) 사자", "사자"),
        (("고양이", "사자"), "B입니다.", "사자"),
        (("cat", "lion"), "A lion.", "lion"),
        (("고양이", "사자"), "고양이나 사자", ""),
        (("고양이", "사자"), "C", ""),
        (("+", "-"), "", ""),
        (("+", "-"), "-", "-"),
    ],
)
def test_the_choice_that_an_answer_means(tmp_path, choices, said, meant):
    context = make_context(tmp_path, language="ko")
    assert chosen(Closed("one", "질문", ("x",), choices), said, context.locale) == meant


@pytest.mark.parametrize(
    ("answers", "said", "right"),
    [
        (["7"], "3 더하기 4는 7입니다.", True),
        (["3"], "3 더하기 4는 7입니다.", False),
        (["3"], "답은 3.5입니다.", False),
        (["1200"], "모두 1,200원입니다.", True),
        (["-3"], "답은 -3입니다.", True),
        (["3"], "-3", False),
        (["세종", "세종대왕"], "세종대왕이 만들었습니다.", True),
        (["세종"], "모르겠습니다.", False),
        (["서울"], "서울", True),
        (["4", "넷"], "사과는 넷이 남습니다.", True),
        (["+"], "", False),
        (["+"], "+", True),
    ],
)
def test_what_is_right_is_told_from_what_only_holds_it(tmp_path, answers, said, right):
    context = make_context(tmp_path, language="ko")
    assert is_right(Closed("one", "질문", tuple(answers)), said, context.locale) is right


def test_words_may_be_compared_by_morphemes(study):
    pytest.importorskip("kiwipiepy")
    scores, _, _ = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, tokens="morphemes")
    overlap = scores["newest", "style overlap"]
    assert 0.9 < overlap.value < 1 and scores["base", "style overlap"].value < 0.2
    assert "; overlap of morphemes, kiwipiepy 0." in overlap.protocol


class TestStudy(EvaluationContract):
    evaluation = Study
    teacher = Village

    @pytest.fixture
    def raw_options(self, place):
        return {
            "questions": str(place / lines(place / "prompts.jsonl", PROMPTS)),
            "closed": str(place / lines(place / "closed.jsonl", CLOSED)),
        }


def test_a_plan_tells_what_the_teacher_will_be_asked(tmp_path):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(re.search(r"```toml\n(.*?)```", readme, re.DOTALL)[1], encoding="utf-8")
    small = read_recipe(recipe, ["program.facts={numbers=12}", "program.hold_out=5"])
    offers = load_plugins()
    estimate = forecast(small, resolve(small, offers), offers, tmp_path / "run").steps[-1].estimate
    assert (estimate.requests, estimate.students, estimate.complete) == (2 * 5, 2, True), "every prompt twice"
    assert not estimate.exact, "which rows will be held out, and what the students say to them, is not known yet"


def test_the_recipe_of_the_readme_is_one(tmp_path):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(re.search(r"```toml\n(.*?)```", readme, re.DOTALL)[1], encoding="utf-8")
    steps = resolve(read_recipe(tmp_path / "recipe.toml"), load_plugins())
    assert [step.entry.plugin for step in steps][-2:] == ["program-exam", "study"]
    assert steps[-1].capability.options.items == ("program-exam",) and steps[-1].teacher[1].name == "program"
    named = set(re.findall(r"`(\w+)", readme)) | set(re.findall(r"^(\w+) = ", readme, re.MULTILINE))
    assert set(Study.Options.__struct_fields__) <= named, "every option is in the README"
