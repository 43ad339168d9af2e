"""What the teacher says of how sure it was is kept with the row."""

import sys

import seodang
import seodang_answer
from seodang.testing.recipes import run_in

RECIPE = """
[recipe]
name = "sure"
language = "ko"

[[step]]
seeds = "two"

[[step]]
teach = "answer"
teacher = "sure"
"""


class Two(seodang.Seeds):
    """Two questions."""

    name = "two"
    terms = ("CC0-1.0",)

    def read(self, context):
        yield seodang.single_turn("확실한 질문")
        yield seodang.single_turn("모르는 질문")


class Sure(seodang.Teacher):
    """Says of one answer how sure it is, and of the other nothing."""

    name = "sure"

    async def answer(self, request, context):
        sure = "확실" in request.messages[-1].text
        return seodang.Answer(message=seodang.Message("assistant", "네"), logprob=-0.25 if sure else None)


@seodang.hookimpl
def register_seeds(register):
    register(Two)


@seodang.hookimpl
def register_teachers(register):
    register(Sure)


def test_the_mean_log_probability_is_a_tag_where_there_is_one(tmp_path):
    plugins = [sys.modules[__name__], seodang_answer]
    for _ in range(2):  # the second time from the ledger
        done = run_in(tmp_path, RECIPE, plugins=plugins)
        assert done.ok, done.error
        assert [record.tags.get("logprob") for record in done.records("answer")] == [-0.25, None]
