"""`variant = "faithful"`: what Stanford Alpaca published, byte for byte and rule for rule."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
import seodang
from seodang.testing import LessonContract, asking, make_context, wire_server
from seodang.wording import render
from seodang_alpaca import Alpaca
from seodang_alpaca.published import Published, prompt_of, prompt_text
from seodang_alpaca.tasks import Task
from seodang_openai.mock import MockOpenAI

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared data is not at {DATA}")
FAITHFUL = Alpaca.Options(variant="faithful")
SEEDS = tuple(
    seodang.single_turn(instruction, output, input=given, id=f"seed-{number}", language="en")
    for number, (instruction, given, output) in enumerate(
        (
            ("Name  a river\nof Asia:", "", "The Han."),
            ("Sort the words.", "pear, apple", "apple, pear"),
            ("What is 7 + 5?", "", "12"),
            ("Put the sentence into the past.", "I go.", "I went."),
        )
    )
)
ANSWER = """ Explain why leaves change their colour in autumn.
4. Input:
<NoInput>
4. Output:
Chlorophyll breaks down, and other pigments are seen.
###
5. Instruction: Draw a house with three windows and a door.
5. Input:
<noinput>
5. Output:
###
6. Instruction: Suggest a name for a bakery in a small town.
6. Input:
The owner is called Mina.
6. Output:

###
8. Instruction: This block is out of step with its number.
8. Input:
<noinput>
8. Output:
Lost, as published.
###
8. Instruction: Write a short letter that was cut off
8. Input:
To a friend"""


def continued(prompt: str, before: str = "") -> str:
    """The list goes on, with other Latin words for each prompt: of Hangul, ROUGE's tokens leave nothing."""
    mark = hashlib.sha256(prompt.encode()).hexdigest()
    return before + "".join(
        f" Explain {mark[4 * number :][:4]} to {mark[3 * number :][:3]} and compare it with {mark[number:][:7]}.\n"
        f"{number}. Input:\n<noinput>\n{number}. Output:\nAn answer.\n###\n{number + 1}. Instruction:"
        for number in range(4, 9)
    )


class Continues(seodang.Teacher):
    """Goes on where the prompt ends."""

    name = "continues"

    async def answer(self, request, context):
        return seodang.Answer(message=seodang.Message("assistant", continued(request.messages[-1].text)))


class TestFaithfulAlpaca(LessonContract):
    lesson = Alpaca
    records = SEEDS
    teacher = Continues
    options = {"variant": "faithful", "count": 30}


class Tells(seodang.Teacher):
    """Says what a test wants; `asked` are the requests."""

    name = "tells"

    def __init__(self, answer):
        super().__init__()
        self.asked = []
        self._answer = answer

    async def answer(self, request, context):
        self.asked.append(request)
        return self._answer(request)


@pytest.fixture
def teach(tmp_path):
    def taught(answer, options=FAITHFUL, records=SEEDS, language="en", **context_facts):
        lesson = Alpaca(options)
        context = make_context(tmp_path, language=language, options=options, **context_facts)
        teacher = Tells(answer)

        async def given():
            for record in records:
                yield record

        async def all_results():
            return [result async for result in lesson.teach(given(), context)]

        with asking(context, teacher, tmp_path):
            return asyncio.run(all_results()), teacher.asked, context

    return taught


def says(text, finish="stop"):
    return lambda request: seodang.Answer(message=seodang.Message("assistant", text), finish=finish)


@pytest.mark.shared_data
@needs_data
def test_the_prompt_is_the_published_one_byte_for_byte():
    golden = (DATA / "stanford_alpaca" / "prompt.txt").read_bytes()
    assert prompt_text().encode() == golden and golden.endswith(b"List of 20 tasks:")


