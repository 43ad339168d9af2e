"""Killed, interrupted, without room, damaged, changed: what is resumed is the same training to the bit, and what is not is refused."""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from safetensors.torch import load_file, save_file
from seodang.testing import make_context
from seodang.testing.recipes import run_in
from seodang.wording import render
from seodang_train import Lora, Sft
from seodang_train.checkpoints import newest
from small_training import TINY, killed, rows, train, weights

SHAPES = ("gpt-neox", "llama")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Trainings of twelve steps that nothing happened to, with dropout."""
    places = {shape: tmp_path_factory.mktemp("whole") / shape for shape in SHAPES}
    for shape, place in places.items():
        train(place, shape)
    return places


def begin(place: Path, do: Callable[[int], None], **options: Any) -> seodang.Trained:
    """A training of which `do` sees every step."""
    chosen = Sft.Options(**{**TINY, "shape": "llama", "max_steps": 12, "dropout": 0.1, "checkpoint_steps": 4, **options})
    place.mkdir(exist_ok=True)
    context = make_context(place, options=chosen)
    context.progress = lambda done, total=None, **facts: do(done)
    return Sft(chosen).train(rows(40), None, place, context)


class Stop(Exception):
    pass


def stop_at(step: int) -> Callable[[int], None]:
    def do(done: int) -> None:
        if done == step:
            raise Stop

    return do


def in_a_child(*arguments: Any) -> Any:
    """From a server that has torch imported: a process of its own for a tenth of what one from nothing costs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seodang_train.loop"])
    child = context.Process(target=killed, args=arguments)
    child.start()
    return child


def is_the_whole_one(place: Path, whole: Path) -> bool:
    logs = [(each / "log.jsonl").read_bytes() for each in (place, whole)]
    return weights(place) == weights(whole) and logs[0] == logs[1]


@pytest.mark.parametrize(("shape", "syncs"), [("llama", 1), ("gpt-neox", 10), ("llama", 13)])
def test_killed_in_the_middle_of_a_save_it_ends_in_the_same_losses_and_weights(
    tmp_path: Path, whole: dict[str, Path], shape: str, syncs: int
):
    """A save syncs the log (the first one before there is a folder), three files of tensors, the manifest, its folder and the one above."""
    place = tmp_path / "killed"
    child = in_a_child(str(place), shape, syncs)
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    left = sorted(path.name for path in (place / "checkpoints").iterdir())
    expected = {1: [".step-00000004.writing"], 10: [".step-00000008.writing", "step-00000004"]}
    assert left == expected.get(syncs, ["step-00000004", "step-00000008"])
    train(place, shape)
    assert is_the_whole_one(place, whole[shape])


@pytest.mark.parametrize("shape", ["gpt-neox", pytest.param("llama", marks=pytest.mark.nightly)])
def test_killed_between_two_saves_it_ends_in_the_same_losses_and_weights(tmp_path: Path, whole: dict[str, Path], shape: str):
    place = tmp_path / "killed"
    child = in_a_child(str(place), shape, -1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not ((place / "log.jsonl").exists() and steps_of(place) >= 6):
        time.sleep(0.001)
    child.kill()
    child.join()
    assert 6 <= steps_of(place) <= 12
    train(place, shape)
    assert is_the_whole_one(place, whole[shape])


def steps_of(place: Path) -> int:
    return (place / "log.jsonl").read_bytes().count(b"\n")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that somebody stopped behind its second checkpoint."""
    place = tmp_path_factory.mktemp("stopped") / "out"
    with pytest.raises(Stop):
        begin(place, stop_at(10), template="koalpaca")
    return place


@contextmanager
def no_room_for_files_over(size: int) -> Iterator[None]:
    """A limit on files, as a full disk is one: the byte after it is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_in_the_middle_of_a_save_is_told_and_loses_nothing(tmp_path: Path, whole: dict[str, Path]):
    limits: list[Any] = []

    def fill(done: int) -> None:
        if done == 6:
            limits.append(no_room_for_files_over(60_000))
            limits[0].__enter__()

    place = tmp_path / "out"
    try:
        with pytest.raises(seodang.DataError) as told:
            begin(place, fill)
    finally:
        limits[0].__exit__(None, None, None)
    assert [path.name for path in (place / "checkpoints").iterdir()] == ["step-00000004"]
    english = render(told.value.code, told.value.facts, "en")
    assert "The checkpoint of step 8 could not be written into" in english and "File too large" in english
    assert "The one of step 4 stands. Make room and give the same command again" in english
    assert "8스텝의 체크포인트를" in render(told.value.code, told.value.facts, "ko")
    train(place, "llama")
    assert is_the_whole_one(place, whole["llama"])


def test_a_model_that_cannot_be_written_is_told(tmp_path: Path):
    with no_room_for_files_over(60_000), pytest.raises(seodang.DataError) as told:
        train(tmp_path / "out", "llama")
    assert "The model could not be written into" in render(told.value.code, told.value.facts, "en")
    assert "공간을 비우고 같은 명령을 다시 실행하세요." in render(told.value.code, told.value.facts, "ko")
    assert [path.name for path in (tmp_path / "out").iterdir()] == []


def test_a_disk_that_cannot_take_the_training_is_told_before_the_first_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=1_000_000))
    with pytest.raises(seodang.DataError) as told:
        train(tmp_path / "out", "llama", width=64)
    assert told.value.code == "seodang_train:no-room" and not (tmp_path / "out" / "log.jsonl").exists()
    assert "GiB free, and this training writes" in render(told.value.code, told.value.facts, "en")
    assert "GiB가 비어 있는데 이 학습은" in render(told.value.code, told.value.facts, "ko")


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "random.safetensors", "manifest.json"])
def test_a_damaged_checkpoint_is_named_and_passed_over(tmp_path: Path, stopped: Path, name: str):
    """Half a file, or none: both are no checkpoint, and the one before is taken."""
    folder = shutil.copytree(stopped, tmp_path / "out") / "checkpoints"
    facts = json.loads((folder / "step-00000004" / "manifest.json").read_text())["facts"]
    for change in (lambda path: path.write_bytes(path.read_bytes()[:-7]), lambda path: path.unlink()):
        change(folder / "step-00000008" / name)
        context = make_context(tmp_path)
        found = newest(folder, facts, context)
        assert found is not None and found[0].name == "step-00000004"
        assert len(context.warned) == 1
        assert f"step-00000008 is damaged ({name}); the training goes on from the checkpoint before it." in context.warned[0]


