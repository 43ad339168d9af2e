"""Riddles that come with the package, and those of the user's own files."""

import json
import re
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
import seodang


class Riddles(seodang.Seeds):
    """Riddles with their answers. What is not of the wanted level stays away."""

    name = "riddles"
    revision = 2

    class Options(msgspec.Struct, frozen=True, kw_only=True):
        level: Annotated[Literal["all", "easy", "old"], msgspec.Meta(description="Which riddles to read.")] = "all"
        path: Annotated[str, msgspec.Meta(description="Files of your own, instead of ours.", extra=seodang.FILES)] = ""
        secret: Annotated[bool, msgspec.Meta(description="These riddles must not be trained on.")] = False

    @property
    def terms(self):
        return ("secret",) if self.options.secret else ("CC0-1.0",)

    def read(self, context):
        for where, row in self._rows(context):
            if self.options.level not in ("all", row.get("level")):
                continue
            if not isinstance(row.get("riddle"), str):
                context.quarantine(where, "no-riddle", "the row has no 'riddle'", json.dumps(row, ensure_ascii=False))
                continue
            language = "ko" if re.search("[가-힣]", row["riddle"]) else "en"
            tags = {"level": str(row.get("level", ""))}
            yield seodang.single_turn(row["riddle"], row.get("answer", ""), language=language, tags=tags)

    def _rows(self, context):
        if self.options.path:
            for path in context.files("path"):
                for row in context.rows(path):
                    yield row.where, row.values
            return
        own = (files("seodang_riddles") / "riddles.jsonl").read_text(encoding="utf-8")
        for number, line in enumerate(own.splitlines(), start=1):
            yield f"riddles.jsonl:{number}", json.loads(line)
