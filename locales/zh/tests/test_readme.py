import os
import re
import subprocess
import sys
from pathlib import Path


def test_the_example_of_the_readme_is_true():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


def test_the_command_line_speaks_english_where_chinese_is_asked_for():
    said = {}
    for language in ("zh", "en"):
        command = [sys.executable, "-m", "seodang", "run", "nowhere.toml"]
        environment = {**os.environ, "SEODANG_LANGUAGE": language}
        said[language] = subprocess.run(command, capture_output=True, text=True, env=environment, check=False).stderr
    assert "nowhere.toml" in said["en"] and said["zh"] == said["en"]
