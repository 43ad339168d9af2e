"""A fake of DeepL on loopback: the real wire format, its real limits, and a count of the characters that are billed.

It is stricter than the vendor's own mock: 50 texts and 131,072 bytes are the most, XML is parsed, a field that is unknown is an
error. Translations are a function of the text, failures of (seed, request, attempt), damages of (seed, text).
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Reaction, Received, RunningServer, wire_server

from seodang_deepl.languages import LANGUAGES, base
from seodang_deepl.mock_damage import Damager
from seodang_deepl.mock_faults import FAULTS
from seodang_deepl.mock_glossaries import MockGlossaries
from seodang_deepl.mock_wire import MOST_BODY_BYTES, Asked, decode_asked, encode, error, objection
from seodang_deepl.mock_words import Manner, NotXml, translated

NO_LATENCY = Latency()
NO_FAULTS = Faults()
NO_QUOTA = 1_000_000_000_000
"""What the service says of an account without a limit."""
REMEMBERED = 10_000


def request_key(received: Received) -> str:
    """What tells requests to translate apart. Nothing for the others, which are not counted."""
    if received.method != "POST" or received.path != "/v2/translate":
        return ""
    return hashlib.blake2b(received.body, digest_size=8).hexdigest()


def key_of_text(text: str, target: str = "ko") -> str:
    """The name of a text in the counts, for tests that ask how often one was billed."""
    return hashlib.blake2b(f"{base(target)}\0{text}".encode(), digest_size=8).hexdigest()


def translation_of(text: str, target: str = "KO", *, xml: bool = True, told: Sequence[str] = ()) -> str:
    """What the mock makes of a text when it behaves."""
    return translated(text, Manner(target, told, ignored=("x",)), xml=xml)


class MockDeepL:
    """The handler of the server. `retry_after` is what a 429 asks for, in seconds; `key`, when given, is the only one let in.

    Texts are billed one by one, when their request ends, whether the client is still there or not: `due` says so to the server.
    """

    def __init__(
        self,
        *,
        latency: Latency = NO_LATENCY,
        faults: Faults = NO_FAULTS,
        damages: Mapping[str, float] | None = None,
        retry_after: float = 1.0,
        key: str = "",
        quota: int = NO_QUOTA,
        used: int = 0,
    ) -> None:
        unknown = faults.kinds - FAULTS.keys()
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}; known are {', '.join(FAULTS)}")
        self.latency = latency
        self.faults = faults
        self.retry_after = retry_after
        self.key = key
        self.quota = quota
        self.used = used
        self.damager = Damager(faults.seed, damages or {})
        self.glossaries = MockGlossaries()
        self.asked: deque[Asked] = deque(maxlen=REMEMBERED)
        """The last requests that were understood, for tests that ask what was sent."""
        self.largest_body = 0
        self._bills: deque[tuple[float, str, int]] = deque()

    def due(self) -> Sequence[tuple[str, Mapping[str, int]]]:
        """The texts whose requests have ended since this was last asked."""
        now = time.monotonic()
        ended = [bill for bill in self._bills if bill[0] <= now]
        self._bills = deque(bill for bill in self._bills if bill[0] > now)
        return [(key, {"characters": characters}) for _, key, characters in ended]

    def __call__(self, received: Received) -> Reaction:
        path = received.path.partition("?")[0]
        said = received.headers.get("authorization", "").removeprefix("DeepL-Auth-Key ")
        if not said or said == "invalid" or (self.key and said != self.key):
            return error(403, "Wrong endpoint or key.")
        if path == "/v2/usage":
            return Reaction(body=encode({"character_count": self.used, "character_limit": self.quota}))
        if path == "/v2/languages":
            return Reaction(body=encode([{"language": code.upper(), "name": code} for code in LANGUAGES]))
        if path.startswith("/v3/glossaries"):
            return self.glossaries.react(received)
        if path != "/v2/translate" or received.method != "POST":
            return error(404, "Not found")
        return self._translate(received)

    def _translate(self, received: Received) -> Reaction:
        self.largest_body = max(self.largest_body, len(received.body))
        if len(received.body) > MOST_BODY_BYTES:
            return error(413, "Request size exceeds maximum.")
        try:
            asked = decode_asked(received.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            return error(400, f"Bad request. Reason: {problem}")
        self.asked.append(asked)
        terms = self.glossaries.terms(asked.glossaries, (base(asked.source_lang), asked.target)) if asked.glossaries else {}
        refused = objection(asked) or (terms if isinstance(terms, str) else "")
        if refused:
            return error(400, refused)
        seconds = self.latency.of(self.faults.seed, received.key, received.attempt)
        fault = self.faults.choose(received.key, received.attempt, "\n".join(asked.text))
        if fault and FAULTS[fault].before:
            return FAULTS[fault].react(self, Reaction(seconds=0.0))
        characters = sum(map(len, asked.text))
        if self.used + characters > self.quota:
            return error(456, "Quota for this billing period has been exceeded.")
        whole = self._whole(asked, terms if isinstance(terms, Mapping) else {}, seconds)
        return FAULTS[fault].react(self, whole) if fault else whole

    def _whole(self, asked: Asked, terms: Mapping[str, str], seconds: float) -> Reaction:
        manner = Manner(asked.target_lang, asked.custom_instructions, terms, asked.ignore_tags)
        found = []
        try:
            for text in asked.text:
                translation = translated(text, manner, xml=asked.tag_handling == "xml")
                found.append(self.damager.spoilt(text, translation))
        except NotXml as problem:
            return error(400, f"Tag handling parsing failed, please check input: {problem}")
        self._bill(asked, seconds)
        told = [
            {
                "text": translation,
                "detected_source_language": asked.source_lang.upper() or "EN",
                "model_type_used": asked.model_type or "quality_optimized",
                **({"billed_characters": len(text)} if asked.show_billed_characters else {}),
            }
            for text, translation in zip(asked.text, found, strict=True)
        ]
        return Reaction(body=encode({"translations": told}), seconds=seconds)

    def _bill(self, asked: Asked, seconds: float) -> None:
        """Unicode code points of what was sent, whatever language it is in. The context is free."""
        end = time.monotonic() + seconds
        self._bills += [(end, key_of_text(text, asked.target_lang), len(text)) for text in asked.text if text]
        self.used += sum(map(len, asked.text))

    def damage_counts(self) -> dict[str, int]:
        return dict(sorted(Counter(kind for kind, _, _ in self.damager.done).items()))


@contextlib.contextmanager
def mock_deepl(
    *, payments_file: Path | None = None, port: int = 0, **behaviour: Any
) -> Iterator[tuple[RunningServer, MockDeepL]]:
    """Serves for the length of a `with`, in a thread; `server.url` is the server's URL. For `behaviour` see `MockDeepL`."""
    mock = MockDeepL(**behaviour)
    with wire_server(mock, key_of=request_key, payments_file=payments_file, port=port) as server:
        yield server, mock
