"""A translator behind a small service of its own kind: JSON lists over HTTP, a key, its own price."""

import json
import urllib.error
import urllib.request
from typing import Annotated

import msgspec
import seodang

HOST = "translate.riddles.example"


class Postbox(seodang.Translator):
    """Posts texts and gets them back translated. The service leaves code and placeholders alone."""

    name = "postbox"
    revision = 1
    max_texts = 20
    max_bytes = 16_000

    class Options(seodang.Translator.Options, frozen=True, kw_only=True):
        base_url: Annotated[str, msgspec.Meta(description="Where the service is.", extra=seodang.CONDUCT)] = f"https://{HOST}"
        api_key: Annotated[str, msgspec.Meta(description="Where the key is.", extra=seodang.CONDUCT)] = "env:RIDDLES_KEY"
        polite: Annotated[bool, msgspec.Meta(description="Ask for the polite form.")] = True

    @property
    def network(self):
        return (self.options.base_url.split("//")[1].split("/")[0],)

    @property
    def secrets(self):
        return (self.options.api_key,)

    def price(self):
        return seodang.Price(currency="EUR", input_micro_per_million=20_000_000)

    def translate(self, texts, context):
        if not texts:
            return []
        asked = {
            "from": context.source_language,
            "to": context.language,
            "polite": self.options.polite,
            "texts": [text.text for text in texts],
        }
        request = urllib.request.Request(
            f"{self.options.base_url}/translate",
            data=json.dumps(asked).encode(),
            headers={"Authorization": f"Key {context.secret(self.options.api_key)}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                said = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise _explained(error) from error
        return [seodang.Translation(text, billed=len(asked.text)) for text, asked in zip(said["texts"], texts, strict=True)]


def _explained(error):
    """The service's refusals in the words that seodang understands."""
    with error:
        detail = error.read().decode(errors="replace")
    if error.code == 429:
        wait = float(error.headers.get("Retry-After") or 0)
        return seodang.Transient(detail, retry_after=wait, throttled=True, status=429)
    if error.code == 402:
        return seodang.Exhausted(detail, status=402)
    if error.code in (401, 403):
        return seodang.Unauthorized(detail, status=error.code)
    if error.code >= 500:
        return seodang.Transient(detail, status=error.code)
    return seodang.Refused(detail, status=error.code)
