"""What goes into the folder: copies that know each other again, sums that people can check, and the list of what is installed."""

import hashlib
import os

import pytest
from seodang.carrying import Listing
from seodang.errors import DataError
from seodang.fetching.bringing import NoWheels, download_wheels
from seodang.fetching.folder import Copy, Notes, check_room, compare, copy_file, read_notes, sums_of
from seodang.fetching.requirements import Pinned, pinned


def test_a_copy_is_made_once_and_again_when_its_original_changes(tmp_path):
    (tmp_path / "a").write_text("one")
    copy = Copy(source=str(tmp_path / "a"), target="deep/a", bytes=3)
    copy_file(copy, tmp_path / "out")
    made = os.stat(tmp_path / "out" / "deep" / "a")
    copy_file(copy, tmp_path / "out")
    assert os.stat(tmp_path / "out" / "deep" / "a").st_ino == made.st_ino
    (tmp_path / "a").write_text("two")
    os.utime(tmp_path / "a", ns=(1, 1))
    copy_file(copy, tmp_path / "out")
    assert (tmp_path / "out" / "deep" / "a").read_text() == "two"


def test_the_sums_are_of_what_people_carry(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "w").write_bytes(b"w")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "note").write_text("the carrier's own")
    (tmp_path / "fetched.json").write_text("{}")
    notes = Notes(recipe="r")
    assert sums_of(tmp_path, notes) == f"{hashlib.sha256(b'w').hexdigest()}  models/w\n"
    assert set(notes.hashes) == {"models/w"}


def test_a_file_that_is_not_whole_is_taken_away_so_that_it_comes_anew(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "w").write_bytes(b"half")
    for listing in (Listing(revision="1", files={"w": 8}), Listing(revision="1", files={"w": 4}, sha256={"w": "0" * 64})):
        (tmp_path / "models" / "w").write_bytes(b"half")
        with pytest.raises(DataError, match=r"models/w did not arrive whole\."):
            compare(tmp_path, listing, "models", Notes(recipe="r"))
        assert not (tmp_path / "models" / "w").exists()


def test_a_disk_without_room_is_told_before_anything_is_brought(tmp_path):
    with pytest.raises(DataError, match=r"would take 1,000,000,000,000,000,000 more bytes, and "):
        check_room(tmp_path / "not" / "yet", 10**18)


def test_notes_that_cannot_be_read_are_nobodys(tmp_path):
    assert read_notes(tmp_path / "new") is None and read_notes(tmp_path) is None
    (tmp_path / "fetched.json").write_text("torn")
    with pytest.raises(DataError, match="holds other things"):
        read_notes(tmp_path)


def test_what_is_installed_is_listed_with_all_that_it_needs():
    found = {one.name: one for one in pinned(["seodang", "not-installed-anywhere"])}
    assert set(found) >= {"seodang", "click", "pluggy", "msgspec", "rich", "markdown-it-py"}
    assert "pytest" not in found and "not-installed-anywhere" not in found
    assert found["click"].line == f"click=={found['click'].version}" and not found["click"].source


def test_pip_says_why_a_wheel_cannot_be_had(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(NoWheels) as told:
        download_wheels([Pinned(name="seodang-nowhere", version="9")], tmp_path / "wheels")
    assert told.value.exit_code == 6 and "seodang-nowhere==9" in str(told.value)
