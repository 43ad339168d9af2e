"""Questions about who the model is, so that a student does not take itself for the model that taught it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import seodang


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the student is to say it is."""

    name: Annotated[str, msgspec.Meta(min_length=1, description="The student's name.")]
    author: Annotated[str, msgspec.Meta(min_length=1, description="Who trained it.")]
    repeat: Annotated[int, msgspec.Meta(ge=1, le=1000, description="How often each question stands with each answer.")] = 1


def identity_records(identity: Identity, locale: seodang.Locale) -> Iterator[seodang.Record]:
    """Each question of the language with each answer of its group."""
    for repetition in range(identity.repeat):
        for number, group in enumerate(locale.identity.group, 1):
            for question in group.questions:
                for answer in group.answers:
                    tags: dict[str, object] = {"task": "identity", "dialogue": f"identity-{number}"}
                    if repetition:
                        tags["repetition"] = repetition + 1
                    yield seodang.single_turn(_filled(question, identity), _filled(answer, identity), tags=tags)


def _filled(text: str, identity: Identity) -> str:
    return text.replace("{name}", identity.name).replace("{author}", identity.author)
