"""Reviewing by hand: the page, over real HTTP, with what another page or a stranger may try; and the sheet there and back."""

from __future__ import annotations

import http.client
import json
import re

import msgspec
import pytest
from seodang.errors import DataError
from seodang.records import Record, single_turn
from seodang.serving.decisions import Decision, from_csv, read_decisions, row_of, write_csv
from seodang.serving.kept import append
from seodang.serving.page_server import PageServer
from seodang.serving.review import Review

ROWS = [
    single_turn("질문 하나", "답 하나", id="a", input="입력", language="ko"),
    single_turn("<script>alert(1)</script>", "=1+1", id="b", language="ko"),
    single_turn("셋", id="c", language="ko"),
]


@pytest.fixture
def review(tmp_path):
    return Review(ROWS, tmp_path / "reviewed.jsonl")


@pytest.fixture
def server(review):
    with PageServer(review.page("살펴보기 </script>"), review.verbs()) as running:
        yield running


def ask(server, verb="", sent=None, method=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    path = headers.pop("path", server.address.split(str(server.port), 1)[1] + verb)
    told = {"Host": f"127.0.0.1:{server.port}", "Origin": f"http://127.0.0.1:{server.port}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    connection.request(method or ("POST" if verb else "GET"), path, body=None if not verb else json.dumps(sent), headers=told)
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, body, reply.headers


def test_rows_come_one_by_one_and_decisions_are_on_the_disk_before_the_next(server, tmp_path):
    status, body, _ = ask(server, "begin")
    told = json.loads(body)
    assert status == 200 and told["place"] == 0 and told["total"] == 3 and told["row"]["turns"][1] == ["input", "입력"]
    told = json.loads(ask(server, "decide", {"place": 0, "decision": "edit", "answer": "고친 답"})[1])
    assert told["place"] == 1 and told["decided"] == 1
    assert read_decisions(tmp_path / "reviewed.jsonl")["a"].answer == "고친 답"
    told = json.loads(ask(server, "skip", {"place": 1})[1])
    assert told["place"] == 2
    told = json.loads(ask(server, "decide", {"place": 2, "decision": "drop"})[1])
    assert told["place"] == 1, "what was put off comes again"
    told = json.loads(ask(server, "back", {"place": 1})[1])
    assert told["place"] == 0 and told["now"] == "edit" and told["row"]["answer"] == "고친 답"
    told = json.loads(ask(server, "decide", {"place": 1, "decision": "keep"})[1])
    assert told["row"] is None and told["decided"] == 3
    again = Review(ROWS, tmp_path / "reviewed.jsonl")
    assert again.begin(None)["row"] is None, "another day it goes on where it was"


@pytest.mark.parametrize(
    ("verb", "sent", "headers", "status"),
    [
        ("begin", None, {"Host": "evil.example"}, 403),
        ("begin", None, {"Origin": "http://evil.example"}, 403),
        ("begin", None, {"Origin": "null"}, 403),
        ("begin", None, {"path": "/wrong/begin"}, 404),
        ("nothing", None, {}, 403),
        ("", None, {"Host": "evil.example"}, 403),
        ("", None, {"path": "/"}, 404),
        ("decide", {"place": 99, "decision": "keep"}, {}, 400),
        ("decide", {"place": 0, "decision": "burn"}, {}, 400),
        ("decide", [1], {}, 400),
    ],
)
def test_strangers_and_rubbish_change_nothing(server, tmp_path, verb, sent, headers, status):
    got, body, _ = ask(server, verb, sent, **headers)
    assert got == status and not (tmp_path / "reviewed.jsonl").exists()
    assert status != 400 or json.loads(body)["error"]


def test_the_page_runs_nothing_but_itself_and_no_title_ends_its_script(server):
    status, body, headers = ask(server)
    text = body.decode()
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", headers["Content-Security-Policy"])[1]
    assert status == 200 and text.count(f'nonce="{nonce}"') == 3 and "{nonce}" not in text
    assert "살펴보기 &lt;/script&gt;" in text and text.count("</script>") == 2
    assert nonce not in ask(server)[1].decode(), "a new one for every page"
    assert "{decided} of {total}" in text or "{total}개 가운데 {decided}개" in text, "for the page to fill in"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "This could not be written to the disk (No such file or directory), so it does not count. Make room, and say it again.",
        ),
        ("ko", "디스크에 쓰지 못해(No such file or directory) 반영되지 않았습니다. 자리를 마련하고 다시 하세요."),
    ],
)
def test_what_the_disk_does_not_take_is_told_and_does_not_count(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    review = Review(ROWS, tmp_path / "gone" / "reviewed.jsonl")
    with PageServer(review.page("살펴보기"), review.verbs()) as server:
        status, body, _ = ask(server, "decide", {"place": 0, "decision": "keep"})
        assert (status, json.loads(body)) == (500, {"error": said})
        assert json.loads(ask(server, "begin")[1])["decided"] == 0


def test_a_body_without_a_length_or_too_long_is_not_read(server):
    assert ask(server, "decide", None, Content_Length="5000000")[0] == 413
    assert ask(server, "decide", None, Content_Length="a lot")[0] == 413


def test_a_sheet_goes_there_and_back(tmp_path):
    append(tmp_path / "d.jsonl", Decision(id="c", decision="drop", note="답 없음"))
    write_csv(tmp_path / "rows.csv", ROWS, read_decisions(tmp_path / "d.jsonl"))
    text = (tmp_path / "rows.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and "'=1+1" in text.decode("utf-8-sig"), "nothing that a sheet calculates"
    assert from_csv(tmp_path / "rows.csv", ROWS) == [Decision(id="c", decision="drop", note="답 없음", row=row_of(ROWS[2]))]
    filled = text.decode("utf-8-sig").replace("a,,질문 하나", "a,keep,질문 하나").replace("'=1+1", "'=1+2")
    (tmp_path / "rows.csv").write_text(filled, encoding="utf-8-sig")
    found = {decision.id: decision for decision in from_csv(tmp_path / "rows.csv", ROWS)}
    assert found["a"].decision == "keep" and found["b"].decision == "edit" and found["b"].answer == "=1+2"
    assert found["b"].question is None, "what was not changed is not kept twice"


HARD = [
    single_turn('쉼표, "따옴표"; 그리고\n둘째 줄\r\n셋째', "'=1+1", id="quoted", language="ko"),
    single_turn("＝합계(가1)", "-3", id="formula", language="ko", input="@SUM(A1)"),
    single_turn("\t탭으로 시작", "'작은따옴표", id="-1", language="ko"),
    single_turn("긴 글", "가" * 40_000, id="long", language="ko"),
]


def test_whatever_stands_in_a_row_comes_back_as_it_was(tmp_path):
    write_csv(tmp_path / "rows.csv", HARD, {})
    assert from_csv(tmp_path / "rows.csv", HARD) == [], "nobody decided anything, and nothing is taken for an edit"
    text = (tmp_path / "rows.csv").read_bytes().decode("utf-8-sig")
    assert "'＝합계" in text and "'@SUM" in text and ",-3," in text, "a number is no formula"
    cut = text.replace("가" * 40_000, "가" * 32_767)
    (tmp_path / "rows.csv").write_text(cut, encoding="utf-8-sig", newline="")
    assert from_csv(tmp_path / "rows.csv", HARD) == [], "what Excel cut off was not edited away"
    kept = text.replace("quoted,,", "quoted,keep,").replace("'작은따옴표", "'=2+2")
    (tmp_path / "rows.csv").write_text(kept, encoding="utf-8-sig", newline="")
    found = {decision.id: decision for decision in from_csv(tmp_path / "rows.csv", HARD)}
    assert found["quoted"].decision == "keep" and found["-1"].answer == "=2+2" and len(found) == 2


def test_a_decision_is_about_the_texts_that_were_seen(tmp_path):
    """The same question answered by another teacher has the same id."""
    append(tmp_path / "d.jsonl", Decision(id="a", decision="drop", row=row_of(ROWS[0])))
    anew = [single_turn("질문 하나", "다른 답", id="a", input="입력", language="ko"), *ROWS[1:]]
    assert Review(ROWS, tmp_path / "d.jsonl").decided.keys() == {"a"}
    again = Review(anew, tmp_path / "d.jsonl")
    assert not again.decided and again.begin(None)["place"] == 0
    again.decide({"place": 0, "decision": "keep"})
    assert read_decisions(tmp_path / "d.jsonl")["a"] == Decision(id="a", decision="keep", row=row_of(anew[0]))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Save it again as 'CSV UTF-8 (comma delimited)'; any other CSV of Excel loses signs."),
        ("ko", "'CSV UTF-8(쉼표로 분리)' 형식으로 다시 저장하세요. Excel의 다른 CSV 형식은 글자를 잃습니다."),
    ],
)
def test_a_sheet_in_another_encoding_is_told(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    (tmp_path / "rows.csv").write_bytes("id,decision,question\r\na,keep,질문 하나\r\n".encode("cp949"))
    with pytest.raises(DataError) as error:
        from_csv(tmp_path / "rows.csv", ROWS)
    assert "rows.csv:2" in str(error.value) and said in str(error.value)


@pytest.mark.parametrize("rows", ["", "a,b\r\n1,2\r\n", "id,decision\r\nzzz,keep\r\n", "id,decision\r\na,perhaps\r\n"])
def test_a_sheet_that_is_none_is_told(tmp_path, rows):
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8-sig")
    with pytest.raises(DataError, match=r"rows\.csv"):
        from_csv(tmp_path / "rows.csv", ROWS)


def test_an_answer_is_added_where_there_was_none():
    added: Record = Decision(id="c", decision="edit", answer="네").applied(ROWS[2])
    assert added.answer == "네" and msgspec.structs.replace(added, messages=added.messages[:1]) == ROWS[2]
