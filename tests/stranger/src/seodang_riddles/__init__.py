"""Riddles: one plugin of every kind."""

import seodang

from seodang_riddles.cards import CardBox, CardFile, RiddleCard
from seodang_riddles.cellar import Cellar
from seodang_riddles.choice import RiddleChoice
from seodang_riddles.esperanto import Esperanto
from seodang_riddles.index import RiddleIndex, RiddleStudent
from seodang_riddles.layout import ClauseSplitter, RiddleTemplate
from seodang_riddles.postbox import Postbox
from seodang_riddles.same import SameRiddle
from seodang_riddles.source import Riddles
from seodang_riddles.sphinx import Sphinx
from seodang_riddles.variants import RiddleVariants


@seodang.hookimpl
def register_seeds(register):
    register(Riddles)


@seodang.hookimpl
def register_translators(register):
    register(Postbox)


@seodang.hookimpl
def register_teachers(register):
    register(Sphinx)


@seodang.hookimpl
def register_lessons(register):
    register(RiddleVariants)


@seodang.hookimpl
def register_filters(register):
    register(SameRiddle)


@seodang.hookimpl
def register_trainers(register):
    register(RiddleIndex)


@seodang.hookimpl
def register_students(register):
    register(RiddleStudent)


@seodang.hookimpl
def register_evaluations(register):
    register(RiddleChoice)


@seodang.hookimpl
def register_locales(register):
    register(Esperanto)


@seodang.hookimpl
def register_templates(register):
    register(RiddleTemplate)


@seodang.hookimpl
def register_splitters(register):
    register(ClauseSplitter)


@seodang.hookimpl
def register_formats(register):
    register(RiddleCard)


@seodang.hookimpl
def register_tables(register):
    register(CardFile)


@seodang.hookimpl
def register_layouts(register):
    register(CardBox)


@seodang.hookimpl
def register_carriers(register):
    register(Cellar)


@seodang.hookimpl
def review_plan(plan):
    """Riddles that somebody wants to keep secret are not to be trained on."""
    secret = [stage for stage in plan.stages if stage.verb == "train" and "secret" in stage.input_terms]
    return [seodang.Objection(stage.name, "the riddles are secret") for stage in secret]
