"""`seodang mock naver` as a process, and what it says about its arguments."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_naver_kin.mock_command import command

HEADERS = {"X-Naver-Client-Id": "a", "X-Naver-Client-Secret": "b"}


def start(*arguments: str, language: str = "en") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "seodang", "mock", "naver", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SEODANG_LANGUAGE": language},
    )


def ask(url: str, query: str = "%EA%B9%80%EC%B9%98") -> int:
    request = urllib.request.Request(f"{url}/v1/search/kin.json?query={query}", headers=HEADERS)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_it_prints_its_address_serves_and_prints_its_counts():
    process = start("--json", "--quota", "1", "--script", "김치=503,ok")
    with process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert [ask(url), ask(url), ask(url)] == [503, 200, 429]
        process.send_signal(signal.SIGTERM)
        counts = json.loads(process.stdout.read())
    assert process.returncode == 0
    assert (counts["requests"], counts["payments"], counts["asked"]) == (3, 1, {"김치 from 1": 3})


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("en", "Ctrl-C ends it and prints the counts.", "1 request, 1 answered call, at most 1 in flight."),
        ("ko", "Ctrl-C를 누르면 끝내고 집계를 보여 줍니다.", "요청 1건, 답한 호출 1건, 동시 요청 최대 1건."),
    ],
)
def test_it_speaks_to_people_in_their_language(language, first, last):
    process = start(language=language)
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.rstrip().endswith(first)
        assert ask(next(word for word in line.split() if "http" in word).rstrip(".에서응답합니다")) == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().strip() == last


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "lightning:0.1"], "nothing is called 'lightning'. There are: 429"),
        (["--fault", "429:often"], "write KIND:SHARE, as in 429:0.10"),
        (["--fault", "429:0.9", "--fault", "500:0.9"], "together at most 1"),
        (["--latency", "slow"], "write a duration as 200ms, 1.5s or 100ms-300ms"),
        (["--script", "김치=thunder"], "nothing is called 'thunder'"),
    ],
)
def test_a_wrong_argument_is_explained(arguments, said):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2 and said in result.output


def test_a_port_that_is_taken_is_explained():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port)], env={"SEODANG_LANGUAGE": "en"})
    assert result.exit_code == 1
    assert f"Cannot listen on port {port}: Address already in use. Choose another one with --port" in result.output
    assert (
        render("commandline.mock-no-port", {"port": port, "error": "x"}, "ko")
        == f"{port}번 포트를 열 수 없습니다: x. --port로 다른 번호를 고르거나 --port 0으로 빈 포트를 쓰세요."
    )
    assert render("seodang_naver_kin:mock-help", {}, "ko").startswith("이 컴퓨터에서 네이버 검색 API를 흉내 냅니다.")
    assert render("seodang_naver_kin:mock-help", {}, "en").startswith("Fake Naver's search API on this machine:")
