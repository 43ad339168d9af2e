"""Every message of the room `plugins`, as it is read in English and in Korean. Read a new one aloud."""

from pathlib import Path

import pytest
import seodang
from seodang.wording import render
from seodang.wording.catalogues import read_catalogue

FACTS = {
    "base": "Filter",
    "broken": 1,
    "capabilities": 3,
    "characters": 1000,
    "choices": ["'a:x'"],
    "default": "0.7",
    "distribution": "seodang-x",
    "distributions": ["seodang-a", "seodang-b"],
    "entry_point": "x",
    "error": "RuntimeError: no licence",
    "given": "soon",
    "hint": "",
    "hook": "register_filters",
    "hook_kind": "lesson",
    "hooks": ["run_started"],
    "hosts": ["api.example.org"],
    "how": "SIGSEGV",
    "id": "seodang-x:short",
    "installed": ["short", "long"],
    "kind": "filter",
    "last": "c",
    "module": "seodang_x",
    "modules": ["torch"],
    "most": ["a", "b"],
    "name": "short",
    "names": ["a", "b"],
    "note": "so it is",
    "other": "seodang-x:x",
    "others": ["seodang-a"],
    "place": "seodang_x/__init__.py:3",
    "plugin": "Short",
    "plugins": 2,
    "reason": "no reason",
    "reasons": "Short has no name.",
    "returned": "list",
    "revision": 2,
    "seconds": "5",
    "terms": ["CC-BY-4.0"],
    "wanted": "shrot",
    "where": "",
}
"""What the sentences below are filled with."""

