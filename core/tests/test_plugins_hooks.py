"""Observers are told and cannot stop a run; whoever may object can."""

import pytest
import seodang
from seodang.plugins.offers import offers_of
from seodang.verdicts import Plan

PLAN = Plan(recipe="small", language="ko", run="runs/small", stages=())


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")


class Hears:
    """An observer that writes down what it is told."""

    def __init__(self):
        self.heard = []

    @seodang.hookimpl
    def step_finished(self, step, report):
        self.heard.append((step, dict(report)))

    @seodang.hookimpl
    def run_finished(self, outcome):
        self.heard.append(outcome)


def failing(error):
    class Fails:
        distribution = "seodang-failing"

        @seodang.hookimpl
        def step_finished(self, run):
            raise error

        @seodang.hookimpl
        def review_plan(self, plan):
            raise error

    return Fails()


def answering(answer):
    class Answers:
        distribution = "seodang-answering"

        @seodang.hookimpl
        def review_plan(self, plan):
            return answer(plan)

    return Answers()


def test_every_observer_hears_what_it_asks_for():
    first, second = Hears(), Hears()
    offers = offers_of(first, second)
    assert offers.announce("step_finished", run="runs/small", step="novelty", report={"kept": 3}) == []
    assert offers.announce("run_finished", run="runs/small", outcome="finished") == []
    assert first.heard == second.heard == [("novelty", {"kept": 3}), "finished"]


@pytest.mark.parametrize("error", [RuntimeError("disk on fire"), SystemExit(3)])
def test_an_observer_that_fails_is_named_and_the_others_hear_on(error):
    before, after = Hears(), Hears()
    warnings = offers_of(before, failing(error), after).announce("step_finished", run="r", step="s", report={})
    assert warnings == [
        f"seodang-failing 0 failed in step_finished(): {type(error).__name__}: {error}. The run goes on without it."
    ]
    assert before.heard == after.heard == [("s", {})]
    assert error.__notes__ == ["in seodang-failing 0, step_finished()"]


def test_an_observer_cannot_change_what_the_next_one_hears():
    class Changes:
        @seodang.hookimpl
        def step_finished(self, report):
            report["kept"] = 0

    report, hears = {"kept": 3}, Hears()
    warnings = offers_of(Changes(), hears).announce("step_finished", run="r", step="s", report=report)
    assert "TypeError" in warnings[0]
    assert hears.heard == [("s", {"kept": 3})] and report == {"kept": 3}


def test_ctrl_c_is_not_an_observers_failure():
    with pytest.raises(KeyboardInterrupt):
        offers_of(failing(KeyboardInterrupt())).announce("step_finished", run="r", step="s", report={})


def test_nobody_objects_to_a_plan_that_nobody_minds():
    assert offers_of(Hears(), answering(lambda plan: None), answering(lambda plan: [])).review_plan(PLAN) == []


def test_objections_of_all_are_gathered():
    mine = seodang.Objection("translate", "no budget")
    yours = seodang.Objection("teach", "terms")
    offers = offers_of(answering(lambda plan: [mine]), answering(lambda plan: (one for one in [yours])))
    assert offers.review_plan(PLAN) == [mine, yours]


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (failing(OSError("no policy file")), "seodang-failing 0 could not review the plan: OSError: no policy file."),
        (failing(SystemExit(0)), "seodang-failing 0 could not review the plan: SystemExit: 0."),
        (
            answering(lambda plan: "no"),
            "seodang-answering 0 could not review the plan: TypeError: review_plan() must return seodang.Objection, not str.",
        ),
        (answering(lambda plan: (1 / 0 for _ in [1])), "seodang-answering 0 could not review the plan: ZeroDivisionError: "),
        (answering(lambda plan: 7), "seodang-answering 0 could not review the plan: TypeError: 'int' object is not iterable."),
    ],
)
def test_whoever_fails_to_review_a_plan_has_objected(plugin, said):
    objection, = offers_of(plugin).review_plan(PLAN)  # fmt: skip
    assert objection.reason.startswith(said)
    assert objection.reason.endswith("Repair that plugin, or leave it out with SEODANG_PLUGINS.")
