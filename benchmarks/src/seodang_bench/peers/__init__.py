"""How other generators answer the same questions: one script each, for a Python in which that generator is installed.

    PYTHON NAME_side.py URL ROWS OUT IN_FLIGHT

reads questions from ROWS (`instruction`, JSON Lines), asks the server at URL, at most IN_FLIGHT at once, and writes OUT: a line
`{"prompt", "answer"}` for each. They import nothing of seodang, which is not installed there.
"""

from __future__ import annotations

import subprocess
from importlib.resources import files
from pathlib import Path

PEERS = {"distilabel": "distilabel", "curator": "bespokelabs.curator", "data-designer": "data_designer.interface"}
"""What can be compared with, and what its Python has to be able to import."""


def script_of(peer: str) -> Path:
    return Path(str(files(__name__).joinpath(f"{peer.replace('-', '_')}_side.py")))


def why_not(peer: str, python: Path) -> str:
    """Why this Python cannot run the peer, in its own words; nothing where it can."""
    try:
        done = subprocess.run([python, "-c", f"import {PEERS[peer]}"], capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    said = done.stderr.strip().splitlines()
    return "" if not done.returncode else (said[-1] if said else f"exit code {done.returncode}")
