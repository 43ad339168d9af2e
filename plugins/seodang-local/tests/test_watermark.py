"""`seodang detect` as a person uses it, and what marks a text: the key, the share, and how sure the model is."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang.testing import make_context
from seodang.wording import render
from seodang_local import Local
from seodang_local.detect_command import command
from seodang_local.tiny import write_tiny
from seodang_local.watermark import Detector, Watermark

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """2,600 tokens, and never sure of one; its answers do not end by themselves."""
    return write_tiny(tmp_path_factory.mktemp("watermark") / "model", tokenizer="syllables", ends=0.0)


@pytest.fixture(scope="module")
def marked(model):
    """What the model says under a watermark of its own key, as the README shows it."""
    return says(model, Watermark(key="20230405"))


def says(model, watermark, tokens=80):
    student = Local(Local.Options(path=str(model), watermark=watermark, threads=1))
    student.open(make_context(model, options=student.options))
    request = seodang.Request(messages=(seodang.Message("user", "이야기해 주세요."),), max_tokens=tokens, temperature=1.0)
    return student.talk(request, lambda piece: True).message.text


def detect(*arguments, language="en", stdin=None, **environment):
    told = CliRunner().invoke(command, [*map(str, arguments)], input=stdin, env={"SEODANG_LANGUAGE": language, **environment})
    if isinstance(told.exception, seodang.SeodangError):
        raise told.exception
    return told.exit_code, told.output


def test_who_has_the_key_finds_the_mark_and_nobody_else_does(model, marked, tmp_path):
    key = {"WATERMARK_KEY": "20230405"}
    code, said = detect(marked, "--model", model, "--key", "env:WATERMARK_KEY", **key)
    assert code == 0 and said.endswith("The watermark is there (p < 0.0001).\n")
    assert re.match(r"\d+ of \d+ different pairs of tokens are green: [6-9]\d\.\d%, where chance gives 25\.0%\.\nz = \d", said)
    _, said = detect(marked, "--model", model, language="ko")
    assert said.endswith("워터마크를 찾지 못했습니다(p ≥ 0.0001). 그렇다고 사람이 쓴 글이라는 증거는 아닙니다.\n")
    file = tmp_path / "answer.txt"
    file.write_bytes(b"\xef\xbb\xbf" + unicodedata.normalize("NFD", marked).encode())
    for where, stdin in ((file, None), ("-", marked.encode())):
        found = json.loads(detect("--file", where, "--model", model, "--key", "20230405", "--json", stdin=stdin)[1])
        assert found["detected"] and found["p"] < found["threshold"] == 1e-4, "a file may have come over another machine"
    _, said = detect(marked, "--model", model, "--key", "20230405", "--greenlist-ratio", "0.5")
    assert "No watermark was found" in said or "chance gives 50.0%" in said


def test_a_model_that_is_sure_of_its_words_carries_hardly_a_mark(model):
    """Greedy and with a faint mark, the words stay those that they were."""
    faint = Watermark(strength=0.001)
    assert says(model, faint, 20) == says(model, None, 20)
    assert not Detector(model, faint, 15485863).detect(says(model, faint)).detected


def test_what_cannot_be_counted_is_said_so(model, tmp_path):
    def error_of(*arguments, **wishes):
        with pytest.raises(seodang.SeodangError) as error:
            detect(*arguments, **wishes)
        return [render(error.value.code, error.value.facts, language) for language in ("en", "ko")]

    assert error_of("", "--model", model) == [
        "A text of 0 tokens is too short to look for a watermark in: there is nothing to count.",
        "0토큰짜리 글은 너무 짧아서 워터마크를 찾을 수 없습니다. 셀 것이 없습니다.",
    ]
    (tmp_path / "korean.txt").write_bytes("서당은 마을 학교".encode("cp949"))
    for where, stdin in ((tmp_path / "korean.txt", None), ("-", "서당".encode("cp949"))):
        assert error_of("--file", where, "--model", model, stdin=stdin) == [
            f"{where} is no text in UTF-8. Convert it first, as with iconv -f cp949 -t utf-8.",
            f"{where}의 글이 UTF-8이 아닙니다. iconv -f cp949 -t utf-8처럼 먼저 변환하세요.",
        ]
    assert error_of("서당", "--model", tmp_path) == [
        f"{tmp_path} holds no model: there is no config.json in it, and a tokenizer is needed to count tokens.",
        f"{tmp_path}에는 모델이 없습니다. config.json이 없고, 토큰을 세려면 토크나이저가 필요합니다.",
    ]
    assert detect("\ud800서당은", "--model", model)[0] == 0, "a broken character counts as one"
    with pytest.raises(seodang.MissingSecret):
        detect("서당", "--model", model, "--key", "env:NOT_SET")
    for language, words in (
        ("en", "The key of a watermark is a whole number above 0, or env:NAME where one is."),
        ("ko", "워터마크의 키는 0보다 큰 정수이거나, 정수가 든 환경 변수를 가리키는 env:이름입니다."),
    ):
        code, said = detect("서당", "--model", model, "--key", "s3cret", language=language)
        assert code == 2 and words in said and "s3cret" not in said
    for language, words in (("en", "Give a text or --file, and not both."), ("ko", "글이나 --file 가운데 하나만 주세요.")):
        code, said = detect("--model", model, language=language)
        assert code == 2 and words in said
    assert detect("서당", "--model", model, "--greenlist-ratio", "1")[0] == 2


def test_the_students_of_the_readme_are_marked(model):
    """The option as the README writes it."""
    import tomllib

    shown = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)]
    (options,) = [table["students"]["mine"]["watermark"] for table in shown if "watermark" in str(table.get("students"))]
    assert Watermark(**options).key == "env:WATERMARK_KEY"