SENTENCES = {
    "raised": ("RuntimeError: no licence", "RuntimeError: no licence"),
    "lacks-module": ("RuntimeError: no licence", "RuntimeError: no licence"),
    "at": (" (seodang_x/__init__.py:3)", " (seodang_x/__init__.py:3)"),
    "exits": (
        "it exits while it is loaded: RuntimeError: no licence",
        "불러오는 도중에 프로그램을 끝내 버립니다: RuntimeError: no licence",
    ),
    "slow": (
        "took longer than 5 s to load (SEODANG_PLUGINS_SECONDS changes the limit)",
        "불러오는 데 5초가 넘게 걸렸습니다(한도는 SEODANG_PLUGINS_SECONDS로 바꿉니다)",
    ),
    "died": ("it ended the process that loaded it (SIGSEGV)", "불러오던 프로세스가 끝나 버렸습니다(SIGSEGV)"),
    "blocked": ("SEODANG_PLUGINS leaves it out", "SEODANG_PLUGINS에서 제외되었습니다"),
    "same-module": (
        "seodang_x is already loaded as seodang-x:x: two entry points lead to one module",
        "seodang_x는 이미 seodang-x:x로 불러왔습니다. 두 엔트리 포인트가 같은 모듈을 가리킵니다",
    ),
    "no-hook": (
        (
            "seodang_x implements no hook, so it would do nothing. Write a function like register_filters(register), "
            "marked @seodang.hookimpl."
        ),
        (
            "seodang_x에 훅이 없어서 아무 일도 하지 않습니다. @seodang.hookimpl을 붙인 register_filters(register) "
            "같은 함수를 작성하세요."
        ),
    ),
    "hook-raised": (
        "register_filters() raised RuntimeError: no licence",
        "register_filters()에서 오류가 났습니다: RuntimeError: no licence",
    ),
    "hook-returned": (
        ("register_filters() returned a value of the type list. It has to call register(…) with each class and return nothing."),
        (
            "register_filters()가 list 타입의 값을 돌려주었습니다. 클래스마다 register(…)를 호출하고 아무것도 "
            "돌려주지 않아야 합니다."
        ),
    ),
    "no-class": (
        "Short is registered but is no class made from seodang.Filter.",
        "등록된 Short는 seodang.Filter로 만든 클래스가 아닙니다.",
    ),
    "wrong-kind": (
        (
            "Short is of the kind 'filter' but is registered as 'lesson'. Make it from seodang.Filter, or register "
            "it with the hook of its kind."
        ),
        ("Short는 'filter' 종류인데 'lesson'으로 등록되었습니다. seodang.Filter로 만들거나 그 종류의 훅으로 등록하세요."),
    ),
    "class-raised": (
        "Short cannot be examined: RuntimeError: no licence",
        "Short를 살펴볼 수 없습니다: RuntimeError: no licence",
    ),
    "offered-twice": (
        "It offers filter 'short' twice; within one distribution a name can be offered once.",
        "filter 'short'를 두 번 제공합니다. 한 배포판 안에서는 이름 하나를 한 번만 제공할 수 있습니다.",
    ),
    "refused": ("Short is not a usable plugin: Short has no name.", "Short는 쓸 수 없는 플러그인입니다: Short has no name."),
    "bad-limit": (
        "SEODANG_PLUGINS_SECONDS is 'soon'. Give a number of seconds, as in SEODANG_PLUGINS_SECONDS=20.",
        "SEODANG_PLUGINS_SECONDS가 'soon'입니다. SEODANG_PLUGINS_SECONDS=20처럼 초 단위의 수를 지정하세요.",
    ),
    "probe-failed": (
        (
            "The plugins could not be looked at, because the process for it failed before it reached one: no reason. "
            "Try again; `seodang doctor` looks at Python itself."
        ),
        (
            "플러그인을 살펴볼 수 없습니다. 그 일을 맡은 프로세스가 플러그인에 이르기 전에 실패했습니다: no reason. "
            "다시 시도하세요. `seodang doctor`는 파이썬 자체를 점검합니다."
        ),
    ),
    "missing": (
        "No installed plugin offers filter 'shrot'. Installed: short, long.",
        "filter 'shrot'을 제공하는 플러그인이 설치되어 있지 않습니다. 설치됨: short, long.",
    ),
    "ambiguous": (
        "'short' is offered by seodang-a, seodang-b; write 'a:x'.",
        "'short'는 여러 곳(seodang-a, seodang-b)에서 제공합니다. 'a:x' 중 하나를 쓰세요.",
    ),
    "and": ("a, b and c", "a, b, c"),
    "or": ("a, b or c", "a, b, c"),
    "note": ("note: so it is", "참고: so it is"),
    "not-loaded": (
        "seodang-x (entry point 'x') could not be loaded: no reason",
        "seodang-x(엔트리 포인트 'x') 불러오기 실패: no reason",
    ),
    "left-out": ("SEODANG_PLUGINS leaves out seodang-a, seodang-b", "SEODANG_PLUGINS에서 제외됨: seodang-a, seodang-b"),
    "not-installed": ("SEODANG_PLUGINS names what is not installed: a, b", "SEODANG_PLUGINS에 적혔지만 설치되지 않음: a, b"),
    "other-kind": ("'short' is there, but as another kind: filter", "'short'는 다른 종류(filter)로 있습니다"),
    "conflict": (
        "filter 'short' is also offered by seodang-a; write 'seodang-x:short' to mean this one.",
        "filter 'short'를 seodang-a에서도 제공합니다. 이것을 쓰려면 'seodang-x:short'라고 적으세요.",
    ),
    "unknown": (
        "Nothing that is installed is called 'shrot'. `seodang plugins` lists what is.",
        "'shrot'이라는 이름으로 설치된 것이 없습니다. 설치된 것은 `seodang plugins`로 볼 수 있습니다.",
    ),
    "review-failed": (
        (
            "Short could not review the plan: RuntimeError: no licence. A plan that could not be reviewed does not "
            "run. Repair that plugin, or leave it out with SEODANG_PLUGINS."
        ),
        (
            "Short가 계획을 검토하지 못했습니다: RuntimeError: no licence. 검토하지 못한 계획은 실행하지 않습니다. "
            "그 플러그인을 고치거나 SEODANG_PLUGINS로 제외하세요."
        ),
    ),
    "observer-failed": (
        "Short failed in register_filters(): RuntimeError: no licence. The run goes on without it.",
        "Short가 register_filters()에서 실패했습니다: RuntimeError: no licence. 실행은 계속됩니다.",
    ),
    "help": (
        ("List what is installed, and what could not be loaded. With NAME (of a plugin or a distribution) show its options."),
        ("설치된 것과 불러오지 못한 것을 나열합니다. NAME(플러그인이나 배포판의 이름)을 주면 그 옵션을 보여 줍니다."),
    ),
    "state-ok": ("ok", "정상"),
    "state-broken": ("broken", "고장"),
    "state-blocked": ("left out", "제외됨"),
    "state-conflict": ("name taken twice", "이름 겹침"),
    "summary": ("2 plugins, 3 capabilities, 1 broken", "플러그인 2개, 제공하는 것 3개, 고장 1개"),
    "none-installed": (
        "No plugin is installed. The plugins of this project are installed with it: pip install .",
        "설치된 플러그인이 없습니다. 이 프로젝트의 플러그인은 함께 설치됩니다: pip install .",
    ),
    "see-doctor": ("What to do about it: seodang doctor", "해결 방법: seodang doctor"),
    "heavy": (
        "Loading it imports torch, which makes every command slow.",
        "불러올 때 torch를 임포트해서 모든 명령이 느려집니다.",
    ),
    "printed": (
        "It printed 1,000 characters while it was loaded; nobody saw them.",
        "불러오는 동안 1,000자를 출력했지만 화면에는 나타나지 않았습니다.",
    ),
    "observes": ("is told of run_started", "전달받는 것: run_started"),
    "revision": ("revision 2", "리비전 2"),
    "network": ("speaks to api.example.org", "접속하는 곳: api.example.org"),
    "secrets": ("needs a, b", "필요한 키: a, b"),
    "terms": ("adds the terms CC-BY-4.0", "추가되는 이용 조건: CC-BY-4.0"),
    "depends": ("network, secrets or terms depend on its options", "접속하는 곳, 키, 이용 조건이 옵션에 따라 달라집니다"),
    "no-options": ("It has no options.", "옵션이 없습니다."),
    "required": ("required", "필수"),
    "default": ("default 0.7", "기본값 0.7"),
    "unset": ("not set by default", "기본값 없음"),
    "conduct": ("changes no result", "결과를 바꾸지 않음"),
    "kind-seeds": ("seeds", "시드"),
    "kind-translator": ("translator", "번역기"),
    "kind-teacher": ("teacher", "교사"),
    "kind-lesson": ("lesson", "수업"),
    "kind-filter": ("filter", "필터"),
    "kind-trainer": ("trainer", "트레이너"),
    "kind-evaluation": ("evaluation", "평가"),
    "kind-locale": ("locale", "로캘"),
    "kind-student": ("student", "학생"),
    "kind-template": ("template", "템플릿"),
    "kind-splitter": ("splitter", "문장 분할기"),
    "kind-format": ("format", "형식"),
    "kind-table": ("table", "표 파일"),
    "kind-layout": ("layout", "폴더 배치"),
    "kind-carrier": ("carrier", "운반자"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_it_reads_so(name):
    english, korean = SENTENCES[name]
    assert render(f"plugins.{name}", FACTS, "en") == english
    assert render(f"plugins.{name}", FACTS, "ko") == korean


def test_none_is_left_out():
    catalogue = Path(seodang.__file__).parent / "wording" / "en" / "plugins.toml"
    assert list(SENTENCES) == list(read_catalogue(catalogue))
