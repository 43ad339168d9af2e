"""What is written is there whole or not at all, is private, and says what to do when the disk will not take it."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.files.durable import DurableFile, commit_directory, explained, make_private_directory, write_durably


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask():
    """Files are private because we say so, not because the user's umask does."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_everything_is_readable_by_its_owner_only(tmp_path, open_umask):
    run = tmp_path / "runs" / "학교 1"
    make_private_directory(run)
    make_private_directory(run)
    write_durably(run / "recipe.toml", b"text")
    assert [mode(place) for place in (tmp_path / "runs", run, run / "recipe.toml")] == [0o700, 0o700, 0o600]


def test_a_directory_that_stands_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    make_private_directory(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_committed_folder_is_private_whoever_wrote_into_it(tmp_path, open_umask):
    partial = tmp_path / "05-train.partial-1"
    (partial / "student").mkdir(parents=True)
    (partial / "student" / "model.safetensors").write_bytes(b"weights")
    (partial / "latest").symlink_to("student")
    os.mkfifo(partial / "pipe")
    commit_directory(partial, tmp_path / "05-train")
    done = tmp_path / "05-train"
    assert not partial.exists() and (done / "latest").is_symlink()
    assert [mode(place) for place in (done, done / "student", done / "student" / "model.safetensors")] == [0o700, 0o700, 0o600]


def test_a_folder_that_stands_there_is_never_replaced(tmp_path):
    partial, final = tmp_path / "partial", tmp_path / "final"
    make_private_directory(partial)
    make_private_directory(final)
    write_durably(final / "manifest.json", b"old")
    with pytest.raises(DataError) as refused:
        commit_directory(partial, final)
    assert refused.value.code == "files.unusable-place" and (final / "manifest.json").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["manifest.json", "한글 🙂.json", "긴" * 80 + ".json"])
def test_a_file_is_replaced_whole(tmp_path, name):
    path = tmp_path / name
    for content in (b"", b"one", b"two" * 1000):
        write_durably(path, content)
        assert path.read_bytes() == content and [place.name for place in tmp_path.iterdir()] == [name]


def test_what_a_killed_process_left_is_cleared_away_by_the_next(tmp_path):
    path = tmp_path / "manifest.json"
    file = DurableFile(path)
    file.__enter__()
    file.write(b"half")
    os.close(file._descriptor)  # as the system does for a process that is killed
    assert not path.exists() and len(list(tmp_path.iterdir())) == 1
    write_durably(path, b"whole")
    assert [place.name for place in tmp_path.iterdir()] == ["manifest.json"]


def test_an_error_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.jsonl"
    write_durably(path, b"old")
    with pytest.raises(KeyError), DurableFile(path) as file:
        file.write(b"new")
        raise KeyError
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("target")
    write_durably(tmp_path / "link", b"content")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "target").read_bytes() == b"content"


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path):
        with pytest.raises(DataError) as refused:
            write_durably(place, b"content")
        assert refused.value.code == "files.not-a-file"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_the_nth_call_that_fails_leaves_the_old_or_the_new_file(tmp_path, monkeypatch, number):
    """Each system call that writing makes fails in turn, until one attempt gets through."""
    path = tmp_path / "manifest.json"
    failures = 0
    while True:
        path.write_bytes(b"old")
        left = [failures]

        def fragile(call, left=left):
            def made(*arguments, **options):
                left[0] -= 1
                if left[0] == -1:
                    raise OSError(number, os.strerror(number))
                return call(*arguments, **options)

            return made

        with monkeypatch.context() as patch:
            for name in ("write", "fsync", "replace", "open"):
                patch.setattr(os, name, fragile(getattr(os, name)))
            try:
                write_durably(path, b"new")
                break
            except DataError as error:
                assert error.code in ("files.io", "files.no-space", "files.read-only")
        assert path.read_bytes() in (b"old", b"new")
        assert [place.name for place in tmp_path.iterdir()] == ["manifest.json"]
        failures += 1
    assert failures == 6 and path.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "files.no-space"), (errno.EDQUOT, "files.no-space"), (errno.EFBIG, "files.no-space"),
        (errno.EROFS, "files.read-only"), (errno.EACCES, "files.read-only"), (errno.EIO, "files.io"),
        (errno.ENAMETOOLONG, "files.unusable-place"),
    ],
)  # fmt: skip
def test_the_word_of_the_system_is_told_as_what_it_means(number, code):
    with pytest.raises(DataError) as told, explained(Path("runs/a")):
        raise OSError(number, os.strerror(number))
    assert told.value.code == code and told.value.facts == {"path": "runs/a", "error": os.strerror(number)}


def test_what_means_something_else_to_each_caller_passes_through():
    with pytest.raises(FileNotFoundError), explained(Path("runs/a")):
        raise FileNotFoundError(errno.ENOENT, "no such file")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from seodang.errors import DataError
from seodang.files.durable import write_durably
from seodang.files.shards import LineWriter, ShardWriter
from seodang.records import single_turn

step = Path(sys.argv[1])
write_durably(step / "notes.json", b"old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))

def shards():
    writer = ShardWriter(step)
    for number in range(1000):
        writer.write(single_turn(f"question {number}", "answer " * 20))
    writer.close()

def lines():
    writer = LineWriter(step / "dropped.jsonl")
    writer.write({"text": "x" * 3_000_000})
    writer.close()

for attempt in (shards, lines, lambda: write_durably(step / "notes.json", b"x" * 100_000)):
    try:
        attempt()
    except DataError as error:
        print(error.exit_code, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
shards()
print("continued")
"""


def test_a_full_disk_is_told_with_its_remedy_and_nothing_half_written_counts(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True,
        env={**os.environ, "SEODANG_LANGUAGE": "en"}, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    told = done.stdout.splitlines()
    assert [line.split(" (File too large)")[0] for line in told[:3]] == [
        f"4 No space left to write {tmp_path}/{name}" for name in ("part-00000.jsonl", "dropped.jsonl", "notes.json")
    ]
    assert all("Free some space" in line and "run the same command again" in line for line in told[:3])
    assert told[3:] == ["continued"]
    assert (tmp_path / "notes.json").read_bytes() == b"old" and not list(tmp_path.glob(".*"))
    assert not (tmp_path / "manifest.json").exists(), "without a manifest the folder does not exist"


CLOSED_PLACE = """
import os, sys
from pathlib import Path
from seodang.errors import DataError
from seodang.files.shards import LineWriter

os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setuid(65534)  # nobody stops root
writer = LineWriter(Path("rows.jsonl"))
writer.write({})
try:
    writer.close()
except DataError as error:
    print(error.code, error.facts)
"""


def test_a_directory_that_may_not_be_written_to_is_told(tmp_path):
    tmp_path.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", CLOSED_PLACE, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "files.read-only {'path': 'rows.jsonl', 'error': 'Permission denied'}\n", done.stderr
