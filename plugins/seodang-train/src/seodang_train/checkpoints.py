"""Checkpoints that are whole or not there: tensors as safetensors, a manifest of hashes last, everything synced, then renamed.

What is written depends neither on the number of devices nor on how the weights lie on them: a training goes on with others.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import seodang
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from seodang_train.devices import Devices, whole
from seodang_train.durable import sync
from seodang_train.facts import differences

KEPT = 2
ROOM_FOR = KEPT + 1
"""So many stand on the disk at once while the newest is written."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are what the run must still agree on: data, seed, options. A checkpoint of other facts is refused."""

    step: int
    facts: dict[str, Any]
    files: dict[str, str]
    devices: int = 1
    seconds: float = 0.0
    """So long had been trained by then, in all invocations."""


def save(
    directory: Path,
    step: int,
    model: Any,
    optimizer: Any,
    facts: dict[str, Any],
    devices: Devices,
    seconds: float = 0.0,
    before: int = 0,
) -> None:
    """Called by every process. Each writes what it holds; the first one makes the folder, its manifest and its name. `before` is the
    step of the whole one that stands."""
    temporary = directory / f".step-{step:08d}.writing"
    if devices.leads:
        directory.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700)
    devices.gathered(None)
    try:
        files = {name: digest for each in devices.gathered(_write(temporary, model, optimizer, devices)) for name, digest in each}
        if devices.leads:
            manifest = Checkpoint(step=step, facts=facts, files=files, devices=devices.count, seconds=seconds)
            _put(temporary / "manifest.json", msgspec.json.encode(manifest))
            sync(temporary)
            final = directory / f"step-{step:08d}"
            shutil.rmtree(final, ignore_errors=True)
            os.rename(temporary, final)
            sync(directory)
    except (OSError, SafetensorError) as error:
        # The room that a half of a checkpoint takes may be what the next attempt lacks.
        shutil.rmtree(temporary, ignore_errors=True)
        raise seodang.DataError(
            "seodang_train:not-saved", step=step, path=str(directory), error=str(error), before=before
        ) from error
    if devices.leads:
        for old in sorted(directory.glob("step-*"))[:-KEPT]:
            shutil.rmtree(old)
    devices.gathered(None)


def _write(place: Path, model: Any, optimizer: Any, devices: Devices) -> list[tuple[str, str]]:
    """The files of this process with their hashes. Where weights are sharded each process writes some of the whole tensors."""
    mark = f"-{devices.rank:04d}" if devices.rank else ""
    contents = {f"random{mark}.safetensors": _random_state()}
    if devices.sharded or devices.leads:
        contents[f"model{mark}.safetensors"] = _share(_state(model).items(), devices)
        contents[f"optimizer{mark}.safetensors"] = _share(_optimizer_tensors(optimizer), devices)
    written = []
    for name, tensors in contents.items():
        save_file(tensors, place / name)
        sync(place / name)
        written.append((name, _hash(place / name)))
    return written


def _share(tensors: Any, devices: Devices) -> dict[str, torch.Tensor]:
    """Those that this process writes, on the CPU. All processes ask for every tensor, because each holds a part of it."""
    found: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for number, (name, tensor) in enumerate(tensors):
        full = whole(tensor.detach())
        if not devices.sharded or number % devices.count == devices.rank:
            # What is tied stands in two names, and safetensors takes no memory twice.
            copied = full.cpu() if full.is_cuda else full.clone() if full.data_ptr() in seen else full
            seen.add(full.data_ptr())
            found[name] = copied.contiguous()
    return found


