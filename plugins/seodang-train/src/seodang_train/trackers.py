"""Tells every step to the tools that draw curves, through accelerate's trackers. `log.jsonl` is written with or without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import seodang

FOLDER = "trackers"
"""Where those that write files write them, in the step's folder."""
HOSTS = {"wandb": "api.wandb.ai", "comet_ml": "www.comet.com", "clearml": "api.clear.ml", "swanlab": "api.swanlab.cn"}
"""The hosts that a tracker speaks to by itself. What its own settings name besides is not known here."""


def hosts_of(trackers: Sequence[str]) -> tuple[str, ...]:
    return tuple(HOSTS[name] for name in trackers if name in HOSTS)


def check_trackers(trackers: Sequence[str]) -> None:
    """Asked before anything is loaded: a tracker that is unknown or not installed is told by its name."""
    if not trackers:
        return
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    for name in trackers:
        known = LOGGER_TYPE_TO_CLASS.get(name)
        if known is None:
            raise seodang.DataError("seodang_train:no-such-tracker", tracker=name, known=sorted(LOGGER_TYPE_TO_CLASS))
        # One that somebody has registered with accelerate is no package of its name.
        if known.__module__.startswith("accelerate.") and find_spec(name) is None:
            raise seodang.DataError("seodang_train:tracker-not-installed", tracker=name)


class Trackers(AbstractContextManager["Trackers"]):
    """Those of a recipe, opened in the process that leads. After an interruption they are told the steps that are done anew."""

    def __init__(self, options: Any, output: Path, *, leads: bool = True) -> None:
        self._trackers: list[Any] = []
        if not leads:
            return
        name = output.name.partition(".partial-")[0]
        for wanted in options.trackers:
            from accelerate.tracking import LOGGER_TYPE_TO_CLASS

            kind = LOGGER_TYPE_TO_CLASS[wanted]
            (output / FOLDER).mkdir(exist_ok=True)
            place = {"logging_dir": str(output / FOLDER)} if kind.requires_logging_directory else {}
            tracker = kind(name, **place)
            tracker.start()
            tracker.store_init_configuration(_plain(options))
            self._trackers.append(tracker)

    def tell(self, facts: Mapping[str, Any]) -> None:
        values = {name: value for name, value in facts.items() if name != "step"}
        for tracker in self._trackers:
            tracker.log(values, step=facts["step"])

    def __exit__(self, *_: object) -> None:
        for tracker in self._trackers:
            tracker.finish()


def _plain(options: Any) -> dict[str, Any]:
    """Trackers take numbers, truths and texts."""
    return {
        name: value if isinstance(value, (bool, int, float, str)) else msgspec.json.encode(value).decode()
        for name, value in msgspec.structs.asdict(options).items()
    }
