"""What people decide, by the real commands: pages that are killed and go on, strangers at their door, and a sheet there and back."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from seodang.commandline import main

ROWS = [
    {"instruction": '쉼표, "따옴표"\n둘째 줄', "output": "=1+1"},
    {"instruction": "<script>alert(1)</script>", "input": "@입력", "output": "첫째 줄\r\n둘째 줄, 끝"},
    {"instruction": "셋째", "output": "'=작은따옴표"},
]
RECIPE = """[recipe]
name = "people"
language = "ko"

[[step]]
seeds = "instruct-data"
name = "rows"
path = "rows.jsonl"
format = "alpaca"
"""
REVIEWED = """
[[step]]
filter = "reviewed"
decisions = "reviewed-rows.jsonl"
undecided = "drop"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A run with three rows, and two files of answers to them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    for name in ("a", "b"):
        answers = [{"instruction": row["instruction"], "output": f"<b>{name}</b> {row['output']}"} for row in ROWS]
        (tmp_path / f"{name}.json").write_text(json.dumps(answers), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    seodang("run", "recipe.toml", "--run-dir", "run", "--quiet")
    return tmp_path


def seodang(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == code


class Page:
    """The page of a command, as a browser asks it."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address)

    def call(self, verb: str, sent: object, **headers: str) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.address.netloc, timeout=20)
        own = {"Origin": f"http://{self.address.netloc}", "Host": self.address.netloc}
        connection.request("POST", self.address.path + verb, json.dumps(sent), own | headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, json.loads(body or b"{}")

    def told(self, verb: str, sent: object) -> dict:
        status, told = self.call(verb, sent)
        assert status == 200, told
        return told


@contextlib.contextmanager
def shown(*arguments: str) -> Iterator[Page]:
    """The command in a process of its own, killed at the end as a power cut would."""
    command = [sys.executable, "-m", "seodang", *arguments, "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert process.stderr is not None
        said = ""
        while not (found := re.search(r"The page is at (http://127\.0\.0\.1:\d+/[\w-]{32}/)\.", said)):
            line = process.stderr.readline()
            assert line, f"no page: {said}"
            said += line
        yield Page(found[1])
    finally:
        process.kill()
        process.communicate()


def test_rows_are_reviewed_over_two_kills_and_the_step_does_as_people_said(place):
    with shown("review", "run", "rows") as page:
        first = page.told("begin", None)
        assert first["row"]["question"] == ROWS[0]["instruction"] and first["total"] == 3
        page.told("decide", {"place": 0, "decision": "edit", "answer": "둘, <b>고침</b>\n끝"})
    with shown("review", "run", "rows") as page:
        second = page.told("begin", None)
        assert second["place"] == 1 and second["decided"] == 1 and second["row"]["question"] == "<script>alert(1)</script>"
        for wrong in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            assert page.call("decide", {"place": 1, "decision": "drop"}, **wrong)[0] == 403
        page.told("decide", {"place": 1, "decision": "keep"})
    (place / "recipe.toml").write_text(RECIPE + REVIEWED, encoding="utf-8")
    seodang("run", "recipe.toml", "--run-dir", "run", "--quiet")
    assert [row["messages"][1]["text"] for row in rows(place)] == ["둘, <b>고침</b>\n끝", "첫째 줄\r\n둘째 줄, 끝"]


def test_two_people_compare_over_a_kill_and_agree(place, capsys):
    command = ("bench", "ab", "a.json", "b.json", "--votes", "votes.jsonl")
    with shown(*command) as page:
        vote(page, "가나", page.told("begin", {"rater": "가나"}), "a")
        assert page.call("vote", {"rater": "가나", "item": "none", "vote": "left"})[0] == 400
    with shown(*command) as page:
        told = page.told("begin", {"rater": "가나"})
        assert (told["voted"], told["total"]) == (1, 3), "goes on behind the last vote"
        for rater in ("가나", "다라"):
            told = page.told("begin", {"rater": rater})
            while told["item"]:
                told = vote(page, rater, told, "a")
        status, _ = page.call("vote", {"rater": "x", "item": "a-0", "vote": "left"}, Origin="http://evil.example")
        assert status == 403
    capsys.readouterr()
    seodang(*command, "--figures", "--json")
    figures = json.loads(capsys.readouterr().out)
    assert figures["raters"] == {"가나": 3, "다라": 3} and figures["items"] == 3
    assert (figures["wins_a"], figures["wins_b"], figures["share"], figures["agreement"]) == (6, 0, 1.0, 1.0)
    seodang("bench", "ab", "b.json", "a.json", "--votes", "votes.jsonl", "--figures", code=4)
    assert "has votes on a.json, b.json, and these are b.json, a.json" in capsys.readouterr().err


def vote(page: Page, rater: str, told: dict, better: str) -> dict:
    side = "left" if told["item"]["left"].startswith(f"<b>{better}</b>") else "right"
    return page.told("vote", {"rater": rater, "item": told["item"]["id"], "vote": side})


def test_a_sheet_goes_out_and_back_by_command(place, capsys):
    seodang("review", "run", "rows", "--csv", "rows.csv")
    seodang("review", "run", "rows", "--from-csv", "rows.csv")
    assert capsys.readouterr().out.endswith("0 decisions read into reviewed-rows.jsonl.\n")
    text = (place / "rows.csv").read_bytes().decode("utf-8-sig")
    assert "'=1+1" in text and "'@입력" in text and "\r\n" in text
    filled = text.replace("둘째 줄, 끝", "고쳤다, 끝").replace(",,셋째", ",drop,셋째")
    (place / "rows.csv").write_text(filled, encoding="utf-8-sig", newline="")
    seodang("review", "run", "rows", "--from-csv", "rows.csv")
    (place / "recipe.toml").write_text(RECIPE + REVIEWED.replace("drop", "keep"), encoding="utf-8")
    seodang("run", "recipe.toml", "--run-dir", "run", "--quiet")
    assert [(row["messages"][1]["text"], row.get("input", "")) for row in rows(place)] == [
        ("=1+1", ""), ("첫째 줄\n고쳤다, 끝", "@입력"),
    ]  # fmt: skip
    (place / "rows.csv").write_bytes(filled.encode("cp949"))
    seodang("review", "run", "rows", "--from-csv", "rows.csv", code=4)
    assert "rows.csv:2: this line of the sheet cannot be read (encoding, CP949)." in capsys.readouterr().err


def rows(place) -> list[dict]:
    (folder,) = place.glob("run/*-filter-reviewed")
    return [json.loads(line) for line in (folder / "part-00000.jsonl").read_text(encoding="utf-8").splitlines()]
