"""What begins and checks plugins speaks to people in English and in Korean."""

import pytest
from seodang.wording import render
from seodang.wording.catalogues import read_catalogue
from seodang.wording.languages import locale_directory

SAID = {
    "help-new": (
        {},
        "Write a package NAME with an example that works and passes its tests at once.",
        "바로 동작하고 테스트를 통과하는 예제가 담긴 패키지 NAME을 만듭니다.",
    ),
    "help-kind": (
        {},
        "What the plugin offers. May be given several times.",
        "플러그인이 제공하는 것. 여러 번 쓸 수 있습니다.",
    ),
    "help-directory": (
        {},
        "The folder to write into; by default seodang-NAME here.",
        "파일을 쓸 폴더. 기본값은 현재 위치의 seodang-NAME입니다.",
    ),
    "bad-name": (
        {"name": "짧은 답", "better": "short-answers"},
        "'짧은 답' cannot be a plugin's name: use small letters, digits and single hyphens, as in 'short-answers'.",
        "'짧은 답'은 플러그인 이름으로 쓸 수 없습니다. 'short-answers'처럼 영문 소문자, 숫자, 하이픈 하나씩만 쓰세요.",
    ),
    "directory-in-use": (
        {"directory": "seodang-short"},
        "seodang-short exists already and is not empty. Give another name, or an empty folder with --directory.",
        "seodang-short가 이미 있고 비어 있지 않습니다. 다른 이름을 쓰거나 --directory로 빈 폴더를 지정하세요.",
    ),
    "written": (
        {"distribution": "seodang-short", "kinds": ("seeds", "filter")},
        "Wrote seodang-short (seeds, filter).",
        "seodang-short를 만들었습니다(seeds, filter).",
    ),
    "next": (
        {"directory": "seodang-short"},
        "Next: cd seodang-short && pip install -e . pytest && pytest. Then put your own code in the place of the example's.",
        "다음: cd seodang-short && pip install -e . pytest && pytest. 그런 다음 예제 코드를 자신의 코드로 바꾸세요.",
    ),
    "help-check": (
        {},
        "Check a plugin's package before it is published. Builds nothing, installs nothing.",
        "공개하기 전에 플러그인 패키지를 검사합니다. 빌드도 설치도 하지 않습니다.",
    ),
    "check-names": (
        {},
        "names",
        "이름",
    ),
    "check-loads": (
        {},
        "offers",
        "제공하는 것",
    ),
    "check-declarations": (
        {},
        "declarations and options",
        "선언과 옵션",
    ),
    "check-hooks": (
        {},
        "hooks",
        "훅",
    ),
    "check-imports": (
        {},
        "light import",
        "가벼운 임포트",
    ),
    "check-tests": (
        {},
        "tests",
        "테스트",
    ),
    "good": (
        {},
        "ok  ",
        "통과",
    ),
    "bad": (
        {},
        "FAIL",
        "실패",
    ),
    "all-good": (
        {"distribution": "seodang-short"},
        "seodang-short is ready to be published.",
        "seodang-short는 공개할 준비가 되었습니다.",
    ),
    "not-good": (
        {"distribution": "seodang-short"},
        "seodang-short is not ready yet: repair the first line that failed and run the same command again.",
        "seodang-short는 아직 준비되지 않았습니다. 처음 실패한 줄부터 고치고 같은 명령을 다시 실행하세요.",
    ),
    "no-pyproject": (
        {"path": "short/pyproject.toml", "detail": "[Errno 2]"},
        "short/pyproject.toml cannot be read: [Errno 2]. Give the folder of a plugin, where its pyproject.toml is.",
        "short/pyproject.toml을 읽을 수 없습니다: [Errno 2]. pyproject.toml이 있는 플러그인 폴더를 지정하세요.",
    ),
    "name-without-prefix": (
        {"distribution": "short"},
        "The distribution is called 'short'. Let its name begin with 'seodang-', so that people find it.",
        "배포판 이름이 'short'입니다. 사람들이 찾을 수 있도록 'seodang-'으로 시작하게 하세요.",
    ),
    "no-entry-point": (
        {"distribution": "seodang-short"},
        "'seodang-short' has no entry point in the group 'seodang', so that nothing of it would be found. "
        "Add [project.entry-points.seodang] to pyproject.toml.",
        "seodang-short에는 'seodang' 그룹의 엔트리 포인트가 없어서 아무것도 발견되지 않습니다. "
        "pyproject.toml에 [project.entry-points.seodang] 표를 추가하세요.",
    ),
    "foreign-module": (
        {"name": "short", "module": "things", "wanted": "seodang_short"},
        "The entry point 'short' leads to 'things', which belongs to another distribution's names. Call the "
        "module 'seodang_short'.",
        "엔트리 포인트 'short'가 가리키는 'things'는 다른 배포판에 속한 이름입니다. 모듈 이름을 'seodang_short'로 지으세요.",
    ),
    "no-dependency": (
        {"distribution": "seodang-short"},
        "'seodang-short' does not say which seodang it was written for. Add \"seodang>=0.1,<0.2\" to its dependencies.",
        "'seodang-short'가 어느 seodang에 맞추어 작성되었는지 알 수 없습니다. 의존성에 \"seodang>=0.1,<0.2\"를 추가하세요.",
    ),
    "broken": (
        {"module": "seodang_short", "error": "ValueError: x"},
        "seodang_short cannot be loaded: ValueError: x",
        "seodang_short를 불러올 수 없습니다: ValueError: x",
    ),
    "import-slow": (
        {"module": "seodang_short", "seconds": 60},
        "importing seodang_short took more than 60 seconds",
        "seodang_short를 임포트하는 데 60초가 넘게 걸렸습니다",
    ),
    "import-heavy": (
        {"module": "seodang_short", "what": "torch"},
        "Importing seodang_short imports torch. Import it inside the method that needs it, so that the command line stays quick.",
        "seodang_short를 임포트하면 torch가 함께 임포트됩니다. 명령줄이 느려지지 않도록 필요한 메서드 안에서 임포트하세요.",
    ),
    "import-acts": (
        {"module": "seodang_short", "what": "torch"},
        "Importing seodang_short does more than define and register: torch. Do that in a method that a run calls.",
        "seodang_short를 임포트할 때 정의와 등록 말고 다른 일도 합니다: torch. 그런 일은 실행할 때 "
        "호출되는 메서드 안에서 하세요.",
    ),
    "tests-failed": (
        {"directory": "seodang-short"},
        "the tests in seodang-short do not pass",
        "seodang-short의 테스트가 통과하지 못했습니다",
    ),
    "tests-slow": (
        {"seconds": 60},
        "the tests took more than 60 seconds",
        "테스트에 60초가 넘게 걸렸습니다",
    ),
    "no-tests": (
        {"directory": "seodang-short"},
        "There are no tests in seodang-short. Inherit the contract of your kind, as in: class "
        "TestShort(FilterContract): filter = Short.",
        "seodang-short에 테스트가 없습니다. class TestShort(FilterContract): filter = Short처럼 해당 종류의 계약을 상속하세요.",
    ),
    "no-capability": (
        {"plugin": "Short"},
        "Short is registered but is no class made from one of seodang's kinds, as in class Short(seodang.Filter).",
        "등록된 Short는 seodang의 종류로 만든 클래스가 아닙니다. class Short(seodang.Filter)처럼 작성하세요.",
    ),
    "bad-plugin-name": (
        {"plugin": "Short", "found": "Short Answers"},
        "Short is called 'Short Answers'. A recipe names it by `name`: small letters and digits, with single hyphens or dots.",
        "Short의 이름이 'Short Answers'입니다. 레시피는 `name`으로 부르므로 영문 소문자와 숫자, 하이픈이나 점 하나씩만 쓰세요.",
    ),
    "bad-revision": (
        {"plugin": "Short", "found": "0"},
        "The revision of Short is 0. It is a whole number from 1, raised whenever the results change.",
        "Short의 revision이 0입니다. 1부터 시작하는 정수여야 하며, 결과가 달라질 때마다 올립니다.",
    ),
    "no-docstring": (
        {"plugin": "Short"},
        "Short has no docstring. One sentence is enough: `seodang plugins` shows it.",
        "Short에 독스트링이 없습니다. `seodang plugins`가 보여 줄 한 문장이면 됩니다.",
    ),
    "no-verb": (
        {"plugin": "Short", "verb": "sift"},
        "Short has no method sift(), which is what its kind is for.",
        "Short에 sift() 메서드가 없습니다. 이 종류의 플러그인이 하는 일이 바로 그것입니다.",
    ),
    "options-no-struct": (
        {"plugin": "Short"},
        "The Options of Short are no msgspec.Struct. Write: class Options(msgspec.Struct, frozen=True, kw_only=True).",
        "Short의 Options가 msgspec.Struct가 아닙니다. class Options(msgspec.Struct, frozen=True, kw_only=True)로 작성하세요.",
    ),
    "options-broken": (
        {"plugin": "Short", "error": "ValueError: x"},
        "The Options of Short cannot be used: ValueError: x. Every option needs a type that msgspec can check.",
        "Short의 Options를 쓸 수 없습니다: ValueError: x. 모든 옵션에는 msgspec이 검사할 수 있는 타입이 필요합니다.",
    ),
    "options-not-frozen": (
        {"plugin": "Short"},
        "The Options of Short can be changed. Write: class Options(msgspec.Struct, frozen=True, kw_only=True).",
        "Short의 Options를 바꿀 수 있게 되어 있습니다. class Options(msgspec.Struct, frozen=True, kw_only=True)로 작성하세요.",
    ),
    "option-reserved": (
        {"plugin": "Short", "option": "least"},
        "Short has an option 'least', which a recipe keeps for the step or its teacher. Call it something else.",
        "Short의 옵션 'least'는 레시피가 단계나 교사를 위해 쓰는 이름입니다. 다른 이름을 쓰세요.",
    ),
    "option-without-help": (
        {"option": "least", "plugin": "Short"},
        "The option 'least' of Short has no help. Write: least: Annotated[…, msgspec.Meta(description=\"…\")].",
        "Short의 옵션 'least'에 설명이 없습니다. least: Annotated[…, msgspec.Meta(description=\"…\")]로 작성하세요.",
    ),
    "option-default": (
        {"option": "least", "plugin": "Short", "reason": "Expected `int`"},
        "The default of the option 'least' of Short breaks its own rule: Expected `int`.",
        "Short의 옵션 'least'의 기본값이 스스로 정한 규칙에 어긋납니다: Expected `int`.",
    ),
    "bad-declaration": (
        {"plugin": "Short", "name": "network", "found": "'x'", "wanted": '("…",)'},
        "Short declares network as 'x', where (\"…\",) is expected.",
        "Short의 network 선언이 'x'입니다. (\"…\",) 형태여야 합니다.",
    ),
    "unknown-hook": (
        {"module": "seodang_short", "hook": "register_filter"},
        "seodang_short implements a hook 'register_filter', which does not exist. The hooks are listed in seodang.hooks.",
        "seodang_short에 있는 'register_filter'는 존재하는 훅이 아닙니다. 훅 목록은 seodang.hooks에 있습니다.",
    ),
    "unknown-hook-near": (
        {"module": "seodang_short", "hook": "register_filter", "nearest": "register_filters"},
        "seodang_short implements a hook 'register_filter', which does not exist. Did you mean 'register_filters'?",
        "seodang_short에 있는 'register_filter'는 존재하는 훅이 아닙니다. 'register_filters'를 쓰려던 것인가요?",
    ),
    "hook-unmarked": (
        {"module": "seodang_short", "hook": "register_filter"},
        "seodang_short has a function register_filter() that is not marked with @seodang.hookimpl, so it "
        "would never be called. Mark it, or call it something else.",
        "seodang_short의 함수 register_filter()에 @seodang.hookimpl이 없어서 호출되지 "
        "않습니다. 표시를 붙이거나 다른 이름을 쓰세요.",
    ),
    "hook-not-plain": (
        {"hook": "register_filter", "module": "seodang_short"},
        "The hook register_filter() in seodang_short is no plain function. Hooks are called once and are "
        "neither async nor generators.",
        "seodang_short의 register_filter() 훅은 보통 함수가 아닙니다. 훅은 한 번 호출되며 async나 제너레이터일 수 없습니다.",
    ),
    "hook-ordered": (
        {"hook": "register_filter", "module": "seodang_short"},
        "The hook register_filter() in seodang_short asks for a place in an order. There is none: installing "
        "a plugin must not change a recipe.",
        "seodang_short의 register_filter() 훅이 실행 순서를 요구합니다. 플러그인 설치가 레시피를 "
        "바꾸면 안 되므로 순서는 없습니다.",
    ),
    "hook-default": (
        {"argument": "again", "hook": "register_filter", "module": "seodang_short"},
        "The argument 'again' of the hook register_filter() in seodang_short has a default. pluggy would not "
        "always pass it: leave the default out.",
        "seodang_short의 register_filter() 훅에서 인자 'again'에 기본값이 있습니다. "
        "pluggy가 값을 넘기지 않을 수 있으니 기본값을 없애세요.",
    ),
    "hook-argument": (
        {"hook": "register_filter", "module": "seodang_short", "argument": "again", "offered": "register"},
        "The hook register_filter() in seodang_short asks for 'again', which it is not given. It is given: register.",
        "seodang_short의 register_filter() 훅이 받을 수 없는 'again'을 요구합니다. 받을 수 있는 것: register.",
    ),
    "hook-argument-form": (
        {"hook": "register_filter", "module": "seodang_short", "argument": "again"},
        "The hook register_filter() in seodang_short takes 'again'. Write ordinary arguments only, without * and /.",
        "seodang_short의 register_filter() 훅이 인자 'again'을 받습니다. *나 / 없이 보통 인자만 쓰세요.",
    ),
    "bad-test-options": (
        {"plugin": "Short", "problems": "…"},
        "The options of the test for Short are not those of a recipe: …",
        "Short 테스트의 옵션이 레시피에 쓸 수 있는 옵션이 아닙니다: …",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_in_both_languages(name):
    facts, english, korean = SAID[name]
    assert render(f"scaffolding.{name}", facts, "en") == english
    assert render(f"scaffolding.{name}", facts, "ko") == korean


def test_every_message_is_quoted():
    assert set(read_catalogue(locale_directory("ko") / "messages" / "scaffolding.toml")) == set(SAID)
