"""Which models are loaded and which are not, what a model is known by, and when a hub may be asked."""

import json
import os
import shutil

import pytest
import seodang
from seodang.testing import make_context
from seodang.wording import render
from seodang_local import Local, LocalTeacher
from seodang_local.hashes import REMEMBERED_FROM, identity_of
from seodang_local.tiny import write_tiny

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ASKED = seodang.Request(messages=(seodang.Message("user", "안녕"),), max_tokens=4)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def copied(model, tmp_path):
    return shutil.copytree(model, tmp_path / "copied")


def ask(place, tmp_path, **options):
    teacher = LocalTeacher(LocalTeacher.Options(model=str(place), **options))
    teacher.directory = tmp_path
    return teacher.answer_many([ASKED], make_context(tmp_path, options=teacher.options))[0]


def told(error):
    return [render(error.value.code, error.value.facts, language) for language in ("en", "ko")]


def test_a_model_is_known_by_its_files_and_not_by_their_place(copied, model):
    known = identity_of(model)
    assert known.startswith("sha256:") and identity_of(copied) == known
    (copied / "README.md").write_text("a card", encoding="utf-8")
    (copied / "training_args.bin").write_bytes(b"\x80")
    assert identity_of(copied) == known, "what is not read does not count"
    for name in ("config.json", "tokenizer_config.json", "chat_template.jinja", "model.safetensors"):
        before = (copied / name).read_bytes()
        (copied / name).write_bytes(before + b" ")
        assert identity_of(copied) != known, name
        (copied / name).write_bytes(before)
    assert identity_of(copied) == known


