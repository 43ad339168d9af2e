"""Small real distributions on disk, as pip would leave them, for the tests of loading."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

FILTER = '''
import seodang

class Short(seodang.Filter):
    """Keeps every record."""

    name = "{name}"

    def sift(self, records, context):
        return [seodang.Keep() for _ in records]

@seodang.hookimpl
def register_filters(register):
    register(Short)
'''


def a_filter(name: str) -> str:
    """The source of a plugin that works and offers one filter."""
    return FILTER.format(name=name)


class Site:
    """A directory like site-packages."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.distributions: list[str] = []

    def add(
        self, distribution: str, source: str, *, entry_point: str = "", version: str = "1.0", module: str = "", entries: str = ""
    ) -> Path:
        """Installs a distribution of one module; gives the module's file."""
        module = module or distribution.replace("-", "_")
        file = self.directory / module / "__init__.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        metadata = self.directory / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8")
        entries = entries or f"{entry_point or distribution.removeprefix('seodang-')} = {module}"
        (metadata / "entry_points.txt").write_text(f"[seodang]\n{entries}\n", encoding="utf-8")
        self.distributions.append(distribution)
        return file

    def environ(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEODANG_", "LC_", "LANG"))}
        path = os.pathsep.join(filter(None, [str(self.directory), os.environ.get("PYTHONPATH")]))
        return {**kept, "PYTHONPATH": path, "SEODANG_LANGUAGE": "en", **more}

    def python(self, code: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run("-c", code, **more)

    def seodang(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run("-m", "seodang", *arguments, **more)

    def _run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, env=self.environ(**more), cwd=self.directory, capture_output=True, text=True, timeout=120, check=False
        )

    def listed(self, **more: str) -> dict[str, dict[str, Any]]:
        """What `seodang plugins --json` says of the distributions in here, by name of the distribution."""
        told = self.seodang("plugins", "--json", **more)
        assert told.returncode == 0, told.stderr
        assert told.stderr == ""
        listed = {one["distribution"]: one for one in json.loads(told.stdout)}
        return {name: listed[name] for name in self.distributions}
