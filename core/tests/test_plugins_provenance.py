"""What the lock of a run records of a distribution, and how an edited file gives itself away."""

import base64
import hashlib
import json
import sys
from pathlib import Path

import pytest
from seodang.plugins.provenance import edited_files, provenance

sys.path.insert(0, str(Path(__file__).parent))
from on_disk import Site, a_filter


@pytest.fixture
def site(tmp_path, monkeypatch):
    found = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(found.directory)
    return found


def record(site: Site, distribution: str) -> None:
    """Writes RECORD as pip does for a wheel."""
    folder, = site.directory.glob(f"{distribution.replace('-', '_')}-*.dist-info")  # fmt: skip
    lines = []
    for file in sorted(site.directory.rglob("*")):
        if file.is_file() and distribution.replace("-", "_") in str(file.relative_to(site.directory)):
            digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
            lines.append(f"{file.relative_to(site.directory)},sha256={digest},{file.stat().st_size}")
    (folder / "RECORD").write_text("\n".join([*lines, f"{folder.name}/RECORD,,"]) + "\n")


def editable(site: Site, distribution: str) -> None:
    folder, = site.directory.glob(f"{distribution.replace('-', '_')}-*.dist-info")  # fmt: skip
    (folder / "direct_url.json").write_text(json.dumps({"url": "file:///src", "dir_info": {"editable": True}}))


def test_the_core_itself_has_a_provenance():
    version, is_editable, digest = provenance("seodang")
    assert version == "0.1.0" and len(digest) == 64 and isinstance(is_editable, bool)


def test_what_is_not_installed_has_none():
    assert provenance("seodang-never-written") is None and provenance("") is None
    assert edited_files("seodang-never-written") == []


def test_a_wheel_and_an_editable_installation_of_the_same_sources_are_the_same(site):
    site.add("seodang-ant", a_filter("ant"), version="1.2")
    (site.directory / "seodang_ant" / "words.txt").write_text("하나\n")
    record(site, "seodang-ant")
    wheel = provenance("seodang-ant")
    editable(site, "seodang-ant")
    again = provenance("seodang-ant")
    assert (wheel.version, wheel.editable, again.editable) == ("1.2", False, True)
    assert wheel.sha256 == again.sha256


@pytest.mark.parametrize("change", ["edited", "added", "removed", "renamed"])
def test_another_content_is_another_hash(site, change):
    file = site.add("seodang-ant", a_filter("ant"))
    data = site.directory / "seodang_ant" / "words.txt"
    data.write_text("one\n")
    editable(site, "seodang-ant")
    before = provenance("seodang-ant").sha256
    if change == "edited":
        file.write_text(file.read_text() + "\n")
    elif change == "added":
        data.with_name("more.txt").write_text("")
    elif change == "removed":
        data.unlink()
    else:
        data.rename(data.with_name("text.txt"))
    assert provenance("seodang-ant").sha256 != before


def test_what_python_writes_beside_the_sources_does_not_count(site):
    file = site.add("seodang-ant", a_filter("ant"))
    before = provenance("seodang-ant").sha256
    cache = file.parent / "__pycache__"
    cache.mkdir()
    (cache / "x.cpython-311.pyc").write_bytes(b"x")
    assert provenance("seodang-ant").sha256 == before


def test_an_edited_file_of_a_wheel_is_named(site):
    file = site.add("seodang-ant", a_filter("ant"))
    record(site, "seodang-ant")
    assert edited_files("seodang-ant") == []
    file.write_text("# changed\n")
    assert edited_files("seodang-ant") == ["seodang_ant/__init__.py"]
    file.unlink()
    assert edited_files("seodang-ant") == ["seodang_ant/__init__.py"]
    editable(site, "seodang-ant")
    assert edited_files("seodang-ant") == []
