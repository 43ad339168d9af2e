"""The moderation filter and its judge: over the real SDK, in groups, and never twice about one text."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import seodang
import seodang_openai
from seodang.testing import FilterContract, TeacherContract
from seodang.testing.recipes import run_in
from seodang.testing.wire_faults import Faults
from seodang.wording import render
from seodang_openai import Moderation, OpenAIModeration
from seodang_openai.mock import mock_openai

TEXTS = ("평범한 질문", "flag:harassment", "flag:violence=0.3", "flag:sexual=0.6 flag:violence=0.7", "또 다른 질문")


class TestOpenAIModeration(TeacherContract):
    teacher = OpenAIModeration

    @pytest.fixture
    def raw_options(self):
        with mock_openai() as server:
            yield {"base_url": f"{server.url}/v1"}


class Calm(seodang.Teacher):
    """Finds nothing."""

    name = "calm"

    async def answer(self, request, context):
        text = '{"flagged": false, "categories": {"hate": false}, "category_scores": {"hate": 0.01}}'
        return seodang.Answer(message=seodang.Message("assistant", text))


class TestModeration(FilterContract):
    filter = Moderation
    teacher = Calm


class Talk(seodang.Seeds):
    name = "talk"
    terms = ("CC0-1.0",)

    def read(self, context) -> Iterator[seodang.Record]:
        for text in TEXTS:
            yield seodang.single_turn(text, "답입니다")
        yield seodang.single_turn("질문만", "flag:hate")


@seodang.hookimpl
def register_seeds(register):
    register(Talk)


@pytest.fixture
def run(tmp_path):
    def run_of(url, options="", **wishes):
        recipe = f"""
[recipe]
name = "moderated"
language = "ko"

[[step]]
seeds = "talk"

[[step]]
filter = "moderation"
judge = "openai-moderation"
base_url = "{url}/v1"
{options}
"""
        plugins = [sys.modules[__name__], seodang_openai]
        return run_in(tmp_path, recipe, plugins=plugins, **{"quarantine_limit": 1.0} | wishes)

    return run_of


def kept(done) -> list[str]:
    return [record.question for record in done.records("moderation")]


def test_what_the_judge_flags_is_dropped_with_its_categories_and_nothing_is_asked_twice(run):
    with mock_openai() as server:
        done = run(server.url)
        assert done.ok, done.error
        assert kept(done) == ["평범한 질문", "flag:violence=0.3", "또 다른 질문"]
        details = [line["detail"] for line in done.lines("moderation", "dropped.jsonl")]
        assert details == ["harassment 0.95", "violence 0.70, sexual 0.60", "hate 0.95"]
        assert done.manifest("moderation").dropped == {"moderation": 3}
        assert done.manifest("moderation").figures["moderation"] == {"harassment": 1, "hate": 1, "sexual": 1, "violence": 1}
        assert server.counts().requests == 1, "all texts in one request"
        stricter = run(server.url, "threshold = 0.25")
        assert kept(stricter) == ["평범한 질문", "또 다른 질문"]
        assert server.counts().requests == 1, "the scores were in the ledger"


def test_the_example_of_the_readme(tmp_path):
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "moderation" in block)
    with mock_openai() as server:
        recipe = '[recipe]\nname = "example"\nlanguage = "ko"\n\n[[step]]\nseeds = "talk"\n\n' + example
        done = run_in(tmp_path, f'{recipe}base_url = "{server.url}/v1"\n', plugins=[sys.modules[__name__], seodang_openai])
    assert done.ok, done.error
    assert kept(done) == ["평범한 질문", "flag:violence=0.3", "또 다른 질문"]


def test_thresholds_and_categories_and_parts_choose_what_counts(run):
    with mock_openai() as server:
        assert kept(run(server.url, "thresholds = { violence = 0.9 }")) == ["평범한 질문", "flag:violence=0.3", "또 다른 질문"]
        assert "flag:sexual=0.6 flag:violence=0.7" in kept(run(server.url, "categories = ['harassment']"))
        assert kept(run(server.url, "parts = 'answer'")) == list(TEXTS)
        assert kept(run(server.url, "parts = 'question'"))[-1] == "질문만"


def test_records_may_be_tagged_instead(run):
    with mock_openai() as server:
        done = run(server.url, "found = 'tag'\ntag = 'risk'")
    tags = [record.tags.get("risk") for record in done.records("moderation")]
    assert tags == [None, {"harassment": 0.95}, None, {"violence": 0.7, "sexual": 0.6}, None, {"hate": 0.95}]


def test_a_429_is_waited_out_and_what_the_judge_refuses_is_set_aside(run):
    with mock_openai(faults=Faults(scripts={"평범한": ("429-ms", "ok")}), retry_after=0.01) as server:
        assert run(server.url).ok and server.counts().statuses == {"429": 1, "200": 1}
    with mock_openai(faults=Faults(scripts={"평범한": ("413", "…")})) as server:
        done = run(server.url, "model = 'other'")
    assert done.manifest("moderation").quarantined == {"http-413": 1}, "asked alone after the group was refused"
    assert len(kept(done)) == 2


def test_an_unknown_category_is_told_with_those_that_there_are(run):
    with mock_openai() as server:
        done = run(server.url, "categories = ['anger']")
    assert done.error.code == "seodang_openai:no-such-category"
    said = render(done.error.code, {"category": "anger", "known": ["hate", "sexual"]}, "en")
    assert said == (
        "The moderation knows no category 'anger'. It has: hate, sexual. Correct categories or thresholds and run the same "
        "command again."
    )
    pytest.importorskip("seodang_locale_ko", reason="the Korean message is asked for in Korean")
    assert render(done.error.code, {"category": "anger", "known": ["hate", "sexual"]}, "ko") == (
        "유해성 판정 모델에는 'anger' 항목이 없습니다. 있는 항목: hate, sexual. categories나 thresholds를 고치고 "
        "같은 명령을 다시 실행하세요."
    )


def test_it_costs_nothing_and_its_key_stays_with_the_vendor():
    judge = OpenAIModeration(OpenAIModeration.Options())
    assert (judge.price(), judge.secrets, judge.network) == (seodang.FREE, ("env:OPENAI_API_KEY",), ("api.openai.com",))
    with pytest.raises(seodang.SeodangError, match="is not sent to"):
        OpenAIModeration(OpenAIModeration.Options(base_url="https://llm.example.org/v1", api_key="env:OPENAI_API_KEY"))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"flagged": true}', b"<html>"])
def test_what_is_no_result_is_unreadable(body):
    with pytest.raises(ValueError):
        OpenAIModeration(OpenAIModeration.Options()).read(seodang.Reply(body))
