"""The teacher with models that are made here: two shapes, two kinds of tokenizers, and answers that depend on their question alone."""

import json
import random

import msgspec
import pytest
import seodang
from seodang.testing import StudentContract, TeacherContract, make_context
from seodang.wording import render
from seodang_local import Local, LocalTeacher
from seodang_local.tiny import write_tiny

KINDS = ["llama-bytes", "llama-pieces", "gpt-neox-bytes", "gpt-neox-pieces"]


def question(text, **fields):
    return seodang.Request(messages=(seodang.Message("user", text),), **fields)


def questions(count, most=60):
    """Short and long ones whose answers may be short and long."""
    chance = random.Random(7)
    return [
        question(f"{number}번 질문 " + "가나다 " * chance.randrange(12), max_tokens=chance.randrange(1, most))
        for number in range(count)
    ]


def generated(teacher, row, **wishes):
    """The tokens that transformers' own `generate` says to one question."""
    import torch

    loaded, ids = teacher._answers.loaded, torch.tensor([row.ids])
    wishes = {"max_new_tokens": row.most, "do_sample": False, "pad_token_id": loaded.pad, "eos_token_id": [*row.ends], **wishes}
    made = loaded.model.generate(ids, attention_mask=torch.ones_like(ids), **wishes)
    return made[0, len(row.ids) :].tolist()


class TestLocalLlama(TeacherContract):
    teacher = LocalTeacher

    @pytest.fixture
    def raw_options(self, models):
        return {"model": str(models["llama-bytes"])}


class TestLocalNeox(TeacherContract):
    teacher = LocalTeacher

    @pytest.fixture
    def new_context(self, place, make, offers):
        return lambda **changes: make_context(place, **{"options": make().options, "offers": offers, **changes})

    @pytest.fixture
    def raw_options(self, models):
        return {"model": str(models["gpt-neox-pieces"]), "template": "village", "temperature": 0.8}


class TestStudentNeox(StudentContract):
    student = Local

    @pytest.fixture
    def new_context(self, place, make, offers):
        return lambda **changes: make_context(place, **{"options": make().options, "offers": offers, **changes})

    @pytest.fixture
    def raw_options(self, models):
        return {"path": str(models["gpt-neox-bytes"]), "template": "village"}


class TestStudentLlamaWithItsOwnTemplate(StudentContract):
    student = Local

    @pytest.fixture
    def raw_options(self, models):
        return {"path": str(models["llama-pieces"])}


@pytest.mark.parametrize("kind", KINDS)
def test_together_alone_and_with_generate_it_is_the_same_answer(models, open_teacher, kind):
    """Float32, token by token: in one batch, in narrow ones that rows leave and join, one by one, and by transformers itself."""
    teacher = open_teacher(models[kind], batch_tokens=100_000)
    asked = questions(24)
    together = teacher.ask(*asked)
    narrow = open_teacher(models[kind], batch_tokens=700).ask(*reversed(asked))[::-1]
    assert together == narrow == [teacher.ask(one)[0] for one in asked]
    assert len({answer.message.text for answer in together}) > 16, "a model that always says the same proves nothing"

    rows = [teacher._answers._row(one) for one in asked]
    teacher._answers._flow.run(rows)
    for row in rows:
        assert generated(teacher, row) == row.said


def test_rows_leave_and_join_while_others_are_under_way(models, open_teacher, monkeypatch):
    """What the test before compares has really happened: batches shrank, and were filled again."""
    from seodang_local import caches

    counted = {"keep": 0, "join": 0}
    for name in counted:
        done = getattr(caches, name)

        def noticed(*arguments, name=name, done=done):
            counted[name] += 1
            done(*arguments)

        monkeypatch.setattr(caches, name, noticed)
    open_teacher(models["llama-bytes"], batch_tokens=700).ask(*questions(40))
    assert counted["keep"] >= counted["join"] >= 5


def test_where_the_cache_is_no_plain_one_batches_wait_for_their_last(models, open_teacher, tmp_path):
    """A model that attends to a window keeps less than it was told; then nobody joins, and the answers are the same."""
    from transformers import AutoTokenizer, MistralConfig, MistralForCausalLM

    place = tmp_path / "window"
    AutoTokenizer.from_pretrained(models["llama-bytes"]).save_pretrained(place)
    shape = MistralConfig(
        vocab_size=265, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
        sliding_window=16, max_position_embeddings=512, bos_token_id=0, eos_token_id=1, initializer_range=0.5,
    )  # fmt: skip
    MistralForCausalLM(shape).save_pretrained(place)
    teacher = open_teacher(place, batch_tokens=700)
    asked = questions(20, most=40)
    assert teacher.ask(*asked) == [teacher.ask(one)[0] for one in asked]


