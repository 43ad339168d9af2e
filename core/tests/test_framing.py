"""What a template writes around a conversation, found by letting it write; and the same as a chat template of other tools."""

from __future__ import annotations

import pytest
import seodang
from seodang.wording import render


class Marked(seodang.Template):
    """Questions and answers with marks; a system turn before all."""

    name = "marked"

    def segments(self, record):
        found = [seodang.Segment("bos", special=True)]
        for place, turn in enumerate(record.messages):
            if turn.role == "system":
                found.append(seodang.Segment(f"[{turn.text}] "))
            elif turn.role == "user":
                found.append(seodang.Segment(f'Q "{turn.text}"\nA: '))
            else:
                found += [seodang.Segment(turn.text, trained=True), seodang.Segment("eos", trained=True, special=True)]
                if place + 1 < len(record.messages):
                    found.append(seodang.Segment("\n"))
        return found


class Numbered(Marked):
    """Counts the questions, which no chat template of a few pieces can."""

    name = "numbered"

    def segments(self, record):
        asked = 0
        for turn in record.messages:
            asked += turn.role == "user"
            yield seodang.Segment(f"{asked}{turn.text}")


class Silent(Marked):
    """Takes no system turn."""

    name = "silent"

    def segments(self, record):
        if record.messages[0].role == "system":
            raise seodang.Refused("no system turn")
        return super().segments(record)


def test_the_pieces_are_found():
    assert seodang.frame_of(Marked(), eos="</s>") == seodang.Frame(
        begins=True, bare='Q "', system=("[", '] Q "'), asked='"\nA: ', ended="</s>", between='\nQ "'
    )
    assert seodang.frame_of(Silent(), eos="</s>").system is None


@pytest.mark.parametrize("system", ["", "친절히"])
def test_the_chat_template_writes_what_the_template_writes(system):
    jinja2 = pytest.importorskip("jinja2")
    turns = [("user", "하나 {{x}}"), ("assistant", '"둘"'), ("user", "셋"), ("assistant", "넷")]
    for said in (turns, turns[:3], turns[:1]):
        messages = [*([("system", system)] if system else []), *said]
        record = seodang.Record(messages=tuple(seodang.Message(role, text) for role, text in messages))
        named = {"bos": "<s>", "eos": "</s>"}
        expected = "".join(named[part.text] if part.special else part.text for part in Marked().segments(record))
        template = jinja2.Template(seodang.frame_of(Marked(), eos="</s>").jinja())
        assert template.render(messages=[{"role": role, "content": text} for role, text in messages], bos_token="<s>") == expected


def test_a_template_of_another_kind_is_refused():
    with pytest.raises(seodang.DataError) as told:
        seodang.frame_of(Numbered(), eos="</s>")
    assert render(told.value.code, told.value.facts, "en").startswith(
        "The template numbered writes a later turn otherwise than the first"
    )
    assert render(told.value.code, told.value.facts, "ko").startswith("템플릿 numbered는 뒤의 차례를 처음과 다르게 써서")
