"""Plugins on disk are found, limited by SEODANG_PLUGINS, loaded in an order that is not chance, and named when they collide."""

import importlib.metadata
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import seodang
from seodang.errors import PluginError
from seodang.plugins.guarding import TookTooLong, time_limit
from seodang.plugins.installed import installed_plugins
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import offers_of

sys.path.insert(0, str(Path(__file__).parent))
from on_disk import Site, a_filter


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A place where only the distributions of the test are found, importable in this process and forgotten afterwards."""
    found = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(found.directory)
    everything = importlib.metadata.distributions
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: everything(path=[str(found.directory)]))
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    yield found
    own = {place.name for place in found.directory.iterdir()}
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]


def names(offers):
    return [offer.id for offer in offers.all()]


def test_they_are_found_in_the_order_of_their_names(site):
    for name in ("seodang-zebra", "seodang-ant", "seodang-moth"):
        site.add(name, a_filter("same"))
    site.add("Seodang_Bee", a_filter("bee"), module="seodang_bee", entries="two = seodang_bee\none = seodang_bee")
    assert [one.id for one in installed_plugins()] == [
        "seodang-ant:ant", "seodang-bee:one", "seodang-bee:two", "seodang-moth:moth", "seodang-zebra:zebra",
    ]  # fmt: skip


def test_what_a_plugin_offers_can_be_found_by_name_and_by_its_distribution(site):
    site.add("seodang-short", a_filter("short"), version="2.5")
    offers = load_plugins({})
    offer = offers.find("filter", "short")
    assert (offer.kind, offer.name, offer.id, offer.distribution, offer.version, offer.entry_point) == (
        "filter", "short", "seodang-short:short", "seodang-short", "2.5", "short",
    )  # fmt: skip
    assert offer.cls().sift([1, 2], None) == [seodang.Keep(), seodang.Keep()]
    assert offers.find("filter", "seodang-short:short") == offers.find("filter", "Seodang_Short:short") == offer
    assert offers.all("teacher") == [] and offers.broken == ()


@pytest.mark.parametrize(
    ("setting", "loaded"),
    [
        (None, ["bee", "seodang-ant", "seodang-cat"]),
        ("ant,seodang-cat", ["seodang-ant", "seodang-cat"]),
        (" Seodang_Ant , bee ", ["bee", "seodang-ant"]),
        ("", []),
        (",", []),
    ],
)
def test_seodang_plugins_limits_what_is_loaded(site, setting, loaded):
    for name in ("seodang-ant", "bee", "seodang-cat"):
        site.add(
            name, a_filter(name.removeprefix("seodang-")) + f"\nopen({str(site.directory / name)!r} + '.ran', 'w').close()\n"
        )
    offers = load_plugins({} if setting is None else {"SEODANG_PLUGINS": setting})
    assert sorted(plugin.distribution for plugin in offers.plugins) == loaded
    assert list(offers.blocked) == sorted({"seodang-ant", "bee", "seodang-cat"} - set(loaded))
    imported = {name for name in ("seodang-ant", "bee", "seodang-cat") if (site.directory / f"{name}.ran").exists()}
    assert imported == set(loaded), "what is left out must not run at all"


def test_a_name_that_is_not_installed_is_told(site):
    site.add("seodang-ant", a_filter("ant"))
    offers = load_plugins({"SEODANG_PLUGINS": "ant,deeppl"})
    assert offers.unknown == ("deeppl",)
    with pytest.raises(PluginError) as missing:
        offers.find("translator", "deepl")
    assert "note: SEODANG_PLUGINS names what is not installed: deeppl" in missing.value.__notes__


def test_two_offers_of_one_name_are_both_named(site):
    for name in ("seodang-twin", "seodang-honorifics"):
        site.add(name, a_filter("speech-level"))
    offers = load_plugins({})
    assert names(offers) == ["seodang-honorifics:speech-level", "seodang-twin:speech-level"]
    with pytest.raises(PluginError) as ambiguous:
        offers.find("filter", "speech-level")
    assert str(ambiguous.value) == (
        "'speech-level' is offered by seodang-honorifics and seodang-twin; "
        "write 'seodang-honorifics:speech-level' or 'seodang-twin:speech-level'."
    )
    assert ambiguous.value.exit_code == 3
    assert offers.find("filter", "seodang-twin:speech-level").distribution == "seodang-twin"


def test_a_conflict_is_listed_and_both_work(tmp_path):
    site = Site(tmp_path / "site")
    for name in ("seodang-twin", "seodang-honorifics"):
        site.add(name, a_filter("honorific-level"))
    twin = site.listed()["seodang-twin"]
    assert (twin["state"], twin["code"]) == ("conflict", "plugins.conflict")
    assert twin["reason"] == (
        "filter 'honorific-level' is also offered by seodang-honorifics; write 'seodang-twin:honorific-level' to mean this one."
    )
    assert [capability["id"] for capability in twin["capabilities"]] == ["seodang-twin:honorific-level"]


def test_two_entry_points_of_one_name_both_load(site):
    site.add("seodang-a", a_filter("one"), entry_point="deepl")
    site.add("seodang-b", a_filter("two"), entry_point="deepl")
    assert names(load_plugins({})) == ["seodang-a:one", "seodang-b:two"]


def test_two_entry_points_to_one_module_are_one_plugin_and_a_reason(site):
    site.add("seodang-a", a_filter("one"))
    site.add("seodang-b", a_filter("never"), entries="b = seodang_a")
    offers = load_plugins({})
    assert names(offers) == ["seodang-a:one"]
    assert [broken.reason for broken in offers.broken] == [
        "seodang_a is already loaded as seodang-a:a: two entry points lead to one module"
    ]


def test_one_distribution_offers_a_name_once(site):
    site.add("seodang-a", a_filter("one"), entries="first = seodang_a\nsecond = seodang_a.more")
    (site.directory / "seodang_a" / "more.py").write_text(a_filter("one"))
    offers = load_plugins({})
    assert names(offers) == ["seodang-a:one"]
    assert [(broken.id, broken.reason) for broken in offers.broken] == [
        ("seodang-a:second", "It offers filter 'one' twice; within one distribution a name can be offered once.")
    ]


def test_an_entry_point_may_lead_to_an_object(site):
    hooks = "\nclass Hooks:\n    register_filters = staticmethod(register_filters)\nhooks = Hooks()\n"
    site.add("seodang-a", a_filter("one") + hooks, entries="a = seodang_a:hooks")
    assert names(load_plugins({})) == ["seodang-a:one"]


def test_what_is_missing_is_told_with_the_nearest_word_and_what_is_broken(site):
    site.add("seodang-honorifics", a_filter("speech-level"))
    site.add("seodang-broken", "import libcudart_missing")
    site.add("seodang-echo", "import seodang\n\nclass Echo(seodang.Teacher):\n    name = 'echo'\n"
             "    async def answer(self, request, context): ...\n\n@seodang.hookimpl\ndef register_teachers(register):\n"
             "    register(Echo)\n")  # fmt: skip
    offers = load_plugins({})
    with pytest.raises(PluginError) as missing:
        offers.find("filter", "speech-levle")
    assert str(missing.value) == (
        "No installed plugin offers filter 'speech-levle'. Did you mean 'speech-level'? Installed: speech-level."
    )
    assert missing.value.__notes__ == [
        "note: seodang-broken (entry point 'broken') could not be loaded: "
        "ModuleNotFoundError: No module named 'libcudart_missing' (seodang_broken/__init__.py:1)"
    ]
    with pytest.raises(PluginError) as elsewhere:
        offers.find("filter", "echo")
    assert str(elsewhere.value) == "No installed plugin offers filter 'echo'. Installed: speech-level."
    assert "note: 'echo' is there, but as another kind: teacher" in elsewhere.value.__notes__
    with pytest.raises(PluginError, match=r"^No installed plugin offers splitter 'kss'\. Installed: none\."):
        offers.find("splitter", "kss")


def test_loading_twice_gives_two_worlds(site):
    """No manager is kept for the process: what one load registered, another does not see."""
    site.add("seodang-ant", a_filter("ant"))
    first, second = load_plugins({}), load_plugins({"SEODANG_PLUGINS": ""})
    assert names(first) == ["seodang-ant:ant"] and names(second) == []


def test_a_damaged_installation_elsewhere_does_not_matter(site):
    site.add("seodang-ant", a_filter("ant"))
    bad = site.directory / "other-1.0.dist-info"
    bad.mkdir()
    (bad / "entry_points.txt").write_bytes(b"[seodang]\nother = \xff\xfe\n")
    nameless = site.directory / "seodang_torn-1.0.dist-info"
    nameless.mkdir()
    (nameless / "entry_points.txt").write_text("[seodang]\ntorn = seodang_torn\n")
    offers = load_plugins({})
    assert names(offers) == ["seodang-ant:ant"]
    assert [(broken.distribution, broken.code) for broken in offers.broken] == [("seodang-torn", "plugins.lacks-module")]


def test_a_time_limit_ends_what_it_limits_and_gives_the_timer_back():
    heard = []
    previous = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        started = time.monotonic()
        with pytest.raises(TookTooLong), time_limit(0.1):
            time.sleep(20)
        assert time.monotonic() - started < 5
        while not heard and time.monotonic() - started < 20:
            time.sleep(0.02)
        assert heard == [signal.SIGALRM], "somebody else's timer goes on where it was"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def test_outside_the_main_thread_there_is_no_limit_and_no_failure(site):
    site.add("seodang-ant", a_filter("ant"))
    loaded = []
    thread = threading.Thread(target=lambda: loaded.append(load_plugins({})))
    thread.start()
    thread.join()
    assert names(loaded[0]) == ["seodang-ant:ant"]


def test_nothing_heavy_is_imported_by_loading_everything_that_is_installed():
    code = (
        "import sys\nfrom seodang.plugins.loading import load_plugins\noffers = load_plugins()\n"
        "assert len(offers.plugins) >= 2, offers.broken\n"
        "from seodang.plugins.declarations import HEAVY\nprint([name for name in HEAVY if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_offers_of_takes_modules_and_objects_and_refuses_what_is_broken(monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    class Short(seodang.Filter):
        name = "short"

        def sift(self, records, context):
            return [seodang.Keep() for _ in records]

    class Hooks:
        distribution = "seodang-tests"

        @seodang.hookimpl
        def register_filters(self, register):
            register(Short)

    assert names(offers_of(Hooks())) == ["seodang-tests:short"]
    Short.name = "no name"
    with pytest.raises(PluginError, match="is not a usable plugin: Short is called 'no name'"):
        offers_of(Hooks())
