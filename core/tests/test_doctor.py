"""`seodang doctor` says what is wrong with a machine and what to do, and never shows a key."""

import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from seodang.doctor import accelerators, checks, storage
from seodang.doctor.accelerators import Accelerators
from seodang.doctor.storage import Storage, kind_from_mount, kind_from_mountinfo, look_at_storage

sys.path.insert(0, str(Path(__file__).parent))
from on_disk import Site, a_filter

KEYED = '''
import seodang

class Papago(seodang.Teacher):
    """Asks somebody."""

    name = "papago"
    secrets = ("env:PAPAGO_KEY", "env:PAPAGO_ID", "env:PAPAGO_HOST")

    async def answer(self, request, context): ...

@seodang.hookimpl
def register_teachers(register):
    register(Papago)
'''


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")


@pytest.fixture
def site(tmp_path):
    """With a torch that starts at once: the real one takes seconds, and one test below asks it."""
    found = Site(tmp_path / "site")
    found.add("seodang-papago", KEYED)
    torch = found.directory / "torch"
    torch.mkdir()
    (torch / "__init__.py").write_text(
        "class cuda:\n    device_count = staticmethod(lambda: 1)\n    get_device_name = staticmethod(lambda number: 'Toy GPU')\n"
    )
    metadata = found.directory / "torch-2.99.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.99.0\n")
    return found


OURS = {"SEODANG_PLUGINS": "papago"}


def doctor(site, *arguments, **more):
    done = site.seodang("doctor", *arguments, **OURS | more)
    assert done.stderr == ""
    return done


def found(done):
    """The checks of a JSON answer, by name: (state, found, fix)."""
    by_name = {}
    for check in json.loads(done.stdout)["checks"]:
        by_name.setdefault(check["name"], []).append((check["state"], check["found"], check["fix"]))
    return by_name


def test_a_machine_on_which_nothing_is_broken(site):
    done = doctor(site, "--json", "--run-dir", str(site.directory.parent), PYTHONUTF8="1")
    checks = found(done)
    assert done.returncode == 0 and json.loads(done.stdout)["ok"] is True
    assert list(checks) == [
        "python", "seodang", "plugins", "secrets", "sqlite", "space", "file-system", "writing", "torch", "terminal",
    ]  # fmt: skip
    assert checks["python"][0][1].startswith(f"{sys.version.split()[0]} at {sys.executable}")
    assert checks["seodang"][0][1].startswith("0.1.0")
    assert checks["plugins"][0] == ("ok", "seodang-papago 1.0", "")
    assert checks["sqlite"] == [("ok", sqlite3.sqlite_version, "")]
    assert checks["writing"][0][1].endswith("ms until a page is safely on the disk")
    assert checks["torch"] == [("ok", "2.99.0 on Toy GPU", "")]
    assert checks["terminal"] == [("ok", "UTF-8", "")]


def test_a_broken_plugin_is_told_with_its_reason_and_what_to_do(site):
    site.add("seodang-lacks", "import libcudart_missing")
    site.add("seodang-sleeps", "import time\ntime.sleep(10)")
    site.add("seodang-raises", "raise RuntimeError('no licence')")
    done = doctor(site, "--json", SEODANG_PLUGINS="papago,lacks,sleeps,raises", SEODANG_PLUGINS_SECONDS="1")
    assert done.returncode == 3 and json.loads(done.stdout)["ok"] is False
    broken = [(what, fix) for state, what, fix in found(done)["plugins"] if state == "broken"]
    assert broken == [
        (
            "seodang-lacks 1.0 (entry point 'lacks') could not be loaded: ModuleNotFoundError: No module named "
            "'libcudart_missing' (seodang_lacks/__init__.py:1)",
            "pip install --upgrade seodang-lacks installs what it says it needs. If it does not say so: "
            "pip install libcudart_missing",
        ),
        (
            "seodang-raises 1.0 (entry point 'raises') could not be loaded: RuntimeError: no licence "
            "(seodang_raises/__init__.py:1)",
            "pip install --upgrade seodang-raises. If it stays broken, tell its author, and remove it until then: "
            "pip uninstall seodang-raises",
        ),
        (
            "seodang-sleeps 1.0 (entry point 'sleeps') could not be loaded: took longer than 1 s to load "
            "(SEODANG_PLUGINS_SECONDS changes the limit)",
            "On a slow disk allow it more time (export SEODANG_PLUGINS_SECONDS=30); otherwise tell its author, and remove it "
            "until then: pip uninstall seodang-sleeps",
        ),
    ]