def test_a_checkpoint_with_a_pickle_in_it_is_refused(tmp_path: Path, stopped: Path):
    place = shutil.copytree(stopped, tmp_path / "out")
    torch.save({"step": 4}, place / "checkpoints" / "step-00000008" / "optimizer.pt")
    with pytest.raises(seodang.DataError) as told:
        train(place, "llama")
    assert "step-00000008 holds optimizer.pt. Nothing but safetensors and JSON" in render(told.value.code, told.value.facts, "en")
    assert "safetensors와 JSON만 읽습니다" in render(told.value.code, told.value.facts, "ko")


def other_data(place: Path, **options: Any) -> None:
    chosen = Sft.Options(**{**TINY, "shape": "llama", "max_steps": 12, "dropout": 0.1, "checkpoint_steps": 4, **options})
    records = [*rows(39), seodang.single_turn("3 다음은?", "2입니다.")]
    Sft(chosen).train(records, None, place, make_context(place, options=chosen))


def other_seed(place: Path) -> None:
    chosen = Sft.Options(**{**TINY, "shape": "llama", "max_steps": 12, "dropout": 0.1, "checkpoint_steps": 4})
    Sft(chosen).train(rows(40), None, place, make_context(place, options=chosen, seed=1))


@pytest.mark.parametrize(
    ("again", "named"),
    [
        (other_data, "differs in dataset"),
        (other_seed, "differs in seed ("),
        (lambda place: train(place, "llama", template="alpaca"), "template (koalpaca "),
        (lambda place: train(place, "llama", learning_rate=0.01), "differs in learning_rate (0.001 → 0.01)."),
        (lambda place: train(place, "llama", steps=24), "differs in max_steps (12 → 24), steps (12 → 24)."),
    ],
)
def test_what_changed_is_named_and_nothing_is_resumed(tmp_path: Path, stopped: Path, again: Callable[[Path], Any], named: str):
    place = shutil.copytree(stopped, tmp_path / "out")
    with pytest.raises(seodang.DataError) as told:
        again(place)
    english = render(told.value.code, told.value.facts, "en")
    assert named in english and english.endswith(f"or begin anew by deleting {place / 'checkpoints'}")
    assert "이어 가려면 바꾼 것을 되돌리고, 처음부터 시작하려면" in render(told.value.code, told.value.facts, "ko")


def test_hours_count_over_all_invocations(tmp_path: Path):
    """Two hundredths of an hour are over in the second invocation, because the first one's time is in the checkpoint."""
    place = tmp_path / "out"
    with pytest.raises(Stop):
        begin(place, stop_at(5), max_hours=1.0)
    manifest = place / "checkpoints" / "step-00000004" / "manifest.json"
    facts = json.loads(manifest.read_text())
    assert 0 < facts["seconds"] < 60
    manifest.write_text(json.dumps({**facts, "seconds": 3600.0}))
    trained = begin(place, lambda done: None, max_hours=1.0)
    assert trained.figures["steps"] == 4 and weights(place)


def test_a_loss_that_is_no_number_stops_before_it_reaches_the_weights_or_a_checkpoint(tmp_path: Path):
    with pytest.raises(seodang.StepError) as told:
        train(tmp_path / "out", "llama", learning_rate=1e30, warmup=0.0, checkpoint_steps=1)
    assert "infinite or NaN at step 2." in render(told.value.code, told.value.facts, "en")
    assert "2스텝에서 손실이 무한대나 NaN이 되었습니다." in render(told.value.code, told.value.facts, "ko")


