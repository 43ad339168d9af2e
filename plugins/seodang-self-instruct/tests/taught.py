"""A teacher that writes what Self-Instruct asks for, as a function of the question; and a lesson taught by it without a run."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import seodang
from seodang.testing import asking, make_context
from seodang_self_instruct import SelfInstruct

SYLLABLES = "강나다라말바산아자차콩탄파한고노도로모보소오조초코토포호구누두"
NEW = re.compile(r"이어서 (\d+)번부터 번호를 붙여, (?:새|그런) 지시문 (\d+)개")
MARKED = re.compile(r"^(\[\d+-[0-9a-f]{4}\]) 명령어: (.*)$", re.M)


def words(*key: object, count: int = 6) -> list[str]:
    """Words that nobody knows, drawn from a key: no two keys have one in common that is longer than a syllable by more than chance."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return ["".join(SYLLABLES[digest[4 * place + part] % len(SYLLABLES)] for part in range(4)) for place in range(count)]


def latin(*key: object) -> list[str]:
    """The same in letters that rouge_score sees."""
    return ["".join("abcdefghijklmnop"[(ord(sign) >> shift) % 16] for sign in word for shift in (0, 4)) for word in words(*key)]


def sentence(*key: object) -> str:
    return f"{' '.join(words(*key))} 설명해 주세요."


class Fluent(seodang.Teacher):
    """Does what it is asked, in Korean or in the form of the published prompts. `asked` are its questions in order."""

    name = "fluent"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[seodang.Request] = []

    async def answer(self, request: seodang.Request, context: object) -> seodang.Answer:
        self.asked.append(request)
        said = self.said(request, request.messages[-1].text)
        return said if isinstance(said, seodang.Answer) else says(said)

    def said(self, request: seodang.Request, text: str) -> str | seodang.Answer:
        if found := NEW.search(text):
            first, count = map(int, found.groups())
            return "\n".join(f"{number}. {sentence(text, request.sample, number)}" for number in range(first, first + count))
        if text.startswith("Come up with a series of"):
            items = [" ".join(latin(text, request.sample, place)) for place in range(4)]
            return " Explain " + "\n10. Explain ".join(items)
        if text.endswith("Is it classification?"):
            return " No"
        if text.startswith("Come up with examples"):
            return f"Example 1\nList: {words(text)[0]}\nOutput: {words(text)[1]}"
        if "분류 과제인지 판단하세요" in text and not MARKED.search(text):
            return "아니요"
        if "분류 과제인지" in text:
            return "\n".join(f"{mark} 아니요" for mark, _ in MARKED.findall(text))
        if MARKED.search(text):
            return "\n\n".join(
                f"{mark}\n입력: {words(task)[0]}\n응답: {' '.join(words(task, 'answer'))}" for mark, task in MARKED.findall(text)
            )
        return f"{words(text)[0]}\n응답: {' '.join(words(text, 'answer'))}"


class Saying(Fluent):
    """Says one thing to questions that a pattern finds, and is fluent about all others."""

    def __init__(self, said: Mapping[str, str | seodang.Answer | Callable[[seodang.Request], str]]) -> None:
        super().__init__()
        self._said = said

    def said(self, request: seodang.Request, text: str) -> str | seodang.Answer:
        for pattern, said in self._said.items():
            if re.search(pattern, text):
                return said(request) if callable(said) else said
        return super().said(request, text)


def says(text: str, finish: str = "stop") -> seodang.Answer:
    return seodang.Answer(message=seodang.Message("assistant", text), finish=finish)


def seed_records(count: int = 12, **tags: object) -> list[seodang.Record]:
    return [
        seodang.single_turn(sentence("seed", number), "답", id=f"seed-{number}", language="ko", tags=dict(tags))
        for number in range(count)
    ]


class Taught(msgspec.Struct):
    results: list[seodang.Record | seodang.Drop]
    context: object

    @property
    def rows(self) -> list[seodang.Record]:
        return [result for result in self.results if isinstance(result, seodang.Record)]

    @property
    def drops(self) -> list[tuple[str, str, str]]:
        """Code, detail and what was not kept."""
        return [
            (result.code, result.detail, result.record.question if result.record else "")
            for result in self.results
            if isinstance(result, seodang.Drop)
        ]

    @property
    def codes(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for code, _, _ in self.drops:
            counts[code] = counts.get(code, 0) + 1
        return counts


def teach(
    directory: Path,
    teacher: seodang.Teacher,
    records: Sequence[seodang.Record] | None = None,
    *,
    language: str = "ko",
    seed: int = 0,
    files: Mapping[str, str] | None = None,
    **options: object,
) -> Taught:
    """The lesson with these options, and its ledger in the directory."""
    for name, text in (files or {}).items():
        (directory / name).write_text(text, encoding="utf-8")
    lesson = SelfInstruct(msgspec.convert(options, SelfInstruct.Options))
    context = make_context(directory, language=language, options=lesson.options, seed=seed, step="grow")
    results: list[seodang.Record | seodang.Drop] = []

    async def given():
        for record in seed_records() if records is None else records:
            yield record

    async def taught():
        async for result in lesson.teach(given(), context):
            results.append(result)

    with asking(context, teacher, directory):
        asyncio.run(asyncio.wait_for(taught(), 60))
    return Taught(results, context)
