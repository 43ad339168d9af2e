"""The lesson in the recipe's language, from its options to a run of the shipped recipe with the real command."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import seodang
from seodang.testing import LessonContract, asking, make_context
from seodang.testing.wire_faults import Latency
from seodang.wording import render
from seodang_alpaca import Alpaca
from seodang_openai.mock import mock_openai
from seodang_openai.mock_answers import Answers

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
TASKS = (
    ("봄에 어울리는 인사말을 세 가지 쓰세요.", "", "따뜻한 봄날 보내십시오. 봄처럼 환한 하루 되십시오. 꽃길만 걸으십시오."),
    ("다음 낱말을 가나다순으로 늘어놓으세요.", "바다, 가지, 나무", "가지, 나무, 바다"),
    ("서당이 무엇인지 설명하세요.", "", "마을 아이들에게 글을 가르치던 곳입니다."),
    ("문장을 과거형으로 바꾸세요.", "나는 학교에 간다.", "나는 학교에 갔다."),
    ("물이 끓는 온도는 몇 도입니까?", "", "섭씨 백 도입니다."),
)
SEEDS = tuple(
    seodang.single_turn(instruction, output, input=given, id=f"seed-{number}", language="ko", source="seeds")
    for number, (instruction, given, output) in enumerate(TASKS)
)
ROWS = "".join(
    json.dumps({"instruction": instruction, "input": given, "output": output}, ensure_ascii=False) + "\n"
    for instruction, given, output in TASKS
)
RECIPE = """
[recipe]
name = "tasks"
language = "ko"
seed = 7

[[step]]
seeds = "handcrafted"
name = "seeds"
path = "rows.jsonl"
licence = "CC0-1.0"

