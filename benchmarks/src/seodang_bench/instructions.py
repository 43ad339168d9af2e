"""Instructions that are made up: Korean or English, about as various as real ones, with variants of earlier rows among them.

A few hundred words of our own and thousands of invented ones, each said about half as often as one that stands twice as far ahead
(Zipf's law). So common words are everywhere, the vocabulary grows with the rows, and some rows are alike without being variants.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal

Language = Literal["en", "ko"]

VARIANTS = 0.1
"""So many rows are an earlier one with a word or two changed."""
WORDS = 30_000
"""So many nouns and names there are; those beyond the lists are invented."""
HEAD = 30
"""So many of them are about equally common."""

_ENGLISH = {
    "task": (
        *("write {kind} about {thing}", "explain {thing} to {person}", "give me {number} ideas for {thing}", "describe {thing}"),
        *("summarise what {person} should know about {thing}", "compare {thing} with {thing}", "list the steps of {doing}"),
        *("what are the advantages of {doing} for {person}?", "create {kind} for {person} who is interested in {thing}"),
        *("how does {thing} change {thing} in {place}?", "translate a sentence about {thing} into plain language"),
        *("suggest {number} questions that {person} from {place} could ask about {thing}", "find a title for {kind} on {thing}"),
        *("plan a day of {doing} in {place} for {person}", "rewrite {kind} on {thing} so that {person} likes it"),
        *("classify these notes on {thing} and {thing} by how useful they are", "name {number} risks of {doing} near {place}"),
        *("what would happen if {person} gave up {doing}?", "prepare {kind} in which {name} talks with {person} about {thing}"),
        *("tell {name} why {thing} matters to {person}", "estimate what {doing} costs {person} in {place}", "correct {kind} by {name}"),
    ),
    "background": (
        *("{person} from {place} has written about {noun}, {quality} {noun} and {noun}", "think of {noun}, of {noun} and of {noun} in {place}"),
        *("{name} and {name} found {quality} {noun} between {noun} and {noun}", "last year {person} lost {noun} to {noun} near {place}"),
        *("here {noun} means {noun} with {quality} {noun}", "{person} only believes in {noun}, {name} in {noun}"),
        *("{place} has more {noun} than {noun}, says {person}", "nobody in {place} sells {quality} {noun} for {noun}"),
        *("it is for a book on {noun}, {noun} and the {quality} {noun} of {name}", "{noun}, {noun} and {noun} are what {name} knows best"),
    ),
    "condition": (
        *("", "", "", "and keep it under {number} words", "with at least {number} examples", "in the style of {name}"),
        *("without mentioning {thing}", "and say where {person} can learn more", "using only facts that {person} would know"),
        *("as if you lived in {place}", "and end with a question about {thing}", "so that even {person} can follow"),
        *("giving one reason for and one against {doing}", "in {number} short paragraphs", "and compare it with {thing} of {place}"),
        *("taking into account the weather in {place} and the wishes of {name}", "as a table with {number} rows"),
        *("and mark every sentence that is about {thing}", "as {name} from {place} would put it"),
    ),
    "kind": (
        *("a short story", "a poem", "an e-mail", "a letter", "a list", "a speech", "a review", "an article", "a dialogue", "a recipe"),
        *("a blog post", "a cover letter", "an advertisement", "a summary", "a song", "a report", "a complaint", "an invitation"),
        *("a quiz", "a lesson plan", "a press release", "a diary entry", "a fable", "a timetable", "a riddle", "a eulogy"),
    ),
    "thing": (
        *("{quality} {noun}", "{noun}", "the {noun} of {place}", "the history of {noun}", "{noun} and {noun}", "a {quality} {noun}"),
        *("{noun} without {noun}", "the {quality} {noun} that {name} bought"),
    ),
    "doing": tuple(
        f"{verb} {{noun}}"
        for verb in (
            *("growing", "selling", "repairing", "teaching", "collecting", "drawing", "saving", "sharing", "measuring", "cooking"),
            *("designing", "buying", "cleaning", "writing about", "studying", "moving", "renting", "protecting", "counting", "testing"),
        )
    ),
    "person": (
        *("a child", "a beginner", "my teacher", "a customer", "students", "an engineer", "my neighbour", "a nurse", "a farmer"),
        *("a tourist", "an old friend", "a young couple", "a librarian", "the mayor of {place}", "a driver", "{name}", "a painter"),
        *("a shopkeeper", "a swimmer", "a lawyer", "a retired sailor", "the parents of {name}", "a {quality} guest", "a baker"),
    ),
    "quality": (
        *("new", "small", "old", "healthy", "cheap", "modern", "quiet", "famous", "green", "simple", "strange", "local", "digital"),
        *("wooden", "public", "private", "broken", "colourful", "heavy", "sweet", "ancient", "electric", "hidden", "seasonal", "narrow"),
        *("portable", "fragile", "northern", "borrowed", "silent", "salty", "round", "unfinished", "transparent", "rural", "velvet"),
    ),
    "noun": (
        *("water", "music", "travel", "climate", "money", "school", "food", "language", "health", "city", "energy", "history"),
        *("books", "gardens", "trains", "computers", "sleep", "markets", "forests", "maps", "bridges", "weather", "coffee", "rivers"),
        *("football", "museums", "bread", "clocks", "letters", "islands", "birds", "photography", "chess", "bicycles", "medicine"),
        *("songs", "roads", "winter", "paper", "glass", "friendship", "mathematics", "robots", "theatre", "cheese", "mountains"),
        *("elections", "harbours", "silk", "batteries", "kites", "astronomy", "honey", "umbrellas", "carpets", "lighthouses", "pianos"),
        *("volcanoes", "stamps", "puppets", "tunnels", "mirrors", "salt", "compasses", "ladders", "violins", "fountains", "mosaics"),
        *("tea", "rice", "wool", "dust", "ink", "ropes", "windows", "orchards", "canals", "parades", "fossils", "tides", "beehives"),
        *("lanterns", "quilts", "sundials", "ferries", "thunder", "moss", "keys", "barns", "glaciers", "drums", "pottery", "seeds"),
    ),
}
_KOREAN = {
    "task": (
        *("{thing}에 대해 설명해 주세요", "{thing}에 관한 {kind} 한 편을 써 주세요", "{person}에게 {thing}의 장점을 알려 주세요"),
        *("{thing}의 종류를 {number}가지 나열하세요", "{thing} 때문에 생기는 문제는 무엇인가요?", "{place}에서 {doing} 방법을 알려줘"),
        *("{thing}하고 {thing}의 차이점을 비교하세요", "{person}에게 어울리는 {kind} 제목을 지어 주세요", "{doing} 순서를 정리해 줘"),
        *("{name} 씨가 {person}에게 보낼 {kind} 초안을 작성하세요", "{thing}의 역사를 {number}문장으로 요약하세요"),
        *("{place} 지역의 {thing} 현황을 표로 정리하세요", "{doing} 때 {person}에게 필요한 준비물은 무엇인가요?"),
        *("다음 {thing} 기록을 쓸모에 따라 분류하세요", "{person}의 입장에서 {thing}의 미래를 예측해 보세요"),
        *("{place}에서 {person}끼리 하루를 보내는 계획을 세워 주세요", "{thing}에 관한 질문 {number}개를 만들어 주세요"),
        *("{name} 씨의 {kind}에서 어색한 곳을 고쳐 주세요", "{doing} 비용을 {person} 기준으로 어림해 주세요"),
        *("{thing}에서 배울 점을 {person}에게 편지로 전하세요", "만약 {place}에서 {thing}의 값이 오르면 어떻게 될까요?"),
    ),
    "background": (
        *("{place}의 {person} 앞에서 {noun}, {quality} {noun}, {noun} 이야기를 할 예정입니다.", "{noun}보다 {noun} 쪽을 믿는 {name} 씨가 물었습니다."),
        *("{name} 씨와 {name} 씨가 {noun}에서 {quality} {noun} 하나를 찾았습니다.", "작년에 {place}에서 {noun} 대신 {noun}만 팔렸습니다."),
        *("여기서 {noun}처럼 {quality} {noun}도 {noun}에 들어갑니다.", "{place}에는 {noun}보다 {noun} 가게가 많다고 합니다."),
        *("{noun}, {noun}, {quality} {noun}에 관한 책에 실립니다.", "{name} 씨는 {noun}하고 {noun}밖에 모릅니다."),
        *("{person}에게 {noun}만큼 {noun}도 필요합니다.", "{place} 사람들은 {noun}에 {quality} {noun}도 넣습니다."),
    ),
    "condition": (
        *("", "", "", "{number}문장 안으로 써 주세요.", "예를 {number}개 이상 드세요.", "{name} 씨의 말투로 부탁합니다."),
        *("{thing} 이야기는 빼 주세요.", "{person}도 이해할 만큼 쉽게 쓰세요.", "마지막은 {thing}에 관한 질문으로 끝내세요."),
        *("{place}의 날씨를 고려해 주세요.", "찬성과 반대 이유를 하나씩 드세요.", "{place}의 {thing}에 빗대어 답하세요."),
        *("{number}행짜리 표로 답하세요.", "{person}에게 읽어 줄 글입니다.", "{name} 씨와 {place}의 사정을 함께 다루세요."),
        *("{quality} {noun} 사진에 붙일 글이니 짧을수록 좋습니다.", "{thing}의 값을 모른다고 가정하세요."),
    ),
    "kind": (
        *("글", "시", "이야기", "편지", "기사", "연설문", "감상문", "이메일", "대화문", "안내문", "광고", "보고서", "일기", "노래 가사"),
        *("초대장", "동화", "수필", "설명서", "자기소개서", "항의문", "퀴즈", "수업 계획", "보도 자료", "축사", "수수께끼", "요리법"),
    ),
    "thing": (
        *("{quality} {noun}", "{noun}", "{place}의 {noun}", "{noun} 산업", "{noun}, {noun}", "{name} 씨가 산 {noun}", "{noun} 교육"),
        *("{quality} {noun} 시장", "{noun} 없는 {noun}"),
    ),
    "doing": tuple(
        f"{{noun}} {verb}"
        for verb in (
            *("고르는", "파는", "고치는", "가르치는", "모으는", "그리는", "아끼는", "나누는", "재는", "옮기는", "기르는", "만드는"),
            *("사는", "치우는", "조사하는", "빌리는", "지키는", "세는", "시험하는", "꾸미는"),
        )
    ),
    "person": (
        *("아이", "초보자", "선생님", "손님", "학생", "기술자", "이웃", "간호사", "농부", "관광객", "오랜 친구", "신혼부부", "사서"),
        *("{place} 시장님", "운전기사", "{name} 씨", "화가", "가게 주인", "수영 선수", "변호사", "은퇴한 선원", "{name} 씨의 부모님"),
        *("{quality} 동료", "제빵사", "군인", "할머니"),
    ),
    "quality": (
        *("새로운", "작은", "오래된", "건강한", "값싼", "현대적인", "조용한", "유명한", "친환경", "간단한", "낯선", "지역", "디지털"),
        *("나무로 만든", "공공", "개인", "고장 난", "알록달록한", "무거운", "달콤한", "고대", "전기", "숨은", "계절", "좁은"),
        *("휴대용", "깨지기 쉬운", "북쪽", "빌린", "말 없는", "짭짤한", "둥근", "덜 끝난", "투명한", "시골", "벨벳"),
    ),
    "noun": (
        *("물", "음악", "여행", "기후", "돈", "학교", "음식", "언어", "건강", "도시", "에너지", "역사", "책", "정원", "기차", "컴퓨터"),
        *("잠", "시장", "숲", "지도", "다리", "날씨", "커피", "강", "축구", "박물관", "빵", "시계", "편지", "섬", "새", "사진", "바둑"),
        *("자전거", "의학", "노래", "길", "겨울", "종이", "유리", "우정", "수학", "로봇", "연극", "치즈", "산", "선거", "항구", "비단"),
        *("건전지", "연", "천문학", "꿀", "우산", "양탄자", "등대", "피아노", "화산", "우표", "인형극", "터널", "거울", "소금", "나침반"),
        *("사다리", "바이올린", "분수", "모자이크", "녹차", "쌀", "양털", "먼지", "잉크", "밧줄", "창문", "과수원", "운하", "행진", "화석"),
        *("밀물", "벌집", "등불", "조각보", "해시계", "나룻배", "천둥", "이끼", "열쇠", "헛간", "빙하", "북", "도자기", "씨앗", "김치"),
        *("한복", "온돌", "장독대", "서예", "판소리", "한지", "떡", "씨름", "윷놀이", "탈춤", "정자", "나전칠기"),
    ),
}
_SYLLABLES = {
    "en": tuple(
        "ka lo mi ran tes vo dun el bri sor nav pel gu zin har ot cem ly dra fen wix po ul jas ith qua ster onk bel mur".split()
    ),
    "ko": tuple(
        "가 나 도 리 미 산 유 진 하 서 온 빛 들 솔 별 담 채 윤 준 경 무 현 태 율 린 봄 각 갈 감 강 거 건 고 곡 관 구 권 기 길 남 노 "
        "단 달 당 대 동 두 락 래 로 록 마 만 명 모 목 문 민 바 박 방 배 백 보 복 부 북 비 사 상 석 선 성 세 소 송 수 순 시 신 실 심 "
        "아 안 암 야 양 어 여 연 영 오 옥 용 우 운 원 월 은 의 이 인 일 임 자 장 재 전 정 제 조 종 주 중 지 차 창 천 철 청 초 춘 층".split()
    ),
}
_MIX = {"en": ("please {text}", "{text} today", "can you {text}"), "ko": ("{text} 부탁드립니다", "이제 {text}", "자, {text}")}


class Instructions:
    """A source of instructions in one language. The same seed gives the same ones."""

    def __init__(self, language: Language, seed: int = 0) -> None:
        self._random = random.Random(f"{language} {seed}")
        self._language = language
        self._lists = _ENGLISH if language == "en" else _KOREAN
        self._shares = {name: list(accumulate(1 / (rank + 10) for rank in range(len(words)))) for name, words in self._lists.items()}

    def rows(self, count: int) -> Iterator[str]:
        """So many instructions, some of them variants of earlier ones."""
        recent: list[str] = []
        for _ in range(count):
            if recent and self._random.random() < VARIANTS:
                yield self._variant(self._random.choice(recent))
                continue
            text = self._one()
            # Any of the earlier rows may come back, and they need not all be remembered for that.
            if len(recent) < 10_000:
                recent.append(text)
            else:
                recent[self._random.randrange(len(recent))] = text
            yield text

    def _one(self) -> str:
        text = self._filled(self._drawn("task"))
        condition = self._filled(self._drawn("condition"))
        if self._language == "ko":
            mark = "" if text.endswith("?") else "."
            return f"{self._background()}{text}{mark} {condition}".strip()
        mark = "?" if text.endswith("?") else "."
        return f"{self._background()}{_begun(text).removesuffix('?')} {condition}".strip() + mark

    def _background(self) -> str:
        """A sentence before the task, in most rows."""
        if self._random.random() < 0.15:
            return ""
        text = self._filled(self._drawn("background"))
        return f"{text} " if self._language == "ko" else f"{_begun(text)}. "

    def _drawn(self, name: str) -> str:
        shares = self._shares[name]
        return self._random.choices(self._lists[name], cum_weights=shares)[0]

    def _filled(self, text: str) -> str:
        while (start := text.find("{")) >= 0:
            end = text.index("}", start)
            slot = text[start + 1 : end]
            text = f"{text[:start]}{self._value(slot)}{text[end + 1 :]}"
        return text

    def _value(self, slot: str) -> str:
        if slot == "number":
            return str(self._random.choice((2, 3, 4, 5, 5, 7, 10, 10, 12, 20, 50, 100)))
        if slot in ("name", "place"):
            return self._invented(self._rank()).capitalize()
        if slot == "noun":
            nouns, rank = self._lists["noun"], self._rank()
            return nouns[rank] if rank < len(nouns) else self._invented(rank)
        return self._drawn(slot)

    def _rank(self) -> int:
        """Of a word; the first hundred make up a fifth of what is said."""
        return int(HEAD * ((WORDS + HEAD) / HEAD) ** self._random.random()) - HEAD

    def _invented(self, rank: int) -> str:
        """The word of this rank; the commoner, the shorter."""
        syllables = _SYLLABLES[self._language]
        word, rest = "", rank
        while rest or len(word) < 2:
            rest, place = divmod(rest, len(syllables))
            word += syllables[(place + rank) % len(syllables)]
        return word

    def _variant(self, text: str) -> str:
        """The text with a word or two changed, left out, moved or added."""
        words = text.split()
        for _ in range(self._random.choice((1, 1, 2))):
            place = self._random.randrange(len(words))
            change = self._random.choice(("other", "none", "twice", "moved"))
            if change == "other":
                words[place] = self._drawn("noun")
            elif change == "none" and len(words) > 2:
                del words[place]
            elif change == "twice":
                words.insert(place, self._drawn("quality"))
            else:
                words.insert(self._random.randrange(len(words)), words.pop(place))
        if self._random.random() < 0.1:
            return self._random.choice(_MIX[self._language]).format(text=" ".join(words))
        return " ".join(words)


def _begun(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def instructions(language: Language, count: int, seed: int = 0) -> Sequence[str]:
    return list(Instructions(language, seed).rows(count))
