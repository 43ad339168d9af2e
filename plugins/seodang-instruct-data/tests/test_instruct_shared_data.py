"""Every data set of rows that the project has for its tests: which format it has, and where each of its rows went.

Files without a format of instruction data are listed too: nothing in that folder is passed over.
"""

import importlib.util
import json
import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from seodang import LeftOut, Row
from seodang.errors import SeodangError
from seodang.testing import make_context
from seodang_instruct_data import FORMATS, InstructData

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared data is not at {DATA}"),
]
BY_NAME = {known.name: known for known in FORMATS}
encode = msgspec.json.Encoder(order="deterministic").encode

READ = {
    # file: format, rows, records, rows that were left out and why
    "alpaca_eval/model_outputs_alpaca-7b.json": ("koalpaca", 805, 805, {}),
    "alpaca_eval/model_outputs_text_davinci_003.json": ("koalpaca", 805, 805, {}),
    "alpaca_eval/model_outputs_vicuna-7b.json": ("koalpaca", 805, 805, {}),
    "belle_zh/zh_seed_tasks.jsonl": ("seed-tasks", 175, 175, {}),
    "chatbot_qna_ko/ChatbotData_rows_00001_05911.csv": ("question-answer", 5911, 5911, {}),
    "dolly/dolly_prompt_answer_000_099.jsonl": ("prompt-answer", 100, 100, {}),
    "hc3/wiki_csai_first_row.jsonl": ("hc3", 1, 1, {}),
    "koalpaca_v1_0/ko_alpaca_head_00000_05709.json": ("alpaca", 5710, 5710, {}),
    "koalpaca_v1_1/KoAlpaca_v1.1_first_2_rows.jsonl": ("koalpaca", 2, 2, {}),
    "koalpaca_v1_1/vaiv_koalpaca_preference_00_49.json": ("preference", 50, 50, {}),
    "mt_bench/question.jsonl": ("mt-bench", 80, 80, {}),
    "mt_bench_ko/question_ko.jsonl": ("mt-bench", 80, 80, {}),
    "oasst/backend_realistic_seed_data.json": ("oasst-messages", 444, 140, {"tree-state": 80}),
    "oasst/en_trees_00_49.jsonl": ("oasst-trees", 50, 241, {"synthetic": 4}),
    "self_instruct/seed_tasks.jsonl": ("seed-tasks", 175, 175, {}),
    "self_instruct/user_oriented_instructions.jsonl": ("seed-tasks", 252, 252, {}),
    "sharegpt/llamafactory_identity.json": ("alpaca", 91, 91, {}),
    "stanford_alpaca/alpaca_sample_0000_0999.json": ("alpaca", 1000, 1000, {}),
    "user_oriented_ko/user_oriented_instructions_eval_ko.jsonl": ("seed-tasks", 252, 252, {}),
    "vicuna_bench/question.jsonl": ("mt-bench", 80, 80, {}),
}
MAPPED = {
    # With what the message for the unmapped file tells to write.
    "self_instruct/text-davinci-003_predictions.jsonl": ({"map": {"response": "output"}}, "alpaca", 252),
    "vicuna_multilingual/ko100.jsonl": ({"map": {"query": "instruction"}, "format": "alpaca"}, "alpaca", 100),
    "vicuna_multilingual/en100.jsonl": ({"map": {"query": "instruction"}, "format": "alpaca"}, "alpaca", 100),
    "vicuna_multilingual/ja100.jsonl": ({"map": {"query": "instruction"}, "format": "alpaca"}, "alpaca", 100),
    "vicuna_multilingual/zh100.jsonl": ({"map": {"query": "instruction"}, "format": "alpaca"}, "alpaca", 100),
    "belle_zh/eval_prompt.jsonl": ({"map": {"prompt": "instruction"}, "format": "alpaca"}, "alpaca", 11),
    "self_instruct/clf_identification_examples.jsonl": ({"map": {"task": "instruction"}, "format": "alpaca"}, "alpaca", 31),
    "alpaca_eval/annotations_alpaca-7b_vs_davinci003_first_200.json": (
        {"map": {"instruction": "prompt", "output_2": "chosen", "output_1": "rejected"}}, "preference", 200,
    ),
}  # fmt: skip
SHAREGPT = {
    "sharegpt/axolotl_fixture_conversation.json",
    "sharegpt/axolotl_fixture_conversation_missingturns.json",
    "sharegpt/chatgpt_html_two_answers.json",
    "sharegpt/fastchat_dummy_conversation.json",
    "sharegpt/kovicuna_pair_en.json",
    "sharegpt/kovicuna_pair_ko_deepl.json",
    "sharegpt/llamafactory_glaive_toolcall_first_40.json",
    "sharegpt/sharegpt_single_turn_a.json",
}
NO_INSTRUCTION_DATA = {
    # Benchmarks, judgements, references and templates: other parts of the project read them.
    "koalpaca_v1_0/alpaca_en_ko_aligned_000_334.jsonl",
    *(f"kobest_v1/{task}/{part}.tsv" for task in ("BoolQ", "COPA", "HellaSwag", "SentiNeg", "WiC") for part in ("train", "dev", "test")),
    "mt_bench/judge_prompts.jsonl",
    "mt_bench/reference_answer_gpt-4.jsonl",
    "mt_bench_ko/judge_prompts_ko.jsonl",
    "mt_bench_ko/reference_answer_ko_gpt-4.jsonl",
    "vicuna_bench/reference_answer_gpt-4.jsonl",
    *(f"vicuna_blog_eval/answer_{name}.jsonl" for name in ("alpaca-13b", "gpt35", "vicuna-13b")),
    *(f"vicuna_blog_eval/review_{name}_vicuna-13b.jsonl" for name in ("alpaca-13b", "gpt35", "llama-13b")),
    "vicuna_blog_eval/prompt.jsonl",
    *(f"templates/{name}_prompt_template.json" for name in ("alpaca", "kullm")),
}  # fmt: skip

