"""Each plugin keeps the contract of its kind."""

import json

import pytest
from seodang.testing import (
    EvaluationContract,
    FilterContract,
    LessonContract,
    LocaleContract,
    SeedsContract,
    SplitterContract,
    StudentContract,
    TeacherContract,
    TemplateContract,
    TrainerContract,
    TranslatorContract,
    wire_server,
)
from seodang_riddles import (
    ClauseSplitter,
    Esperanto,
    Postbox,
    RiddleChoice,
    RiddleIndex,
    Riddles,
    RiddleStudent,
    RiddleTemplate,
    RiddleVariants,
    SameRiddle,
    Sphinx,
)
from service import the_service


class TestRiddles(SeedsContract):
    seeds = Riddles


class TestRiddlesOfMyOwn(SeedsContract):
    seeds = Riddles
    options = {"path": "mine/*.jsonl"}
    files = {"mine/a.jsonl": '{"riddle": "What is full of holes but holds water?", "answer": "A sponge."}\nno JSON\n{}\n'}


class TestPostbox(TranslatorContract):
    translator = Postbox

    @pytest.fixture
    def raw_options(self, monkeypatch):
        monkeypatch.setenv("RIDDLES_KEY", "a-key")
        with wire_server(the_service) as service:
            yield {"base_url": service.url}


class TestSphinx(TeacherContract):
    teacher = Sphinx


class TestRiddleVariants(LessonContract):
    lesson = RiddleVariants
    teacher = Sphinx


class TestSameRiddle(FilterContract):
    filter = SameRiddle


class TestRiddleIndex(TrainerContract):
    trainer = RiddleIndex
    student = RiddleStudent


class TestRiddleStudent(StudentContract):
    student = RiddleStudent
    options = {"path": "student"}
    files = {"student/index.json": json.dumps([["What has keys but opens no door?", "A piano."]])}


class TestRiddleChoice(EvaluationContract):
    evaluation = RiddleChoice


class TestEsperanto(LocaleContract):
    locale = Esperanto
    language = "eo"


class TestRiddleTemplate(TemplateContract):
    template = RiddleTemplate


class TestClauseSplitter(SplitterContract):
    splitter = ClauseSplitter
