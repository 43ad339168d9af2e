"""What has to be known of a model besides what transformers knows, as data (`profiles.toml`, or a team's own file of that shape)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import seodang

FROM_SCRATCH = "koalpaca"


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lora` are the layers that adapters go to; the other keys are told at the head of `profiles.toml`."""

    lora: tuple[str, ...]
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    template: str = ""
    token_type_ids: bool = False
    licence: str = ""
    name_begins: str = ""
    commercial: bool = True
    distils: bool = False
    name: str = ""

    def notes(self) -> list[seodang.Finding]:
        """What its licence asks of whoever trains it, and what its tokenizer makes that the model does not take."""
        found = []
        if self.licence:
            found.append(seodang.Finding("seodang_train:licence", {"profile": self.name, "licence": self.licence}))
        if not self.commercial:
            found.append(seodang.Finding("seodang_train:not-commercial", {"licence": self.licence}, warning=True))
        if self.name_begins:
            facts = {"licence": self.licence, "begins": self.name_begins}
            found.append(seodang.Finding("seodang_train:name-begins", facts, warning=True))
        if self.distils:
            found.append(seodang.Finding("seodang_train:distils", {"licence": self.licence}))
        return found


@cache
def profiles() -> dict[str, Profile]:
    text = files("seodang_train").joinpath("profiles.toml").read_text(encoding="utf-8")
    return _read(text, "profiles.toml")


def own_profiles(path: Path) -> dict[str, Profile]:
    """Those of a team's own file, which go before ours."""
    try:
        return _read(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise seodang.DataError("seodang_train:profile-not-read", path=str(path), error=error.strerror or str(error)) from error


def _read(text: str, path: str) -> dict[str, Profile]:
    try:
        found = msgspec.convert(tomllib.loads(text), dict[str, Profile])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise seodang.DataError("seodang_train:profile-not-read", path=path, error=str(error)) from error
    return {name: msgspec.structs.replace(profile, name=name) for name, profile in found.items()}


def find_profile(model_type: str, name: str, own: Mapping[str, Profile]) -> Profile | None:
    """A team's own profiles first; of several whose name fits the one with the longest pattern, else the first whose type fits."""
    for known in (own, profiles()):
        fitting = [
            (len(pattern), profile)
            for profile in known.values()
            for pattern in profile.names
            if fnmatchcase(name.lower(), pattern.lower())
        ]
        if fitting:
            return max(fitting, key=lambda pair: pair[0])[1]
        for profile in known.values():
            if model_type in profile.types:
                return profile
    return None


def profile_of(model_type: str, name: str = "", own: Mapping[str, Profile] | None = None) -> Profile:
    """An architecture that nobody has described is refused, not guessed at."""
    found = find_profile(model_type, name, own or {})
    if found is None:
        raise seodang.DataError("seodang_train:no-profile", type=model_type, types=_types())
    return found


def chosen(options: Any, directory: Path, base: Path | None = None) -> Profile | None:
    """The profile of the base that the options name, from its name and its config.json; None where neither is known. Opens nothing else.

    `directory` is the recipe's. A name goes by the whole path, because the last part of a download may be a commit.
    """
    own = own_profiles(directory / Path(options.profile).expanduser()) if options.profile else {}
    if base is None and (not options.model or options.model.startswith("step:")):
        return None
    place = base or directory / Path(options.model).expanduser()
    try:
        model_type = str(json.loads((place / "config.json").read_bytes()).get("model_type", ""))
    except (OSError, ValueError, AttributeError):
        model_type = ""  # what is wrong with the base is told when it is loaded
    return find_profile(model_type, str(options.model or place), own)


def completed(options: Any, base: Path | None, context: seodang.Context) -> Any:
    """The options with the profile's template and layers where they name none; a model from scratch is asked as KoAlpaca is."""
    profile = chosen(options, context.place("."), base)
    changes: dict[str, Any] = {}
    if not options.template:
        changes["template"] = (profile.template if profile else "") or FROM_SCRATCH
    if options.lora and not options.lora.targets and profile:
        changes["lora"] = msgspec.structs.replace(options.lora, targets=profile.lora)
    return msgspec.structs.replace(options, **changes) if changes else options


def _types() -> Sequence[str]:
    return sorted({one for profile in profiles().values() for one in profile.types})