def newest(directory: Path, facts: dict[str, Any], context: Any) -> tuple[Path, Checkpoint] | None:
    """The newest checkpoint that is whole; a damaged one is passed over for the one before, and that is said.

    One of other data, another seed or another length is refused: to go on from it would be neither the old training nor the new.
    """
    for torn in directory.glob(".step-*.writing"):
        shutil.rmtree(torn)
    for place in sorted(directory.glob("step-*"), reverse=True):
        if foreign := sorted(path.name for path in place.iterdir() if path.suffix not in (".safetensors", ".json")):
            raise seodang.DataError("seodang_train:pickled-checkpoint", path=str(place), files=foreign)
        try:
            found = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Checkpoint)
            damaged = [name for name, digest in found.files.items() if not _is_whole(place, name, digest)]
            # What nobody has hashed would be read with the others.
            damaged += sorted({path.name for path in place.iterdir()} - {*found.files, "manifest.json"})
        except (OSError, msgspec.MsgspecError):
            damaged = ["manifest.json"]
        if damaged:
            context.warn("seodang_train:damaged-checkpoint", path=str(place), files=damaged)
            continue
        if found.facts != facts:
            others = differences(found.facts, facts)
            raise seodang.DataError("seodang_train:other-training", path=str(place), folder=str(directory), facts=others)
        return place, found
    return None


def _is_whole(place: Path, name: str, digest: str) -> bool:
    return Path(name).name == name and (place / name).is_file() and _hash(place / name) == digest


def last(directory: Path) -> Path:
    """What has just been written by others."""
    return max(directory.glob("step-*"))


def restore(place: Path, model: Any, optimizer: Any, devices: Devices) -> None:
    """The model, the optimizer and the chance of this process. Strict: every tensor has to be there, and none besides."""
    restore_weights(place, model)
    parameters = _parameters(optimizer)
    for parameter in parameters:
        optimizer.state[parameter] = {}
    for name, tensor in _read(place, "optimizer"):
        number, _, kind = name.partition(".")
        parameter = parameters[int(number)]
        if kind == "step":
            optimizer.state[parameter][kind] = tensor if not parameter.is_cuda else tensor.to(parameter.device)
        else:
            optimizer.state[parameter][kind] = _laid_out_as(parameter, tensor)
    own = place / (f"random-{devices.rank:04d}.safetensors" if devices.rank else "random.safetensors")
    if own.is_file():
        random = load_file(own)
        torch.set_rng_state(random["cpu"])
        if "cuda" in random and torch.cuda.is_available():
            torch.cuda.set_rng_state(random["cuda"])


@torch.no_grad()
def restore_weights(place: Path, model: Any) -> None:
    held = _state(model)
    missing = set(held)
    for name, tensor in _read(place, "model"):
        if name not in missing or tensor.shape != held[name].shape:
            raise seodang.DataError("seodang_train:other-tensors", path=str(place), tensors=[name])
        missing.remove(name)
        held[name].copy_(_laid_out_as(held[name], tensor))
    if missing:
        raise seodang.DataError("seodang_train:other-tensors", path=str(place), tensors=sorted(missing)[:5])


def _read(place: Path, kind: str) -> Iterator[tuple[str, torch.Tensor]]:
    for path in sorted(place.glob(f"{kind}*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # it is no dictionary
                yield name, file.get_tensor(name)


def _laid_out_as(held: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    """On the device of the other one; this device's part of it where that one is sharded."""
    if not hasattr(held, "full_tensor"):
        return tensor.to(held.device)
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(held, DTensor)
    # Every process has read it, so nothing has to be sent.
    return distribute_tensor(tensor.to(held.device), held.device_mesh, held.placements, src_data_rank=None)


def _state(model: Any) -> dict[str, torch.Tensor]:
    """The tensors of the model; where most of it is frozen, those that are trained: the others stand in the base's directory."""
    state: dict[str, torch.Tensor] = model.state_dict()
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    frozen = len(trained) < sum(1 for _ in model.parameters())
    return {name: tensor for name, tensor in state.items() if name in trained} if frozen else state


def _parameters(optimizer: Any) -> list[torch.Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _optimizer_tensors(optimizer: Any) -> Iterator[tuple[str, torch.Tensor]]:
    for number, parameter in enumerate(_parameters(optimizer)):
        for name, value in optimizer.state.get(parameter, {}).items():
            yield f"{number}.{name}", value


def _random_state() -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    sync(path)
