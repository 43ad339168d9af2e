"""Plugins that raise, exit, misspell, sleep, print, die: the command line works, and each is listed with its reason."""

import json
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from on_disk import Site, a_filter

OFFERING = a_filter("offered")
HEADER = "import msgspec\nimport seodang\nfrom typing import Annotated\n"


def with_class(body: str, hook: str = "register_filters") -> str:
    return f"{HEADER}\n{body}\n\n@seodang.hookimpl\ndef {hook}(register):\n    register(Plugin)\n"


def with_options(options: str, struct: str = "msgspec.Struct, frozen=True, kw_only=True") -> str:
    return with_class(
        f"class Plugin(seodang.Filter):\n    name = 'offered'\n    class Options({struct}):\n        {options}\n"
        "    def sift(self, records, context): return []"
    )


BROKEN = {
    "raises": ("raise RuntimeError('no licence file')", "RuntimeError: no licence file (seodang_raises/__init__.py:1)"),
    "exits": ("import sys\nsys.exit(3)", "it exits while it is loaded: SystemExit: 3 (seodang_exits/__init__.py:2)"),
    "syntax": ("def register_filters(register:\n    pass", "SyntaxError: '(' was never closed (__init__.py, line 1)"),
    "group": ("raise BaseException()", "BaseException (seodang_group/__init__.py:1)"),
    "lacks": (
        "import libcudart_missing",
        "ModuleNotFoundError: No module named 'libcudart_missing' (seodang_lacks/__init__.py:1)",
    ),
    "speechless": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd()",
        "Odd (seodang_speechless/__init__.py:3)",
    ),
    "misspells": (
        OFFERING.replace("register_filters", "register_filtres"),
        "seodang_misspells implements a hook 'register_filtres', which does not exist. Did you mean 'register_filters'?",
    ),
    "invents": (
        OFFERING.replace("register_filters", "on_every_record"),
        "seodang_invents implements a hook 'on_every_record', which does not exist. The hooks are listed in seodang.hooks.",
    ),
    "unmarked": (
        OFFERING.replace("@seodang.hookimpl", ""),
        "seodang_unmarked has a function register_filters() that is not marked with @seodang.hookimpl, so it would never be "
        "called. Mark it, or call it something else.",
    ),
    "empty": (
        "import seodang",
        "seodang_empty implements no hook, so it would do nothing. Write a function like register_filters(register), "
        "marked @seodang.hookimpl.",
    ),
    "argument": (
        OFFERING.replace("register_filters(register)", "register_filters(registrar)"),
        "The hook register_filters() in seodang_argument asks for 'registrar', which it is not given. It is given: register.",
    ),
    "default": (
        OFFERING.replace("register_filters(register)", "register_filters(register=None)"),
        "The argument 'register' of the hook register_filters() in seodang_default has a default. pluggy would not always pass "
        "it: leave the default out.",
    ),
    "starred": (
        OFFERING.replace("register_filters(register)", "register_filters(*register)"),
        "The hook register_filters() in seodang_starred takes '*register'. Write ordinary arguments only, without * and /.",
    ),
    "coroutine": (
        OFFERING.replace("def register_filters", "async def register_filters"),
        "The hook register_filters() in seodang_coroutine is no plain function. Hooks are called once and are neither async "
        "nor generators.",
    ),
    "generator": (
        OFFERING.replace("    register(Short)", "    yield register(Short)"),
        "The hook register_filters() in seodang_generator is no plain function. Hooks are called once and are neither async "
        "nor generators.",
    ),
    "first": (
        OFFERING.replace("@seodang.hookimpl", "@seodang.hookimpl(tryfirst=True)"),
        "The hook register_filters() in seodang_first asks for a place in an order. There is none: installing a plugin must "
        "not change a recipe.",
    ),
    "returns": (
        OFFERING.replace("    register(Short)", "    return [Short]"),
        "register_filters() returned a value of the type list. It has to call register(…) with each class and return nothing.",
    ),
    "stumbles": (
        OFFERING.replace("    register(Short)", "    raise OSError('no model')"),
        "register_filters() raised OSError: no model (seodang_stumbles/__init__.py:14)",
    ),
    "leaves": (
        OFFERING.replace("    register(Short)", "    raise SystemExit(1)"),
        "register_filters() raised SystemExit: 1 (seodang_leaves/__init__.py:14)",
    ),
    "function": (
        OFFERING.replace("register(Short)", "register(Short.sift)"),
        "sift is registered but is no class made from seodang.Filter.",
    ),
    "kind": (
        OFFERING.replace("register_filters", "register_lessons"),
        "Short is of the kind 'filter' but is registered as 'lesson'. Make it from seodang.Lesson, or register it with the "
        "hook of its kind.",
    ),
    "nameless": (
        OFFERING.replace('name = "offered"', ""),
        "Short is called ''. A recipe names it by `name`: small letters and digits, with single hyphens or dots.",
    ),
    "verbless": (
        OFFERING.replace("def sift", "def sitf"),
        "Short has no method sift(), which is what its kind is for.",
    ),
    "twice": (
        OFFERING.replace("register(Short)", "register(Short); register(Short)"),
        "It offers filter 'offered' twice; within one distribution a name can be offered once.",
    ),
    "dataclass": (
        with_options("level: int = 0", struct=""),
        "The Options of Plugin are no msgspec.Struct. Write: class Options(msgspec.Struct, frozen=True, kw_only=True).",
    ),
    "thawed": (
        with_options("level: Annotated[int, msgspec.Meta(description='L')] = 0", struct="msgspec.Struct"),
        "The Options of Plugin can be changed. Write: class Options(msgspec.Struct, frozen=True, kw_only=True).",
    ),
    "helpless": (
        with_options("level: int = 0"),
        "The option 'level' of Plugin has no help. Write: level: Annotated[…, msgspec.Meta(description=\"…\")].",
    ),
    "reserved": (
        with_options("only: Annotated[int, msgspec.Meta(description='L')] = 0"),
        "Plugin has an option 'only', which a recipe keeps for the step or its teacher. Call it something else.",
    ),
    "unresolved": (
        with_options("level: 'Lvl' = 0"),
        "The Options of Plugin cannot be used: name 'Lvl' is not defined. Every option needs a type that msgspec can check.",
    ),
    "sleeps": (
        "import time\ntime.sleep(10)",
        "took longer than 1 s to load (SEODANG_PLUGINS_SECONDS changes the limit)",
    ),
}
"""By the name of what is wrong: a source, and the reason that a person is told."""

