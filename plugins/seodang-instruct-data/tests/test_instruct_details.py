"""What each format makes of its rows, beyond the contract: weights, candidates, paths, markers."""

import importlib.util
import json
import os

import pytest
from seodang import Candidate, LeftOut, Message, Record, Row, single_turn
from seodang.testing import make_context
from seodang_instruct_data.alpaca import Alpaca
from seodang_instruct_data.hc3 import HC3
from seodang_instruct_data.koala import Koala
from seodang_instruct_data.messages import Messages, PromptCompletion
from seodang_instruct_data.oasst import FlatMessages, Trees
from seodang_instruct_data.pairs import Pairs
from seodang_instruct_data.preference import Preference
from seodang_instruct_data.questions import LogicKor
from seodang_instruct_data.single_turn import GPT4All, KoAlpaca
from seodang_instruct_data.tasks import SeedTasks
from seodang_instruct_data.text import OIG, PromptAnswer, Text

needs_korean = pytest.mark.skipif(
    importlib.util.find_spec("seodang_locale_ko") is None or "SEODANG_PLUGINS" in os.environ,
    reason="the words for 'no input' are the Korean locale's",
)


@pytest.fixture
def read(tmp_path):
    def read(format, *rows, language="ko", **options):
        context = make_context(tmp_path, language=language)
        given = (Row(dict(row), f"rows.jsonl:{number}") for number, row in enumerate(rows, 1))
        return list(format(format.Options(**options)).read(given, context)), context

    return read


def write(format, *records, **options):
    made = format(format.Options(**options))
    extras = frozenset().union(*(made.extras_of(record) for record in records))
    return list(made.write(iter(records), extras))


def texts(record: Record) -> list[str]:
    return [message.text for message in record.messages]


TALK = Record(messages=(Message("user", "a"), Message("assistant", "b"), Message("user", "c"), Message("assistant", "d")))


# Alpaca


@needs_korean
def test_words_for_no_input_belong_to_a_language(read):
    row = {"instruction": "쓰세요.", "input": "입력 없음", "output": "네"}
    (korean,), _ = read(Alpaca, row)
    (english,), _ = read(Alpaca, row, language="en")
    assert (korean.input, korean.tags) == ("", {"no-input": "입력 없음"})
    assert (english.input, english.tags) == ("입력 없음", {}), "no list of one language is applied to another"
    assert write(Alpaca, korean) == [row]


def test_a_long_input_that_begins_like_a_marker_is_an_input(read):
    (record,), _ = read(Alpaca, {"instruction": "쓰세요.", "input": "입력 없음이라는 말을 설명", "output": "네"})
    assert record.input == "입력 없음이라는 말을 설명"


def test_alpaca_carries_a_system_message_and_a_history_where_a_record_has_them():
    asked = Record(messages=(Message("system", "짧게"), *TALK.messages), input="글")
    assert write(Alpaca, single_turn("하나", "일"), asked) == [
        {"instruction": "하나", "input": "", "output": "일", "system": "", "history": []},
        {"instruction": "c", "input": "글", "output": "d", "system": "짧게", "history": [["a", "b"]]},
    ]
    assert list(Alpaca().write(iter([asked]), frozenset())) == [LeftOut("system")]
    assert list(Alpaca().write(iter([TALK]), frozenset())) == [LeftOut("several-turns")]


def test_a_question_goes_out_without_an_answer_only_where_it_came_so(read):
    (record,), _ = read(Alpaca, {"instruction": "하나", "input": "", "output": ""})
    assert not record.answered and record.tags == {"no-answer": True}
    assert write(Alpaca, record, single_turn("둘")) == [{"instruction": "하나", "input": "", "output": ""}, LeftOut("unanswered")]


def test_koalpaca_has_the_input_under_the_instruction_and_the_url_where_one_record_has_one():
    with_url = single_turn("수도는?", "서울", columns={"url": "kin/1"})
    assert write(KoAlpaca, with_url, single_turn("요약하세요.", "짧다", input="긴 글")) == [
        {"instruction": "수도는?", "output": "서울", "url": "kin/1"},
        {"instruction": "요약하세요.\n\n긴 글", "output": "짧다", "url": None},
    ]


def test_gpt4all_texts_are_taken_out_of_their_objects(read):
    (record,), _ = read(GPT4All, {"prompt": {"description": "Why?"}, "response": {"value": "So."}, "source": "p3"})
    assert texts(record) == ["Why?", "So."] and record.tags == {"source": "p3"}


# Turns


def test_turns_keep_what_is_not_known_of_them(read):
    row = {"messages": [{"role": "user", "content": "a", "name": "철수"}, {"role": "assistant", "content": "b"}]}
    (record,), _ = read(Messages, row)
    assert record.columns == {"messages": [{"name": "철수"}, {}]} and write(Messages, record) == [row]