def test_what_is_drawn_is_the_questions_own_and_another_for_every_sample(models, open_teacher):
    options = {"temperature": 1.0, "top_p": 0.9, "top_k": 40}
    asked = [question(f"{number}?", max_tokens=24, sample=sample) for number in range(6) for sample in range(3)]
    first = open_teacher(models["llama-bytes"], **options).ask(*asked)
    teacher = open_teacher(models["llama-bytes"], batch_tokens=200, **options)
    assert first == teacher.ask(*asked) == [teacher.ask(one)[0] for one in asked], "the same in another process, batch, order"
    assert len({answer.message.text for answer in first}) == len(asked), "three samples of a question are three answers"
    certain = open_teacher(models["llama-bytes"], temperature=1.0, top_k=1).ask(*asked)
    assert certain == open_teacher(models["llama-bytes"]).ask(*asked), "one of one is the likeliest"


def test_a_penalty_is_the_one_of_transformers(models, open_teacher):
    """From the recipe, or from the model's own generation_config.json."""
    asked = questions(8, most=40)
    plain, penalised = open_teacher(models["llama-bytes"]), open_teacher(models["llama-bytes"], repetition_penalty=1.8)
    answers = penalised.ask(*asked)
    assert answers == [penalised.ask(one)[0] for one in asked] != plain.ask(*asked)
    rows = [penalised._answers._row(one) for one in asked]
    penalised._answers._flow.run(rows)
    for row in rows:
        assert generated(penalised, row, repetition_penalty=1.8) == row.said
    plain._answers.loaded.model.generation_config.repetition_penalty = 1.8
    assert plain.ask(*asked) == answers


def test_an_answer_ends_before_a_stop_string_and_with_a_stop_token(models, open_teacher):
    teacher = open_teacher(models["llama-bytes"])
    tried = [question(f"{number}번", max_tokens=60) for number in range(20)]
    asked, whole = next((one, said) for one, said in zip(tried, teacher.ask(*tried), strict=True) if said.finish == "length")
    text = whole.message.text
    middle = text[5:7]
    stopped = teacher.ask(msgspec.structs.replace(asked, stop=("nowhere", middle)))[0]
    assert (stopped.finish, stopped.message.text) == ("stop", text[: text.index(middle)])
    assert 0 < stopped.usage.output_tokens < whole.usage.output_tokens == 60
    token = next(sign for sign in text if sign.isascii() and sign.isalnum())
    ended = open_teacher(models["llama-bytes"], stop_tokens=[token]).ask(asked)[0]
    assert (ended.finish, ended.message.text) == ("stop", text[: text.index(token)])
    with pytest.raises(seodang.DataError) as told:
        open_teacher(models["llama-bytes"], stop_tokens=["<|nothing|>"]).ask(question("하나"))
    assert told.value.code == "seodang_local:no-such-token"


def test_the_models_own_end_token_ends_an_answer_and_is_no_part_of_it(models, open_teacher):
    ended = [answer for answer in open_teacher(models["llama-pieces"]).ask(*questions(40)) if answer.finish == "stop"]
    assert ended and all("</s>" not in answer.message.text for answer in ended)


@pytest.mark.parametrize("kind", ["llama-bytes", "gpt-neox-pieces"])
def test_a_character_that_was_cut_is_left_out(models, open_teacher, kind):
    """A syllable takes three tokens here, and the answer is over after any of them."""
    teacher = open_teacher(models[kind])
    asked = [question(text, max_tokens=most) for text in ("하나", "둘", "셋") for most in range(1, 20)]
    answers = teacher.ask(*asked)
    rows = [teacher._answers._row(one) for one in asked]
    teacher._answers._flow.run(rows)
    cut = [(row, answer) for row, answer in zip(rows, answers, strict=True) if answer.finish == "length"]
    assert any(row.text.endswith("\N{REPLACEMENT CHARACTER}") for row, _ in cut), "some of them were cut in a character"
    assert not any(answer.message.text.endswith("\N{REPLACEMENT CHARACTER}") for _, answer in cut)
    assert all(answer.usage.output_tokens == row.most for row, answer in cut), "the bytes were said, and count"


def test_a_question_that_is_longer_than_the_model_reads_is_refused_and_the_others_answered(models, open_teacher):
    short, long, near = question("짧다", max_tokens=9), question("가" * 300, max_tokens=9), question("가" * 165, max_tokens=400)
    answers = open_teacher(models["llama-bytes"]).ask(short, long, near)
    assert isinstance(answers[1], seodang.Refused) and answers[1].reason == "too-long"
    assert answers[1].detail == "904 tokens, and the model reads 512"
    assert answers[0].usage.output_tokens == 9
    assert answers[2].finish == "length" and answers[2].usage.input_tokens + answers[2].usage.output_tokens == 512


