"""What is asked of a base before it is loaded: from its small files alone, so that a wrong directory is told in a second."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import seodang

from seodang_train.profiles import find_profile

COMMIT = re.compile(r"[0-9a-f]{40}")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
"""Files that run what stands in them when they are opened."""
TOKENIZER = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "vocab.txt")
READ = ("*.safetensors", "*.json", "*.model", "*.txt", "*.jinja")
"""The files that a base is read from: weights that run nothing, the tokenizer, the templates."""
_POINTER = b"version https://git-lfs"


class Base(NamedTuple):
    """A directory in which everything is there that a training needs. `trusted`: its own code is run."""

    path: Path
    config: dict[str, Any]
    trusted: bool

    @property
    def model_type(self) -> str:
        return str(self.config.get("model_type", ""))


def place_of(model: str, context: seodang.Context) -> Path:
    """The directory that a recipe names, relative to it; else the download of that repository (`org/name`, `org/name@revision`) in
    the cache of huggingface_hub. Nothing is downloaded here."""
    return found_at(context.place(model), model)


def found_at(place: Path, model: str) -> Path:
    """`place` is where the name leads as a path."""
    if place.exists() or not REPOSITORY.fullmatch(model):
        return place
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    name, _, revision = model.partition("@")
    try:
        return Path(snapshot_download(name, revision=revision or None, local_files_only=True))
    except LocalEntryNotFoundError:
        return place


def piece_of(model: str, option: str, directory: Path, remote_code: str = "") -> seodang.Piece | None:
    """What `seodang fetch` brings for a model that an option names: none for a student of the recipe itself."""
    if not model or model.startswith("step:"):
        return None
    files = (*READ, "*.py") if remote_code else READ
    if (directory / Path(model).expanduser()).exists() or not REPOSITORY.fullmatch(model):
        return seodang.Piece(option=option, name=model, files=files, needs=("*.safetensors",))
    name, _, revision = model.partition("@")
    return seodang.Piece(option=option, name=name, carrier="hub", revision=revision, files=files, needs=("*.safetensors",))


def checked(path: Path, remote_code: str = "") -> Base:
    """Raises what a person has to do before this directory can be trained on. Opens no weights and runs no code."""
    if not path.is_dir():
        raise seodang.DataError("seodang_train:no-such-base", path=str(path))
    if (path / "adapter_config.json").is_file() and not (path / "config.json").is_file():
        base = _json(path / "adapter_config.json").get("base_model_name_or_path") or "?"
        raise seodang.DataError("seodang_train:base-is-adapter", path=str(path), base=str(base))
    _check_weights(path)
    if not (path / "config.json").is_file():
        raise seodang.DataError("seodang_train:no-config", path=str(path), file="config.json")
    config = _json(path / "config.json")
    if method := (config.get("quantization_config") or {}).get("quant_method"):
        raise seodang.DataError("seodang_train:base-is-quantised", path=str(path), method=str(method))
    if not any((path / name).is_file() for name in TOKENIZER):
        raise seodang.DataError("seodang_train:no-tokenizer", path=str(path))
    return Base(path, config, _trusted(path, config, remote_code))


def load_tokenizer(base: Base) -> Any:
    """The tokenizer, which has an end and no more tokens than the model embeds. Where it lacks a pad its end pads: labels are made
    from lengths, so a real end keeps its loss."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(base.path, local_files_only=True, trust_remote_code=base.trusted)
    except (OSError, ValueError, KeyError) as error:
        raise seodang.DataError("seodang_train:unreadable", path=str(base.path), error=said(error)) from error
    if tokenizer.eos_token_id is None:
        raise seodang.DataError("seodang_train:no-end-token", path=str(base.path))
    embedded = base.config.get("vocab_size") or (base.config.get("text_config") or {}).get("vocab_size")
    if embedded is not None:
        check_embedded(tokenizer, embedded, base.path)
    profile = find_profile(base.model_type, str(base.path), {})
    if not (profile and profile.token_type_ids):
        # Made by the tokenizer, refused by the model: whoever uses the student elsewhere would meet a TypeError.
        tokenizer.model_input_names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
    return tokenizer


def check_embedded(tokenizer: Any, embeddings: int, path: Path) -> None:
    """By the highest number, because some vocabularies have holes."""
    tokens = max(tokenizer.get_vocab().values(), default=-1) + 1
    if tokens > embeddings:
        raise seodang.DataError("seodang_train:vocabulary-too-large", path=str(path), tokens=tokens, embeddings=embeddings)


def said(error: Exception) -> str:
    """What a library says in its first line; behind that it tells what to do in its own terms."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise seodang.DataError("seodang_train:unreadable", path=str(path), error=str(error)) from error
    if not isinstance(found, dict):
        raise seodang.DataError("seodang_train:unreadable", path=str(path), error="no JSON object")
    return found


def _check_weights(path: Path) -> None:
    """Safetensors, and all of them, each as long as it says."""
    shards = sorted(path.glob("*.safetensors"))
    if not shards:
        pickled = sorted(file.name for file in path.iterdir() if file.suffix in PICKLED)
        code = "seodang_train:only-pickled" if pickled else "seodang_train:no-safetensors"
        raise seodang.DataError(code, path=str(path), **({"files": pickled[:5]} if pickled else {}))
    index = path / "model.safetensors.index.json"
    wanted = set(_json(index).get("weight_map", {}).values()) if index.is_file() else set()
    torn = sorted(wanted - {shard.name for shard in shards}) + [shard.name for shard in shards if not _is_whole(shard)]
    if torn:
        raise seodang.DataError("seodang_train:base-is-torn", path=str(path), files=torn[:5])


def _is_whole(shard: Path) -> bool:
    """The header of safetensors says where the last tensor ends; a pointer of git-lfs has none."""
    size = shard.stat().st_size
    with open(shard, "rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or start == _POINTER[:8] or length > size - 8:
            return False
        try:
            header = json.loads(file.read(length))
        except ValueError:
            return False
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0) <= size


def _trusted(path: Path, config: dict[str, Any], commit: str) -> bool:
    """Whether the model needs code that came with it, and may run it: only that of an exact commit, which the download itself names.

    A branch may be another tomorrow, and a directory whose commit nobody knows may be anything today.
    """
    from transformers import CONFIG_MAPPING

    known = not config.get("auto_map") or config.get("model_type") in CONFIG_MAPPING
    if known and not _brings_tokenizer(path):
        return False
    if not COMMIT.fullmatch(commit):
        files = sorted(file.name for file in path.glob("*.py"))
        raise seodang.DataError("seodang_train:remote-code", path=str(path), files=files or ["config.json"])
    if commit_of(path) != commit:
        raise seodang.DataError("seodang_train:remote-code-differs", path=str(path), wanted=commit)
    return True


def _brings_tokenizer(path: Path) -> bool:
    from transformers.models.auto.tokenization_auto import tokenizer_class_from_name

    settings = _json(path / "tokenizer_config.json") if (path / "tokenizer_config.json").is_file() else {}
    return bool(settings.get("auto_map")) and tokenizer_class_from_name(str(settings.get("tokenizer_class", ""))) is None


def commit_of(path: Path) -> str:
    """The commit that a download of huggingface_hub says it is: in the name of a snapshot, or in what it notes beside its files."""
    place = path.resolve()
    if place.parent.name == "snapshots" and COMMIT.fullmatch(place.name):
        return place.name
    noted = sorted((path / ".cache" / "huggingface" / "download").glob("*.metadata"))
    commits = {note.read_text(encoding="utf-8").partition("\n")[0].strip() for note in noted}
    return commits.pop() if len(commits) == 1 else ""
