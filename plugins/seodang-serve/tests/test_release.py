"""The teacher beside the student, and Alpaca's two measures: what is flagged is not shown, and what is shown is marked."""

from __future__ import annotations

import openai
import pytest
import seodang
from click.testing import CliRunner
from seodang.wording import render
from seodang_local.tiny import write_tiny
from seodang_local.watermark import PUBLISHED_KEY, Detector, Watermark
from seodang_openai.mock import mock_openai
from seodang_serve import command


def asked(client, text, model="student", **wishes):
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], **{"max_tokens": 8, **wishes}
    )


def told(code, **facts):
    return [render(f"seodang_serve:{code}", facts, language) for language in ("en", "ko")]


def test_the_teacher_answers_too_and_is_not_paid_twice(run, talk, elder, monkeypatch):
    async def story(client, _):
        names = [model.id async for model in client.models.list()]
        first = await asked(client, "왜 하늘은 파래요?", "teacher")
        second = await asked(client, "왜 하늘은 파래요?", "teacher", stream=True)
        pieces = [chunk.choices[0].delta.content async for chunk in second]
        return names, first.choices[0].message.content, "".join(piece or "" for piece in pieces)

    names, first, second = talk(run, story, teacher=True)
    assert names == ["student", "base", "teacher"]
    assert first == second == "어른 말씀: 왜 하늘은 파래요?"
    assert elder.paid == ["왜 하늘은 파래요?"] and (run.parent / "chat-run.sqlite").is_file()

    async def another_day(client, _):
        return (await asked(client, "왜 하늘은 파래요?", "teacher")).choices[0].message.content

    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert talk(run, another_day, teacher=True) == first and len(elder.paid) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_flagged_is_neither_answered_nor_shown(run, talk, stream):
    async def story(client, _):
        found = []
        for text, model in (
            ("안녕?", "student"), ("flag:violence 알려 줘", "teacher"), ("위험한 것은?", "teacher"), ("안녕?", "teacher"),
        ):  # fmt: skip
            answer = await asked(client, text, model, stream=stream)
            if stream:
                chunks = [chunk async for chunk in answer]
                said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
                found.append((said, chunks[-1].choices[0].finish_reason))
            else:
                found.append((answer.choices[0].message.content, answer.choices[0].finish_reason))
        return found

    with mock_openai() as vendor:
        calm, refused, hidden, echoed = talk(run, story, moderate=True, moderation_url=f"{vendor.url}/v1", teacher=True)
    assert calm[1] == "length" and calm[0] and echoed == ("어른 말씀: 안녕?", "stop")
    assert refused == ("이 질문에는 답할 수 없습니다. 유해성 판정에 걸린 내용이 있습니다.", "content_filter")
    assert hidden == ("답을 보여 드릴 수 없습니다. 제 답이 유해성 판정에 걸렸습니다.", "content_filter")
    assert told("refused-question")[0] == "I cannot answer this: the moderation has flagged what was asked."
    assert told("refused-answer")[0] == "My answer is not shown: the moderation has flagged it."


def test_where_the_moderation_cannot_be_asked_nothing_is_shown(run, talk):
    async def story(client, _):
        with pytest.raises(openai.APIStatusError) as error:
            await asked(client, "안녕?")
        return error.value.status_code, error.value.code, error.value.message

    with mock_openai() as vendor:
        status, code, message = talk(run, story, moderate=True, moderation_url=f"{vendor.url}/nowhere")
    assert (status, code) == (
        502,
        "seodang_serve:not-moderated",
    ) and "유해성 판정을 받지 못해 아무것도 보여 주지 않습니다" in message
    assert told("not-moderated", detail="x")[0] == "The moderation did not judge this, so nothing is shown: x"


def test_what_is_said_under_watermark_is_detected_and_else_not(talk, tmp_path):
    """A vocabulary of 2,600, so that green lists mean something; the figures are those of `seodang bench watermark`."""
    write_tiny(tmp_path / "tiny", tokenizer="syllables", ends=0.0)

    async def story(client, _):
        return (await asked(client, "이야기해 줘", "tiny", max_tokens=80)).choices[0].message.content

    detector = Detector(tmp_path / "tiny", Watermark(), int(PUBLISHED_KEY))
    marked, plain = (detector.detect(talk(tmp_path / "tiny", story, watermark=on)) for on in (True, False))
    assert marked.p < 1e-4 and marked.detected
    assert plain.p > 1e-3 and not plain.detected


def test_what_cannot_be_served_so_is_said(tmp_path, run):
    def error_of(*arguments, **environment):
        with pytest.raises(seodang.SeodangError) as error:
            CliRunner().invoke(command, [*map(str, arguments)], env=environment, catch_exceptions=False)
        return [render(error.value.code, error.value.facts, language) for language in ("en", "ko")]

    assert error_of(run, "--host", "0.0.0.0") == [
        "On 0.0.0.0 others reach this server too. Set a token: --token env:NAME, or listen on 127.0.0.1.",
        "0.0.0.0에서는 다른 사람도 이 서버에 들어올 수 있습니다. --token env:변수이름으로 토큰을 정하거나 127.0.0.1에서 여세요.",
    ]
    literal = error_of(run, "--token", "sesame")
    assert literal[0].startswith("--token holds a token, which every user of this machine could read.") and "sesame" not in str(
        literal
    )
    assert literal[1].startswith("--token에 토큰이 그대로 적혀 있어")
    with pytest.raises(seodang.MissingSecret):
        CliRunner().invoke(command, [str(run), "--token", "env:NOT_SET"], catch_exceptions=False)
    unset = {"OPENAI_API_KEY": "", "SEODANG_LANGUAGE": "en"}
    with pytest.raises(seodang.MissingSecret):
        CliRunner().invoke(command, [str(run), "--moderate", "--port", "0"], env=unset, catch_exceptions=False)
    for language, words in (
        ("en", "The key of a watermark is a whole number above 0, or env:NAME where one is."),
        ("ko", "워터마크의 키는 0보다 큰 정수이거나, 정수가 든 환경 변수를 가리키는 env:이름입니다."),
    ):
        wrong = CliRunner().invoke(command, [str(run), "--watermark-key", "s3cret"], env={"SEODANG_LANGUAGE": language})
        assert wrong.exit_code == 2 and words in wrong.output and "s3cret" not in wrong.output
    told_ = CliRunner().invoke(command, [str(run), "--max-cost", "1USD"], env={"SEODANG_LANGUAGE": "en"})
    assert told_.exit_code == 2 and "--max-cost is for the teacher: add --teacher." in told_.output
    assert told("no-teacher", place="m") == [
        "m knows no teacher: only a run whose recipe has one can let it answer. Leave --teacher out.",
        "m에는 교사가 없습니다. 레시피에 교사가 있는 실행에서만 교사도 답할 수 있습니다. --teacher를 빼세요.",
    ]
    assert told("no-option", plugin="openai", option="watermark") == [
        "The student 'openai' knows no watermark. Leave it out here.", "학생 'openai'에는 watermark 옵션이 없습니다. 여기서는 빼세요.",
    ]  # fmt: skip
    assert (
        told("no-port", port=80, error="x")[0]
        == "Cannot listen on port 80: x. Choose another one with --port, or --port 0 for any."
    )
    assert told("no-port", port=80, error="x")[1].startswith("80번 포트를 열 수 없습니다: x.")
