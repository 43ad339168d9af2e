"""A capability that another asks its context for, in the run and in the worker processes: where its paths begin, and what is told of bad options."""

from __future__ import annotations

from pathlib import Path

import pytest
import seodang
from seodang.plugins.loading import load_plugins
from seodang.recipes.options import capability_of


def test_its_paths_begin_where_the_recipe_lies(tmp_path: Path):
    found = capability_of(load_plugins(), "seeds", "handcrafted", {"path": "rows.jsonl"}, tmp_path)
    assert found.directory == tmp_path and found.options.path == "rows.jsonl"


def test_an_option_that_it_does_not_have_is_named(tmp_path: Path):
    with pytest.raises(seodang.SeodangError, match="pahts"):
        capability_of(load_plugins(), "seeds", "handcrafted", {"pahts": "rows.jsonl"}, tmp_path)