needs_korean = pytest.mark.skipif(
    importlib.util.find_spec("seodang_locale_ko") is None or "SEODANG_PLUGINS" in os.environ,
    reason="the words for 'no input' are the Korean locale's",
)


def read(name: str, **options):
    path = DATA / name
    options = InstructData.Options(path=path.name, **options)
    context = make_context(path.parent, options=options, language="ko")
    return list(InstructData(options).read(context)), context


def test_every_file_of_rows_is_accounted_for():
    there = {str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.suffix in (".json", ".jsonl", ".csv", ".tsv")}
    told = [*READ, *MAPPED, *SHAREGPT, *NO_INSTRUCTION_DATA]
    assert len(told) == len({*told}) and {*told} == there and len(there) == 66


@pytest.mark.parametrize("name", READ)
def test_the_format_is_recognised_and_every_row_is_somewhere(name):
    format_name, rows, expected, left_out = READ[name]
    records, context = read(name)
    assert context.figures["formats"] == {Path(name).name: format_name}
    assert len(records) == expected and not context.quarantined
    assert Counter(aside.code for aside in context.dropped) == left_out
    assert all(aside.where for aside in context.dropped)
    if format_name not in ("oasst-trees", "oasst-messages"):  # where rows are no records they are counted below
        assert len(records) + len(context.dropped) == rows


@pytest.mark.parametrize("name", READ)
def test_import_export_import_loses_nothing(name):
    """A row is written with all its columns, as an export with `--keep-columns '*'` does, and read again."""
    format_name, _, expected, _ = READ[name]
    records, context = read(name)
    format = BY_NAME[format_name]()
    extras = frozenset().union(*(format.extras_of(record) for record in records))
    rows = list(format.write(iter(records), extras))
    assert not [row for row in rows if isinstance(row, LeftOut)], "none is left out"
    again = list(format.read((Row(dict(row), "again") for row in rows), context))
    assert encode(again) == encode(records) and len(again) == expected


@pytest.mark.parametrize(
    "name",
    [
        "dolly/dolly_prompt_answer_000_099.jsonl",
        "hc3/wiki_csai_first_row.jsonl",
        "koalpaca_v1_0/ko_alpaca_head_00000_05709.json",
        "koalpaca_v1_1/KoAlpaca_v1.1_first_2_rows.jsonl",
        "koalpaca_v1_1/vaiv_koalpaca_preference_00_49.json",
        "self_instruct/seed_tasks.jsonl",
        "sharegpt/llamafactory_identity.json",
        "stanford_alpaca/alpaca_sample_0000_0999.json",
        "alpaca_eval/model_outputs_alpaca-7b.json",
        "alpaca_eval/model_outputs_text_davinci_003.json",
    ],
)
def test_the_very_rows_come_out_again(name):
    path = DATA / name
    text = path.read_text(encoding="utf-8")
    original = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line.strip()]
    records, _ = read(name)
    format = BY_NAME[READ[name][0]]()
    extras = frozenset().union(*(format.extras_of(record) for record in records))
    assert list(format.write(iter(records), extras)) == original


