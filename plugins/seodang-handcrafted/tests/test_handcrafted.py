import re
from pathlib import Path

import pytest
import seodang
from seodang.testing import PlainLocale, SeedsContract, make_context
from seodang.wording import render
from seodang_handcrafted import Handcrafted

ROWS = """{"instruction": "수도는?", "output": "서울", "category": "지리", "id": 7}
{"instruction": "요약하세요.", "input": "긴 글"}
{"messages": [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "안녕하세요", "thinking": "인사"}]}
{"text": "질문이 아님"}
not json
{"messages": [{"role": "user"}]}
{"instruction": 3}
{"instruction": "쉬운 일", "instances": []}
{"instruction": "고르시오.", "output": "가", "is_classification": "maybe"}
{"instruction": "무엇?", "language": ["ko"]}
{"messages": "안녕"}
"""
TASK = """{"id": "our-1", "name": "spacing", "instruction": "띄어 쓰시오.", "is_classification": false, "note": "초안",
"instances": [{"input": "가나", "output": "가 나"}, {"input": "다라", "output": "다 라"}]}"""
RECIPE = '[recipe]\nname = "own"\nlanguage = "ko"\n\n[[step]]\nseeds = "handcrafted"\n'


class TestHandcrafted(SeedsContract):
    seeds = Handcrafted
    options = {"path": "rows.jsonl"}
    files = {"rows.jsonl": '{"instruction": "하나"}\n{"instruction": "둘", "output": "2"}\n'}


class TestShipped(SeedsContract):
    seeds = Handcrafted
    options = {"shipped": True}
    language = "ko"


@pytest.fixture
def read(tmp_path: Path):
    def read_file(name: str, content: str, **options):
        (tmp_path / name).write_text(content, encoding=options.get("encoding", "utf-8"))
        chosen = Handcrafted.Options(path=name, **options)
        context = make_context(tmp_path, options=chosen)
        return list(Handcrafted(chosen).read(context)), context

    return read_file


# A team's own file


def test_rows_and_dialogues_become_records(read):
    records, _ = read("rows.jsonl", ROWS)
    assert [record.question for record in records] == ["수도는?", "요약하세요.", "안녕"]
    assert records[0].answer == "서울" and records[0].columns == {"category": "지리", "id": 7} and not records[0].tags
    assert records[1].input == "긴 글" and not records[1].answered
    assert records[2].messages[1] == seodang.Message("assistant", "안녕하세요", thinking="인사")


def test_every_other_row_is_quarantined_with_its_place_and_a_reason(read):
    _, context = read("rows.jsonl", ROWS)
    places = {int(each.where.split(":")[1]): (each.code, each.detail) for each in context.quarantined}
    assert {line: code for line, (code, _) in places.items()} == {
        4: "no-question",
        5: "malformed",
        6: "bad-turn",
        7: "not-text",
        8: "no-instances",
        9: "not-yes-or-no",
        10: "not-text",
        11: "no-turns",
    }
    assert "(its columns: text)" in places[4][1] and places[6][1] == "Turn 1 has no role or no text. Give it both."
    assert places[9][1] == "is_classification has to be true or false."


def test_each_instance_of_a_seed_task_is_a_record_with_the_tags_of_the_task(read):
    records, _ = read("tasks.json", f"[{TASK}]")
    assert [(record.question, record.input, record.answer) for record in records] == [
        ("띄어 쓰시오.", "가나", "가 나"),
        ("띄어 쓰시오.", "다라", "다 라"),
    ]
    assert records[0].tags == records[1].tags == {"classification": False, "seed": "our-1", "task": "spacing"}
    assert records[0].columns == {"note": "초안"}


def test_a_spreadsheet_in_cp949_is_read_too(read):
    table = "instruction,input,output,is_classification\n감정은?,좋아요,긍정,TRUE\n이름을 지으세요.,,나래,\n"
    records, context = read("rows.csv", table, encoding="cp949")
    assert [(record.answer, record.tags["classification"]) for record in records] == [("긍정", True), ("나래", False)]
    assert not context.quarantined


# The tasks of a language


def test_the_shipped_tasks_flow_with_their_licence_and_what_is_known_of_them(run_recipe):
    run = run_recipe(RECIPE + "shipped = true\n")
    assert run.ok, run.error
    records = run.records("handcrafted")
    assert len(records) == 175 and all(record.answered for record in records)
    assert records[0].question == "다음 문장을 띄어쓰기 규정에 맞게 고쳐 쓰시오."
    assert records[0].tags == {
        "classification": False,
        "seed": "ko-001",
        "task": "spacing-correction",
        "culture": "native",
        "register": "해라",
    }
    assert {record.terms for record in records} == {("Apache-2.0",)}
    assert list(run.manifest("handcrafted").terms) == ["Apache-2.0"]


def test_a_language_without_seed_tasks_refuses(tmp_path):
    chosen = Handcrafted.Options(shipped=True)
    context = make_context(tmp_path, locale=PlainLocale("xx"), options=chosen)
    with pytest.raises(seodang.DataError) as raised:
        list(Handcrafted(chosen).read(context))
    assert raised.value.exit_code == 4
    assert render(raised.value.code, raised.value.facts, "en") == (
        "No seed tasks come with the language 'xx'. "
        "Write your own file and give its path, or read another language's and translate them."
    )
    assert render(raised.value.code, raised.value.facts, "ko") == (
        "'xx' 언어에는 딸린 시드 과제가 없습니다. 파일을 직접 만들어 path에 적거나, 다른 언어의 과제를 읽어 번역하세요."
    )


@pytest.mark.parametrize(
    ("options", "english", "korean"),
    [
        (
            'path = "rows.jsonl"\nshipped = true\n',
            "path and shipped = true are both given, and one step reads one of them. Make two steps; their records flow together.",
            "path와 shipped = true가 함께 적혀 있습니다. 한 단계는 둘 중 하나만 읽습니다. 단계를 두 개로 나누면 레코드가 합쳐집니다.",
        ),
        (
            "",
            'Neither path nor shipped is given. Write path = "rows.jsonl" for your own file, '
            "or shipped = true for the tasks that come with the recipe's language.",
            'path도 shipped도 없습니다. 직접 만든 파일이면 path = "rows.jsonl"을, '
            "레시피의 언어에 딸린 과제면 shipped = true를 적으세요.",
        ),
        (
            'shipped = true\nlicence = "CC0-1.0"\n',
            "licence is for your own rows; the shipped tasks bring their own. Leave it out.",
            "licence는 직접 만든 행에만 씁니다. 딸려 오는 과제에는 제 라이선스가 있으니 licence를 빼세요.",
        ),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_exactly_one_source_is_given(run_recipe, monkeypatch, options, english, korean, language):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    run = run_recipe(RECIPE + options, files={"rows.jsonl": ROWS})
    assert run.exit_code == 3
    assert {"en": english, "ko": korean}[language] in str(run.error)


def test_the_steps_of_the_readme_are_a_mixture(run_recipe):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (steps,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    head = RECIPE.partition("\n[[step]]")[0]
    run = run_recipe(f"{head}\n{steps}", files={"rows.jsonl": '{"instruction": "하나", "output": "1"}\n'})
    assert run.ok, run.error
    assert [record.terms for record in run.records("handcrafted")] == [("CC-BY-4.0",)]
    assert len(run.records("handcrafted-2")) in (175, 176)
