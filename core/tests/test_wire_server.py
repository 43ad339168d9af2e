"""The server that vendors are faked with: what it says, how it goes wrong, what it counts."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from seodang.testing.wire_faults import Faults, Latency, draw, seconds
from seodang.testing.wire_server import Reaction, Received, wire_server


def said(text: str, **fields) -> Reaction:
    return Reaction(body=json.dumps({"said": text}).encode(), charge={"answers": 1, "characters": len(text)}, **fields)


def parrot(received: Received) -> Reaction:
    return said(received.body.decode())


def post(url: str, text: str = "안녕", timeout: float = 5.0) -> dict:
    with urllib.request.urlopen(urllib.request.Request(url, data=text.encode()), timeout=timeout) as response:
        return json.load(response)


def test_it_answers_and_counts_what_was_paid():
    with wire_server(parrot) as server:
        assert post(server.url, "가나다") == {"said": "가나다"}
        assert post(server.url, "가나다") == {"said": "가나다"}
        assert post(server.url, "라") == {"said": "라"}
        counts = server.counts()
    assert (counts.requests, counts.payments, counts.in_flight) == (3, 3, 0)
    assert counts.charged == {"answers": 3, "characters": 7}
    assert sorted(counts.paid.values()) == sorted(counts.asked.values()) == [1, 2]
    assert counts.statuses == {"200": 3}
    assert server.counts() == counts, "the counts stay readable when the server has stopped"


def test_a_connection_is_kept_and_requests_may_come_in_pieces_or_together():
    with wire_server(parrot) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            request = b"POST / HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\n\r\n"
            for byte in request + b"one":
                connection.sendall(bytes([byte]))
            connection.sendall(request + b"two" + request + b"six")
            received = b""
            while received.count(b"HTTP/1.1 200 OK") < 3 or not received.endswith(b'"six"}'):
                received += connection.recv(4096)
        assert [received.index(word) for word in (b"one", b"two", b"six")] == sorted(
            received.index(word) for word in (b"one", b"two", b"six")
        )
        assert server.counts().payments == 3


def test_an_answer_is_paid_at_the_end_of_its_generation_even_if_the_client_is_gone():
    with wire_server(lambda received: said("late", seconds=0.3)) as server:
        with pytest.raises(TimeoutError):
            post(server.url, timeout=0.1)
        before = server.counts()
        time.sleep(0.4)
        after = server.counts()
    assert (before.payments, before.in_flight) == (0, 1)
    assert (after.payments, after.in_flight) == (1, 0)


def test_latencies_run_side_by_side_and_the_most_in_flight_is_counted():
    with wire_server(lambda received: said("ok", seconds=0.2)) as server, contextlib.ExitStack() as stack:
        began = time.monotonic()
        connections = [stack.enter_context(contextlib.closing(connect(server.url))) for _ in range(8)]
        for number, connection in enumerate(connections):
            connection.request("POST", "/", body=str(number))
        assert [connection.getresponse().read() for connection in connections] == [b'{"said": "ok"}'] * 8
        assert time.monotonic() - began < 1.0
        assert server.counts().most_in_flight == 8


def connect(url: str, timeout: float = 5.0) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=timeout)


@pytest.mark.parametrize(
    ("ending", "error", "paid"),
    [
        ("reset-before", ConnectionResetError, 0),
        ("reset-after", ConnectionResetError, 1),
        ("wrong-length", http.client.IncompleteRead, 1),
        ("hang", TimeoutError, 1),
    ],
)
def test_every_bad_ending_reaches_the_client(ending, error, paid):
    charge = {"answers": 1} if paid else None
    with wire_server(lambda received: Reaction(body=b"x" * 40, charge=charge, ending=ending)) as server:
        with pytest.raises(error), contextlib.closing(connect(server.url, timeout=0.2)) as connection:
            connection.request("POST", "/", body="x")
            connection.getresponse().read()
        assert server.counts().payments == paid


def test_a_drip_comes_byte_by_byte():
    with wire_server(lambda received: Reaction(body=b"x" * 40, ending="drip", drip_seconds=0.4)) as server:
        began = time.monotonic()
        with contextlib.closing(connect(server.url)) as connection:
            connection.request("POST", "/", body="x")
            response = connection.getresponse()
            assert time.monotonic() - began < 0.3
            assert response.read() == b"x" * 40
        assert time.monotonic() - began > 0.38


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", b"413"),
        (b"x" * 70_000, b"400"),
    ],
)
def test_what_it_cannot_read_is_refused_and_not_counted(request_bytes, status):
    with wire_server(parrot) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(request_bytes)
            assert connection.recv(4096).startswith(b"HTTP/1.1 " + status)
        assert server.counts().requests == 0


def test_requests_without_a_key_are_answered_and_not_counted():
    with wire_server(parrot) as server:
        with urllib.request.urlopen(server.url + "/v1/models", timeout=5) as response:
            assert response.status == 200
        with urllib.request.urlopen(server.url + "/_counts", timeout=5) as response:
            assert json.load(response)["requests"] == 0


def test_the_counts_can_be_had_without_those_by_prompt():
    with wire_server(parrot) as server:
        post(server.url, "가")
        with urllib.request.urlopen(server.url + "/_counts?brief", timeout=5) as response:
            brief = json.load(response)
        with urllib.request.urlopen(server.url + "/_counts", timeout=5) as response:
            whole = json.load(response)
    assert (brief["payments"], brief["paid"], brief["asked"]) == (1, {}, {})
    assert list(whole["paid"].values()) == [1]


PROCESS = """
import json, sys
from pathlib import Path
from seodang.testing.wire_server import Reaction, serve
counts = serve(lambda received: Reaction(body=b"{}", seconds=float(received.body), charge={"answers": 1}),
               payments_file=Path(sys.argv[1]), announce=lambda url: print(url, flush=True))
