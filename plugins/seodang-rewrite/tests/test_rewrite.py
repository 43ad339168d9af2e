"""What is rewritten, what is not taken, and a run of the shipped recipe with the real command."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import LessonContract, asking, make_context
from seodang.wording import render
from seodang_openai.mock import mock_openai
from seodang_rewrite import Rewrite

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


class Scribe(seodang.Teacher):
    """Writes 합쇼체 where it knows how, and remembers what it was asked."""

    name = "scribe"
    said = {
        "내일 간다.": "내일 갑니다.",
        "모레 온다.": "모레 옵니다.",
        "3시에 만난다.": "4시에 만납니다.",
        "1,000원이다. `a = 1`로 쓴다.": "1000원입니다. `a = 1`로 씁니다.",
        "`a = 1`로 쓴다.": "`a = 2`로 씁니다.",
        "https://example.org/a 를 본다.": "https://example.org/b 를 봅니다.",
        "길게 쓴다.": "아주 길게, 끝도 없이 길게, 그리고 또 길게 씁니다.",
        "그대로 둔다.": "그대로 둔다.",
        "명사로 끝난다.": "명사로 끝남.",
        "조용하다.": " ",
    }
    finishes = {"잘린다.": "length", "거절한다.": "refusal"}

    def __init__(self, options=None):
        super().__init__(options)
        self.asked = []

    async def answer(self, request, context):
        prompt = request.messages[-1].text
        self.asked.append(prompt)
        if "받지 않는다." in prompt:
            raise seodang.Refused("policy", reason="http-400")
        text = next((text for text in [*self.said, *self.finishes] if prompt.rstrip().endswith(text)), "")
        said = self.said.get(text, text or "끝까지 씁니다.")
        return seodang.Answer(message=seodang.Message("assistant", said), finish=self.finishes.get(text, "stop"))


class TestRewrite(LessonContract):
    lesson = Rewrite
    teacher = Scribe
    language = "ko"
    records = tuple(
        seodang.single_turn("말해 주세요.", text, id=f"r{number}", language="ko", source="rows")
        for number, text in enumerate(("내일 간다.", "내일 갑니다.", "3시에 만난다.", "모레 온다."))
    )

    @pytest.fixture
    def raw_options(self):
        return {"level": "합쇼"}


@pytest.fixture
def rewrite(tmp_path: Path):
    def once(*records: seodang.Record, language: str = "ko", **options: object):
        lesson = Rewrite(msgspec.convert({"level": "합쇼", **options}, Rewrite.Options))
        context, teacher = make_context(tmp_path, language=language, options=lesson.options), Scribe()

        async def everything():
            async def given():
                for record in records:
                    yield record

            return [result async for result in lesson.teach(given(), context)]

        with asking(context, teacher, tmp_path):
            return asyncio.run(everything()), teacher.asked

    return once


def answered(answer: str, **fields: object) -> seodang.Record:
    return seodang.single_turn("말해 주세요.", answer, id=answer, language="ko", **fields)


def test_only_what_is_not_at_the_level_yet_is_asked_about(rewrite):
    records = [answered(text) for text in ("내일 간다.", "벌써 갑니다.", "서울")] + [seodang.single_turn("물음", id="q")]
    results, asked = rewrite(*records)
    assert [result.answer for result in results] == ["내일 갑니다.", "벌써 갑니다.", "서울", ""]
    assert results[0].tags == {"rewritten": "합쇼"} and results[1:] == records[1:]
    assert len(asked) == 1 and "처음부터 끝까지 합쇼체로 바꾸어 쓰세요" in asked[0]


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("3시에 만난다.", "numbers-changed", "-3 +4"),
        ("`a = 1`로 쓴다.", "code-changed", "-`a = 1` +`a = 2`"),
        ("https://example.org/a 를 본다.", "address-changed", "-https://example.org/a +https://example.org/b"),
        ("길게 쓴다.", "length-changed", "6 -> 30"),
        ("그대로 둔다.", "level-not-reached", "0%: 그대로 둔다."),
        ("명사로 끝난다.", "level-not-reached", "0%: 명사로 끝남."),
        ("잘린다.", "length", "잘린다."),
        ("거절한다.", "refusal", "거절한다."),
        ("조용하다.", "empty", ""),
        ("받지 않는다.", "http-400", "policy"),
    ],
)
def test_what_came_to_nothing_is_left_out_with_the_reason_or_stays_with_a_tag(rewrite, text, code, detail):
    record = answered(text)
    assert rewrite(record)[0] == [seodang.Drop(code, detail, id=record.id)]
    assert rewrite(record, on_failure="keep")[0] == [msgspec.structs.replace(record, tags={"not-rewritten": code})]


def test_numbers_may_be_written_otherwise(rewrite):
    assert rewrite(answered("1,000원이다. `a = 1`로 쓴다."))[0][0].answer == "1000원입니다. `a = 1`로 씁니다."


def test_a_conversation_is_rewritten_turn_by_turn_or_not_at_all(rewrite):
    def spoken(*answers):
        turns = [turn for answer in answers for turn in (seodang.Message("user", "그래?"), seodang.Message("assistant", answer))]
        return seodang.Record(id="talk", messages=tuple(turns), language="ko")

    (mended,), asked = rewrite(spoken("내일 간다.", "벌써 갑니다.", "모레 온다."))
    assert [message.text for message in mended.messages[1::2]] == ["내일 갑니다.", "벌써 갑니다.", "모레 옵니다."]
    assert len(asked) == 2
    (dropped,), _ = rewrite(spoken("내일 간다.", "3시에 만난다."))
    assert dropped == seodang.Drop("numbers-changed", "-3 +4", id="talk")


def test_only_what_a_filter_has_tagged(rewrite):
    records = [answered("내일 간다.", tags={"speech-level": "wrong-register"}), answered("모레 온다.")]
    results, asked = rewrite(*records, tagged="speech-level")
    assert [result.answer for result in results] == ["내일 갑니다.", "모레 온다."] and len(asked) == 1
    assert results[0].tags == {"speech-level": "wrong-register", "rewritten": "합쇼"}


@pytest.mark.parametrize(("language", "words"), [("ko", "다음 문체로"), ("en", "in this style: as to a child")])
def test_a_style_is_told_in_words(rewrite, language, words):
    (result,), asked = rewrite(answered("벌써 갑니다."), language=language, level="", style="as to a child")
    assert result.tags == {"rewritten": "as to a child"} and words in asked[0] and asked[0].endswith("벌써 갑니다.")


@pytest.mark.parametrize(
    ("options", "english", "korean"),
    [
        (
            {"level": ""},
            "Step 'test' (teach rewrite) needs one of level and style: level = \"합쇼\" names a speech level of the language, "
            'style = "…" tells in words how to write.',
            "'test' 단계(teach rewrite)에는 level과 style 가운데 하나만 있어야 합니다. level = \"합쇼\"는 높임 단계의 이름이고, "
            'style = "…"은 문체를 말로 적은 것입니다.',
        ),
        (
            {"level": "하오"},
            "Step 'test' (teach rewrite): level = '하오' is no speech level of the locale ko. It has: 합쇼, 해요, 해라, 해.",
            "'test' 단계(teach rewrite): level = '하오'는 ko 로캘의 높임 단계가 아닙니다. 있는 것: 합쇼, 해요, 해라, 해.",
        ),
        (
            {"language": "en"},
            "Step 'test' (teach rewrite): level = '합쇼' is no speech level of the locale en. It has: none; tell a style in words instead.",
            "'test' 단계(teach rewrite): level = '합쇼'는 en 로캘의 높임 단계가 아닙니다. 있는 것: 없음. style에 문체를 말로 적으세요.",
        ),
        (
            {"language": "xx", "level": "", "style": "kindly"},
            "Step 'test' (teach rewrite) needs the prompt 'style', and there is none in the language 'xx'. Write your own into a file and "
            'name it: prompt = "FILE".',
            "'test' 단계(teach rewrite)에는 'style' 프롬프트가 필요한데 'xx'로 된 것이 없습니다. 파일에 직접 써서 지정하세요: "
            'prompt = "FILE".',
        ),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is(rewrite, options, english, korean):
    with pytest.raises(seodang.SeodangError) as refused:
        rewrite(answered("내일 간다."), **options)
    assert render(refused.value.code, refused.value.facts, "en") == english
    assert render(refused.value.code, refused.value.facts, "ko") == korean


def command(folder, *arguments):
    said = subprocess.run(
        [sys.executable, "-m", "seodang", *arguments], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "SEODANG_LANGUAGE": "en"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_the_shipped_recipe_runs_end_to_end(tmp_path):
    command(tmp_path, "init", "begun", "--recipe", "rewrite-polite")
    with mock_openai(answers="rewrite-polite") as server:
        local = ("--set", f"rewrite.base_url={server.url}/v1", "--run-dir", "run")
        assert "rewrite: at most 8 rows, 8 new questions" in command(tmp_path, "plan", "begun/recipe.toml", *local)
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet", "--step", "speech-level")
        assert "rewrite: 8 rows, 6 new questions" in command(tmp_path, "plan", "begun/recipe.toml", *local)
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet")
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == 6, "the second run buys nothing"
        step = json.loads(command(tmp_path, "show", "run", "--json"))["steps"][2]
        assert step["dropped"] == {"level-not-reached": 1, "numbers-changed": 1} and step["rows"]["kept"] == 6
        command(tmp_path, "retry", "run", "--reason", "numbers-changed", "--set", "temperature=0.9")
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == 7
    answers = [record.answer for record in seodang.open_run(tmp_path / "run").records()]
    assert "물은 보통 100도에서 끓습니다. 높은 산에서는 더 낮은 온도에서 끓습니다." in answers
    assert "바람이 분다\n낙엽이 진다\n나는 말이 없다" in answers, "a poem may be in any level"


def test_the_recipe_of_the_readme_runs_and_every_option_stands_there(tmp_path):
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    assert tomllib.loads(text)["step"][1]["teach"] == "rewrite"
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"instruction": "언제?", "output": "내일 간다."}\n', encoding="utf-8")
    with mock_openai(answer=lambda prompt: "내일 갑니다.") as server:
        command(tmp_path, "run", "recipe.toml", "--run-dir", "run", "--quiet", "--set", f"rewrite.base_url={server.url}/v1")
    assert [record.answer for record in seodang.open_run(tmp_path / "run").records()] == ["내일 갑니다."]
    assert set(Rewrite.Options.__struct_fields__) <= set(re.findall(r"`(\w+)\b[^`]*`", README)), "every option is in the README"
