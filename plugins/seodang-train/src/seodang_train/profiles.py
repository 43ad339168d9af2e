"""What has to be known of a model's architecture, as data (`profiles.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
import seodang


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lora` are the layers that adapters go to."""

    lora: tuple[str, ...]


@cache
def profiles() -> dict[str, Profile]:
    text = files("seodang_train").joinpath("profiles.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Profile])


def profile_of(model_type: str) -> Profile:
    """An architecture that nobody has described is refused, not guessed at."""
    known = profiles()
    if model_type not in known:
        raise seodang.DataError("seodang_train:no-profile", type=model_type, types=sorted(known))
    return known[model_type]
