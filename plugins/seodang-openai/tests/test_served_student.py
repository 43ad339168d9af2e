"""A student behind a server that tells the log-probabilities of the prompt: scored, talked to, and refused where it cannot be."""

import json
import math

import pytest
import seodang
from seodang.testing import StudentContract, make_context, wire_server
from seodang.testing.wire_server import Reaction
from seodang.wording import render
from seodang_openai.student import ServedStudent


def tokens_of(text):
    """A token a sign, but a colon and the blank after it are one."""
    return [sign.replace("\u2236", ": ") for sign in text.replace(": ", "\u2236")]


def chance_of(before, token):
    return -((len(before) * 7 + sum(map(ord, token))) % 13) / 4 - 0.1


def served(received):
    """As vLLM does: every token of the prompt with its log-probability, the first without, and one token that was said."""
    body = json.loads(received.body)
    if received.path.endswith("/chat/completions"):
        return Reaction(body=json.dumps({"choices": [{"message": {"content": body["messages"][-1]["content"][:8]}}]}).encode())
    choices = []
    for index, prompt in enumerate(body["prompt"]):
        tokens = [*tokens_of(prompt), "!"]
        values = [None if place == 0 else chance_of(tokens[:place], token) for place, token in enumerate(tokens)]
        choices.append({"index": index, "logprobs": {"tokens": tokens, "token_logprobs": values}})
    return Reaction(body=json.dumps({"choices": list(reversed(choices))}).encode())


def opened(url, tmp_path, **options):
    student = ServedStudent(ServedStudent.Options(model="mine", base_url=f"{url}/v1", **options))
    student.open(make_context(tmp_path, options=student.options))
    return student


def told(error):
    return [render(error.value.code, error.value.facts, language) for language in ("en", "ko")]


class TestServedStudent(StudentContract):
    student = ServedStudent

    @pytest.fixture
    def raw_options(self):
        with wire_server(served) as server:
            yield {"model": "mine", "base_url": f"{server.url}/v1"}


def test_what_comes_after_the_first_text_s_own_tokens_is_scored(tmp_path):
    with wire_server(served) as server:
        student = opened(server.url, tmp_path, batch=2, in_flight=2)
        found = student.loglikelihoods([("서당", " 글"), ("서당 ", "글"), ("답:", " 예"), ("서당", "")])
        requests = server.counts().requests
    expected = sum(chance_of("서당 글"[:place], "서당 글"[place]) for place in (2, 3))
    # The colon with its blank is one token, and the first text has two of its own: only the last sign is left.
    assert found == pytest.approx([expected, expected, chance_of(["답", ": "], "예"), 0.0])
    assert student.figures == {"dtype": "served", "cut": 0, "merged": 1}
    assert requests == 2, "four different texts, two in a request"


def test_a_server_that_tells_nothing_is_told(tmp_path):
    silent = Reaction(body=json.dumps({"choices": [{"index": 0, "text": "a", "logprobs": None}]}).encode())
    with wire_server(lambda received: silent) as server, pytest.raises(seodang.DataError) as error:
        opened(server.url, tmp_path).loglikelihoods([("a", "b")])
    host = server.url.removeprefix("http://")
    assert told(error) == [
        f"{host} does not tell the log-probabilities of a prompt for 'mine': its completions have to know echo and logprobs, as vLLM's do. "
        'Score the model on this machine instead (use = "local").',
        f"{host} 서버가 'mine' 모델의 프롬프트 로그 확률을 알려 주지 않습니다. vLLM처럼 completions에서 echo와 logprobs를 지원해야 합니다. "
        '아니면 이 컴퓨터에서 채점하세요(use = "local").',
    ]


def test_a_refusal_is_told_and_a_busy_server_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr("seodang_openai.student.time.sleep", lambda seconds: None)
    monkeypatch.setenv("SERVER_KEY", "secret-of-ours")
    answers = iter([Reaction(status=503), Reaction(status=400, body=b'{"error": "4,100 tokens, secret-of-ours"}')])
    with wire_server(lambda received: next(answers)) as server, pytest.raises(seodang.DataError) as error:
        opened(server.url, tmp_path, api_key="env:SERVER_KEY").loglikelihoods([("a", "b")])
    host = server.url.removeprefix("http://")
    assert told(error) == [
        f'{host} did not answer as it should: 400 {{"error": "4,100 tokens, …"}}',
        f'{host} 서버가 제대로 답하지 않았습니다: 400 {{"error": "4,100 tokens, …"}}',
    ]


def test_the_vendor_tells_no_such_thing():
    with pytest.raises(seodang.SeodangError) as error:
        ServedStudent(ServedStudent.Options(model="gpt-4o", base_url="https://api.openai.com/v1"))
    assert told(error) == [
        "OpenAI does not tell the log-probabilities of a prompt, so 'gpt-4o' cannot be scored there. Name a server that does (vLLM) as "
        "base_url, or score a model on this machine.",
        "OpenAI는 프롬프트의 로그 확률을 알려 주지 않으므로 'gpt-4o' 모델을 채점할 수 없습니다. vLLM처럼 알려 주는 서버를 base_url에 적거나 "
        "이 컴퓨터의 모델을 채점하세요.",
    ]


def test_a_key_is_a_reference_and_the_vendor_s_goes_nowhere_else():
    for key in ("sk-abc", "env:OPENAI_API_KEY"):
        with pytest.raises(seodang.SeodangError):
            ServedStudent(ServedStudent.Options(model="m", base_url="http://127.0.0.1:9/v1", api_key=key))
    named = ServedStudent(ServedStudent.Options(model="m", base_url="http://127.0.0.1:9/v1", endpoint="lab"))
    assert named.identity == "lab/m" and named.network == ("127.0.0.1:9",) and not math.isnan(0.0)
