"""kiwi behind a splitter: sentences by morphemes, code left whole, nothing lost, and nothing imported before it is used."""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import seodang
import seodang_kiwi
from seodang.testing import SplitterContract
from seodang_kiwi import Kiwi

CHAT = "오늘 날씨가 좋네요 그래서 산책을 갔어요 저녁에는 비가 온대요"

needs_kiwi = pytest.mark.skipif(
    {name: seodang_kiwi._version(name) for name in seodang_kiwi.NEEDED} != seodang_kiwi.NEEDED,
    reason="kiwipiepy is an extra: pip install 'seodang-kiwi[kiwi]'",
)


@needs_kiwi
class TestKiwi(SplitterContract):
    splitter = Kiwi
    texts = (CHAT, "안녕하세요? 반갑습니다.")


@needs_kiwi
def test_sentences_without_full_stops_are_found_where_a_rule_finds_none():
    assert Kiwi().split(CHAT) == ["오늘 날씨가 좋네요 ", "그래서 산책을 갔어요 ", "저녁에는 비가 온대요"]


@needs_kiwi
def test_code_stays_whole():
    code = "```python\na = 1. \nb = 2\n```\n"
    assert Kiwi().split(f"이렇게 씁니다.\n{code}끝났습니다") == ["이렇게 씁니다.\n", code, "끝났습니다"]


@needs_kiwi
def test_decomposed_syllables_and_lone_surrogates_are_given_back_as_they_were():
    decomposed = unicodedata.normalize("NFD", CHAT)
    assert [seodang.nfc(part) for part in Kiwi().split(decomposed)] == list(Kiwi().split(CHAT))
    assert "".join(Kiwi().split(decomposed)) == decomposed
    assert Kiwi().split("좋습니다 \ud800. 갑니다.") == ["좋습니다 \ud800. ", "갑니다."]


def test_importing_it_imports_no_kiwi():
    code = "import sys, seodang_kiwi\nprint([name for name in ('kiwipiepy', 'numpy') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (
            "en",
            "The splitter kiwi needs kiwipiepy 0.24.1 and kiwipiepy_model 0.24.0 (installed: kiwipiepy 0.20.1). "
            "Run: pip install 'seodang-kiwi[kiwi]'",
        ),
        (
            "ko",
            "문장 분할기 kiwi에는 kiwipiepy 0.24.1과 kiwipiepy_model 0.24.0이 필요합니다(설치된 것: kiwipiepy 0.20.1). "
            "pip install 'seodang-kiwi[kiwi]'를 실행하세요.",
        ),
    ],
)
def test_another_version_is_refused_because_it_splits_elsewhere(monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    monkeypatch.setattr("seodang_kiwi._version", {"kiwipiepy": "0.20.1", "kiwipiepy_model": ""}.__getitem__)
    seodang_kiwi._kiwi.cache_clear()
    with pytest.raises(seodang.DataError) as refused:
        Kiwi().split("갑니다.")
    seodang_kiwi._kiwi.cache_clear()
    assert str(refused.value) == message


@needs_kiwi
def test_the_readme_says_what_really_happens():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    lines = readme.partition("```python\n")[2].partition("```")[0].strip().splitlines()
    names: dict = {}
    exec("\n".join(lines[:-1]), names)
    assert repr(names["parts"]) == lines[-1].removeprefix("# ")
