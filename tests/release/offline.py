"""The rehearsal of a release: builds every wheel, installs them by name with --no-index in a fresh environment, runs the demo.

What the distributions need from elsewhere is collected first, as a team would carry it into a closed network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="seodang-offline-") as place:
        wheels, environment = Path(place) / "wheels", Path(place) / "environment"
        folders = [
            ROOT / "core",
            ROOT / "benchmarks",
            *sorted((ROOT / "locales").glob("*/")),
            *sorted((ROOT / "plugins").glob("*/")),
        ]
        for folder in folders:
            run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(folder))
        built = sorted(wheels.glob("seodang*.whl"))
        names = [wheel.name.split("-")[0].replace("_", "-") for wheel in built]
        run(
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "-c",
            str(ROOT / "tests" / "constraints.txt"),
            "-d",
            str(wheels),
            *map(str, built),
        )
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        closed = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_EXTRA_INDEX_URL": "",
            "SEODANG_OFFLINE": "1",
            "HOME": place,
        }
        run(str(python), "-m", "pip", "install", "-q", "--no-index", "--find-links", str(wheels), *names, env=closed)
        run(str(environment / "bin" / "seodang"), "plugins", env=closed, cwd=place)
        run(str(environment / "bin" / "seodang"), "demo", "--run-dir", str(Path(place) / "demo"), env=closed, cwd=place)
        print(f"{len(built)} wheels were built, installed by name without an index, and the demo passed.")  # noqa: T201


def run(*command: str, env: dict[str, str] | None = None, cwd: str | None = None) -> None:
    print("+", " ".join(Path(part).name if os.sep in part else part for part in command), flush=True)  # noqa: T201
    subprocess.run(command, check=True, cwd=cwd, env={**os.environ, **(env or {})})


if __name__ == "__main__":
    main()
