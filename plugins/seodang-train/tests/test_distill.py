"""White-box distillation: the losses against dense references, a store that survives a kill, and students that get nearer."""

from __future__ import annotations

import re
from array import array
from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from seodang.testing import TrainerContract, make_context
from seodang.testing.recipes import run_in
from seodang.wording import render
from seodang_local import Local
from seodang_local.tiny import write_tiny
from seodang_train import Distill, Offline, Online
from seodang_train.divergence import forward_kl, generalised_jsd, kept
from seodang_train.identity import identity_of
from small_training import TINY, rows, train, weights
from torch.nn.functional import kl_div, log_softmax


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("teacher")
    train(place, "llama", steps=30, dropout=0.0, learning_rate=1e-2)
    return place / "student"


def distil(output: Path, teacher: Path, *, stop_at: str = "", **changes: Any) -> seodang.Trained:
    chosen = Distill.Options(**{**TINY, "teacher_model": str(teacher), "max_steps": 6, "dropout": 0.1, **changes})
    output.mkdir(exist_ok=True)
    context = make_context(output, options=chosen)
    if stop_at:
        told = context.progress

        def progress(done: int, total: int | None = None, **facts: object) -> None:
            told(done, total, **facts)
            if facts.get("stage", "") == stop_at:
                raise KeyboardInterrupt

        context.progress = progress
    return Distill(chosen).train(rows(40), None, output, context)


