"""Killed, interrupted, without room, damaged, changed: what is resumed is the same training to the bit, and what is not is refused."""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Sft
from seodang_train.checkpoints import newest
from small_training import SHAPES, TINY, Stop, begin, killed, no_room_for_files_over, rows, stop_at, train, weights


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


def test_what_stands_is_the_checkpoint_that_is_whole(tmp_path: Path, stopped: Path):
    """The newest is damaged, the disk is full again at its step: it is the one before that is named."""
    place = shutil.copytree(stopped, tmp_path / "out")
    (place / "checkpoints" / "step-00000008" / "model.safetensors").write_bytes(b"torn")
    full: list[Any] = []

    def fill(done: int) -> None:
        if done == 6:
            full.append(no_room_for_files_over(60_000))
            full[0].__enter__()

    try:
        with pytest.raises(seodang.DataError) as told:
            begin(place, fill)
    finally:
        full[0].__exit__(None, None, None)
    assert "The checkpoint of step 8 could not" in render(told.value.code, told.value.facts, "en")
    assert "The one of step 4 stands." in render(told.value.code, told.value.facts, "en")


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


def test_a_kill_while_the_log_is_written_again_takes_no_line(tmp_path: Path, stopped: Path, monkeypatch: pytest.MonkeyPatch):
    """It is a file beside it that is written: until the rename the old one stands, with the steps that nobody makes again."""
    place = shutil.copytree(stopped, tmp_path / "out")
    before = (place / "log.jsonl").read_bytes()
    monkeypatch.setattr("seodang_train.log.sync", lambda path: (_ for _ in ()).throw(Stop))
    with pytest.raises(Stop):
        train(place, "llama")
    assert (place / "log.jsonl").read_bytes() == before


def test_a_log_that_is_not_there_any_more_is_told(tmp_path: Path, stopped: Path):
    place = shutil.copytree(stopped, tmp_path / "out")
    (place / "log.jsonl").unlink()
    warned: list[str] = []
    trained = begin(place, lambda done: None, warned=warned)
    assert trained.figures["steps"] == 12, "what was learned is all there"
    assert "log.jsonl has 0 of the 8 steps that the checkpoint knows of" in warned[0]
    facts = {"path": "log.jsonl", "lines": 0, "steps": 8}
    assert "체크포인트는 8스텝까지인데 log.jsonl에는 0스텝만" in render("seodang_train:log-is-short", facts, "ko")


def test_a_disk_that_cannot_take_a_line_of_the_log_is_told(tmp_path: Path):
    """The first to be refused is what is written most often."""
    place = tmp_path / "out"

    def fill(done: int) -> None:
        if done == 5:
            size = (place / "log.jsonl").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    with no_room_for_files_over(10**9), pytest.raises(seodang.DataError) as told:
        begin(place, fill)
    english, korean = (render(told.value.code, told.value.facts, language) for language in ("en", "ko"))
    assert english.startswith("The line of step 6 could not be written into") and "it goes on from step 4." in english
    assert "6스텝의 기록을" in korean and "4스텝 다음부터 이어 갑니다." in korean


def test_a_file_that_no_manifest_knows_makes_a_checkpoint_a_damaged_one(tmp_path: Path, stopped: Path):
    """It would be read with the others, as the share of a device that there never was."""
    folder = shutil.copytree(stopped, tmp_path / "out") / "checkpoints"
    facts = json.loads((folder / "step-00000004" / "manifest.json").read_text())["facts"]
    shutil.copy(folder / "step-00000008" / "optimizer.safetensors", folder / "step-00000008" / "optimizer-0001.safetensors")
    context = make_context(tmp_path)
    found = newest(folder, facts, context)
    assert found is not None and found[0].name == "step-00000004"
    assert "step-00000008 is damaged (optimizer-0001.safetensors)" in context.warned[0]


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
