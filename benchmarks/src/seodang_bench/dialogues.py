"""Made-up ShareGPT dialogues, Korean and English, laden with a page's HTML as the real ones are, and broken as often as they are."""

from __future__ import annotations

import html
import json
import random
from pathlib import Path
from typing import Any

_SENTENCES = {
    "ko": (
        "서당에서는 아이들이 소리 내어 글을 읽으며 뜻을 익혔습니다.",
        "먼저 파일을 열고, 한 줄씩 읽으면서 값을 더하면 됩니다.",
        "이 함수는 <T> 타입의 값을 받아 a < b 인지 확인합니다.",
        "서울에서 부산까지는 기차로 두 시간 반쯤 걸려요.",
        "2024. 3. 5. 기준으로 Docker container의 port 3000을 열어 두었습니다.",
        "김치는 배추를 소금에 절인 뒤 양념을 버무려 익힌 음식입니다.",
    ),
    "en": (
        "The village school stood at the foot of the hill and had a single room.",
        "Open the file first, then read it line by line and add up the values.",
        "This function takes a value of type <T> and checks whether a < b & c > d.",
        "The snake_case names and the *stars* in this sentence are not emphasis.",
        "On average the train takes two and a half hours, depending on the stops.",
        "The formula \\(x_1 + x_2\\) gives the sum, as shown in the table below.",
    ),
}
_QUESTIONS = {
    "ko": ("파이썬으로 파일을 읽는 방법을 알려 주세요.", "표로 정리해 줄래요?", "조금 더 자세히 설명해 주세요."),
    "en": ("How do I read a file in Python?", "Can you put that into a table?", "Please explain that in more detail."),
}
_CODE = """def total(path):
    values = []
    for line in open(path):
        if "<" in line and line[0] != "*":
            values.append(int(line))

    return sum(values)
"""


def write_dialogues(path: Path, count: int, seed: int = 1) -> None:
    """A JSON array, as FastChat reads it."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write("[\n" if number == 0 else ",\n")
            json.dump(dialogue(chance, number), file, ensure_ascii=False)
        file.write("\n]\n")


def dialogue(chance: random.Random, number: int) -> dict[str, Any]:
    """One dialogue. About one in five is broken in one of the ways that FastChat looks for."""
    language = chance.choice(("ko", "en"))
    turns: list[dict[str, str]] = []
    for part in range(chance.choice((1, 1, 2, 2, 3, 4, 6))):
        question = f"{chance.choice(_QUESTIONS[language])} ({number}-{part})"
        turns += [{"from": "human", "value": question}, {"from": "gpt", "value": answer(chance, language)}]
    row: dict[str, Any] = {"id": f"made{number:06d}_0", "conversations": turns}
    return broken(chance, row) if chance.random() < 0.2 else row


def broken(chance: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    turns = row["conversations"]
    way = chance.randrange(11)
    if way == 0:
        turns.insert(0, {"from": "gpt", "value": "Welcome back."})
    elif way == 1:
        turns.append({"from": "human", "value": "고마워요!"})
    elif way == 2:
        turns.insert(1, {"from": "human", "value": "잠깐만요."})
    elif way == 3:
        turns[-1]["value"] += "<p>As a model by OpenAI, I cannot.</p>"
    elif way == 4:
        turns[-1]["value"] = ""
    elif way == 5:
        row["plugins"] = [{"name": "weather"}]
    elif way == 6:
        row["id"] = f"made{chance.randrange(50):06d}_0"
    elif way == 7:
        turns[:] = [{"from": "human", "value": "안녕"}, {"from": "gpt", "value": "<p>네</p>"}]
    elif way == 8:
        turns[-1]["value"] = f"All of it:\n1. one\nmore\n1. another\n{_paragraph(chance, 'en')}"
    elif way == 9:
        turns.insert(0, {"from": "system", "value": "Be brief."})
    else:
        turns[:] = turns[:1]
    return row


def answer(chance: random.Random, language: str) -> str:
    """What the browser extension copied: the page's HTML of an answer; every tenth is Markdown already."""
    if chance.random() < 0.1:
        return f"{_paragraph(chance, language)}\n\n```pythonCopy code{_CODE}```\n\n1. 하나\n2. 둘"
    parts = [chance.choice((_text, _text, _list, _code, _table))(chance, language) for _ in range(chance.randint(2, 7))]
    shown = f'<div class="markdown prose w-full break-words dark:prose-invert light">{"".join(parts)}</div>'
    return f"{chance.randint(1, 2)} / 2{shown}" if chance.random() < 0.05 else shown


def _paragraph(chance: random.Random, language: str) -> str:
    return " ".join(chance.choices(_SENTENCES[language], k=chance.randint(1, 4)))


def _escaped(chance: random.Random, language: str) -> str:
    return html.escape(_paragraph(chance, language), quote=False)


def _text(chance: random.Random, language: str) -> str:
    return f"<p>{_escaped(chance, language)} <strong>중요</strong>: <code>snake_case</code> <em>값</em></p>"


def _list(chance: random.Random, language: str) -> str:
    kind = chance.choice(("ol", "ul"))
    items = "".join(f"<li><p>{_escaped(chance, language)}</p></li>" for _ in range(chance.randint(2, 5)))
    return f"<{kind}>{items}</{kind}>"


def _code(chance: random.Random, language: str) -> str:
    spans = "".join(_highlighted(line) for line in _CODE.splitlines(keepends=True))
    return (
        '<pre><div class="bg-black rounded-md mb-4"><div class="flex items-center relative text-gray-200 px-4 py-2">'
        '<span>python</span><button class="flex ml-auto gap-2"><svg stroke="currentColor" viewBox="0 0 24 24">'
        '<path d="M16 4h2a2 2 0 0 1 2 2v14"></path></svg>Copy code</button></div><div class="p-4 overflow-y-auto">'
        f'<code class="!whitespace-pre hljs language-python">{spans}</code></div></div></pre>'
    )


def _highlighted(line: str) -> str:
    word, blank, rest = line.partition(" ")
    return f'<span class="hljs-keyword">{html.escape(word, quote=False)}</span>{blank}{html.escape(rest, quote=False)}'


def _table(chance: random.Random, language: str) -> str:
    rows = "".join(f"<tr><td>{number}</td><td>{_escaped(chance, language)}</td></tr>" for number in range(chance.randint(1, 4)))
    return f"<table><thead><tr><th>#</th><th>설명</th></tr></thead><tbody>{rows}</tbody></table>"
