"""Templates word for word as published, trained where they say, and the same for training and asking with every sort of tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import seodang
import seodang_templates
from seodang.testing import TemplateContract
from seodang_templates import Alpaca, AlpacaLora, Chat, Dolly, Koala, KoAlpaca, KoAlpacaBilingual, Kullm, Oasst, Vicuna
from two_tokenizers import BOTH, CHATML, FORGETFUL, tokenizer

SHARED = Path(__file__).parents[4] / "shared" / "data"
ONE = seodang.single_turn("수도는?", "서울입니다.", input="대한민국")
TWO = seodang.Record(
    messages=(
        seodang.Message("system", "짧게 답하세요."),
        seodang.Message("user", "안녕?"),
        seodang.Message("assistant", "안녕하세요!"),
        seodang.Message("user", "</s>는 무엇인가요? <|im_end|>"),
        seodang.Message("assistant", "끝을 뜻합니다."),
    )
)


def text(segments: Sequence[seodang.Segment]) -> str:
    """What is written, special tokens in angle brackets."""
    return "".join(f"⟨{part.text}⟩" if part.special else part.text for part in segments)


class TestAlpaca(TemplateContract):
    template = Alpaca


class TestAlpacaLora(TemplateContract):
    template = AlpacaLora


class TestKoAlpaca(TemplateContract):
    template = KoAlpaca


class TestKoAlpacaBilingual(TemplateContract):
    template = KoAlpacaBilingual


class TestKullm(TemplateContract):
    template = Kullm


class TestDolly(TemplateContract):
    template = Dolly


class TestVicuna(TemplateContract):
    template = Vicuna


class TestKoala(TemplateContract):
    template = Koala


class TestOasst(TemplateContract):
    template = Oasst


class TestChat(TemplateContract):
    template = Chat

    def tokenizer(self) -> Any:
        return BOTH["bytes"]


@pytest.mark.parametrize(
    ("template", "written"),
    [
        (
            Alpaca,
            "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that "
            "appropriately completes the request.\n\n### Instruction:\n수도는?\n\n### Input:\n대한민국\n\n### Response:서울입니다.⟨eos⟩",
        ),
        (
            AlpacaLora,
            "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that "
            "appropriately completes the request.\n\n### Instruction:\n수도는?\n\n### Input:\n대한민국\n\n### Response:\n서울입니다.⟨eos⟩",
        ),
        (KoAlpaca, "### 질문: 수도는?\n\n### 맥락: 대한민국\n\n### 답변: 서울입니다.⟨eos⟩"),
        (
            KoAlpacaBilingual,
            "Below is an instruction that describes a task, paired with an input that provides further context.\n"
            "아래는 작업을 설명하는 명령어와 추가적 맥락을 제공하는 입력이 짝을 이루는 예제입니다.\n\n"
            "Write a response that appropriately completes the request.\n요청을 적절히 완료하는 응답을 작성하세요.\n\n"
            "### Instruction(명령어):\n수도는?\n\n### Input(입력):\n대한민국\n\n### Response(응답):서울입니다.⟨eos⟩",
        ),
        (
            Kullm,
            "아래는 작업을 설명하는 명령어와 추가 컨텍스트를 제공하는 입력이 짝을 이루는 예제입니다. 요청을 적절히 완료하는 응답을 "
            "작성하세요.\n\n### 명령어:\n수도는?\n\n### 입력:\n대한민국\n\n### 응답:\n서울입니다.⟨eos⟩",
        ),
        (
            Dolly,
            "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
            "⟨### Instruction:⟩\n수도는?\n\nInput:\n대한민국\n\n⟨### Response:\n⟩서울입니다.\n\n⟨### End⟩",
        ),
        (
            Vicuna,
            "⟨bos⟩A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and "
            "polite answers to the user's questions. USER: 수도는?\n\n대한민국 ASSISTANT: 서울입니다.⟨eos⟩",
        ),
        (Koala, "⟨bos⟩BEGINNING OF CONVERSATION: USER: 수도는?\n\n대한민국 GPT:서울입니다.⟨eos⟩"),
        (Oasst, "⟨<|prompter|>⟩수도는?\n\n대한민국⟨eos⟩⟨<|assistant|>⟩서울입니다.⟨eos⟩"),
    ],
    ids=lambda value: value.name if isinstance(value, type) else "",
)
def test_a_template_is_written_as_published(template: type[seodang.Template], written: str):
    assert text(template().segments(ONE)) == written


def test_a_dialogue_trains_every_answer_and_its_end():
    segments = Vicuna().segments(TWO)
    assert text(segments).startswith("⟨bos⟩짧게 답하세요. USER: 안녕? ASSISTANT: 안녕하세요!⟨eos⟩USER: ")
    assert text([part for part in segments if part.trained]) == "안녕하세요!⟨eos⟩끝을 뜻합니다.⟨eos⟩"


@pytest.mark.shared_data
@pytest.mark.parametrize(("template", "file"), [(AlpacaLora, "alpaca"), (Kullm, "kullm")])
def test_a_template_is_that_of_the_published_file(template: type[seodang.Template], file: str):
    import json

    published = json.loads((SHARED / "templates" / f"{file}_prompt_template.json").read_text(encoding="utf-8"))
    with_input, without = seodang.single_turn("하나", input="둘"), seodang.single_turn("하나")
    assert text(template().segments(with_input)) == published["prompt_input"].format(instruction="하나", input="둘")
    assert text(template().segments(without)) == published["prompt_no_input"].format(instruction="하나")


@pytest.mark.parametrize("sort", BOTH)
@pytest.mark.parametrize("template", seodang_templates.TEMPLATES, ids=lambda template: template.name)
@pytest.mark.parametrize("record", [ONE, TWO, seodang.single_turn("답변:", "답변:답변:")], ids=["one", "two", "merging"])
def test_the_labels_are_those_of_a_slow_reference(sort: str, template: type[seodang.Template], record: seodang.Record):
    """The reference reads the tokens back: runs of trained tokens say the answers and their ends, the others the rest, to the letter."""
    made = template().of(BOTH[sort])
    segments = made.segments(record)
    row = seodang.encode(segments, BOTH[sort])
    said: list[tuple[bool, str]] = []
    start = 0
    for place in range(1, len(row.ids) + 1):
        if place == len(row.ids) or row.trained[place] != row.trained[start]:
            said.append((row.trained[start], BOTH[sort].decode(row.ids[start:place])))
            start = place
    spelt = {"bos": "<s>", "eos": "</s>"}
    expected: list[tuple[bool, str]] = []
    for segment in segments:
        piece = spelt.get(segment.text, segment.text) if segment.special else segment.text
        if expected and expected[-1][0] == segment.trained:
            expected[-1] = (segment.trained, expected[-1][1] + piece)
        else:
            expected.append((segment.trained, piece))
    assert said == expected
    answers = [message.text for message in record.messages if message.role == "assistant"]
    assert [
        piece.startswith(answer) for (trained, piece), answer in zip([each for each in said if each[0]], answers, strict=True)
    ]
    asked = seodang.encode(made.segments(seodang.Record(messages=record.messages[:-1], input=record.input)), BOTH[sort])
    assert row.ids[: len(asked.ids)] == asked.ids and not any(asked.trained[-1:])


@pytest.mark.parametrize("sort", BOTH)
def test_nobody_ends_a_turn_by_writing_the_end_into_a_question(sort: str):
    row = seodang.encode(Vicuna().segments(TWO), BOTH[sort])
    assert row.ids.count(BOTH[sort].eos_token_id) == 2
    chat = seodang.encode(Chat().of(BOTH[sort]).segments(TWO), BOTH[sort])
    assert chat.ids.count(BOTH[sort].convert_tokens_to_ids("<|im_end|>")) == 5


@pytest.mark.parametrize("sort", BOTH)
def test_the_models_own_template_is_written_as_the_tokenizer_writes_it(sort: str):
    messages = [{"role": "user", "content": " 안녕? "}, {"role": "assistant", "content": "안녕하세요!"}]
    official = BOTH[sort].apply_chat_template(messages, tokenize=True, return_dict=False)
    row = seodang.encode(Chat().of(BOTH[sort]).segments(seodang.single_turn(" 안녕? ", "안녕하세요!")), BOTH[sort])
    line_end = seodang.rendering.as_text("\n", BOTH[sort])
    assert row.ids + line_end == official
    assert (
        BOTH[sort].decode([token for token, trained in zip(row.ids, row.trained, strict=True) if trained])
        == "안녕하세요!<|im_end|>"
    )


def test_where_earlier_answers_are_written_otherwise_only_the_last_is_trained():
    segments = Chat().of(tokenizer("bytes", FORGETFUL)).segments(TWO)
    assert text([part for part in segments if part.trained]) == "<think>\n\n</think>\n\n끝을 뜻합니다.⟨<|im_end|>⟩"
    assert "안녕하세요!" in text(segments)


def test_a_template_that_asks_otherwise_than_it_trains_is_refused():
    other = CHATML.replace("assistant\n{% endif %}", "assistant:\n{% endif %}")
    with pytest.raises(seodang.DataError) as caught:
        Chat().of(tokenizer("bytes", other))
    assert "asked in another way than it was trained" in str(caught.value)


def test_a_tokenizer_without_a_chat_template_is_told():
    with pytest.raises(seodang.DataError, match="brings no chat template"):
        Chat().of(tokenizer("bytes", chat=""))


def test_a_template_that_asks_for_the_date_is_told_the_same_day_always():
    dated = "{{ strftime_now('%d %b %Y') }}" + CHATML
    assert text(Chat().of(tokenizer("bytes", dated)).segments(ONE)).startswith("26 Jul 2024⟨<|im_start|>⟩")


def test_a_conversation_that_a_template_will_not_write_is_refused():
    strict = "{% if messages[0].role != 'user' %}{{ raise_exception('begin with a question') }}{% endif %}" + CHATML
    with pytest.raises(seodang.Refused, match="begin with a question"):
        Chat().of(tokenizer("bytes", strict)).segments(TWO)


def test_a_turn_that_has_no_place_is_told():
    record = seodang.Record(messages=(seodang.Message("tool", "3"),), id="one")
    with pytest.raises(seodang.DataError, match="no place for a turn of the role 'tool'"):
        KoAlpaca().segments(record)


def test_a_token_that_the_tokenizer_lacks_is_told():
    plain = tokenizer("bytes")
    with pytest.raises(seodang.DataError, match="no token '<none>'"):
        seodang.encode([seodang.Segment("<none>", special=True)], plain)