def test_a_person_reads_one_line_a_thing_and_an_arrow_where_there_is_something_to_do(site):
    site.add("seodang-raises", "raise RuntimeError('no licence')")
    english = doctor(site, SEODANG_PLUGINS="papago,raises")
    assert english.returncode == 3
    assert "ok     plugins: seodang-papago 1.0\n" in english.stdout
    assert (
        "broken plugins: seodang-raises 1.0 (entry point 'raises') could not be loaded: RuntimeError: no licence "
        "(seodang_raises/__init__.py:1)\n         → pip install --upgrade seodang-raises."
    ) in english.stdout
    assert english.stdout.endswith("\n1 thing is broken. What to do stands behind each arrow.\n")

    korean = doctor(site, SEODANG_PLUGINS="papago,raises", SEODANG_LANGUAGE="ko")
    assert (
        "고장     플러그인: seodang-raises 1.0(엔트리 포인트 'raises') 불러오기 실패: RuntimeError: no licence" in korean.stdout
    )
    assert korean.stdout.endswith("\n1가지가 고장 났습니다. 해결 방법은 화살표 뒤에 있습니다.\n")


def test_keys_are_present_or_not_and_never_shown(site):
    key = "sk-very-secret-0123456789"
    done = doctor(site, "--json", PAPAGO_KEY=key, PAPAGO_ID=f' "{key}"\n')
    assert key not in done.stdout
    assert found(done)["secrets"] == [
        (
            "note",
            "PAPAGO_HOST is not set (teacher papago)",
            "Only if you use that: export PAPAGO_HOST=…",
        ),
        (
            "note",
            "PAPAGO_ID is set, but begins or ends with a blank, a line break or a quotation mark (teacher papago)",
            "Set it again without: export PAPAGO_ID=…",
        ),
        ("ok", "PAPAGO_KEY is set (teacher papago)", ""),
    ]
    assert done.returncode == 0, "a key that nobody needs today is no fault"


def test_what_is_left_out_unknown_or_taken_twice_is_worth_a_note(site):
    site.add("seodang-twin", a_filter("short"))
    site.add("seodang-other", a_filter("short"))
    told = found(doctor(site, "--json", SEODANG_PLUGINS="papago,twin,other,deeppl"))["plugins"]
    notes = [(what, fix) for state, what, fix in told if state == "note"]
    assert (
        "seodang-twin 1.0: filter 'short' is also offered by seodang-other; write 'seodang-twin:short' to mean this one.",
        "Nothing, as long as recipes write the longer name. Or remove one of them with pip uninstall.",
    ) in notes
    assert ("SEODANG_PLUGINS names what is not installed: deeppl", "Correct the names, or install them with pip.") in notes
    left_out, = [what for what, _ in notes if what.startswith("SEODANG_PLUGINS leaves out ")]  # fmt: skip
    assert "seodang-echo" in left_out


def test_an_edited_file_of_a_wheel_is_worth_a_note(site):
    record = site.directory / "seodang_papago-1.0.dist-info" / "RECORD"
    record.write_text("seodang_papago/__init__.py,sha256=AAAA,3\n")
    assert (
        "note",
        "seodang-papago: 1 file is not as installed: seodang_papago/__init__.py",
        "If that was not you: pip install --force-reinstall seodang-papago",
    ) in found(doctor(site, "--json"))["plugins"]


def test_a_terminal_that_cannot_show_korean_gets_no_traceback(site):
    check = checks._terminal("iso8859-1")
    assert (check.state, check.found) == ("note", "The terminal is set to iso8859-1; Korean cannot be shown in it.")
    assert check.fix == "export PYTHONUTF8=1 LC_ALL=C.UTF-8"
    done = doctor(site, PYTHONIOENCODING="iso8859-1", SEODANG_LANGUAGE="ko")
    assert done.returncode == 0 and "iso8859-1" in done.stdout and "?" in done.stdout


def judged(**facts):
    healthy = {"directory": "/runs", "kind": "ext4", "free_bytes": 80 << 30, "sync_seconds": 0.001}
    return {check.name: check for check in checks._storage(Storage(**healthy | facts))}


def test_a_healthy_disk():
    assert {name: check.state for name, check in judged().items()} == {"space": "ok", "file-system": "ok", "writing": "ok"}
    assert judged()["space"].found == "80.0 GiB free in /runs"
    assert judged(kind="")["file-system"].found == "The system does not tell what /runs lies on."


@pytest.mark.parametrize(
    ("facts", "name", "state", "fix"),
    [
        ({"free_bytes": 100 << 20}, "space", "broken", "Make room, or write runs elsewhere with --run-dir."),
        ({"free_bytes": 1 << 30}, "space", "note", "Make room, or write runs elsewhere with --run-dir."),
        ({"kind": "nfs4"}, "file-system", "broken", "Write runs to a local disk with --run-dir, and copy them afterwards."),
        ({"kind": "9p"}, "file-system", "broken", "Write runs to a local disk with --run-dir, and copy them afterwards."),
        (
            {"kind": "tmpfs"},
            "file-system",
            "note",
            "Write runs that cost money to a lasting disk, with --run-dir or a mounted volume.",
        ),
        (
            {"sync_seconds": None, "error": "Read-only file system"},
            "writing",
            "broken",
            "Give yourself the right to write there, or choose another directory with --run-dir.",
        ),
        (
            {"sync_seconds": 0.2},
            "writing",
            "note",
            "Nothing is wrong, but many short answers will wait for it. A local SSD takes a tenth of that or less.",
        ),
    ],
)
def test_a_disk_that_is_full_far_fleeting_locked_or_slow(facts, name, state, fix):
    check = judged(**facts)[name]
    assert (check.state, check.fix) == (state, fix)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a directory in which nobody, not even root, may write")