print(json.dumps(counts.charged), flush=True)
"""


def test_as_a_process_it_ends_in_order_and_its_payments_survive_it(tmp_path):
    payments = tmp_path / "payments.jsonl"
    process = subprocess.Popen([sys.executable, "-c", PROCESS, str(payments)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        post(url, "0")
        with contextlib.closing(connect(url)) as connection:
            connection.request("POST", "/", body="0.5")
            while json.load(urllib.request.urlopen(url + "/_counts", timeout=5))["in_flight"] == 0:
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert connection.getresponse().read() == b"{}", "what was in flight is let to end"
        assert json.loads(process.stdout.read()) == {"answers": 2}
    assert process.returncode == 0
    assert [json.loads(line)["answers"] for line in payments.read_text().splitlines()] == [1, 1]
    with pytest.raises(urllib.error.URLError):
        post(url)


def test_faults_are_a_function_of_seed_prompt_and_attempt():
    faults = Faults(seed=7, rates={"429": 0.10, "500": 0.02})
    chosen = [faults.choose(f"prompt {number}", 1) for number in range(5_000)]
    assert chosen == [faults.choose(f"prompt {number}", 1) for number in range(5_000)]
    assert 0.08 < chosen.count("429") / 5_000 < 0.12
    assert 0.012 < chosen.count("500") / 5_000 < 0.028
    assert chosen != [faults.choose(f"prompt {number}", 2) for number in range(5_000)]
    assert chosen != [Faults(seed=8, rates=faults.rates).choose(f"prompt {number}", 1) for number in range(5_000)]
    assert 0 <= draw(1, "가", 1) < 1


def test_a_script_names_the_faults_of_one_prompt_attempt_by_attempt():
    faults = Faults(scripts={"질문 3": ["429", "ok", "500"], "질문 4": ["503", "…"]})
    assert [faults.choose("k", attempt, "이것이 질문 3") for attempt in range(1, 6)] == ["429", "", "500", "", ""]
    assert [faults.choose("k", attempt, "질문 4") for attempt in range(1, 4)] == ["503"] * 3
    assert faults.choose("k", 1, "질문 5") == ""
    assert faults.kinds == {"429", "500", "503"}


def test_shares_over_one_are_refused():
    with pytest.raises(ValueError, match="together at most 1"):
        Faults(rates={"429": 0.7, "500": 0.7})


def test_durations_are_read_as_they_are_written():
    assert [seconds(text) for text in ("200ms", "1.5s", "2", "0")] == [0.2, 1.5, 2.0, 0.0]
    assert Latency.parse("200ms") == Latency(0.2, 0.2)
    between = Latency.parse("100ms-300ms")
    assert all(0.1 <= between.of(1, "가", attempt) < 0.3 for attempt in range(100))
    for wrong in ("fast", "-1s", "3s-1s", "nan"):
        with pytest.raises(ValueError):
            Latency.parse(wrong)
