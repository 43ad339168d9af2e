from seodang.testing import LessonContract
from seodang_answer import OneAnswer

ROWS = '{"instruction": "하나"}\n{"instruction": "둘", "output": "2"}\n'
RECIPE = """
[recipe]
name = "answers"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "echo"
"""


class TestOneAnswer(LessonContract):
    lesson = OneAnswer


def test_answered_records_pass_and_keep_their_place(run_recipe):
    run = run_recipe(RECIPE, files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    assert [record.answer for record in run.records("answer")] == ["하나", "2"]
    assert run.manifest("answer").rows["changed"] == 1


def test_replace_asks_them_again(run_recipe):
    run = run_recipe(RECIPE + "replace = true\n", files={"rows.jsonl": ROWS})
    assert run.ok, run.error
    assert [record.answer for record in run.records("answer")] == ["하나", "둘"]
