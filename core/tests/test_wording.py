"""Messages are found by code and language, filled with facts, and never fail."""

import os
import subprocess
import sys

import pytest
from seodang.errors import Exhausted, MissingSecret, Refused, RemoteError, SeodangError, Transient, Unauthorized
from seodang.wording import Phrase, language, one_line, printable, render


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "SEODANG_LANGUAGE": "en"}, "en"),
        ({"SEODANG_LANGUAGE": "KO"}, "ko"),
        ({"LC_ALL": "", "LANG": "ja_JP"}, "ja"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_the_language_is_what_the_person_says_else_the_locale_of_the_environment(environ, code):
    assert language(environ) == code


REMOTE = [
    (
        Exhausted("quota of 5 USD reached."),
        "The quota of this account is used up: quota of 5 USD reached. Raise it or wait for it to be renewed, "
        "then run the same command again to continue.",
        (
            "이 계정의 사용 한도를 다 썼습니다: quota of 5 USD reached. 한도를 늘리거나 갱신될 때까지 "
            "기다린 뒤 같은 명령을 다시 실행하면 이어서 진행합니다."
        ),
    ),
    (
        Transient(),
        "The other side cannot answer at the moment: no reason was given. Run the same command again later to continue.",
        "상대 서버가 지금은 답할 수 없습니다: 이유를 밝히지 않음. 나중에 같은 명령을 다시 실행하면 이어서 진행합니다.",
    ),
    (
        Refused("content policy"),
        "The other side refused this request for good: content policy.",
        "상대 서버가 이 요청을 최종 거부했습니다: content policy.",
    ),
    (
        Unauthorized("invalid api key"),
        "The other side did not accept the key: invalid api key. Check that the key is right and may use this model, "
        "then run the same command again.",
        (
            "상대 서버가 키를 받아들이지 않았습니다: invalid api key. 키가 맞는지, 이 모델을 쓸 권한이 "
            "있는지 확인한 뒤 같은 명령을 다시 실행하세요."
        ),
    ),
    (
        RemoteError("500"),
        "The other side answered with an error: 500.",
        "상대 서버가 오류로 답했습니다: 500.",
    ),
    (
        MissingSecret("env:OPENAI_API_KEY"),
        (
            "OPENAI_API_KEY is not set. Set it (export OPENAI_API_KEY=…), or use 'echo' in its "
            "place to try the recipe without a key."
        ),
        (
            "환경 변수 OPENAI_API_KEY가 설정되어 있지 않습니다. 값을 설정하거나(export OPENAI_API_KEY=…), "
            "키 없이 레시피를 시험하려면 그 자리에 'echo'를 쓰세요."
        ),
    ),
]


@pytest.mark.parametrize(("error", "english", "korean"), REMOTE, ids=lambda value: getattr(value, "code", ""))
def test_what_another_computer_said_is_told_with_what_to_do(monkeypatch, error, english, korean):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == english
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == korean


def test_a_language_without_a_catalogue_is_spoken_to_in_english():
    assert render("remote.refused", {"detail": "no"}, "ja") == render("remote.refused", {"detail": "no"}, "en")


def test_an_unknown_message_shows_its_code_and_the_facts():
    assert render("nowhere.nothing", {"step": "novelty", "rows": 3}) == "nowhere.nothing (step=novelty, rows=3)"
    assert render("no room at all", {}) == "no room at all"


def test_a_message_that_lacks_a_fact_shows_its_code_and_what_is_known():
    assert render("remote.missing-secret", {"reference": "env:X"}, "en") == "remote.missing-secret (reference=env:X)"


def test_data_cannot_write_lines_of_its_own_or_turn_the_terminal_around():
    shown = render("remote.refused", {"detail": "a\x1b[31mb\u202ec\nfake: line\ud800"}, "en")
    assert shown == "The other side refused this request for good: a[31mbc fake: line."


def test_printable_text_keeps_its_lines_and_one_line_does_not():
    assert printable("a\r\nb\tc\x07\u2066d") == "a\nb\tcd"
    assert one_line("a\r\nb\tc\x07\u2066d") == "a b cd"
    assert one_line("가" * 10, most=4) == "가가가가…"


def test_numbers_and_words_agree_in_english():
    assert render("recipes.a-list-of-length", {"count": 1}, "en") == "a list of 1 value"
    assert render("recipes.a-list-of-length", {"count": 1_200}, "en") == "a list of 1,200 values"


def test_korean_particles_follow_the_sound_of_the_fact():
    assert render("recipes.did-you-mean", {"nearest": "level"}, "ko") == " 혹시 'level'이 아닌가요?"
    assert render("recipes.did-you-mean", {"nearest": "name"}, "ko") == " 혹시 'name'이 아닌가요?"
    assert render("recipes.did-you-mean", {"nearest": "교사"}, "ko") == " 혹시 '교사'가 아닌가요?"


def test_a_phrase_in_a_message_speaks_the_language_of_the_message():
    phrase = Phrase("recipes.a-boolean")
    assert render("recipes.either", {"first": phrase, "second": "3"}, "en") == "true or false, or 3"
    assert render("recipes.either", {"first": phrase, "second": "3"}, "ko") == "true나 false 또는 3"


def test_a_plugins_messages_lie_beside_its_module(tmp_path, monkeypatch):
    package = tmp_path / "seodang_wording_example"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "messages.en.toml").write_text('no-such-model = "no model {model}"')
    (package / "messages.ko.toml").write_text('no-such-model = "모델 {model:이/가} 없습니다"', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    error = SeodangError("seodang_wording_example:no-such-model", model="gpt")

    assert render(error.code, error.facts, "en") == "no model gpt"
    assert render(error.code, error.facts, "ko") == "모델 gpt가 없습니다"
    assert render("seodang_not_installed:x", {}) == "seodang_not_installed:x"


def test_speaking_korean_imports_neither_the_locale_nor_anything_heavy():
    code = (
        "import sys; from seodang.errors import MissingSecret; print(MissingSecret('env:KEY'));"
        "print(sorted({'seodang_locale_ko', 'seodang_locale_en', 'tomlkit', 'torch'} & set(sys.modules)))"
    )
    environ = {**os.environ, "SEODANG_LANGUAGE": "ko", "PYTHONIOENCODING": "utf-8"}
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, encoding="utf-8", check=True).stdout
    assert said.startswith("환경 변수 KEY가") and said.rstrip().endswith("[]")


def test_a_recipe_error_without_a_list_still_says_what_it_is_about():
    assert render("recipes.problems", {}, "en") == "The recipe has problems."
    assert render("recipes.problems", {}, "ko") == "레시피에 문제가 있습니다."
