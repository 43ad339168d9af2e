"""Writes the pages that say what the code says: commands, hooks, capabilities, options. `python docs/generate.py`

With `--examples` it makes the cards and reports under docs/examples anew, from a toy run, which takes half a minute.

A test runs this and compares, so that no command, hook, option or public name is without its page.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

os.environ["SEODANG_LANGUAGE"] = "en"

import click
import seodang
import seodang.testing
from published_recipes import recipes_page
from seodang import capabilities, hooks
from seodang.commandline.tree import commands
from seodang.plugins.loading import load_plugins
from seodang.recipes.options import option_docs
from toy_examples import make_examples

HERE = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; edit the code, not this page. -->\n\n"


def main() -> None:
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(pages()))
        return
    if "--examples" in sys.argv:
        make_examples()
        return
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "commands.md": NOTE + "# Commands\n\n" + "\n".join(_commands()),
        "hooks.md": NOTE + "# Hooks and kinds of plugins\n\n" + "\n".join(_hooks()),
        "options.md": NOTE + "# Options of the plugins\n\n" + "\n".join(_options()),
        "catalogue.md": NOTE + "# Plugins\n\n" + "\n".join(_catalogue()),
        "names.md": NOTE + "# Public names\n\n" + "\n".join(_names()),
        "recipes.md": NOTE + "# Published recipes\n\n" + "\n".join(recipes_page()),
    }


def _commands() -> Iterator[str]:
    yield "Exit codes: 0 ok · 2 usage · 3 recipe or configuration · 4 data · 5 credentials · 6 remote · 7 budget reached · 8 finished with"
    yield "quarantined rows over the limit · 75 interrupted, and the same command continues.\n"
    yield from _command(commands(), [], None)


def _command(command: click.Command, path: list[str], parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=path[-1] if path else "seodang", parent=parent)
    if isinstance(command, click.Group):
        if path:
            yield f"## seodang {' '.join(path)}\n\n{command.help or ''}\n"
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, name
            yield from _command(below, [*path, name], context)
        return
    yield f"## seodang {' '.join(path)}\n\n{command.help or ''}\n"
    yield "```\n" + context.get_usage().removeprefix("Usage: ").replace("\n", " ") + "\n```\n"
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    for option in options:
        record = option.get_help_record(context)
        if record:
            yield f"- `{record[0]}` — {record[1]}"
    yield ""


def _hooks() -> Iterator[str]:
    yield "A plugin offers classes, hears events and may object to a plan. It is a module named in the entry-point group `seodang`.\n"
    for name, hook in inspect.getmembers(hooks, inspect.isfunction):
        if hook.__module__ == hooks.__name__:
            yield f"## {name}({', '.join(inspect.signature(hook).parameters)})\n\n{inspect.getdoc(hook)}\n"
    yield "# Kinds\n"
    for name in capabilities.__all__:
        kind = getattr(capabilities, name)
        if not (inspect.isclass(kind) and issubclass(kind, capabilities.Capability) and kind is not capabilities.Capability):
            continue
        yield f"## {name}\n\n{inspect.getdoc(kind)}\n"
        for method, function in inspect.getmembers(kind):
            if method.startswith("_") or method == "Options" or method not in vars(kind):
                continue
            if inspect.isfunction(function):
                yield f"- `{method}{_signature(function)}`" + (f": {inspect.getdoc(function)}" if function.__doc__ else "")
            elif isinstance(function, property):
                yield f"- `{method}`: {inspect.getdoc(function)}"
        yield ""


def _signature(function: object) -> str:
    return str(inspect.signature(function)).replace("'", "")  # type: ignore[arg-type]


def _options() -> Iterator[str]:
    """Of the distributions that the root installs, whatever else is installed: what stands apart tells its options in its README."""
    root = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    ours = {line.partition(" @ ")[0] for line in root}
    for offer in load_plugins().all():
        if offer.distribution not in ours:
            continue
        docs = option_docs(offer.cls)
        yield f"## {offer.kind} `{offer.name}` ({offer.distribution})\n\n{inspect.getdoc(offer.cls) or ''}\n"
        for option in docs:
            default = "required" if option.required else f"default `{option.default}`"
            yield f"- `{option.name}` ({option.type}, {default}) — {option.description}"
        yield ""


def _catalogue() -> Iterator[str]:
    """Every distribution of this repository with what it offers, and those of others from `catalogue.toml`."""
    offers: dict[str, list[str]] = {}
    for offer in load_plugins().all():
        offers.setdefault(offer.distribution, []).append(f"{offer.kind} `{offer.name}`")
    yield "What each brings; `seodang plugins` shows what is installed. The root of this repository installs all but those that are marked.\n"
    root = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    yield "| plugin | offers | in a sentence |\n|---|---|---|"
    for folder in sorted((HERE.parent / "plugins").iterdir()):
        if not (folder / "pyproject.toml").is_file():
            continue
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        name = project["name"]
        apart = "" if any(each.startswith(f"{name} @") for each in root) else " (installed apart)"
        # What stands apart may not be installed here, so that its offers are told by its own page.
        told = ", ".join(sorted(offers.get(name, []))) if not apart else "see its page"
        yield f"| [{name}](../plugins/{folder.name}/README.md){apart} | {told or 'commands'} | {project['description']} |"
    yield "\n## By others\n"
    others = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8")).get("plugin", [])
    if not others:
        yield "None is listed yet. To be listed, add a table to `docs/catalogue.toml`: name, home, what it offers and a sentence."
    for other in others:
        yield f"- [{other['name']}]({other['home']}): {', '.join(other['offers'])}. {other['says']}"
    yield ""


def _names() -> Iterator[str]:
    for module in (seodang, seodang.testing):
        constants = _constants(Path(module.__file__ or "").parent)
        yield f"## {module.__name__}\n"
        for name in sorted(module.__all__):
            value = getattr(module, name)
            said = constants.get(name) or value.__doc__
            yield f"- `{name}` — {inspect.cleandoc(said or '').partition(chr(10))[0]}"
        yield ""


def _constants(package: Path) -> dict[str, str]:
    """What stands as a text under an assignment of a module: the docstring of a constant."""
    found = {}
    for path in sorted(package.glob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for before, after in pairwise(body):
            if (
                isinstance(before, (ast.Assign, ast.AnnAssign))
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                target = before.target if isinstance(before, ast.AnnAssign) else before.targets[0]
                if isinstance(target, ast.Name) and isinstance(after.value.value, str):
                    found[target.id] = after.value.value
    return found


if __name__ == "__main__":
    main()
