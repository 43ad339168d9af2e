"""The facts that ship: every name is one that SPDX or we know, every fact has a source and a day, and what nobody read is left out."""

from pathlib import Path

import pytest
import seodang_terms
from seodang.terms import Terms, known_terms, read_terms, strictest
from seodang_terms.expressions import NoExpression, alternatives

SHIPPED = read_terms(Path(seodang_terms.__file__).parent / "terms.toml")
KNOWN = Terms(SHIPPED)


def test_every_term_has_a_name_a_source_and_a_day():
    assert len(SHIPPED.terms) >= 30
    for name, term in SHIPPED.terms.items():
        assert alternatives(name) == ((name,),), "spelt as SPDX spells it, or LicenseRef-"
        assert term.source.startswith("https://") and term.read.startswith("2026-") and term.title
        assert set(term.clauses) <= {"commercial", "attribution", "derivatives", "same_terms", "competing", "begins"}
        assert all(alternatives(other) for other in term.passes_to)
        assert (term.kind == "model") or term.through_output is None


def test_every_family_of_models_leads_to_terms_that_are_known():
    assert {name for name in SHIPPED.models.values() if KNOWN.of(name) is None} == set()


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        ("gpt-4o-mini", "LicenseRef-OpenAI-Terms"),
        ("openai/gpt-oss-20b", "Apache-2.0"),
        ("LGAI-EXAONE/EXAONE-4.0-1.2B", "LicenseRef-EXAONE-1.2-NC"),
        ("models/EXAONE-3.5-2.4B-Instruct", "LicenseRef-EXAONE-1.1-NC"),
        ("meta-llama/Llama-3.2-1B", "LicenseRef-Llama-3-Community"),
        ("meta-llama/Meta-Llama-3-8B", "LicenseRef-Llama-3.0-Community"),
        ("huggyllama/llama-7b", "LicenseRef-LLaMA-1-research"),
        ("our-own-7b", ""),
    ],
)
def test_a_family_is_told_by_the_longest_pattern(model: str, terms: str):
    assert KNOWN.of_model(model) == terms


@pytest.mark.parametrize(
    ("number", "commercial", "derivatives"), [(1, "yes", "yes"), (2, "no", "yes"), (3, "yes", "no"), (4, "no", "no")]
)
def test_the_types_of_the_korea_open_government_licence(number: int, commercial: str, derivatives: str):
    term = KNOWN.of(f"LicenseRef-KOGL-{number}")
    assert term and (term.commercial, term.derivatives, term.attribution) == (commercial, derivatives, "yes")


@pytest.mark.parametrize("name", ["LicenseRef-DeepL-Terms", "LicenseRef-naver-kin"])
def test_what_was_not_read_is_not_known(name: str):
    term = KNOWN.of(name)
    assert term and {term.commercial, term.attribution, term.derivatives, term.same_terms, term.competing} == {"unknown"}


def test_the_strictest_stand_first_and_what_asks_nothing_is_left_out():
    names = ["Apache-2.0", "CC0-1.0", "LicenseRef-nobody-knows", "CC-BY-NC-4.0", "CC-BY-SA-4.0"]
    assert strictest(names, KNOWN) == ["CC-BY-NC-4.0", "LicenseRef-nobody-knows", "CC-BY-SA-4.0", "Apache-2.0"]
    assert strictest(["CC0-1.0"], KNOWN) == ["CC0-1.0"]


def test_a_file_beside_the_recipe_goes_before_ours(tmp_path: Path):
    before = known_terms(tmp_path)
    assert before.of("CC-BY-NC-4.0") == KNOWN.of("cc-by-nc-4.0") and before.of_model("gpt-4o-mini") == "LicenseRef-OpenAI-Terms"
    own = '[terms.cc-by-nc-4.0]\ntitle = "bought"\nsource = "contract 7"\nread = "2026-11"\ncommercial = "yes"\n[models]\n"gpt-4o*" = "MIT"\n'
    (tmp_path / "terms.toml").write_text(own.replace("cc-by-nc-4.0", '"cc-by-nc-4.0"'))
    known = known_terms(tmp_path)
    found = known.of("CC-BY-NC-4.0")
    assert found and found.title == "bought" and known.of_model("gpt-4o-mini") == "MIT"
    assert known.of_model("gpt-4") == "LicenseRef-OpenAI-Terms"


def test_only_facts_of_what_occurs_go_into_a_plan():
    assert set(KNOWN.told_in(["mit OR (Apache-2.0 AND CC-BY-4.0)", "LicenseRef-KOGL-1"])) == {
        "MIT", "Apache-2.0", "CC-BY-4.0", "LicenseRef-KOGL-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("apache-2.0", (("Apache-2.0",),)),
        ("mit or apache-2.0", (("MIT",), ("Apache-2.0",))),
        ("(MIT OR CC0-1.0) AND CC-BY-4.0", (("MIT", "CC-BY-4.0"), ("CC0-1.0", "CC-BY-4.0"))),
        ("GPL-2.0-only WITH Classpath-exception-2.0", (("GPL-2.0-only",),)),
        ("LicenseRef-our-own", (("LicenseRef-our-own",),)),
    ],
)
def test_an_expression_is_a_choice_of_groups(text: str, groups: tuple[tuple[str, ...], ...]):
    assert sorted(map(sorted, alternatives(text))) == sorted(map(sorted, groups))


@pytest.mark.parametrize(
    ("text", "nearest"), [("apache 2", "Apache-2.0"), ("CC BY-NC 4.0", "CC-BY-NC-4.0"), ("((", ""), ("our words", "")]
)
def test_what_is_no_expression_says_what_may_be_meant(text: str, nearest: str):
    with pytest.raises(NoExpression) as refused:
        alternatives(text)
    assert refused.value.nearest == nearest
