"""`seodang seeds check`: a team's file with everything wrong that can be, and the files that we ship."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import seodang
import seodang_handcrafted
import seodang_locale_en
import seodang_locale_ko
from click.testing import CliRunner
from seodang.wording import render
from seodang_handcrafted.checking import FAULTS, REMARKS
from seodang_handcrafted.command import command

LONG = "가나다 " * 200
ROWS = [
    {"id": "a", "instruction": "다음 문장을 띄어쓰기 규정에 맞게 고쳐 쓰시오.", "input": "가나", "output": "가 나", "is_classification": False},
    {"instruction": "주말에 어머니와 함께 갈 만한 가까운 산을 추천해 주세요.", "output": "가까운 뒷산이 좋습니다. 오르기 쉬워요."},
    {"instruction": "주말에 아버지와 함께 갈 만한 가까운 산을 추천해 주세요.", "output": "앞산이 좋습니다."},
    {"instruction": "다음  문장을 띄어쓰기 규정에 맞게 고쳐 쓰시오.", "input": "가나", "output": "가 나"},
    {"instruction": "다음 문장을 띄어쓰기 규정에 맞게 고쳐 쓰시오.", "input": "아주 다른 이야기를 적은 긴 문장입니다.", "output": "아주 다른 이야기입니다."},
    {"instruction": "이 낱말을 그대로 적어 주세요.", "input": "서당", "output": "서당"},
    {"instruction": "인사말을 하나 적어 주세요.", "output": "인사말을 하나 적어 주세요."},
    {"instruction": "Write a poem about the sea.", "output": "바다가 부릅니다."},
    {"instruction": "요약", "output": "짧습니다."},
    {"instruction": LONG, "output": "깁니다."},
    {"instruction": "손님의 감정을 고르시오.", "input": "좋아요", "output": "이 손님의 감정은 " + "아주 " * 20 + "좋습니다", "is_classification": True},
    {"instruction": "연락처를 알려 주세요.", "output": "010-1234-5678로 전화하세요."},
    {"instruction": "‘안녕’을 영어로 옮겨 주세요.", "output": "Hello there"},
    {"instruction": "오늘 서울 날씨가 어떤지 알려 주세요.", "output": "죄송하지만 저는 AI 언어 모델로서 날씨를 알 수 없습니다."},
    {"instruction": "호랑이 그림을 그려 주세요.", "output": "여기 있습니다."},
    {"id": "a", "instruction": "속담을 하나 말해 보아라.", "output": "티끌 모아 태산", "is_classification": False},
    {"instruction": "말투를 맞추어 인사해 보세요.", "output": "안녕히 가세요.", "is_classification": False, "register": "합쇼"},
    {"instruction": "답이 아직 없는 과제입니다.", "output": "  "},
    {"instruction": ["목록"]},
    {"question": "열 이름이 다른 과제"},
    {"instruction": "가지를 고르시오.", "instances": "없음"},
    {"instruction": "예를 고르시오.", "output": "예", "is_classification": "yes"},
    {"messages": []},
    {"messages": [{"role": "user"}]},
]  # fmt: skip
EXPECTED = {
    2: {"mixed-registers"},
    3: {"near-duplicate"},
    4: {"duplicate"},
    5: {"repeated-instruction"},
    6: {"input-is-output"},
    7: {"question-is-answer"},
    8: {"other-language"},
    9: {"too-short"},
    10: {"too-long"},
    11: {"long-label"},
    12: {"personal-data"},
    13: {"answer-in-other-language"},
    14: {"refusal", "self-reference"},
    15: {"unsuitable"},
    16: {"repeated-id"},
    17: {"other-register"},
    18: {"no-answer"},
    19: {"not-text"},
    20: {"no-question"},
    21: {"no-instances"},
    22: {"not-yes-or-no"},
    23: {"no-turns"},
    24: {"bad-turn"},
    25: {"bad-line"},
}


def check(*arguments, language="en"):
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"SEODANG_LANGUAGE": language})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ours.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    path.write_text("\n".join([*lines, '{"instruction": "끊긴', ""]), encoding="utf-8")
    return path


def test_every_problem_is_told_at_once_with_its_line(file):
    result = check(file, "--json")
    assert result.exit_code == 4
    told = json.loads(result.stdout)
    found = {}
    for problem in told["problems"]:
        name, line = problem["where"].split(":")[:2]
        assert name == "ours.jsonl"
        found.setdefault(int(line), set()).add(problem["code"])
    assert found == EXPECTED
    assert [*found] == sorted(found), "in the order of the file"
    assert {code for codes in EXPECTED.values() for code in codes} == (FAULTS - {"no-tasks"}) | REMARKS, "every code has its row"
    assert told["faults"] + told["remarks"] == len(told["problems"]) == sum(told["by_code"].values())


def test_the_shares_say_what_the_tasks_are_like(file):
    shares = json.loads(check(file, "--json").stdout)["shares"]
    assert (shares["rows"], shares["tasks"]) == (25, 18)
    assert (shares["answered"], shares["with_input"], shares["classification"], shares["dialogues"]) == (17, 5, 1, 0)
    assert shares["registers"]["섞임"] == 1 and shares["registers"]["합쇼"] >= 5


@pytest.mark.parametrize("language", ["en", "ko"])
def test_people_read_places_reasons_and_what_to_do(file, language):
    result = check(file, language=language)
    assert result.exit_code == 4
    said = {
        "en": [
            "ours.jsonl:3  near-duplicate  80 % the same as ours.jsonl:2. Take one out, or change what is asked.",
            "ours.jsonl:4  duplicate  The same task with the same input stands in ours.jsonl:1. Take one of them out.",
            "ours.jsonl:6  input-is-output  The answer is the same as the input. Write what is really expected.",
            "ours.jsonl:9  too-short  The instruction has 2 characters, fewer than 4. Write it out.",
            "ours.jsonl:12  personal-data  Looks like personal data (mobile). Replace it by something made up, or mask it.",
            "ours.jsonl:14  refusal  The answer reads like a refusal (죄송하지만). Keep it only if a refusal is what you want to teach.",
            "problem\tkind\trows\tfor example",
            "too-short\tfault\t1\tours.jsonl:9",
            "unsuitable\tremark\t1\tours.jsonl:15",
            "25 rows, 18 tasks: 94% answered, 28% with an input, 6% classification, 0% dialogues.",
            "ours.jsonl has 18 faults and 7 remarks. Correct the faults and check again.",
        ],
        "ko": [
            "ours.jsonl:3  near-duplicate  ours.jsonl:2의 과제와 80% 같습니다. 하나를 빼거나 묻는 내용을 바꾸세요.",
            "ours.jsonl:4  duplicate  ours.jsonl:1에 입력까지 같은 과제가 있습니다. 하나를 빼세요.",
            "ours.jsonl:6  input-is-output  답이 입력과 똑같습니다. 바라는 답을 적으세요.",
            "ours.jsonl:9  too-short  지시문의 길이가 2자로, 4자보다 짧습니다. 더 자세히 쓰세요.",
            "ours.jsonl:12  personal-data  개인정보로 보이는 것이 있습니다(mobile). 지어낸 것으로 바꾸거나 가리세요.",
            "ours.jsonl:14  refusal  거절하는 답처럼 보입니다(죄송하지만). 거절을 가르치려는 것이 아니면 고치세요.",
            "문제\t종류\t건수\t보기",
            "too-short\t잘못\t1\tours.jsonl:9",
            "unsuitable\t살펴볼 것\t1\tours.jsonl:15",
            "25행, 과제 18개: 답이 있는 것 94%, 입력이 있는 것 28%, 분류 6%, 여러 번 오간 대화 0%.",
            "ours.jsonl에 잘못 18건, 살펴볼 것 7건이 있습니다. 잘못을 고치고 다시 검사하세요.",
        ],
    }
    for line in said[language]:
        assert line in result.stdout.splitlines(), result.stdout
    assert "1234-5678" not in result.stdout, "personal data is told of and not shown"


def test_a_file_without_faults_passes_and_remarks_count_when_they_are_asked_to(tmp_path):
    path = tmp_path / "ours.csv"
    path.write_text("instruction,output\n‘안녕’을 영어로 옮겨 주세요.,Hello there\n", encoding="utf-8")
    result = check(path)
    assert result.exit_code == 0 and "ours.csv has no faults (1 remark)." in result.stdout
    assert check(path, "--strict").exit_code == 4
    assert "ours.csv에는 잘못이 없습니다(살펴볼 것 1건)." in check(path, language="ko").stdout


def test_an_empty_file_is_no_file_without_faults(tmp_path):
    for name, content in (("empty.jsonl", ""), ("array.json", "[]"), ("head.csv", "instruction,output\n")):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        result = check(path)
        assert result.exit_code == 4
        assert f"{name}  no-tasks  The file holds no row. Write tasks into it, or name the file that has them." in result.stdout
    assert (
        "no-tasks  파일에 행이 하나도 없습니다. 과제를 적거나, 과제가 있는 파일을 지정하세요."
        in check(path, language="ko").stdout
    )


def test_of_many_problems_of_a_kind_the_first_are_listed_and_all_are_counted(tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_text('{"instruction": "답이 없는 과제입니다."}\n' * 30, encoding="utf-8")
    result = check(path, "--each", "2")
    assert result.stdout.count("  no-answer  ") == 2 and result.stdout.count("  duplicate  ") == 2
    assert "no-answer\tfault\t30\tmany.jsonl:1, many.jsonl:2, many.jsonl:3 …" in result.stdout
    assert "At most 2 of a kind are listed; --each 0 lists all." in result.stdout
    assert check(path, "--each", "0").stdout.count("  no-answer  ") == 30


def test_a_language_that_nobody_installed_is_named(file):
    result = check(file, "--language", "xx")
    assert isinstance(result.exception, seodang.DataError) and result.exception.exit_code == 4
    facts = result.exception.facts
    assert render("seodang_handcrafted:no-locale", facts, "en") == (
        "No plugin for the language 'xx' is installed, so its rules are not known. Run: pip install seodang-locale-xx"
    )
    assert render("seodang_handcrafted:no-locale", facts, "ko") == (
        "'xx' 언어의 플러그인이 설치되어 있지 않아 그 언어의 규칙을 알 수 없습니다. pip install seodang-locale-xx를 실행하세요."
    )


@pytest.mark.parametrize("locale", [seodang_locale_ko, seodang_locale_en])
def test_the_files_that_we_ship_pass_the_real_command(locale):
    language = locale.__name__[-2:]
    path = Path(locale.__file__).with_name("seeds.jsonl")
    line = "from seodang.commandline import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", line, "seeds", "check", str(path), "--language", language, "--json"],
        capture_output=True,
        check=False,
        text=True,
        env={"SEODANG_LANGUAGE": "ko", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["faults"] == 0 and told["shares"]["tasks"] == told["shares"]["answered"] == 175


def test_every_code_is_in_the_readme_and_in_both_languages():
    places = Path(seodang_handcrafted.__file__).parent
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    catalogues = [tomllib.loads((places / f"messages.{language}.toml").read_text("utf-8")) for language in ("en", "ko")]
    assert {*catalogues[0]} == {*catalogues[1]}
    for code in FAULTS | REMARKS:
        assert f"`{code}`" in readme and all(code in catalogue for catalogue in catalogues)
        assert re.search("[가-힣]", catalogues[1][code]) and not re.search("[가-힣]", catalogues[0][code])


def test_a_long_check_tells_how_far_it_is(tmp_path, monkeypatch):
    from seodang_handcrafted import command as module

    monkeypatch.setattr(module, "PROGRESS_SECONDS", -1.0)
    path = tmp_path / "two.jsonl"
    path.write_text(
        '{"instruction": "하나를 적어 주세요.", "output": "하나"}\n{"instruction": "둘째 과제입니다."}\n', encoding="utf-8"
    )
    assert "1 row read, 0 problems so far …" in check(path).stderr
    assert "2행을 읽었습니다. 지금까지 문제 1건 …" in check(path, language="ko").stderr
    assert check(path, "--quiet").stderr == ""
