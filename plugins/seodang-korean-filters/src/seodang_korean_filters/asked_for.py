"""What a question asks for: a text that speaks in a voice of its own, or something about the language itself."""

from __future__ import annotations

import re

_A_TEXT = re.compile(
    r"반말|말투|역할|연기|척하|처럼 (말|대답)|친구(처럼|같이)|대화|대본|대사|독백|시나리오|캐릭터"
    r"|이야기를|이야기의|결말|스토리|소설|동화|일기|편지|메일|(^|[^가-힣])(시|시조)(를|로|의|에|\s)|[가-힣]시(를|로) |시적"
    r"|창의적인 (글|텍스트)|글을 (쓰|써|지어|짓)|하이쿠|소네트|리머릭|가사|노래|랩|농담|수수께끼|말장난|니모닉|은유|비유|묘사|운율|태그 ?라인"
    r"|동의어|반의어|같은 뜻|반대의 뜻|속담|격언|명언|관용구|소원|덕담|축하|문장|문구|슬로건|광고|홍보|카피|헤드라인|제목|표어"
    r"|게시물|트윗|기사|서문|에세이|연설|리뷰|후기|보고서|공지|로고|번역|요약|의역|패러프레이즈|인용"
    r"|바꾸|바꿔|변환|고쳐|고치|다시 (쓰|써|작성)|재작성|재구성|수정|편집|교정|이어 ?(쓰|써)|완성하|완성해|빈칸"
)
_ABOUT_KOREAN = re.compile(
    r"조사(를|가|는|의|와)? ?(고르|골라|쓰|맞|틀|올바|알맞|붙)|격 ?조사|보조사|맞춤법|받침|띄어쓰기|문법|어법|높임|틀린|오류|오타|교정|고쳐|고치|바로잡"
    r"|[을은이]/[를는가]|[을은이]\([를는가]\)"
)
_ANOTHER_LANGUAGE = re.compile(
    r"영어|영문|번역|외국어|영작|원문|스페인어|프랑스어|독일어|라틴어|이탈리아어|[A-Za-z]{2,}\W+[A-Za-z]{2,}\W+[A-Za-z]{2,}"
)


def a_text(question: str) -> bool:
    """A story, a letter, a slogan, a translation, a correction, a role to play: it addresses whom it likes, in the register it needs."""
    return _A_TEXT.search(question) is not None


def about_korean(question: str) -> bool:
    """Spelling and grammar: what is wrong is quoted."""
    return _ABOUT_KOREAN.search(question) is not None


def about_another_language(question: str) -> bool:
    """Sentences in that language belong into the answer. A question with several Latin words in a row has one in hand."""
    return _ANOTHER_LANGUAGE.search(question) is not None
