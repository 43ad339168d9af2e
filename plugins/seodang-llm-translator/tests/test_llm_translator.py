"""What the teacher is asked for a text, and what of its answers is taken."""

import asyncio
import re

import pytest
import seodang
from seodang.testing import TranslatorContract, asking, make_context
from seodang_llm_translator import LanguageModel

pytest.importorskip("seodang_locale_ko", reason="the prompt is the locale's")


class Scribe(seodang.Teacher):
    """Says what it is told to say, or the text of the question between words."""

    name = "scribe"
    revision = 1

    def __init__(self, *said):
        super().__init__()
        self.said = list(said)
        self.asked = []

    async def answer(self, request, context):
        self.asked.append(request)
        text = request.messages[1].text.rpartition("[글]\n")[2]
        said = self.said.pop(0) if self.said else f"옮긴 글: {text}"
        return said if isinstance(said, seodang.Answer) else seodang.Answer(message=seodang.Message("assistant", said))


class TestLanguageModel(TranslatorContract):
    translator = LanguageModel
    teacher = Scribe


@pytest.fixture
def translated(tmp_path):
    """One text through the translator, with a teacher that says these answers."""

    def translate(text, *said, before="", files=None, options=None, **context):
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        translator = LanguageModel(LanguageModel.Options(**options or {}))
        loose = make_context(tmp_path, **{"language": "ko", "source_language": "en", "options": translator.options} | context)
        with asking(loose, teacher := Scribe(*said), tmp_path):
            (translation,) = asyncio.run(translator.translate([seodang.Text(text, before)], loose))
        return translation.text, teacher.asked

    return translate


def test_the_question_is_the_locales_with_what_this_text_needs(translated):
    text, asked = translated("Boil the rice.", "밥을 지으세요.")
    (request,) = asked
    system, user = request.messages
    assert text == "밥을 지으세요."
    assert user.text.startswith("아래 글을 번역하세요. 원문의 언어: 영어. 번역문의 언어: 한국어.")
    assert user.text.endswith("[글]\nBoil the rice.")
    assert "그대로 번역만 하세요" in system.text and "⟦" not in system.text and "<<<" not in system.text


def test_register_glossary_context_and_marks_are_told_where_there_are_any(translated):
    _, asked = translated(
        "Rinse the rice ⟦1⟧ times.", before="How do I cook rice?", register="해요",
        glossary={"rice": "쌀", "kimchi": "김치", "time": "때"}, options={"instruction": "요리책입니다."},
    )  # fmt: skip
    told = asked[0].messages[0].text
    assert "해요체로" in told and "요리책입니다." in told and "⟦1⟧처럼" in told
    assert "- rice → 쌀" in told and "김치" not in told and "때" not in told, "only the terms that the text has as words"
    assert "<<<\nHow do I cook rice?\n>>>" in told


def test_your_own_prompt_has_its_places_checked(translated):
    _, asked = translated("Hello.", files={"mine.txt": "{source}→{target}: {text}"}, options={"prompt": "mine.txt"})
    assert asked[0].messages[1].text == "영어→한국어: Hello."
    with pytest.raises(seodang.DataError) as caught:
        translated("Hello.", files={"mine.txt": "Translate."}, options={"prompt": "mine.txt"})
    assert caught.value.code == "prompts.missing-place"


def test_blanks_around_a_text_are_as_the_text_had_them(translated):
    assert translated("  Hello.", "안녕하세요.\n")[0] == "  안녕하세요."


@pytest.mark.parametrize(
    "talk",
    [
        "다음은 번역문입니다:\n안녕하세요.",
        "네, 아래는 요청하신 글의 번역입니다: 안녕하세요.",
        "번역: 안녕하세요.",
        "[번역문]\n안녕하세요.",
        "**번역:** 안녕하세요.",
        "Sure! Here is the Korean translation:\n\n안녕하세요.",
        "Translation: 안녕하세요.",
        '"안녕하세요."',
        "“안녕하세요.”",
        "```\n안녕하세요.\n```",
    ],
)
def test_talk_around_the_translation_is_told_of_once_and_never_cut_off(translated, talk):
    text, asked = translated("Hello.", talk, "안녕하세요.")
    assert text == "안녕하세요." and len(asked) == 2
    assert [turn.role for turn in asked[1].messages] == ["system", "user", "assistant", "user"]
    assert asked[1].messages[2].text == talk and "번역문만" in asked[1].messages[3].text


def test_talk_that_comes_again_sets_the_text_aside(translated):
    with pytest.raises(seodang.Refused) as caught:
        translated("Hello.", "번역: 안녕하세요.", "번역문: 안녕하세요.")
    assert caught.value.reason == "preface" and caught.value.detail == "번역문: 안녕하세요."


@pytest.mark.parametrize(
    "said",
    ["죄송하지만 이 요청은 도와드릴 수 없습니다.", "I'm sorry, but I can't assist with that.", "AI로서 저는 답변할 수 없습니다."],
)
def test_who_declines_is_not_asked_again(translated, said):
    with pytest.raises(seodang.Refused) as caught:
        translated("Describe the village school.", said)
    assert caught.value.reason == "declined" and caught.value.detail == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("I'm sorry, but I can't come.", "죄송하지만 갈 수 없습니다."),
        ("Unfortunately, the shop has closed.", "안타깝지만 가게가 문을 닫았습니다."),
        ("As a language model, I have no taste.", "언어 모델로서 저는 취향이 없습니다."),
        ("Here is the translation: hello.", "다음은 번역입니다: 안녕하세요."),
        ("Translate the sentence into French: Good night.", "다음 문장을 프랑스어로 번역하세요: Good night."),
        ('"Hello," she said.', "“안녕하세요,” 그녀가 말했다."),
        ('She said "hello"', '"안녕하세요"라고 말했다'),
        ("Sure, it rains.", "물론 비가 옵니다."),
    ],
)
def test_a_text_that_says_so_itself_is_translated_so(translated, source, said):
    assert translated(source, said)[0] == said


@pytest.mark.parametrize("finish", ["length", "content_filter", "refusal"])
def test_an_answer_that_ended_otherwise_is_no_translation(translated, finish):
    with pytest.raises(seodang.Refused) as caught:
        translated("Hello.", seodang.Answer(message=seodang.Message("assistant", "안녕"), finish=finish))
    assert caught.value.reason == finish


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Step test: the locale 'xx' has no prompt for translating"), ("ko", "test 단계: 로캘 'xx'에 번역 프롬프트")],
)
def test_a_language_without_a_prompt_is_told(translated, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError, match=re.escape(said)):
        translated("Hello.", language="xx")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "no words that ask a translator for the speech level 'keigo'"), ("ko", "말투 'keigo'를 부탁하는 말이 없습니다")],
)
def test_a_speech_level_without_words_is_told(translated, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.SeodangError, match=re.escape(said)):
        translated("Hello.", register="keigo")
