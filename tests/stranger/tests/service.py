"""The translation service, as far as our tests need it: it answers, it counts, and at times it is busy."""

import json

from seodang.testing import Reaction, Received


def spelt(text: str) -> str:
    """Each letter of another script as a Latin one: nobody's language, but not the one it came from."""
    return "".join(chr(ord("a") + ord(sign) % 26) if sign.isalpha() and not sign.isascii() else sign for sign in text)


def the_service(received: Received) -> Reaction:
    if received.headers.get("authorization") != "Key a-key":
        return Reaction(status=401, body=b"who are you?")
    asked = json.loads(received.body)
    texts = [f"({asked['to']}) {spelt(text)}" for text in asked["texts"]]
    letters = sum(map(len, asked["texts"]))
    return Reaction(body=json.dumps({"texts": texts}).encode(), charge={"letters": letters})


def the_busy_service(received: Received) -> Reaction:
    """Asks for patience the first time it sees a request."""
    if received.attempt == 1:
        return Reaction(status=429, headers=(("retry-after", "0"),), body=b"busy")
    return the_service(received)
