"""What the evaluation yields, what it warns of, and what it keeps when it is interrupted."""

import json
import math
import re
from pathlib import Path
from typing import ClassVar

import pytest
import seodang
from kobest_items import write_items
from seodang.testing import EvaluationContract, make_context
from seodang.testing.recipes import run_in
from seodang.wording import render
from seodang_kobest import Kobest
from seodang_kobest.asking import asked
from seodang_kobest.reading import documents
from seodang_kobest.tasks import TASKS

README = Path(__file__).parents[1] / "README.md"


class Liker(seodang.Student):
    """Likes a text for its letters, so that every answer has a reason that is easy to compute."""

    name = "liker"
    identity = "liker"

    def __init__(self, options=None):
        super().__init__(options)
        self.seen = []

    def loglikelihoods(self, pairs):
        self.seen += pairs
        return [self.likes(before, after) for before, after in pairs]

    def likes(self, before, after):
        return -float(sum(map(ord, before[-40:] + after)) % 997)

    def generate(self, conversations, max_tokens):
        return ["" for _ in conversations]


class Yes(Liker):
    name = "yes"
    identity = "yes"

    def likes(self, before, after):
        return -1.0 if after in (" 예", " 긍정") else -2.0


class Broken(Liker):
    name = "broken"

    def likes(self, before, after):
        return math.nan


class Silent(seodang.Student):
    name = "silent"


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return write_items(tmp_path_factory.mktemp("contract") / "items", train=12)


class TestKobest(EvaluationContract):
    evaluation = Kobest
    student: ClassVar = Liker

    @pytest.fixture
    def raw_options(self, few):
        return {"path": str(few), "shots": [0, 2], "resamples": 100}


def told(error, **_):
    return [render(error.value.code, error.value.facts, language) for language in ("en", "ko")]


def test_the_questions_are_put_as_the_harness_puts_them(items):
    options = Kobest.Options(path=str(items))
    context = make_context(items, options=options)
    rows = {name: documents(options, task, "test", context)[0] for name, task in TASKS.items()}
    put = {name: TASKS[name].question(row.values, "lmeval-1.0") for name, row in rows.items()}
    assert put["boolq"] == f"{rows['boolq'].values['paragraph']} 질문: {rows['boolq'].values['question']} 답변: "
    assert re.search(r"\.  (왜냐하면|그래서)$", put["copa"]), "two blanks"
    assert re.search(r"\. (왜냐하면|그래서)$", TASKS["copa"].question(rows["copa"].values, "polyglot-2023")), "one blank"
    assert put["sentineg"].startswith("문장: ") and put["sentineg"].endswith(" 긍부정:")
    assert put["wic"].endswith(f" 두 문장에서 {rows['wic'].values['word']}가 같은 뜻으로 쓰였나?")
    (question, *_), train = (documents(options, TASKS["copa"], split, context) for split in ("test", "train"))
    (one,) = asked(TASKS["copa"], "lmeval-1.0", [question], train, 2, None)
    assert one.context.count("\n\n") == 2 and [pair[1][0] for pair in one.pairs] == [" ", " "]


def test_a_protocol_has_an_order_and_examples_of_its_own(items):
    options = Kobest.Options(path=str(items))
    context = make_context(items, options=options)
    task = TASKS["wic"]
    test, train = (documents(options, task, split, context) for split in ("test", "train"))
    harness, branch = (asked(task, protocol, test, train, 3, None) for protocol in ("lmeval-1.0", "polyglot-2023"))
    assert [one.document.index for one in harness] == [0, 1, 2, 3]
    assert [one.document.index for one in branch] == [2, 1, 3, 0], "shuffled with Random(42)"
    assert [one.context for one in asked(task, "lmeval-1.0", test, train, 3, 2)] == [one.context for one in harness[:2]]
    assert harness[0].context != branch[-1].context, "other examples before the same item"


def test_an_answer_that_never_changes_is_told(measure):
    scores, asked_items, context = measure(Yes(), tasks=("boolq", "copa"), shots=(0,), resamples=100)
    score = scores["boolq 0-shot f1"]
    assert score.facts["constant"] == 1 and score.facts["histogram"] == [0, 4]
    assert score.value == score.facts["constants"][1]["f1"]
    assert all(item.values["prediction"] == 1 for item in asked_items["boolq 0-shot"])
    (warning,) = [line for line in context.warned if "boolq" in line]
    facts = {"student": "mine", "place": "boolq 0-shot", "answer": "예", "share": 100.0, "f1": score.value}
    assert warning == render("seodang_kobest:constant", facts)
    assert [render("seodang_kobest:constant", {**facts, "f1": 0.3324}, language) for language in ("en", "ko")] == [
        "Warning: mine, boolq 0-shot: 100.0 % of the answers are '예'. A constant answer earns an F1 of 0.3324; this figure measures no more.",
        "경고: mine, boolq 0-shot: 대답의 100.0 %가 '예'입니다. 한 가지 답만 해도 F1이 0.3324이므로, 이 점수는 그 이상을 말해 주지 않습니다.",
    ]


