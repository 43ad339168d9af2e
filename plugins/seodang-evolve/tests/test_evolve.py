"""Instructions made harder and rarer, what is eliminated on the way, and the shipped recipe with the real command."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import seodang
from seodang.testing import LessonContract, PlainLocale, asking, make_context
from seodang.testing.wire_faults import Latency
from seodang.wording import render
from seodang_evolve import Evolve
from seodang_evolve.wording import OPERATIONS, Wording, own_texts
from seodang_openai.mock import mock_openai
from seodang_openai.mock_answers import Answers

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
QUESTION = "봄에 어울리는 인사말을 쓰세요."
HARDER = "봄에 어울리는 인사말을 서른 자 안에서 쓰세요."
SENTENCE = "사람이 읽고 이해할 수 있고, 글만으로 답할 수 있어야 합니다."
RECORD = seodang.single_turn(QUESTION, "따뜻한 봄날 보내십시오.", id="spring", language="ko", source="seeds", terms=("CC0-1.0",))
TURNS = (seodang.Message("user", "안녕하세요?"), seodang.Message("assistant", "네."), seodang.Message("user", "날씨는요?"))
DIALOGUE = seodang.Record(id="dialogue", language="ko", source="seeds", messages=TURNS)
WITH_INPUT = seodang.single_turn(
    "낱말을 늘어놓으세요.", "가지, 나무", input="나무, 가지", id="words", language="ko", source="seeds"
)
RECIPE = """
[recipe]
name = "evolve"
language = "ko"
seed = 7

[[step]]
seeds = "handcrafted"
name = "seeds"
path = "rows.jsonl"
licence = "CC0-1.0"

