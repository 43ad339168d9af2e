"""A filter may be shown what the recipe evaluates on; a recipe that evaluates without such a filter is warned of."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from click.testing import CliRunner
from seodang.commandline.plan import command as plan
from seodang.errors import StepError
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.forecast import forecast
from seodang.testing import make_context
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import village

HEAD = '[recipe]\nname = "village"\nlanguage = "ko"\n'
SEEDS = '\n[[step]]\nseeds = "rows"\n'
GUARD = '\n[[step]]\nfilter = "guard"\n'
TRAIN = '\n[[step]]\ntrain = "paper"\n'
QUIZ = '\n[[step]]\nevaluate = "quiz"\n'
ROWS = '{"question": "서당은 무엇인가요"}\n{"question": "훈장은 누구인가요"}\n{"question": "붓은 무엇인가요"}\n'


class Quiz(seodang.Evaluation):
    """Asks one question."""

    name = "quiz"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        ask: Annotated[str, msgspec.Meta(description="The question.")] = "서당은 무엇인가요"

    def evaluate(self, student, context):
        yield seodang.Score(name="taught", value=float(self.options.ask in student.taught()), count=1)

    def texts(self, context):
        yield self.options.ask


class Invented(Quiz):
    """Draws its questions so that none of them can be in any data."""

    name = "invented"

    def texts(self, context):
        return ()


class Untold(seodang.Evaluation):
    """Does not say what it asks."""

    name = "untold"

    def evaluate(self, student, context):
        yield seodang.Score(name="taught", value=0, count=1)


class Broken(Quiz):
    """Cannot say what it asks."""

    name = "broken"

    def texts(self, context):
        raise RuntimeError("no questions today")


class Guard(seodang.Filter):
    """Drops what is asked, and shows in the record what must not be seen."""

    name = "guard"
    sees_evaluations = True

    def sift(self, records, context):
        asked = dict(map(reversed, context.evaluation_texts()))
        asked |= {record.question: "held-out" for record in context.held_out}
        context.tell(asked=asked)
        found = [asked.get(record.question) for record in records]
        hidden = seodang.single_turn("숨김", id="another")
        return [seodang.Drop("asked", step, record=hidden) if step else seodang.Keep() for step in found]


class WholeGuard(Guard):
    """The same over all records."""

    name = "whole-guard"
    whole = True


class Peeper(seodang.Filter):
    """Looks without having said so."""

    name = "peeper"

    def sift(self, records, context):
        return [seodang.Keep() for _ in context.evaluation_texts()]


class Unsure(seodang.Filter):
    """Asks its judge, sets aside what it cannot decide, and reads a file."""

    name = "unsure"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        beside: Annotated[str, msgspec.Meta(description="A file.", extra=seodang.FILES)] = "beside.jsonl"

    async def sift(self, records, context):
        for path in context.files("beside"):
            list(context.rows(path))
        kept = set()

        async def each():
            for record in records:
                yield record

        async for record, _ in context.ask.each(each(), seodang.Lesson().request):
            kept.add(record.id)
            if "훈장" in record.question:
                context.quarantine(record.id, "undecided", "it says both")
        return [seodang.Keep(tags={"judged": record.id in kept}) for record in records]


class Moody(village.Far):
    """Refuses one of the questions."""

    name = "moody"
    network = ()

    async def answer(self, request, context):
        finish = "refusal" if "붓" in request.messages[-1].text else "stop"
        return seodang.Answer(message=seodang.Message("assistant", "네"), finish=finish)


@seodang.hookimpl
def register_evaluations(register):
    for offered in (Quiz, Invented, Untold, Broken):
        register(offered)


@seodang.hookimpl
def register_filters(register):
    for offered in (Guard, WholeGuard, Peeper, Unsure):
        register(offered)


@seodang.hookimpl
def register_teachers(register):
    register(Moody)


PLUGINS = [village, sys.modules[__name__]]


@pytest.fixture
def run(tmp_path):
    def run(*parts, rows=ROWS, files=None, **wishes):
        files = {"rows.jsonl": rows, **(files or {})}
        return run_in(tmp_path, HEAD + "".join(parts), plugins=PLUGINS, files=files, **wishes)

    return run


@pytest.fixture
def warnings(tmp_path):
    def of(*parts):
        (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
        (tmp_path / "recipe.toml").write_text(HEAD + "".join(parts), encoding="utf-8")
        offers = offers_of(*PLUGINS)
        recipe = read_recipe(tmp_path / "recipe.toml")
        found = forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run")
        assert not found.problems, "a warning stops nothing"
        return list(found.warnings)

    return of


@pytest.mark.parametrize("guard", ["guard", "whole-guard"])
def test_a_filter_sees_the_evaluations_behind_it(run, guard):
    done = run(SEEDS, GUARD.replace("guard", guard), TRAIN, QUIZ, QUIZ + 'name = "again"\nask = "붓은 무엇인가요"\n')
    assert done.ok, done.error
    assert [record.question for record in done.records(guard)] == ["훈장은 누구인가요"]
    assert done.manifest(guard).figures == {"asked": {"서당은 무엇인가요": "quiz", "붓은 무엇인가요": "again"}}
    lines = done.lines(guard, "dropped.jsonl")
    assert [line["detail"] for line in lines] == ["quiz", "again"]
    assert [line["record"]["messages"][0]["text"] for line in lines] == ["숨김", "숨김"], (
        "what stands in for the record is written"
    )
    assert {line["record"]["id"] for line in lines} < {record.id for record in done.records("rows")}


def test_also_when_the_run_stops_before_them(run):
    stopped = run(SEEDS, GUARD, TRAIN, QUIZ, until="guard").manifest("guard")
    assert stopped.dropped == {"asked": 1}
    assert run(SEEDS, GUARD, TRAIN, QUIZ).manifest("guard").fingerprint == stopped.fingerprint
    other = run(SEEDS, GUARD, TRAIN, QUIZ + 'ask = "붓은 무엇인가요"\n')
    assert other.manifest("guard").fingerprint != stopped.fingerprint, "another question, another step"
    assert [line["record"]["id"] for line in other.lines("guard", "dropped.jsonl")] == [other.records("rows")[2].id]


def test_it_sees_what_was_held_out(run):
    many = "".join(f'{{"question": "{word} {word}"}}\n' for word in "가나다라마바사아자차")
    done = run(SEEDS + "hold_out = 2\n", GUARD, TRAIN, QUIZ, rows=many)
    assert done.ok, done.error
    assert sorted(done.manifest("guard").figures["asked"].values()) == ["held-out", "held-out", "quiz"]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "Step peeper asks what the recipe evaluates on; only filters that declare sees_evaluations may see it."),
        ("ko", "peeper 단계가 레시피의 평가 문항을 달라고 합니다. 평가 문항은 sees_evaluations를 밝힌 필터만 볼 수 있습니다."),
    ],
)
def test_who_has_not_said_so_sees_nothing(run, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    assert str(run(SEEDS, '\n[[step]]\nfilter = "peeper"\n', TRAIN, QUIZ).error).startswith(message)


def test_an_evaluation_that_fails_at_it_is_named(run):
    stopped = run(SEEDS, GUARD, TRAIN, '\n[[step]]\nevaluate = "broken"\n')
    assert isinstance(stopped.error, StepError) and "broken" in str(stopped.error) and "no questions today" in str(stopped.error)


@pytest.mark.parametrize(
    ("parts", "warned"),
    [
        ((SEEDS, TRAIN, QUIZ), ["quiz"]),
        ((SEEDS, GUARD, TRAIN, QUIZ), []),
        ((SEEDS, TRAIN, GUARD, QUIZ), ["quiz"]),  # it came too late
        ((SEEDS, TRAIN, QUIZ, '\n[[step]]\nevaluate = "untold"\n'), ["quiz", "untold"]),
        ((SEEDS, TRAIN, '\n[[step]]\nevaluate = "invented"\n'), []),  # says that there is nothing that could leak
        ((SEEDS, TRAIN), []),
    ],
)
def test_a_recipe_without_such_a_filter_is_warned_of(warnings, parts, warned):
    assert [line.partition("(evaluate ")[2].partition(")")[0] for line in warnings(*parts)] == warned


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", 'no filter has compared with what is asked there. Put filter = "decontaminate" before the train step.'),
        ("ko", 'train 단계 앞에 filter = "decontaminate"를 두세요.'),
    ],
)
def test_the_warning_is_shown_and_stops_nothing(warnings, monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    (line,) = warnings(SEEDS, TRAIN, QUIZ)
    assert line.endswith(message)


def test_plan_prints_it_beside_the_table(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.setattr("seodang.plugins.loading.load_plugins", lambda: offers_of(*PLUGINS))
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(HEAD + SEEDS + TRAIN + QUIZ, encoding="utf-8")
    shown = CliRunner().invoke(plan, [str(tmp_path / "recipe.toml"), "--run-dir", str(tmp_path / "run")], standalone_mode=False)
    assert shown.return_value == 0 and "Warning: step 3 (evaluate quiz)" in shown.output


def test_what_a_filter_sets_aside_is_quarantined_whatever_it_says(run):
    step = '\n[[step]]\nfilter = "unsure"\njudge = "moody"\n'
    done = run(SEEDS, step, files={"beside.jsonl": '{"a": 1}\n{torn\n'}, quarantine_limit=1.0)
    assert done.ok, done.error
    assert [record.tags for record in done.records("unsure")] == [{"judged": True}]
    assert done.manifest("unsure").quarantined == {"refusal": 1, "undecided": 1}
    assert done.manifest("unsure").rows["in"] == 3
    unreadable = done.manifest("unsure").figures["unreadable"]
    assert unreadable["lines"] == 1 and any(where.startswith("beside.jsonl:2") for where in unreadable), (
        "a line of another file is no row of the step, and is told"
    )


def test_what_a_judge_will_be_asked_is_told_before(tmp_path):
    """In a plan, as for a lesson: the filter forms its questions, nobody is asked, and what was answered before costs nothing."""
    step = '\n[[step]]\nfilter = "unsure"\njudge = "moody"\n'
    files = {"rows.jsonl": ROWS, "beside.jsonl": '{"a": 1}\n'}
    offers = offers_of(*PLUGINS)

    def estimate():
        recipe = read_recipe(tmp_path / "recipe.toml")
        return forecast(recipe, resolve(recipe, offers), offers, tmp_path / "run").steps[1].estimate

    run_in(tmp_path, HEAD + SEEDS + step, plugins=PLUGINS, files=files, until="rows")
    before = estimate()
    assert (before.rows, before.requests, before.stored, before.exact) == (3, 3, 0, True)
    run_in(tmp_path, HEAD + SEEDS + step, plugins=PLUGINS, files=files, quarantine_limit=1.0)
    more = ROWS + '{"question": "먹은 무엇인가요"}\n'
    (tmp_path / "rows.jsonl").write_text(more, encoding="utf-8")
    after = estimate()
    assert (after.rows, after.requests, after.stored) == (4, 1, 3)


def test_a_test_gives_a_filter_what_it_likes(tmp_path):
    context = make_context(tmp_path, evaluation_texts=[("quiz", "서당은 무엇인가요")])
    assert list(context.evaluation_texts()) == list(context.evaluation_texts()) == [("quiz", "서당은 무엇인가요")]
