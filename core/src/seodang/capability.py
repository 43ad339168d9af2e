"""What the classes of all plugins have in common: what they declare, and the marks of their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
    from seodang.pieces import Piece

CONDUCT: dict[str, Any] = {"conduct": True}
"""An option that says how, not what: it changes no result and stays out of the fingerprint (`in_flight`, URLs, prices)."""

FILES: dict[str, Any] = {"files": True}
"""An option that names files, relative to the recipe, as a path or a pattern: their content is part of the fingerprint."""


def names(kind: str) -> dict[str, Any]:
    """Marks an option that names another capability, as in `extra=seodang.names("template")`."""
    return {"names": kind}


class Capability:
    """What every plugin class has. `self.options` are the options of the recipe, checked and typed.

    What is declared here is read before anything runs. A declaration that depends on the options is a property.
    """

    kind: ClassVar[str] = ""
    name: ClassVar[str] = ""
    revision: ClassVar[int] = 1
    """Raised whenever the results change; part of the fingerprint."""
    deterministic: ClassVar[bool] = True
    """False when the results depend on `context.random`; the run's seed is then part of the fingerprint."""

    network: Sequence[str] = ()
    """The hosts that are spoken to, as in `("api.deepl.com",)`."""
    secrets: Sequence[str] = ()
    """Where the keys are looked for, as in `("env:DEEPL_API_KEY",)`."""
    terms: Sequence[str] = ()
    """Licences and terms of use that this adds to what passes through."""
    clears: Sequence[str] = ()
    """Terms that this takes away from what passes through, as a mask takes away `seodang.PERSONAL_DATA`."""

    directory: Path = Path()
    """The recipe's, to which paths are relative; set before any declaration is read. A verb asks its context (`context.place`)."""
    named: Mapping[str, Sequence[int]] = MappingProxyType({})
    """The revisions of the capabilities that the options name, by option (`seodang.names`); set with `directory`."""

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        pass

    def __init__(self, options: Any = None) -> None:
        self.options = self.Options() if options is None else options

    def pieces(self) -> Sequence[Piece]:
        """What its options name and what lies elsewhere: models, data sets. `seodang fetch` brings them to a machine without a network.

        Files of an option of FILES are known without it. Asked once the options are checked; spends nothing and asks nobody.
        """
        return ()

    async def close(self) -> None:
        """Lets go of connections. Called once, in the run's loop, when the step ends, however it ends."""