[[step]]
teach = "alpaca"
name = "tasks"
count = 60
per_round = 2
teacher = "openai"
model = "mock"
max_tokens = 8192
base_url = "{url}/v1"
"""


class Lists(seodang.Teacher):
    """Goes on with the list as the mock of the shipped recipe does."""

    name = "lists"

    async def answer(self, request, context):
        prompt = request.messages[-1].text
        said = Answers.read("alpaca-korean").to(prompt, prompt, str(request.sample))
        return seodang.Answer(message=seodang.Message("assistant", said.text), finish=said.finish)


class TestAlpaca(LessonContract):
    lesson = Alpaca
    language = "ko"
    records = SEEDS
    teacher = Lists
    options = {"count": 40, "per_round": 2}


class Says(seodang.Teacher):
    """Says the same to everybody; `asked` are the requests."""

    name = "says"

    def __init__(self, *texts, finish="stop"):
        super().__init__()
        self.asked = []
        self._texts = texts
        self._finish = finish

    async def answer(self, request, context):
        self.asked.append(request)
        text = self._texts[(len(self.asked) - 1) % len(self._texts)]
        return seodang.Answer(message=seodang.Message("assistant", text), finish=self._finish)


def listed(*instructions, output="예, 그렇습니다.", first=4):
    return "\n###\n".join(
        f"{number}. 명령어: {instruction}\n{number}. 입력: <입력 없음>\n{number}. 응답: {output}"
        for number, instruction in enumerate(instructions, first)
    )


@pytest.fixture
def teach(tmp_path):
    def taught(teacher, records=SEEDS, files=(), **options):
        for name, text in files:
            (tmp_path / name).write_text(text, encoding="utf-8")
        built = Alpaca.Options(**options)
        context = make_context(tmp_path, language="ko", options=built, step="tasks")

        async def given():
            for record in records:
                yield record

        async def all_results():
            return [result async for result in Alpaca(built).teach(given(), context)]

        with asking(context, teacher, tmp_path):
            return asyncio.run(all_results()), context

    return taught


def codes(results):
    return [result.code for result in results if isinstance(result, seodang.Drop)]


def test_seeds_are_shown_in_the_words_of_the_language_and_nothing_cuts_the_answer(teach):
    teacher = Says(listed("바닷가에서 할 수 있는 놀이를 알려 주세요."))
    results, _ = teach(teacher, count=1)
    request = teacher.asked[0]
    text = request.messages[0].text
    assert "4번부터 번호를 붙여 서로 다른 새 지시문 17개" in text
    shown = re.findall(r"(?m)^(\d)\. (명령어|입력|응답): (.*)$", text)
    assert [number for number, word, _ in shown if word == "명령어"] == ["1", "2", "3"]
    assert {said for _, word, said in shown if word == "명령어"} <= {task[0] for task in TASKS}
    assert request.stop == () and request.max_tokens is None and request.extra == {}
    assert len(teacher.asked) == 1, "one task is wanted, and one prompt brings seventeen"
    assert results[0].tags == {"batch": results[0].tags["batch"], "position": 4} and len(results[0].parents) == 3


def test_what_is_left_out_is_told_with_its_text_and_a_reason(teach):
    answer = listed(
        "바닷가에서 할 수 있는 놀이를 알려 주세요.",
        "바닷가에서 할 수 있는 놀이를 알려 주십시오.",
        "서당이 무엇인지 설명하세요!",
        "왜",
        "가" * 601,
        "다음 그림을 보고 이야기를 지으세요.",
        "- 목록처럼 시작하는 지시문입니다.",
    )
    results, context = teach(Says(answer + "\n###\n11. 명령어: 답이 없는 일을 하나 고르세요.\n"), count=1, per_round=1)
    assert [result.question for result in results if isinstance(result, seodang.Record)] == [
        "바닷가에서 할 수 있는 놀이를 알려 주세요."
    ]
    assert codes(results) == [
        *(
            "too-similar",
            "too-similar",
            "instruction-too-short",
            "instruction-too-long",
            "unsuitable",
            "bad-beginning",
            "no-answer",
        ),
    ]
    near, seed = results[1], results[2]
    assert near.other == "바닷가에서 할 수 있는 놀이를 알려 주세요." and float(near.detail) > 0.7
    assert seed.other == "seed-2", "of a seed the id is told, so that it is looked up when it is shown"
    assert all(result.record.tags["batch"] for result in results if isinstance(result, seodang.Drop))
    assert context.progressed[-1] == (1, 1)


def test_a_cut_answer_keeps_its_whole_tasks(teach):
    results, _ = teach(
        Says(listed("귤의 껍질을 쓰는 법을 알려 주세요.", "이 일은 다 적히지 못하고 끊"), finish="length"), count=1
    )
    assert [type(result).__name__ for result in results] == ["Record", "Drop"] and codes(results) == ["cut"]


@pytest.mark.parametrize(
    ("finish", "text", "code"),
    [("refusal", "도와드릴 수 없습니다.", "refusal"), ("content_filter", "", "content-filter"), ("stop", " \n", "empty"),
     ("stop", "죄송하지만 그럴 수 없습니다.", "malformed")],
)  # fmt: skip
def test_an_answer_that_holds_no_task_was_paid_and_is_told(teach, finish, text, code):
    results, context = teach(Says(text, finish=finish), patience=1, per_round=2)
    assert codes(results) == [code, code]
    assert render("seodang_alpaca:gave-up", {"step": "tasks", "made": 0, "count": 100, "rounds": 1}, language="ko") == (
        "tasks 단계: 새로운 것이 없는 라운드가 1번 이어져, 과제 100개 가운데 0개에서 멈췄습니다. 시드를 늘리거나 temperature나 "
        "threshold를 높여 보세요. 버린 것은 seodang show RUN tasks --dropped로 볼 수 있습니다."
    )
    assert len(context.warned) == 1


def test_records_that_cannot_be_shown_are_dropped_and_too_few_are_an_error(teach):
    dialogue = seodang.Record(id="dialogue", messages=(*SEEDS[0].messages, *SEEDS[1].messages))
    unanswered = seodang.single_turn("답이 없는 질문입니다.", id="open")
    results, _ = teach(Says(listed("새로운 놀이를 하나 알려 주세요.")), records=(*SEEDS, dialogue, unanswered), count=1)
    assert [(result.id, result.code) for result in results[:2]] == [("dialogue", "not-single-turn"), ("open", "no-answer")]
    with pytest.raises(seodang.DataError) as few:
        teach(Says(""), records=SEEDS[:2])
    assert render(few.value.code, few.value.facts, language="en") == (
        "Step tasks shows 3 seeds in each prompt, and 2 records with question and answer came. Add seeds, or lower shown."
    )
    assert "시드를 3개씩 보여 주는데, 질문과 답이 있는 레코드가 2개만" in render(few.value.code, few.value.facts, language="ko")


def test_the_seeds_may_go_on_behind_the_new_tasks(teach):
    results, _ = teach(Says(listed("귤의 껍질을 쓰는 법을 알려 주세요.")), count=1, keep_seeds=True)
    assert [record.id for record in results] == ["", *(seed.id for seed in SEEDS)]


def test_your_own_prompt_takes_the_place_of_the_locales(teach):
    teacher = Says(listed("귤의 껍질을 쓰는 법을 알려 주세요."))
    teach(
        teacher,
        count=1,
        prompt="mine.txt",
        system="너는 선생이다.",
        files=[("mine.txt", "{count}개 더, {first}부터.\n{examples}\n")],
    )
    system, user = teacher.asked[0].messages
    assert system.text == "너는 선생이다." and user.text.startswith("17개 더, 4부터.\n1. 명령어: ")
    with pytest.raises(seodang.DataError, match="examples"):
        teach(teacher, count=1, prompt="bad.txt", files=[("bad.txt", "{count}개만 만들어라")])


def test_words_and_novelty_can_be_left_to_later_steps_or_to_another_rule(teach):
    teacher = Says(listed("다음 그림을 보고 이야기를 지으세요.", "서당이 무엇인지 설명하세요!"))
    results, _ = teach(teacher, count=2, keywords="", threshold=1.0)
    assert not codes(results) and len(results) == 2
    with pytest.raises(seodang.SeodangError, match="'length' keeps no pool"):
        teach(teacher, novelty="length")
    assert render("seodang_alpaca:no-pool", {"name": "length"}, language="ko").startswith(
        "'length' 필터에는 과제를 하나씩 물어볼"
    )


def test_options_that_leave_nothing_to_ask_are_refused():
    with pytest.raises(seodang.SeodangError) as refused:
        Alpaca(Alpaca.Options(tasks=3, shown=3))
    assert render(refused.value.code, refused.value.facts, language="en").startswith(
        "tasks = 3 and shown = 3 leave nothing to ask for."
    )
    assert render(refused.value.code, refused.value.facts, language="ko").startswith("tasks = 3, shown = 3이면 새로 만들 것이")


def test_a_language_without_the_prompt_is_told_what_it_lacks(tmp_path):
    from seodang.testing import PlainLocale

    context = make_context(tmp_path, language="xx", locale=PlainLocale("xx"), options=Alpaca.Options())

    async def results():
        async def given():
            for record in SEEDS:
                yield record

        return [result async for result in Alpaca(Alpaca.Options()).teach(given(), context)]

    with pytest.raises(seodang.SeodangError) as lacking:
        asyncio.run(results())
    assert render(lacking.value.code, lacking.value.facts, language="en").startswith(
        "The locale 'xx' has no limits['instruction-least']"
    )
    assert "로캘에 alpaca 수업에 필요한 limits['instruction-least']" in render(
        lacking.value.code, lacking.value.facts, language="ko"
    )


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
    command(tmp_path, "init", "begun", "--recipe", "alpaca-korean")
    with mock_openai(answers="alpaca-korean") as server:
        local = ("--set", f"tasks.base_url={server.url}/v1", "--run-dir", "run")
        planned = command(tmp_path, "plan", "begun/recipe.toml", *local)
        assert "tasks: 175 rows, 8 new questions" in planned and "what the lesson expects" in planned
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet")
        paid = server.counts().payments
        command(tmp_path, "run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == paid == 6, "six lists of seventeen; the second run buys nothing"
    steps = {step["name"]: step for step in json.loads(command(tmp_path, "show", "run", "--json"))["steps"]}
    rows = steps["tasks"]["rows"]
    assert rows["in"] == 175 == rows["used"] + rows["dropped"] and 100 <= rows["made"] <= 102
    assert steps["tasks"]["dropped"] == {"unused": rows["dropped"]}, "seeds that were not drawn"
    finished = list(seodang.open_run(tmp_path / "run").records())
    assert len(finished) >= 90 and all(record.answer and record.parents and record.tags["batch"] for record in finished)
    assert "Apache-2.0" in finished[0].terms, "the terms of the seeds go on"


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
        (folder / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    arguments = ("run", "recipe.toml", "--run-dir", "run", "--quiet")

    with mock_openai(answers="alpaca-korean", latency=Latency(0.15, 0.3)) as server:
        for folder in (whole, killed):
            (folder / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")
        for wanted in (1, 3):
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
    assert len(seodang.open_run(whole / "run").records("tasks")) >= 60


def test_the_recipe_of_the_readme_runs(tmp_path):
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    assert tomllib.loads(text)["step"][1]["teach"] == "alpaca"
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    with mock_openai(answers="alpaca-korean") as server:
        command(tmp_path, "run", "recipe.toml", "--run-dir", "run", "--quiet", "--set", f"alpaca.base_url={server.url}/v1")
    assert len(seodang.open_run(tmp_path / "run").records("alpaca")) >= 100
    options = set(Alpaca.Options.__struct_fields__)
    assert options <= set(re.findall(r"`(\w+)`", README)), "every option is in the README"
