"""What the hub holds is brought at one commit, whole and once; what cannot be had is told with what to do."""

from __future__ import annotations

import json

import pytest
import seodang
from seodang.testing import CarrierContract, Reaction, wire_server
from seodang.wording import render
from seodang_hub.carrying import Hub

COMMIT = "1" * 40
FILES = {"config.json": b"{}", "model.safetensors": b"weights" * 50, "pytorch_model.bin": b"pickle", "README.md": b"# tiny"}


class Shelf:
    """A hub with one model: village/tiny, whose card says Apache-2.0."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gated = False
        self.down = False

    def __call__(self, received):
        path = received.path.partition("?")[0]
        self.asked.append(f"{received.method} {path}")
        if self.down:
            return Reaction(status=503, body=b"{}")
        if path.startswith("/api/models/village/tiny/") or path == "/api/models/village/tiny":
            if "/revision/" in path and path.rpartition("/")[2] not in ("main", COMMIT):
                return self._refused(404, "RevisionNotFound")
            files = [{"rfilename": name, "size": len(content), "blobId": "0"} for name, content in FILES.items()]
            said = {
                "id": "village/tiny",
                "sha": COMMIT,
                "siblings": files,
                "cardData": {"license": "other", "license_name": "village"},
            }
            return Reaction(body=json.dumps(said).encode())
        file = path.rpartition("/")[2]
        if path.startswith("/village/tiny/resolve/") and file in FILES:
            if self.gated:
                return self._refused(403, "GatedRepo")
            content = FILES[file]
            headers = (("x-repo-commit", COMMIT), ("etag", f'"{len(content):040d}"'))
            return Reaction(body=content, headers=headers)
        return self._refused(404, "RepoNotFound")

    def _refused(self, status, code):
        return Reaction(status=status, body=b"{}", headers=(("x-error-code", code), ("content-type", "application/json")))


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    # Read when the library is first imported, which another test may have done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    there = Shelf()
    with wire_server(there) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield there


class TestHub(CarrierContract):
    carrier = Hub
    piece = seodang.Piece(option="model", name="village/tiny", carrier="hub")

    @pytest.fixture(autouse=True)
    def _on_loopback(self, shelf):
        pass


def wanted(**more):
    return seodang.Piece(option="model", **{"name": "village/tiny", "carrier": "hub", **more})


def test_a_listing_has_the_commit_the_terms_and_only_files_that_are_read(shelf):
    listing = Hub().listing(wanted(files=("*.safetensors", "*.json")))
    assert listing.revision == COMMIT and listing.terms == ("village",)
    assert dict(listing.files) == {"config.json": 2, "model.safetensors": 350}
    assert "pytorch_model.bin" not in Hub().listing(wanted()).files, "what runs when it is opened stays there"


@pytest.mark.parametrize(
    ("piece", "more", "code", "part"),
    [
        (
            wanted(name="village/none"),
            {},
            6,
            "127.0.0.1 has no model village/none, or does not show it without a token (HF_TOKEN).",
        ),
        (wanted(revision="2" * 40), {}, 6, f"village/tiny at 127.0.0.1 has no revision {'2' * 40}."),
        (wanted(), {"down": True}, 6, "village/tiny could not be brought from 127.0.0.1: "),
    ],
)
def test_what_is_not_to_be_had_says_why(shelf, piece, more, code, part):
    for name, value in more.items():
        setattr(shelf, name, value)
    with pytest.raises(seodang.SeodangError) as told:
        Hub().listing(piece)
    assert told.value.exit_code == code and part in str(told.value)


def test_a_gate_says_that_a_person_has_to_accept_its_conditions(shelf, tmp_path):
    piece = wanted()
    listing = Hub().listing(piece)
    shelf.gated = True
    with pytest.raises(seodang.SeodangError) as told:
        Hub().bring(piece, listing, tmp_path)
    assert told.value.exit_code == 5 and "Accept its conditions on its page there" in str(told.value)


def test_a_machine_that_must_not_ask_asks_nobody(shelf, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(seodang.SeodangError, match="HF_HUB_OFFLINE forbids that"):
        Hub().listing(wanted())
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    monkeypatch.setenv("SEODANG_OFFLINE", "1")
    with pytest.raises(seodang.SeodangError, match="SEODANG_OFFLINE forbids that"):
        Hub().listing(wanted())
    assert shelf.asked == []


@pytest.mark.parametrize(
    ("code", "en", "ko"),
    [
        ("offline", "h has to be asked for at hub, and V forbids that. Unset it, or leave the piece out.",
         "h는 hub에 물어야 하는데 V가 막고 있습니다. 그 환경 변수를 지우거나 이 항목을 빼세요."),
        ("gated", "hub gives h only to people it knows. Accept its conditions on its page there, and set HF_TOKEN to a token that may read it.",
         "hub는 h를 아는 사람에게만 줍니다. 그 페이지에서 조건에 동의하고, 읽을 수 있는 토큰을 HF_TOKEN에 넣으세요."),
        ("no-repository", "hub has no model h, or does not show it without a token (HF_TOKEN). "
         "If it lies on this machine, begin its path with ./ and put it there.",
         "hub에 'h' 저장소(model)가 없거나, 토큰(HF_TOKEN) 없이는 보여 주지 않습니다. 이 컴퓨터에 있는 것이라면 경로를 ./로 시작하고 그 자리에 두세요."),
        ("no-revision", "h at hub has no revision 1. Look for the commit under 'Files' on its page.",
         "hub의 h에 리비전 1이 없습니다. 그 페이지의 'Files'에서 커밋을 찾으세요."),
        ("failed", "h could not be brought from hub: cut. Run the same command again: it goes on where it stopped.",
         "hub에서 h를 가져오지 못했습니다: cut. 같은 명령을 다시 실행하면 멈춘 곳에서 이어 갑니다."),
    ],
)  # fmt: skip
def test_messages(code, en, ko):
    facts = {"name": "h", "host": "hub", "variable": "V", "holds": "model", "revision": "1", "error": "cut"}
    assert render(f"seodang_hub:fetch-{code}", facts, "en") == en
    assert render(f"seodang_hub:fetch-{code}", facts, "ko") == ko
