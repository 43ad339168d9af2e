"""`seodang mock openai` as a process, and what its messages say."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_openai.mock import answer_to, tokens
from seodang_openai.mock_command import command


def start(*arguments: str, language: str = "en") -> subprocess.Popen:
    code = "from seodang_openai.mock_command import command; command()"
    environment = {"SEODANG_LANGUAGE": language, "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code, "--port", "0", *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )


def ask(url: str, text: str) -> int:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", data=body), timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_it_prints_its_address_serves_and_prints_what_was_paid(tmp_path):
    process = start("--json", "--script", "어려운 질문=500,ok", "--payments", str(tmp_path / "payments.jsonl"))
    with process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert [ask(url, text) for text in ("쉬운 질문", "어려운 질문", "어려운 질문")] == [200, 500, 200]
        process.send_signal(signal.SIGTERM)
        counts = json.loads(process.stdout.read())
    assert process.returncode == 0
    assert (counts["requests"], counts["payments"], counts["statuses"]) == (3, 2, {"200": 2, "500": 1})
    assert len((tmp_path / "payments.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        (
            "en",
            "Ctrl-C ends it and prints the counts.",
            "1 request, 1 paid answer, 2 input and {output} output tokens, at most 1 in flight.",
        ),
        (
            "ko",
            "Ctrl-C를 누르면 끝내고 집계를 보여 줍니다.",
            "요청 1건, 결제된 답 1건, 입력 2토큰, 출력 {output}토큰, 동시 요청 최대 1건.",
        ),
    ],
)
def test_it_speaks_to_people_in_their_language(language, first, last):
    process = start(language=language)
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.rstrip().endswith(first)
        assert ask(next(word for word in line.split() if "http" in word).rstrip(".에서응답합니다"), "안녕") == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().strip() == last.format(output=tokens(answer_to("안녕")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "lightning:0.1"], "nothing is called 'lightning'. There are: 429"),
        (["--fault", "429"], "write KIND:SHARE, as in 429:0.10"),
        (["--fault", "429:often"], "write KIND:SHARE, as in 429:0.10"),
        (["--fault", "429:0.9", "--fault", "500:0.9"], "together at most 1"),
        (["--latency", "slow"], "write a duration as 200ms, 1.5s or 100ms-300ms"),
        (["--script", "질문=thunder"], "nothing is called 'thunder'"),
    ],
)
def test_a_wrong_argument_is_explained(arguments, said):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_port_that_is_taken_is_explained():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port)], env={"SEODANG_LANGUAGE": "en"})
    assert result.exit_code == 1
    assert (
        f"Cannot listen on port {port}: Address already in use. Choose another one with --port, or --port 0 for any."
        in result.output
    )
    facts = {"port": port, "error": "x"}
    assert (
        render("commandline.mock-no-port", facts, "ko")
        == f"{port}번 포트를 열 수 없습니다: x. --port로 다른 번호를 고르거나 --port 0으로 빈 포트를 쓰세요."
    )
    assert render("seodang_openai:mock-help", {}, "ko").startswith("이 컴퓨터에서 OpenAI 서버를 흉내 냅니다.")
    assert render("seodang_openai:mock-help", {}, "en").startswith("Fake the vendor on this machine:")


def test_it_keeps_the_limits_that_it_is_given_and_tells_them():
    process = start("--json", "--requests-per-minute", "1", "--tokens-per-minute", "90000")
    with process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "안녕"}]}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", data=body), timeout=5) as response:
            told = {
                name: response.headers[f"x-ratelimit-{name}"] for name in ("limit-requests", "remaining-requests", "limit-tokens")
            }
        assert told == {"limit-requests": "1", "remaining-requests": "0", "limit-tokens": "90000"}
        assert ask(url, "또") == 429
        process.send_signal(signal.SIGTERM)
        assert json.loads(process.stdout.read())["payments"] == 1


def test_it_answers_as_a_file_says(tmp_path):
    (tmp_path / "answers.toml").write_text('[[answer]]\nwhen = "."\ntext = "네"\n', encoding="utf-8")
    process = start("--json", "--answers", str(tmp_path / "answers.toml"))
    with process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "안녕"}]}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", data=body), timeout=5) as response:
            assert json.load(response)["choices"][0]["message"]["content"] == "네"
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
