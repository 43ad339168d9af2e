"""`seodang plugins`: what is installed, for people and for programs, without importing any of it here."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from on_disk import Site, a_filter

TRANSLATOR = '''
from typing import Annotated
import msgspec
import seodang

class Papago(seodang.Translator):
    """Translates with Papago.

    The vendor's pages say what it costs.
    """

    name = "papago"
    revision = 3

    class Options(seodang.Translator.Options, frozen=True, kw_only=True):
        style: Annotated[str, msgspec.Meta(description="Manner of speaking.")] = "polite"
        dictionary: Annotated[str, msgspec.Meta(description="Words that stay.", extra=seodang.FILES)]
        base_url: Annotated[str, msgspec.Meta(description="Where it is.", extra=seodang.CONDUCT)] = "https://papago.example/v1"
        limit: Annotated[int | None, msgspec.Meta(description="Texts in all.")] = None

    @property
    def network(self):
        return (self.options.base_url.split("/")[2],)

    secrets = ("env:PAPAGO_KEY",)
    terms = ("LicenseRef-Papago",)

    def translate(self, texts, context): ...

@seodang.hookimpl
def register_translators(register):
    register(Papago)

@seodang.hookimpl
def step_finished(step):
    """Hears."""
'''

STUBBORN = """
import seodang

class Stubborn(seodang.Filter):
    name = "stubborn"

    def __init__(self, options=None):
        raise OSError("no model here")

    @property
    def network(self): return ()

    def sift(self, records, context): ...

@seodang.hookimpl
def register_filters(register):
    register(Stubborn)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = Site(tmp_path_factory.mktemp("command"))
    found.add("seodang-papago", TRANSLATOR, version="0.2.1")
    found.add("seodang-stubborn", STUBBORN)
    found.add("seodang-broken", "import libcudart_missing", entry_point="cuda")
    return found


OURS = {"SEODANG_PLUGINS": "papago,stubborn,broken"}


def shown(site, *arguments, **more):
    """The lines about the distributions of this test."""
    told = site.seodang("plugins", *arguments, **OURS, **more)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    left_out = {number + shift for number, line in enumerate(lines) if line.endswith(("left out", "제외됨")) for shift in (0, 1)}
    return [line for number, line in enumerate(lines) if number not in left_out]


def test_a_person_gets_a_list(site):
    *lines, empty, summary, advice = shown(site)
    assert [line.rstrip() for line in lines] == [
        "seodang-broken 1.0 (cuda)                   broken",
        "  ModuleNotFoundError: No module named 'libcudart_missing' (seodang_broken/__init__.py:1)",
        "seodang-papago 0.2.1                        ok",
        "  translator  papago              Translates with Papago.",
        "  is told of step_finished",
        "seodang-stubborn 1.0                        ok",
        "  filter      stubborn",
    ]
    assert empty == "" and summary.endswith("plugins, 2 capabilities, 1 broken")
    assert advice == "What to do about it: seodang doctor"


def test_a_korean_gets_it_in_korean(site):
    lines = shown(site, SEODANG_LANGUAGE="ko")
    assert "seodang-broken 1.0 (cuda)                   고장" in lines and "  전달받는 것: step_finished" in lines
    assert lines[-2].endswith("제공하는 것 2개, 고장 1개") and lines[-1] == "해결 방법: seodang doctor"


def test_a_program_gets_json(site):
    listed = site.listed(**OURS)
    papago = listed["seodang-papago"]
    translator, = papago.pop("capabilities")  # fmt: skip
    assert papago.pop("file").endswith("seodang_papago/__init__.py") and papago.pop("seconds") < 5
    assert papago == {
        "name": "papago", "distribution": "seodang-papago", "version": "0.2.1", "entry_point": "seodang_papago", "state": "ok",
        "reason": "", "code": "", "needs": "", "printed": 0, "heavy": [], "hooks": ["register_translators", "step_finished"],
    }  # fmt: skip
    options = translator.pop("options")
    assert translator == {
        "kind": "translator", "name": "papago", "id": "seodang-papago:papago", "summary": "Translates with Papago.",
        "revision": 3, "deterministic": True, "network": ["papago.example"], "secrets": ["env:PAPAGO_KEY"],
        "terms": ["LicenseRef-Papago"],
    }  # fmt: skip
    assert sorted(option["name"] for option in options) == ["base_url", "dictionary", "in_flight", "limit", "style"]
    by_name = {option["name"]: option for option in options}
    assert by_name["style"] == {
        "name": "style", "type": "a text in quotation marks", "required": False, "default": "polite",
        "description": "Manner of speaking.", "conduct": False,
    }  # fmt: skip
    assert by_name["dictionary"]["required"] and by_name["base_url"]["conduct"]
    assert {one["state"] for one in listed.values()} == {"ok", "broken"}


