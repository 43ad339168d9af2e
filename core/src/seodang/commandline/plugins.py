"""`seodang plugins [NAME]`: what is installed, what it offers, and what could not be loaded. Loads nothing in this process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from seodang.commandline.options import json_option, print_json
from seodang.errors import PluginError
from seodang.plugins.describing import CapabilityShown, Listed, OptionShown
from seodang.plugins.installed import canonical
from seodang.plugins.probing import Probe, probe
from seodang.wording import Phrase, one_line, render


@click.command("plugins", help=render("plugins.help", {}))
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:
    probed = probe()
    if name is not None:
        _show(_named(probed, name), as_json)
    elif as_json:
        print_json(probed.plugins)
    else:
        _list(probed)


def _list(probed: Probe) -> None:
    for one in probed.plugins:
        _head(one)
        for capability in one.capabilities:
            click.echo(f"  {capability.kind:<12}{capability.name:<20}{capability.summary}".rstrip())
        if observed := [hook for hook in one.hooks if not hook.startswith("register_")]:
            click.echo(f"  {_said('observes', hooks=observed)}")
        _remarks(one)
    if not probed.plugins:
        click.echo(_said("none-installed"))
        return
    broken = sum(one.state == "broken" for one in probed.plugins)
    capabilities = sum(len(one.capabilities) for one in probed.plugins)
    click.echo()
    click.echo(_said("summary", plugins=len(probed.plugins), capabilities=capabilities, broken=broken))
    if probed.unknown:
        click.echo(_said("not-installed", names=probed.unknown))
    if broken:
        click.echo(_said("see-doctor"))


def _head(one: Listed) -> None:
    # Most distributions have one entry point, of their own name; only another one needs to be told.
    own = one.distribution.removeprefix("seodang-") == one.name
    title = f"{one.distribution} {one.version}" + ("" if own else f" ({one.name})")
    click.echo(f"{title:<44}{_said(f'state-{one.state}')}")


def _remarks(one: Listed) -> None:
    if one.reason:
        click.echo(f"  {one.reason}")
    if one.heavy:
        click.echo(f"  {_said('heavy', modules=one.heavy)}")
    if one.printed:
        click.echo(f"  {_said('printed', characters=one.printed)}")


def _named(probed: Probe, name: str) -> list[tuple[Listed, list[CapabilityShown]]]:
    """The capabilities that a name means: its own, `distribution:name`, or everything of a distribution."""
    found = []
    distribution = canonical(name)
    for one in probed.plugins:
        whole = distribution in (one.distribution, one.distribution.removeprefix("seodang-"), canonical(one.id))
        capabilities = [each for each in one.capabilities if name in (each.name, each.id)]
        # A capability that is called as its distribution is shown once, with its neighbours.
        if whole or capabilities:
            found.append((one, one.capabilities if whole else capabilities))
    if not found:
        raise _unknown(probed, name)
    return found


def _unknown(probed: Probe, name: str) -> PluginError:
    from seodang.recipes.nearest import nearest

    words = [word for one in probed.plugins for word in (one.distribution, one.distribution.removeprefix("seodang-"), one.name)]
    words += [capability.name for one in probed.plugins for capability in one.capabilities]
    near = nearest(name, words)
    return PluginError("plugins.unknown", wanted=name, hint=Phrase("recipes.did-you-mean", {"nearest": near}) if near else "")


def _show(found: Sequence[tuple[Listed, list[CapabilityShown]]], as_json: bool) -> None:
    import msgspec

    if as_json:
        print_json([msgspec.structs.replace(one, capabilities=capabilities) for one, capabilities in found])
        return
    for one, capabilities in found:
        _head(one)
        _remarks(one)
        for capability in capabilities:
            click.echo()
            _show_capability(capability)


def _show_capability(capability: CapabilityShown) -> None:
    click.echo(f"{capability.kind} {capability.name}  ({', '.join(_declared(capability))})")
    if capability.summary:
        click.echo(f"  {capability.summary}")
    if not capability.options:
        click.echo(f"  {_said('no-options')}")
    for option in capability.options:
        click.echo(f"  {option.name}: {one_line(option.type)} ({', '.join(_remarked(option))})")
        click.echo(f"      {one_line(option.description)}")


def _declared(capability: CapabilityShown) -> Iterable[str]:
    yield _said("revision", revision=capability.revision)
    if capability.network:
        yield _said("network", hosts=capability.network)
    if capability.secrets:
        yield _said("secrets", names=[secret.removeprefix("env:") for secret in capability.secrets])
    if capability.terms:
        yield _said("terms", terms=capability.terms)
    if None in (capability.network, capability.secrets, capability.terms):
        yield _said("depends")


def _remarked(option: OptionShown) -> Iterable[str]:
    if option.required:
        yield _said("required")
    else:
        yield _said("unset") if option.default is None else _said("default", default=_as_toml(option.default))
    if option.conduct:
        yield _said("conduct")


def _as_toml(value: Any) -> str:
    """A default nearly as a recipe would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _said(name: str, **facts: Any) -> str:
    return render(f"plugins.{name}", facts)
