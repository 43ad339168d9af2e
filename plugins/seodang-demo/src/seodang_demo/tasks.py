"""What the program teacher is competent in: six small subjects, each of which can be asked, answered and checked by computation.

A fact is the filling of a question's gaps. One in five facts is *held out*: never among the seeds, only in the exam.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping
from typing import ClassVar

from seodang_demo.numerals import read_number
from seodang_demo.phrasings import Particle, Phrasing
from seodang_demo.tables import opposites, words

Fact = Mapping[str, str]

HELD_OUT_OF = 5


def key(task: str, fact: Fact) -> str:
    """A fact by one word, the same for all ways of asking it."""
    return ":".join((task, *(fact[gap] for gap in sorted(fact))))


def share(*parts: str) -> random.Random:
    """Chance that is a pure function of what it is about."""
    return random.Random(int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big"))


def is_held_out(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] % HELD_OUT_OF == 0


class Task:
    """A subject. `gaps` are patterns of what may fill a question, `form` the one sentence that answers it, `value` what counts in it."""

    name: ClassVar[str]
    askings: ClassVar[int] = 2
    gaps: ClassVar[Mapping[str, str]]
    texts: ClassVar[tuple[str, ...]]
    form: ClassVar[re.Pattern[str]]
    value: ClassVar[re.Pattern[str]] = re.compile(r"'([^']*)'")

    def __init__(self) -> None:
        self.phrasings = tuple(Phrasing(text, self.gaps) for text in self.texts)

    def draw(self, chance: random.Random) -> Fact:
        raise NotImplementedError

    def truth(self, fact: Fact, particle: Particle) -> str:
        """What is right, as it stands in the answer."""
        raise NotImplementedError

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """What somebody might say who is wrong."""
        raise NotImplementedError

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        raise NotImplementedError

    def held_out(self, fact: Fact) -> bool:
        return is_held_out(key(self.name, fact))

    def ways(self, fact: Fact, *, held_out: bool) -> tuple[Phrasing, ...]:
        """The ways in which the fact is asked, among the seeds or in the exam."""
        return self.phrasings

    def group(self, fact: Fact) -> str:
        """Under which name the exam counts the fact."""
        return self.name

    def read(self, question: str) -> Fact | None:
        """The fact that a question asks for, if it is of this subject."""
        return next((fact for phrasing in self.phrasings if (fact := phrasing.read(question)) is not None), None)

    def given(self, answer: str) -> str:
        """The value that an answer gives, whatever the sentence around it."""
        found = self.value.search(answer)
        return found.group(1) if found else ""

    def in_form(self, answer: str) -> bool:
        """Whether the answer is the sentence that is asked for, right or wrong."""
        return self.form.fullmatch(answer) is not None


class Numbers(Task):
    """Reading numbers aloud: 3072, 삼천칠십이."""

    name = "numbers"
    askings = 3
    gaps = {"number": r"\d+"}
    texts = (
        "숫자 {number:을/를} 읽어 주세요.",
        "{number:은/는} 어떻게 읽나요?",
        "{number:을/를} 한글로 써 주세요.",
    )
    form = re.compile(r"'[가-힣]+'(?:이라고|라고) 읽습니다\.")

    def draw(self, chance: random.Random) -> Fact:
        return {"number": str(chance.randrange(10, 10_000))}

    def truth(self, fact: Fact, particle: Particle) -> str:
        return read_number(int(fact["number"]))

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """One digit is misread."""
        digits = list(fact["number"])
        place = chance.randrange(len(digits))
        digits[place] = chance.choice([digit for digit in "123456789" if digit != digits[place]])
        return read_number(int("".join(digits)))

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"'{value}'{particle(value, '이라고/라고').removeprefix(value)} 읽습니다."


class Josa(Task):
    """The choice of the particle that fits a noun: 사과는, 수박은."""

    name = "josa"
    gaps = {"noun": r"[가-힣]+", "choice": r"[가-힣]+/[가-힣]+"}
    texts = (
        "'{noun}'에는 {choice} 가운데 무엇을 쓰나요?",
        "'{noun}'에 맞는 조사는? ({choice})",
        "{choice} 가운데 '{noun}'에 맞는 것은?",
    )
    choices = ("은/는", "이/가", "을/를", "과/와", "으로/로", "이나/나")
    form = re.compile(r"'(?:은|는|이|가|을|를|과|와|으로|로|이나|나)'[을를] 씁니다\.")

    def draw(self, chance: random.Random) -> Fact:
        return {"noun": chance.choice(words("nouns")), "choice": chance.choice(self.choices)}

    def truth(self, fact: Fact, particle: Particle) -> str:
        return particle(fact["noun"], fact["choice"]).removeprefix(fact["noun"])

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """The other one of the two."""
        right = self.truth(fact, particle)
        return next(one for one in fact["choice"].split("/") if one != right)

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"'{value}'{particle(value, '을/를').removeprefix(value)} 씁니다."

    def new_noun(self, fact: Fact) -> bool:
        """Whether the noun itself is held out, so that no seed asks about it with any particle."""
        return is_held_out(f"noun:{fact['noun']}")

    def held_out(self, fact: Fact) -> bool:
        return self.new_noun(fact) or super().held_out(fact)

    def group(self, fact: Fact) -> str:
        return "josa-new-noun" if self.new_noun(fact) else "josa-met-noun"


class Sums(Task):
    """Arithmetic word problems: adding and taking away."""

    name = "sums"
    gaps = {"person": "[가-힣]+", "thing": "[가-힣]+", "first": r"\d+", "does": "더 받았|친구에게 주었", "second": r"\d+"}
    texts = (
        "{person:은/는} {thing} {first}개에서 {second}개를 {does}습니다. 모두 몇 개인가요?",
        "{thing} {first}개를 가진 {person:이/가} {second}개를 {does}습니다. 이제 몇 개인가요?",
        "{person}의 {thing:은/는} {first}개입니다. {second}개를 {does}습니다. 지금은 몇 개인가요?",
    )
    form = re.compile(r"모두 \d+개입니다\.")
    value = re.compile(r"(\d+)")

    def draw(self, chance: random.Random) -> Fact:
        second, first = sorted((chance.randrange(2, 100), chance.randrange(11, 100)))
        does = chance.choice(("더 받았", "친구에게 주었"))
        person, thing = chance.choice(words("people")), chance.choice(words("things"))
        return {"person": person, "thing": thing, "first": str(first), "does": does, "second": str(second)}

    def truth(self, fact: Fact, particle: Particle) -> str:
        first, second = int(fact["first"]), int(fact["second"])
        return str(first + second if fact["does"] == "더 받았" else first - second)

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """Off by one or by ten."""
        right = int(self.truth(fact, particle))
        return str(right + chance.choice([step for step in (-10, -1, 1, 10) if right + step >= 0]))

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"모두 {value}개입니다."


class Units(Task):
    """Units of length, weight, volume and time."""

    name = "units"
    factors = {
        ("미터", "센티미터"): 100,
        ("센티미터", "밀리미터"): 10,
        ("킬로미터", "미터"): 1000,
        ("킬로그램", "그램"): 1000,
        ("리터", "밀리리터"): 1000,
        ("시간", "분"): 60,
        ("분", "초"): 60,
        ("주", "일"): 7,
    }
    gaps = {
        "amount": r"\d+",
        "unit": "킬로미터|센티미터|미터|킬로그램|리터|시간|분|주",
        "other": "센티미터|밀리미터|미터|그램|밀리리터|분|초|일",
    }
    texts = (
        "{amount}{unit:은/는} 몇 {other}인가요?",
        "{amount}{unit:을/를} {other:으로/로} 바꿔 주세요.",
        "{amount}{unit:은/는} {other:으로/로} 얼마인가요?",
    )
    form = re.compile(r"\d+[가-힣]+입니다\.")
    value = re.compile(r"(\d+)")

    def draw(self, chance: random.Random) -> Fact:
        unit, other = chance.choice(list(self.factors))
        return {"amount": str(chance.randrange(2, 100)), "unit": unit, "other": other}

    def truth(self, fact: Fact, particle: Particle) -> str:
        return str(int(fact["amount"]) * self.factors[fact["unit"], fact["other"]])

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """By another factor."""
        right = self.factors[fact["unit"], fact["other"]]
        return str(int(fact["amount"]) * chance.choice([factor for factor in (7, 10, 24, 60, 100, 1000) if factor != right]))

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"{value}{fact['other']}입니다."

    def read(self, question: str) -> Fact | None:
        fact = super().read(question)
        return fact if fact and (fact["unit"], fact["other"]) in self.factors else None


class Dates(Task):
    """Days of the week."""

    name = "dates"
    days = "월화수목금토일"
    gaps = {"day": f"[{days}]", "later": r"\d+"}
    texts = (
        "{day}요일에서 {later}일 뒤는 무슨 요일인가요?",
        "{day}요일의 {later}일 뒤는 무슨 요일인가요?",
        "오늘이 {day}요일이면 {later}일 뒤는 무슨 요일인가요?",
    )
    form = re.compile(f"[{days}]요일입니다\\.")
    value = re.compile(f"([{days}])요일")

    def draw(self, chance: random.Random) -> Fact:
        return {"day": chance.choice(self.days), "later": str(chance.randrange(1, 31))}

    def truth(self, fact: Fact, particle: Particle) -> str:
        return self.days[(self.days.index(fact["day"]) + int(fact["later"])) % 7]

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """The day before or after."""
        return self.days[(self.days.index(self.truth(fact, particle)) + chance.choice((1, 6))) % 7]

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"{value}요일입니다."


class Antonyms(Task):
    """Opposites from the own table. What cannot be inferred cannot be held out: here a way of asking is held out, for every word."""

    name = "antonyms"
    askings = 4
    gaps = {"word": "[가-힣]+"}
    texts = (
        "'{word}'의 반대말은?",
        "'{word}'의 반대말을 써 주세요.",
        "'{word}'와 뜻이 반대인 말은?",
        "반대말은 무엇인가요: '{word}'",
        "'{word}'의 반대말을 알려 주세요.",
    )
    form = re.compile(r"'[가-힣]+'입니다\.")

    def draw(self, chance: random.Random) -> Fact:
        return {"word": chance.choice(list(opposites()))}

    def truth(self, fact: Fact, particle: Particle) -> str:
        return opposites()[fact["word"]]

    def mistake(self, fact: Fact, particle: Particle, chance: random.Random) -> str:
        """The opposite of another word."""
        right = self.truth(fact, particle)
        return chance.choice([word for word in opposites() if word not in (right, fact["word"])])

    def sentence(self, value: str, fact: Fact, particle: Particle) -> str:
        return f"'{value}'입니다."

    def held_out(self, fact: Fact) -> bool:
        return False

    def ways(self, fact: Fact, *, held_out: bool) -> tuple[Phrasing, ...]:
        kept_for_the_exam = share("way", fact["word"]).randrange(len(self.phrasings))
        return tuple(phrasing for place, phrasing in enumerate(self.phrasings) if (place == kept_for_the_exam) == held_out)

    def read(self, question: str) -> Fact | None:
        fact = super().read(question)
        return fact if fact and fact["word"] in opposites() else None


TASKS: tuple[Task, ...] = (Numbers(), Josa(), Units(), Dates(), Antonyms(), Sums())
