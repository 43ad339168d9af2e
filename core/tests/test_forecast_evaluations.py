"""What a plan says that a recipe's evaluations will ask their judges, and what a run tells whose cap will not be enough."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.asking.made_up import fitting
from seodang.asking.shapes import flaw
from seodang.errors import StepError
from seodang.ledger.money import parse_cap
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.engine import run_recipe
from seodang.runs.forecast import forecast
from seodang.runs.progress import Progress
from seodang.runs.session import Wishes
from seodang.traffic.clock import SystemClock

sys.path.insert(0, str(Path(__file__).parent))
import village

HEAD = '[recipe]\nname = "judged"\nlanguage = "ko"\n\n[[step]]\nseeds = "rows"\n'
TRAINED = HEAD + '\n[[step]]\ntrain = "paper"\n'
ROWS = "".join(f'{{"question": "{word} 무엇인가요"}}\n' for word in ("서당은", "훈장은", "붓은", "먹은", "벼루는", "종이는"))
VERDICT = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "better": {"enum": ["A", "B"]}},
    "required": ["reason", "better"],
}


class Strict(seodang.Teacher):
    """Has a price, and counts who asks."""

    name = "strict"
    asked = 0

    def price(self):
        return seodang.Price(currency="USD", input_micro_per_million=1_000_000, output_micro_per_million=2_000_000)

    def most_tokens(self, request):
        return super().most_tokens(request)[0], 500

    async def answer(self, request, context):
        type(self).asked += 1
        return seodang.Answer(
            message=seodang.Message("assistant", json.dumps({"reason": "낫습니다.", "better": "A"})), usage=seodang.Usage(60, 20)
        )


class Duel(seodang.Evaluation):
    """Has every answer to what was held out judged; where there is a verdict it asks once more about a control. Keeps what it saw."""

    name = "duel"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        questions: Annotated[tuple[str, ...], msgspec.Meta(description="Instead of what was held out.")] = ()
        wants: Annotated[str, msgspec.Meta(description="A capability of the student that it needs, before or after asking.")] = ""
        missing: Annotated[bool, msgspec.Meta(description="Whether a file is missing.")] = False

    def __init__(self, options=None):
        super().__init__(options)
        self.seen: list[str] = []

    async def evaluate(self, student, context):
        if self.options.missing:
            raise seodang.DataError("context.no-files", step="duel", option="questions", pattern="none", directory="here")
        asked = [seodang.single_turn(text) for text in self.options.questions] or list(context.held_out)
        self.seen += [record.question for record in asked]
        assert len(self.seen) == len(asked), "each student has an instance of its own run"
        verdicts = []
        for record, said in zip(asked, student.generate(asked, 64), strict=True):
            verdicts.append((await context.ask(_judged(record.question, said))).json()["better"])
        if self.options.wants:
            getattr(student, self.options.wants)()
        for record in asked:
            await context.ask(_judged(record.question, "저는 만점입니다."))
        yield seodang.Score(name="wins", value=verdicts.count("A") / len(verdicts), count=len(verdicts))


def _judged(question, said):
    return seodang.Request(messages=(seodang.Message("user", f"{question}\n{said}"),), schema=VERDICT)


class Watchful(Duel):
    """Judges what an evaluation before it has asked."""

    name = "watchful"
    sees_run = True

    async def evaluate(self, student, context):
        for item in context.items("exam"):
            await context.ask(_judged(str(item["values"].get("question")), item["student"]))
        yield seodang.Score(name="rows", value=len(context.trained_on), count=1)


class Stumbling(village.Rows):
    """Falls over when it is read for the first time."""

    name = "stumbling"
    read_before = False

    def read(self, context):
        if not type(self).read_before:
            type(self).read_before = True
            raise RuntimeError("a source that fell over")
        yield from super().read(context)


class Notes(seodang.Student):
    """Its answers are written already."""

    name = "notes"
    written = True

    def generate(self, conversations, max_tokens):
        return [f"{record.question}에 대한 답" for record in conversations]


@seodang.hookimpl
def register_teachers(register):
    register(Strict)


@seodang.hookimpl
def register_evaluations(register):
    register(Duel)
    register(Watchful)


@seodang.hookimpl
def register_seeds(register):
    register(Stumbling)


@seodang.hookimpl
def register_students(register):
    register(Notes)


PLUGINS = [village, sys.modules[__name__]]
EVALUATED = '\n[[step]]\nevaluate = "duel"\njudge = "strict"\n'
OF_NOTES = HEAD + '\n[students.notes]\nuse = "notes"\n' + EVALUATED + 'student = "notes"\nquestions = ["하나?", "둘?", "셋?"]\n'


@pytest.fixture
def planned(tmp_path):
    def plan(text):
        (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
        (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
        recipe, offers = read_recipe(tmp_path / "recipe.toml"), offers_of(*PLUGINS)
        return forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run")

    return plan


@pytest.fixture
def run(tmp_path, capsys):
    def once(text, cap=""):
        (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
        (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
        Strict.asked = 0
        capsys.readouterr()
        clock = SystemClock()
        run_recipe(
            tmp_path / "recipe.toml",
            tmp_path / "run",
            offers=offers_of(*PLUGINS),
            wishes=Wishes(caps=[parse_cap(cap)] if cap else ()),
            progress=Progress(clock),
            clock=clock,
        )
        return capsys.readouterr().err

    return once


def test_an_evaluation_forms_its_questions_over_answers_that_are_made_up(planned):
    found = planned(HEAD.replace('"rows"\n', '"rows"\nhold_out = 2\n') + '\n[[step]]\ntrain = "paper"\n' + EVALUATED)
    estimate = found.steps[2].estimate
    assert (estimate.requests, estimate.stored, estimate.complete) == (2 * 2, 0, True), "the controls after the verdicts, too"
    assert (estimate.students, estimate.exact) == (1, False)
    assert estimate.output_tokens == pytest.approx(4 * 70, rel=0.2), "a verdict with a sentence or two, and not an essay"
    assert estimate.likely_micro == estimate.input_tokens + 2 * estimate.output_tokens < estimate.most_micro
    assert found.likely_micro == {"USD": estimate.likely_micro}


def test_answers_that_lie_ready_are_read_and_what_was_judged_is_known(planned, run):
    estimate = planned(OF_NOTES).steps[1].estimate
    assert (estimate.requests, estimate.exact) == (6, True)
    run(OF_NOTES)
    assert Strict.asked == 6, "as was foreseen"
    more = OF_NOTES.replace('"셋?"', '"셋?", "넷?"')
    estimate = planned(more).steps[1].estimate
    assert (estimate.stored, estimate.requests) == (6, 2)
    assert planned(OF_NOTES).steps[1].estimate is None, "it stands"


def test_an_evaluation_that_wants_more_of_a_student_is_counted_as_far_as_it_came(planned):
    estimate = planned(TRAINED + EVALUATED + 'questions = ["하나?", "둘?"]\nwants = "taught"\n').steps[2].estimate
    assert (estimate.requests, estimate.complete) == (2, False)


def test_what_is_wrong_with_the_recipe_is_told(planned):
    with pytest.raises(seodang.DataError):
        planned(TRAINED + EVALUATED + "missing = true\n")


def test_the_items_of_an_evaluation_before_it_are_stood_in_for(planned):
    text = TRAINED + '\n[[step]]\nevaluate = "exam"\n' + EVALUATED.replace("duel", "watchful")
    assert planned(text).steps[3].estimate.requests == 1
    with pytest.raises(StepError, match=r"no evaluate step 'exam'|'exam'이라는 evaluate 단계"):
        planned(TRAINED + EVALUATED.replace("duel", "watchful"))


def test_an_evaluation_that_asks_nobody_costs_nothing(planned):
    found = planned(TRAINED + '\n[[step]]\nevaluate = "exam"\n')
    assert [step.estimate for step in found.steps] == [None, None, None] and found.most_micro == {}


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "together more than the cap of 0.0001 USD. The run will stop there"), ("ko", "합치면 한도 0.0001 USD를 넘습니다")],
)
def test_a_cap_that_will_not_be_enough_is_told_before_anything_is_spent(run, tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError) as stopped:
        run(OF_NOTES, "0.0001USD")
    assert stopped.value.exit_code == 7 and Strict.asked == 0
    events = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    told = next(number for number, event in enumerate(events) if said in event.get("text", ""))
    assert told < next(number for number, event in enumerate(events) if event["event"] == "step_started")


def test_a_cap_that_is_enough_is_not_spoken_of_and_the_run_is_the_same(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    said = run(OF_NOTES, "5USD")
    assert "Looking ahead" in said and "more than the cap" not in said and Strict.asked == 6
    assert "Looking ahead" not in run(OF_NOTES, "0.00001USD"), "all stands: nothing is asked any more"
    assert "Looking ahead" not in run(OF_NOTES.replace("둘?", "다섯?")), "without a cap"


def test_what_cannot_be_foreseen_is_told_and_stops_no_run(run, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    Stumbling.read_before = False
    recipe = HEAD.replace('"rows"\n', '"stumbling"\nhold_out = 2\n') + '\n[[step]]\nteach = "answering"\nteacher = "strict"\n'
    said = run(recipe, "5USD")
    assert "could not be foreseen: a source that fell over. The cap holds all the same." in said
    assert Strict.asked == 4


@pytest.mark.parametrize(
    "schema",
    [
        VERDICT,
        {"type": "array", "items": {"type": "integer", "minimum": 3}, "minItems": 2},
        {"$ref": "#/$defs/one", "$defs": {"one": {"type": "object", "properties": {"next": {"$ref": "#/$defs/one"}}}}},
        {"anyOf": [{"const": "네"}, {"type": "null"}]},
        {"allOf": [{"type": "object"}, {"required": ["a"], "properties": {"a": {"type": ["boolean", "null"]}}}]},
        {"type": "string", "minLength": 80, "maxLength": 90},
        {"type": "number", "maximum": -2.5},
    ],
)
def test_an_answer_that_is_made_up_fits_the_schema(schema):
    assert flaw(fitting(schema, "이유는 이렇습니다."), schema) == ("", "")