def test_a_directory_that_cannot_be_written():
    looked = look_at_storage(Path("/proc/self"))
    assert looked.sync_seconds is None and looked.error and looked.kind == "proc"


def test_the_disk_of_a_directory_that_does_not_exist_yet(tmp_path):
    looked = look_at_storage(tmp_path / "runs" / "new")
    assert looked.directory == str(tmp_path) and looked.sync_seconds > 0 and looked.free_bytes > 0
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


MOUNTINFO = r"""22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:5 / /proc rw shared:5 - proc proc rw
40 22 0:40 / /home rw shared:9 - nfs4 filer:/home rw,vers=4.2
41 40 0:41 / /home/min/my\040disk rw - btrfs /dev/sdb rw
42 22 0:42 / /home rw - ext4 /dev/sdc rw
"""
MOUNT = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
//min@filer/share on /Volumes/share (smbfs, nodev, nosuid)
"""


@pytest.mark.parametrize(
    ("path", "kind"), [("/", "ext4"), ("/homework", "ext4"), ("/home/min/my disk/runs", "btrfs"), ("/home/min", "ext4")]
)
def test_the_file_system_on_linux(path, kind):
    assert kind_from_mountinfo(MOUNTINFO, path) == kind


@pytest.mark.parametrize(("path", "kind"), [("/Users/min", "apfs"), ("/Volumes/share/runs", "smbfs"), ("/Volumes", "apfs")])
def test_the_file_system_on_macos(path, kind):
    assert kind_from_mount(MOUNT, path) == kind


def test_a_system_that_tells_nothing():
    assert kind_from_mountinfo("", "/") == kind_from_mount("nothing\n", "/") == ""
    assert set(storage.NETWORK).isdisjoint(storage.NO_LONGER)


def test_an_old_sqlite():
    check = checks._sqlite("3.31.1")
    assert (check.state, check.found) == ("broken", "3.31.1 is too old for the ledger, which needs 3.37.0.")


@pytest.mark.parametrize(
    ("seen", "state", "said"),
    [
        (Accelerators(), "ok", "Not installed."),
        (Accelerators(torch="2.13.0+cpu"), "ok", "2.13.0+cpu, on the processor"),
        (Accelerators(torch="2.13.0", devices=("Toy", "Toy")), "ok", "2.13.0 on Toy, Toy"),
        (Accelerators(torch="2.13.0+cpu", cards=("H200",)), "note", "2.13.0+cpu cannot use H200."),
        (Accelerators(torch="2.13.0", error="OSError: x"), "broken", "2.13.0 is installed but does not start: OSError: x"),
    ],
)
def test_what_is_said_of_torch(seen, state, said):
    check = checks._torch(seen)
    assert (check.state, check.found) == (state, said)
    assert bool(check.fix) == (said == "Not installed." or state != "ok")


def test_a_torch_that_does_not_start(site):
    (site.directory / "torch" / "__init__.py").write_text("raise OSError('libc10.so: undefined symbol')\n")
    done = doctor(site, "--json")
    assert done.returncode == 3
    assert found(done)["torch"] == [
        (
            "broken",
            "2.99.0 is installed but does not start: OSError: libc10.so: undefined symbol",
            "pip install --force-reinstall torch==2.99.0",
        )
    ]


def test_the_driver_is_asked_for_its_cards(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200'\necho 'NVIDIA H200'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert accelerators._cards() == ("NVIDIA H200", "NVIDIA H200")
    program.write_text("#!/bin/sh\necho 'no devices were found'\nexit 6\n")
    assert accelerators._cards() == ()


def test_the_real_torch_answers_where_it_is_installed():
    pytest.importorskip("torch")
    seen = accelerators.look_for_accelerators()
    assert seen.torch and not seen.error


def test_doctor_imports_neither_torch_nor_a_plugin_itself(site):
    done = site.python(
        "import sys\nfrom click.testing import CliRunner\nfrom seodang.commandline.doctor import command\n"
        "result = CliRunner().invoke(command, ['--json'])\nassert result.exit_code == 0, result.output\n"
        "from seodang.plugins.declarations import HEAVY\n"
        "print([name for name in (*HEAVY, 'seodang_papago') if name in sys.modules])",
        **OURS,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