def test_half_precision_weights_are_refused():
    from seodang_train.selftest import check_numbers

    model = torch.nn.Linear(2, 2).half()
    with pytest.raises(seodang.DataError) as told:
        check_numbers(model)
    assert "2 trained weights are float16, such as weight, bias." in render(told.value.code, told.value.facts, "en")
    assert "학습할 가중치 2개가 float16입니다" in render(told.value.code, told.value.facts, "ko")
    check_numbers(model.requires_grad_(False))
    check_numbers(torch.nn.Linear(2, 2).bfloat16())


RECIPE = """[recipe]
name = "two"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
train = "sft"
name = "first"
shape = "llama"
SMALL

[[step]]
train = "sft"
name = "second"
model = "step:first"
SMALL
""".replace("SMALL", "\n".join(f"{name} = {value}" for name, value in TINY.items()))


def test_one_training_goes_on_from_another_by_name(tmp_path: Path):
    text = "".join(
        json.dumps({"instruction": f"{number} 다음은?", "output": f"{number + 1}입니다."}) + "\n" for number in range(9)
    )
    done = run_in(tmp_path, RECIPE, files={"rows.jsonl": text})
    assert done.ok, done.error
    first, second = (done.manifest(name).figures for name in ("first", "second"))
    assert second["first_loss"] < first["first_loss"] and second["parameters"] == first["parameters"]
    assert second["first_loss"] < first["last_loss"], "it begins where the other one ended"


def test_other_weights_at_the_same_place_train_anew_and_the_same_elsewhere_do_not(tmp_path: Path, whole: dict[str, Path]):
    shutil.copytree(whole["llama"] / "student", tmp_path / "base")
    recipe = RECIPE.partition('[[step]]\ntrain = "sft"\nname = "second"')[0] + 'model = "base"\n'
    files = {"rows.jsonl": '{"instruction": "1 다음은?", "output": "2입니다."}\n' * 9}
    first = run_in(tmp_path, recipe, files=files)
    assert first.ok, first.error
    made = first.manifest("first").fingerprint
    (tmp_path / "base").rename(tmp_path / "moved")
    assert run_in(tmp_path, recipe.replace('"base"', '"moved"'), files=files).manifest("first").fingerprint == made
    shutil.copytree(whole["gpt-neox"] / "student", tmp_path / "base")
    assert run_in(tmp_path, recipe, files=files).manifest("first").fingerprint != made


def test_a_checkpoint_of_adapters_is_not_put_beside_another_base(tmp_path: Path, whole: dict[str, Path]):
    base = shutil.copytree(whole["llama"] / "student", tmp_path / "base")
    with pytest.raises(Stop):
        begin(tmp_path / "out", stop_at(6), model=str(base), lora=Lora(rank=2))
    weights_of_base = load_file(base / "model.safetensors")
    save_file({name: tensor + 0.1 for name, tensor in weights_of_base.items()}, base / "model.safetensors", {"format": "pt"})
    with pytest.raises(seodang.DataError) as told:
        begin(tmp_path / "out", lambda done: None, model=str(base), lora=Lora(rank=2))
    assert "belongs to a training that differs in base." in render(told.value.code, told.value.facts, "en")


def test_a_changed_recipe_begins_anew_and_says_where_the_interrupted_training_lies(tmp_path: Path):
    """A disk that is full stops the first one; then somebody changes the rate, and then takes that back."""
    text = "".join(
        json.dumps({"instruction": f"{number} 다음은?", "output": f"{number + 1}입니다."}) + "\n" for number in range(9)
    )
    recipe = RECIPE.partition('[[step]]\ntrain = "sft"\nname = "second"')[0] + "checkpoint_steps = 1\n"
    files = {"rows.jsonl": text}
    with no_room_for_files_over(250_000):
        stopped = run_in(tmp_path, recipe, files=files)
    assert stopped.error is not None and stopped.error.code == "seodang_train:not-saved"
    (left,) = stopped.run.glob("*.partial-*")
    changed = run_in(tmp_path, recipe.replace("max_steps = 2", "max_steps = 3"), files=files)
    assert changed.ok and changed.manifest("first").figures["steps"] == 3 and left.is_dir()
    said = (changed.run / "log.jsonl").read_text(encoding="utf-8")
    assert "first: an interrupted training lies in" in said or "first: 중단된 학습이" in said
    assert left.name in said and "max_steps (2 → 3)" in said
    again = run_in(tmp_path, recipe, files=files)
    assert again.ok and again.manifest("first").figures["steps"] == 2 and not left.exists()


@pytest.mark.nightly
@pytest.mark.parametrize("shape", SHAPES)
def test_killed_again_and_again_at_any_moment(tmp_path: Path, whole: dict[str, Path], shape: str):
    """At one sync after the other, a little later each time, nineteen times in a row; then it is let go on."""
    place = tmp_path / "killed"
    for syncs in range(1, 20):
        child = in_a_child(str(place), shape, 1 + syncs % 9)
        child.join(60)
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
    train(place, shape)
    assert is_the_whole_one(place, whole[shape])