def test_paths_are_relative_to_the_recipe(copied, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert ask("./copied", tmp_path) == ask(copied, tmp_path)
    options = Local.Options(path="copied")
    student = Local(options)
    student.open(make_context(tmp_path, options=options))
    assert len(student.generate([seodang.single_turn("안녕")], 4)) == 1


def test_the_hash_of_a_large_file_is_remembered_until_the_file_changes(tmp_path, monkeypatch):
    import hashlib

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    large = tmp_path / "large.gguf"
    large.write_bytes(b"\0" * REMEMBERED_FROM)
    first = identity_of(large)
    (note,) = (tmp_path / "cache" / "seodang" / "models").iterdir()
    assert note.read_text() == hashlib.sha256(large.read_bytes()).hexdigest()
    note.write_text("f" * 64)
    assert identity_of(large) != first, "the note is believed"
    note.write_text("torn")
    assert identity_of(large) == first, "a torn note is not"
    os.utime(large, ns=(1, 1))
    (tmp_path / "cache").chmod(0o500)
    assert identity_of(large) == first, "a changed file is read, and what cannot be noted is not"
    (tmp_path / "cache").chmod(0o700)


def test_a_gguf_model_of_several_files_is_known_by_all_of_them(tmp_path):
    parts = [tmp_path / f"big-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        part.write_bytes(part.name.encode())
    known = identity_of(parts[0])
    parts[1].write_bytes(b"other")
    assert identity_of(parts[0]) != known
    parts[1].unlink()
    with pytest.raises(seodang.DataError) as error:
        identity_of(parts[0])
    assert told(error)[0] == f"There is no file {parts[1]}. Paths are relative to the recipe."


def test_pickles_are_not_loaded(copied, tmp_path):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(seodang.DataError) as error:
        ask(copied, tmp_path)
    assert told(error) == [
        f"{copied} holds only pickles (pytorch_model.bin), and loading a pickle runs whatever is in it. Convert them with "
        "save_pretrained(…) on a machine that you can lose.",
        f"{copied}에는 피클(pytorch_model.bin)뿐인데, 피클은 불러오는 순간 안에 든 코드를 실행합니다. 잃어도 되는 컴퓨터에서 "
        "save_pretrained(…)로 변환하세요.",
    ]


def test_a_pickle_beside_safetensors_is_never_touched(copied, tmp_path, model):
    (copied / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert ask(copied, tmp_path).message == ask(model, tmp_path).message


def test_code_of_the_model_is_not_run(copied, tmp_path):
    ran = tmp_path / "ran"
    (copied / "modeling_own.py").write_text(f"open({str(ran)!r}, 'w')\n", encoding="utf-8")
    config = json.loads((copied / "config.json").read_text())
    named = {"AutoModelForCausalLM": "modeling_own.Own", "AutoConfig": "modeling_own.OwnConfig"}
    (copied / "config.json").write_text(json.dumps({**config, "model_type": "own-thing", "auto_map": named}))
    with pytest.raises(seodang.DataError) as error:
        ask(copied, tmp_path)
    assert told(error) == [
        f"{copied} brings its architecture 'own-thing' as code of its own, which seodang does not run. Serve the model elsewhere and "
        'use teacher = "openai" with its base_url.',
        f"{copied}의 'own-thing' 구조는 모델에 딸린 코드로만 되어 있고, seodang은 그런 코드를 실행하지 않습니다. 다른 서버로 모델을 "
        '띄우고 teacher = "openai"와 base_url을 쓰세요.',
    ]
    (copied / "config.json").write_text(json.dumps({**config, "auto_map": named}))
    assert ask(copied, tmp_path).usage.output_tokens, "an architecture that transformers has is taken from there"
    assert not ran.exists()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_torn_file_is_told_in_a_sentence(copied, tmp_path, name):
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(seodang.DataError) as error:
        ask(copied, tmp_path)
    english, korean = told(error)
    assert english.startswith(f"{copied} could not be loaded: ") and korean.startswith(f"{copied}를 불러오지 못했습니다: "), (
        english
    )


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(seodang.DataError) as error:
        ask("./nowhere", tmp_path)
    assert told(error) == [
        f"There is no directory {tmp_path}/nowhere. Paths are relative to the recipe.",
        f"{tmp_path}/nowhere 디렉터리가 없습니다. 경로는 레시피를 기준으로 합니다.",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(seodang.DataError) as error:
        ask("./empty", tmp_path)
    assert told(error)[0].startswith(f"{tmp_path}/empty holds no *.safetensors file.")


def test_without_a_chat_template_one_has_to_be_named(tmp_path):
    with pytest.raises(seodang.DataError) as error:
        ask(write_tiny(tmp_path / "base", chat=False), tmp_path)
    assert told(error)[0] == 'The tokenizer brings no chat template. Name another template, such as template = "koalpaca".'


def test_a_name_on_the_hub_needs_its_commit():
    for options in ({"model": "own/model"}, {"model": "own/model", "revision": "main"}):
        with pytest.raises(ValueError, match="which may be another model tomorrow: add its commit as revision"):
            LocalTeacher.Options(**options)
    with pytest.raises(ValueError, match="revision is for a model on the hub"):
        LocalTeacher.Options(model="./model", revision=COMMIT)
    with pytest.raises(ValueError, match="leave dtype and stop_tokens unset"):
        LocalTeacher.Options(model="./model.gguf", dtype="float32")
    teacher = LocalTeacher(LocalTeacher.Options(model="own/model", revision=COMMIT))
    assert teacher.identity == f"own/model@{COMMIT}"


@pytest.fixture
def hub_cache(tmp_path, monkeypatch, no_network):
    """An empty cache of the hub, and no way to the hub."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.mark.parametrize("variable", ["SEODANG_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_a_model_of_the_hub_is_taken_from_its_cache_or_not_at_all(
    model, tmp_path, monkeypatch, hub_cache, no_network, variable
):
    monkeypatch.setenv(variable, "1")
    options = LocalTeacher.Options(model="own/model", revision=COMMIT)
    assert LocalTeacher(options).network == ("huggingface.co",), "a plan says so"
    with pytest.raises(seodang.DataError) as error:
        ask("own/model", tmp_path, revision=COMMIT)
    assert told(error) == [
        "'own/model' is not in the hub's cache on this machine, and SEODANG_OFFLINE or HF_HUB_OFFLINE forbids fetching it. Unset it, or "
        'name a directory: model = "./…".',
        "'own/model' 모델이 이 컴퓨터의 허브 캐시에 없는데 SEODANG_OFFLINE이나 HF_HUB_OFFLINE 때문에 받을 수 없습니다. 변수를 지우거나 "
        'model = "./…"처럼 디렉터리를 적으세요.',
    ]
    shutil.copytree(model, hub_cache / "models--own--model" / "snapshots" / COMMIT)
    assert LocalTeacher(options).network == (), "nobody has to be asked"
    assert ask("own/model", tmp_path, revision=COMMIT).message == ask(model, tmp_path).message
    assert not no_network.attempts


def test_importing_the_plugin_loads_no_model_library():
    import subprocess
    import sys

    code = "import sys, seodang_local, seodang_local.hashes; print({'torch', 'transformers', 'huggingface_hub'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
