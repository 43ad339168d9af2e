"""Rows of JSON Lines and tables as threads: own exports, KoAlpaca v1.1 (`instruction, output, url`), shapes like KorQuAD's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import seodang

from seodang_naver_kin.threads import Reply, Thread

KEYS: dict[str, tuple[str, ...]] = {
    "title": ("title", "제목"),
    "question": ("question", "instruction", "질문"),
    "body": ("body", "content", "본문", "내용"),
    "answers": ("answers",),
    "answer": ("answer", "output", "답변"),
    "adopted": ("adopted", "채택", "채택답변", "채택 답변"),
    "category": ("category", "분류", "카테고리"),
    "date": ("date", "작성일", "날짜"),
    "url": ("url", "link", "주소", "링크"),
    "retrieved": ("retrieved", "수집일"),
}
"""Our names, and how columns are called for which a recipe needs no `map`."""
YES = frozenset(("true", "yes", "y", "o", "1", "예", "채택"))
NO = frozenset(("false", "no", "n", "x", "0", "아니요", "아니오", "미채택", ""))
_TEXTS = ("title", "question", "body", "category", "date", "url", "retrieved")
_NESTS = ("data", "paragraphs", "qas")


class Unusable(ValueError):
    """Why a row is set aside: `code` is counted, the text is shown."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def threads_of_row(row: seodang.Row, names: Mapping[str, str]) -> Iterator[tuple[Thread | Unusable, str]]:
    """The threads in a row, each with its place; a row of KorQuAD's shape holds many."""
    for values, where in _unfolded(row.values, row.where):
        try:
            yield _thread(values, names), where
        except Unusable as problem:
            yield problem, where


def _unfolded(values: dict[str, Any], where: str) -> Iterator[tuple[dict[str, Any], str]]:
    for nest in _NESTS:
        inner = values.get(nest)
        if not isinstance(inner, list):
            continue
        # What stands around the questions (title, context, url) goes along with each of them.
        around = {name: value for name, value in values.items() if name != nest}
        for place, each in enumerate(inner):
            if isinstance(each, dict):
                yield from _unfolded({**around, **each}, f"{where}.{nest}[{place}]")
            else:
                yield {"": each}, f"{where}.{nest}[{place}]"
        return
    yield values, where


def _thread(values: dict[str, Any], names: Mapping[str, str]) -> Thread:
    given = dict(values)
    # In KorQuAD's shape the title is that of the text which is asked about, and no part of the question.
    quoted = "context" in given and "question" in given and "title" not in names
    found: dict[str, Any] = {}
    for name, known in KEYS.items():
        if name == "title" and quoted:
            continue
        column = next((each for each in ((names[name],) if name in names else known) if each in given), None)
        if column is not None:
            found[name] = given.pop(column)
    texts = {name: _text(name, found.get(name)) for name in _TEXTS}
    replies, single = _replies(found)
    question, body = texts.pop("question"), texts.pop("body")
    if not texts["title"] and question and body:
        texts["title"], question = question, ""  # a question and what it is about: the same as title and body
    joined = "\n\n".join(part for part in (question, body) if part)
    return Thread(**texts, body=joined, replies=replies, single=single, columns=given)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unusable("not-a-text", f"{name} is no text but of type {type(value).__name__}")
    return value


def _replies(found: Mapping[str, Any]) -> tuple[tuple[Reply, ...], bool]:
    """The answers, and whether the row is of a shape that gives one."""
    several = found.get("answers")
    if several in (None, ""):
        several, single = found.get("answer"), True
    else:
        # KorQuAD's answers are one answer, of which annotators have marked several spans.
        single = isinstance(several, dict) or (isinstance(several, list) and any(_is_span(each) for each in several))
    replies = [reply for each in _listed(several, single) if (reply := _reply(each)).text.strip()]
    return tuple(_marked(replies, found.get("adopted"))), single


def _is_span(value: Any) -> bool:
    return isinstance(value, dict) and "answer_start" in value


def _listed(value: Any, single: bool) -> list[Any]:
    if value in (None, ""):
        return []
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        value = value["text"]
    if not isinstance(value, list):
        return [value]
    return value[:1] if single else value


def _reply(value: Any) -> Reply:
    if isinstance(value, str):
        return Reply(value)
    if isinstance(value, dict):
        text = next((value[name] for name in ("text", "content", "answer", "body", "답변", "내용") if name in value), None)
        adopted = next((value[name] for name in ("adopted", "selected", "is_adopted", "채택") if name in value), None)
        date = next((value[name] for name in ("date", "작성일") if isinstance(value.get(name), str)), "")
        if isinstance(text, str):
            return Reply(text, _yes(adopted), date)
    raise Unusable("not-a-text", "an answer is neither a text nor an object with a text")


def _yes(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in YES or word in NO:
        return word in YES
    raise Unusable("unclear-adopted", "adopted is neither yes nor no")


def _marked(replies: list[Reply], adopted: Any) -> list[Reply]:
    """The answers with what a row says of them as a whole: yes or no, the place of the adopted one, or its text."""
    if adopted is None:
        return replies
    if isinstance(adopted, int) and not isinstance(adopted, bool) and len(replies) > 1:
        if not 0 <= adopted < len(replies):
            raise Unusable("unclear-adopted", f"adopted = {adopted}, but the {len(replies)} answers are counted from 0")
        return [Reply(reply.text, place == adopted, reply.date) for place, reply in enumerate(replies)]
    try:
        said = _yes(adopted)
    except Unusable:
        if not isinstance(adopted, str):
            raise
        known = any(reply.text.strip() == adopted.strip() for reply in replies)
        marked = [Reply(reply.text, reply.text.strip() == adopted.strip(), reply.date) for reply in replies]
        return marked if known else [Reply(adopted, True), *marked]
    if said and len(replies) != 1:
        raise Unusable("unclear-adopted", f"adopted says yes, and there are {len(replies)} answers")
    return [Reply(reply.text, bool(said), reply.date) for reply in replies]
