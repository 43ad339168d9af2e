"""The review by itself, on plans that a test writes: which steps bring terms, and what nobody has to say anything about."""

from __future__ import annotations

import seodang
import seodang_terms
from seodang.terms import known_terms


def stage(name: str, verb: str, terms: tuple[str, ...] = (), came: tuple[str, ...] = (), **more: object) -> seodang.Stage:
    return seodang.Stage(1, name, verb, f"seodang-x:{name}", "seodang-x", (), (), terms, came, False, **more)


def review(*stages: seodang.Stage, carried: tuple[str, ...] = (), **wish: object) -> list[tuple[str, str]]:
    known = known_terms()
    texts = {
        str(wish.get("license", "")),
        *carried,
        *(term for each in stages for term in (*each.terms, *each.presumed, *each.input_terms)),
    }
    plan = seodang.Plan("mine", "ko", "runs/mine", stages, carried=carried, meanings=known.told_in(texts), **wish)
    return [(objection.step, objection.reason) for objection in seodang_terms.review_plan(plan)]


NC = ("CC-BY-NC-4.0",)


def test_who_wants_nothing_hears_nothing():
    assert review(stage("rows", "seeds", NC), carried=NC) == []


def test_terms_that_a_filter_takes_away_at_once_are_in_no_result():
    rows = (stage("rows", "seeds", NC), stage("clean", "filter", came=NC, clears=NC))
    assert [step for step, _ in review(*rows, carried=NC, commercial=True)] == ["rows"]
    # What reached a step was shown to it, and is named all the same; what reached none is not.
    assert review(stage("rows", "seeds", NC), stage("more", "seeds"), commercial=True) == []


def test_rows_with_terms_of_their_own_are_named_where_they_arrive():
    (found,) = review(stage("rows", "seeds"), stage("answer", "teach", came=NC), carried=NC, commercial=True)
    assert (
        found[0] == "answer"
        and "(Creative Commons Attribution-NonCommercial 4.0; carried by its rows; no step declared it)" in found[1]
    )


def test_a_judge_of_an_evaluation_leaves_nothing_in_the_result():
    judged = stage("exam", "evaluate", ("LicenseRef-OpenAI-Terms",))
    assert review(stage("rows", "seeds", ("MIT",)), judged, carried=("MIT",), license="apache-2.0") == []


def test_personal_data_has_guards_of_its_own():
    personal = (seodang.PERSONAL_DATA,)
    assert (
        review(stage("rows", "seeds", personal), stage("answer", "teach", came=personal), carried=personal, commercial=True) == []
    )


def test_the_plugin_of_the_teacher_is_named_and_not_that_of_the_lesson():
    terms = ("LicenseRef-OpenAI-Terms",)
    taught = stage("answer", "teach", terms, added_by={terms[0]: "seodang-openai:openai"})
    assert "from seodang-openai:openai" in review(taught, carried=terms, commercial=True)[0][1]


def test_a_wish_with_an_alternative_needs_one_that_fits_all():
    share = ("CC-BY-SA-4.0",)
    assert review(stage("rows", "seeds", share), carried=share, license="CC-BY-SA-4.0") == []
    assert len(review(stage("rows", "seeds", share), carried=share, license="CC-BY-SA-4.0 OR MIT")) == 1


def test_every_way_out_is_said_in_korean(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    share = ("CC-BY-SA-4.0",)
    (found,) = review(stage("rows", "seeds", share), carried=share, license="MIT")
    assert found[1] == (
        "CC-BY-SA-4.0에 따라 여기서 만든 것은 같은 조건으로 공개해야 하는데(Creative Commons Attribution-ShareAlike 4.0; 출처 seodang-x:rows; 3(b); "
        "https://creativecommons.org/licenses/by-sa/4.0/legalcode, 2026-11 확인) 원하는 것은 license = 'MIT'입니다. license = 'CC-BY-SA-4.0'으로 "
        "적거나, 다른 출처를 쓰거나 이 행을 빼세요. 데이터셋에는 분명히 적용되고, 그것으로 학습한 모델에도 적용되는지는 다툼이 있습니다. "
        "(정보를 드릴 뿐 법률 자문이 아닙니다.)"
    )
