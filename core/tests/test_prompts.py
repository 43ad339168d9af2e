"""Prompts of people: their places are checked before anything is asked, and nothing else in them is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from seodang import DataError, Prompt
from seodang.prompts import read_prompt


def test_places_are_filled_in_one_go_and_other_braces_are_text():
    prompt = Prompt('{question}\nJSON으로: {"답": \\frac{a}{b}}', needs=("question",))
    assert prompt.fill(question="{question}은 무엇인가요?") == '{question}은 무엇인가요?\nJSON으로: {"답": \\frac{a}{b}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{qestion}에 답하세요", "mine.txt: {qestion} is no place of this prompt. Did you mean {question}?"),
        ("답하세요", "mine.txt: the prompt lacks {question}, without which every question would be the same."),
    ],
)
def test_a_prompt_that_cannot_ask_is_refused(text: str, said: str):
    with pytest.raises(DataError) as caught:
        Prompt(text, needs=("question",), offers=("title",), where="mine.txt")
    assert str(caught.value) == said


def test_a_file_is_read_without_the_editors_line_end_and_without_a_mark(tmp_path: Path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeff질문: {question}\n\n".encode())
    assert read_prompt(path, needs=("question",)).text == "질문: {question}\n"


@pytest.mark.parametrize(("content", "said"), [(b" \n", "is empty"), ("질문".encode("cp949"), "cannot be read")])
def test_a_file_without_a_prompt_is_told(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_prompt(path)
