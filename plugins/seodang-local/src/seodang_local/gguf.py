"""A GGUF file as a teacher and as a student, through xllamacpp (`pip install 'seodang-local[gguf]'`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_local.asked import divided, seed_of, unknown_wishes, whole_characters
from seodang_local.borders import moved
from seodang_local.llamacpp import Engine

ROWS = 32
"""At once, in one batch of llama.cpp."""
STUDENT_TOKENS = 8192
LOOKS_EVERY_SECONDS = 0.2
RANKED = 1000
FORCED = 1e9
"""Added to a token's score it is said for certain; the chance that is told is the one before."""


class GgufAnswers:
    """Answers requests with a GGUF file. llama.cpp batches them by itself. Without a template, the file's own writes them."""

    def __init__(self, path: Path, options: Any, template: seodang.Template | None) -> None:
        self._options = options
        self._template = template
        rows = min(ROWS, options.in_flight)
        self._engine = Engine(path, tokens=options.batch_tokens, rows=rows, threads=options.threads, device=options.device)
        if template is None and not self._engine.has_template:
            raise seodang.DataError("seodang_local:no-chat-template")
        self._pool = ThreadPoolExecutor(rows, thread_name_prefix="seodang-gguf")

    def answer(self, requests: Sequence[seodang.Request], go_on: Callable[[], None]) -> list[seodang.Answer | seodang.Refused]:
        for request in requests:
            unknown_wishes(request)
        under_way = [self._pool.submit(self._answer, request) for request in requests]
        try:
            waiting = set(under_way)
            while waiting:
                go_on()
                done, waiting = wait(waiting, LOOKS_EVERY_SECONDS, FIRST_EXCEPTION)
                for one in done:
                    one.result()
        finally:
            for one in under_way:
                one.cancel()
        return [one.result() for one in under_way]

    def _answer(self, request: seodang.Request) -> seodang.Answer | seodang.Refused:
        options, engine = self._options, self._engine
        try:
            ids = self._ids(request)
        except seodang.Refused as refused:
            return refused
        if len(ids) >= engine.limit:
            return seodang.Refused(f"{len(ids)} tokens, and the model reads {engine.limit}", reason="too-long")
        wishes: dict[str, Any] = {
            # In this order, as for the other kind of model; min_p is llama.cpp's own and is left out.
            "samplers": ["penalties", "temperature", "top_k", "top_p"],
            "temperature": options.temperature if request.temperature is None else request.temperature,
            "top_p": request.extra.get("top_p", options.top_p),
            "top_k": request.extra.get("top_k", options.top_k),
            "repeat_penalty": options.repetition_penalty or 1.0,
            "repeat_last_n": engine.limit,
            "seed": seed_of(request) % 2**32,
            "stop": [text for text in (*options.stop, *request.stop) if text],
        }
        said = engine.complete(ids, min(request.max_tokens or options.max_tokens, engine.limit - len(ids)), **wishes)
        choice, usage = said["choices"][0], said["usage"]
        text = str(choice["text"])
        return seodang.Answer(
            message=divided(whole_characters(text) if choice["finish_reason"] == "length" else text, options.thinking_end),
            finish="length" if choice["finish_reason"] == "length" else "stop",
            usage=seodang.Usage(input_tokens=len(ids), output_tokens=int(usage["completion_tokens"])),
            model=engine.name,
        )

    def _ids(self, request: seodang.Request) -> list[int]:
        if self._template is None:
            return self._engine.chat(request.messages, request.tools, self._options.template_arguments)
        record = seodang.Record(messages=request.messages, tools=request.tools)
        segments = self._template.segments(record)
        if request.tools and segments == self._template.segments(msgspec.structs.replace(record, tools=())):
            raise seodang.DataError("seodang_local:no-tools", template=self._options.template)
        return self._engine.segments(segments)