@pytest.mark.shared_data
@needs_data
@pytest.mark.parametrize(
    ("drawn", "digest"),
    [
        ((0, 1, 2), "b94a7e3d04a55c5198f75bf582f95dbde48dfeccc0ee13ba092467063073ca64"),
        ((4, 37, 5), "a25d04c27a4eb72bcbe5faff54c56916175d4592e940d4fe65d0f65a17e649ff"),
        ((174, 100, 50), "fd0e3dfd9a306dac8ee188e45b97de3b94d4f527d4e4151d19ad1e2689fc853a"),
    ],
)
def test_the_whole_request_text_is_what_the_published_code_makes_of_its_own_seeds(drawn, digest):
    """The digests are of what `encode_prompt` of generate_instruction.py gave for these of the 175 seeds; 4 has line ends in it."""
    tasks = [json.loads(line) for line in (DATA / "self_instruct" / "seed_tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    chosen = [(tasks[number]["instruction"], tasks[number]["instances"][0]) for number in drawn]
    seeds = [seodang.single_turn(text, instance["output"], input=instance["input"]) for text, instance in chosen]
    assert hashlib.sha256(prompt_of(seeds).encode()).hexdigest() == digest


def test_seeds_are_shown_as_published():
    text = prompt_of(SEEDS[:3])
    assert text.startswith(
        prompt_text() + "\n###\n1. Instruction: Name a river of Asia\n1. Input:\n<noinput>\n1. Output:\nThe Han.\n###\n"
    )
    assert text.endswith("3. Output:\n12\n###\n4. Instruction:"), "it ends where the teacher has to go on"


def test_the_request_has_the_published_constants(teach):
    _, asked, _ = teach(says(ANSWER))
    assert len(asked) % 5 == 0, "five prompts a round"
    request = asked[0]
    assert (request.temperature, request.max_tokens, request.stop) == (1.0, 3072, ("\n20", "20.", "20."))
    assert request.extra == {"top_p": 1.0, "logit_bias": {"50256": -100}}
    assert len(request.messages) == 1 and request.messages[0].text.endswith("\n4. Instruction:")
    assert all(request.messages[0].text.count("Instruction:") == 4 for request in asked), "three seeds, never a made task"


def test_an_answer_is_read_as_published_and_what_is_lost_is_told(teach):
    results, _, context = teach(says(ANSWER, "length"))
    new = [result for result in results if isinstance(result, seodang.Record)]
    assert [(row.question, row.input, row.answer) for row in new] == [
        ("Explain why leaves change their colour in autumn.", "", "Chlorophyll breaks down, and other pigments are seen."),
        ("Suggest a name for a bakery in a small town.", "The owner is called Mina.", ""),
    ], "an empty output is kept, and <noinput> is read in any case of letters"
    assert [row.tags["position"] for row in new] == [4, 6] and len({row.tags["batch"] for row in new}) == 1
    assert all(set(row.parents) <= {seed.id for seed in SEEDS} and len(row.parents) == 3 for row in new)
    first = [(result.code, result.record.tags["position"]) for result in results[:5] if isinstance(result, seodang.Drop)]
    assert first == [("forbidden-word", 5), ("malformed", 7), ("cut", 8)], "block 7 calls itself 8 and is lost"
    assert {result.code for result in results[5:]} == {"too-similar", "forbidden-word", "malformed", "cut"}
    assert context.figures == {"batches": 20}, "four rounds of five: one that brought something, three that did not"


def test_the_likest_tasks_stand_beside_each_row(teach):
    results, _, _ = teach(says(ANSWER))
    first, second = [result for result in results if isinstance(result, seodang.Record)][:2]
    assert set(first.tags["most_similar_instructions"]) == {seed.question for seed in SEEDS}
    assert first.question in second.tags["most_similar_instructions"] and 0 < second.tags["avg_similarity_score"] < 0.7


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        ("Name three rivers", "too-short"),
        ("word " * 151, "too-long"),
        ("Where would you go to in May?", "forbidden-word"),
        ("Look at the MAP and answer.", "forbidden-word"),
        ("Write a program that counts words.", "asks-for-program"),
        ("Write a programme for the school concert.", "asks-for-program"),
        ('"To be" is quoted from where?', "begins-with-punctuation"),
        ("서당이 무엇인지 한 문장으로 설명하세요.", "begins-not-in-ascii"),
        ("Name three rivers.", "too-short"),
        ("Write a story about mapping the coast.", None),
    ],
)
def test_the_filters_are_the_published_ones_on_the_instruction_alone(tmp_path, instruction, code):
    unfit = Published(make_context(tmp_path)).unfit(Task(4, instruction, "an image", "a map"))
    assert (unfit and unfit.code) == code


