"""The translate step as a part of a run: its keys, its fingerprint, its money."""

import signal
import sys
from pathlib import Path

import pytest
import seodang
from seodang.errors import RecipeError
from seodang.ledger.money import Cap
from seodang.plugins.offers import offers_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.recipes.schema import json_schema
from seodang.runs.forecast import forecast

sys.path.insert(0, str(Path(__file__).parent))
from translators import Mangling, School, dialogue, mangled, recipe, rows_of

RECORDS = [dialogue(f"Question {number} about `x{number}`.", f"Answer {number}.") for number in range(120)]
bills: list[Mangling] = []


class Billed(Mangling):
    """Mangles every word, for money."""

    name = "mangling"

    class Options(Mangling.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        pass

    def __init__(self, options=None):
        super().__init__(options)
        bills.append(self)


class Deaf(Mangling):
    """Looks at nothing but the text."""

    name = "deaf"
    heeds = ()


@pytest.fixture
def paid_run(run_recipe):
    """A run, and what was sent in it."""

    def run(keys="", records=RECORDS, **wishes):
        bills.clear()
        outcome = run_recipe(recipe(keys), plugins=[School(Billed)], files={"rows.jsonl": rows_of(*records)}, **wishes)
        return outcome, [text for translator in bills for text in translator.texts]

    return run


def problems(directory, keys, translator="mangling", files=None, language="ko", spoken="en", monkeypatch=None):
    for name, content in {"recipe.toml": recipe(keys, translator, language), "rows.jsonl": "", **(files or {})}.items():
        (directory / name).write_text(content, encoding="utf-8")
    if monkeypatch:
        monkeypatch.setenv("SEODANG_LANGUAGE", spoken)
    try:
        resolve(read_recipe(directory / "recipe.toml"), offers_of(School(Mangling, Deaf)))
    except RecipeError as error:
        return str(error).splitlines()
    return []


WRONG = """fields = { assistent = "translate", user = "regenerate", "columns.title" = "drop" }
register = "반말"
without_checks = ["numbrs"]
languages = ["eng"]
keep_answer_as = "old"
context_characters = -1
language_tasks = "ignore"
"""


TOLD = {
    "en": [
        "unknown option 'fields.assistent'. Did you mean 'assistant'?",
        "'fields.user' must be one of 'translate', 'leave', not 'regenerate'.",
        "'fields.columns.title' must be one of 'translate', 'leave', not 'drop'.",
        "the language ko has no register '반말' here. Possible here: 합쇼체, 해요체.",
        "'without_checks' names 'numbrs', which is not known here. Did you mean 'numbers'?",
        "'languages' names 'eng', which is not known here. Did you mean 'en'?",
        "'keep_answer_as' keeps the answers that are written anew, and none is. Add assistant = \"regenerate\" to 'fields', or remove it.",
        "'context_characters' must be a whole number, at least 0 and at most 10000, not -1.",
        "'language_tasks' must be one of 'skip', 'regenerate', 'translate', not 'ignore'.",
    ],
    "ko": [
        "알 수 없는 옵션 'fields.assistent'. 혹시 'assistant'가 아닌가요?",
        "'fields.user'의 값은 'translate', 'leave' 가운데 하나여야 하는데 지금은 'regenerate'입니다.",
        "'fields.columns.title'의 값은 'translate', 'leave' 가운데 하나여야 하는데 지금은 'drop'입니다.",
        "언어 ko에 '반말'이라는 말투가 없습니다. 여기에 쓸 수 있는 것: 합쇼체, 해요체.",
        "'without_checks'에 적힌 'numbrs'를 찾을 수 없습니다. 혹시 'numbers'가 아닌가요?",
        "'languages'에 적힌 'eng'을 찾을 수 없습니다. 혹시 'en'이 아닌가요?",
        "'keep_answer_as'는 새로 쓸 답의 원문을 남기는 키인데 새로 쓸 답이 없습니다. 'fields'에 assistant = \"regenerate\"를 더하거나 이 키를 지우세요.",
        "'context_characters'의 값은 0 이상 10000 이하의 정수여야 하는데 지금은 -1입니다.",
        "'language_tasks'의 값은 'skip', 'regenerate', 'translate' 가운데 하나여야 하는데 지금은 'ignore'입니다.",
    ],
}


@pytest.mark.parametrize("spoken", ["en", "ko"])
def test_every_wrong_key_is_told_at_once(tmp_path, monkeypatch, spoken):
    told = problems(tmp_path, WRONG, monkeypatch=monkeypatch, spoken=spoken)
    assert [line.partition("): ")[2] for line in told] == TOLD[spoken]
    assert [line.partition("recipe.toml:")[2].partition(",")[0] for line in told] == [
        str(n) for n in (8, 8, 8, 9, 10, 11, 12, 13, 14)
    ]


@pytest.mark.parametrize(
    ("content", "english", "korean"),
    [
        ("Docker\n", "terms.csv, line 1: the first line of a glossary names its columns: source,target,note (or the languages: en,ko).",
         "terms.csv 1행: 용어집의 첫 행에는 열 이름을 적습니다: source,target,note(또는 언어 코드: en,ko)."),
        ("en,ja\na,b\n", "terms.csv, line 1: this glossary is for en, ja, and the recipe's language is ko.",
         "terms.csv 1행: 이 용어집은 en, ja용인데 레시피의 언어는 ko입니다."),
        ("source,target\na,\n", "terms.csv, line 2: a term or its translation is missing. A name that stays as it is has itself as its translation.",
         "terms.csv 2행: 용어나 번역이 비어 있습니다. 그대로 둘 이름은 번역 칸에도 같은 이름을 적으세요."),
        ("en\tko\na\t가\na\t나\n", "terms.csv, line 3: 'a' stands in the glossary with two translations. Keep one.",
         "terms.csv 3행: 'a'의 번역이 둘입니다. 하나만 남기세요."),
    ],
)  # fmt: skip
def test_a_glossary_that_will_not_do_is_told_with_its_line(tmp_path, monkeypatch, content, english, korean):
    for spoken, sentence in (("en", english), ("ko", korean)):
        (told,) = problems(
            tmp_path, 'glossary = "terms.csv"', files={"terms.csv": content}, monkeypatch=monkeypatch, spoken=spoken
        )
        assert told.endswith(f"): {sentence}")


def test_terms_are_not_given_to_a_translator_that_ignores_them(tmp_path, monkeypatch):
    files = {"terms.csv": "source,target\nDocker,Docker\nteacher,훈장\npupil,학동\n"}
    told = {
        spoken: problems(tmp_path, 'glossary = "terms.csv"', "deaf", files, monkeypatch=monkeypatch, spoken=spoken)[0].partition(
            "): "
        )[2]
        for spoken in ("en", "ko")
    }
    assert told["en"].startswith("deaf cannot be given a glossary, and 2 terms of it ('teacher' …) would not be followed.")
    assert told["ko"].startswith("deaf는 용어집을 쓸 수 없어 용어 2개('teacher' 등)를 따르지 못합니다.")
    assert problems(tmp_path, 'glossary = "terms.csv"', "deaf", {"terms.csv": "source,target\nDocker,Docker\n"}) == []
    assert problems(tmp_path, 'glossary = "terms.csv"', files=files) == []


def test_the_keys_are_a_translators_nowhere_and_known_to_editors(tmp_path):
    cases = json_schema(offers_of(School(Mangling)))["properties"]["step"]["items"]["allOf"]
    step = next(
        case["then"]["properties"] for case in cases if case["if"]["properties"].get("translate") == {"const": "mangling"}
    )
    assert {"fields", "language_tasks", "register", "glossary", "context_characters", "flavour"} <= set(step)
    seeds = next(case["then"]["properties"] for case in cases if case["if"]["properties"].get("seeds") == {"const": "rows"})
    assert not {"fields", "language_tasks"} & set(seeds)


def test_the_plan_counts_what_the_run_sends(tmp_path, paid_run):
    records = [*RECORDS, dialogue("Find a rhyme.", "No."), dialogue("", "Only one."), dialogue("Same.", "Same.")]
    (tmp_path / "recipe.toml").write_text(recipe(), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(rows_of(*records), encoding="utf-8")
    offers = offers_of(School(Billed))

    def estimate():
        read = read_recipe(tmp_path / "recipe.toml")
        return forecast(read, resolve(read, offers), offers, tmp_path / "run").steps[1].estimate

    before = estimate()
    outcome, texts = paid_run(records=records)
    assert outcome.ok and (before.requests, before.input_tokens) == (len(texts), sum(map(len, texts))) == (
        242,
        before.input_tokens,
    )
    assert before.likely_micro == before.most_micro == 20 * before.input_tokens and before.currency == "EUR"
    assert "⟦1⟧" in texts[0], "counted with the marks that are sent"


def test_a_budget_stops_it_and_the_same_command_goes_on_and_pays_nothing_twice(paid_run, tmp_path):
    whole, texts = paid_run(run_directory=tmp_path / "whole")
    characters = sum(map(len, texts))
    outcome, first = paid_run(caps=[Cap("EUR", 20 * characters // 2)])
    assert outcome.exit_code == 7 and 0 < sum(map(len, first)) <= characters // 2
    outcome, second = paid_run()
    assert outcome.ok and sorted(first + second) == sorted({*first, *second}) and sum(map(len, first + second)) == characters
    assert outcome.manifest("mangling").shards == whole.manifest("mangling").shards, "the folders are the same"
    assert outcome.manifest("mangling").figures == whole.manifest("mangling").figures


def test_a_changed_field_plan_makes_the_step_anew_and_pays_only_for_what_is_new(paid_run):
    outcome, texts = paid_run('fields = { user = "translate", assistant = "leave" }')
    assert outcome.ok and len(texts) == 120 and all(text.startswith("Question") for text in texts)
    outcome, texts = paid_run()
    assert outcome.ok and len(texts) == 120 and all(text.startswith("Answer") for text in texts)
    outcome, texts = paid_run()
    assert outcome.ok and texts == [] and outcome.manifest("mangling").ingredients["translation"]["language_tasks"] == "skip"
    outcome, texts = paid_run('on_failed_check = "leave"')
    assert outcome.ok and texts == [] and outcome.manifest("mangling").ingredients["translation"]["on_failed_check"] == "leave"


def test_a_new_term_of_the_glossary_pays_for_the_texts_that_have_it(run_recipe):
    def sent(terms):
        bills.clear()
        files = {"rows.jsonl": rows_of(*RECORDS[:9]), "terms.csv": "source,target\n" + terms}
        assert run_recipe(recipe('glossary = "terms.csv"'), plugins=[School(Billed)], files=files).ok
        return [text for translator in bills for text in translator.texts]

    assert len(sent("elephant,코끼리\n")) == 18
    assert sent("elephant,큰 코끼리\n") == [] and sent("answer 3,셋째 답\n") == ["Answer 3."]


def test_records_that_all_pass_by_are_worth_a_word(paid_run, capsys):
    outcome, texts = paid_run(records=[dialogue("English.", "Yes.", language="ko")])
    assert outcome.ok and texts == [] and outcome.manifest("mangling").figures["passed"] == 1
    log = (outcome.run / "log.jsonl").read_text(encoding="utf-8")
    assert "mangling: every record says that it is in ko already, so nothing was translated." in log


def test_a_translator_of_other_languages_is_told_of_before_anything_is_spent(run_recipe, monkeypatch):
    class Nordic(Mangling):
        """Knows the north."""

        name = "nordic"
        pairs = (("en", "sv"), ("sv", "en"))

    for spoken, sentence in (
        ("en", "Step 2 (translate nordic) does not translate into ko. It offers: en → sv, sv → en."),
        ("ko", "2단계(translate nordic)는 ko로 번역하지 않습니다. 제공하는 언어 쌍: en → sv, sv → en."),
    ):
        monkeypatch.setenv("SEODANG_LANGUAGE", spoken)
        outcome = run_recipe(recipe(translator="nordic"), plugins=[School(Nordic)], files={"rows.jsonl": rows_of(RECORDS[0])})
        assert (outcome.exit_code, str(outcome.error)) == (3, sentence)


def test_what_is_said_of_terms_and_words_is_the_translators(paid_run):
    outcome, _ = paid_run(records=[dialogue("Hello.", "Yes.", terms=("CC-BY-4.0",))])
    assert outcome.records("mangling")[0].terms == ("CC-BY-4.0",) and outcome.records("mangling")[0].question == mangled("Hello.")
    assert seodang.Translator.marks == "brackets" and set(seodang.Translator.heeds) == {"before", "register", "glossary"}


def test_whoever_stops_it_loses_nothing_that_was_paid(run_recipe, tmp_path):
    class Stopped(Billed):
        """Somebody presses Ctrl-C while its first request is under way."""

        max_texts = 5

        async def translate(self, texts, context):
            if not self.requests and len(bills) == 1:
                signal.raise_signal(signal.SIGTERM)
            return await super().translate(texts, context)

    def run(**where):
        outcome = run_recipe(recipe(), plugins=[School(Stopped)], files={"rows.jsonl": rows_of(*RECORDS)}, **where)
        return outcome, [text for translator in bills for text in translator.texts]

    bills.clear()
    stopped, first = run()
    assert stopped.exit_code == 75 and 0 < len(first) < 240
    outcome, texts = run()
    assert outcome.ok and sorted(texts) == sorted({*texts}) and len(texts) == 240
    whole, _ = run(run_directory=tmp_path / "whole")
    assert outcome.manifest("mangling").shards == whole.manifest("mangling").shards