def test_turns_that_are_no_texts_are_set_aside(read):
    image = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]}
    records, context = read(Messages, image, {"messages": "a"}, {"messages": [{"content": "a"}]})
    assert not records and [aside.detail for aside in context.quarantined] == [
        "turn 1: its content is no text", "there is no list of turns", "turn 1: it has no role",
    ]  # fmt: skip


def test_a_prompt_and_its_completion_go_out_as_turns_or_as_texts():
    (row,) = write(PromptCompletion, TALK)
    assert [len(row["prompt"]), len(row["completion"])] == [3, 1]
    assert write(PromptCompletion, single_turn("a", "b"), TALK, written_as="texts") == [
        {"prompt": "a", "completion": "b"}, LeftOut("several-turns"),
    ]  # fmt: skip


# Preference


def test_answers_are_ranked_candidates_and_the_chosen_one_the_answer_where_that_is_asked(read):
    row = {"prompt": "질문", "chosen": "좋은 답", "rejected": "나쁜 답", "score_chosen": 9}
    (record,), _ = read(Preference, row)
    assert texts(record) == ["질문"] and [(each.rank, each.score) for each in record.candidates] == [(1, 9.0), (2, None)]
    (answered,), _ = read(Preference, row, answer="chosen")
    assert texts(answered) == ["질문", "좋은 답"]
    assert write(Preference, answered) == write(Preference, record)


def test_scores_are_numbers_also_in_the_cells_of_a_table_and_nothing_else(read):
    row = {"prompt": "어디?", "chosen": "서울", "rejected": "부산"}
    records, context = read(Preference, {**row, "score_chosen": "1.5", "score_rejected": ""}, {**row, "score_chosen": 2})
    assert [[each.score for each in record.candidates] for record in records] == [[1.5, None], [2.0, None]]
    assert not context.quarantined
    records, context = read(Preference, *({**row, "score_rejected": wrong} for wrong in ("높음", True, [1], "nan")))
    assert (
        not records
        and [(aside.code, aside.detail) for aside in context.quarantined] == [("bad-pair", "a score is no number")] * 4
    )


def test_the_best_answer_stands_against_each_that_is_worse():
    ranked = [Candidate(Message("assistant", text), rank=rank) for text, rank in (("셋째", 3), ("첫째", 1), ("둘째", 2))]
    rows = write(Preference, Record(messages=(Message("user", "질문"),), candidates=tuple(ranked)))
    assert [(row["chosen"], row["rejected"]) for row in rows] == [("첫째", "둘째"), ("첫째", "셋째")]


def test_what_is_not_ranked_is_no_preference():
    alone = Record(messages=(Message("user", "질문"),), candidates=(Candidate(Message("assistant", "답"), rank=1),))
    assert write(Preference, alone, single_turn("질문", "답"), Record(messages=TALK.messages, candidates=(alone.candidates * 2))) == [
        LeftOut("one-answer"), LeftOut("unranked"), LeftOut("equal-rank"),
    ]  # fmt: skip


# Texts


def test_a_text_with_the_markers_of_another_template_is_set_aside(read):
    records, context = read(Text, {"text": "그냥 글입니다."})
    assert not records and [aside.code for aside in context.quarantined] == ["not-in-template"]


def test_a_turn_with_a_marker_in_it_would_come_back_as_two():
    assert write(OIG, single_turn("Say <bot>: twice", "no")) == [LeftOut("seodang_instruct_data:marker-in-text")]
    assert write(Text, single_turn("물음", "끝<|endoftext|>아님")) == [LeftOut("seodang_instruct_data:marker-in-text")]


def test_alpacas_words_say_whether_there_is_an_input(read):
    asked = single_turn("Say it.\n\n### Input:\nno input", "no")
    assert read(PromptAnswer, *write(PromptAnswer, asked))[0] == [asked]
    given = single_turn("Say it.\n\n### Input:\nnot this one", "no", input="this one")
    assert write(PromptAnswer, given) == [LeftOut("seodang_instruct_data:marker-in-text")]


def test_oig_is_a_conversation(read):
    (record,), _ = read(OIG, {"text": "<human>: 1+1?\n<bot>: 2\n<human>: Sure?\n<bot>: Yes.\n"})
    assert texts(record) == ["1+1?", "2", "Sure?", "Yes."]


# Koala


def test_what_koala_takes_no_loss_of_has_no_weight(read):
    fields = "[marker_user+human_0+marker_gpt],[gpt_1],<|eos|>,[marker_user+human_2+marker_gpt],gpt_3,<|eos|>"
    row = {
        "fields": fields,
        "marker_user": "USER:",
        "marker_gpt": "GPT:",
        "human_0": "a",
        "gpt_1": "b",
        "human_2": "c",
        "gpt_3": "d",
    }
    (record,), _ = read(Koala, row)
    assert [message.weight for message in record.messages] == [1.0, 0.0, 1.0, 1.0] and not record.tags
    assert write(Koala, record) == [row]