def test_a_request_that_is_too_long_is_asked_again_with_less_room(teach):
    """The vendor's words of then and of now."""
    words = {
        3072: "Please reduce your prompt; or completion length.",
        2457: "Please reduce the length of the messages or completion.",
    }

    def answer(request):
        if request.max_tokens in words:
            raise seodang.Refused(words[request.max_tokens], reason="http-400")
        return says(ANSWER)(request)

    results, asked, _ = teach(answer)
    assert {request.max_tokens for request in asked} == {3072, 2457, 1965}
    assert any(isinstance(result, seodang.Record) for result in results)


@pytest.mark.parametrize(("said", "least"), [("maximum context length is 16 tokens", 67), ("Invalid value for 'stop'.", 3072)])
def test_a_refusal_that_stands_is_told_with_its_question(teach, said, least):
    def answer(request):
        raise seodang.Refused(said, reason="http-400")

    results, asked, context = teach(answer)
    assert min(request.max_tokens for request in asked) == least, "3072, 2457 … 67: less than 64 tokens hold no task"
    assert {(result.code, result.detail) for result in results} == {("http-400", said)}
    assert all(result.record.question.endswith("4. Instruction:") for result in results)
    assert context.warned == [
        "Step test: 0 of 100 new tasks after 3 rounds that brought nothing new. More seeds, a higher temperature or a higher "
        "threshold may help; seodang show RUN test --dropped tells what was left out."
    ]


def test_own_words_are_refused_because_they_would_not_be_faithful():
    with pytest.raises(seodang.SeodangError) as refused:
        Alpaca(Alpaca.Options(variant="faithful", prompt="mine.txt", threshold=0.5))
    assert render(refused.value.code, refused.value.facts, language="en") == (
        "variant = 'faithful' repeats what was published, and prompt, threshold would change it. "
        "Leave prompt, threshold out, or use variant = 'repaired'."
    )
    assert render(refused.value.code, refused.value.facts, language="ko").startswith("variant = 'faithful'는 공개된 그대로")


def test_it_is_english_and_says_so(teach):
    with pytest.raises(seodang.SeodangError) as refused:
        teach(says(ANSWER), language="ko")
    assert render(refused.value.code, refused.value.facts, language="en") == (
        "variant = 'faithful' asks for tasks in English, and the recipe's language is 'ko'. "
        "Set language = 'en', or use variant = 'repaired'."
    )
    assert "영어 과제를 만들게 하는데 레시피의 언어는 'ko'입니다" in render(
        refused.value.code, refused.value.facts, language="ko"
    )


RECIPE = """
[recipe]
name = "published"
language = "en"
seed = 42

[[step]]
seeds = "handcrafted"
path = "seed_tasks.jsonl"
licence = "Apache-2.0"

[[step]]
teach = "alpaca"
variant = "faithful"
count = 20
teacher = "openai"
model = "mock"
max_tokens = 77
base_url = "{url}/v1"
"""


def test_what_goes_over_the_wire_is_the_published_request(run_recipe):
    """A run from the recipe to the rows; what the step says of `max_tokens` gives way to what was published."""
    mock, bodies = MockOpenAI(answer=lambda prompt: continued(prompt, "4. Instruction:")), []

    def handler(received):
        bodies.append(json.loads(received.body))
        return mock(received)

    rows = "".join(
        json.dumps({"instruction": seed.question, "instances": [{"input": seed.input, "output": seed.answer}]}) + "\n"
        for seed in SEEDS
    )
    with wire_server(handler) as server:
        run = run_recipe(RECIPE.format(url=server.url), files={"seed_tasks.jsonl": rows})
    assert run.ok, run.error
    sent = bodies[0]
    assert (sent["max_tokens"], sent["temperature"], sent["top_p"]) == (3072, 1.0, 1.0)
    assert (sent["stop"], sent["logit_bias"]) == (["\n20", "20.", "20."], {"50256": -100})
    assert [turn["role"] for turn in sent["messages"]] == ["user"] and sent["messages"][0]["content"].startswith(
        "You are asked to come up"
    )
    made = run.records("alpaca")
    assert len(made) >= 20 and {record.tags["position"] for record in made} == {5, 6, 7, 8}
    assert run.manifest("alpaca").dropped["malformed"] >= 5, "a chat model that repeats 〈4. Instruction:〉 loses its first task"
