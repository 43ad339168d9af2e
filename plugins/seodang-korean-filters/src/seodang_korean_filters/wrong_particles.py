"""Finds particles that do not fit the sound of their word: 〈사과을〉, 〈사람는〉, 〈서울으로〉, 〈API을〉, 〈100%을〉.

By rule, and so that what is found is wrong: many words end like a noun with a particle and are none (마을, 지은, 먹는, 국가, 효과, 진로).
What cannot be told without a dictionary is passed over: 〈이〉, 〈가〉, 〈과〉 and 〈로〉 are found behind frequent nouns only, 〈이나〉 and
〈이라〉 behind vowels never, because the copula may keep its 〈이〉 there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

import msgspec
import seodang

from seodang_korean_filters.certain_readings import readings

_CHOICES = {
    "을": "을/를", "를": "을/를", "은": "은/는", "는": "은/는", "이": "이/가", "가": "이/가", "과": "과/와", "와": "과/와",
    "예요": "이에요/예요",
}  # fmt: skip
_CHOICES |= {
    f"{to}{more}": f"으로{more}/로{more}" for to in ("으로", "로") for more in ("", "서", "써", "부터", "는", "도", "만", "의")
}
_CHOICES |= {f"라{more}": f"이라{more}/라{more}" for more in ("고", "는", "서", "며", "도")}

_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_SYLLABLES = re.compile(r"[가-힣]+$")
_LONGEST, _FURTHEST = 12, 60
"""A noun is looked for in so many syllables, quotes and brackets in so many signs: a hostile text is one run of them."""
_HOW_ONE_COMES = frozenset({"얼른", "빨랑", "냉큼", "가끔", "지금", "오늘", "내일", "당장"})  # 얼른와: chats leave out the blank
_WORDS = frozenset({"들", "중심"})  # 들르다; 中心窩


class Wrong(msgspec.Struct, frozen=True):
    """A wrong particle from `start` to `end` of the text, the word that it stands behind, and what fits instead."""

    start: int
    end: int
    word: str
    given: str
    right: str


class Nouns(msgspec.Struct, frozen=True):
    """Nouns after which a particle is known to be one."""

    consonant: frozenset[str]
    vowel: frozenset[str]
    departments: frozenset[str]
    roads: frozenset[str]
    before_eul: frozenset[str]


@cache
def nouns() -> Nouns:
    text = files(__package__).joinpath("nouns.toml").read_text(encoding="utf-8")
    return Nouns(**{name: frozenset(words.split()) for name, words in tomllib.loads(text).items()})


def wrong_particles(text: str, locale: seodang.Locale) -> Iterator[Wrong]:
    """From left to right."""
    for found in _pattern(type(locale)).finditer(text):
        start, given = found.start(), found.group()
        before = text[max(0, start - _FURTHEST) : start]
        words = _noun(before, given) if "가" <= before[-1] <= "힣" else readings(before, given)
        fitting = {locale.particle(word, _CHOICES[given]).removeprefix(word) for word in words}
        if len(fitting) == 1 and given not in fitting and "(" not in (right := fitting.pop()):
            yield Wrong(start, found.end(), words[0], given, right)


@cache
def _pattern(kind: type[seodang.Locale]) -> re.Pattern[str]:
    """Every particle behind a syllable that it does not fit, or behind anything but a syllable, at the end of its word.

    Which syllables those are the locale says, once for each of all 11,172: what is looked at of a correct text is then next to nothing.
    """
    attach = kind().particle
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    fitting = {base: [attach(syllable, base)[1:] for syllable in syllables] for base in ("을/를", "으로/로")}
    misfits: dict[str, list[str]] = {}
    for given, choice in _CHOICES.items():
        base = "으로/로" if choice.startswith("으로") else "을/를"
        other = base.split("/")[given == choice.split("/")[0]]
        misfits[given] = [syllable for syllable, right in zip(syllables, fitting[base], strict=True) if right == other]
    parts = []
    for given in sorted(misfits, key=len, reverse=True):
        around = f"[{''.join(misfits[given])}]"
        parts.append(f"{given}(?:(?<={around}{given})|(?<=[A-Za-z0-9%℃°)\\]>'\"’”」』》〉*_]{given}))")
    # 〈을(를)〉 and 〈은/는〉 leave the choice open, which is an error of another kind.
    return re.compile(f"(?:{'|'.join(parts)})(?![\\w(（/·~])")


def _noun(before: str, given: str) -> tuple[str, ...]:
    """The run of syllables at the end, if it is surely a noun. `given` does not fit its sound, which the pattern has seen to."""
    word = _SYLLABLES.search(before[-_LONGEST:]).group()  # type: ignore[union-attr]  # the last sign is a syllable
    final = _FINALS[(ord(word[-1]) - 0xAC00) % 28]
    if _ends_in(word, nouns().vowel if final == " " else nouns().consonant):
        other = {"과": nouns().departments, "로": nouns().roads}.get(given)
        return () if other and _ends_in(word, other) else (word,)
    rule = _RULES.get(given)
    return (word,) if rule and word not in _WORDS and rule(word, final) else ()


def _ends_in(word: str, known: frozenset[str]) -> bool:
    return any(word[-length:] in known for length in (1, 2, 3, 4) if length <= len(word))


def _no_verb_in_eul(word: str) -> bool:
    """Before 〈을〉 and 〈은〉: verbs that lose their ㅅ there (지을, 부은) and four nouns (가을, 마을, 노을, 고을), alone and in compounds."""
    if word[-1] == "마":  # 항구마을, 산마을: there is a village for everything
        return False
    if word[-1] not in _BEFORE_EUL:
        return True
    others = nouns().before_eul
    return len(word) > 1 and word not in others and not any(len(other) > 1 and word.endswith(other) for other in others)


def _may_be_name(word: str, last: str) -> bool:
    """〈박하은〉 and 〈김재이〉 are people: a frequent surname and a syllable with which given names end."""
    return len(word) == 2 and word[0] in _SURNAMES and word[1] in last


def _no_verb_in_neun(word: str, final: str) -> bool:
    """Before 〈는〉, where verbs stand: no stem ends in ㅇ, and with these others only few do."""
    return final in _STEMS and word[-1] not in _STEMS[final]


_BEFORE_EUL = "가노고저지이나그부자모"
_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민나진엄채원천방공현함변염여추도소석선설마"
    "길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_NAMED_EUN = "가고하다예시소채주조세혜서유보노재태희아라리효도초해수사기미비우루로규래제지나이"
_NAMED_I = "주재채유초규여래두수우소"
_STEMS = {
    "ㄱ": "먹막죽박썩익녹식찍적묵속삭숙각닥욱",
    "ㄴ": "안신는은",
    "ㄹ": "만들알살놀날달울불길멀열걸끌팔풀돌벌밀갈말썰털빌졸줄늘물쓸빨얼헐몰할을일볼될올글",
    "ㅁ": "남넘참숨품담감삼심검뿜듬금슴춤젊",
    "ㅂ": "잡입집뽑씹업굽접꼽눕줍깁뵙좁돕",
    "ㅅ": "웃씻벗빗솟앗긋낫붓잇젓짓잣뺏헛맛",
    "ㅇ": "",
}
"""The syllables with which the stems of verbs end, by their final consonant; before others the verb cannot be told from a noun."""
_I_IS_A_PARTICLE = (
    "교계료드트스크프터처더러커퍼머퓨류표의화회체무우기시미씨도개래매여요유규효초포두주추투푸려혀폐테재채뇌죄위취귀뒤"
)
"""Behind other syllables 이 is a part of the word in Korean or in names from abroad: 아이, 나이, 파이, 노르웨이."""

_RULES: dict[str, Callable[[str, str], bool]] = {
    "를": lambda word, final: True,
    "을": lambda word, final: _no_verb_in_eul(word),
    "은": lambda word, final: len(word) > 1 and not _may_be_name(word, _NAMED_EUN) and _no_verb_in_eul(word),
    "는": _no_verb_in_neun,
    "이": lambda word, final: len(word) > 1 and word[-1] in _I_IS_A_PARTICLE and not _may_be_name(word, _NAMED_I),
    "가": lambda word, final: word[-1] == "들" and len(word) > 2,
    "와": lambda word, final: len(word) > 1 and word not in _HOW_ONE_COMES,
    **{f"으로{more}": lambda word, final: True for more in ("", "서", "써", "부터", "는", "도", "만", "의")},
    "로": lambda word, final: word[-1] == "적" and len(word) > 1,
    "로서": lambda word, final: len(word) > 1,
    "로써": lambda word, final: len(word) > 1,
    **{
        f"라{more}": lambda word, final: final != "ㄹ" and word[-1] not in "신한탐전만" for more in ("고", "는", "서", "며", "도")
    },
    "예요": lambda word, final: True,
}
