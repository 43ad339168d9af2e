"""What speech-level leaves out, what only looks like it, and what a judge makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.errors import SeodangError
from seodang.testing import asking, make_context
from seodang.wording import render
from seodang_korean_filters import SpeechLevel


@pytest.fixture
def sift(tmp_path: Path):
    def once(*records: seodang.Record, judge: seodang.Teacher | None = None, **options: object):
        capability = SpeechLevel(msgspec.convert(options, SpeechLevel.Options))
        context = make_context(tmp_path, language="ko")
        if judge is None:
            return asyncio.run(capability.sift(records, context))
        with asking(context, judge, tmp_path):
            return asyncio.run(capability.sift(records, context))

    return once


def answered(answer: str, question: str = "설명해 주세요.") -> seodang.Record:
    return seodang.single_turn(question, answer, id=answer, language="ko")


@pytest.mark.parametrize(
    ("answer", "code", "shown"),
    [
        ("물은 백 도에서 끓습니다. 산에서는 더 빨리 끓는다.", "mixed-register", "산에서는 더 빨리 끓는다."),
        ("물은 백 도에서 끓습니다. 산에서는 더 빨리 끓어.", "banmal-to-user", "산에서는 더 빨리 끓어."),
        ("서울은 큰 도시이다. 사람이 많이 산다.", "wrong-register", "서울은 큰 도시이다."),
        ("물을 마셔야 해. 그래야 안 아프지.", "banmal-to-user", "물을 마셔야 해."),
        ("물을 많이 먹어라.", "banmal-to-user", "물을 많이 먹어라."),
        ("물을 끓여요. 면을 넣어요. 4분 뒤에 불을 끈다.", "mixed-register", "4분 뒤에 불을 끈다."),
    ],
)
def test_what_changes_its_register_is_left_out_with_the_sentences_of_the_minority(sift, answer: str, code: str, shown: str):
    (verdict,) = sift(answered(answer))
    assert isinstance(verdict, seodang.Drop) and verdict.code == code
    assert shown in verdict.detail


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("설명해 주세요.", "물은 백 도에서 끓습니다. 산에서는 더 빨리 끓습니다."),
        ("설명해 주세요.", "물을 끓입니다. 면을 넣으세요. 맛있게 드세요."),
        ("설명해 주세요.", "네, 그렇습니다. 아니요, 다릅니다."),
        ("설명해 주세요.", "그는 '나는 간다.'라고 말했습니다. \"어서 가!\"라는 말도 했습니다."),
        ("설명해 주세요.", "순서입니다.\n\n1. 물을 끓인다.\n2. 면을 넣는다.\n\n맛있습니다."),
        ("설명해 주세요.", "표입니다.\n\n| 합 | 더한 값이다. |\n\n아래도 보십시오.\n\n> 나는 간다.\n\n끝입니다."),
        ("설명해 주세요.", "코드입니다.\n\n```python\nprint('나는 간다.')  # 인사를 한다.\n```\n\n실행됩니다."),
        ("가을에 대한 시를 써 줘.", "바람이 분다. 낙엽이 진다."),
        ("낱말을 이어 주세요.", "바람이 분다\n낙엽이 진다\n나는 말이 없다"),
        ("반말로 대답해 줘.", "알았어. 이제 반말로 할게."),
        ("선생님 역할을 해 줘.", "자, 모두 책을 펴라."),
        ("다음 문장을 고쳐 주세요.", "나는 학교에 갔다."),
        ("수도는 어디인가요?", "서울"),
        ("바다를 알려 주세요.", "지중해, 아라비아해"),
        ("비슷한 말을 알려 주세요.", "춥다, 시리다, 서늘하다"),
        ("네가 짓는다.", "네가 짓는다. 이것은 되풀이한 질문입니다."),
    ],
)
def test_what_is_somebody_elses_or_a_text_of_its_own_does_not_count(sift, question: str, answer: str):
    assert sift(answered(answer, question)) == [seodang.Keep()]


def test_two_polite_levels_are_tagged_unless_more_is_asked_for(sift):
    mixed = answered("물은 백 도에서 끓습니다. 산에서는 더 빨리 끓어요.")
    assert sift(mixed) == [seodang.Keep(tags={"speech-level": "mixed-register"})]
    assert [verdict.code for verdict in sift(mixed, polite_mix="drop")] == ["mixed-register"]
    assert [verdict.code for verdict in sift(mixed, level="합쇼")] == ["mixed-register"]


def test_a_wanted_level_leaves_out_every_other(sift):
    said = [answered("내일 갑니다."), answered("내일 가요."), answered("내일 간다."), answered("내일")]
    codes = [getattr(verdict, "code", "kept") for verdict in sift(*said, level="합쇼")]
    assert codes == ["kept", "wrong-register", "wrong-register", "kept"]
    assert [getattr(verdict, "code", "kept") for verdict in sift(*said, level="해라")] == ["wrong-register"] * 2 + ["kept"] * 2


def test_a_share_may_differ(sift):
    nine = answered("물이 끓습니다. " * 9 + "산에서는 더 빨리 끓는다.")
    assert sift(nine) == [seodang.Keep()]
    assert [verdict.code for verdict in sift(nine, min_share=0.95)] == ["mixed-register"]


def test_every_turn_is_looked_at_and_the_fields_that_are_named(sift):
    turns = tuple(
        seodang.Message(role, text)
        for role, text in (("user", "비가 와?"), ("assistant", "비가 오네."), ("user", "정말?"), ("assistant", "네."))
    )
    talk = seodang.Record(messages=turns, id="talk")
    assert [verdict.code for verdict in sift(talk)] == ["banmal-to-user"]
    asked = seodang.single_turn("비가 온다. 우산을 챙겨라.", "네, 챙기겠습니다.", input="눈도 온다.")
    assert sift(asked) == [seodang.Keep()]
    assert [verdict.code for verdict in sift(asked, fields=["instruction"])] == ["banmal-to-user"]
    assert [verdict.code for verdict in sift(asked, fields=["input"])] == ["wrong-register"]


def test_a_role_that_is_given_once_is_played_in_every_turn(sift):
    turns = (
        ("user", "옛날 임금 역할을 해 줘."),
        ("assistant", "그리하겠다."),
        ("user", "누구세요?"),
        ("assistant", "나는 이 나라의 임금이다."),
    )
    talk = seodang.Record(messages=tuple(seodang.Message(role, text) for role, text in turns), id="talk")
    assert sift(talk) == [seodang.Keep()]


def test_it_may_tag_instead(sift):
    assert sift(answered("내일 간다."), action="tag") == [seodang.Keep(tags={"speech-level": "wrong-register"})]


class Rewriter(seodang.Teacher):
    """Rewrites the one text that it knows, repeats every other, and declines one."""

    name = "rewriter"

    async def answer(self, request, context):
        prompt = request.messages[-1].text
        if "거절" in prompt:
            raise seodang.Refused("not this one")
        rewritten = "내일 갑니다. 모레 옵니다." if "내일 갑니다. 모레 온다." in prompt else "그대로 둔다."
        assert "합쇼체로 바꾸어 쓰세요" in prompt
        return seodang.Answer(message=seodang.Message("assistant", rewritten))


def test_a_judge_rewrites_and_only_what_is_right_then_is_kept(sift):
    records = [answered(text) for text in ("내일 갑니다. 모레 온다.", "글피 간다.", "거절한다.", "오늘 갑니다.")]
    mended, stubborn, declined, right = sift(*records, judge=Rewriter(), fix="rewrite")
    assert mended.record.answer == "내일 갑니다. 모레 옵니다." and mended.record.id == records[0].id
    assert mended.tags == {"speech-level": "rewritten"}
    assert (stubborn.code, declined.code, right) == ("wrong-register", "wrong-register", seodang.Keep())


def test_every_wrong_turn_of_a_conversation_has_to_come_right(sift):
    def talk(*answers: str) -> seodang.Record:
        turns = [
            turn for answer in answers for turn in (seodang.Message("user", "그래요?"), seodang.Message("assistant", answer))
        ]
        return seodang.Record(id="talk", messages=tuple(turns), language="ko")

    (mended,) = sift(talk("내일 갑니다. 모레 온다.", "오늘 갑니다."), judge=Rewriter(), fix="rewrite")
    assert [turn.text for turn in mended.record.messages[1::2]] == ["내일 갑니다. 모레 옵니다.", "오늘 갑니다."]
    (dropped,) = sift(talk("내일 갑니다. 모레 온다.", "글피 간다."), judge=Rewriter(), fix="rewrite")
    assert dropped.code == "mixed-register"
    (tagged,) = sift(talk("내일 갑니다. 모레 온다.", "글피 간다."), judge=Rewriter(), fix="rewrite", action="tag")
    assert tagged == seodang.Keep(tags={"speech-level": "mixed-register"})


def test_what_is_only_tagged_by_default_costs_nothing(sift):
    """합쇼 beside 해요 is left as it is, so nobody is asked to mend it."""
    (verdict,) = sift(answered("물을 끓입니다. 면을 넣어요."), judge=Rewriter(), fix="rewrite")
    assert verdict == seodang.Keep(tags={"speech-level": "mixed-register"})


def test_a_judge_without_fix_is_refused_because_nothing_would_be_asked(sift):
    with pytest.raises(SeodangError) as error:
        sift(answered("내일 간다."), judge=Rewriter())
    facts = error.value.facts
    assert render(error.value.code, facts, "en") == (
        'The step names a judge, but the filter speech-level asks it only with fix = "rewrite". Set that, or take the judge out.'
    )
    assert render(error.value.code, facts, "ko") == (
        '이 단계에 judge가 있지만 speech-level 필터는 fix = "rewrite"일 때만 judge에게 묻습니다. 그렇게 적거나 judge를 빼세요.'
    )


def test_fix_without_a_judge_says_who_is_missing(sift):
    with pytest.raises(SeodangError, match="asks a teacher, but the recipe names none"):
        sift(answered("내일 간다."), fix="rewrite")
