"""The real command line, in a folder of its own."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def command(tmp_path):
    def run(*arguments: str, code: int = 0, **environment: str) -> str:
        said = subprocess.run(
            [sys.executable, "-m", "seodang", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "SEODANG_LANGUAGE": "en", **environment},
        )  # fmt: skip
        assert said.returncode == code, said.stdout + said.stderr
        return said.stdout + said.stderr

    return run
