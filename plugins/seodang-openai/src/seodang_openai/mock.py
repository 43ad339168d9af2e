"""A fake of the vendor on loopback: the real wire format, scripted failures, and a count of what was paid.

Answers are a function of the prompt, failures of (seed, prompt, attempt): every client that asks the same meets the same.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction, Received, RunningServer, wire_server

from seodang_openai.mock_answers import Answers, Said
from seodang_openai.mock_batches import MockBatches
from seodang_openai.mock_faults import FAULTS, SPOILED, TURNED_AWAY
from seodang_openai.mock_limits import MockLimits
from seodang_openai.mock_moderation import decode_moderated, moderated
from seodang_openai.mock_schema import filled
from seodang_openai.mock_wire import Asked, completion, decode_asked, encode, error, tokens

DEFAULT_CHARACTERS = 240
NO_LATENCY = Latency()
NO_FAULTS = Faults()
_SENTENCES = (
    "서당에서는 아이들이 훈장님 앞에 둘러앉아 천자문을 소리 내어 읽었습니다.",
    "질문에 답하려면 먼저 무엇을 묻는지 또박또박 새겨 보아야 합니다.",
    "아침 안개가 걷히자 들판 너머로 낮은 기와지붕이 하나둘 드러났습니다.",
    "재료를 고르게 썰어 센 불에 빠르게 볶으면 식감이 살아납니다.",
    "표를 만들 때는 열의 이름을 짧게 쓰고 단위를 함께 적는 것이 좋습니다.",
    "이 방법은 간단하지만 자료가 많아지면 시간이 오래 걸린다는 한계가 있습니다.",
    "두 사람은 서로의 이야기를 끝까지 들은 뒤에야 천천히 입을 열었습니다.",
    "물은 섭씨 백 도에서 끓지만 높은 산에서는 그보다 낮은 온도에서 끓습니다.",
)


def prompt_key(received: Received) -> str:
    """What tells prompts apart in the counts: model and messages, not the parameters. Nothing for what is not counted."""
    if received.method != "POST":
        return ""
    if received.path.startswith(("/v1/files", "/v1/batches")):
        return received.path.split("/")[2]
    if received.path.startswith("/v1/moderations"):
        return "moderation-" + hashlib.blake2b(received.body, digest_size=8).hexdigest()
    try:
        asked = decode_asked(received.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "unreadable"
    return key_of_prompt(asked.prompt, asked.model)


def key_of_prompt(prompt: str, model: str) -> str:
    """The name of a prompt in the counts, for tests that ask what one prompt has cost."""
    return hashlib.blake2b(f"{model}\0{prompt}".encode(), digest_size=8).hexdigest()


def answer_to(prompt: str, characters: int = DEFAULT_CHARACTERS) -> str:
    """The answer to a prompt: names it by its hash, so that every row of a run can be checked against its question."""
    digest = hashlib.blake2b(prompt.encode(), digest_size=16)
    parts = [f"[{digest.hexdigest()[:12]}]"]
    length = len(parts[0])
    for byte in digest.digest() * (characters // 30 + 1):
        if length >= characters:
            break
        parts.append(_SENTENCES[byte % len(_SENTENCES)])
        length += len(parts[-1]) + 1
    return " ".join(parts)[:characters]


class MockOpenAI:
    """The handler of the server. `retry_after` is what a 429 asks for, in seconds; `key`, when given, is the only one let in.

    `answers` says what is answered in which form: `Answers`, a file of them, the name of an installed recipe, or a list of rules.
    Where none fits, a JSON Schema in the request is filled, and else `answer` is asked.
    """

    def __init__(
        self,
        *,
        latency: Latency = NO_LATENCY,
        faults: Faults = NO_FAULTS,
        characters: int = DEFAULT_CHARACTERS,
        retry_after: float = 1.0,
        models: Sequence[str] = (),
        key: str = "",
        answer: Callable[[str], str] | None = None,
        answers: Answers | Path | str | Sequence[Mapping[str, Any]] = (),
        limits: MockLimits | None = None,
        batch_seconds: float = 0.5,
        batch_fates: Sequence[str] = (),
        enqueued_tokens: int = 0,
    ) -> None:
        """A batch takes `batch_seconds` instead of a day; `batch_fates` says what becomes of the first, the second …, and
        `enqueued_tokens` how many may wait at once (0: any number)."""
        unknown = faults.kinds - FAULTS.keys()
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}; known are {', '.join(FAULTS)}")
        self.latency = latency
        self.faults = faults
        self.retry_after = retry_after
        self.models = tuple(models)
        self.key = key
        self._answer = answer or (lambda prompt: answer_to(prompt, characters))
        self._answers = _answers(answers)
        self._limits = limits
        self._batches = MockBatches(
            self._answer_alone, _key_of_body, seconds=batch_seconds, fates=batch_fates, most_enqueued=enqueued_tokens
        )

    def due(self) -> Sequence[tuple[str, Mapping[str, int]]]:
        """What batches have cost since this was last asked."""
        return self._batches.due()

    def __call__(self, received: Received) -> Reaction:
        path = received.path.partition("?")[0]
        if path == "/v1/models" and received.method == "GET":
            listed = [{"id": model, "object": "model", "owned_by": "seodang"} for model in self.models or ("mock",)]
            return Reaction(body=encode({"object": "list", "data": listed}))
        if self.key and received.headers.get("authorization") != f"Bearer {self.key}":
            return error(401, "Incorrect API key provided.", code="invalid_api_key")
        if path == "/v1/moderations" and received.method == "POST":
            return self._moderate(received)
        if path.startswith(("/v1/files", "/v1/batches")):
            return self._hand_in(received) if received.method == "POST" else self._batches.react(received)
        if path != "/v1/chat/completions" or received.method != "POST":
            return error(404, f"Unknown request URL: {received.method} {path}.", code="unknown_url")
        try:
            asked = decode_asked(received.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            return error(400, f"We could not parse the JSON body of your request: {problem}")
        if self.models and asked.model not in self.models:
            return error(
                404, f"The model `{asked.model}` does not exist or you do not have access to it.", code="model_not_found"
            )
        if asked.stream or not asked.messages:
            return error(400, "'messages' must not be empty, and 'stream' is not supported by this mock.")
        return self._react(received, asked)

    def _moderate(self, received: Received) -> Reaction:
        """Free of charge, and as prone to faults as everything else."""
        try:
            asked = decode_moderated(received.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            return error(400, f"We could not parse the JSON body of your request: {problem}")
        fault = self.faults.choose(received.key, received.attempt, "\n".join(asked.texts))
        whole = Reaction(body=moderated(asked), seconds=self.latency.of(self.faults.seed, received.key, received.attempt))
        return FAULTS[fault](self, received, whole) if fault else whole

    def _hand_in(self, received: Received) -> Reaction:
        """An upload, or a batch that is made. A fault comes before that, or after it with nobody told."""
        fault = self.faults.choose(received.key, received.attempt, received.key)
        seconds = self.latency.of(self.faults.seed, received.key, received.attempt)
        if fault in TURNED_AWAY:
            return FAULTS[fault](self, received, Reaction(seconds=seconds))
        whole = msgspec.structs.replace(self._batches.react(received), seconds=seconds)
        return FAULTS[fault](self, received, whole) if fault in SPOILED else whole

    def _answer_alone(self, key: str, attempt: int, body: bytes) -> Reaction:
        """A line of a batch: it knows no limits by the minute."""
        received = Received(method="POST", path="/v1/chat/completions", headers={}, body=body, key=key, attempt=attempt)
        asked = decode_asked(body)
        fault = self.faults.choose(key, attempt, asked.prompt)
        whole = self._completion(asked)
        return FAULTS[fault](self, received, whole) if fault else whole

    def _react(self, received: Received, asked: Asked) -> Reaction:
        most = asked.max_completion_tokens or asked.max_tokens or 0
        if self._limits is not None and (refusal := self._limits.refusal(tokens(asked.prompt) + most)) is not None:
            return refusal
        fault = self.faults.choose(received.key, received.attempt, asked.prompt)
        seconds = self.latency.of(self.faults.seed, received.key, received.attempt)
        whole = msgspec.structs.replace(self._completion(asked), seconds=seconds)
        reaction = FAULTS[fault](self, received, whole) if fault else whole
        if self._limits is None:
            return reaction
        return msgspec.structs.replace(reaction, headers=(*reaction.headers, *self._limits.headers()))

    def said(self, asked: Asked) -> Said:
        """What is answered, before anything cuts it. A `seed` in the request makes another answer to the same prompt."""
        salt = "" if asked.seed is None else f"\0{asked.seed}"
        said = self._answers.to(asked.prompt, asked.last, salt)
        if said is not None:
            return said
        if asked.schema is not None:
            return Said(encode(filled(asked.schema, asked.prompt + salt)).decode())
        return Said(self._answer(asked.prompt + salt))

    def _completion(self, asked: Asked) -> Reaction:
        said = self.said(asked)
        text, finish = said.text, said.finish
        most = asked.max_completion_tokens or asked.max_tokens
        if most is not None and tokens(text) > most:
            text, finish = text.encode()[: 3 * most].decode(errors="ignore"), "length"
        usage = {"input_tokens": tokens(asked.prompt), "output_tokens": tokens(text)}
        extra: dict[str, Any] = {"reasoning_content": said.thinking} if said.thinking else {}
        if said.call and asked.tools:
            extra["tool_calls"] = [{"id": "call_0", "type": "function", "function": {"name": said.call, "arguments": text}}]
            return completion(asked.model, None, "tool_calls", usage, **extra)
        told = {"content": [{"token": word, "logprob": -len(word) / 10} for word in text.split()]} if asked.logprobs else None
        return completion(asked.model, text, finish, usage, logprobs=told, **extra)


def _key_of_body(body: bytes) -> str:
    asked = decode_asked(body)
    return key_of_prompt(asked.prompt, asked.model)


def _answers(told: Answers | Path | str | Sequence[Mapping[str, Any]]) -> Answers:
    if isinstance(told, Answers):
        return told
    return Answers.read(told) if isinstance(told, (str, Path)) else Answers(told)


@contextlib.contextmanager
def mock_openai(*, payments_file: Path | None = None, port: int = 0, **behaviour: Any) -> Iterator[RunningServer]:
    """Serves for the length of a `with`, in a thread; `server.url + "/v1"` is the base URL. For `behaviour` see `MockOpenAI`."""
    with wire_server(MockOpenAI(**behaviour), key_of=prompt_key, payments_file=payments_file, port=port) as server:
        yield server