class GgufModel:
    """A student out of a GGUF file."""

    def __init__(self, path: Path, options: Any, template: seodang.Template | None) -> None:
        self._template = template
        rows = min(options.batch_size, ROWS)
        self._engine = Engine(path, tokens=STUDENT_TOKENS, rows=rows, threads=options.threads, device=options.device)
        self._whole = self._engine.ids("a")[-1]
        self._pool = ThreadPoolExecutor(rows, thread_name_prefix="seodang-gguf")
        self.cut = self.merged = 0

    def generate(self, conversations: Sequence[seodang.Record], max_tokens: int) -> list[str]:
        return list(self._pool.map(lambda record: self._generated(record, max_tokens), conversations))

    def _generated(self, record: seodang.Record, max_tokens: int) -> str:
        engine = self._engine
        if self._template is not None:
            ids = engine.segments(self._template.segments(record))
        else:
            # Not before something is to be answered: who is only scored needs no template.
            if not engine.has_template:
                raise seodang.DataError("seodang_local:no-chat-template")
            ids = engine.chat(seodang.Lesson().request(record).messages, record.tools, {})
        most = min(max_tokens, engine.limit - len(ids))
        return str(engine.complete(ids, most)["choices"][0]["text"]) if most > 0 else ""

    def talk(self, request: seodang.Request, hear: Callable[[str], bool]) -> seodang.Answer:
        """Heard whole, when it is there: llama.cpp is asked for the answer at once."""
        unknown_wishes(request)
        engine = self._engine
        if self._template is None and not engine.has_template:
            raise seodang.DataError("seodang_local:no-chat-template")
        record = seodang.Record(messages=request.messages)
        ids = engine.segments(self._template.segments(record)) if self._template else engine.chat(request.messages, (), {})
        if len(ids) >= engine.limit:
            raise seodang.Refused(f"{len(ids)} tokens, and the model reads {engine.limit}", reason="too-long")
        wishes: dict[str, Any] = {
            "samplers": ["penalties", "temperature", "top_k", "top_p"],
            "temperature": request.temperature or 0.0,
            "top_p": request.extra.get("top_p", 1.0),
            "top_k": request.extra.get("top_k", 0),
            "seed": seed_of(request) % 2**32,
            "stop": list(request.stop),
        }
        most = min(request.max_tokens or engine.limit, engine.limit - len(ids))
        said = engine.complete(ids, most, **wishes)
        choice, cut = said["choices"][0], said["choices"][0]["finish_reason"] == "length"
        text = whole_characters(str(choice["text"])) if cut else str(choice["text"])
        hear(text)
        return seodang.Answer(
            message=seodang.Message("assistant", text),
            finish="length" if cut else "stop",
            usage=seodang.Usage(input_tokens=len(ids), output_tokens=int(said["usage"]["completion_tokens"])),
            model=engine.name,
        )

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The sum over the second text's tokens, by the same rule as for the other kind of model. llama.cpp tells the chance of what it
        says, so each token is made it say: a step for each, of which the text before is read only once."""
        found = list(self._pool.map(self._loglikelihood, pairs))
        self.cut += sum(1 for _, cut, _ in found if cut)
        self.merged += sum(1 for _, _, merged in found if merged)
        return [value for value, _, _ in found]

    @property
    def figures(self) -> dict[str, Any]:
        return {"dtype": "gguf", "reads": self._engine.limit, "cut": self.cut, "merged": self.merged}

    def _loglikelihood(self, pair: tuple[str, str]) -> tuple[float, int, bool]:
        engine = self._engine
        before, after = moved(*pair)
        head = engine.ids(before, first=True) if before else engine.segments([seodang.Segment("eos", special=True)])
        whole = engine.ids(before + after, first=True) if before else [*head, *engine.ids(after)]
        scored = whole[len(head) :]
        if after and not scored:
            raise seodang.DataError("seodang_local:merged-away", text=after)
        if len(scored) > engine.limit:
            raise seodang.DataError("seodang_local:too-long", tokens=len(scored), limit=engine.limit)
        merged = whole[: len(head)] != head
        # Each step reads everything before the token that it foretells, and says one: that one has to fit in too.
        cut = max(0, len(head) + len(scored) - engine.limit)
        said = head[cut:]
        total = 0.0
        for token in scored:
            # Rounded sums may come out a hair above certain.
            total += min(0.0, self._chance(said, token))
            said = [*said, token]
        return total, cut, merged

    def _chance(self, before: list[int], token: int) -> float:
        said = self._say(before, token, 1)
        if said is not None:
            assert said["id"] == token, "llama.cpp said another token than the one that it was made to say"
            return float(said["logprob"])
        # It keeps a character to itself, and its chance too, until the last byte is there. A whole one is said then, and the chance of
        # this token found among those that might have been: the likely ones first, for all of them are megabytes.
        for most in (RANKED, self._engine.vocabulary):
            said = self._say(before, self._whole, most)
            assert said is not None, "a letter is no part of a character"
            for other in said["top_logprobs"]:
                if other["id"] == token:
                    return float(other["logprob"])
        raise seodang.DataError("seodang_local:not-answered", model=self._engine.name, error=f"token {token} has no chance")

    def _say(self, before: list[int], token: int, most: int) -> dict[str, Any] | None:
        wishes = {"n_probs": most, "logit_bias": [[token, FORCED]], "cache_prompt": True}
        told = self._engine.complete(before, 1, **wishes)["choices"][0]["logprobs"]
        return told["content"][0] if told and told["content"] else None