def test_an_empty_cell_is_a_turn_only_where_fields_say_so(read):
    fields = "[marker_user+human_0+marker_gpt],gpt_1,<|eos|>"
    row = {"fields": fields, "human_0": "a", "gpt_1": "b", "human_2": "", "gpt_3": ""}
    (record,), _ = read(Koala, row)
    assert texts(record) == ["a", "b"] and not record.columns
    (record,), _ = read(Koala, {"human_0": "a", "gpt_1": ""})
    assert texts(record) == ["a", ""]


def test_what_a_table_says_of_a_task_is_yes_or_no(read):
    task = {"id": "t", "instruction": "고르세요.", "instances": [{"input": "", "output": "나"}]}
    records, _ = read(SeedTasks, {**task, "is_classification": "FALSE"}, {**task, "is_classification": "true"})
    assert [record.tags["is_classification"] for record in records] == [False, True]


def test_every_row_of_koala_has_the_turns_of_the_longest(read):
    rows = write(Koala, single_turn("a", "b"), TALK)
    assert [*rows[0]] == [*rows[1]] and rows[0]["human_2"] is None
    records, context = read(Koala, *rows)
    assert [texts(record) for record in records] == [["a", "b"], ["a", "b", "c", "d"]] and not context.quarantined


# HC3


def test_answers_to_one_question_by_author_or_one_by_one(read):
    row = dict(HC3.example)
    (record,), _ = read(HC3, row)
    assert not record.answered and [each.author for each in record.candidates] == ["human", "human", "chatgpt"]
    each, _ = read(HC3, row, answers="each")
    assert [(one.tags["author"], one.answered) for one in each] == [("human", True), ("human", True), ("chatgpt", True)]
    assert write(HC3, *each) == [row] == write(HC3, record)
    chatgpt, _ = read(HC3, row, answers="chatgpt")
    assert [one.answer for one in chatgpt] == row["chatgpt_answers"]


def test_a_question_without_an_answer_by_that_author_is_set_aside(read):
    records, context = read(HC3, {"question": "Why?", "human_answers": [], "chatgpt_answers": ["So."]}, answers="human")
    assert not records and [aside.code for aside in context.quarantined] == ["no-answer"]


def test_nobody_is_called_the_author_of_an_answer_by_guess():
    assert write(HC3, single_turn("Why?", "So.")) == [LeftOut("author-or-rank")]


# Open Assistant


def said(identity, text, role="assistant", *replies, **more):
    return {"message_id": identity, "text": text, "role": role, "lang": "ko", "replies": [*replies], **more}


TREE = {
    "message_tree_id": "q", "tree_state": "ready_for_export",
    "prompt": said(
        "q", "질문", "prompter",
        said("a1", "둘째 답", "assistant", said("w", "답 없는 물음", "prompter"), said("q2", "다시", "prompter", said("a3", "끝", rank=0)), rank=1),
        said("a2", "첫째 답", rank=0),
        said("s", "기계가 쓴 답", synthetic=True, rank=2),
        said("e", "English", lang="en"),
        said("d", "지운 답", deleted=True),
        review_result=True,
    ),
}  # fmt: skip


def test_a_record_is_a_path_to_a_last_answer(read):
    records, context = read(Trees, TREE)
    assert [texts(record) for record in records] == [
        ["질문", "둘째 답", "다시", "끝"], ["질문", "첫째 답"], ["질문", "English"],
    ]  # fmt: skip
    assert records[0].tags == {"message_tree_id": "q", "tree_state": "ready_for_export", "message_id": "a3"}
    assert [record.language for record in records] == ["ko", "ko", "en"]
    assert context.figures == {"messages_left_out": {"deleted": 1, "synthetic": 1}} and not context.dropped


def test_paths_by_rank_and_language(read):
    best, context = read(Trees, TREE, top_k=1, languages=["ko"])
    assert [texts(record) for record in best] == [["질문", "첫째 답"]]
    assert context.figures["messages_left_out"] == {"deleted": 1, "language": 1, "rank": 4, "synthetic": 1}
    nothing, context = read(Trees, TREE, {**TREE, "tree_state": "growing"}, languages=["ja"])
    assert not nothing and [aside.code for aside in context.dropped] == ["language", "tree-state"]


def test_the_whole_tree_is_written_again(read):
    records, _ = read(Trees, TREE, synthetic=True, deleted=True)
    assert write(Trees, *records) == [TREE]


