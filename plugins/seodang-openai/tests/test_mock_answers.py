"""What the mock answers where it is told: rules of a file, of a recipe, of a test; and a JSON Schema that is filled."""

import json
import re
import tomllib
import urllib.request
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang.wording import render
from seodang_openai.mock import answer_to, mock_openai
from seodang_openai.mock_answers import Answers, word
from seodang_openai.mock_command import command
from seodang_openai.mock_schema import filled

README = Path(__file__).parents[1] / "README.md"


def said(rules, prompt: str, last: str = "") -> str | None:
    answer = Answers(rules).to(prompt, last or prompt)
    return answer and answer.text


def asked(url: str, text: str, **fields):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **fields}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/chat/completions", data=body), timeout=5) as response:
        return json.load(response)["choices"][0]


def test_the_example_of_the_readme_answers_as_it_says():
    text = next(
        block
        for block in re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
        if "[[answer]]" in block
    )
    rules = tomllib.loads(text)["answer"]
    answers = Answers([{**rules[0], "share": 1.0}, rules[1]])
    listed = answers.to("Come up with tasks:\n9. ", "9. ").text
    assert re.fullmatch(r"(?s)(\d+\. [가-힣]+ [가-힣]+ 만드는 법을 알려 주세요.\n){4}끝", listed)
    assert re.findall(r"(?m)^(\d+)\.", listed) == ["9", "10", "11", "12"]
    assert re.fullmatch(r"\[[0-9a-f]{12}\] 안녕하세요", answers.to("안녕하세요", "안녕하세요").text)


def test_the_first_rule_that_fits_answers_and_other_braces_are_text():
    rules = [{"when": r"(\w+)의 수도", "text": '{"place": "{group:1}", "unknown": "{other}"}'}, {"when": ".", "text": "{echo:3}"}]
    assert said(rules, "대한민국의 수도는?") == '{"place": "대한민국", "unknown": "{other}"}'
    assert said(rules, "앞의 말\n안녕하세요", last="{word}입니다") == "{wo"
    assert said([{"when": "없는 말", "text": "x"}], "안녕") is None


def test_words_differ_by_prompt_index_and_number_and_are_the_same_every_time():
    rules = [{"when": ".", "text": "{word} {word:2},", "repeat": 20}]
    words = re.findall("[가-힣]+", said(rules, "하나"))
    assert len(words) == 40 and len(set(words)) >= 39
    assert all(2 <= len(found) <= 4 for found in words)
    assert said(rules, "하나") == said(rules, "하나") != said(rules, "둘")
    assert word("하나") == word("하나")


def test_a_share_leaves_the_other_prompts_to_the_next_rule():
    rules = [{"when": ".", "text": "드묾", "share": 0.25}, {"when": ".", "text": "흔함"}]
    rare = sum(said(rules, f"질문 {number}") == "드묾" for number in range(400))
    assert 60 < rare < 140


def test_over_the_wire_rules_go_before_a_schema_and_a_schema_before_the_usual_answer():
    schema = {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": {"type": "object", "properties": {"답": {"type": "integer"}}}},
    }
    with mock_openai(answers=[{"when": "규칙", "text": "정해진 답", "finish": "content_filter"}]) as server:
        assert asked(server.url, "규칙", response_format=schema)["message"]["content"] == "정해진 답"
        assert asked(server.url, "규칙")["finish_reason"] == "content_filter"
        fitting = json.loads(asked(server.url, "질문", response_format=schema)["message"]["content"])
        assert list(fitting) == ["답"] and isinstance(fitting["답"], int)
        assert asked(server.url, "질문")["message"]["content"] == answer_to("질문")
        assert asked(server.url, "질문", seed=1)["message"]["content"] != answer_to("질문")


def test_a_message_may_come_in_parts():
    with mock_openai() as server:
        body = {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "질문"}]}]}
        request = urllib.request.Request(f"{server.url}/v1/chat/completions", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as response:
            assert json.load(response)["choices"][0]["message"]["content"] == answer_to("질문")


def test_a_long_answer_of_a_rule_is_cut_like_any_other():
    with mock_openai(answers=[{"when": ".", "text": "가" * 100}]) as server:
        cut = asked(server.url, "질문", max_tokens=5)
    assert (cut["message"]["content"], cut["finish_reason"]) == ("가" * 5, "length")


SCHEMA = {
    "type": "object",
    "$defs": {
        "step": {
            "type": "object",
            "required": ["말"],
            "properties": {"말": {"type": "string", "minLength": 30}, "아래": {"$ref": "#/$defs/step"}},
        }
    },
    "required": ["단계", "종류", "점수", "확실", "비고"],
    "properties": {
        "단계": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 2, "maxItems": 2},
        "종류": {"enum": ["분류", "생성"]},
        "점수": {"type": "number", "minimum": 3, "maximum": 5},
        "확실": {"type": ["null", "boolean"]},
        "비고": {"anyOf": [{"type": "null"}, {"const": "없음"}]},
        "합": {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "null"}}}]},
    },
}