DEADLY = {
    "quits": ("import os\nos._exit(7)", "it ended the process that loaded it (exit status 7)"),
    "crashes": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "it ended the process that loaded it (SIGSEGV)"),
    "blocks": (
        "import time\ntry:\n    time.sleep(10)\nexcept BaseException:\n    pass\ntime.sleep(10)",
        "took longer than 1 s to load (SEODANG_PLUGINS_SECONDS changes the limit)",
    ),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
}
"""What no guard inside a process can hold. Only `seodang plugins` and `seodang doctor` see it and go on."""

NOISY = a_filter("noisy") + (
    "\nimport os, sys\nprint('loud ' * 209_715)\nprint('louder', file=sys.stderr)\nos.write(1, b'x' * 100)\n"
    "sys.stdout.buffer.write(b'y' * 100)\nos.system('echo from a child')\n"
)

LOAD = """
import json, time
from seodang.plugins.loading import load_plugins
started = time.perf_counter()
offers = load_plugins()
seconds = time.perf_counter() - started
broken = {broken.distribution: broken.reason for broken in offers.broken}
print(json.dumps([broken, [offer.id for offer in offers.all()], seconds]))
"""


@pytest.fixture(scope="module")
def everything_wrong(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("wrong"))
    for name, (source, _) in BROKEN.items():
        site.add(f"seodang-{name}", source)
    site.add("seodang-noisy", NOISY)
    site.add("seodang-fine", a_filter("fine"))
    return site


@pytest.fixture(scope="module")
def listed(everything_wrong: Site) -> dict:
    return everything_wrong.listed(SEODANG_PLUGINS_SECONDS="1")