def test_a_path_whose_words_were_changed_is_a_tree_of_its_own(read):
    records, _ = read(Trees, TREE)
    changed = Record(
        messages=(Message("user", "다른 말"), records[1].messages[1]), tags=records[1].tags, columns=records[1].columns
    )
    rows = write(Trees, records[0], changed)
    assert [row["prompt"]["text"] for row in rows] == ["질문", "다른 말"]


def test_flat_messages_whose_parent_is_missing_or_themselves_are_set_aside(read):
    rows = [
        {"message_id": "a", "parent_id": None, "role": "prompter", "text": "왜?"},
        {"message_id": "b", "parent_id": "nobody", "role": "assistant", "text": "그래서."},
        {"message_id": "c", "parent_id": "d", "role": "assistant", "text": "돌고"},
        {"message_id": "d", "parent_id": "c", "role": "prompter", "text": "돈다"},
        {"message_id": "a", "parent_id": None, "role": "prompter", "text": "또?"},
        {"message_id": "e", "parent_id": None, "role": "moderator", "text": "!"},
        {"text": "?", "role": "prompter"},
    ]
    records, context = read(FlatMessages, *rows)
    assert [texts(record) for record in records] == [["왜?"]]
    assert {aside.where[-1]: aside.code for aside in context.quarantined} == {
        "2": "no-parent", "3": "no-parent", "4": "no-parent", "5": "bad-message", "6": "bad-message", "7": "bad-message",
    }  # fmt: skip


def test_flat_messages_out_of_a_table_are_wanted_by_what_their_cells_say(read):
    question = {
        "message_id": "a",
        "parent_id": "",
        "text": "왜요?",
        "role": "prompter",
        "deleted": "False",
        "review_result": "True",
    }
    answer = {
        **question,
        "message_id": "b",
        "parent_id": "a",
        "text": "그래서요.",
        "role": "assistant",
        "synthetic": "false",
        "rank": "0",
    }
    second = {**answer, "message_id": "c", "text": "몰라요.", "rank": "1.0"}
    gone = {**answer, "message_id": "d", "text": "지운 답", "deleted": "True", "rank": ""}
    records, context = read(FlatMessages, question, answer, second, gone)
    assert [record.answer for record in records] == ["그래서요.", "몰라요."]
    assert [aside.code for aside in context.dropped] == ["deleted"] and not context.quarantined
    assert [record.answer for record in read(FlatMessages, question, answer, second, top_k=1)[0]] == ["그래서요."]
    assert records[0].columns["thread"][1]["rank"] == 0 and records[0].columns["thread"][1]["deleted"] is False


def test_a_dialogue_without_end_is_cut_and_told(read):
    rows = [
        {"message_id": str(n), "parent_id": str(n - 1) if n else None, "role": "prompter", "text": str(n)} for n in range(1500)
    ]
    records, context = read(FlatMessages, *rows)
    assert (
        len(records) == 1 and {aside.code for aside in context.quarantined} == {"too-deep"} and len(context.quarantined) == 1300
    )
    assert len(write(FlatMessages, *records)) == 200


# Tasks, pairs, questions


def test_instances_of_a_task_are_records_and_come_together_again(read):
    records, _ = read(SeedTasks, SeedTasks.example)
    assert [(record.input, record.answer, record.tags["instance"]) for record in records] == [
        ("크다", "작다", 0),
        ("길다", "짧다", 1),
    ]
    assert write(SeedTasks, *records, *records) == [SeedTasks.example, SeedTasks.example]
    assert json.dumps(write(SeedTasks, single_turn("a", "b", id="x"))[0])


def test_a_pair_of_sentences_can_be_a_task(read):
    row = {"english": "One.", "korean": "하나."}
    (plain,), _ = read(Pairs, row)
    (task,), _ = read(Pairs, row, instruction="영어로 옮기세요.", turned=True)
    assert texts(plain) == ["One.", "하나."]
    assert (texts(task), task.input) == (["영어로 옮기세요.", "One."], "하나.")
    assert write(Pairs, plain, task) == [{"src": "One.", "tgt": "하나."}, LeftOut("seodang_instruct_data:input")]
    assert write(Pairs, task, instruction="영어로 옮기세요.", turned=True) == [{"src": "One.", "tgt": "하나."}]


def test_questions_keep_their_references(read):
    (record,), _ = read(LogicKor, LogicKor.example)
    assert [message.role for message in record.messages] == ["user", "assistant", "user"]
    assert write(LogicKor, record) == [LogicKor.example]


def test_a_share_in_the_loss_between_none_and_all_is_no_field_of_koala():
    half = Record(messages=(Message("user", "a"), Message("assistant", "b", weight=0.5)))
    assert write(Koala, half) == [LeftOut("seodang_instruct_data:weight")]
