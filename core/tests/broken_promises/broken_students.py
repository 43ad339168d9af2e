"""Trainers, students, evaluations and templates, each of which breaks one promise, and the tests that notice it."""

import itertools

import seodang
from seodang.testing import EvaluationContract, StudentContract, TemplateContract, TrainerContract

COUNT = itertools.count()


class Fixed(seodang.Trainer):
    """Trains nothing; those below break it."""

    name = "fixed"

    def train(self, dataset, base, output, context):
        (output / "student").mkdir(exist_ok=True)
        return seodang.Trained(student="quiet", options={})


class Quiet(seodang.Student):
    """Says nothing; those below break it."""

    name = "quiet"

    def loglikelihoods(self, pairs):
        return [-1.0 for _ in pairs]

    def generate(self, conversations, max_tokens):
        return ["" for _ in conversations]


class Absolute(Fixed):
    """Names a place that nobody can move, and a student that is another's."""

    name = "absolute"

    def train(self, dataset, base, output, context):
        return seodang.Trained(student="somebody", options={"path": str(output)})


class TestAbsolute(TrainerContract):
    trainer = Absolute
    student = Quiet
    breaks = {
        "test_it_makes_a_student",
        "test_the_student_can_be_opened",
        "test_an_interrupted_folder_is_used_again",
    }


class Stubborn(Fixed):
    """Cannot go on where it was stopped."""

    name = "stubborn"

    def train(self, dataset, base, output, context):
        (output / "student").mkdir()
        return seodang.Trained(student="quiet", options={"size": sum(1 for _ in dataset)})


class TestStubborn(TrainerContract):
    trainer = Stubborn
    breaks = {"test_an_interrupted_folder_is_used_again"}


class Trained(Fixed):
    """Trains when it should only look, and shows examples in which nothing is learned."""

    name = "trained"

    def rehearse(self, dataset, base, output, context):
        (output / "weights").write_text("half a student", encoding="utf-8")
        return seodang.Rehearsal(examples=((seodang.Segment("a"),),), findings=())


class TestTrained(TrainerContract):
    trainer = Trained
    breaks = {"test_a_rehearsal_trains_nothing"}


class Overconfident(Quiet):
    """Knows everything for more than sure, and has one answer for all."""

    name = "overconfident"

    def loglikelihoods(self, pairs):
        return [0.5 for _ in pairs]

    def generate(self, conversations, max_tokens):
        return ["42"]


class TestOverconfident(StudentContract):
    student = Overconfident
    breaks = {"test_likelihoods_are_likelihoods", "test_there_is_one_answer_per_conversation"}


class Crowded(Quiet):
    """Is distracted by what it is asked beside, and never says the same twice."""

    name = "crowded"

    def loglikelihoods(self, pairs):
        return [-float(len(pairs)) for _ in pairs]

    def generate(self, conversations, max_tokens):
        return [f"{next(COUNT)}" for _ in conversations]


class TestCrowded(StudentContract):
    student = Crowded
    breaks = {"test_neighbours_do_not_change_likelihoods", "test_it_answers_the_same_again"}


class Scoreless(seodang.Evaluation):
    """Looks at items and comes to no result; two of its items cannot be told apart."""

    name = "scoreless"

    def texts(self, context):
        return ["", "empty"]

    def evaluate(self, student, context):
        yield seodang.Item(task="one", index=0, values={})
        yield seodang.Item(task="one", index=0, values={})


class TestScoreless(EvaluationContract):
    evaluation = Scoreless
    breaks = {"test_it_gives_scores", "test_its_items_can_be_written", "test_it_says_what_must_not_be_trained_on"}


class Wandering(seodang.Evaluation):
    """Measures something else each time."""

    name = "wandering"

    def evaluate(self, student, context):
        yield seodang.Score(name="luck", value=float(next(COUNT)), count=1)


class TestWandering(EvaluationContract):
    evaluation = Wandering
    breaks = {"test_it_measures_the_same_again"}


class Endless(seodang.Template):
    """Never teaches the student to stop."""

    name = "endless"

    def segments(self, record):
        return [seodang.Segment(message.text + record.input, trained=message.role == "assistant") for message in record.messages]


class TestEndless(TemplateContract):
    template = Endless
    breaks = {"test_what_it_trains_ends_with_a_stop"}


class TwoFaced(seodang.Template):
    """Asks in other words than those it trains with, and forgets the separate input."""

    name = "two-faced"

    def segments(self, record):
        asked = "Q: " if record.answered else "Question: "
        segments = [
            seodang.Segment(f"{asked}{message.text}\n", trained=message.role == "assistant") for message in record.messages
        ]
        return [*segments, seodang.Segment("eos", trained=True, special=True)]


class TestTwoFaced(TemplateContract):
    template = TwoFaced
    breaks = {"test_the_prompt_begins_the_training_text", "test_the_answer_is_trained_and_the_question_is_there"}


@seodang.hookimpl
def register_trainers(register):
    for trainer in (Absolute, Stubborn, Trained):
        register(trainer)


@seodang.hookimpl
def register_students(register):
    for student in (Overconfident, Crowded):
        register(student)


@seodang.hookimpl
def register_evaluations(register):
    for evaluation in (Scoreless, Wandering):
        register(evaluation)


@seodang.hookimpl
def register_templates(register):
    for template in (Endless, TwoFaced):
        register(template)