def test_a_schema_is_filled_with_what_fits_it():
    for number in range(20):
        value = filled(SCHEMA, f"질문 {number}")
        assert set(value) == set(SCHEMA["properties"]) and len(value["단계"]) == 2
        assert all(len(step["말"]) >= 30 for step in value["단계"])
        assert value["종류"] in ("분류", "생성") and 3 <= value["점수"] <= 5
        assert value["확실"] in (True, False) and value["비고"] in (None, "없음")
        assert isinstance(value["합"]["a"], int) and value["합"]["b"] is None
        assert value == filled(SCHEMA, f"질문 {number}")


def test_a_schema_that_refers_to_itself_ends():
    nested = {"type": "object", "required": ["아래"], "properties": {"아래": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}
    assert all(json.dumps(filled(nested, f"질문 {number}")) for number in range(50))


def test_answers_come_from_a_file_and_from_an_installed_recipe(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text('[[answer]]\nwhen = "."\ntext = "네"\n', encoding="utf-8")
    assert Answers.read(tmp_path / "mine.toml").to("질문", "질문").text == "네"
    with mock_openai(answers=tmp_path / "mine.toml") as server:
        assert asked(server.url, "질문")["message"]["content"] == "네"
    with pytest.raises(seodang.SeodangError) as caught:
        Answers.read("first")  # the recipe of seodang-echo, which needs no vendor
    assert caught.value.code in ("seodang_openai:answers-none", "recipes.unknown-recipe", "recipes.none-installed")


MISTAKES = {
    "[[answer]]\ntext = 'x'": "mine.toml, answer 1: Object missing required field `when`.",
    "[[answer]]\nwhen = '('\ntext = 'x'": "mine.toml, answer 1: when = '(' is no regular expression",
    "[[answer]]\nwhen = '.'\ntext = 'x'\ntimes = 3": "mine.toml, answer 1: Object contains unknown field `times`.",
    "[[answer]]\nwhen = '.'\ntext = '{group:1}'": "has 0 groups, and group 1 is asked for",
    "[[answer]]\nwhen = '.'\ntext = 'x'\nfirst = 'one'": "write a number, or 'group:1'",
    "[[answers]]\nwhen = '.'": "mine.toml must hold [[answer]] rules and nothing else. Each needs `when`, a regular expression, and `text`.",
    "[[answer": "mine.toml cannot be read as answers:",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_the_file_is_explained(tmp_path, text):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(command, ["--answers", str(tmp_path / "mine.toml")], env={"SEODANG_LANGUAGE": "en"})
    assert result.exit_code == 2 and MISTAKES[text] in result.output.replace("\n", " ")


FACTS = {
    "answers-unreadable": {"file": "a.toml", "error": "끊김"},
    "answers-empty": {"file": "a.toml"},
    "answers-rule": {"file": "a.toml", "number": 2, "error": "x"},
    "answers-none": {"recipe": "first"},
}
KOREAN = {
    "answers-unreadable": "a.toml을 답변 파일로 읽을 수 없습니다: 끊김. 형식마다 [[answer]]를 하나씩 둔 TOML로 적으세요. "
    "예는 seodang-openai의 README에 있습니다.",
    "answers-empty": "a.toml에는 [[answer]] 규칙만 있어야 합니다. 규칙마다 정규식 `when`과 `text`를 적으세요.",
    "answers-rule": "a.toml, 2번째 answer: x.",
    "answers-none": "레시피 first에는 answers.toml이 없습니다. --answers 파일이름으로 직접 만든 파일을 주세요.",
}
ENGLISH = {
    "answers-unreadable": "a.toml cannot be read as answers: 끊김. Write TOML with one [[answer]] for each form, as in the README of seodang-openai.",
    "answers-empty": "a.toml must hold [[answer]] rules and nothing else. Each needs `when`, a regular expression, and `text`.",
    "answers-rule": "a.toml, answer 2: x.",
    "answers-none": "The recipe first brings no answers.toml. Name a file of your own with --answers FILE.",
}


@pytest.mark.parametrize("name", FACTS)
def test_the_messages_in_both_languages(name):
    assert render(f"seodang_openai:{name}", FACTS[name], "en") == ENGLISH[name]
    pytest.importorskip("seodang_locale_ko", reason="particles are chosen by the Korean locale")
    assert render(f"seodang_openai:{name}", FACTS[name], "ko") == KOREAN[name]
