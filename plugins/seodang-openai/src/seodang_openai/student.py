"""A student behind a server whose completions tell the log-probabilities of the prompt itself (vLLM and its like): `echo`, `logprobs`."""

from __future__ import annotations

import json
import math
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import msgspec
import seodang

from seodang_openai.address import Address
from seodang_openai.endpoint import Conduct, described

TRIES = 4
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_DETAIL = 300


class ServedStudent(seodang.Student):
    """A model that a server holds: scored by its completions (`echo` with `logprobs`), talked to by its chat completions, greedily.

    A likelihood follows the rule of lm-evaluation-harness: the prompt is scored from as many tokens on as its first text has alone,
    which the server is asked for too. What is longer than the model reads is refused by the server, and that is told: only a model
    on this machine is cut. OpenAI's own models do not tell the log-probabilities of a prompt.
    """

    name = "openai"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, described("The model's name at the server.", min_length=1)]
        base_url: Annotated[str, described("Where the server is, up to and with /v1."), Conduct]
        endpoint: Annotated[str, described("Your name for what the server holds. Another one is measured anew.")] = ""
        api_key: Annotated[str, described("Where the key is, as in 'env:MY_KEY'. Loopback needs none."), Conduct] = ""
        batch: Annotated[int, described("Prompts in one request.", ge=1, le=256), Conduct] = 16
        in_flight: Annotated[int, described("Requests under way at once.", ge=1, le=256), Conduct] = 4
        timeout_seconds: Annotated[float, described("How long one request may take.", gt=0), Conduct] = 600.0

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._address = Address(self.options.base_url)
        self._key = ""
        self._merged = 0
        if self._address.vendor:
            raise seodang.SeodangError("seodang_openai:no-prompt-logprobs", model=self.options.model)
        if self.options.api_key and not self.options.api_key.startswith("env:"):
            raise seodang.SeodangError("seodang_openai:literal-key")  # and the key is not repeated in the message
        if self.options.api_key == "env:OPENAI_API_KEY":
            raise seodang.SeodangError("seodang_openai:foreign-key", host=self._address.host)

    @property
    def network(self) -> Sequence[str]:
        return (self._address.host,)

    @property
    def secrets(self) -> Sequence[str]:
        return (self.options.api_key,) if self.options.api_key else ()

    @property
    def identity(self) -> str:
        """The endpoint's name, which is the recipe's word for it: a server does not tell which weights it holds."""
        return f"{self.options.endpoint}/{self.options.model}" if self.options.endpoint else ""

    @property
    def figures(self) -> Mapping[str, Any]:
        return {"dtype": "served", "cut": 0, "merged": self._merged}

    def open(self, context: seodang.Context) -> None:
        self._key = context.secret(self.options.api_key) if self.options.api_key else ""

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        parted = []
        for before, after in pairs:
            kept = before.rstrip()
            parted.append((kept, before[len(kept) :] + after))
        texts = list(dict.fromkeys(text for before, after in parted for text in (before, before + after) if text))
        groups = [texts[start : start + self.options.batch] for start in range(0, len(texts), self.options.batch)]
        with ThreadPoolExecutor(self.options.in_flight, thread_name_prefix="seodang-served") as pool:
            scored = dict(zip(texts, (one for group in pool.map(self._scored, groups) for one in group), strict=True))
        return [self._sum(scored, before, before + after) for before, after in parted]

    def _sum(self, scored: Mapping[str, list[tuple[str, float | None]]], before: str, whole: str) -> float:
        if not whole:
            return 0.0
        head = scored[before] if before else []
        if before == whole:
            return 0.0
        # Without a first text the first token has no chance told: it is what everything begins with.
        tokens = scored[whole]
        self._merged += [token for token, _ in tokens[: len(head)]] != [token for token, _ in head]
        return sum(math.nan if value is None else value for _, value in tokens[max(len(head), 0 if before else 1) :])

    def _scored(self, texts: Sequence[str]) -> list[list[tuple[str, float | None]]]:
        """Each text's tokens with their log-probabilities. One token more is said, because some servers say none at all otherwise."""
        body = {
            "model": self.options.model,
            "prompt": list(texts),
            "max_tokens": 1,
            "temperature": 0,
            "echo": True,
            "logprobs": 1,
        }
        said = self._post("/completions", body)
        found: list[list[tuple[str, float | None]]] = [[] for _ in texts]
        try:
            for choice in said["choices"]:
                told = choice["logprobs"]
                both = list(zip(told["tokens"], told["token_logprobs"], strict=True))[:-1]
                found[int(choice["index"])] = [
                    (str(token), None if value is None else min(0.0, float(value))) for token, value in both
                ]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise self._no_logprobs() from error
        if not all(found) or any("".join(token for token, _ in one) == "" for one in found):
            raise self._no_logprobs()
        return found

    def _no_logprobs(self) -> seodang.DataError:
        return seodang.DataError("seodang_openai:no-echo", host=self._address.host, model=self.options.model)

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> Sequence[str]:
        def answer(record: seodang.Record) -> str:
            messages = [{"role": turn.role, "content": turn.text} for turn in seodang.Lesson().request(record).messages]
            body = {"model": self.options.model, "messages": messages, "max_tokens": max_tokens, "temperature": 0}
            try:
                return str(self._post("/chat/completions", body)["choices"][0]["message"]["content"] or "")
            except (KeyError, TypeError, IndexError) as error:
                raise seodang.DataError("seodang_openai:not-answered", host=self._address.host, error="no choice") from error

        with ThreadPoolExecutor(self.options.in_flight, thread_name_prefix="seodang-served") as pool:
            return list(pool.map(answer, conversations))

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        """A few tries, with pauses that double; what remains is told."""
        if os.environ.get("SEODANG_OFFLINE") == "1" and not self._address.loopback:
            raise seodang.SeodangError("seodang_openai:offline", host=self._address.host)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        request = urllib.request.Request(self._address.url + path, json.dumps(body).encode(), headers)
        # Loopback has no business with a proxy of the environment.
        handlers = [urllib.request.ProxyHandler({})] if self._address.loopback else []
        opener = urllib.request.build_opener(*handlers)
        for attempt in range(1, TRIES + 1):
            try:
                with opener.open(request, timeout=self.options.timeout_seconds) as answer:
                    return json.loads(answer.read())
            except urllib.error.HTTPError as error:
                detail = f"{error.code} {error.read().decode(errors='replace')[:_LONGEST_DETAIL]}"
                if error.code not in RETRIED or attempt == TRIES:
                    raise self._failed(detail) from None
            except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError) as error:
                if attempt == TRIES:
                    raise self._failed(str(error)) from None
            time.sleep(0.25 * 2**attempt)
        raise AssertionError("the last try returns or raises")

    def _failed(self, detail: str) -> seodang.DataError:
        shown = detail.replace(self._key, "…") if self._key else detail
        return seodang.DataError("seodang_openai:not-answered", host=self._address.host, error=" ".join(shown.split()))
