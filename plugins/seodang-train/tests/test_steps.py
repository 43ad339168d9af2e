"""A step's gradient is that of its tokens, however they are cut, padded or packed; and what is left out is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from seodang_templates import KoAlpaca
from seodang_train import Sft
from seodang_train.batches import Plan
from seodang_train.feeding import packed, padded
from seodang_train.losing import Losing
from seodang_train.rows import Rows, encode_rows
from seodang_train.saving import made
from seodang_train.selftest import check_head, check_packing

ROWS = [
    seodang.single_turn(f"{'아주 ' * (number % 9)}긴 질문 {number}", f"답은 {'네 ' * (number * 5 % 13)}{number}")
    for number in range(16)
]
CHAT = seodang.Record(
    messages=tuple(
        seodang.Message(
            "user" if place % 2 == 0 else "assistant",
            f"{' '.join(chr(0xAC00 + 37 * (place + sign)) for sign in range(10))} {place}",
        )
        for place in range(8)
    )
)


def options(**changes: Any) -> Any:
    return Sft.Options(**{"width": 32, "layers": 2, "heads": 2, "max_length": 128, **changes})


def model_of(shape: str) -> tuple[Any, Any, Rows]:
    torch.manual_seed(3)
    chosen = options(shape=shape)
    tokenizer, model = made(chosen, [*ROWS, CHAT], KoAlpaca())
    return tokenizer, model, encode_rows(ROWS, KoAlpaca(), tokenizer, chosen)


def gradient(model: Any, feeds: list[Any], total: int) -> torch.Tensor:
    model.zero_grad()
    losing = Losing(model)
    for feed in feeds:
        (losing(feed) / total).backward()
    return torch.cat([parameter.grad.reshape(-1) for parameter in model.parameters()])


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_the_gradient_of_a_step_does_not_depend_on_how_it_is_cut(shape: str):
    tokenizer, model, rows = model_of(shape)
    total = sum(rows.trained)
    at_once = gradient(model, [padded(rows.rows, tokenizer.pad_token_id, "cpu")], total)
    one_by_one = gradient(model, [padded([row], tokenizer.pad_token_id, "cpu") for row in rows.rows], total)
    check_packing(model, rows.rows, tokenizer.pad_token_id)
    in_a_line = gradient(model, [packed(rows.rows, "cpu")], total)
    in_two_lines = gradient(model, [packed(rows.rows[:7], "cpu"), packed(rows.rows[7:], "cpu")], total)
    for other in (one_by_one, in_a_line, in_two_lines):
        assert float((other - at_once).norm() / at_once.norm()) < 1e-5


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_the_loss_is_that_of_the_whole_head(shape: str, monkeypatch: pytest.MonkeyPatch):
    """Against plain torch over every place, and again in chunks that are computed twice."""
    tokenizer, model, rows = model_of(shape)
    model.eval()
    feed = padded(rows.rows, tokenizer.pad_token_id, "cpu")
    logits = model(input_ids=feed.ids, attention_mask=feed.mask).logits.float()
    labels = torch.full_like(feed.ids, -100)
    for place, row in enumerate(rows.rows):
        for position, trained in enumerate(row.trained):
            if trained:
                labels[place, position] = row.ids[position]
    whole = torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), reduction="sum"
    )
    ours = Losing(model)(feed)
    assert float(ours.detach()) == pytest.approx(float(whole.detach()), rel=1e-5)
    monkeypatch.setattr("seodang_train.losing.CHUNK_ELEMENTS", 7 * len(tokenizer))
    assert len(feed.targets) > 14
    assert float(Losing(model)(feed).detach()) == pytest.approx(float(whole.detach()), rel=1e-5)


def test_a_model_whose_rows_see_each_other_is_refused():
    tokenizer, model, rows = model_of("llama")
    forward = model.base_model.forward
    # As a model does that computes its attention without asking transformers which.
    model.base_model.forward = lambda documents=(), **given: forward(**given)
    with pytest.raises(seodang.DataError, match="see each other when they are packed"):
        check_packing(model, rows.rows, tokenizer.pad_token_id)


def test_a_model_that_scales_its_logits_is_refused():
    tokenizer, model, rows = model_of("llama")
    check_head(model, rows.rows, tokenizer.pad_token_id)
    forward = model.forward

    def scaled(**given: Any) -> Any:
        found = forward(**given)
        found.logits = found.logits * 4
        return found

    model.forward = scaled
    with pytest.raises(seodang.DataError, match="scales or caps what its head says"):
        check_head(model, rows.rows, tokenizer.pad_token_id)


@pytest.mark.parametrize("changes", [{}, {"packing": True}, {"batch_rows": 5}, {"batch_rows": 5, "packing": True}])
def test_a_pass_has_every_row_once_and_the_steps_left_are_those_of_the_whole(changes: dict):
    lengths = [7 + place * 13 % 90 for place in range(200)]
    trained = [length // 2 for length in lengths]
    plan = Plan(options(batch_tokens=512, epochs=2, micro_tokens=256, **changes), lengths, trained, 5)
    whole = list(plan.steps(0))
    first = [row for step in whole[: plan.per_epoch] for part in step.parts for row in part]
    assert sorted(first) == list(range(200))
    assert len(whole) == plan.total and whole[-1].number == plan.total - 1
    for done in (1, plan.per_epoch, plan.per_epoch + 3, plan.total):
        assert list(plan.steps(done)) == whole[done:]
    for step in whole:
        assert step.total == sum(trained[row] for part in step.parts for row in part)
        for part in step.parts:
            fed = sum(lengths[row] for row in part) if changes.get("packing") else len(part) * max(lengths[row] for row in part)
            assert fed <= 256
    assert plan.real_share() == 1 if changes.get("packing") else plan.real_share() > 0.5


@pytest.mark.parametrize(
    ("over_long", "rows", "counts"),
    [
        ("drop", 16, {"too_long": 1, "nothing_trained": 0, "cut": 0, "split": 0}),
        ("cut", 17, {"too_long": 0, "nothing_trained": 0, "cut": 1, "split": 0}),
        ("split", 18, {"too_long": 0, "nothing_trained": 0, "cut": 0, "split": 1}),
    ],
)
def test_a_row_that_is_too_long_goes_by_the_rule_and_is_counted(over_long: str, rows: int, counts: dict):
    chosen = options(over_long=over_long)
    tokenizer, _ = made(chosen, [*ROWS, CHAT], KoAlpaca())
    found = encode_rows([*ROWS, CHAT], KoAlpaca(), tokenizer, chosen)
    assert (len(found.rows), found.counts) == (rows, {**counts, "rounds_too_long": 0})
    assert all(len(row.ids) <= 128 for row in found.rows)
    assert all(row.ids[-1] == tokenizer.eos_token_id and row.trained[-1] for row in found.rows if over_long != "cut")
    if over_long == "cut":
        assert found.rows[-1].ids[-1] == tokenizer.eos_token_id
    if over_long == "split":
        said = [tokenizer.decode(row.ids) for row in found.rows[-2:]]
        assert sum(text.count("### 답변:") for text in said) == 4, "whole rounds, none twice and none lost"


def test_every_device_has_as_many_parts_and_what_stands_in_for_one_does_not_count():
    """All of them have to meet: a part is halved where it has rows enough, else a row is fed whose loss is not added."""
    from types import SimpleNamespace

    from seodang_train.batches import dealt
    from seodang_train.loop import _mine

    assert dealt([[1, 2, 3, 4], [5]], 3) == [[1, 2], [3, 4], [5]] and dealt([[1], [2], [3]], 2) == [[1], [2], [3]]
    shares = [list(_mine([[1], [2], [3]], SimpleNamespace(rank=rank, count=2))) for rank in (0, 1)]
    assert shares == [[([1], True), ([3], True)], [([2], True), ([1], False)]]


def test_in_bf16_the_weights_and_what_adamw_remembers_stay_whole(tmp_path: Path):
    from safetensors.torch import load_file
    from small_training import train

    whole = train(tmp_path / "whole", "llama", steps=2, dropout=0.0)
    short = train(tmp_path / "short", "llama", steps=2, dropout=0.0, precision="bf16")
    assert short.figures["first_loss"] != whole.figures["first_loss"] == pytest.approx(short.figures["first_loss"], rel=0.01)
    tensors = load_file(tmp_path / "short" / "student" / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert any(bool((tensor != tensor.bfloat16().float()).any()) for tensor in tensors.values()), (
        "and were not rounded on the way"
    )


def test_loss_on_everything_leaves_out_only_what_nothing_predicts():
    chosen = options(loss="everything")
    tokenizer, _ = made(chosen, ROWS, KoAlpaca())
    row = encode_rows(ROWS[:1], KoAlpaca(), tokenizer, chosen).rows[0]
    assert sum(row.trained) == len(row.ids) - 1
