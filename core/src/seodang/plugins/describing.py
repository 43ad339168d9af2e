"""What `seodang plugins` tells of each installed plugin. Made in the process that loaded them, read in the one that prints."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from seodang.capabilities import Capability
from seodang.plugins.offers import Broken, Offer, Offers, Plugin
from seodang.wording.printable import one_line


class OptionShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: str
    required: bool
    default: Any = None
    description: str
    conduct: bool = False


class CapabilityShown(msgspec.Struct, frozen=True, kw_only=True):
    """`network`, `secrets` and `terms` are those of the shortest recipe; None where they cannot be known without its options."""

    kind: str
    name: str
    id: str
    summary: str
    revision: int
    deterministic: bool
    network: list[str] | None = None
    secrets: list[str] | None = None
    terms: list[str] | None = None
    options: list[OptionShown] = []


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry point. `state` is ok, broken, blocked (by SEODANG_PLUGINS) or conflict (it offers what another offers too)."""

    name: str
    distribution: str
    version: str
    entry_point: str
    file: str
    state: str
    reason: str = ""
    code: str = ""
    needs: str = ""
    seconds: float = 0.0
    printed: int = 0
    heavy: list[str] = []
    hooks: list[str] = []
    capabilities: list[CapabilityShown] = []

    @property
    def id(self) -> str:
        return f"{self.distribution}:{self.name}"


def listed_plugin(plugin: Plugin, offers: Offers, heavy: Iterable[str] = ()) -> Listed:
    return Listed(
        name=plugin.entry_point,
        distribution=plugin.distribution,
        version=plugin.version,
        entry_point=plugin.target,
        file=plugin.file,
        state="ok",
        seconds=round(plugin.seconds, 4),
        printed=plugin.printed,
        heavy=sorted(heavy),
        hooks=offers.hooks_of(plugin),
        capabilities=[capability_shown(offer) for offer in offers.by(plugin)],
    )


def listed_broken(broken: Broken) -> Listed:
    return Listed(
        name=broken.entry_point,
        distribution=broken.distribution,
        version=broken.version,
        entry_point=broken.target,
        file=broken.file,
        state="broken",
        reason=broken.reason,
        code=broken.code,
        needs=broken.needs,
    )


def capability_shown(offer: Offer) -> CapabilityShown:
    cls = offer.cls
    ready = _with_defaults(cls)
    return CapabilityShown(
        kind=offer.kind,
        name=offer.name,
        id=offer.id,
        summary=one_line((inspect.cleandoc(cls.__doc__ or "").splitlines() or [""])[0], 200),
        revision=cls.revision,
        deterministic=bool(cls.deterministic),
        network=_declared(cls, ready, "network"),
        secrets=_declared(cls, ready, "secrets"),
        terms=_declared(cls, ready, "terms"),
        options=options_shown(cls),
    )


def options_shown(cls: type[Capability]) -> list[OptionShown]:
    from seodang.recipes.options import option_docs

    return [
        OptionShown(
            name=doc.name,
            type=str(doc.type),
            required=doc.required,
            default=msgspec.to_builtins(doc.default, enc_hook=str),
            description=doc.description,
            conduct=doc.conduct,
        )
        for doc in option_docs(cls)
    ]


def _with_defaults(cls: type[Capability]) -> Capability | None:
    """The capability as the shortest recipe would get it, None where that cannot be.

    An option that has to be given, as a teacher's model, is filled with an example: what is declared hardly ever depends on it.
    """
    try:
        required = {field.name: _example(field.type) for field in msgspec.structs.fields(cls.Options) if field.required}
        return cls(cls.Options(**required))
    except Exception:  # no example fits, or its own code refuses it: then only what the class itself says is known
        return None


def _example(annotation: Any) -> Any:
    examples: tuple[Any, ...] = ("example", 1, 0.5, True, ["example"], {})
    for example in examples:
        try:
            return msgspec.convert(example, annotation)
        except msgspec.ValidationError:
            continue
    raise LookupError(annotation)


def _declared(cls: type[Capability], ready: Capability | None, name: str) -> list[str] | None:
    declared = getattr(cls, name, ())
    if isinstance(declared, property):
        try:
            declared = getattr(ready, name) if ready is not None else None
        except Exception:  # the same: without options this plugin cannot say
            declared = None
    if declared is None:
        return None
    return [declared] if isinstance(declared, str) else [str(one) for one in declared]
