"""Checkpoints that are whole or not there: tensors as safetensors, a manifest of hashes last, everything synced, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import seodang
import torch
from safetensors.torch import load_file, save_file

KEPT = 2


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are what the run must still agree on: data, seed, options. A checkpoint of other facts is refused."""

    step: int
    facts: dict[str, Any]
    files: dict[str, str]


def save(directory: Path, step: int, model: Any, optimizer: Any, facts: dict[str, Any]) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    temporary = directory / f".step-{step:08d}.writing"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(mode=0o700)
    save_file({name: tensor.contiguous().clone() for name, tensor in _state(model).items()}, temporary / "model.safetensors")
    save_file(_optimizer_tensors(optimizer), temporary / "optimizer.safetensors")
    save_file(_random_state(), temporary / "random.safetensors")
    files = {path.name: _hash(path) for path in sorted(temporary.iterdir())}
    manifest = msgspec.json.encode(Checkpoint(step=step, facts=facts, files=files))
    (temporary / "manifest.json").write_bytes(manifest)
    for path in temporary.iterdir():
        _sync(path)
    _sync(temporary)
    final = directory / f"step-{step:08d}"
    shutil.rmtree(final, ignore_errors=True)
    os.rename(temporary, final)
    _sync(directory)
    for old in sorted(directory.glob("step-*"))[:-KEPT]:
        shutil.rmtree(old)


def newest(directory: Path, facts: dict[str, Any], context: seodang.Context) -> tuple[Path, Checkpoint] | None:
    """The newest checkpoint that is whole; a damaged one is passed over for the one before, and that is said.

    One of other data, another seed or another length is refused: to go on from it would be neither the old training nor the new.
    """
    for place in sorted(directory.glob("step-*"), reverse=True):
        try:
            found = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Checkpoint)
            damaged = [
                name for name, digest in found.files.items() if not (place / name).is_file() or _hash(place / name) != digest
            ]
        except (OSError, msgspec.MsgspecError):
            damaged = ["manifest.json"]
        if damaged:
            context.warn("seodang_train:damaged-checkpoint", path=str(place), files=damaged)
            continue
        if found.facts != facts:
            others = sorted(name for name in facts if found.facts.get(name) != facts[name])
            raise seodang.DataError("seodang_train:other-training", path=str(place), facts=others)
        return place, found
    return None


def restore(place: Path, model: Any, optimizer: Any) -> None:
    """Strict: every tensor that is trained has to be there, and none besides."""
    saved, held = load_file(place / "model.safetensors"), _state(model)
    if saved.keys() != held.keys():
        raise seodang.DataError("seodang_train:other-tensors", path=str(place), tensors=sorted(saved.keys() ^ held.keys())[:5])
    model.load_state_dict(saved, strict=len(held) == len(model.state_dict()))
    state = load_file(place / "optimizer.safetensors")
    for number, parameter in enumerate(_parameters(optimizer)):
        names = [name for name in state if name.startswith(f"{number}.")]
        optimizer.state[parameter] = {name.partition(".")[2]: state[name].to(_device(name, parameter)) for name in names}
    random = load_file(place / "random.safetensors")
    torch.set_rng_state(random["cpu"])
    if "cuda" in random and torch.cuda.is_available():
        torch.cuda.set_rng_state(random["cuda"])


def _state(model: Any) -> dict[str, torch.Tensor]:
    """The tensors of the model; where most of it is frozen, those that are trained: the others stand in the base's directory."""
    state: dict[str, torch.Tensor] = model.state_dict()
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    frozen = len(trained) < sum(1 for _ in model.parameters())
    return {name: state[name] for name in trained} if frozen else state


def _device(name: str, parameter: torch.Tensor) -> Any:
    return "cpu" if name.endswith(".step") else parameter.device


def _parameters(optimizer: Any) -> list[torch.Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _optimizer_tensors(optimizer: Any) -> dict[str, torch.Tensor]:
    found = {}
    for number, parameter in enumerate(_parameters(optimizer)):
        for name, value in optimizer.state.get(parameter, {}).items():
            found[f"{number}.{name}"] = value.contiguous().clone()
    return found


def _random_state() -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