def test_told_to_stop_it_lets_answers_end_for_a_while_and_no_longer(models, tmp_path):
    class Hurrying:
        seconds = 0.0

        def monotonic(self):
            self.seconds += 1
            return self.seconds

    teacher = LocalTeacher(LocalTeacher.Options(model=str(models["gpt-neox-bytes"])))
    context = make_context(tmp_path, options=teacher.options, clock=Hurrying(), stopping=lambda: True)
    assert len(teacher.answer_many([question("하나", max_tokens=4)], context)) == 1
    with pytest.raises(seodang.Transient, match="told to stop"):
        teacher.answer_many([question("하나", max_tokens=400)], context)
    assert len(teacher.answer_many([question("하나", max_tokens=4)], context)) == 1, "nothing of it is left in the way"


RECIPE = """[recipe]
name = "school"
language = "ko"

[teachers.own]
use = "local"
model = "./model"
max_tokens = 12
in_flight = 8

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "own"
accept = ["stop", "length"]
"""


def answers_of(run):
    return [record.answer for record in run.records("answer")]


def test_a_run_asks_in_groups_and_a_second_run_asks_nothing(run_recipe, models, tmp_path, monkeypatch):
    import shutil

    shutil.copytree(models["llama-bytes"], tmp_path / "model")
    rows = "".join(json.dumps({"instruction": f"{number}번"}) + "\n" for number in range(30))
    groups = []
    verb = LocalTeacher.answer_many
    monkeypatch.setattr(
        LocalTeacher, "answer_many", lambda self, requests, context: groups.append(len(requests)) or verb(self, requests, context)
    )
    recipe = RECIPE.replace('accept = ["stop", "length"]\n', "")
    first = run_recipe(recipe, files={"rows.jsonl": rows}, quarantine_limit=1.0)
    assert first.ok, first.error
    assert sum(groups) == 30 and max(groups) == 4, "eight in flight are two groups of four"
    assert first.manifest("answer").rows["quarantined"] > 0, "cut answers are set aside, not lost"
    groups.clear()
    moved = recipe.replace("./model", "./moved")
    (tmp_path / "model").rename(tmp_path / "moved")
    again = run_recipe(moved, files={"rows.jsonl": rows}, quarantine_limit=1.0)
    assert again.ok and not groups, "the same model at another place"
    write_tiny(tmp_path / "moved", seed=1)
    other = run_recipe(moved, files={"rows.jsonl": rows}, quarantine_limit=1.0)
    assert other.ok and sum(groups) == 30, "another model at the same place is asked anew"


@pytest.mark.parametrize(
    ("options", "fields", "english", "korean"),
    [
        (
            {},
            {"schema": {"type": "object"}},
            "The lesson asks for an answer by a JSON Schema, and a model is not held to one here. Serve it (llama.cpp, vLLM) and use "
            'teacher = "openai" with its base_url.',
            "수업이 JSON Schema에 맞춘 답을 요구하는데, 여기서는 모델에 그렇게 강제하지 않습니다. llama.cpp나 vLLM 서버로 띄우고 "
            'teacher = "openai"와 base_url을 쓰세요.',
        ),
        (
            {},
            {"extra": {"min_p": 0.1}},
            "The teacher local does not know min_p of a request. It knows top_p, top_k.",
            "교사 local은 요청의 min_p 항목을 모릅니다. 아는 것은 top_p, top_k입니다.",
        ),
        (
            {"template": "village"},
            {"tools": ({"type": "function"},)},
            "The template 'village' cannot write tools. Use template = \"chat\", the model's own.",
            "'village' 템플릿은 도구를 적을 수 없습니다. 모델 자체의 템플릿인 template = \"chat\"을 쓰세요.",
        ),
        (
            {"stop_tokens": ["<|nothing|>"]},
            {},
            "The tokenizer has no token '<|nothing|>'. Look into tokenizer.json for how it is written there, or use stop for a text.",
            "토크나이저에 '<|nothing|>' 토큰이 없습니다. tokenizer.json에 적힌 철자를 확인하거나, 글자로 멈추려면 stop을 쓰세요.",
        ),
    ],
)
def test_what_it_cannot_do_it_says(models, open_teacher, options, fields, english, korean):
    with pytest.raises(seodang.DataError) as told:
        open_teacher(models["llama-bytes"], **options).ask(question("하나", **fields))
    assert render(told.value.code, told.value.facts, "en") == english
    assert render(told.value.code, told.value.facts, "ko") == korean
