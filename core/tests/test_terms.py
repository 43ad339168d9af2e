"""Facts about terms, as core reads them; and a recipe's wish, that core refuses where nobody looks at it."""

from __future__ import annotations

from pathlib import Path

import pytest
import seodang
from seodang.errors import SeodangError
from seodang.terms import Term, Terms, TermsFile, read_terms, strictest, strictness
from seodang.testing.recipes import run_in


def term(**facts: object) -> Term:
    return Term(title="t", source="https://example.org", read="2026-11", **facts)


def test_what_is_not_said_is_not_known():
    found = term()
    assert {found.commercial, found.attribution, found.derivatives, found.same_terms, found.competing} == {"unknown"}
    assert found.through_output is None and found.begins == found.notice == found.condition == ""


def test_the_first_file_goes_before_the_second_however_names_are_written():
    first = TermsFile({"mit": term(commercial="no")}, {"*village*": "mit"})
    second = TermsFile({"MIT": term(commercial="yes"), "X": term()}, {"*the-village-7b*": "X", "*town*": "X"})
    known = Terms(first, second)
    found = known.of("Mit")
    assert found and found.commercial == "no" and known.of("x") == term() and known.of("y") is None
    assert known.of_model("our/The-Village-7B") == "mit" and known.of_model("town-1b") == "X" and known.of_model("city") == ""


def test_no_counts_more_than_not_known_and_that_more_than_a_condition():
    free = {"commercial": "yes", "attribution": "no", "derivatives": "yes", "same_terms": "no", "competing": "yes"}
    ordered = [
        term(commercial="no"), None, term(), term(**{**free, "derivatives": "no"}), term(**{**free, "competing": "no"}),
        term(**{**free, "same_terms": "yes"}), term(**{**free, "attribution": "yes"}), term(**free),
    ]  # fmt: skip
    ranks = [strictness(each) for each in ordered]
    assert ranks == sorted(ranks, reverse=True) and ranks[0] > ranks[1] and ranks[-1] == 0
    known = Terms(TermsFile({"Free": term(**free), "By": term(**{**free, "attribution": "yes"})}))
    assert (
        strictest(["Free", "By", "Free"], known) == ["By"]
        and strictest(["Free"], known) == ["Free"]
        and strictest([], known) == []
    )


@pytest.mark.parametrize("content", ["[terms", '[terms.X]\ntitle = "t"\n', '[words.X]\ntitle = "t"\n', b"\xff\xfe"])
def test_a_file_that_says_something_else_is_named(tmp_path: Path, content: str | bytes):
    place = tmp_path / "terms.toml"
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SeodangError) as refused:
        read_terms(place)
    assert refused.value.code == "runs.terms-not-read" and str(place) in str(refused.value)


WISH = '[recipe]\nname = "small"\nlanguage = "ko"\n{wish}\n[[step]]\nseeds = "village"\n'


class Village(seodang.Seeds):
    name = "village"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield seodang.single_turn("물은 몇 도에서 끓나요?")


class Offering:
    distribution = "seodang-village"

    @seodang.hookimpl
    def register_seeds(self, register):
        register(Village)


class Reviewer:
    """Stands where the plugin that reviews terms does, and notes the plans that it was asked about."""

    distribution = "seodang-terms"

    def __init__(self) -> None:
        self.plans: list[seodang.Plan] = []

    @seodang.hookimpl
    def review_plan(self, plan):
        self.plans.append(plan)
        return [seodang.Objection("village", "not for sale")] if plan.commercial else []


@pytest.mark.parametrize("wish", ['license = "MIT"', "commercial = true"])
def test_a_wish_that_nobody_reviews_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str):
    said = {
        "en": "a licence is wanted, and nobody here reviews terms. Install it with: pip install seodang-terms",
        "ko": "원하는 라이선스가 적혀 있는데 이용 조건을 검토할 플러그인이 없습니다. 설치: pip install seodang-terms",
    }
    for language, sentence in said.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        refused = run_in(tmp_path, WISH.format(wish=wish), plugins=[Offering()])
        assert refused.exit_code == 3 and sentence in str(refused.error)


def test_the_reviewer_is_told_the_wish_and_objects_before_a_step_is_made(tmp_path: Path):
    reviewer = Reviewer()
    assert run_in(tmp_path, WISH.format(wish='license = "MIT"'), plugins=[Offering(), reviewer]).ok
    assert {(plan.license, plan.commercial, plan.carried) for plan in reviewer.plans} == {("MIT", False, ("CC0-1.0",))}
    refused = run_in(
        tmp_path, WISH.format(wish=""), plugins=[Offering(), reviewer], commercial=True, run_directory=tmp_path / "other"
    )
    assert "Step village: not for sale" in str(refused.error) and not list((tmp_path / "other").glob("0*"))
    assert reviewer.plans[-1].commercial and not reviewer.plans[-1].license


def test_a_recipe_without_a_wish_reads_no_facts(tmp_path: Path):
    (tmp_path / "terms.toml").write_text("no facts at all")
    assert run_in(tmp_path, WISH.format(wish=""), plugins=[Offering()]).ok
