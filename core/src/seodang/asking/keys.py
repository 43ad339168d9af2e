"""The key of a question in the ledger: a hash of everything that may change the answer, and of nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.capabilities import Capability, Teacher
from seodang.recipes.options import conduct_options, files_options
from seodang.requests import Request

# Sorted: a field that is moved within its class must not make every stored answer unfindable.
_encode = msgspec.json.Encoder(order="sorted").encode


class Keys:
    """Makes keys for one teacher or translator; what all its questions have in common is encoded once.

    Left out are conduct (keys, URLs, prices, time-outs), files (the identity knows their content), row numbers and times. Options
    that are unset, as they are by default, are left out too, so that a plugin's next version may add one without
    all answers being bought again. What an option names, such as a template, counts with its revision, from the second on.
    """

    def __init__(self, offer_id: str, capability: Capability, identity: str) -> None:
        self._head = _head(offer_id, identity, _options(capability))

    def of(self, request: Request | dict[str, Any]) -> tuple[bytes, bytes]:
        """The key and the canonical JSON it is the SHA-256 of. A text with a lone surrogate raises UnicodeEncodeError."""
        return _key(self._head, request)


def request_key(teacher_id: str, teacher: Teacher, request: Request) -> tuple[bytes, bytes]:
    """The key and the canonical JSON of one request."""
    return Keys(teacher_id, teacher, teacher.identity).of(request)


def canonical_request(offer_id: str, identity: str, options: Mapping[str, Any], request: Request) -> tuple[bytes, bytes]:
    """The same for a question that was put elsewhere, of which only these are known. `options` are those that are set."""
    return _key(_head(offer_id, identity, options), request)


def _head(offer_id: str, identity: str, options: Mapping[str, Any]) -> bytes:
    # "request" sorts behind these three, so that the whole is canonical JSON too.
    return _encode({"identity": identity, "options": options, "plugin": offer_id})[:-1] + b',"request":'


def _key(head: bytes, request: Request | dict[str, Any]) -> tuple[bytes, bytes]:
    canonical = b"".join((head, _encode(request), b"}"))
    return hashlib.sha256(canonical).digest(), canonical


def _options(capability: Capability) -> dict[str, Any]:
    cls = type(capability)
    left_out = conduct_options(cls) | files_options(cls)
    return {
        field.name: value
        for field in msgspec.structs.fields(capability.options)
        if field.name not in left_out and not _unset(value := getattr(capability.options, field.name), field)
    } | {
        f"{name} revision": revisions
        for name, revisions in capability.named.items()
        if name not in left_out and any(revision > 1 for revision in revisions)
    }


def _unset(value: Any, field: msgspec.structs.FieldInfo) -> bool:
    if field.required:
        return False
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    # 0 is a value like any other (a temperature), and 0 == False.
    return value == default and (value is None or value is False or value in ("", (), [], {}, frozenset()))
