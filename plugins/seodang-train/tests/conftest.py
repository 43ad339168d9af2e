"""What the tests of training share."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that the tests find `small_training`

import pytest  # behind the line that makes `small_training` be found
from small_training import SHAPES, train


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Trainings of twelve steps that nothing happened to, with dropout."""
    places = {shape: tmp_path_factory.mktemp("whole") / shape for shape in SHAPES}
    for shape, place in places.items():
        train(place, shape)
    return places
