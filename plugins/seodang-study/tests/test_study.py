"""Style against substance: students of whom it is known what they took over, and what the evaluation says of them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
import seodang
from seodang.plugins.loading import load_plugins
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.testing import EvaluationContract, asking, make_context
from seodang.wording import render
from seodang_study import Study
from seodang_study.asking import is_right
from seodang_study.questions import Closed

PROMPTS = [{"id": f"q{number}", "instruction": f"{number}번 물건을 고르는 방법을 알려 주세요."} for number in range(24)]
CLOSED = [
    {"id": f"c{number}", "question": f"{number} 더하기 {number}은 얼마입니까?", "answer": str(2 * number)} for number in range(40)
]


def in_style(number: int, sample: int = 0) -> str:
    """The teacher's manner: a list where the number is even, 합니다 throughout, an offer at the end; other words another time."""
    points = "\n".join(
        f"{point}. {word} 살펴봅니다." for point, word in enumerate(("값을", "색을", "무게를")[: 2 + number % 2], 1)
    )
    body = points if number % 2 == 0 else "먼저 값을 살펴봅니다. 다음에 색을 견주어 봅니다."
    word = "끝으로" if sample else "마지막으로"
    return f"물론입니다. 이렇게 합니다.\n{body}\n{word} 무게를 봅니다. 궁금한 점이 있으면 말씀해 주십시오."


class Village(seodang.Teacher):
    """Answers in its manner, and sums rightly."""

    name = "village"
    asked: ClassVar[int] = 0

    async def answer(self, request, context):
        type(self).asked += 1
        text = request.messages[-1].text
        number = int(text.split()[0].rstrip("번"))
        said = in_style(number, request.sample) if "번" in text else f"답은 {2 * number}입니다."
        return seodang.Answer(message=seodang.Message("assistant", said))


class Pupil(seodang.Student):
    """Of whom it is known how it speaks and how many of the sums it has right."""

    name = "pupil"

    def __init__(self, polite: bool, sums: int) -> None:
        super().__init__()
        self.polite, self.sums = polite, sums

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        return [self._said(record.question) for record in conversations]

    def _said(self, text: str) -> str:
        number = int(text.split()[0].rstrip("번"))
        if "번" in text:
            return in_style(number, 1) if self.polite else "글쎄 잘 모르겠는데"
        value = 2 * number if number < self.sums else 2 * number + 1
        return f"답은 {value}입니다." if self.polite else str(value)


class Chooser(Pupil):
    """Tells likelihoods: the first choice is always the likeliest."""

    def loglikelihoods(self, pairs):
        return [-1.0 if second.strip() == "가" else -2.0 for _, second in pairs]


def lines(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path.name


@pytest.fixture
def study(tmp_path: Path):
    """One evaluation of these students; the prompts, the questions and what was trained on lie in files or are given."""

    def once(students: dict[str, Pupil], *, teacher=Village, language="ko", trained_on=(), steps=None, held_out=(), **options):
        options = {
            "questions": lines(tmp_path / "prompts.jsonl", PROMPTS),
            "closed": lines(tmp_path / "closed.jsonl", CLOSED),
        } | options
        evaluation = Study(msgspec.convert({name: value for name, value in options.items() if value}, Study.Options))
        context = make_context(
            tmp_path, language=language, options=evaluation.options, trained_on=trained_on, items=steps or {}, held_out=held_out
        )
        context.students = dict(students)

        async def everything():
            return [(role, result) for role, one in students.items() async for result in evaluation.evaluate(one, context)]

        if teacher:
            with asking(context, teacher(), tmp_path):
                results = asyncio.run(everything())
        else:
            results = asyncio.run(everything())
        scores = {(one.student or role, one.name): one for role, one in results if isinstance(one, seodang.Score)}
        return scores, [one for _, one in results if isinstance(one, seodang.Item)], context

    return once


def test_a_student_that_only_sounds_like_its_teacher_is_told_of(study):
    scores, items, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)})
    style, index = scores["newest", "style closure"], scores["newest", "imitation index"]
    assert style.value == pytest.approx(1.0) and style.low > 0.9
    assert scores["newest", "capability closure"].value == 0 == scores["newest", "capability gain"].value
    assert index.value == pytest.approx(1.0) and index.low > 0.5
    assert context.warned == [render("seodang_study:only-style", {"student": "newest", "style": style.value, "gain": 0.0})]
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
    assert scores["newest", "imitation index"].value == pytest.approx(1 - 28 / 32)
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


