"""Every message of the room `doctor`, as it is read in English and in Korean. Read a new one aloud."""

from pathlib import Path

import pytest
import seodang
from seodang.wording import render
from seodang.wording.catalogues import read_catalogue

FACTS = {
    "cards": ["H200"],
    "count": 2,
    "devices": ["H200"],
    "directory": "/runs",
    "distribution": "seodang-x",
    "distributions": ["seodang-a", "seodang-b"],
    "encoding": "latin-1",
    "error": "RuntimeError: no licence",
    "executable": "/usr/bin/python3",
    "files": ["x.py"],
    "free": "3.0 GiB",
    "kind": "nfs4",
    "milliseconds": "0.4",
    "modules": ["torch"],
    "name": "OPENAI_API_KEY",
    "names": ["a", "b"],
    "needs": "torch",
    "plugins": ["seodang-x 1.0"],
    "processors": 8,
    "reason": "no reason",
    "system": "Linux",
    "users": ["teacher openai"],
    "version": "1.0",
    "wanted": "3.37.0",
}
"""What the sentences below are filled with."""

SENTENCES = {
    "help": (
        (
            "Look at this machine: Python, plugins, keys (whether they are set, never what they are), disk, torch. "
            "Says what to do; ends with 3 when something is broken."
        ),
        (
            "이 컴퓨터를 점검합니다. 파이썬, 플러그인, 키(값은 보지 않고 설정 여부만), 디스크, torch를 살펴보고 해야 "
            "할 일을 알려 줍니다. 고장이 있으면 종료 코드는 3입니다."
        ),
    ),
    "help-run-dir": ("The directory that runs will be written to.", "실행 결과를 쓸 디렉터리."),
    "state-ok": ("ok", "정상"),
    "state-note": ("note", "참고"),
    "state-broken": ("broken", "고장"),
    "name-python": ("Python", "파이썬"),
    "name-seodang": ("seodang", "seodang"),
    "name-plugins": ("plugins", "플러그인"),
    "name-secrets": ("keys", "키"),
    "name-sqlite": ("SQLite", "SQLite"),
    "name-space": ("space", "여유 공간"),
    "name-file-system": ("file system", "파일 시스템"),
    "name-writing": ("writing", "쓰기"),
    "name-torch": ("torch", "torch"),
    "name-terminal": ("terminal", "터미널"),
    "all-well": ("Nothing is broken.", "고장 난 것이 없습니다."),
    "some-broken": (
        "2 things are broken. What to do stands behind each arrow.",
        "2가지가 고장 났습니다. 해결 방법은 화살표 뒤에 있습니다.",
    ),
    "python": ("1.0 at /usr/bin/python3, Linux, 8 processors", "1.0, /usr/bin/python3, Linux, 프로세서 8개"),
    "version": ("1.0", "1.0"),
    "editable": ("1.0, from sources that may change (editable)", "1.0, 바뀔 수 있는 소스에서 설치(editable)"),
    "not-installed": (
        "The core's own metadata are missing: it was copied, not installed.",
        "코어의 메타데이터가 없습니다. 설치하지 않고 복사만 한 상태입니다.",
    ),
    "install": ("Install it from a checkout: pip install .", "체크아웃에서 설치하세요: pip install ."),
    "plugins": ("seodang-x 1.0", "seodang-x 1.0"),
    "no-plugins": ("None is installed, so no recipe can run.", "설치된 플러그인이 없어서 어떤 레시피도 실행할 수 없습니다."),
    "broken-plugin": (
        "seodang-x 1.0 (entry point 'OPENAI_API_KEY') could not be loaded: no reason",
        "seodang-x 1.0(엔트리 포인트 'OPENAI_API_KEY') 불러오기 실패: no reason",
    ),
    "broken-fix": (
        (
            "pip install --upgrade seodang-x. If it stays broken, tell its author, and remove it until then: pip "
            "uninstall seodang-x"
        ),
        ("pip install --upgrade seodang-x. 그래도 안 되면 만든 사람에게 알리고 그때까지 제거하세요: pip uninstall seodang-x"),
    ),
    "lacks-module-fix": (
        "pip install --upgrade seodang-x installs what it says it needs. If it does not say so: pip install torch",
        ("필요하다고 밝힌 것은 이 명령으로 설치됩니다: pip install --upgrade seodang-x. 밝히지 않았다면: pip install torch"),
    ),
    "slow-fix": (
        (
            "On a slow disk allow it more time (export SEODANG_PLUGINS_SECONDS=30); otherwise tell its author, and "
            "remove it until then: pip uninstall seodang-x"
        ),
        (
            "디스크가 느리다면 시간을 늘리세요(export SEODANG_PLUGINS_SECONDS=30). 아니라면 만든 사람에게 알리고 "
            "그때까지 제거하세요: pip uninstall seodang-x"
        ),
    ),
    "conflict": ("seodang-x 1.0: no reason", "seodang-x 1.0: no reason"),
    "conflict-fix": (
        "Nothing, as long as recipes write the longer name. Or remove one of them with pip uninstall.",
        "레시피에 긴 이름을 쓰면 문제없습니다. 아니면 둘 중 하나를 pip uninstall로 제거하세요.",
    ),
    "blocked": ("SEODANG_PLUGINS leaves out seodang-a, seodang-b", "SEODANG_PLUGINS에서 제외됨: seodang-a, seodang-b"),
    "blocked-fix": (
        "unset SEODANG_PLUGINS, or add the names there.",
        "unset SEODANG_PLUGINS를 실행하거나 그 이름을 더하세요.",
    ),
    "unknown-plugins": (
        "SEODANG_PLUGINS names what is not installed: a, b",
        "SEODANG_PLUGINS에 적혔지만 설치되지 않음: a, b",
    ),
    "unknown-plugins-fix": ("Correct the names, or install them with pip.", "이름을 고치거나 pip으로 설치하세요."),
    "heavy": (
        "seodang-x 1.0 imports torch while it is loaded, which makes every command slow.",
        "seodang-x 1.0이 불러올 때 torch를 임포트해서 모든 명령이 느려집니다.",
    ),
    "heavy-fix": (
        "Tell its author: such imports belong inside the method that needs them.",
        "만든 사람에게 알리세요. 그런 임포트는 필요한 메서드 안에 있어야 합니다.",
    ),
    "edited": ("seodang-x: 2 files are not as installed: x.py", "seodang-x: 설치할 때와 다른 파일이 2개 있습니다: x.py"),
    "edited-fix": (
        "If that was not you: pip install --force-reinstall seodang-x",
        "직접 바꾼 것이 아니라면: pip install --force-reinstall seodang-x",
    ),
    "secret-present": ("OPENAI_API_KEY is set (teacher openai)", "OPENAI_API_KEY가 설정되어 있습니다(teacher openai)"),
    "secret-absent": (
        "OPENAI_API_KEY is not set (teacher openai)",
        "OPENAI_API_KEY가 설정되어 있지 않습니다(teacher openai)",
    ),
    "secret-absent-fix": ("Only if you use that: export OPENAI_API_KEY=…", "그것을 쓸 때만: export OPENAI_API_KEY=…"),
    "secret-odd": (
        ("OPENAI_API_KEY is set, but begins or ends with a blank, a line break or a quotation mark (teacher openai)"),
        "OPENAI_API_KEY가 설정되어 있지만 앞이나 뒤에 공백, 줄바꿈, 따옴표가 있습니다(teacher openai)",
    ),
    "secret-odd-fix": ("Set it again without: export OPENAI_API_KEY=…", "빼고 다시 설정하세요: export OPENAI_API_KEY=…"),
    "sqlite": ("1.0", "1.0"),
    "sqlite-old": (
        "1.0 is too old for the ledger, which needs 3.37.0.",
        "1.0은 원장에 쓰기에 너무 오래되었습니다. 3.37.0 이상이 필요합니다.",
    ),
    "sqlite-old-fix": (
        "Use a newer Python, or one that is linked with a newer SQLite.",
        "더 새로운 파이썬이나 더 새로운 SQLite와 연결된 파이썬을 쓰세요.",
    ),
    "space": ("3.0 GiB free in /runs", "/runs에 3.0 GiB 남음"),
    "space-fix": ("Make room, or write runs elsewhere with --run-dir.", "공간을 비우거나 --run-dir로 다른 곳에 쓰세요."),
    "file-system": ("nfs4", "nfs4"),
    "unknown-file-system": (
        "The system does not tell what /runs lies on.",
        "시스템이 /runs의 파일 시스템을 알려 주지 않습니다.",
    ),
    "network-file-system": (
        "/runs lies on nfs4, where the ledger is not safe: SQLite's log and locks need a disk of this machine.",
        ("/runs는 nfs4 위에 있어 원장이 안전하지 않습니다. SQLite의 로그와 잠금에는 이 컴퓨터의 디스크가 필요합니다."),
    ),
    "network-file-system-fix": (
        "Write runs to a local disk with --run-dir, and copy them afterwards.",
        "--run-dir로 로컬 디스크에 쓰고 나중에 복사하세요.",
    ),
    "fleeting-file-system": (
        "/runs lies on nfs4: what is written there may be gone after a restart.",
        "/runs는 nfs4 위에 있어 다시 시작하면 사라질 수 있습니다.",
    ),
    "fleeting-file-system-fix": (
        "Write runs that cost money to a lasting disk, with --run-dir or a mounted volume.",
        "돈이 드는 실행은 --run-dir나 마운트한 볼륨으로 오래 남는 디스크에 쓰세요.",
    ),
    "not-writable": (
        "Nothing can be written in /runs: RuntimeError: no licence",
        "/runs에 쓸 수 없습니다: RuntimeError: no licence",
    ),
    "not-writable-fix": (
        "Give yourself the right to write there, or choose another directory with --run-dir.",
        "쓰기 권한을 주거나 --run-dir로 다른 디렉터리를 고르세요.",
    ),
    "sync": ("0.4 ms until a page is safely on the disk", "한 페이지가 디스크에 안전하게 기록되기까지 0.4ms"),
    "slow-sync-fix": (
        "Nothing is wrong, but many short answers will wait for it. A local SSD takes a tenth of that or less.",
        "고장은 아니지만 짧은 답이 많으면 기다리게 됩니다. 로컬 SSD는 그 10분의 1도 걸리지 않습니다.",
    ),
    "no-torch": ("Not installed.", "설치되어 있지 않습니다."),
    "no-torch-fix": (
        "Only for training and local models: pip install -c tests/constraints.txt .",
        "훈련과 로컬 모델에만 필요합니다: pip install -c tests/constraints.txt .",
    ),
    "torch": ("1.0 on H200", "1.0, H200"),
    "torch-on-processor": ("1.0, on the processor", "1.0, CPU에서"),
    "torch-broken": (
        "1.0 is installed but does not start: RuntimeError: no licence",
        "1.0이 설치되어 있지만 시작되지 않습니다: RuntimeError: no licence",
    ),
    "torch-broken-fix": ("pip install --force-reinstall torch==1.0", "pip install --force-reinstall torch==1.0"),
    "torch-without-card": ("1.0 cannot use H200.", "1.0은 H200을 쓸 수 없습니다."),
    "torch-without-card-fix": (
        "Install the build of torch for your driver: https://pytorch.org/get-started/locally/",
        "드라이버에 맞는 torch를 설치하세요: https://pytorch.org/get-started/locally/",
    ),
    "unicode": ("UTF-8", "UTF-8"),
    "not-unicode": (
        "The terminal is set to latin-1; Korean cannot be shown in it.",
        "터미널이 latin-1로 설정되어 한글을 표시할 수 없습니다.",
    ),
    "not-unicode-fix": ("export PYTHONUTF8=1 LC_ALL=C.UTF-8", "export PYTHONUTF8=1 LC_ALL=C.UTF-8"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_it_reads_so(name):
    english, korean = SENTENCES[name]
    assert render(f"doctor.{name}", FACTS, "en") == english
    assert render(f"doctor.{name}", FACTS, "ko") == korean


def test_none_is_left_out():
    catalogue = Path(seodang.__file__).parent / "wording" / "en" / "doctor.toml"
    assert list(SENTENCES) == list(read_catalogue(catalogue))