def test_two_students_are_compared_over_the_same_items(measure, items):
    evaluation = Kobest(Kobest.Options(path=str(items), tasks=("hellaswag",), shots=(0,), resamples=200))
    students = {"base": Yes(), "mine": Liker()}
    measure(students["base"], evaluation, students)
    scores, _, _ = measure(students["mine"], evaluation, students)
    score = scores["hellaswag 0-shot acc less base's"]
    alone = scores["hellaswag 0-shot acc"]
    assert score.facts["against"] == "base" and score.low <= score.value <= score.high
    assert score.value == (score.facts["only_here"] - score.facts["only_there"]) / alone.count
    assert 0 < score.facts["mcnemar_p"] <= 1


def test_a_student_without_likelihoods_is_refused(measure):
    with pytest.raises(seodang.DataError) as error:
        measure(Silent())
    assert told(error) == [
        "The student 'mine' (silent) tells no log-likelihoods, and KoBEST is scored by nothing else. Use a model's directory, a GGUF file, "
        "or a server whose completions give log-probabilities.",
        "학생 'mine'(silent)에게서는 로그 가능도를 얻을 수 없는데, KoBEST는 그것으로만 채점합니다. 모델 디렉터리, GGUF 파일, 또는 "
        "completions가 로그 확률을 주는 서버를 쓰세요.",
    ]


def test_what_is_no_number_is_never_scored(measure):
    with pytest.raises(seodang.DataError) as error:
        measure(Broken(), tasks=("copa",), shots=(0,))
    assert told(error) == [
        'copa, 0 shots, item 0: the log-likelihoods are nan, nan, which are no numbers. Compute in float32 (dtype = "float32"), or look '
        "at the model's weights.",
        'copa, 0샷, 0번 문항: 로그 가능도가 nan, nan여서 수가 아닙니다. dtype = "float32"로 계산하거나 모델의 가중치를 확인하세요.',
    ]


def test_more_examples_than_there_are_is_refused(measure):
    with pytest.raises(seodang.DataError) as error:
        measure(Liker(), tasks=("copa",), shots=(61,))
    assert told(error) == [
        "copa: 61 examples are wanted, and the training file has 60.",
        "copa: 예시가 61개 필요한데 훈련 파일에는 60개뿐입니다.",
    ]


def test_finished_tasks_are_kept_when_it_is_interrupted(items, tmp_path):
    options = Kobest.Options(path=str(items), tasks=("boolq", "copa"), shots=(0, 2), resamples=100, cells=str(tmp_path / "cells"))
    calls = []

    def run(stop_at):
        student = Liker()
        context = make_context(items, options=options, stopping=lambda: len(student.seen) >= stop_at)
        context.students = {"mine": student}
        try:
            return student, list(Kobest(options).evaluate(student, context))
        except seodang.Interrupted as error:
            calls.append(error)
            return student, None

    stopped, nothing = run(stop_at=9)
    assert nothing is None and len(stopped.seen) == 16
    english, korean = (render(calls[0].code, calls[0].facts, language) for language in ("en", "ko"))
    again_with = "Finished tasks are kept where `cells` names a folder: run the same command again."
    assert english == f"Stopped in copa with 0 shots after 0 items. {again_with}"
    assert korean == (
        "copa 과제(0샷)에서 0문항 뒤에 멈췄습니다. `cells`에 폴더를 적었다면 끝난 과제는 남아 있으니 같은 명령을 다시 실행하세요."
    )
    again, found = run(stop_at=10**9)
    whole, expected = Liker(), None
    assert len(again.seen) == 16, "what was finished is not asked again"
    context = make_context(items, options=options)
    context.students = {"mine": whole}
    plain = Kobest(Kobest.Options(path=str(items), tasks=("boolq", "copa"), shots=(0, 2), resamples=100))
    expected = list(plain.evaluate(whole, context))
    assert found == expected and len(whole.seen) == 32
    for file in (tmp_path / "cells").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    torn, repeated = run(stop_at=10**9)
    assert repeated == expected and len(torn.seen) == 32, "a torn file is no finished task"


def test_what_must_not_be_trained_on_are_the_texts_and_not_the_labels(items):
    options = Kobest.Options(path=str(items), tasks=("wic", "copa"))
    texts = list(Kobest(options).texts(make_context(items, options=options)))
    assert len(texts) == 4 * 2 + 4 * 3
    assert not any("[" in text for text in texts) and not {"원인", "결과"} & {*texts}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "path or hub"),
        ({"path": "a", "hub": "./b"}, "path or hub"),
        ({"hub": "skt/kobest_v1"}, "add its commit as revision"),
        ({"path": "a", "split": "test_originated"}, "only sentineg"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, problem):
    with pytest.raises(ValueError, match=problem):
        Kobest.Options(**options)


def test_the_readme_runs(models, items, tmp_path):
    recipe = re.search(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "kobest").symlink_to(items)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine").symlink_to(models["llama"])
    (tmp_path / "models" / "before").symlink_to(models["gpt-neox"])
    done = run_in(tmp_path, recipe)
    assert done.ok, [str(done.error), *getattr(done.error, "problems", ())]
    (folder,) = done.run.glob("*-evaluate-kobest")
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert {score["student"] for score in scores} == {"before", "mine"}
    assert any(score["name"] == "copa 0-shot f1 less before's" for score in scores)
    items_written = [json.loads(line) for line in (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"task", "index", "values", "student"} <= items_written[0].keys()
