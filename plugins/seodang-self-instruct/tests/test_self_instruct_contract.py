"""What every lesson promises, by both variants, one task a question and several, in four languages."""

import sys
from pathlib import Path

import pytest
from seodang.testing import LessonContract

sys.path.insert(0, str(Path(__file__).parent))
from seodang_self_instruct import SelfInstruct
from taught import Fluent, seed_records


class Growing(LessonContract):
    __test__ = False
    lesson = SelfInstruct
    teacher = Fluent
    language = "ko"
    records = tuple(seed_records())
    options = {"count": 40}


class TestRepaired(Growing):
    """Rounds whose questions show what earlier rounds have brought."""


class TestInBatches(Growing):
    options = {"count": 40, "batch": 6, "per_round": 2}


class TestWithSimilarities(Growing):
    options = {"count": 20, "most_similar": 3, "include_seeds": True}


class TestFaithful(Growing):
    language = "en"
    options = {"count": 20, "variant": "faithful"}


@pytest.mark.parametrize("language", ["en", "ja", "ko", "zh"])
def test_the_languages_that_have_a_locale_have_every_text(language, tmp_path):
    from seodang.testing import make_context
    from seodang_self_instruct.own_texts import Texts, _own
    from seodang_self_instruct.repaired import Repaired

    context = make_context(tmp_path, language=language)
    texts = Texts(context.locale)
    assert _own()[language].keys() == _own()["en"].keys()
    for options in ({}, {"batch": 5}, {"classification_only": True}, {"max_instances": 1}):
        way = Repaired(SelfInstruct(SelfInstruct.Options(**options)), context)
        question = way.question(["첫째", "둘째"]).messages[-1].text
        assert "1. 첫째\n2. 둘째" in question and "{" not in question
    for name in (name for name in _own()[language] if name != "example"):
        assert texts.prompt(name)
