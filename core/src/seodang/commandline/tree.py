"""The tree of commands: core's by a table, plugins' by the names of their entry points. Nothing is imported before it is used."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Sequence

import click

from seodang.wording import render

CORE = (
    "run",
    "plan",
    "try",
    "filter",
    "show",
    "why",
    "retry",
    "ledger",
    "forget",
    "export",
    "review",
    "report",
    "card",
    "recipes",
    "init",
    "fetch",
    "plugins",
    "plugin",
    "doctor",
    "mock",
)
"""Core's commands, in the order in which a newcomer meets them. Each is `command` in a module of this package."""

MODULES = {"try": "trying"}
"""Where the module cannot have the command's name."""


def commands() -> click.Group:
    offered = sorted(importlib.metadata.entry_points(group="seodang.commands"), key=lambda entry: entry.name)
    return Branch("seodang", offered, help=render("commandline.seodang", {}), core=CORE)


class Branch(click.Group):
    """A group whose commands are imported when they are called.

    A plugin's entry point `mock.openai` is the command `openai` in the group `mock`; a group that a plugin brings as
    `bench` is extended by another's `bench.kobest` in the same way.
    """

    def __init__(
        self,
        name: str,
        offered: Sequence[importlib.metadata.EntryPoint],
        *,
        help: str,
        core: Sequence[str] = (),
        own: click.Group | None = None,
    ) -> None:
        super().__init__(name, help=help, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
        self._core = core
        self._own = own
        self._here: dict[str, importlib.metadata.EntryPoint] = {}
        self._below: dict[str, list[importlib.metadata.EntryPoint]] = {}
        for entry in offered:
            head, _, rest = entry.name.partition(".")
            if rest:
                below = importlib.metadata.EntryPoint(name=rest, value=entry.value, group=entry.group)
                self._below.setdefault(head, []).append(_with_distribution(below, entry))
            else:
                self._here.setdefault(head, entry)
        if name == "seodang":
            self.params.append(_version_option())

    def list_commands(self, context: click.Context) -> list[str]:
        own = self._own.list_commands(context) if self._own else []
        return [*self._core, *own, *sorted({*self._here, *self._below} - {*self._core, *own})]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in self._core:
            module = importlib.import_module(f"seodang.commandline.{MODULES.get(name, name)}")
            command: click.Command | None = module.command
        elif name in self._here:
            command = self._here[name].load()
        else:
            command = self._own.get_command(context, name) if self._own else None
        if name in self._below:
            own = command if isinstance(command, click.Group) else None
            help_text = (own.help if own else "") or ""
            command = Branch(name, self._below[name], help=help_text, own=own)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command, from the catalogue or the distribution's name: no command is imported for it."""
        rows = []
        for name in self.list_commands(context):
            if name in self._core:
                rows.append((name, render(f"commandline.{name}", {})))
            elif self._own and name in self._own.list_commands(context):
                command = self._own.get_command(context, name)
                rows.append((name, command.get_short_help_str(80) if command else ""))
            else:
                entry = self._here.get(name) or self._below[name][0]
                rows.append((name, render("commandline.from", {"distribution": entry.dist.name if entry.dist else "?"})))
        with formatter.section(render("commandline.commands", {})):
            formatter.write_dl(rows)


def _with_distribution(
    entry: importlib.metadata.EntryPoint, origin: importlib.metadata.EntryPoint
) -> importlib.metadata.EntryPoint:
    vars(entry)["dist"] = origin.dist
    return entry


def _version_option() -> click.Option:
    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            from seodang import __version__

            click.echo(f"seodang {__version__}")
            context.exit()

    return click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version.")
