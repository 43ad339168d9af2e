"""A teacher that is a program, but answers like one behind a wire: in bytes, which are read later."""

import json
from typing import Annotated

import msgspec
import seodang


class Sphinx(seodang.Teacher):
    """Makes a riddle of its own out of the one it is told. Charges a cent a thousand letters, to see that it is paid."""

    name = "sphinx"
    revision = 1

    class Options(seodang.Teacher.Options, frozen=True, kw_only=True):
        city: Annotated[str, msgspec.Meta(description="Where the sphinx sits; another one asks differently.")] = "Thebes"
        patience: Annotated[int, msgspec.Meta(ge=1, description="Answers of more letters are cut.")] = 400

    @property
    def identity(self):
        return f"sphinx of {self.options.city}"

    def price(self):
        return seodang.Price(currency="EUR", input_micro_per_million=10_000_000, output_micro_per_million=10_000_000)

    def most_tokens(self, request):
        return sum(len(message.text) for message in request.messages), self.options.patience

    async def answer(self, request, context):
        told = request.messages[-1].text
        said = f"In {self.options.city} they ask: {told[::-1]}"
        letters = sum(len(message.text) for message in request.messages)
        body = {"said": said[: self.options.patience], "cut": len(said) > self.options.patience, "letters": letters}
        return seodang.Reply(json.dumps(body).encode())

    def read(self, reply):
        body = json.loads(reply.body)
        return seodang.Answer(
            message=seodang.Message("assistant", body["said"]),
            finish="length" if body["cut"] else "stop",
            usage=seodang.Usage(body["letters"], len(body["said"])),
            model=self.identity,
        )
