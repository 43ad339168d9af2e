"""A wished licence from the plan to the cards: what stops before money is spent, and what the cards say of the chain."""

import json
import re
from pathlib import Path

import pytest
import yaml
from seodang.recipes.reading import read_recipe
from seodang.reports.card import card
from seodang.reports.student_card import student_card
from seodang.reports.terms_chain import Chain, Link
from seodang.runs.directory import RunDirectory
from seodang.terms import Terms
from seodang.testing.recipes import run_in

REPOSITORY = Path(__file__).parents[2]
RECIPE = """[recipe]
name = "mine"
language = "ko"
license = "apache-2.0"

[teachers.server]
use = "openai"
model = "exaone-4.0-32b"
base_url = "http://127.0.0.1:9/v1"
input_price = 1.0
output_price = 1.0

[[step]]
seeds = "handcrafted"
name = "rows"
path = "rows.jsonl"
licence = "CC0-1.0"

[[step]]
teach = "answer"
teacher = "server"
"""


def front(text: str) -> dict[str, object]:
    return yaml.safe_load(text.split("---\n")[1])


def test_a_chain_that_does_not_allow_it_stops_before_anything_is_asked(shell):
    (shell.folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    english = shell("run", "recipe.toml", "--quiet")
    assert english.code == 3
    assert english.err.startswith(
        "Stopped before anything was spent. Step answer: LicenseRef-EXAONE-1.2-NC (EXAONE AI Model License 1.2 - NC; by the name of its model) "
        "allows no commercial use (3.1; https://github.com/LG-AI-EXAONE/EXAONE-4.0/blob/main/LICENSE, read 2026-11), and license = 'apache-2.0' "
        "is wanted. Take another teacher or translator, such as an open model under Apache-2.0. (This informs, and is no legal advice.)"
    )
    korean = shell("plan", "recipe.toml", language="ko")
    assert (
        korean.code == 3
        and (
            "돈을 쓰기 전에 멈췄습니다. answer 단계: LicenseRef-EXAONE-1.2-NC는 상업적 이용을 허용하지 않는데(EXAONE AI Model License 1.2 - NC; "
            "모델 이름으로 판단; 3.1; https://github.com/LG-AI-EXAONE/EXAONE-4.0/blob/main/LICENSE, 2026-11 확인) 원하는 것은 "
            "license = 'apache-2.0'입니다. Apache-2.0 공개 모델처럼 다른 교사나 번역기를 쓰세요. (정보를 드릴 뿐 법률 자문이 아닙니다.)"
        )
        in korean.err
    )
    assert (
        not list((shell.folder / "runs" / "mine").glob("0*")) and not (shell.folder / "runs" / "mine" / "ledger.sqlite").exists()
    )


def test_commercial_is_a_wish_of_one_invocation(shell):
    (shell.folder / "recipe.toml").write_text(
        '[recipe]\nname = "mine"\nlanguage = "ko"\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\nlicence = "CC-BY-NC-4.0"\n'
    )
    assert shell("run", "recipe.toml", "--quiet").code == 0
    asked = shell.json("plan", "recipe.toml", "--commercial")
    assert asked["plan"]["commercial"] is True and asked["plan"]["meanings"]["CC-BY-NC-4.0"]["commercial"] == "no"
    assert len(asked["problems"]) == 1 and "and commercial use is wanted" in asked["problems"][0]
    refused = shell("run", "recipe.toml", "--commercial", "--quiet")
    assert refused.code == 3 and "Step handcrafted: CC-BY-NC-4.0" in refused.err
    silent = shell.json("plan", "recipe.toml")
    assert silent["problems"] == [] and silent["plan"]["meanings"] == {}


def test_a_wish_that_nobody_reviews_is_a_problem_of_the_recipe(shell, monkeypatch: pytest.MonkeyPatch):
    (shell.folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    monkeypatch.setenv("SEODANG_PLUGINS", "handcrafted,openai,answer,locale-ko")
    english = shell("plan", "recipe.toml")
    assert (
        english.code == 3
        and (
            "recipe.toml:4: a licence is wanted, and nobody here reviews terms. Install it with: pip install seodang-terms "
            "(or let SEODANG_PLUGINS load it)"
        )
        in english.err
    )
    korean = shell("plan", "recipe.toml", language="ko")
    assert "원하는 라이선스가 적혀 있는데 이용 조건을 검토할 플러그인이 없습니다. 설치: pip install seodang-terms" in korean.err


def test_facts_that_cannot_be_read_are_named_with_their_file(shell):
    (shell.folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (shell.folder / "terms.toml").write_text(
        '[terms.MIT]\ntitle = "MIT"\nsource = "x"\nread = "2026-11"\ncommercial = "perhaps"\n'
    )
    said = shell("plan", "recipe.toml")
    assert said.code != 0 and "terms.toml cannot be read as facts about terms: Invalid enum value 'perhaps'" in said.err


DATA = """[recipe]
name = "mine"
language = "ko"
{wish}
[[step]]
seeds = "handcrafted"
name = "rows"
path = "rows.jsonl"
licence = "CC-BY-SA-3.0"

[[step]]
seeds = "handcrafted"
name = "more"
path = "more.jsonl"
licence = "{licence}"
hold_out = 2

[[step]]
teach = "answer"
teacher = "echo"

[[step]]
filter = "decontaminate"
name = "clean"
"""
QUESTIONS = (
    "물은 왜 얼면 부피가 늘어나나요?", "세종대왕이 훈민정음을 만든 해는 언제인가요?", "김치를 오래 두고 먹는 비결을 적어 주세요.",
    "기차가 터널에 들어가면 귀가 먹먹해지는 까닭은?", "우산을 처음 쓴 나라 이야기를 들려줘.", "12에 7을 곱하고 4를 빼면 얼마야?",
    "도서관에서 책을 빌리는 순서를 설명하세요.", "가을 산에 어울리는 짧은 시 한 편 부탁해요.",
)  # fmt: skip
MORE = "".join(json.dumps({"instruction": question}, ensure_ascii=False) + "\n" for question in QUESTIONS)
ROWS = '{"instruction": "물은 몇 도에서 끓나요?"}\n'


def made(tmp_path: Path, wish: str = "", licence: str = "CC0-1.0") -> Path:
    done = run_in(tmp_path, DATA.format(wish=wish, licence=licence), files={"rows.jsonl": ROWS, "more.jsonl": MORE})
    assert done.ok, done.error
    return done.run


def test_the_dataset_card_carries_the_strictest_terms_and_the_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    text = card(made(tmp_path, licence="CC-BY-NC-4.0"))
    matter = front(text)
    assert (matter["license"], matter["license_name"]) == ("other", "CC-BY-NC-4.0 AND CC-BY-SA-3.0")
    assert str(matter["license_link"]).startswith("https://creativecommons.org/licenses/by-nc/4.0/")
    assert matter["language"] == ["ko"] and matter["tags"] == ["synthetic", "seodang"] and matter["size_categories"] == ["n<1K"]
    assert (
        "| 1. rows | CC-BY-SA-3.0 | commercial use allowed; say where it comes from; what is made of it goes out under the same terms; https://creative"
        in text
    )
    assert "| 2. more | CC-BY-NC-4.0 | no commercial use; say where it comes from;" in text
    assert "The strictest of them: CC-BY-NC-4.0." in text and "This is information, not legal advice." in text
    assert "## Compared with the evaluations" in text and "| held-out | 2 | 0 | any: 0, " in text
    assert text.index("## How it was made") < text.index("## Terms") < text.index("## The recipe")
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    korean = card(tmp_path / "run")
    assert "| 2. more | CC-BY-NC-4.0 | 상업적 이용 금지; 출처 표시;" in korean and "가장 엄격한 조건: CC-BY-NC-4.0." in korean


def test_a_wish_that_was_kept_is_the_licence_of_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    text = card(made(tmp_path, wish='license = "cc-by-sa-4.0"'))
    assert front(text)["license"] == "cc-by-sa-4.0" and "license_name" not in front(text)
    assert "Made to be published under cc-by-sa-4.0: the plan was reviewed for it before the run, and nothing objected." in text
    # Without the wish the same run promises nothing any more.
    assert front(card(made(tmp_path)))["license"] == "cc-by-sa-3.0"


def test_a_kept_wish_goes_with_an_export_for_the_hub(shell):
    text = (shell.folder / "recipe.toml").read_text(encoding="utf-8").replace('name = "first"', 'name = "first"\nlicense = "MIT"')
    (shell.folder / "recipe.toml").write_text(text, encoding="utf-8")
    assert shell("run", "recipe.toml", "--run-dir", "run", "--quiet").code == 0
    assert shell("export", "run", "--to", "messages", "--layout", "hub", "--option", "file=jsonl", "out").code == 0
    assert front((shell.folder / "out" / "README.md").read_text(encoding="utf-8"))["license"] == "mit"
    # Of the rows of one step nothing was promised.
    step = ("export", "run", "--step", "answer", "--to", "messages", "--layout", "hub", "--option", "file=jsonl", "step")
    assert shell(*step).code == 0
    assert front((shell.folder / "step" / "README.md").read_text(encoding="utf-8"))["license"] == "cc0-1.0"


def test_rows_with_terms_that_no_step_declared_keep_the_wish_off_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import seodang
    import seodang_handcrafted
    import seodang_terms

    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    class Village(seodang.Seeds):
        name = "village"

        def read(self, context):
            yield seodang.single_turn("물은 몇 도에서 끓나요?", "100도입니다.", terms=("CC-BY-NC-4.0",))

    class Offering:
        distribution = "seodang-village"

        @seodang.hookimpl
        def register_seeds(self, register):
            register(Village)

    recipe = '[recipe]\nname = "mine"\nlanguage = "ko"\nlicense = "apache-2.0"\n[[step]]\nseeds = "village"\n'
    done = run_in(tmp_path, recipe, plugins=[Offering(), seodang_handcrafted, seodang_terms])
    assert done.ok and front(card(done.run))["license"] == "cc-by-nc-4.0"
    log = (done.run / "log.jsonl").read_text(encoding="utf-8")
    assert (
        "The cards do not promise apache-2.0. Step village: CC-BY-NC-4.0" in log
        and RunDirectory.open(done.run).lock["license"] == ""
    )


STUDENT = """[recipe]
name = "mine"
language = "ko"
[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
licence = "CC-BY-4.0"
[[step]]
train = "nobody"
"""


def test_the_card_of_a_student_shows_what_its_base_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import seodang
    import seodang_handcrafted

    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    class Nobody(seodang.Trainer):
        name = "nobody"

        def train(self, dataset, base, output, context):
            (output / "student").mkdir()
            about = {
                "base_model": "LGAI-EXAONE/EXAONE-4.0-1.2B",
                "base_licence": "LicenseRef-EXAONE-1.2-NC",
                "name_begins": "EXAONE",
            }
            return seodang.Trained(student="nobody", options={"path": "student"}, about=about)

    class Offering:
        distribution = "seodang-nobody"

        @seodang.hookimpl
        def register_trainers(self, register):
            register(Nobody)

    done = run_in(tmp_path, STUDENT, plugins=[Offering(), seodang_handcrafted], files={"rows.jsonl": ROWS})
    assert done.ok, done.error
    text = student_card(done.run, "nobody")
    matter = front(text)
    assert matter["license"] == "other" and matter["license_name"] == "LicenseRef-EXAONE-1.2-NC AND CC-BY-4.0"
    assert str(matter["license_link"]).endswith("EXAONE-4.0/blob/main/LICENSE")
    assert matter["base_model"] == "LGAI-EXAONE/EXAONE-4.0-1.2B" and matter["pipeline_tag"] == "text-generation"
    assert "| 1. handcrafted | CC-BY-4.0 | commercial use allowed; say where it comes from;" in text
    assert (
        "| 2. nobody | LicenseRef-EXAONE-1.2-NC | no commercial use; not for models that compete with the maker's; models made with it have "
        "names that begin with 'EXAONE'; https://github.com/LG-AI-EXAONE/"
    ) in text
    assert "The strictest of them: LicenseRef-EXAONE-1.2-NC." in text


def test_hostile_names_of_terms_write_no_line_and_no_tag_of_their_own():
    hostile = "<img src=x onerror=alert(1)> | x\nlicense: mit"
    chain = Chain((Link(hostile, 1, "rows", "seodang-x:rows"),), Terms())
    assert front("\n".join(["---", *chain.front(), "---", ""])) == {"license": "other", "license_name": hostile}
    assert (
        "<img" not in chain.section()
        and "\nlicense" not in chain.section()
        and "&lt;img src=x onerror=alert(1)> \\| x license" in chain.section()
    )


@pytest.mark.parametrize("page", ["plugins/seodang-terms/README.md", "docs/terms.md"])
def test_the_examples_of_the_pages_say_what_they_say(shell, page: str):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    recipe, facts = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    steps = "" if "[[step]]" in recipe else RECIPE.partition("[teachers")[1] + RECIPE.partition("[teachers")[2]
    (shell.folder / "recipe.toml").write_text(recipe + steps, encoding="utf-8")
    said = shell("plan", "recipe.toml", "--allow-unknown-price").err
    for line in re.findall(r"^Step .*$", text, re.MULTILINE):
        assert line in said
    assert "(This informs, and is no legal advice.)" in said
    (shell.folder / "terms.toml").write_text(facts, encoding="utf-8")
    assert "cannot be read" not in shell("plan", "recipe.toml", "--allow-unknown-price").err
    assert read_recipe(shell.folder / "recipe.toml").license == "apache-2.0"


def test_the_facts_agree_with_the_profiles_of_the_trainer():
    from seodang.terms import known_terms
    from seodang_train.profiles import profiles

    known = known_terms()
    for profile in profiles().values():
        if profile.licence:
            term = known.of(profile.licence)
            assert term is not None, f"{profile.licence} of the profile {profile.name} has no facts"
            assert (term.begins.startswith(profile.name_begins), term.commercial != "no") == (True, profile.commercial), (
                profile.name
            )
