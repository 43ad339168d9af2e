"""Where a model is: a directory, a GGUF file, or a commit on the hub; and what of it is read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import seodang

HOST = "huggingface.co"
READ = (
    "config.json", "generation_config.json", "*.safetensors", "*.safetensors.index.json", "tokenizer*", "special_tokens_map.json",
    "added_tokens.json", "vocab.*", "merges.txt", "*.model", "chat_template*",
)  # fmt: skip
"""The files of a model that are read. No pickles and no code: neither is ever loaded."""
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


def is_path(model: str) -> bool:
    """As everywhere in seodang: what begins like a path is one, and anything else is a name on the hub; so is no GGUF file."""
    return model.startswith(("./", "../", "~", os.sep)) or is_gguf(model)


def is_gguf(model: str) -> bool:
    return model.lower().endswith(".gguf")


def parts_of(path: Path) -> list[Path]:
    """The files of a GGUF model, which may be one of several: `name-00001-of-00003.gguf`."""
    match = re.fullmatch(r"(.+)-\d{5}-of-(\d{5})\.gguf", path.name)
    if not match:
        return [path]
    parts = [path.with_name(f"{match[1]}-{number:05}-of-{match[2]}.gguf") for number in range(1, int(match[2]) + 1)]
    for part in parts:
        if not part.is_file():
            raise seodang.DataError("seodang_local:no-such-file", path=str(part))
    return parts


def piece_of(option: str, model: str, revision: str = "") -> seodang.Piece:
    """What `seodang fetch` brings for a model that an option names."""
    if revision:
        settings = {"revision": ""}
        return seodang.Piece(
            option=option, name=model, carrier="hub", revision=revision, files=READ, needs=("*.safetensors",), settings=settings
        )
    if is_gguf(model):
        match = re.fullmatch(r"(.+)-\d{5}-of-(\d{5})\.gguf", Path(model).name)
        return seodang.Piece(option=option, name=model, files=(f"{match[1]}-*-of-{match[2]}.gguf",) if match else ())
    return seodang.Piece(option=option, name=model, files=READ, needs=("*.safetensors",))


def is_offline() -> bool:
    return os.environ.get("SEODANG_OFFLINE") == "1" or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def on_disk(path: Path) -> Path:
    """The directory, or the file. What stands elsewhere, or cannot be loaded safely, is told before anything is loaded."""
    if is_gguf(path.name):
        if not path.is_file():
            raise seodang.DataError("seodang_local:no-such-file", path=str(path))
        return path
    if not path.is_dir():
        raise seodang.DataError("seodang_local:no-such-directory", path=str(path))
    if any(path.glob("*.safetensors")):
        return path
    pickles = sorted(found.name for pattern in PICKLES for found in path.glob(pattern))
    if pickles:
        raise seodang.DataError("seodang_local:pickles", path=str(path), names=pickles[:3])
    raise seodang.DataError("seodang_local:no-safetensors", path=str(path))


def cached(name: str, commit: str) -> Path | None:
    """Where the hub's cache has this commit, or None. Its layout is looked at by hand: plans are made without the hub's library."""
    home = os.environ.get("HF_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or os.path.join(home, "hub")).expanduser()
    snapshot = hub / f"models--{name.replace('/', '--')}" / "snapshots" / commit
    return snapshot if any(snapshot.glob("*.safetensors")) and (snapshot / "config.json").exists() else None


def fetched(name: str, commit: str) -> Path:
    """The files of a commit, from the cache or from the hub."""
    if is_offline():
        found = cached(name, commit)
        if found is None:
            raise seodang.DataError("seodang_local:offline", model=name)
        return found
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=commit, allow_patterns=list(READ)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise seodang.DataError("seodang_local:not-fetched", model=name, error=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
