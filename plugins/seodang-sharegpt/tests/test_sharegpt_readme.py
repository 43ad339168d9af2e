import re
import tomllib
from pathlib import Path

import msgspec
from seodang_sharegpt import ShareGPTSeeds

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_readme_is_true():
    (example,) = re.findall(r"```python\n(.*?)\n```\n(?![^`]*```python)", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


def test_the_recipe_of_the_readme_has_options_that_exist():
    (recipe,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (step,) = tomllib.loads(recipe)["step"]
    assert step.pop("seeds") == ShareGPTSeeds.name
    msgspec.convert(step, ShareGPTSeeds.Options)


def test_every_code_and_every_option_is_explained():
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PLUGIN / "src").rglob("*.py")))
    codes = {*re.findall(r'Unusable\(\s*"([a-z-]+)"', source), *re.findall(r'quarantine\(row\.where, "([a-z-]+)"', source)}
    codes |= set(re.findall(r'quarantine\(where, "([a-z-]+)"', source))
    assert len(codes) > 20 and not [code for code in sorted(codes) if f"`{code}`" not in README]
    named = set(re.findall(r"[a-z_]+", README))
    assert not [field for field in ShareGPTSeeds.Options.__struct_fields__ if field not in named]
