"""The command line. `seodang --help` imports no plugin: commands of plugins are known by their entry points' names alone."""

from __future__ import annotations

import gc
import io
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """The console script. Every error meant for a person ends here: one block on stderr and a documented exit code."""
    if sys.platform == "win32":
        sys.stderr.write("seodang runs on Linux, macOS and WSL2. On Windows, open it inside WSL2.\n")
        raise SystemExit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Korean gets question marks, not a traceback
    # Importing a vendor's client makes hundreds of thousands of objects that live for ever; looking through them again and again
    # took a seventh of the start.
    gc.set_threshold(50_000, 20, 100)
    import click

    from seodang.commandline.tree import commands
    from seodang.errors import SeodangError

    try:
        status = commands().main(args=arguments, prog_name="seodang", standalone_mode=False)
    except SeodangError as error:
        sys.stderr.write(f"{error}\n")
        for note in getattr(error, "__notes__", ()):
            sys.stderr.write(f"  {note}\n")
        raise SystemExit(error.exit_code) from None
    except click.exceptions.Abort:
        raise SystemExit(75) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # Somebody piped the output into `head`: what could be said has been said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    finally:
        if arguments is None:
            # The process ends: looking through all that lives once more would take a tenth of a second.
            gc.freeze()
    raise SystemExit(status if isinstance(status, int) else 0)