def test_what_depends_on_options_that_nobody_knows_is_not_guessed(site):
    stubborn, = site.listed(**OURS)["seodang-stubborn"]["capabilities"]  # fmt: skip
    assert (stubborn["network"], stubborn["secrets"]) == (None, [])
    assert "filter stubborn  (revision 1, network, secrets or terms depend on its options)" in shown(site, "stubborn")


@pytest.mark.parametrize("name", ["papago", "seodang-papago", "seodang-papago:papago", "Seodang_Papago"])
def test_one_plugin_is_shown_with_its_options(site, name):
    lines = shown(site, name)
    assert lines[:3] == [
        "seodang-papago 0.2.1                        ok",
        "",
        "translator papago  (revision 3, speaks to papago.example, needs PAPAGO_KEY, adds the terms LicenseRef-Papago)",
    ]
    for option in (
        "  dictionary: a text in quotation marks (required)",
        '  style: a text in quotation marks (default "polite")',
        "  limit: a whole number (not set by default)",
        '  base_url: a text in quotation marks (default "https://papago.example/v1", changes no result)',
        "  in_flight: a whole number, at least 1 and at most 1024 (default 8, changes no result)",
    ):
        assert option in lines, "\n".join(lines)
    assert "      Words that stay." in lines


def test_one_plugin_in_korean_and_as_json(site):
    assert (
        "translator papago  (리비전 3, 접속하는 곳: papago.example, 필요한 키: PAPAGO_KEY, 추가되는 이용 조건: LicenseRef-Papago)"
        in shown(site, "papago", SEODANG_LANGUAGE="ko")
    )
    one, = json.loads("\n".join(shown(site, "papago", "--json")))  # fmt: skip
    assert one["distribution"] == "seodang-papago" and len(one["capabilities"]) == 1


def test_a_broken_one_is_shown_with_its_reason(site):
    assert shown(site, "broken") == [
        "seodang-broken 1.0 (cuda)                   broken",
        "  ModuleNotFoundError: No module named 'libcudart_missing' (seodang_broken/__init__.py:1)",
    ]


def test_a_name_that_nothing_has(site):
    told = site.seodang("plugins", "papgo", **OURS)
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr == "Nothing that is installed is called 'papgo'. Did you mean 'papago'? `seodang plugins` lists what is.\n"


def test_a_plugin_that_imports_something_heavy_is_told_of(tmp_path):
    site = Site(tmp_path / "site")
    (site.directory / "kss.py").write_text("")
    site.add("seodang-heavy", "import kss\n" + a_filter("heavy"))
    site.add("seodang-later", a_filter("later"))
    listed = site.listed()
    assert (listed["seodang-heavy"]["heavy"], listed["seodang-later"]["heavy"]) == (["kss"], [])
    assert "\n  Loading it imports kss, which makes every command slow.\n" in site.seodang("plugins", "heavy").stdout


def test_neither_command_nor_probe_imports_anything_heavy(site):
    done = site.python(
        "import sys\nfrom click.testing import CliRunner\nfrom seodang.commandline.plugins import command\n"
        "result = CliRunner().invoke(command, ['--json'])\nassert result.exit_code == 0, result.output\n"
        "import json\nlisted = json.loads(result.output)\nassert len(listed) > 3\n"
        "from seodang.plugins.declarations import HEAVY\n"
        "print([name for name in HEAVY if name in sys.modules], [one['heavy'] for one in listed if one['heavy']],"
        " [name for name in sys.modules if name in ('seodang_papago', 'seodang_stubborn')])"
    )
    assert (done.stdout.strip(), done.stderr) == ("[] [] []", "")


def test_nothing_installed_is_told(tmp_path):
    """Without site-packages nothing is installed; what the command itself needs is on the path by hand."""
    import click
    import msgspec
    import pluggy
    import seodang

    bare = tmp_path / "bare"
    bare.mkdir()
    for package in (click, msgspec, pluggy, seodang):
        place = Path(package.__file__).parent
        (bare / place.name).symlink_to(place)
    site = Site(tmp_path / "site")
    done = site.python(
        f"import sys\nsys.path[:] = [{str(bare)!r}, *(place for place in sys.path if 'site' not in place)]\n"
        "from seodang.commandline.plugins import command\ncommand([])"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "No plugin is installed. The plugins of this project are installed with it: pip install .\n"