@pytest.fixture(scope="module")
def loaded(everything_wrong: Site) -> list:
    """The same in the process of an ordinary command."""
    done = everything_wrong.python(LOAD, SEODANG_PLUGINS_SECONDS="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BROKEN)
def test_seodang_plugins_lists_it_with_its_reason(listed, name):
    one = listed[f"seodang-{name}"]
    assert (one["state"], one["reason"], one["version"]) == ("broken", BROKEN[name][1], "1.0")
    assert one["file"].endswith(f"seodang_{name}/__init__.py")
    assert one["capabilities"] == []


@pytest.mark.parametrize("name", BROKEN)
def test_an_ordinary_command_goes_on_without_it(loaded, name):
    assert loaded[0][f"seodang-{name}"] == BROKEN[name][1]


def test_the_others_are_not_disturbed(listed, loaded):
    assert [listed["seodang-fine"]["state"], listed["seodang-noisy"]["state"]] == ["ok", "ok"]
    assert {"seodang-fine:fine", "seodang-noisy:noisy"} <= set(loaded[1])


def test_what_a_plugin_prints_disturbs_no_output_and_is_told(listed, everything_wrong):
    """That the output is JSON and nothing else, `listed` and `loaded` have seen."""
    assert listed["seodang-noisy"]["printed"] > 1_000_000
    told = everything_wrong.seodang("plugins", SEODANG_PLUGINS="noisy")
    assert "loud" not in told.stdout + told.stderr
    assert "It printed 1,048,583 characters while it was loaded; nobody saw them." in told.stdout


def test_a_sleeper_costs_its_limit_and_no_more(loaded):
    assert 1 <= loaded[2] < 6


def test_a_missing_dependency_is_named_for_programs(listed):
    assert (listed["seodang-lacks"]["code"], listed["seodang-lacks"]["needs"]) == ("plugins.lacks-module", "libcudart_missing")


def test_what_kills_its_process_is_found_out_and_the_rest_is_listed(tmp_path):
    site = Site(tmp_path / "site")
    for name, (source, _) in DEADLY.items():
        site.add(f"seodang-{name}", source)
    site.add("seodang-fine", a_filter("fine"))

    started = time.perf_counter()
    listed = site.listed(SEODANG_PLUGINS_SECONDS="1")
    assert {name: listed[f"seodang-{name}"]["reason"] for name in DEADLY} == {
        name: reason for name, (_, reason) in DEADLY.items()
    }
    assert listed["seodang-fine"]["state"] == "ok"
    assert time.perf_counter() - started < 30


def test_all_reasons_of_one_plugin_are_told_at_once(tmp_path):
    site = Site(tmp_path / "site")
    source = a_filter("short").replace("register_filters(register)", "register_filters(register=None)")
    site.add("seodang-two", source + "\n@seodang.hookimpl\ndef register_filtres(register):\n    pass\n")
    reason = site.listed()["seodang-two"]["reason"]
    assert "has a default" in reason and "Did you mean 'register_filters'?" in reason


def test_a_plugin_that_kept_the_silenced_stream_is_heard_later(tmp_path):
    """`logging.StreamHandler()` at import keeps sys.stderr; what it says after loading must not be lost."""
    site = Site(tmp_path / "site")
    site.add("seodang-logs", a_filter("logs") + "\nimport logging\nlogging.basicConfig()\nlogging.warning('while loading')\n")
    done = site.python(
        "import logging\nfrom seodang.plugins.loading import load_plugins\noffers = load_plugins()\nlogging.warning('afterwards')"
    )
    assert done.returncode == 0
    assert done.stderr == "WARNING:root:afterwards\n"


def test_a_bad_time_limit_is_refused(tmp_path):
    done = Site(tmp_path / "site").seodang("plugins", SEODANG_PLUGINS_SECONDS="soon")
    assert done.returncode == 3
    assert done.stderr == ("SEODANG_PLUGINS_SECONDS is 'soon'. Give a number of seconds, as in SEODANG_PLUGINS_SECONDS=20.\n")