def test_whole_trees_come_out_again():
    everything = {"synthetic": True, "deleted": True, "unreviewed": True, "states": []}
    records, context = read("oasst/en_trees_00_49.jsonl", options=everything)
    original = [json.loads(line) for line in (DATA / "oasst/en_trees_00_49.jsonl").read_text(encoding="utf-8").splitlines()]
    format = BY_NAME["oasst-trees"]()
    assert not context.quarantined and not context.dropped
    assert list(format.write(iter(records), frozenset())) == original
    ids = {values["message_id"] for record in records for values in record.columns["thread"]}
    waiting = [message for record in records for values in record.columns["thread"] for _, message in values.get("open", ())]
    while waiting:
        message = waiting.pop()
        ids.add(message["message_id"])
        waiting += message["replies"]
    assert len(ids) == 549, "every message of the 50 trees is in a record"


def test_every_message_of_a_flat_file_is_in_a_record_or_left_out():
    name = "oasst/backend_realistic_seed_data.json"
    original = json.loads((DATA / name).read_text(encoding="utf-8"))
    records, context = read(name)
    format = BY_NAME["oasst-messages"]()
    written = [row["message_id"] for row in format.write(iter(records), frozenset())]
    assert len(written) == len({*written}) == 364 and len(context.dropped) == 80 and 364 + 80 == len(original) == 444
    assert {*written} <= {row["user_message_id"] for row in original}


@needs_korean
def test_the_68_words_for_no_input_become_an_empty_input_in_their_five_spellings():
    records, _ = read("koalpaca_v1_0/ko_alpaca_head_00000_05709.json")
    spellings = Counter(record.tags["no-input"] for record in records if "no-input" in record.tags)
    assert spellings == {"입력 없음": 37, "<입력 없음>": 16, "NoInput": 8, "noinput": 6, "<noinput": 1}
    assert not any(record.input for record in records if "no-input" in record.tags)


@pytest.mark.parametrize("name", MAPPED)
def test_a_file_in_words_of_its_own_is_read_with_map(name):
    options, format_name, rows = MAPPED[name]
    with pytest.raises(SeodangError) as told:
        read(name)
    assert told.value.code.startswith("seodang_instruct_data:unknown-")
    records, context = read(name, **options)
    assert context.figures["formats"] == {Path(name).name: format_name}
    assert len(records) == rows and not context.quarantined


@pytest.mark.parametrize("name", sorted(SHAREGPT))
def test_dialogues_are_sent_to_their_own_source(name):
    with pytest.raises(SeodangError) as told:
        read(name)
    assert told.value.code == "seodang_instruct_data:sharegpt"


@pytest.mark.parametrize("name", sorted(NO_INSTRUCTION_DATA))
def test_what_is_no_instruction_data_is_not_guessed(name):
    with pytest.raises(SeodangError) as told:
        read(name)
    assert told.value.code.startswith("seodang_instruct_data:unknown-") and told.value.facts["columns"]


@pytest.mark.parametrize("name", MAPPED)
def test_a_mapped_file_loses_nothing_either(name):
    """Six of them are questions alone; they go out with an empty answer, as questions."""
    options, format_name, expected = MAPPED[name]
    records, context = read(name, **options)
    format = BY_NAME[format_name]()
    extras = frozenset().union(*(format.extras_of(record) for record in records))
    rows = list(format.write(iter(records), extras))
    assert not [row for row in rows if isinstance(row, LeftOut)]
    again = list(format.read((Row(dict(row), "again") for row in rows), context))
    assert encode(again) == encode(records) and len(again) == expected


def test_the_round_trips_are_counted():
    assert (
        len(READ) + len(MAPPED) == 28 and sum(READ[name][2] for name in READ) + sum(MAPPED[name][2] for name in MAPPED) == 17_649
    )
