"""A student goes to the hub: what would go is told first, what must not go is refused, and a server that speaks the hub's words gets it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
import seodang
from seodang.commandline import main
from seodang.testing import Reaction, wire_server
from seodang.testing.recipes import run_in
from seodang.wording import render
from seodang_hub.checking import Asked, problems_of

RECIPE = '[recipe]\nname = "village"\nlanguage = "ko"\n[[step]]\nseeds = "rows"\n[[step]]\ntrain = "tiny"\n'


class Rows(seodang.Seeds):
    """Two rows under a licence."""

    name = "rows"
    terms = ("CC-BY-4.0",)

    def read(self, context):
        yield seodang.single_turn("하나?", "둘", terms=("CC-BY-4.0",))


class Tiny(seodang.Trainer):
    """Leaves what a trainer leaves."""

    name = "tiny"

    def train(self, dataset, base, output, context):
        (output / "student").mkdir()
        (output / "student" / "config.json").write_text('{"model_type": "llama"}')
        (output / "student" / "model.safetensors").write_bytes(b"weights" * 100)
        return seodang.Trained(
            student="local", options={"path": "student"}, about={"name_begins": "Llama", "architecture": "Tiny"}
        )


class Plugin:
    @seodang.hookimpl
    def register_seeds(self, register):
        register(Rows)

    @seodang.hookimpl
    def register_trainers(self, register):
        register(Tiny)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    done = run_in(tmp_path, RECIPE, plugins=[Plugin()])
    assert done.ok, done.error
    return done.run


@pytest.fixture
def push(run, monkeypatch, capsys):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    # Read when the library is first imported, which another test may have done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)

    def pushed(*arguments: str, step: str = "tiny", repository: str = "village/Llama-school"):
        with pytest.raises(SystemExit) as ended:
            main(["push", str(run), step, repository, *arguments])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return pushed


def student(run: Path) -> Path:
    return seodang.open_run(run).folder("tiny") / "student"


def test_a_dry_run_tells_what_would_go_and_sends_nothing(push, run):
    code, out, err = push("--dry-run")
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert first.startswith("village/Llama-school (model, private if it is new), licence cc-by-4.0: 3 files, ")
    assert [line.split()[-1] for line in rest[:3]] == ["README.md", "config.json", "model.safetensors"] and " 700 " in rest[2]
    assert rest[3:] == ["Nothing speaks against it."]
    code, out, _ = push("--dry-run", "--json", "--public")
    assert json.loads(out)["private"] is False and json.loads(out)["files"]["model.safetensors"] == 700


def test_what_must_not_go_is_told_all_at_once(push, run, monkeypatch):
    monkeypatch.setenv("SCHOOL_API_KEY", "a-long-value-of-ours")
    (student(run) / "notes.md").write_text("fine\nkey: a-long-value-of-ours\n")
    (student(run) / "optimizer.pt").write_bytes(b"pickle")
    code, out, err = push("--dry-run", repository="village/school")
    assert code == 4 and "Nothing was uploaded to village/school" in err
    told = out + err
    for part in (
        "asks for a name that begins with 'Llama', and the repository is called 'school'.",
        "notes.md, line 2, holds what looks like a secret (SCHOOL_API_KEY).",
        "optimizer.pt does not belong there: a .pt file",
    ):
        assert part in told
    assert "a-long-value" not in told
    code, out, err = push(repository="village/school")
    assert code == 4 and "  optimizer.pt does not belong there" in err


def test_records_are_pushed_from_the_directory_that_an_export_made(push, tmp_path):
    code, _, err = push("--dry-run", step="rows")
    assert code == 4 and "The step rows trained no student. For records: seodang export" in err
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("---\nlicense: mit\n---\n")
    code, out, _ = push("--dry-run", "--directory", str(tmp_path / "data"), step="rows")
    assert code == 0 and "(dataset, private if it is new), licence mit: 1 file," in out


@pytest.mark.parametrize(
    ("terms", "card", "code"),
    [
        ((seodang.PERSONAL_DATA,), "---\nlicense: mit\n---\n", "push-personal"),
        ((), "---\nlicense: unknown\n---\n", "push-licence"),
        ((), "no front matter", "push-licence"),
        ((), "", "push-no-card"),
        ((), "---\nlicense: mit\n---\nhf_" + "a" * 34, "push-secret"),
        ((), "---\nlicense: mit\n---\n-----BEGIN PRIVATE KEY-----", "push-secret"),
    ],
)
def test_each_reason(tmp_path, terms, card, code):
    (tmp_path / "config.json").write_text("{}")
    if card:
        (tmp_path / "README.md").write_text(card)
    ((found, facts),) = problems_of(Asked(tmp_path, "a/b", terms, {}, "runs/mine", "sft"))
    assert found == code
    assert render(f"seodang_hub:{code}", facts, "en") != render(f"seodang_hub:{code}", facts, "ko")


def test_a_link_out_of_the_directory_and_an_empty_one(tmp_path):
    (tmp_path / "out").mkdir()
    assert [code for code, _ in problems_of(Asked(tmp_path / "out", "a/b", (), {}, "r", "s"))] == ["push-no-files"]
    (tmp_path / "out" / "README.md").write_text("---\nlicense: mit\n---\n")
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "out" / "config.json").symlink_to(tmp_path / "secret.json")
    assert [code for code, _ in problems_of(Asked(tmp_path / "out", "a/b", (), {}, "r", "s"))] == ["push-link"]


class Hub:
    """Says what the hub says, and keeps what it is sent."""

    def __init__(self) -> None:
        self.created: dict = {}
        self.files: dict[str, bytes] = {}
        self.large: dict[str, bytes] = {}
        self.tokens: set[str] = set()
        self.url = ""

    def __call__(self, received):
        path, _, _ = received.path.partition("?")
        self.tokens.add(received.headers.get("authorization", ""))
        if path == "/api/repos/create":
            self.created = json.loads(received.body)
            return self._json({"url": f"{self.url}/village/Llama-school", "name": "village/Llama-school", "id": "1"})
        if path == "/api/validate-yaml":
            return self._json({"errors": [], "warnings": []})
        if path.endswith("/preupload/main"):
            wanted = json.loads(received.body)["files"]
            said = [
                {
                    "path": each["path"],
                    "uploadMode": "lfs" if each["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for each in wanted
            ]
            return self._json({"files": said})
        if path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**each, "actions": {"upload": {"href": f"{self.url}/put/{each['oid']}", "header": {}}}}
                for each in json.loads(received.body)["objects"]
            ]
            return self._json({"transfer": "basic", "objects": objects})
        if path.startswith("/put/"):
            self.large[path.removeprefix("/put/")] = received.body
            return self._json({})
        if path.endswith("/commit/main"):
            for line in received.body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    self.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
                if entry["key"] == "lfsFile":
                    self.files[entry["value"]["path"]] = self.large[entry["value"]["oid"]]
            commit = hashlib.sha1(b"commit").hexdigest()
            return self._json(
                {"success": True, "commitOid": commit, "commitUrl": f"{self.url}/village/Llama-school/commit/{commit}"}
            )
        if path.startswith("/api/models/"):
            return self._json({"id": "village/Llama-school", "sha": "0" * 40, "siblings": [], "private": True})
        return Reaction(status=404, body=b"{}")

    @staticmethod
    def _json(value):
        return Reaction(body=json.dumps(value).encode(), headers=(("Content-Type", "application/json"),))


# huggingface_hub hands a large file to httpx by a name that the latter will drop; nobody who pushes can do anything about it.
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_it_goes_to_a_private_repository_and_arrives_whole(push, run, monkeypatch):
    hub = Hub()
    with wire_server(hub) as server:
        hub.url = server.url
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", "hf_for-this-test")
        code, out, err = push()
    assert code == 0, err
    assert (hub.created.get("visibility") == "private" or hub.created.get("private")) and "Bearer hf_for-this-test" in hub.tokens
    assert {name: content == (student(run) / name).read_bytes() for name, content in hub.files.items()} == {
        "README.md": True, "config.json": True, "model.safetensors": True,
    }  # fmt: skip
    assert out.splitlines()[-1].startswith("3 files uploaded to http://127.0.0.1")


@pytest.mark.parametrize(
    ("environment", "code", "english"),
    [
        ({}, 5, "Uploading to huggingface.co needs HF_TOKEN, which is not set"),
        ({"HF_TOKEN": "hf_x", "SEODANG_OFFLINE": "1"}, 6, "SEODANG_OFFLINE forbids to speak to huggingface.co."),
    ],
)
def test_without_a_token_or_offline_it_says_so(push, monkeypatch, tmp_path, environment, code, english):
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found, _, err = push()
    assert found == code and english in err


def test_a_hub_that_refuses_is_told(push, monkeypatch):
    with wire_server(lambda received: Reaction(status=403, body=b'{"error": "no right to write"}')) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", "hf_x")
        code, _, err = push()
    assert code == 6 and "127.0.0.1 did not take village/Llama-school: " in err