[[step]]
teach = "evolve"
name = "evolve"
rounds = 3
teacher = "openai"
model = "mock"
in_flight = 2
base_url = "{url}/v1"
"""


class Rules(seodang.Teacher):
    """Answers by rules, as the mock does. `asked` are the texts that were asked."""

    name = "rules"

    def __init__(self, rules="evolve-korean", finish="stop"):
        super().__init__()
        self.asked = []
        self._answers = Answers.read(rules) if isinstance(rules, str) else Answers(rules)

    async def answer(self, request, context):
        prompt = request.messages[-1].text
        self.asked.append(prompt)
        said = self._answers.to(prompt, prompt, str(request.sample))
        return seodang.Answer(message=seodang.Message("assistant", said.text), finish=said.finish)


class TestEvolve(LessonContract):
    lesson = Evolve
    language = "ko"
    records = (RECORD, DIALOGUE, WITH_INPUT)
    teacher = Rules


def rules(evolved=HARDER, same="아니요", answer="따뜻한 봄날에 안녕하시기를 바랍니다.", **more):
    return [
        {"when": "사실상 같은 일을", "text": same},
        {"when": "어렵게 고쳐 쓰세요|본보기로 삼아", "text": evolved, **more},
        {"when": ".", "text": answer},
    ]


@pytest.fixture
def teach(tmp_path):
    def taught(said, records=(RECORD,), language="ko", locale=None, **options):
        teacher = said if isinstance(said, Rules) else Rules(said)
        built = Evolve.Options(**{"rounds": 1, **options})
        context = make_context(tmp_path, language=language, locale=locale, options=built, step="evolve")

        async def given():
            for record in records:
                yield record

        async def all_results():
            return [result async for result in Evolve(built).teach(given(), context)]

        with asking(context, teacher, tmp_path) as set_aside:
            results = asyncio.run(all_results())
        assert not set_aside
        return results, teacher.asked, context

    return taught


def test_a_harder_instruction_is_a_row_with_its_answer_and_its_lineage(teach):
    results, asked, _ = teach(rules(), operations=("constraints",))
    child, original = results
    assert (child.question, child.answer) == (HARDER, "따뜻한 봄날에 안녕하시기를 바랍니다.")
    assert child.id == "" and child.parents == ("spring",)
    assert child.tags == {"round": 1, "depth": 1, "operation": "constraints", "lineage": ["constraints"]}
    assert original == RECORD, "the record goes on behind its children, as it came"
    assert (
        len(asked) == 3
        and "방법: 지켜야 할 조건이나 제한을 하나 더한다." in asked[0]
        and asked[0].endswith(f"[지시문]\n{QUESTION}")
    )
    assert QUESTION in asked[1] and HARDER in asked[1] and asked[2] == HARDER


def test_the_next_round_starts_from_what_passed(teach):
    grows = rules("{group:1} 더", same="아니요")
    grows[1]["when"] = r"어렵게 고쳐 쓰세요[\s\S]*\[지시문\]\n([\s\S]+)"
    results, _, _ = teach(grows, rounds=3, operations=("reasoning",))
    assert [child.question for child in results[:-1]] == [QUESTION + " 더" * number for number in (1, 2, 3)]
    assert [child.tags["depth"] for child in results[:-1]] == [1, 2, 3]
    assert results[2].tags["lineage"] == ["reasoning"] * 3


def test_where_one_is_eliminated_the_next_round_tries_again_with_the_one_before(teach):
    results, asked, _ = teach(rules(same="예"), rounds=2, operations=("deepen",))
    assert [result.code for result in results[:2]] == ["no-gain", "no-gain"]
    assert [result.record.tags["depth"] for result in results[:2]] == [1, 1]
    assert asked[0] == asked[2], "the same question, for another sample: its first answer has failed"


@pytest.mark.parametrize(
    ("said", "code", "detail"),
    [
        (rules(QUESTION), "no-gain", ""),
        (rules(f"“{QUESTION}”"), "no-gain", ""),
        (rules(same="예, 같습니다."), "no-gain", "예, 같습니다."),
        (rules("고쳐 쓴 지시문에 맞추어 인사말을 쓰세요."), "copied-prompt", "고쳐 쓴 지시문"),
        (rules(f"인사말을 쓰되 {SENTENCE}"), "copied-prompt", SENTENCE),
        (rules("죄송하지만 고칠 수 없습니다."), "declined", "죄송하지만"),
        (rules("봄"), "too-short", "1 < 4"),
        (rules("가" * 700), "too-long", "700 > 600"),
        (rules(answer="죄송하지만 도와드릴 수 없습니다."), "answer-declines", "죄송하지만"),
        (rules(answer="네, 알겠습니다!"), "answer-says-nothing", "네, 알겠습니다!"),
        (rules(answer="…"), "answer-says-nothing", "…"),
        (rules(answer=" "), "empty", ""),
        (rules(" "), "empty", ""),
        (rules("봄에 어울리는 인사", finish="length"), "length", "봄에 어울리는 인사"),
        (rules("봄", finish="content_filter"), "content-filter", "봄"),
    ],
)  # fmt: skip
def test_what_is_eliminated_is_told_with_its_text_and_a_reason(teach, said, code, detail):
    results, _, _ = teach(said, operations=("deepen",))
    assert (results[0].code, results[0].detail) == (code, detail)
    assert results[0].record.parents == ("spring",) and results[0].record.tags["operation"] == "deepen"
    assert results[1] == RECORD, "the record itself is not lost with what it did not become"


def test_a_server_that_refuses_one_question_ends_that_round_only(teach):
    class Refuses(Rules):
        name = "refuses"

        async def answer(self, request, context):
            if "사실상 같은" in request.messages[-1].text:
                raise seodang.Refused("not this one", reason="http-400")
            return await super().answer(request, context)

    results, _, _ = teach(Refuses(rules()), operations=("deepen",))
    assert (results[0].code, results[0].detail) == ("http-400", "not this one") and results[1] == RECORD


def test_labels_around_a_new_instruction_are_taken_off(tmp_path):
    wording = Wording(Evolve(), make_context(tmp_path, language="ko"))
    for said in (
        f"고쳐 쓴 지시문: {HARDER}",
        f"**새 지시문:** {HARDER}",
        f"[지시문]\n{HARDER}",
        f"“{HARDER}”",
        f"```\n{HARDER}\n```",
    ):
        assert wording.instruction_in(said) == HARDER
    kept = "“봄”과 “가을”을 견주세요."
    assert wording.instruction_in(kept) == kept and wording.instruction_in("지시문을 하나 쓰세요.") == "지시문을 하나 쓰세요."


def test_a_long_answer_that_is_sorry_about_something_is_an_answer(teach):
    letter = "죄송하지만 늦겠다고 알리는 편지입니다. " + "선생님께서 기다리실 것을 생각하니 마음이 무겁습니다. " * 10
    results, _, _ = teach(rules(answer=letter), operations=("deepen",))
    assert isinstance(results[0], seodang.Record)


def test_answers_can_be_left_to_a_later_step_and_the_gain_to_words(teach):
    results, asked, _ = teach(rules(), answers=False, ask_gain=False, operations=("broader",))
    assert not results[0].answered and len(asked) == 1
    assert asked[0].startswith("아래 지시문을 본보기로 삼아"), "broader is asked in the locale's words"


def test_a_dialogue_goes_on_as_it_is_or_is_dropped_and_an_input_is_part_of_the_instruction(teach):
    results, asked, _ = teach(rules(), records=(DIALOGUE, WITH_INPUT))
    assert results[0] == DIALOGUE and asked[0].count("낱말을 늘어놓으세요.\n\n나무, 가지") == 1
    results, _, _ = teach(rules(), records=(DIALOGUE, WITH_INPUT), keep_originals=False)
    assert (results[0].id, results[0].code) == ("dialogue", "not-single-turn")
    assert [type(result) for result in results[1:]] == [seodang.Record], "the record with its child only ends as used"


def test_one_more_record_changes_nothing_of_the_others(teach):
    """Each draws by its own id: what was bought for it is not bought again."""
    _, alone, _ = teach(rules(), records=(RECORD,), rounds=6)
    _, asked, _ = teach(rules(), records=(WITH_INPUT, RECORD), rounds=6)
    assert all(WITH_INPUT.question in text or text not in alone for text in asked), "only the new one's questions are sent"
    assert len({text.partition("방법:")[2][:20] for text in alone if "방법:" in text}) >= 2, "operations are drawn"


def test_your_own_prompt_takes_the_place_of_all_but_broader(teach, tmp_path):
    (tmp_path / "mine.txt").write_text("{method}\n더 어렵게 고쳐 쓰세요: {instruction}\n", encoding="utf-8")
    results, asked, _ = teach(rules(), prompt="mine.txt", operations=("concretise",))
    assert asked[0].endswith(f"더 어렵게 고쳐 쓰세요: {QUESTION}") and asked[0].startswith("막연하고 일반적인 말을")
    assert results[0].tags["operation"] == "concretise"
    (tmp_path / "bad.txt").write_text("더 어렵게", encoding="utf-8")
    with pytest.raises(seodang.DataError, match="instruction"):
        teach(rules(), prompt="bad.txt")


@pytest.mark.parametrize("language", ["ko", "en", "ja", "zh"])
def test_every_shipped_language_has_every_text(tmp_path, language):
    own = own_texts()[language]
    assert set(own.methods) == {*OPERATIONS} - {"broader"} and own.reviewed == (
        "author" if language in ("ko", "en") else "unreviewed"
    )
    context = make_context(tmp_path, language=language)
    wording = Wording(Evolve(), context)
    ways = [wording.way(operation) for operation in OPERATIONS]
    assert len({way.fill("서당") for way in ways}) == len(OPERATIONS) and all("서당" in way.fill("서당") for way in ways)
    assert [way.name for way in ways] == list(OPERATIONS)
    yes, no = (context.locale.markers[name] for name in ("yes", "no"))
    assert all(wording.says_yes(f"{word}.") for word in yes) and not any(wording.says_yes(f"{word}.") for word in no)
    assert yes[0] in own.same and no[0] in own.same, "it is asked in the words by which the answer is read"


class Strange(PlainLocale):
    """A language of somebody else: it has the prompts that every locale has, and this plugin has never heard of it."""

    name = "strange"
    prompts = {"evolve-deeper": "harder: {instruction}", "evolve-broader": "rarer: {instruction}"}


def test_a_language_without_texts_of_its_own_is_asked_in_its_locales_words(teach):
    said = [{"when": "harder: ", "text": "a harder thing to do in it"}, {"when": ".", "text": "an answer"}]
    results, asked, context = teach(said, language="xx", locale=Strange("xx"), operations=("deepen",))
    assert results[0].tags["operation"] == "deeper" and asked[0] == f"harder: {QUESTION}"
    facts = {"step": "evolve", "language": "xx"}
    assert context.warned == [render("seodang_evolve:gain-by-words", facts)]
    assert render("seodang_evolve:gain-by-words", facts, language="en") == (
        "Step evolve: there is no text yet to ask in 'xx' whether a new instruction gains on the one before it, so only those with "
        "the same words are left out. Set ask_gain = false to say that this is meant."
    )
    assert render("seodang_evolve:gain-by-words", facts, language="ko").startswith("evolve 단계: 새 지시문이 앞의 것보다")
    with pytest.raises(seodang.SeodangError) as lacking:
        teach(said, language="xx", locale=PlainLocale("xx"), ask_gain=False, operations=("broader",))
    assert render(lacking.value.code, lacking.value.facts, language="en").startswith(
        "The locale 'xx' has no prompt 'evolve-broader'"
    )
    assert "필요한 프롬프트 'evolve-broader'가 없습니다" in render(lacking.value.code, lacking.value.facts, language="ko")


def command(folder, *arguments):
    said = subprocess.run(
        [sys.executable, "-m", "seodang", *arguments], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "SEODANG_LANGUAGE": "en"},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return said.stdout


def content(run):
    """What a run leaves behind, but for the book and the log, which hold times."""
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(run.glob("*-*/*")) if path.is_file()}


def test_the_shipped_recipe_runs_end_to_end(tmp_path):
    command(tmp_path, "init", "begun", "--recipe", "evolve-korean")
    with mock_openai(answers="evolve-korean") as server:
        local = ("--set", f"evolve.base_url={server.url}/v1", "--set", "evolve.in_flight=64", "--run-dir", "run")
        planned = command(tmp_path, "plan", "begun/recipe.toml", *local)
        assert "evolve: 175 rows, 2,102 new questions" in planned and "what the lesson expects" in planned
        local = (*local, "--quiet")
        command(tmp_path, "run", "begun/recipe.toml", *local)
        paid = server.counts().payments
        command(tmp_path, "run", "begun/recipe.toml", *local)
        assert server.counts().payments == paid, "the second run buys nothing"
        assert 4 * 175 < paid <= 2102, "at most what was told before"
    step = next(step for step in json.loads(command(tmp_path, "show", "run", "--json"))["steps"] if step["name"] == "evolve")
    rows, dropped = step["rows"], step["dropped"]
    assert rows["in"] == rows["kept"] == 175 and rows["made"] + sum(dropped.values()) == 4 * 175, "every round ends somewhere"
    assert {"no-gain", "copied-prompt", "answer-declines"} <= set(dropped)
    finished = list(seodang.open_run(tmp_path / "run").records("evolve"))
    children = [record for record in finished if record.parents]
    assert {record.tags["operation"] for record in children} == set(OPERATIONS)
    assert {record.tags["depth"] for record in children} == {1, 2, 3, 4}
    assert all(record.answered and record.terms for record in children), "the terms of the seeds go on"


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = ("run", "recipe.toml", "--run-dir", "run", "--quiet")
    rows = "".join(json.dumps({"instruction": f"{number}부터 열까지 세는 놀이를 알려 주세요."}) + "\n" for number in range(6))
    with mock_openai(answers="evolve-korean", latency=Latency(0.05, 0.1)) as server:
        for folder in (whole, killed):
            folder.mkdir()
            (folder / "rows.jsonl").write_text(rows, encoding="utf-8")
            (folder / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")
        for wanted in (2, 12, 25):
            with subprocess.Popen(
                [sys.executable, "-m", "seodang", *arguments], cwd=killed, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as process:
                while process.poll() is None and server.counts().requests < wanted:
                    time.sleep(0.01)
                process.kill()
                process.communicate()
        command(killed, *arguments)
        command(whole, *arguments)
    assert content(killed / "run") == content(whole / "run")
    assert len(list(seodang.open_run(whole / "run").records("evolve"))) > 12


def test_the_recipe_of_the_readme_runs(tmp_path):
    (tmp_path / "recipe.toml").write_text(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1], encoding="utf-8")
    with mock_openai(answers="evolve-korean") as server:
        command(tmp_path, "run", "recipe.toml", "--run-dir", "run", "--quiet", "--set", f"evolve.base_url={server.url}/v1")
    made = [record for record in seodang.open_run(tmp_path / "run").records("evolve") if record.parents]
    assert {record.tags["operation"] for record in made} == {"constraints", "reasoning", "broader"}
    named = set(re.findall(r"`([\w-]+)`", README))
    assert {*Evolve.Options.__struct_fields__, *OPERATIONS} <= named, "every option and operation is in the README"
