"""Errors in how a text is written: damaged signs, broken layouts, repetition, lengths, other languages. Planted in seed tasks."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import seodang

from seodang_bench.planting import Case, Planted, answered, locale_of, seed_rows

EACH = 40
"""So many rows with each error."""

Damage = Callable[[str, random.Random], str]


def misread(text: str, written: str, read: str) -> str:
    """The text as it looks when its bytes are taken for another encoding; what no byte stands for is left out."""
    return text.encode(written, "ignore").decode(read, "ignore")


def inside(text: str, sign: str, draw: random.Random) -> str:
    place = draw.randrange(1, max(2, len(text)))
    return text[:place] + sign + text[place:]


def cut(text: str, draw: random.Random) -> str:
    """A text of some sentences that ends in the middle of its last one."""
    end = max(60, int(len(text) * draw.uniform(0.5, 0.8)))
    return text[: text.rfind(" ", 0, end)] + ","


DAMAGES: dict[str, list[Damage]] = {
    "mojibake": [
        lambda text, draw: misread(text, "utf-8", "latin-1"),
        lambda text, draw: misread(text, "utf-8", "cp1252"),
        lambda text, draw: misread(text, "cp949", "latin-1"),
        lambda text, draw: misread(text, "utf-8", "cp949"),
    ],
    "replacement-sign": [lambda text, draw: inside(text, "\ufffd", draw)],
    "control-sign": [lambda text, draw: inside(text, draw.choice("\x00\x07\x08\x1b\x7f\x85"), draw)],
    "bidi-sign": [lambda text, draw: inside(text, draw.choice("\u200e\u202a\u202e\u2066"), draw)],
    "zero-width": [lambda text, draw: inside(text, draw.choice("\u200b\u200d\u2060\ufeff\u3164"), draw)],
    "lone-jamo": [lambda text, draw: text + " " + draw.choice("\u1100\u1112\u11ab\u11af")],
    "html": [
        lambda text, draw: (
            text.replace(" ", draw.choice(["&nbsp;", "<br>", " &amp; "]), 1) + draw.choice(["<br/>", "</p>", "</div>"])
        )
    ],
    "jamo-run": [lambda text, draw: text + " " + draw.choice(["ㅋㅋㅋㅋ", "ㅠㅠㅠㅠㅠ", "ㅎㅎㅎㅎ", "ㅋ ㅋ ㅋ ㅋ"])],
    "open-code-fence": [lambda text, draw: text + "\n\n```python\nprint('서당')\n"],
    "broken-list": [
        lambda text, draw: text + "\n1. 사과\n2. 배\n3.",
        lambda text, draw: text + "\n1. 사과\n2. 배\n1. 감\n2. 귤",
        lambda text, draw: text + "\n1. 사과\n2. 배\n4. 감\n5. 귤",
    ],
}


def prose(records: Sequence[seodang.Record], least: int = 80) -> list[seodang.Record]:
    """Rows whose answers are sentences and not lists or code."""
    return [
        record
        for record in records
        if len(record.answer) >= least and "\n" not in record.answer and record.answer[-1] in ".!?。！？"
    ]


def damaged(draw: random.Random) -> list[Case]:
    rows = seed_rows("ko")
    cases = [Case(record) for record in rows]
    hangul = [record for record in rows if locale_of("ko").is_written_in(record.answer) and "```" not in record.answer]
    for code, ways in DAMAGES.items():
        for number in range(EACH):
            record = draw.choice(hangul)
            cases.append(Case(answered(record, ways[number % len(ways)](record.answer, draw)), code))
    sentences = prose(rows)
    cases += [Case(answered(record, cut(record.answer, draw)), "cut-off") for record in draw.choices(sentences, k=EACH)]
    return cases


def repeated(draw: random.Random) -> list[Case]:
    rows = seed_rows("ko")
    cases = [Case(record) for record in rows]
    for record in draw.choices(prose(rows), k=EACH):
        sentences = [part.strip() for part in locale_of("ko").sentences(record.answer)]
        sentence = draw.choice([part for part in sentences if len(part) >= 10] or [record.answer])
        loop = f"{record.answer} " + f"{sentence[:40]} " * draw.randrange(6, 20)
        signs = record.answer + draw.choice("아하음요") * draw.randrange(15, 60)
        lines = "\n".join(draw.choices([*sentences, sentence], k=2) * draw.randrange(3, 7)) + "\n끝입니다. 고맙습니다."
        cases += [Case(answered(record, text), "any") for text in (loop, signs, lines)]
    return cases


def lengths(draw: random.Random) -> list[Case]:
    rows = [record for record in seed_rows("ko") if record.answer]
    cases = [Case(record) for record in rows]
    for record in draw.choices(rows, k=EACH):
        long = (record.answer + " ") * (9000 // len(record.answer) + 1)
        cases.append(Case(answered(record, long), "answer-too-long"))
        cases.append(Case(answered(record, ""), "answer-too-short"))
        words = record.question.split()
        cases.append(
            Case(seodang.single_turn(" ".join(words * (700 // len(record.question) + 1)), "네."), "instruction-too-long")
        )
        cases.append(Case(seodang.single_turn(draw.choice(["?", "네", "음…", "ㅇㅇ"]), "네."), "instruction-too-short"))
    return cases


def languages(draw: random.Random) -> list[Case]:
    rows = seed_rows("ko")
    cases = [Case(record) for record in rows]
    for language in ("en", "ja", "zh"):
        # What is left after code, numbers and names is in no language, so it is no error.
        theirs = [record.answer for record in prose(seed_rows(language), 40) if locale_of(language).is_written_in(record.answer)]
        for answer in draw.choices(theirs, k=EACH // 2):
            cases.append(Case(answered(draw.choice(rows), answer), "wrong-language"))
        for answer in draw.choices([text for text in theirs if "(" not in text], k=EACH // 2):
            before = draw.choice(prose(rows)).answer
            cases.append(Case(answered(draw.choice(rows), f"{before} {answer}"), "mixed-language"))
    return cases


PLANTED = (
    Planted("format", damaged),
    Planted("repetition", repeated, error="repetition"),
    Planted("length", lengths),
    Planted("language", languages),
)