def test_choices_are_taken_by_likelihood_or_by_what_is_said(study, tmp_path):
    closed = [
        {"id": "index", "question": "1 더하기 1?", "choices": ["가", "나"], "answer": 0},
        {"id": "letter", "question": "2 더하기 1?", "choices": ["가", "나"], "answer": "B"},
        {"id": "words", "question": "3 더하기 1?", "choices": ["가", "나"], "answer": "가"},
    ]

    class Letters(Pupil):
        def _said(self, text):
            return super()._said(text) if "번" in text else "B. 나"

    lines(tmp_path / "choices.jsonl", closed)
    students = {"base": Letters(False, 0), "newest": Chooser(True, 0)}
    scores, _, _ = study(students, teacher=None, closed="choices.jsonl", answers=lines(
        tmp_path / "said.jsonl", [{"instruction": row["instruction"], "output": in_style(n)} for n, row in enumerate(PROMPTS)]
    ))  # fmt: skip
    assert scores["newest", "capability"].value == 2 / 3 and scores["base", "capability"].value == 1 / 3


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


@pytest.mark.parametrize(
    ("language", "said"),
    [("ko", ("가 필요한데 설치되어 있지 않습니다", "'en'입니다")), ("en", ("needs kiwipiepy, which is not", "is 'en'"))],
)
def test_without_morphemes_it_is_said_what_to_do(study, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    for spoken, words in (("ko", said[0]), ("en", said[1])):
        with pytest.raises(seodang.SeodangError) as caught:
            study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, tokens="morphemes", language=spoken)
        assert words in str(caught.value)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_missing_is_said(study, monkeypatch, language, tmp_path):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    said = {
        "ko": (
            "바탕 모델과 한계 사이에 틈이 없어",
            "정답이 있는 질문이 없습니다",
            "이 단계의 학생('newest') 가운데 없어서",
            "3개에는 교사의 답변이 없습니다",
        ),
        "en": (
            "there is no room",
            "asks no closed questions",
            "is none of its students ('newest')",
            "not answered 3 of 24 prompts",
        ),
    }[language]
    _, _, context = study({"base": Pupil(True, 40), "newest": Pupil(True, 40)})
    assert said[0] in context.warned[0]
    _, _, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, closed="")
    assert said[1] in context.warned[0]
    scores, _, context = study({"newest": Pupil(True, 8)})
    assert said[2] in context.warned[0] and scores["newest", "style"].value > 0.5
    lines(tmp_path / "some.jsonl", [{"id": row["id"], "output": in_style(n)} for n, row in enumerate(PROMPTS[3:], 3)])
    scores, _, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, teacher=None, answers="some.jsonl")
    assert said[3] in context.warned[0] and scores["newest", "style"].count == 21


@pytest.mark.parametrize(
    ("closed", "ko", "en"),
    [
        ({"question": "하나?"}, "정답 ''을 알아볼 수 없습니다", "is none"),
        ({"question": "하나?", "choices": ["가"], "answer": 0}, "보기의 목록이 아닙니다", "no list of choices"),
        ({"question": "하나?", "choices": ["가", "나"], "answer": "다"}, "'다'", "'다'"),
        ({"asked": "하나?"}, "질문을 찾지 못했습니다", "no question in the columns"),
    ],
)
def test_a_closed_question_that_is_none_stops_the_step(study, monkeypatch, tmp_path, closed, ko, en):
    for language, said in (("ko", ko), ("en", en)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(seodang.DataError, match=r"bad\.jsonl:1") as caught:
            study({"base": Pupil(False, 0), "newest": Pupil(True, 0)}, closed=lines(tmp_path / "bad.jsonl", [closed]))
        assert said in str(caught.value)


def test_without_prompts_or_a_teacher_there_is_nothing_to_measure(study):
    students = {"base": Pupil(False, 0), "newest": Pupil(True, 0)}
    with pytest.raises(seodang.StepError, match=r"nothing to ask|물을 것이 없습니다"):
        study(students, questions="")
    with pytest.raises(seodang.StepError, match=r"answered none|교사가 답한 것이 없습니다"):
        study(students, teacher=None)
    with pytest.raises(seodang.StepError, match=r"is called 'teacher'|이름이 'teacher'인 학생"):
        study({"base": Pupil(False, 0), "teacher": Pupil(True, 0)})
    with pytest.raises(seodang.StepError, match=r"was asked of all|모두에게 물은 것이 없습니다"):
        study(students, items=["exam"], steps={"exam": []})


class TestStudy(EvaluationContract):
    evaluation = Study
    teacher = Village

    @pytest.fixture
    def raw_options(self, place):
        return {
            "questions": str(place / lines(place / "prompts.jsonl", PROMPTS)),
            "closed": str(place / lines(place / "closed.jsonl", CLOSED)),
        }


def test_the_recipe_of_the_readme_is_one(tmp_path):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(re.search(r"```toml\n(.*?)```", readme, re.DOTALL)[1], encoding="utf-8")
    steps = resolve(read_recipe(tmp_path / "recipe.toml"), load_plugins())
    assert [step.entry.plugin for step in steps][-2:] == ["program-exam", "study"]
    assert steps[-1].capability.options.items == ("program-exam",) and steps[-1].teacher[1].name == "program"
    named = set(re.findall(r"`(\w+)", readme)) | set(re.findall(r"^(\w+) = ", readme, re.MULTILINE))
    assert set(Study.Options.__struct_fields__) <= named, "every option is in the README"
