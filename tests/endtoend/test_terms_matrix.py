"""Source, translator, teacher, base and wished licence, and what the review of terms says to each: the row of the chain and the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.runs.plan import make_plan

# How each verdict is said, so that the message is tested with it.
SAID = {
    "non-commercial": "allows no commercial use",
    "no-derivatives": "does not let what is made of it be shared",
    "share-alike": "wants what is made of it to go out under the same terms",
    "derivative-model": "counts the student among its derivative models",
    "competing": "must not help to make models that compete",
    "name": "wants the student's name to begin with",
    "unknown-terms": "asks is not known here",
    "unknown-commercial": "allows commercial use is not known here",
    "unknown-output": "binds what is made of the model's answers is not known here",
    "unstated": "says that nobody knows the terms",
    "not-spdx": "is no SPDX expression, so it cannot be compared",
    "model-unstated": "its name is of no known family",
    "wish-not-spdx": "in [recipe] is no SPDX expression",
    "wish-unknown": "what it asks is not known here, so nothing can be compared",
}

# source's licence | translator | teacher (a vendor's, a server's model, or the terms it states) | base | wish | step:verdict of term …
# (without the LicenseRef- before it)
MATRIX = """
# nothing wished: nothing said, whatever the chain is
CC-BY-NC-4.0 |  | openai | EXAONE-4.0-1.2B |  |
LicenseRef-unstated | deepl | exaone-4.0-32b | llama-7b |  |
# the clean default
CC0-1.0 |  | qwen3-32b | polyglot-ko-1.3b | apache-2.0 |
CC0-1.0 |  | qwen3-32b | polyglot-ko-1.3b | commercial |
CC-BY-4.0 |  | gpt-oss-20b | kanana-1.5-2.1b | apache-2.0 commercial |
LicenseRef-KOGL-1 |  | kanana-1.5-15.7b-a3b | qwen3-0.6b | MIT |
ODC-By-1.0 |  | terms=Apache-2.0 | polyglot-ko-1.3b | CC-BY-4.0 |
Apache-2.0 |  |  |  | apache-2.0 |
# what sources ask
CC-BY-NC-4.0 |  | qwen3-32b | polyglot-ko-1.3b | apache-2.0 | seeds:non-commercial of CC-BY-NC-4.0
CC-BY-NC-4.0 |  | qwen3-32b | polyglot-ko-1.3b | commercial | seeds:non-commercial of CC-BY-NC-4.0
CC-BY-NC-4.0 |  | qwen3-32b | polyglot-ko-1.3b | cc-by-nc-4.0 |
CC-BY-NC-4.0 |  |  |  | cc-by-nc-4.0 commercial | seeds:non-commercial of CC-BY-NC-4.0
CC-BY-SA-3.0 |  | qwen3-32b | polyglot-ko-1.3b | apache-2.0 | seeds:share-alike of CC-BY-SA-3.0
CC-BY-SA-3.0 |  | qwen3-32b | polyglot-ko-1.3b | CC-BY-SA-4.0 |
CC-BY-SA-4.0 |  | qwen3-32b | polyglot-ko-1.3b | CC-BY-SA-3.0 | seeds:share-alike of CC-BY-SA-4.0
CC-BY-SA-4.0 |  | qwen3-32b | polyglot-ko-1.3b | commercial |
CC-BY-NC-SA-4.0 |  |  |  | CC-BY-4.0 | seeds:non-commercial of CC-BY-NC-SA-4.0, seeds:share-alike of CC-BY-NC-SA-4.0
CC-BY-NC-SA-4.0 |  |  |  | CC-BY-NC-4.0 | seeds:share-alike of CC-BY-NC-SA-4.0
CC-BY-ND-4.0 |  | qwen3-32b |  | MIT | seeds:no-derivatives of CC-BY-ND-4.0
CC-BY-NC-ND-4.0 |  |  |  | commercial | seeds:non-commercial of CC-BY-NC-ND-4.0, seeds:no-derivatives of CC-BY-NC-ND-4.0
ODbL-1.0 |  |  |  | apache-2.0 | seeds:share-alike of ODbL-1.0
LicenseRef-KOGL-2 |  | qwen3-32b |  | commercial | seeds:non-commercial of KOGL-2
LicenseRef-KOGL-3 |  | qwen3-32b |  | apache-2.0 | seeds:no-derivatives of KOGL-3
LicenseRef-KOGL-4 |  | qwen3-32b |  | commercial | seeds:non-commercial of KOGL-4, seeds:no-derivatives of KOGL-4
LicenseRef-KOGL-0 |  |  |  | CC0-1.0 |
LicenseRef-naver-kin |  | qwen3-32b | polyglot-ko-1.3b | commercial | seeds:unknown-commercial of naver-kin
LicenseRef-naver-kin |  | qwen3-32b | polyglot-ko-1.3b | CC-BY-NC-4.0 |
LicenseRef-unstated |  |  |  | apache-2.0 | seeds:unstated of unstated
LicenseRef-our-contract |  |  |  | commercial | seeds:unknown-terms of our-contract
CC BY-NC 4.0 |  |  |  | apache-2.0 | seeds:not-spdx of CC BY-NC 4.0
GPL-3.0-only |  |  |  | apache-2.0 | seeds:unknown-terms of GPL-3.0-only
CC-BY-NC-4.0 OR MIT |  |  |  | apache-2.0 |
CC-BY-NC-4.0 AND MIT |  |  |  | apache-2.0 | seeds:non-commercial of CC-BY-NC-4.0 AND MIT
# what translators and teachers ask
CC0-1.0 | deepl | qwen3-32b | polyglot-ko-1.3b | apache-2.0 | translate:unknown-commercial of DeepL-Terms
CC0-1.0 |  | openai | polyglot-ko-1.3b | apache-2.0 | teach:competing of OpenAI-Terms
CC0-1.0 |  | openai |  | commercial | teach:competing of OpenAI-Terms
CC-BY-NC-4.0 |  | openai | polyglot-ko-1.3b | CC-BY-NC-4.0 |
CC0-1.0 |  | gpt-4o-mini |  | commercial | teach:competing of OpenAI-Terms
CC0-1.0 |  | claude-sonnet |  | commercial | teach:competing of Anthropic-Terms
CC0-1.0 |  | exaone-4.0-32b | polyglot-ko-1.3b | apache-2.0 | teach:non-commercial of EXAONE-1.2-NC
CC0-1.0 |  | HyperCLOVAX-SEED-Think-14B | polyglot-ko-1.3b | apache-2.0 | teach:derivative-model of HyperCLOVAX-SEED, teach:name of HyperCLOVAX-SEED
CC0-1.0 |  | HyperCLOVAX-SEED-Think-14B |  | apache-2.0 |
CC0-1.0 |  | gemma-3-27b-it | polyglot-ko-1.3b | apache-2.0 | teach:derivative-model of Gemma-Terms
CC0-1.0 |  | gemma-3-27b-it | polyglot-ko-1.3b | commercial |
CC0-1.0 |  | Llama-3.3-70B-Instruct | polyglot-ko-1.3b | apache-2.0 | teach:name of Llama-3-Community
CC0-1.0 |  | Meta-Llama-3-70B-Instruct | polyglot-ko-1.3b | commercial | teach:competing of Llama-3.0-Community
CC0-1.0 |  | llama-13b | polyglot-ko-1.3b | commercial | teach:unknown-output of LLaMA-1-research
CC0-1.0 |  | our-own-7b | polyglot-ko-1.3b | commercial | teach:model-unstated of our-own-7b
CC0-1.0 |  | terms=LicenseRef-unstated | polyglot-ko-1.3b | commercial | teach:unstated of unstated
# what bases ask
CC0-1.0 |  | qwen3-32b | llama-7b | apache-2.0 | train:non-commercial of LLaMA-1-research
CC0-1.0 |  | qwen3-32b | llama-7b | CC-BY-NC-4.0 |
CC0-1.0 |  | qwen3-32b | EXAONE-4.0-1.2B | commercial | train:non-commercial of EXAONE-1.2-NC, train:name of EXAONE-1.2-NC
CC0-1.0 |  | qwen3-32b | EXAONE-4.0-1.2B | LicenseRef-EXAONE-1.2-NC | train:name of EXAONE-1.2-NC
CC0-1.0 |  | qwen3-32b | EXAONE-3.5-2.4B-Instruct | CC-BY-NC-4.0 | train:name of EXAONE-1.1-NC
CC0-1.0 |  | qwen3-32b | HyperCLOVAX-SEED-Text-Instruct-0.5B | apache-2.0 | train:derivative-model of HyperCLOVAX-SEED, train:name of HyperCLOVAX-SEED
CC0-1.0 |  | qwen3-32b | HyperCLOVAX-SEED-Text-Instruct-0.5B | commercial | train:name of HyperCLOVAX-SEED
CC0-1.0 |  | qwen3-32b | Llama-3.2-1B | commercial | train:name of Llama-3-Community
CC0-1.0 |  | qwen3-32b | Llama-3.2-1B | apache-2.0 | train:derivative-model of Llama-3-Community, train:name of Llama-3-Community
CC0-1.0 |  | qwen3-32b | gemma-3-1b-it | LicenseRef-Gemma-Terms |
CC0-1.0 |  | qwen3-32b | gemma-3-1b-it | MIT | train:derivative-model of Gemma-Terms
CC0-1.0 |  | qwen3-32b | our-own-base | apache-2.0 | train:model-unstated of our-own-base
# wishes that cannot be compared
CC0-1.0 |  |  |  | apache 2 | license:wish-not-spdx of apache 2
CC0-1.0 |  |  |  | BSD-4-Clause | license:wish-unknown of BSD-4-Clause
"""
CASES = [
    tuple(cell.strip() for cell in (line + "|").split("|"))[:6]
    for line in MATRIX.strip().splitlines()
    if not line.startswith("#")
]

SERVER = 'teacher = "openai"\nbase_url = "http://127.0.0.1:9/v1"\ninput_price = 0.0\noutput_price = 0.0\nmodel = "{}"\n'


def recipe_of(source: str, translator: str, teacher: str, base: str, wish: str, name: str = "mine") -> str:
    licence = wish.removesuffix("commercial").strip()
    text = f'[recipe]\nname = "{name}"\nlanguage = "ko"\n'
    text += f'license = "{licence}"\n' if licence else ""
    text += "commercial = true\n" if wish.endswith("commercial") else ""
    if teacher.startswith("terms="):
        text += '[teachers.stated]\nuse = "openai"\nmodel = "mine"\nbase_url = "http://127.0.0.1:9/v1"\n'
        text += f'input_price = 0.0\noutput_price = 0.0\nterms = ["{teacher.removeprefix("terms=")}"]\n'
    text += f'[[step]]\nseeds = "handcrafted"\nname = "seeds"\npath = "rows.jsonl"\nlicence = "{source}"\n'
    text += '[[step]]\ntranslate = "deepl"\nname = "translate"\nlanguages = ["en"]\n' if translator else ""
    if teacher:
        told = 'teacher = "stated"\n' if teacher.startswith("terms=") else SERVER.format(teacher)
        told = 'teacher = "openai"\nmodel = "gpt-4o-mini"\n' if teacher == "openai" else told
        text += f'[[step]]\nteach = "answer"\nname = "teach"\n{told}'
    return text + (f'[[step]]\ntrain = "sft"\nname = "train"\nmodel = "models/{base}"\n' if base else "")


@pytest.fixture(scope="module")
def offers() -> Offers:
    return load_plugins()


@pytest.fixture
def review(tmp_path: Path, offers: Offers) -> Callable[[str], list[tuple[str, str]]]:
    def reviewed(text: str) -> list[tuple[str, str]]:
        (tmp_path / "rows.jsonl").write_text('{"instruction": "물은 몇 도에서 끓나요?"}\n', encoding="utf-8")
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        recipe = read_recipe(tmp_path / "mine.toml")
        plan = make_plan(recipe, resolve(recipe, offers), tmp_path / "run", {})
        return [(objection.step, objection.reason) for objection in offers.review_plan(plan)]

    return reviewed


def test_there_are_at_least_forty_combinations():
    assert len({case[:5] for case in CASES}) == len(CASES) >= 40
    assert {
        expected.partition(":")[2].partition(" of ")[0] for case in CASES for expected in case[5].split(", ") if expected
    } == {*SAID}


@pytest.mark.parametrize(("source", "translator", "teacher", "base", "wish", "expected"), CASES)
def test_the_row_of_the_chain_is_named_with_its_reason(review, source, translator, teacher, base, wish, expected):
    found = review(recipe_of(source, translator, teacher, base, wish))
    wanted = [one.strip() for one in expected.split(", ") if one.strip()]
    assert len(found) == len(wanted), found
    for (step, reason), one in zip(found, wanted, strict=True):
        code, _, term = one.partition(":")[2].partition(" of ")
        assert (step, SAID[code] in reason, term in reason) == (one.partition(":")[0], True, True), reason
    if found:
        assert found[-1][1].endswith("(This informs, and is no legal advice.)") or found[-1][0] == "license"


def test_a_name_that_begins_as_the_licence_wants_is_no_objection(review):
    asked = ("CC0-1.0", "", "qwen3-32b", "EXAONE-4.0-1.2B", "LicenseRef-EXAONE-1.2-NC")
    assert len(review(recipe_of(*asked))) == 1 and review(recipe_of(*asked, name="EXAONE-mine")) == []
    seed = ("CC0-1.0", "", "qwen3-32b", "HyperCLOVAX-SEED-Text-Instruct-0.5B", "commercial")
    assert review(recipe_of(*seed, name="HyperCLOVA-X-mine")) == []


def test_a_team_that_has_read_its_contract_says_so_beside_the_recipe(review, tmp_path: Path):
    asked = recipe_of("CC0-1.0", "deepl", "our-own-7b", "", "commercial")
    assert [step for step, _ in review(asked)] == ["translate", "teach"]
    (tmp_path / "terms.toml").write_text(
        '[terms.LicenseRef-DeepL-Terms]\ntitle = "our contract of 2026"\nkind = "service"\nsource = "contract 12"\nread = "2026-11-20"\n'
        'commercial = "yes"\n[models]\n"our-own-*" = "CC0-1.0"\n'
    )
    assert review(asked) == []


def test_what_a_filter_clears_is_no_row_of_the_chain(review):
    text = recipe_of("CC0-1.0", "", "", "", "commercial").replace('licence = "CC0-1.0"', 'licence = "CC0-1.0"\npersonal = true')
    assert review(text) == [] == review(text + '[[step]]\nfilter = "pii"\n')
