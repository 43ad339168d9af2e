"""Every format inherits the contract: it reads what it writes, and sets aside what it cannot use."""

import seodang_instruct_data
from seodang.testing import FormatContract
from seodang_instruct_data.alpaca import Alpaca
from seodang_instruct_data.hc3 import HC3
from seodang_instruct_data.koala import Koala
from seodang_instruct_data.messages import Messages, PromptCompletion
from seodang_instruct_data.oasst import FlatMessages, Trees
from seodang_instruct_data.pairs import Pairs
from seodang_instruct_data.preference import Preference
from seodang_instruct_data.questions import LogicKor, MTBench
from seodang_instruct_data.single_turn import Dolly, GPT4All, KoAlpaca, QuestionAnswer
from seodang_instruct_data.tasks import SeedTasks
from seodang_instruct_data.text import OIG, PromptAnswer, Text

USER = {"role": "user", "content": "질문"}
ANSWER = {"role": "assistant", "content": "답"}


class TestAlpaca(FormatContract):
    format = Alpaca
    rows = (
        {"instruction": "이어서 답하세요.", "input": "", "output": "네.", "system": "짧게.", "history": [["안녕", "안녕하세요"]], "id": "k7"},
        {"instruction": "낱말을 쓰세요.", "input": "<noinput>", "output": "서당"},
    )  # fmt: skip


class TestKoAlpaca(FormatContract):
    format = KoAlpaca
    rows = ({"instruction": "없는 주소", "output": "그래도 한 줄"},)


class TestDolly(FormatContract):
    format = Dolly


class TestGPT4All(FormatContract):
    format = GPT4All
    rows = ({"prompt": {"value": "Why?"}, "response": {"description": "Because."}, "source": "p3"},)


class TestQuestionAnswer(FormatContract):
    format = QuestionAnswer
    rows = ({"Q": "물음", "A": "답", "label": "1"}, {"질문": "물음", "답변": "답"})


class TestMessages(FormatContract):
    format = Messages
    rows = (
        {"messages": [USER, {**ANSWER, "thinking": "생각", "weight": 0.5}]},
        {
            "messages": [
                {**USER, "name": "철수"},
                {
                    "role": "assistant", "content": None,
                    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": {"a": 1}}}],
                },
                {"role": "tool", "content": [{"type": "text", "text": "2"}], "tool_call_id": "c1"},
                ANSWER,
            ],
            "tools": [{"type": "function", "function": {"name": "add"}}],
        },
    )  # fmt: skip


class TestPromptCompletion(FormatContract):
    format = PromptCompletion
    rows = (
        {"prompt": "질문", "completion": "답"},
        {"prompt": [{"role": "system", "content": "짧게"}, USER], "completion": [ANSWER]},
    )


class TestPromptCompletionAsTexts(FormatContract):
    format = PromptCompletion
    options = {"written_as": "texts"}
    rows = ({"prompt": "질문", "completion": "답"},)


class TestPromptAnswer(FormatContract):
    format = PromptAnswer
    rows = ({"prompt": "a prompt in words of its own", "answer": "yes"},)


class TestText(FormatContract):
    format = Text
    rows = ({"text": "짧게 답하세요.\n\n### 질문: 하나\n\n### 답변: 일<|endoftext|>\n\n### 질문:둘\n\n### 답변:이"},)


class TestOIG(FormatContract):
    format = OIG
    rows = ({"text": "\n<human>: Hi!\n<bot>: Hello.\n<human>: Bye.\n<bot>: Bye."},)


class TestKoala(FormatContract):
    format = Koala
    rows = (
        {"human_0": "a", "gpt_1": "b", "human_2": "c", "gpt_3": "d", "fields": "[marker_user+human_0+marker_gpt],[gpt_1],gpt_3,<|eos|>"},
        {"human_0": "a", "gpt_1": "b", "marker_gpt": "An Unhelpful Answer:", "human_2": None, "gpt_3": None},
    )  # fmt: skip


class TestTrees(FormatContract):
    format = Trees


class TestFlatMessages(FormatContract):
    format = FlatMessages
    rows = (
        {"message_id": "b1", "parent_id": "a1", "text": "Yes.", "role": "assistant", "lang": "en"},
        {"user_message_id": "q", "parent_message_id": None, "text": "Alone?", "role": "prompter", "task_message_id": "t"},
    )


class TestHC3(FormatContract):
    format = HC3


class TestHC3AnswerByAnswer(FormatContract):
    format = HC3
    options = {"answers": "each"}


class TestPreference(FormatContract):
    format = Preference
    rows = (
        {"prompt": "질문", "chosen": "좋은 답", "rejected": "나쁜 답", "id2": "k613", "score_chosen": 8.5, "score_rejected": 2},
    )


class TestPreferenceInTurns(FormatContract):
    format = Preference
    options = {"written_as": "turns", "answer": "chosen"}
    rows = (
        {"prompt": "질문", "chosen": [USER, ANSWER], "rejected": [USER, {**ANSWER, "content": "아니"}]},
        {"chosen": [USER, ANSWER], "rejected": [USER, {**ANSWER, "content": "아니"}]},
        {"prompt": [USER, ANSWER, USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": ""}]},
    )


class TestPairs(FormatContract):
    format = Pairs
    rows = ({"english": "One.", "korean": "하나."},)


class TestPairsAsTasks(FormatContract):
    format = Pairs
    options = {"instruction": "영어로 옮기세요.", "turned": True}


class TestSeedTasks(FormatContract):
    format = SeedTasks
    rows = ({"id": "u1", "motivation_app": "Gmail", "instruction": "Answer.", "instances": []},)


class TestLogicKor(FormatContract):
    format = LogicKor


class TestMTBench(FormatContract):
    format = MTBench
    rows = ({"question_id": 1, "category": "writing", "turns": ["a", "b"]},)


def test_every_format_has_a_contract():
    tested = {case.format for case in globals().values() if isinstance(case, type) and getattr(case, "format", None)}
    assert tested == set(seodang_instruct_data.FORMATS) and len(tested) == 19