def pair(count: int = 30, vocabulary: int = 50) -> tuple[torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(5)
    return tuple(3 * torch.randn(count, vocabulary, generator=chance) for _ in range(2))  # type: ignore[return-value]


def dense_kl(of: torch.Tensor, to: torch.Tensor, temperature: float = 1.0) -> float:
    one, two = log_softmax(of.double() / temperature, -1), log_softmax(to.double() / temperature, -1)
    return float((one.exp() * (one - two)).sum())


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_top_k_of_the_whole_vocabulary_is_the_whole_kl(temperature: float):
    student, teacher = pair()
    found = forward_kl(student, *kept(teacher, 50, temperature), temperature)
    assert float(found) == pytest.approx(dense_kl(teacher, student, temperature), rel=1e-6)


def test_the_tail_is_the_mass_of_the_others_and_bounds_the_kl_from_below():
    student, teacher = pair()
    whole = dense_kl(teacher, student)
    before = 0.0
    for count in (1, 5, 20, 49, 50):
        ids, likeliest, tail = kept(teacher, count)
        mass = likeliest.exp().sum(-1) + tail.exp()
        assert torch.allclose(mass, torch.ones_like(mass), atol=1e-6)
        said = log_softmax(teacher, -1)
        others = [float(said[row].exp().sum() - said[row][ids[row]].exp().sum()) for row in range(3)]
        assert tail.exp()[:3].tolist() == pytest.approx(others, abs=1e-6)
        found = float(forward_kl(student, ids, likeliest, tail))
        assert before <= found <= whole * (1 + 1e-6), "the more is kept, the nearer to the whole"
        before = found
    assert before == pytest.approx(whole, rel=1e-6)


def test_a_student_that_leaves_the_kept_tokens_is_not_taken_for_a_good_one():
    """Its logits are the teacher's at the kept tokens; only the tail tells that its mass lies elsewhere."""
    _, teacher = pair()
    ids, likeliest, tail = kept(teacher, 5)
    astray = (teacher + 4).scatter(1, ids, teacher.gather(1, ids)).requires_grad_()
    lost = forward_kl(astray, ids, likeliest, tail)
    assert float(lost.detach()) > 10
    lost.backward()
    assert bool(torch.isfinite(astray.grad).all())
    assert float(forward_kl(teacher, ids, likeliest, tail)) == pytest.approx(0, abs=1e-4)


def test_the_ends_of_the_generalised_jsd_are_the_two_kls():
    student, teacher = pair()
    forward, backward = dense_kl(teacher, student), dense_kl(student, teacher)
    assert float(generalised_jsd(student, teacher, 0)) == pytest.approx(forward, rel=1e-6)
    assert float(generalised_jsd(student, teacher, 1)) == pytest.approx(backward, rel=1e-6)
    # Between them it is beta, and one minus beta, times the one and the other (Agarwal et al. 2024).
    small = 1e-8
    double = student.double(), teacher.double()
    assert float(generalised_jsd(*double, small)) / small == pytest.approx(forward, rel=1e-2)
    assert float(generalised_jsd(*double, 1 - small)) / small == pytest.approx(backward, rel=1e-2)
    half = float(generalised_jsd(student, teacher, 0.5))
    mixture = ((log_softmax(student, -1).exp() + log_softmax(teacher, -1).exp()) / 2).log()
    both = [kl_div(mixture, log_softmax(each, -1), reduction="sum", log_target=True) for each in (student, teacher)]
    assert half == pytest.approx(float(sum(both)) / 2, rel=1e-5)
    assert float(generalised_jsd(teacher, teacher, 0.5)) == pytest.approx(0, abs=1e-5)


def shelves(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


def keep(output: Path, teacher: Path, **changes: Any) -> dict[str, Any]:
    """What a training does before its first step: asks the teacher and keeps what it says. The figures of the report."""
    from seodang_templates import KoAlpaca
    from seodang_train.distilling import Distilling
    from seodang_train.saving import loaded

    chosen = Distill.Options(**{**TINY, "teacher_model": str(teacher), "store": "shelf", **changes})
    output.mkdir(exist_ok=True)
    method = Distilling(chosen, output, make_context(output, options=chosen))
    tokenizer, _ = loaded(teacher)
    return method.prepare(method.rows(rows(40), KoAlpaca(), tokenizer), tokenizer).figures


def test_an_interrupted_store_ends_in_the_same_bytes_and_a_whole_one_is_not_made_again(
    tmp_path: Path, teacher: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("seodang_train.logit_store.ROWS_IN_FILE", 16)
    figures = keep(tmp_path / "whole", teacher, offline=Offline(top_k=8))
    with pytest.raises(KeyboardInterrupt):
        distil(tmp_path / "killed", teacher, offline=Offline(top_k=8), store="shelf", stop_at="teacher")
    assert len(list((tmp_path / "killed" / "shelf").rglob("*.safetensors"))) == 1
    assert not (tmp_path / "killed" / "log.jsonl").exists(), "nothing is trained before all is kept"
    # What a kill in the middle of a file leaves.
    (next((tmp_path / "killed" / "shelf").iterdir()) / ".logits-00001.safetensors.writing").write_bytes(b"torn")
    again = distil(tmp_path / "killed", teacher, offline=Offline(top_k=8), store="shelf", max_steps=2)
    kept_whole, kept_again = shelves(tmp_path / "whole" / "shelf"), shelves(tmp_path / "killed" / "shelf")
    assert len(kept_whole) == 4 and kept_whole == kept_again
    assert figures.items() <= again.figures.items() and 0.5 < figures["kept_share"] < 1
    held = sum(len(content) for name, content in kept_whole.items() if name.endswith(".safetensors"))
    assert 0 < held - figures["logit_bytes"] < 3 * 256, "the forecast is what it takes, but for the head of each file"

    # Another training with the same teacher and the same rows asks it nothing; a damaged file is made again.
    shelf = str(tmp_path / "whole" / "shelf")
    with pytest.MonkeyPatch.context() as nobody:
        nobody.setattr("seodang_train.distilling.teacher_at", None)
        keep(tmp_path / "other", teacher, offline=Offline(top_k=8), store=shelf, learning_rate=1e-4)
    next((tmp_path / "whole" / "shelf").rglob("logits-00001.safetensors")).write_bytes(b"torn")
    keep(tmp_path / "other", teacher, offline=Offline(top_k=8), store=shelf)
    assert shelves(tmp_path / "whole" / "shelf") == kept_whole
    keep(tmp_path / "other", teacher, offline=Offline(top_k=9), store=shelf)
    assert len(list((tmp_path / "whole" / "shelf").iterdir())) == 2, "what is asked otherwise stands in a folder of its own"


@pytest.mark.parametrize(
    "changes",
    [
        {"offline": Offline(top_k=16)},
        {"offline": Offline(top_k=4, numbers="float32"), "temperature": 2.0, "packing": True},
        pytest.param({"online": Online(beta=0.5)}, marks=pytest.mark.nightly),
        pytest.param({"online": Online(beta=0.0), "packing": True}, marks=pytest.mark.nightly),
        pytest.param({"online": Online(beta=1.0)}, marks=pytest.mark.nightly),
        {"online": Online(beta=0.5, on_policy=0.3)},
    ],
)
def test_a_student_gets_nearer_to_its_teacher(tmp_path: Path, teacher: Path, changes: dict):
    """On the answers, measured as the whole KL, which has fallen to less than half: a tenth to a quarter is usual. What the log says is
    no measure here, because the student's own answers are others at every step."""
    distil(tmp_path / "out", teacher, alpha=1.0, max_steps=20, learning_rate=1e-2, dropout=0.0, shape="gpt-neox", **changes)
    assert distance(teacher, tmp_path / "out" / "student") < distance(teacher, tmp_path / "out" / "base") / 2


@torch.no_grad()
def distance(teacher: Path, student: Path) -> float:
    from seodang_templates import KoAlpaca
    from seodang_train.rows import encode_rows
    from seodang_train.saving import loaded

    tokenizer, one = loaded(teacher)
    _, other = loaded(student)
    found = 0.0
    options = Distill.Options(teacher_model="")
    for row in encode_rows(rows(7), KoAlpaca(), tokenizer, options).rows:
        ids = torch.tensor([list(row.ids)])
        places = [place - 1 for place, trained in enumerate(row.trained) if trained]
        found += dense_kl(one(ids).logits[0, places], other(ids).logits[0, places])
    return found


def test_an_interrupted_training_with_its_own_answers_ends_in_the_same_weights(tmp_path: Path, teacher: Path):
    """What the student draws comes from the state that the checkpoint holds."""
    options = {"online": Online(on_policy=0.5), "max_steps": 4, "checkpoint_steps": 2}
    distil(tmp_path / "whole", teacher, **options)
    chosen = Distill.Options(**{**TINY, "teacher_model": str(teacher), "dropout": 0.1, **options})
    context = make_context(tmp_path, options=chosen)

    def stop_at_three(done: int, total: int | None = None, **facts: object) -> None:
        if done == 3:
            raise KeyboardInterrupt

    context.progress = stop_at_three
    (tmp_path / "again").mkdir()
    with pytest.raises(KeyboardInterrupt):
        Distill(chosen).train(rows(40), None, tmp_path / "again", context)
    distil(tmp_path / "again", teacher, **options)
    assert weights(tmp_path / "again") == weights(tmp_path / "whole")


def test_its_own_answers_end_where_they_stop_and_only_they_are_trained(tmp_path: Path, teacher: Path):
    from seodang_train.distilling import AgainstTeacher, Prepared
    from seodang_train.rows import Row
    from seodang_train.saving import loaded

    tokenizer, model = loaded(teacher)
    options = Distill.Options(**{**TINY, "teacher_model": str(teacher), "online": Online(on_policy=1.0)})
    question = array("i", tokenizer.encode("### 질문: 3 다음은?\n\n### 답변: "))
    answer = array("i", [*tokenizer.encode("4입니다."), tokenizer.eos_token_id])
    row = Row(question + answer, bytes(len(question)) + b"\1" * len(answer))
    prepared = Prepared(teacher, "", len(tokenizer), None, {})
    losing = AgainstTeacher(model, options, prepared, model, [row], tokenizer)
    torch.manual_seed(1)
    (own,) = losing._own_answers([row])
    assert own.ids[: len(question)] == question and not any(own.trained[: len(question)])
    assert all(own.trained[len(question) :]) and len(own.ids) > len(question)
    assert tokenizer.eos_token_id not in own.ids[len(question) : -1]


def test_a_validation_is_the_loss_of_any_training(tmp_path: Path, teacher: Path):
    trained = distil(tmp_path / "out", teacher, validation=0.2, max_steps=2)
    assert 0 < trained.figures["validation_loss"] < 20 and trained.figures["validation_rows"] > 0


def test_another_vocabulary_is_refused_with_what_differs(tmp_path: Path, teacher: Path):
    other = write_tiny(tmp_path / "other", width=32)
    for options in ({}, {"online": Online()}):
        with pytest.raises(seodang.DataError) as told:
            distil(tmp_path / "out", other, model=str(teacher), **options)
        english = render(told.value.code, told.value.facts, "en")
        korean = render(told.value.code, told.value.facts, "ko")
        assert "do not have the same vocabulary" in english and re.search(
            r"tokens, of which \d+ differ \(teacher ≠ student: ", english
        )
        assert "어휘가 다릅니다" in korean and "– ≠" in english and 'teach = "answer"' in korean


@pytest.mark.parametrize(
    ("changes", "english", "korean"),
    [
        ({"online": Online(), "offline": Offline()}, "online and offline do not go together", "online과 offline은 함께 쓸 수 없습니다."),
        ({"online": Online(), "store": "logits"}, "online and store do not go together", "online과 store는 함께 쓸 수 없습니다."),
        ({"online": Online(on_policy=0.5), "packing": True}, "online.on_policy and packing do not go", "on_policy와 packing은 함께"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(monkeypatch: pytest.MonkeyPatch, changes: dict, english: str, korean: str):
    for language, said in (("en", english), ("ko", korean)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(ValueError, match=said):
            Distill.Options(teacher_model="teacher", **changes)


def test_a_full_disk_is_told_before_the_teacher_is_asked(tmp_path: Path, teacher: Path, monkeypatch: pytest.MonkeyPatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, 1000 if "logits" in str(path) else 10**12))
    with pytest.raises(seodang.DataError) as told:
        distil(tmp_path / "out", teacher)
    assert "GiB are free where" in render(told.value.code, told.value.facts, "en")
    assert "GiB가 남았습니다" in render(told.value.code, told.value.facts, "ko")


RECIPE = """[recipe]
name = "two"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
train = "sft"
name = "teacher"
SMALL

[[step]]
train = "distill"
teacher_model = "step:teacher"
SMALL
""".replace("SMALL", "\n".join(f"{name} = {value}" for name, value in TINY.items()))


def test_a_teacher_that_the_recipe_trains_is_named_by_its_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files = {"rows.jsonl": '{"instruction": "1 다음은?", "output": "2입니다."}\n' * 9}
    done = run_in(tmp_path, RECIPE, files=files)
    assert done.ok, done.error
    learned = done.manifest("distill")
    assert learned.figures["teacher"] == identity_of(next(done.run.glob("*-teacher")) / "student")[:12]
    again = run_in(tmp_path, RECIPE.replace("max_steps = 2", "max_steps = 3", 1), files=files)
    assert again.manifest("distill").figures["teacher"] != learned.figures["teacher"], "another teacher, another student"
    for language, said in (("en", "teacher_model"), ("ko", "teacher_model")):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        wrong = run_in(tmp_path, RECIPE.replace("step:teacher", "step:techer"), files=files)
        assert wrong.error is not None and said in str(wrong.error) and "techer" in str(wrong.error)


def test_the_terms_of_the_teacher_go_with_the_student(tmp_path: Path):
    bases = {}
    for name in ("polyglot-ko-1.3b", "llama-13b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text('{"model_type": "llama"}')
        trainer = Distill(Distill.Options(teacher_model=name))
        trainer.directory = tmp_path
        bases[name] = trainer.terms
    both = Distill(Distill.Options(model="polyglot-ko-1.3b", teacher_model="llama-13b"))
    both.directory = tmp_path
    assert all(bases.values()) and both.terms == (*bases["polyglot-ko-1.3b"], *bases["llama-13b"])


def test_the_example_of_the_page_is_accepted():
    import tomllib

    import msgspec
    from seodang_train import Sft, Text

    trainers = {each.name: each for each in (Distill, Sft, Text)}
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    steps = [step for block in re.findall(r"```toml\n(.*?)```", page, re.S) for step in tomllib.loads(block).get("step", ())]
    asked = {step.pop("train"): step for step in steps if "train" in step}
    assert {"text", "distill"} <= asked.keys()
    for name, step in asked.items():
        step.pop("name", None)
        assert msgspec.convert(step, trainers[name].Options)


class TestDistill(TrainerContract):
    trainer = Distill
    options = {**TINY, "teacher_model": "teacher"}
    student = Local

    @pytest.fixture(autouse=True)
    def _teacher(self, place: Path, teacher: Path) -> None:
        import shutil

        shutil.copytree(teacher, place / "teacher")
